// Compares what a run has left behind with what the oracle wants, file by file and, where there is a history, by SQL.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Register } from '../../../engine/schema/register.ts';
import type { Drawn } from './draw.ts';
import { type HourLine, hourKey, ndjson, type PlaceLine, type RowLine } from './lines.ts';
import { isRefused } from './mirror.ts';
import { aqiOf, type Expected, type HourMetric, type Hours, oracle, placeHour, scaleOf } from './oracle.ts';
import type { LiveHour, RunResult } from './run.ts';
import { sqlProblems } from './sql.ts';
import type { Tick } from './world.ts';

export interface Verdict {
  readonly problems: readonly string[];
  /** Values of hours in which a check has left something out of rows that came out of order: bounded, not known. */
  readonly bounded: number;
  readonly lateDiverted: number;
}

export async function verdictOf(drawn: Drawn, register: Register, ticks: readonly Tick[], found: RunResult): Promise<Verdict> {
  const all = oracle(drawn, register, ticks);
  const lines = await ndjson<HourLine>(found.out, 'windows-1h.ndjson');
  const { hours, problems: wrong, bounded } = afterChecks(drawn, all, lines, found.hours);
  const want: Expected = { ...all, hours };
  const problems = [
    ...wrong,
    ...hourProblems(drawn, want, lines, found.hours),
    ...placeProblems(want, register, await ndjson<PlaceLine>(found.out, 'city-1h.ndjson')),
    ...(await binProblems(want, found.out)),
    ...(await apartProblems(want, found.out)),
    ...revisionProblems(await ndjson<HourLine>(found.out, 'revisions.ndjson'), [
      ...lines,
      ...(await ndjson<HourLine>(found.out, 'city-1h.ndjson')),
    ]),
    ...(await mirrorProblems(drawn, lines, found)),
    ...(drawn.withDuckdb ? await sqlProblems(found.out, all, want, lines) : []),
  ];
  return { problems, bounded, lateDiverted: all.late.length };
}

/**
 * The hours that are wanted where checks leave minutes out. Rows in order: by the rules. Out of order it depends on what came
 * when: then a flag says that something is left out, and only then is it; fewer values, within the range of all of them.
 */
function afterChecks(
  drawn: Drawn,
  { hours, checked }: Expected,
  lines: readonly HourLine[],
  live: ReadonlyMap<string, LiveHour>,
) {
  const wanted: Hours = new Map([...hours].map(([key, metrics]) => [key, new Map(metrics)]));
  const problems: string[] = [];
  let bounded = 0;
  const rules = [...(drawn.spike === 'leave-out' ? ['spike'] : []), ...(drawn.warmUp === 'leave-out' ? ['warmUp'] : [])];
  const flagsOf = new Map(lines.map((line) => [hourKey(line), line.flags ?? {}]));
  for (const [key, metrics] of wanted) {
    if (rules.length === 0 || !key.startsWith('air ')) continue;
    const exact = checked.get(key);
    if (exact !== undefined) wanted.set(key, exact);
    else {
      for (const [metric, full] of metrics) {
        const isFlagged = (flagsOf.get(key)?.[metric] ?? []).some((flag) => rules.includes(flag));
        const seen = live.get(key)?.metrics[metric];
        if (isFlagged !== (seen?.count ?? 0) < full.count)
          problems.push(`hour ${key} ${metric}: ${seen?.count} of ${full.count} values, flags ${flagsOf.get(key)?.[metric]}`);
        if (!isFlagged) continue;
        bounded += 1;
        if (seen === undefined) metrics.delete(metric);
        else metrics.set(metric, adopted(key, metric, full, seen, problems));
      }
    }
  }
  return { hours: wanted, problems, bounded };
}

function adopted(
  key: string,
  metric: string,
  full: HourMetric,
  { count, mean, min, max }: LiveHour['metrics'][string],
  problems: string[],
): HourMetric {
  const scale = scaleOf('air', metric);
  const one = {
    ...full,
    count,
    sum: Math.round(mean * count * scale),
    min: Math.round(min * scale),
    max: Math.round(max * scale),
    captureMs: (full.captureMs / full.count) * count,
  };
  const isWithin = count < full.count && one.min >= full.min && one.max <= full.max && mean >= min - 1e-9 && mean <= max + 1e-9;
  if (!isWithin) problems.push(`hour ${key} ${metric}: ${JSON.stringify(one)} is not a part of ${JSON.stringify(full)}`);
  return one;
}

