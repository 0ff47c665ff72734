// One seeded episode of the whole engine on virtual time: stations, delivery faults, crashes; against a slow, obvious oracle.

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Run, storePath } from '../../engine/app.ts';
import { configFrom } from '../../engine/config.ts';
import { openMirror } from '../../engine/edge/store/mirror.ts';
import type { Sink } from '../../engine/pipeline/ports.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { streamOf, uniform } from '../../simulator/world/random.ts';
import { openTestRun } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');

/** What was drawn for a seed; printed before the episode runs. */
export interface Drawn {
  readonly seed: number;
  readonly sources: number;
  readonly minutes: number;
  readonly delayShare: number;
  readonly delayMaxMinutes: number;
  readonly duplicateShare: number;
  readonly silent: { readonly source: number; readonly fromMinute: number; readonly toMinute: number };
  readonly dayAhead: number;
  /** From this minute on the source's clock is that much behind. */
  readonly stepBack: { readonly source: number; readonly fromMinute: number; readonly byMs: number };
  /** Writes of the mirror that fail; undefined: there is none. */
  readonly mirrorFailShare: number | undefined;
  readonly rowsPerFrame: number;
  readonly crashes: readonly number[];
  readonly checkpointBytes: number;
  /** Ticks after which stores catch up. */
  readonly diskShare: number;
  readonly withDuckdb: boolean;
  /** What the spike check does; the oracle knows no checks, so with `leave-out` only runs are compared. */
  readonly spike: 'flag' | 'leave-out';
}

interface Row {
  readonly source: number;
  readonly eventMs: number;
  readonly pm25: number;
}

export function draw(seed: number): Drawn {
  const from = (name: string, low: number, high: number) => low + Math.floor(uniform(seed, streamOf(name), 0) * (high - low + 1));
  const sources = from('sources', 2, 10);
  const minutes = from('minutes', 90, 400);
  const fromMinute = from('silent from', 0, minutes);
  return {
    seed,
    sources,
    minutes,
    delayShare: from('delay share', 0, 60) / 100,
    delayMaxMinutes: [1, 10, 100, 1000][from('delay', 0, 3)],
    duplicateShare: from('duplicates', 0, 30) / 100,
    silent: { source: from('silent', 0, sources - 1), fromMinute, toMinute: fromMinute + from('silent for', 0, 180) },
    // Not by whole minutes: no time comes twice.
    stepBack: {
      source: from('step back', 0, 2 * sources),
      fromMinute: from('step back at', 0, minutes),
      byMs: from('step back by', 0, 120) * minuteMs + 30_000,
    },
    mirrorFailShare: [undefined, undefined, 0.2, 0.9][from('mirror', 0, 3)],
    dayAhead: from('day ahead', 0, 3) === 0 ? 0 : -1,
    rowsPerFrame: [1, 2, 7, 100, 10_000][from('frame', 0, 4)],
    crashes: Array.from({ length: from('crashes', 0, 3) }, (_, i) => Math.floor(uniform(seed, streamOf('crash'), i) * minutes)),
    checkpointBytes: [1024, 20_000, 1_000_000][from('checkpoint', 0, 2)],
    diskShare: [0, 0.02, 0.2, 1][from('disk', 0, 3)],
    withDuckdb: seed % 5 === 0,
    spike: from('spike', 0, 2) === 0 ? 'leave-out' : 'flag',
  };
}

/** Rows by the tick (minute) before which they arrive. */
function deliveries(drawn: Drawn): {
  readonly byTick: readonly Row[][];
  readonly unique: readonly Row[];
  readonly repeats: number;
} {
  const { seed, minutes } = drawn;
  const byTick: Row[][] = Array.from({ length: minutes + 1_200 }, () => []);
  const unique: Row[] = [];
  let repeats = 0;
  for (let source = 0; source < drawn.sources; source++) {
    const chance = (name: string, i: number) => uniform(seed, streamOf(name), source * 100_000 + i);
    const skewMs = Math.floor(chance('skew', 0) * 8 * 60) * -1000; // some clocks are up to 8 min slow
    for (let i = 0; i < minutes; i++) {
      const aheadMs = source === drawn.dayAhead ? 24 * hourMs : 0;
      const backMs = source === drawn.stepBack.source && i >= drawn.stepBack.fromMinute ? drawn.stepBack.byMs : 0;
      const row = {
        source,
        eventMs: t0 + i * minuteMs + skewMs + aheadMs - backMs,
        pm25: Math.floor(chance('pm25', i) * 3_000) / 10,
      };
      const isSilent = source === drawn.silent.source && i >= drawn.silent.fromMinute && i < drawn.silent.toMinute;
      const delay = chance('is late', i) < drawn.delayShare ? Math.floor(chance('late', i) * drawn.delayMaxMinutes) : 0;
      const tick = Math.max(i + 1 + delay, isSilent ? drawn.silent.toMinute + 1 : 0); // what was silent comes as a backlog
      byTick[tick].push(row);
      if (aheadMs === 0) unique.push(row);
      if (chance('again', i) >= drawn.duplicateShare) continue;
      byTick[tick + Math.floor(chance('again when', i) * 20)].push(row);
      repeats += aheadMs === 0 ? 1 : 0;
    }
  }
  for (const [tick, rows] of byTick.entries())
    rows.sort(
      (a, b) =>
        uniform(seed, streamOf('order'), tick * 1_000 + rowHash(a)) - uniform(seed, streamOf('order'), tick * 1_000 + rowHash(b)),
    );
  return { byTick, unique, repeats };
}

