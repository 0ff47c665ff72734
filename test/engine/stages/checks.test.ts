import fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalog, type Kind, metricIndex } from '../../../engine/schema/catalog.ts';
import { flagsOf } from '../../../engine/schema/flags.ts';
import type { WindowBatch } from '../../../engine/schema/window.ts';
import { cleanStage } from '../../../engine/stages/clean/clean.ts';
import { windowStage } from '../../../engine/stages/window/window.ts';
import { flowOf, runStages, type Script, type TestRow, whole } from '../../harness/batches.ts';
import { testOptions } from '../../harness/outputs.ts';
import { verifyStage } from '../../harness/verifyStage.ts';

const minute = 60_000;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');

interface Seen {
  readonly at: number;
  readonly count: number;
  readonly flags: readonly string[];
}

/** Windows of one metric, in every way that must not show. Values of rows are in the metrics' units. */
function run(script: Script, settings: Readonly<Record<string, unknown>> = {}, kind: Kind = 'air') {
  const options = testOptions(settings);
  const out = verifyStage(
    () => [cleanStage({ maxFutureMs: 1e12 }), windowStage(options.window)],
    (cut) => flowOf(kind, script, cut),
  );
  const batches = out.filter((item): item is WindowBatch => item.type === 'windows');
  return (metric: string, size: string): Seen[] => {
    const m = metricIndex(kind, metric);
    return batches
      .filter((batch) => batch.size === size)
      .flatMap(({ rows, startMs, metrics }) =>
        Array.from({ length: rows }, (_, i) => ({
          at: (startMs[i] - t0) / minute,
          count: metrics[m].count[i],
          flags: flagsOf(metrics[m].flags[i]),
        })),
      );
  };
}

/** A row a minute, values from a function of the minute. */
function rows(from: number, to: number, values: (at: number) => Readonly<Record<string, number>>, kind: Kind = 'air'): TestRow[] {
  return Array.from({ length: to - from }, (_, i) => ({
    source: 0,
    eventMs: t0 + (from + i) * minute,
    values: Object.fromEntries(
      Object.entries(values(from + i)).map(([id, value]) => [
        id,
        Math.round(value * catalog[kind].metrics[metricIndex(kind, id)].scale),
      ]),
    ),
  }));
}

const end = t0 + 300 * minute;
const flagged = (seen: readonly Seen[], name: string) => seen.filter(({ flags }) => flags.includes(name)).map(({ at }) => at);

test('a spike is stored with its flag, and the hour goes without it', () => {
  const of = run([rows(0, 60, (at) => ({ pm25: at === 20 ? 400 : 50 + (at % 3) })), end]);
  expect(flagged(of('pm25', '1m'), 'spike')).toEqual([20]);
  expect(of('pm25', '1m')[20].count).toBe(1);
  expect(of('pm25', '5m').find(({ at }) => at === 20)).toEqual({ at: 20, count: 4, flags: ['spike'] });
  expect(of('pm25', '1h')).toEqual([{ at: 0, count: 59, flags: ['spike'] }]);
});

test('a spike that is only flagged stays in the hour, and one that is off is not looked for', () => {
  const script = [rows(0, 60, (at) => ({ pm25: at === 20 ? 400 : 50 + (at % 3) })), end];
  expect(run(script, { spike: 'flag' })('pm25', '1h')).toEqual([{ at: 0, count: 60, flags: ['spike'] }]);
  expect(run(script, { spike: 'off' })('pm25', '1h')).toEqual([{ at: 0, count: 60, flags: [] }]);
});

test('a real rise is a spike for three minutes at most', () => {
  const of = run([rows(0, 60, (at) => ({ pm25: at < 30 ? 50 : 300 })), end]);
  expect(flagged(of('pm25', '1m'), 'spike')).toEqual([30, 31, 32]);
});

test('a row that comes late into a minute that was left out stays out of the hour', () => {
  const late: TestRow = { source: 0, eventMs: t0 + 20 * minute + 30_000, values: { pm25: 500 } };
  const of = run([rows(0, 30, (at) => ({ pm25: at === 20 ? 400 : 50 })), t0 + 30 * minute, [late], end]);
  expect(of('pm25', '1m').filter(({ at }) => at === 20)).toEqual([
    { at: 20, count: 1, flags: ['spike'] },
    { at: 20, count: 2, flags: ['spike'] },
  ]);
  expect(of('pm25', '1h').at(-1)).toMatchObject({ count: 29 });
});

