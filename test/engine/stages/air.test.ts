import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EngineItem } from '../../../engine/schema/flow.ts';
import type { Stage } from '../../../engine/schema/stage.ts';
import { pollutantIds } from '../../../engine/schema/window.ts';
import { airStage } from '../../../engine/stages/air/air.ts';
import { windowStage } from '../../../engine/stages/window/window.ts';
import { batchOf, type Cut, runStages, type TestRow } from '../../harness/batches.ts';
import { testOptions } from '../../harness/outputs.ts';
import { verifyStage } from '../../harness/verifyStage.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');
/** Two stations in district 1, one in district 2, one in none. */
const districts = ['1', '1', '2', ''];

const options = testOptions({ edition: 'hj633-2012' }, 'C', ['1', '2']);
const stages = (): Stage<EngineItem, EngineItem>[] => [windowStage(options.window), airStage(options.air)];
const register: EngineItem = {
  type: 'command',
  command: {
    name: 'sources',
    kind: 'air',
    first: 0,
    sources: districts.map((district, i) => ({ kind: 'air', id: `S${i}`, zh: `S${i}`, district })),
  },
};
const rows = (...list: TestRow[]): EngineItem => ({ type: 'rows', batch: batchOf('air', list) });
/** The items of a script: rows as cut, everything else as it is. */
const itemsOf = (script: readonly (EngineItem | readonly TestRow[])[]) => (cut: Cut) =>
  script.flatMap((step) => ('type' in step ? [step] : cut(step).map((part) => rows(...part))));
const tick = (nowMs: number): EngineItem => ({ type: 'tick', nowMs });
/** pm25 in µg/m³; the batch holds tenths. */
const hourOf = (source: number, hour: number, pm25: number, more: Record<string, number> = {}): TestRow => ({
  source,
  eventMs: t0 + hour * hourMs,
  periodMs: hourMs,
  values: { pm25: pm25 * 10, ...more },
});
const afterHour = (hour: number) => tick(t0 + (hour + 1) * hourMs + 180_000);

function places(items: readonly EngineItem[]) {
  return items.flatMap((item) =>
    item.type !== 'places'
      ? []
      : Array.from({ length: item.rows }, (_, row) => ({
          place: item.place[row],
          hour: (item.startMs[row] - t0) / hourMs,
          revision: item.revision[row],
          stations: item.stations[row],
          of: item.stationsAll[row],
          pm25: item.mean[pollutantIds.indexOf('pm25')][row],
          aqi: item.air.aqi[row],
          aqi24: item.aqi24[row],
          primary: pollutantIds.filter((_, i) => ((item.air.primary[row] >> i) & 1) === 1),
        })),
  );
}