const rowHash = ({ source, eventMs }: Row) => (source * 7_919 + eventMs / 1000) % 1_000;

function framesOf(rows: readonly Row[], rowsPerFrame: number): Frame[] {
  return Array.from({ length: Math.ceil(rows.length / rowsPerFrame) }, (_, part) => {
    const own = rows.slice(part * rowsPerFrame, (part + 1) * rowsPerFrame);
    const names = [...new Set(own.map(({ source }) => source))];
    return {
      kind: 'air',
      rows: own.length,
      periodMs: 0,
      sources: names.map((source) => `V${source}`),
      source: Uint16Array.from(own, ({ source }) => names.indexOf(source)),
      time: Float64Array.from(own, ({ eventMs }) => eventMs),
      values: { pm25: Float64Array.from(own, ({ pm25 }) => pm25) },
    };
  });
}

/** Runs the episode into a folder; `crashes` are the minutes in which the process goes away. */
async function run(drawn: Drawn, out: string, byTick: readonly Row[][], rowsPerFrame: number, crashes: readonly number[]) {
  /** What stands in the mirrored database: it outlives the crashes. */
  const database = new Map<string, string>();
  let writes = 0;
  const mirror: Sink = {
    name: 'vopr',
    async write(points) {
      writes += 1;
      const isFailing =
        crashes.length > 0 && uniform(drawn.seed, streamOf('mirror fails'), writes) < (drawn.mirrorFailShare ?? 0);
      // A write that fails may have been taken in part.
      for (const point of isFailing ? points.slice(0, points.length >> 1) : points)
        database.set(JSON.stringify([point.measurement, point.tags, point.timestampMs]), JSON.stringify(point.fields));
      if (isFailing) throw Object.assign(new Error('the mirror fails'), { code: 'retry' });
    },
    async close() {},
  };
  const open = (): Promise<Run> =>
    openTestRun({
      config: configFrom({
        clock: 'feed',
        edition: 'hj633-2012',
        checkpointBytes: drawn.checkpointBytes,
        rawKeepMs: 100 * 24 * hourMs,
        spike: drawn.spike,
        warmUp: drawn.spike,
      }),
      out,
      recording: { path: join(out, 'input.journal'), isDurable: true },
      store: drawn.withDuckdb ? { duckdb: storePath(out) } : 'none',
      mirrors: drawn.mirrorFailShare === undefined ? [] : [mirror],
      spoolDir: join(out, 'mirrors'),
      sleep: () => new Promise(setImmediate),
    });
  const due = new Set(crashes);
  let engine = await open();
  for (let tick = 0; tick < byTick.length; tick++) {
    const feed = engine.feedIndex('vopr');
    for (const frame of framesOf(byTick[tick], rowsPerFrame)) engine.intake.add(feed, frame);
    engine.tick(t0 + tick * minuteMs);
    await engine.settled();
    // The disk has time only when somebody waits: sometimes it keeps up, sometimes much is not committed at the crash.
    if (uniform(drawn.seed, streamOf('disk'), tick) < drawn.diskShare) {
      await engine.written();
      await new Promise(setImmediate);
    }
    if (!due.delete(tick)) continue;
    await engine.abandon();
    engine = await open();
    // What was not committed comes again, as from a feed that was not answered.
    tick = engine.nowMs === null ? -1 : (engine.nowMs - t0) / minuteMs;
  }
  await engine.finish({});
  await drain(mirror, join(out, 'mirrors', mirror.name));
  return [...database].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What a mirror had not taken when the run ended waits in its spool, for the next start. */
async function drain(mirror: Sink, dir: string): Promise<void> {
  const left = await openMirror(mirror, { dir, queueMax: 1_000, seed: 1, sleep: () => new Promise(setImmediate) });
  await left.flushed();
  await left.close();
}

/** Hour means by source, straight from the rows. */
function oracle(rows: readonly Row[]): Map<string, { readonly mean: number; readonly count: number }> {
  const hours = new Map<string, number[]>();
  for (const { source, eventMs, pm25 } of rows) {
    const key = `V${source} ${Math.floor(eventMs / hourMs) * hourMs}`;
    hours.set(key, [...(hours.get(key) ?? []), pm25 * 10]);
  }
  return new Map(
    [...hours].map(([key, tenths]) => [
      key,
      { mean: tenths.reduce((sum, each) => sum + Math.round(each), 0) / tenths.length / 10, count: tenths.length },
    ]),
  );
}

export interface Outcome {
  /** Empty when all is well. */
  readonly problems: readonly string[];
  readonly hash: string;
}

/** The episode with its crashes and cuts, and again without crashes in one frame a tick: the same bytes, and what the oracle says. */
export async function episode(drawn: Drawn): Promise<Outcome> {
  const dir = await mkdtemp(join(tmpdir(), 'lantian-vopr-'));
  const problems: string[] = [];
  const { byTick, unique, repeats } = deliveries(drawn);
  const [out, calm] = [join(dir, 'faults'), join(dir, 'calm')];
  const mirrored = await run(drawn, out, byTick, drawn.rowsPerFrame, drawn.crashes);
  const wanted = await run(drawn, calm, byTick, 10_000, []);
  if (!isDeepStrictEqual(mirrored, wanted))
    problems.push(`the mirror holds ${mirrored.length} points, not the ${wanted.length} of the calm run`);
  const hash = createHash('sha256');
  for (const name of equalFiles) {
    const [a, b] = await Promise.all([readFile(join(out, name)), readFile(join(calm, name))]);
    if (!a.equals(b)) problems.push(`${name} differs between the run with crashes and the one without`);
    hash.update(a);
  }
  const lines = (await readFile(join(out, 'windows-1h.ndjson'), 'utf8')).split('\n').filter((line) => line !== '');
  const found = new Map(
    lines.map((line) => {
      const { source, startMs, mean, captureMs } = JSON.parse(line) as {
        source: string;
        startMs: number;
        mean: { pm25: number };
        captureMs: number;
      };
      return [`${source} ${startMs}`, { mean: mean.pm25, count: captureMs / minuteMs }];
    }),
  );
  const want = oracle(unique);
  for (const [key, { mean, count }] of want) {
    const hour = found.get(key);
    if (drawn.spike === 'leave-out' && hour !== undefined && hour.count <= count) continue;
    if (hour === undefined || Math.abs(hour.mean - mean) > 0.0051 || hour.count !== count)
      problems.push(`hour ${key}: ${JSON.stringify(hour)}, the oracle has ${JSON.stringify({ mean, count })}`);
  }
  for (const key of found.keys()) if (!want.has(key)) problems.push(`hour ${key} should not be there`);
  const { rows } = JSON.parse(await readFile(join(out, 'ledger.json'), 'utf8')) as {
    rows: { received: number; bins: Record<string, number> }[];
  };
  const bin = (name: string) => rows.reduce((sum, row) => sum + row.bins[name], 0);
  const accepted = bin('onTime') + bin('lateRevised') + bin('lateDiverted');
  if (accepted !== unique.length) problems.push(`${accepted} rows accepted, ${unique.length} sent`);
  if (bin('duplicate') !== repeats) problems.push(`${bin('duplicate')} duplicates, ${repeats} sent`);
  for (const { received, bins } of rows)
    if (received !== Object.values(bins).reduce((sum, each) => sum + each, 0)) problems.push('the ledger does not balance');
  if (drawn.withDuckdb) problems.push(...(await sqlProblems(out, want)));
  await rm(dir, { recursive: true, force: true });
  return { problems, hash: hash.digest('hex') };
}

/** The same hours by SQL over the raw rows that the history kept. */
async function sqlProblems(out: string, want: ReturnType<typeof oracle>): Promise<string[]> {
  const instance = await DuckDBInstance.create(storePath(out), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    'SELECT source, event_ms // 3600000 * 3600000 AS hour, avg(pm25) AS mean, count(*) AS count FROM air_raw GROUP BY ALL',
  );
  const rows = reader.getRowObjects();
  connection.closeSync();
  instance.closeSync();
  const wrong = rows.filter((row) => {
    const hour = want.get(`${row.source} ${row.hour}`);
    return hour === undefined || Math.abs(hour.mean - Number(row.mean)) > 1e-6 || hour.count !== Number(row.count);
  });
  return [
    ...(rows.length === want.size ? [] : [`SQL finds ${rows.length} hours, the oracle ${want.size}`]),
    ...wrong.map((row) => `SQL: ${row.source} ${row.hour}: ${row.mean} of ${row.count}`),
  ];
}