function hourProblems(drawn: Drawn, want: Expected, lines: readonly HourLine[], live: ReadonlyMap<string, LiveHour>): string[] {
  const problems: string[] = [];
  const byKey = new Map(lines.map((line) => [hourKey(line), line]));
  for (const key of byKey.keys()) if (!want.hours.has(key)) problems.push(`hour ${key} should not be there`);
  if (byKey.size !== live.size) problems.push(`${live.size} hours went out live, ${byKey.size} are in the file`);
  for (const [key, metrics] of want.hours) {
    const line = byKey.get(key);
    const seen = live.get(key);
    if (line === undefined || seen === undefined) {
      problems.push(`hour ${key} is missing`);
      continue;
    }
    const captureMs = Math.max(0, ...[...metrics.values()].map((each) => each.captureMs));
    if (line.captureMs !== captureMs) problems.push(`hour ${key} covers ${line.captureMs}, not ${captureMs} ms`);
    if (line.revision !== seen.revision)
      problems.push(`hour ${key}: revision ${line.revision} in the file, ${seen.revision} live`);
    for (const metric of Object.keys(seen.metrics))
      if (!metrics.has(metric)) problems.push(`hour ${key}: ${metric} should not be there`);
    for (const [metric, one] of metrics) {
      const mean = line.mean[metric] ?? undefined;
      const own = seen.metrics[metric];
      const wrong = metricProblem(key.split(' ')[0], metric, one, mean, own);
      if (wrong !== undefined) problems.push(`hour ${key} ${metric}: ${wrong}`);
    }
    if (line.kind !== 'air') continue;
    const aqi = aqiOf(want, line.source, line.startMs, drawn.edition);
    if (!Object.is(line.aqi ?? Number.NaN, aqi)) problems.push(`hour ${key}: AQI ${line.aqi}, not ${aqi}`);
  }
  return problems;
}

function metricProblem(
  kind: string,
  metric: string,
  want: HourMetric,
  mean: number | undefined,
  seen: LiveHour['metrics'][string] | undefined,
): string | undefined {
  if (seen === undefined) return 'is missing';
  const scale = scaleOf(kind, metric);
  if (seen.count !== want.count) return `${seen.count} values, not ${want.count}`;
  if (seen.min !== want.min / scale || seen.max !== want.max / scale)
    return `${seen.min} to ${seen.max}, not ${want.min / scale} to ${want.max / scale}`;
  if (metric === 'windFromDeg') return directionProblem(want, mean);
  const wanted = want.sum / want.count / scale;
  const isNear =
    mean !== undefined &&
    Math.abs(mean - wanted) <= (scale === 1 ? 0.051 : 0.51 / (scale * 10)) &&
    Math.abs(seen.mean - wanted) < 1e-9;
  return isNear ? undefined : `mean ${mean} (live ${seen.mean}), not ${wanted}`;
}

/** Components are rounded to 0.001 m/s: the mean may be off by as much as that turns the vector. */
function directionProblem({ east, north, count }: HourMetric, mean: number | undefined): string | undefined {
  const length = Math.hypot(east, north);
  const roundingDeg = (Math.atan2(count * 0.001, length) * 180) / Math.PI;
  if (mean === undefined) return length > count * 0.001 ? 'has no direction' : undefined;
  const wanted = (Math.atan2(east, north) * 180) / Math.PI;
  const off = Math.abs(((mean - wanted + 540) % 360) - 180);
  return off <= 0.06 + roundingDeg ? undefined : `from ${mean}°, not ${wanted}°`;
}

function placeProblems(want: Expected, register: Register, lines: readonly PlaceLine[]): string[] {
  const problems: string[] = [];
  const found = new Map(lines.map((line) => [`${line.source} ${line.startMs}`, line]));
  const starts = new Set([...want.hours.keys()].map((key) => Number(key.split(' ')[2])));
  for (const place of [register.city.code, ...register.districts.map(({ code }) => code)]) {
    for (const startMs of starts) {
      const hour = placeHour(want, register, place, startMs);
      const line = found.get(`${place} ${startMs}`);
      found.delete(`${place} ${startMs}`);
      const isSame =
        hour === undefined || line === undefined
          ? hour === line
          : hour.stations === line.stations &&
            (Number.isNaN(hour.pm25) ? line.mean.pm25 === null : Math.abs((line.mean.pm25 ?? Number.NaN) - hour.pm25) < 0.0052);
      if (!isSame) problems.push(`place ${place} ${startMs}: ${JSON.stringify(line)}, not ${JSON.stringify(hour)}`);
    }
  }
  return [...problems, ...[...found.keys()].map((key) => `place ${key} should not be there`)];
}

