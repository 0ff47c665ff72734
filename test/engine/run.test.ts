import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configFrom } from '../../engine/config.ts';
import type { Run, RunOptions } from '../../engine/run.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { recordedRegister, recordingStart, replayJournal } from '../../simulator/lab/replayJournal.ts';
import { openTestRun, testRegister } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-run-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function frame(times: readonly number[], source: string): Frame {
  return {
    kind: 'air',
    rows: times.length,
    periodMs: 0,
    sources: [source],
    source: new Uint16Array(times.length),
    time: Float64Array.from(times),
    values: { pm25: Float64Array.from(times, (_, i) => 50 + i) },
  };
}

const files = equalFiles;
const read = (out: string) => Promise.all(files.map((name) => readFile(join(out, name), 'latin1')));

function open(out: string, options: Partial<RunOptions> = {}): Promise<Run> {
  return openTestRun({
    settings: { edition: 'hj633-2012' },
    out,
    ...options,
  });
}

/** Minutes with late, too late, broken and refused rows and a source that nobody knows, in every tick. */
function minute(run: Run, index: number): void {
  const nowMs = t0 + index * minuteMs;
  const feed = run.feedIndex(index < 20 ? 'one' : 'two');
  for (const source of ['HS-009', 'HS-005', '1074A', `new ${index % 7}`]) {
    run.intake.add(feed, frame([nowMs, nowMs - 25 * minuteMs, nowMs - 60 * hourMs, 5, nowMs + 90 * minuteMs], source));
  }
  run.refused({ feed, kind: 'air', rows: 2, code: 'bad-json' });
  run.tick(nowMs);
}

async function runInto(out: string, settle: (run: Run) => Promise<void>) {
  const run = await open(out);
  for (let index = 0; index < 180; index++) {
    minute(run, index);
    await settle(run);
  }
  await run.finish({});
  return read(out);
}

describe('output files', () => {
  test('do not depend on how fast the disk takes them', async () => {
    const quick = await runInto(join(folder, 'quick'), (run) => run.written());
    const slow = await runInto(join(folder, 'slow'), async () => {});
    expect(quick[3].length).toBeGreaterThan(10_000);
    expect(quick[4].length).toBeGreaterThan(10_000);
    for (const [i, name] of files.entries()) expect(slow[i] === quick[i], name).toBe(true);
  });
});

