import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run, RunOptions } from '../../engine/app.ts';
import { configFrom } from '../../engine/config.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { recordedOptions, recordedRegister, replayJournal } from '../../simulator/lab/replayJournal.ts';
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
  run.refused(feed, 'air', 2, 'bad-json');
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
    const pipeline = await recordedOptions(path);
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
  ])('cut off after %d minutes, a checkpoint every %d bytes: it goes on, and nothing shows', async (cut, checkpointBytes) => {
    const config = configFrom({ clock: 'feed', edition: 'hj633-2012', checkpointBytes });
    const want = await runInto(join(folder, `whole ${cut} ${checkpointBytes}`), async () => {});
    const out = join(folder, `cut ${cut} ${checkpointBytes}`);
    const durable = { path: join(out, 'input.journal'), isDurable: true };
    const first = await open(out, { config, recording: durable, store: { duckdb: join(out, 'history.duckdb') } });
    for (let index = 0; index < cut; index++) {
      minute(first, index);
      await first.settled();
      await first.written(); // so that checkpoints are really written
    }
    first.noteFrame('feed', cut);
    await first.durable();
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
    expect(said).toEqual([expect.stringContaining('"edition":"cnemc"')]);
    for (let index = 90; index < 240; index++) minute(second, index);
    await second.durable();
    await second.abandon();
    const third = await open(out, { recording, config }); // the same options: runs the change again
    await third.finish({});
    const want = await read(out);
    expect(JSON.parse(await readFile(join(out, 'ledger.json'), 'utf8'))).toMatchObject({ rows: [{ received: 40 * 11 }, {}] });

    const pipeline = await recordedOptions(recording.path);
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