async function binProblems({ bins }: Expected, out: string): Promise<string[]> {
  const { rows } = JSON.parse(await readFile(join(out, 'ledger.json'), 'utf8')) as {
    rows: { feed: string; kind: string; received: number; bins: Record<string, number> }[];
  };
  const found = new Map<string, number>();
  const problems: string[] = [];
  for (const { feed, kind, received, bins: own } of rows) {
    if (received !== Object.values(own).reduce((sum, each) => sum + each, 0))
      problems.push(`the ledger of ${feed} ${kind} does not balance`);
    for (const [bin, count] of Object.entries(own)) if (count > 0) found.set(`${feed} ${kind} ${bin}`, count);
  }
  for (const key of new Set([...bins.keys(), ...found.keys()]))
    if (bins.get(key) !== found.get(key)) problems.push(`ledger ${key}: ${found.get(key)}, not ${bins.get(key)}`);
  return problems;
}

async function apartProblems(want: Expected, out: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, rows] of [
    ['late.ndjson', want.late],
    ['rejected.ndjson', want.rejected],
  ] as const) {
    const found = (await ndjson<RowLine>(out, name)).map(
      ({ kind, source, eventMs, id }) => `${kind} ${source} ${eventMs} ${id ?? ''}`,
    );
    if (found.sort().join('\n') !== rows.join('\n'))
      problems.push(`${name} holds ${found.length} rows, not the ${rows.length} that it should`);
  }
  return problems;
}

/** Each key counts up by one, and the last one is what stands in the files. */
function revisionProblems(revisions: readonly HourLine[], last: readonly HourLine[]): string[] {
  const problems: string[] = [];
  const newest = new Map<string, number>();
  for (const line of revisions) {
    const before = newest.get(hourKey(line)) ?? 0;
    if (line.revision !== before + 1) problems.push(`revision ${line.revision} of ${hourKey(line)} follows ${before}`);
    newest.set(hourKey(line), line.revision);
  }
  for (const line of last) {
    const revision = newest.get(hourKey(line)) ?? 0;
    if (line.revision !== revision) problems.push(`${hourKey(line)} is at revision ${line.revision}, the newest is ${revision}`);
  }
  return problems;
}

async function mirrorProblems(drawn: Drawn, lines: readonly HourLine[], { out, points }: RunResult): Promise<string[]> {
  if (drawn.mirror === undefined) return [];
  const problems: string[] = [];
  const dead = drawn.mirror.fault === 'refuses' ? await deadLetters(out) : new Set<string>();
  for (const line of lines) {
    const key = `${line.kind}_1h ${line.source} ${line.startMs}`;
    const hasValue = Object.keys(line.mean).length > 0;
    const point = points.get(key);
    if (isRefused(drawn, key)) {
      if (point !== undefined || (hasValue && !dead.has(key))) problems.push(`point ${key} was refused and is not a dead letter`);
    } else if (dead.has(key)) problems.push(`point ${key} is a dead letter without a reason`);
    else if (
      hasValue &&
      (point === undefined || (JSON.parse(point) as [unknown, { revision: number }])[1].revision !== line.revision)
    )
      problems.push(`point ${key} in the mirror: ${point}, the file is at revision ${line.revision}`);
  }
  return problems;
}

export async function deadLetters(out: string): Promise<Set<string>> {
  const lines = await ndjson<{ words: string; point: { measurement: string; tags: { source: string }; timestampMs: number } }>(
    join(out, 'mirrors', 'vopr'),
    'dead-letter.ndjson',
  ).catch(() => []);
  return new Set(
    lines.map(({ words, point }) => {
      if (!words.includes('a bad point')) throw new Error(`a dead letter without the words of the server: ${words}`);
      return `${point.measurement} ${point.tags.source} ${point.timestampMs}`;
    }),
  );
}