describe('recording', () => {
  test('run again it gives the same bytes, itself included', async () => {
    const want = await runInto(join(folder, 'recorded'), async () => {});
    const path = join(folder, 'recorded', 'input.journal');
    const { pipeline } = await recordingStart(path);
    const again = await open(join(folder, 'again'), { pipeline, register: recordedRegister(pipeline) });
    expect(await replayJournal(again, path, {})).toMatchObject({ rows: 180 * 22, fromMs: t0, toMs: t0 + 179 * minuteMs });
    await again.finish({});
    const found = await read(join(folder, 'again'));
    for (const [i, name] of files.entries()) expect(found[i] === want[i], name).toBe(true);
  });

  test.each([
    [1, 1e9],
    [61, 1e9],
    [61, 20_000],
    [150, 100_000],
    [179, 1024],
  ])(
    'cut off after %d minutes, a checkpoint every %d bytes: it goes on, and nothing shows',
    { timeout: 120_000 },
    async (cut, checkpointBytes) => {
      const config = configFrom({ clock: 'feed', edition: 'hj633-2012', checkpointBytes, checkpointTimes: 0 });
      const want = await runInto(join(folder, `whole ${cut} ${checkpointBytes}`), async () => {});
      const out = join(folder, `cut ${cut} ${checkpointBytes}`);
      const durable = { path: join(out, 'input.journal'), isDurable: true };
      const first = await open(out, { config, recording: durable, store: { duckdb: join(out, 'history.duckdb') } });
      for (let index = 0; index < cut; index++) {
        minute(first, index);
        await first.settled();
        await first.written(); // so that checkpoints are really written
      }
      await first.pushArrived(new Map([['feed', cut]]));
      await first.abandon();
      if (checkpointBytes <= 20_000 && cut > 60) expect(existsSync(join(out, 'input.journal.checkpoint'))).toBe(true);
      const second = await open(out, { config, recording: durable, store: { duckdb: join(out, 'history.duckdb') } });
      expect(second.nowMs).toBe(t0 + (cut - 1) * minuteMs);
      expect(second.nextSeq.get('feed')).toBe(cut + 1);
      for (let index = cut; index < 180; index++) {
        minute(second, index);
        await second.settled();
      }
      await second.written();
      const raw = await second.history!.series({
        kind: 'air',
        sources: ['HS-009'],
        metrics: ['pm25'],
        size: 'raw',
        fromMs: t0,
        toMs: t0 + 180 * minuteMs,
      });
      expect(raw.series[0].startMs).toEqual([...new Set(raw.series[0].startMs)]);
      expect(raw.series[0].startMs).toHaveLength(180);
      await second.finish({});
      const found = await read(out);
      for (const [i, name] of files.entries()) expect(found[i] === want[i], name).toBe(true);
    },
  );

  test('what operators see goes on over a restart: who is silent, marks, flags, what was written', async () => {
    const out = join(folder, 'operator');
    const recording = { path: join(out, 'journal'), segmentBytes: 1e6, isDurable: true };
    const config = configFrom({ clock: 'feed', edition: 'hj633-2012', checkpointBytes: 10_000, checkpointTimes: 0 });
    const options = { config, recording, store: { duckdb: join(out, 'history.duckdb') } };
    const seen = (run: Run) => ({
      watermarks: run.watermarks(),
      flags: run.flags(),
      written: run.health().stores.map(({ written }) => written),
    });
    const first = await open(out, options);
    expect(first.health().checkpointPauseMs).toBeUndefined();
    for (let index = 0; index < 60; index++) {
      if (index < 20) for (const id of ['dead 1', 'dead 2']) first.intake.add(0, frame([t0 + index * minuteMs], id));
      minute(first, index);
      await first.settled();
      await first.written();
    }
    await first.settled();
    const pause = first.health().checkpointPauseMs;
    expect(pause?.last).toBeGreaterThan(0);
    expect(pause?.max).toBeGreaterThanOrEqual(pause?.last as number);
    await first.durable();
    const before = seen(first);
    await first.abandon();
    expect(before.watermarks.kinds[0].silent).toBeGreaterThanOrEqual(2);
    expect(before.flags.counts).toMatchObject({ flat: expect.any(Number) });
    expect(before.written[0]).toBeGreaterThan(60);
    const second = await open(out, options);
    await second.written();
    expect(seen(second)).toEqual(before);
    await second.finish({});
  });

  test('a torn tail is cut, and told', async () => {
    const out = join(folder, 'torn');
    const recording = { path: join(out, 'input.journal'), isDurable: true };
    const first = await open(out, { recording });
    minute(first, 0);
    await first.durable();
    await first.abandon();
    await appendFile(recording.path, 'half a reco');
    const said: string[] = [];
    const second = await open(out, { recording, notice: (text) => said.push(text) });
    expect(said).toEqual(['11 bytes at the end of the recording were cut: they had not been acknowledged']);
    expect(second.health().cutBytes).toBe(11);
    expect(second.ledger.isBalanced()).toBe(true);
    await second.finish({});
  });

  test('other options count from where the run goes on, and the recording does the same again', async () => {
    const out = join(folder, 'options');
    const recording = { path: join(out, 'input.journal'), isDurable: true };
    const first = await open(out, { recording });
    for (let index = 0; index < 90; index++) minute(first, index);
    await first.durable();
    await first.abandon();
    const said: string[] = [];
    const config = configFrom({ clock: 'feed', edition: 'cnemc', spike: 'flag' });
    const second = await open(out, { recording, config, notice: (text) => said.push(text) });
    expect(said).toEqual([
      'from here on other options count: window.checks.spike leave-out -> flag, air.edition hj633-2012 -> cnemc',
    ]);
    for (let index = 90; index < 240; index++) minute(second, index);
    await second.durable();
    await second.abandon();
    const third = await open(out, { recording, config }); // the same options: runs the change again
    await third.finish({});
    const want = await read(out);
    expect(JSON.parse(await readFile(join(out, 'ledger.json'), 'utf8'))).toMatchObject({ rows: [{ received: 40 * 11 }, {}] });

    const { pipeline } = await recordingStart(recording.path);
    expect(pipeline.air.edition).toBe('hj633-2012');
    const again = await open(join(folder, 'options again'), { pipeline, register: recordedRegister(pipeline) });
    await replayJournal(again, recording.path, {});
    await again.finish({});
    const found = await read(join(folder, 'options again'));
    for (const [i, name] of files.entries()) expect(found[i] === want[i], name).toBe(true);
  });

  test('what a mirror has not taken when the run ends is told', async () => {
    const said: string[] = [];
    const write = () => Promise.reject(Object.assign(new Error('away'), { code: 'retry' }));
    const run = await open(join(folder, 'away'), {
      mirrors: [{ name: 'away', write, async close() {} }],
      spoolDir: join(folder, 'spools'),
      notice: (text) => said.push(text),
    });
    for (let index = 0; index < 10; index++) minute(run, index);
    await run.finish({});
    expect(said).toEqual([expect.stringMatching(/^away: \d{4,} bytes wait in its spool for the next start$/)]);
  });

  test('a finished run is not gone on with; other districts are refused by name', async () => {
    const out = join(folder, 'finished');
    const recording = { path: join(out, 'input.journal'), isDurable: true };
    const first = await open(out, { recording });
    minute(first, 0);
    await first.durable();
    await first.abandon();
    const register = { ...testRegister, districts: testRegister.districts.slice(1) };
    await expect(open(out, { recording, register })).rejects.toThrow(
      /is of 131100 with 131102, .*the register has 131100 with 131103/,
    );
    const again = await open(out, { recording });
    expect(again.nowMs).toBe(t0);
    await again.finish({});
    const second = await open(out, { recording });
    expect(second.nowMs).toBeNull();
    await second.finish({});
  });
});

