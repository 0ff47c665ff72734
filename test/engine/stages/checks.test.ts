import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalog, type Kind, metricIndex } from '../../../engine/schema/catalog.ts';
import { Flag, flagsOf } from '../../../engine/schema/flags.ts';
import type { WindowBatch } from '../../../engine/schema/window.ts';
import { cleanStage } from '../../../engine/stages/clean/clean.ts';
import { windowStage } from '../../../engine/stages/window/window.ts';
import { every, flowOf, runStages, type Script, seen, type TestRow, whole } from '../../harness/batches.ts';
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
    () => [cleanStage(testOptions().clean), windowStage(options.window)],
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

test('a row that comes into a minute that was judged without it says so', () => {
  const late: TestRow = { source: 0, eventMs: t0 + 20 * minute + 30_000, values: { pm25: 5_000, tempC: 100 } };
  const of = run([rows(0, 30, (at) => ({ pm25: 50 + (at % 3), tempC: 10 })), t0 + 30 * minute, [late], end]);
  for (const size of ['1m', '5m', '1h'])
    expect(of('pm25', size).findLast(({ at }) => at === (size === '1h' ? 0 : 20))?.flags).toEqual(['unchecked']);
  expect(flagged(of('tempC', '1m'), 'unchecked')).toEqual([]);
});