describe('districts and the city', () => {
  test('concentrations are averaged over the valid stations first; a station of no district counts nowhere', () => {
    const found = places(
      verifyStage(
        stages,
        itemsOf([
          register,
          [hourOf(0, 0, 100, { no2: 1000 }), hourOf(1, 0, 300, { no2: 3000 }), hourOf(2, 0, 50), hourOf(3, 0, 900)],
          afterHour(0),
        ]),
      ),
    );
    expect(found).toMatchObject([
      { place: '1', stations: 2, of: 2, pm25: 200 },
      { place: '2', stations: 1, of: 1, pm25: 50 },
      { place: 'C', stations: 3, of: 3, pm25: 150 },
    ]);
    // One hour is no day: PM has no running 24 h mean yet, NO2 by its hourly column: 200 µg/m³ is IAQI 100.
    expect(found[0]).toMatchObject({ aqi: 100, primary: ['no2'] });
  });

  test('below 45 minutes an hour is not valid', () => {
    const minutes = (count: number) =>
      Array.from({ length: count }, (_, i) => ({
        source: 0,
        eventMs: t0 + i * minuteMs,
        periodMs: minuteMs,
        values: { pm25: 500 },
      }));
    const of = (count: number) => places(verifyStage(stages, itemsOf([register, minutes(count), afterHour(0)])));
    expect(of(44)).toEqual([]);
    expect(of(45)[0]).toMatchObject({ stations: 1, pm25: 50 });
  });

  test('a place waits for a station that was there the hour before, but not for ever', () => {
    const found: string[] = [];
    const running = stages();
    const step = (...items: EngineItem[]) => {
      const out = items.flatMap((item) => running[0].next(item).flatMap((next) => running[1].next(next)));
      found.push(
        places(out)
          .map(({ place, hour, stations, revision }) => `${place} ${hour} ${stations} r${revision}`)
          .join('; '),
      );
    };
    step(register, rows(hourOf(0, 0, 10), hourOf(1, 0, 10)), afterHour(0));
    step(rows(hourOf(0, 1, 10)), tick(t0 + 2 * hourMs + 121_000));
    step(tick(t0 + 2 * hourMs + 180_000));
    step(rows(hourOf(1, 1, 30)), tick(t0 + 2 * hourMs + 300_000));
    expect(found).toEqual(['1 0 2 r0; C 0 2 r0', '', '1 1 1 r0; C 1 1 r0', '1 1 2 r1; C 1 2 r1']);
  });

  test('the 24-hour index says what it rests on: without PM2.5 it is there, and so low that it must not be believed', () => {
    const items = runStages(stages(), [
      register,
      ...Array.from({ length: 24 }, (_, hour) => [
        rows(hourOf(0, hour, 50, { no2: 300 }), { ...hourOf(2, hour, 0), values: { no2: 300 } }),
        afterHour(hour),
      ]).flat(),
    ]);
    const found = items.flatMap((item) =>
      item.type !== 'places' || item.startMs[0] !== t0 + 23 * hourMs
        ? []
        : item.place.map((place, row) => [place, item.aqi24[row], item.primary24[row], item.valid24[row]]),
    );
    const bit = (id: (typeof pollutantIds)[number]) => 1 << pollutantIds.indexOf(id);
    expect(found).toEqual([
      ['1', 69, bit('pm25'), bit('pm25') | bit('no2')],
      ['2', 38, 0, bit('no2')],
      ['C', 69, bit('pm25'), bit('pm25') | bit('no2')],
    ]);
  });

  test('a late hour revises the 24-hour index of the hours behind it', () => {
    const day = (): EngineItem[] => [
      register,
      ...Array.from({ length: 24 }, (_, hour) => [...(hour === 3 ? [] : [rows(hourOf(0, hour, 50))]), afterHour(hour)]).flat(),
    ];
    const before = places(runStages(stages(), day())).filter(({ place, hour }) => place === 'C' && hour === 23);
    expect(before).toMatchObject([{ revision: 0, aqi24: 69 }]); // 50 µg/m³ by the daily column: 68.75, rounded up
    const after = places(runStages(stages(), [...day(), rows(hourOf(0, 3, 290)), tick(t0 + 24 * hourMs + 240_000)])).filter(
      ({ place, hour }) => place === 'C' && hour === 23,
    );
    expect(after.at(-1)).toMatchObject({ revision: 1, aqi24: 82 }); // (23 * 50 + 290) / 24 = 60 µg/m³: 81.25
  });

  test('order and batching of rows within a tick change nothing', () => {
    const values = fc.array(
      fc.record({
        source: fc.nat(3),
        hour: fc.nat(4),
        pm25: fc.integer({ min: 1, max: 500 }),
        o3: fc.integer({ min: 1, max: 4000 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.nat(1000)), (list, order) => {
        const once = [...new Map(list.map((each) => [`${each.source} ${each.hour}`, each])).values()];
        const all = once.map(({ source, hour, pm25, o3 }) => hourOf(source, hour, pm25, { o3 }));
        const keys = new Map(all.map((row) => [row, order.next().value as number]));
        const mixed = [...all].sort((a, b) => (keys.get(a) as number) - (keys.get(b) as number));
        const whole = places(runStages(stages(), [register, rows(...all), afterHour(9)]));
        const single = places(runStages(stages(), [register, ...mixed.map((row) => rows(row)), afterHour(9)]));
        expect(single).toEqual(whole);
      }),
    );
  });

  test('a station that leaves the register counts in the hours that had begun, and in none behind them', () => {
    const gone: EngineItem = { type: 'command', command: { name: 'sources-gone', kind: 'air', sources: [1] } };
    const unknown: EngineItem = {
      type: 'command',
      command: { name: 'sources', kind: 'air', first: 1, sources: [{ kind: 'air', id: 'S1', zh: 'S1', district: '' }] },
    };
    const last = (items: readonly EngineItem[], hour: number) =>
      places(items)
        .filter((each) => each.place === '1' && each.hour === hour)
        .map(({ stations, of, pm25 }) => [stations, of, pm25])
        .at(-1);
    for (const comesAgain of [[], [unknown]]) {
      const items = runStages(stages(), [
        register,
        rows(hourOf(0, 0, 10), hourOf(1, 0, 30)),
        tick(t0 + hourMs + 1),
        gone,
        ...comesAgain,
        rows(hourOf(0, 1, 10), hourOf(1, 1, 30)),
        afterHour(1),
        rows(hourOf(0, 2, 10), hourOf(1, 2, 30)),
        afterHour(2),
        rows(hourOf(2, 0, 50)), // and hours that go out again
        afterHour(3),
      ]);
      expect([0, 1, 2].map((hour) => last(items, hour))).toEqual([
        [2, 2, 20],
        [2, 2, 20],
        [1, 1, 10],
      ]);
    }
    const back: EngineItem = {
      type: 'command',
      command: { name: 'sources', kind: 'air', first: 1, sources: [{ kind: 'air', id: 'S1', zh: 'S1', district: '1' }] },
    };
    const items = runStages(stages(), [register, afterHour(0), gone, unknown, back, rows(hourOf(0, 1, 10), hourOf(1, 1, 30))]);
    expect(last(items, 1)).toEqual([2, 2, 20]);
  });

  test('saved and restored in the middle it goes on as if nothing had been', () => {
    const first: EngineItem[] = [register];
    for (let hour = 0; hour < 22; hour++) first.push(rows(hourOf(0, hour, 40 + hour), hourOf(2, hour, 90)), afterHour(hour));
    const then = (): EngineItem[] => [
      rows(hourOf(0, 22, 300), hourOf(2, 5, 10)),
      afterHour(22),
      rows(hourOf(1, 22, 7)),
      afterHour(23),
    ];
    const push = (list: Stage<EngineItem, EngineItem>[], items: readonly EngineItem[]) =>
      items.flatMap((item) => list[0].next(item).flatMap((next) => list[1].next(next)));
    const one = stages();
    push(one, first);
    const other = stages();
    other.forEach((stage, i) => {
      stage.restore(structuredClone(one[i].save()));
    });
    expect(places(push(other, then()))).toEqual(places(push(one, then())));
    expect(places(push(other, [tick(t0 + 99 * hourMs)]))).toEqual(places(push(one, [tick(t0 + 99 * hourMs)])));
  });
});