describe('a recording that has lost its beginning', () => {
  const minutes = 400;
  const config = configFrom({
    clock: 'feed',
    edition: 'hj633-2012',
    checkpointBytes: 5_000,
    checkpointTimes: 0,
    journalKeepBytes: 60_000,
  });
  const statesIn = async (path: string) => (await readdir(path)).filter((name) => name.includes('.state')).sort();

  /** Columns by their bytes. */
  const exact = (_: string, value: unknown) =>
    ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1') : value;

  /** Outputs by number. */
  function watched() {
    const outputs = new Map<number, string>();
    const live: RunOptions['live'] = () => ({
      publish: (output) => void outputs.set(output.seq, JSON.stringify(output, exact)),
      save: () => null,
      restore: () => {},
    });
    return { outputs, live };
  }

  /** With a restart in the middle. */
  async function recordShort() {
    const out = join(folder, 'short');
    const recording = { path: join(out, 'journal'), segmentBytes: 10_000, isDurable: true };
    const { outputs, live } = watched();
    let run = await open(out, { config, recording, live });
    for (let index = 0; index < minutes; index++) {
      if (index === minutes / 2) {
        await run.durable();
        await run.abandon();
        run = await open(out, { config, recording, live });
      }
      minute(run, index);
      await run.settled();
      await run.written(); // so that checkpoints are really written
    }
    await run.durable();
    await run.finish({});
    return { out, path: recording.path, outputs };
  }
  let short: Awaited<ReturnType<typeof recordShort>>;
  beforeAll(async () => {
    short = await recordShort();
  });

  async function replayed(path: string, out: string) {
    const { pipeline, state, position } = await recordingStart(path);
    const { outputs, live } = watched();
    const run = await open(out, { pipeline, state, live, register: recordedRegister(pipeline) });
    const result = await replayJournal(run, path, { position });
    await run.finish({});
    return { outputs, result, state, position };
  }

  test('is run again from the oldest point that was kept: the same outputs from there on', async () => {
    const { out, path, outputs } = short;
    const segments = (await readdir(path)).filter((name) => name.endsWith('.seg')).sort();
    expect(Number(segments[0].slice(0, 16))).toBeGreaterThan(100_000);
    const states = await statesIn(path);
    for (const name of states) expect(Number(name.slice(0, 16))).toBeGreaterThanOrEqual(Number(segments[0].slice(0, 16)));
    expect(states.length).toBeGreaterThan(0);
    expect(states.length).toBeLessThan(8);

    const again = await replayed(path, join(folder, 'short again'));
    const fromMs = again.state?.nowMs as number;
    expect(fromMs).toBeGreaterThan(t0 + 60 * minuteMs);
    expect(again.result).toMatchObject({ fromMs: fromMs + minuteMs, toMs: t0 + (minutes - 1) * minuteMs });
    const numbers = [...again.outputs.keys()];
    expect(numbers.length).toBeGreaterThan(50);
    const last = Math.max(...outputs.keys());
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => last - numbers.length + 1 + i));
    for (const seq of numbers) expect(again.outputs.get(seq) === outputs.get(seq), `output ${seq}`).toBe(true);

    const both = (name: string) =>
      Promise.all([out, join(folder, 'short again')].map((dir) => readFile(join(dir, name), 'utf8')));
    const [ledger, ledgerAgain] = await both('ledger.json');
    expect(ledgerAgain).toBe(ledger);
    for (const name of ['revisions.ndjson', 'late.ndjson', 'rejected.ndjson']) {
      const [want, found] = await both(name);
      expect(found.length).toBeGreaterThan(1_000);
      expect(want.endsWith(found), name).toBe(true);
    }
    for (const name of ['windows-1h.ndjson', 'city-1h.ndjson']) {
      const [want, found] = await both(name);
      const lines = found.trim().split('\n');
      // Of windows that were open when the snapshot was taken, too.
      expect(lines.filter((line) => (JSON.parse(line) as { startMs: number }).startMs < fromMs).length, name).toBeGreaterThan(0);
      const all = want.trim().split('\n');
      expect(lines.filter((line) => !all.includes(line))).toEqual([]);
    }
  });

  test('is taken by the command, which says from when on', () => {
    const lantian = fileURLToPath(new URL('../../engine/cli/lantian.js', import.meta.url));
    const args = [lantian, 'replay', short.path, '--out', join(folder, 'short by command'), '--store', 'none'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/short\/journal is replayed from 2026-01-05T1\d:\d\d:00\+08:00 on: what was before has been dropped/);
  });

  test('is run from the next point where the oldest is damaged; what a crash left half-written is no point', async () => {
    const { outputs } = short;
    const path = join(folder, 'torn states');
    await cp(short.path, path, { recursive: true });
    const states = await statesIn(path);
    expect(states.length).toBeGreaterThan(1);
    await truncate(join(path, states[0]), 1_000);
    await writeFile(join(path, `${states[0].slice(0, 15)}9.state.new`), 'half');
    const again = await replayed(path, join(folder, 'torn state again'));
    expect(again.position).toBe(Number(states[1].slice(0, 16)));
    for (const [seq, output] of again.outputs) expect(output === outputs.get(seq), `output ${seq}`).toBe(true);
    for (const name of states) await rm(join(path, name));
    await expect(recordingStart(path)).rejects.toThrow(/does not begin with the start of a recording/);
  });
});