test('a flat line is flagged from its 30th minute, stays in the hour, and ends with another value', () => {
  const of = run([rows(0, 60, (at) => ({ so2: at === 40 ? 12 : 11 })), end]);
  expect(flagged(of('so2', '1m'), 'flat')).toEqual([29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  expect(of('so2', '1h')).toEqual([{ at: 0, count: 60, flags: ['flat'] }]);
});

test('wind may stand for 60 minutes, and calm for ever', () => {
  const strong = run([rows(0, 90, () => ({ windMps: 3, windFromDeg: 90 })), end]);
  expect(flagged(strong('windMps', '1m'), 'flat')[0]).toBe(59);
  expect(flagged(strong('windFromDeg', '1m'), 'flat')[0]).toBe(59);
  const calm = run([rows(0, 90, () => ({ windMps: 0.1, windFromDeg: 90 })), end]);
  expect(flagged(calm('windFromDeg', '1m'), 'flat')).toEqual([]);
});

test('PM2.5 above PM10 is flagged on both from the third minute', () => {
  const of = run([rows(0, 10, (at) => ({ pm25: at >= 4 ? 80 : 40, pm10: 60 })), end]);
  expect(flagged(of('pm25', '1m'), 'inversion')).toEqual([6, 7, 8, 9]);
  expect(flagged(of('pm10', '1m'), 'inversion')).toEqual([6, 7, 8, 9]);
});

test('humid air marks PM with fog, humidity that is stuck does not', () => {
  const of = run([rows(0, 80, (at) => ({ pm25: 60, rhPct: at < 10 ? 85 : 100 })), end]);
  expect(flagged(of('pm25', '1m'), 'fog')).toEqual(Array.from({ length: 59 }, (_, i) => 10 + i));
  expect(flagged(of('rhPct', '1m'), 'stuck')[0]).toBe(69);
});

test('the first minute after the idle time is warm-up, the first of all is not', () => {
  const values = () => ({ pm25: 60, so2: 10 });
  const of = run([rows(0, 10, values), rows(13, 20, values), rows(22, 24, values), end]);
  expect(flagged(of('pm25', '1m'), 'warmUp')).toEqual([13]); // idle time of air: 3 min
  expect(flagged(of('so2', '1m'), 'warmUp')).toEqual([]);
  expect(of('pm25', '1h')[0].count).toBe(18);
});

test('values between the floor and zero are kept and flagged, temperatures below zero are not', () => {
  const of = run([rows(0, 3, () => ({ pm25: -3, tempC: -8 })), end]);
  expect(of('pm25', '1h')).toEqual([{ at: 0, count: 3, flags: ['negative'] }]);
  expect(of('tempC', '1h')).toEqual([{ at: 0, count: 3, flags: [] }]);
});

test('a window tells that rows were left out of it for their range', () => {
  const of = run([rows(0, 3, (at) => ({ pm25: at === 1 ? 2000 : 50 })), end]);
  expect(of('pm25', '1h')).toEqual([{ at: 0, count: 2, flags: ['range'] }]);
});

test('stacks, VOC monitors and meters may stand still', () => {
  const of = run([rows(0, 60, () => ({ so2: 0 }), 'cems'), end], {}, 'cems');
  expect(of('so2', '1m').flatMap(({ flags }) => flags)).toEqual([]);
});

test('the order of rows within the lateness changes no window and no flag', () => {
  const value = fc.integer({ min: 0, max: 4_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.integer({ min: 0, max: 25 })), { minLength: 20, maxLength: 120 }), (drawn) => {
      const all: TestRow[] = drawn.map(([pm25], i) => ({ source: 0, eventMs: t0 + i * 10_000, values: { pm25, pm10: 500 } }));
      // Each row moves back by less than the lateness of 30 s: two places.
      const moved = all
        .map((row, i) => ({ row, at: row.eventMs + drawn[i][1] * 1_000 }))
        .sort((a, b) => a.at - b.at || a.row.eventMs - b.row.eventMs)
        .map(({ row }) => row);
      const windows = (list: readonly TestRow[]) =>
        runStages([windowStage(testOptions().window)], flowOf('air', [list, end], whole)).flatMap((item) =>
          item.type !== 'windows'
            ? []
            : item.metrics.map(({ count, sum, flags }) => JSON.stringify([item.size, [...item.startMs], count, sum, flags])),
        );
      expect(windows(moved)).toEqual(windows(all));
    }),
    { numRuns: 50 },
  );
});