test('state goes on under another number of minutes to look back: it begins to fill them anew', () => {
  const made = (spikeMinutes: number) => windowStage(testOptions({ spikeMinutes }).window);
  const give = (stage: ReturnType<typeof made>, from: number, to: number) =>
    flowOf(
      'air',
      [rows(from, to, (at) => ({ pm25: at === 20 || at === 28 ? 400 : 50 })), t0 + (to + 10) * minute],
      whole,
    ).flatMap((item) => stage.next(item));
  const first = made(5);
  give(first, 0, 16);
  const second = made(7);
  second.restore(structuredClone(first.save()));
  const flags = give(second, 16, 30).flatMap((item) =>
    item.type === 'windows' && item.size === '1m'
      ? [...item.metrics[0].flags].map((each, i) => [(item.startMs[i] - t0) / minute, each])
      : [],
  );
  expect(flags.filter(([, each]) => each !== 0)).toEqual([[28, Flag.spike]]);
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

test('the order of rows within the lateness changes no bin, no window and no flag: several sources, metrics and ticks', () => {
  const drawnRow = fc.record({
    pm25: fc.oneof(fc.integer({ min: 400, max: 520 }), fc.integer({ min: -80, max: 12_000 })),
    pm10: fc.oneof(fc.constant(500), fc.integer({ min: 0, max: 2_000 })),
    co: fc.oneof(fc.constant(800), fc.integer({ min: 0, max: 9_000 })),
    rhPct: fc.constantFrom(500, 900, 1_000),
    windMps: fc.constantFrom(0, 1, 30),
    windFromDeg: fc.integer({ min: 0, max: 360 }),
    /** How late it arrives: less than the lateness of 30 s. */
    delayS: fc.integer({ min: 0, max: 29 }),
    isSilent: fc.nat(11).map((each) => each === 0),
  });
  const ofSource = fc.array(drawnRow, { minLength: 20, maxLength: 60 });
  fc.assert(
    fc.property(fc.array(ofSource, { minLength: 1, maxLength: 4 }), fc.constantFrom(10, 30, 60), (drawn, stepS) => {
      const all = drawn.flatMap((list, source) =>
        list.flatMap(({ delayS, isSilent, ...values }, i) =>
          isSilent ? [] : [{ row: { source, eventMs: t0 + i * stepS * 1_000, values } satisfies TestRow, delayS }],
        ),
      );
      const arriving = (delayed: boolean): Script => {
        const at = ({ row, delayS }: (typeof all)[number]) => row.eventMs + (delayed ? delayS * 1_000 : 0);
        const sorted = [...all].sort((a, b) => at(a) - at(b) || a.row.source - b.row.source || a.row.eventMs - b.row.eventMs);
        const last = sorted.length === 0 ? t0 : at(sorted[sorted.length - 1]);
        // A tick every 7 s; the last one closes everything.
        const ticks = Array.from({ length: Math.ceil((last - t0) / 7_000) + 1 }, (_, i) => t0 + i * 7_000);
        return [
          ...ticks.flatMap((tick) => [
            tick,
            sorted.filter((each) => at(each) >= tick && at(each) < tick + 7_000).map(({ row }) => row),
          ]),
          end,
        ];
      };
      const seenOf = (delayed: boolean) => {
        const out = runStages(
          [cleanStage(testOptions().clean), windowStage(testOptions().window)],
          flowOf('air', arriving(delayed), whole),
        );
        const bins = out.flatMap((item) =>
          item.type !== 'rows'
            ? []
            : [...item.batch.bin].map((bin, i) => `${item.batch.source[i]} ${item.batch.eventMs[i]}: ${bin}`),
        );
        // At which tick a window goes out depends on the order of arrival, its content does not.
        return { bins: bins.sort(), windows: seen(out).windows.sort() };
      };
      expect(seenOf(true)).toEqual(seenOf(false));
    }),
    { numRuns: 60 },
  );
});

describe('a source that was silent for an hour and returns', () => {
  /** 40 minutes in time, an hour that comes as a backlog, and on; 800 µg/m³ at minute 70. */
  const valueAt = (at: number) => ({ pm25: at === 70 ? 800 : 50 + (at % 3), pm10: 900, rhPct: 50 });
  const returnsAt = 100;
  const backlog = rows(40, returnsAt, valueAt);
  const before: Script = [t0, ...rows(0, 40, valueAt).flatMap((row) => [[row], row.eventMs + minute])];
  const after: Script = rows(returnsAt, 130, valueAt).flatMap((row) => [[row], row.eventMs + minute]);
  const live = run([rows(0, 130, valueAt), end]);
  const last = (seen: readonly Seen[]) => [...new Map(seen.map((each) => [each.at, each])).values()].sort((a, b) => a.at - b.at);
  const at = (minutes: number, seconds = 0) => t0 + minutes * minute + seconds * 1_000;

  test('the oracle: in time the spike is found and left out', () => {
    expect(last(live('pm25', '1h')).map(({ count, flags }) => [count, flags])).toEqual([
      [60, []],
      [59, ['spike']],
      [10, []],
    ]);
  });

  const shuffled = backlog.map((row, i) => ({ row, key: (i * 37) % 61 })).sort((a, b) => a.key - b.key);
  const parts = (list: readonly TestRow[], size: number): Script =>
    every(size)(list).flatMap((part, i) => [part, at(returnsAt, i + 1)]);
  test.each<readonly [string, Script]>([
    ['at once', [backlog, at(returnsAt, 1)]],
    ['the newest first', [backlog.toReversed(), at(returnsAt, 1)]],
    ['in any order', [shuffled.map(({ row }) => row), at(returnsAt, 1)]],
    ['in pieces', parts(backlog, 7)],
  ])('its backlog is judged as if it had come in time: %s', (_, script) => {
    const of = run([...before, at(returnsAt), ...script, ...after, end]);
    for (const metric of ['pm25', 'pm10', 'rhPct'])
      for (const size of ['5m', '1h']) expect(last(of(metric, size))).toEqual(last(live(metric, size)));
  });

  test.each<readonly [string, Script]>([
    ['in pieces, the newest first', parts(backlog.toReversed(), 7)],
    ['after its first live minutes', [...after.slice(0, 12), backlog, at(returnsAt + 7), ...after.slice(12)]],
  ])('the spike is found and left out, what could not be compared says so: %s', (_, script) => {
    const of = run([...before, at(returnsAt), ...script, ...(script.includes(after[0]) ? [] : after), end], { warmUp: 'off' });
    const hour = last(of('pm25', '1h'))[1];
    expect(hour).toMatchObject({ count: 59, flags: expect.arrayContaining(['spike']) });
  });

  test('minutes that find none before them to be compared with are counted and say so', () => {
    const lone = rows(45, 46, () => ({ pm25: 800 }));
    const of = run([rows(0, 40, valueAt), at(40), rows(100, 130, valueAt), at(130), lone, at(133), end]);
    expect(last(of('pm25', '1h'))[0]).toMatchObject({ count: 40, flags: ['spike'] }); // against the minutes before the gap
    const early = run([rows(100, 130, valueAt), at(130), lone, at(133), end]);
    expect(last(early('pm25', '1h'))[0]).toEqual({ at: 0, count: 1, flags: ['unchecked'] });
  });

  test('a minute some minutes behind is compared with those that were before it', () => {
    const [spiky] = rows(20, 21, () => ({ pm25: 400 }));
    const others = rows(0, 30, () => ({ pm25: 50 })).filter((_, i) => i !== 20);
    const of = run([others, at(32), [spiky], end]);
    expect(of('pm25', '1m').filter((each) => each.at === 20)).toEqual([{ at: 20, count: 1, flags: ['spike'] }]);
    expect(last(of('pm25', '1h'))[0]).toMatchObject({ count: 29, flags: ['spike'] });
  });

  test('more late minutes than may wait are judged at once: none is lost', () => {
    const of = run([...before, at(returnsAt), backlog, at(returnsAt, 1), ...after, end], { lateMinutesMax: 10 });
    expect(last(of('pm25', '1h'))).toEqual(last(live('pm25', '1h')));
  });
});
