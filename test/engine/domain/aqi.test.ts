import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aqiClass,
  type Concentration,
  dailyAqi,
  editionAt,
  iaqi,
  realtimeAqi,
  roundHalfEven,
} from '../../../engine/domain/aqi.ts';
import { type AqiItem, iaqiAxis, table2012, table2026 } from '../../../engine/domain/aqiTables.ts';
import { pollutantIds } from '../../../engine/schema/window.ts';
import { aqiVectors } from './aqiVectors.ts';

const of = (value: number): Concentration => ({ num: Math.round(value * 1000), den: 1000 });
const orNull = (value: number) => (Number.isNaN(value) ? null : value);

describe('sub-index', () => {
  test.each(aqiVectors)('%s at %d is %s (2012) and %s (2026)', (item, value, of2012, of2026) => {
    expect(orNull(iaqi('hj633-2012', item as AqiItem, of(value)))).toBe(of2012);
    expect(orNull(iaqi('hj633-2026', item as AqiItem, of(value)))).toBe(of2026);
  });

  test.each([
    ['so2_1h', 801, Number.NaN, 200],
    ['o3_8h', 801, Number.NaN, 300],
    ['pm25_24h', 501, 500, 500],
    ['co_24h', 2.05, 52, 50], // 2.05 rounds half to even to 2.0 in 2026
    ['co_24h', 2.15, 54, 55],
    ['pm25_24h', 60.5, 82, 100], // rounds to 60 in 2026
    ['pm25_24h', 60.6, 82, 101],
    ['pm25_24h', -3, 0, 0],
  ] as const)('%s at %d', (item, value, of2012, of2026) => {
    expect(iaqi('hj633-2012', item, of(value))).toBe(of2012);
    expect(iaqi('hj633-2026', item, of(value))).toBe(of2026);
  });

  const items = Object.keys(table2012) as AqiItem[];

  test('agrees with fractions of big integers', () => {
    const oracle = (table: readonly number[], num: bigint, den: bigint): number => {
      let upper = 1;
      while (upper < table.length - 1 && num > BigInt(table[upper]) * den) upper++;
      const span = BigInt(iaqiAxis[upper] - iaqiAxis[upper - 1]);
      const top = span * (num - BigInt(table[upper - 1]) * den);
      const bottom = BigInt(table[upper] - table[upper - 1]) * den;
      return iaqiAxis[upper - 1] + Number((top + bottom - 1n) / bottom);
    };
    fc.assert(
      fc.property(fc.constantFrom(...items), fc.nat(2_000_000_000), fc.integer({ min: 1, max: 3_000_000 }), (item, num, den) => {
        const column = table2012[item];
        fc.pre(num > 0 && num <= column[column.length - 1] * den);
        expect(iaqi('hj633-2012', item, { num, den })).toBe(oracle(column, BigInt(num), BigInt(den)));
      }),
    );
  });

  test('never falls with the concentration', () => {
    fc.assert(
      fc.property(fc.constantFrom(...items), fc.nat(4_000_000), fc.nat(4_000_000), (item, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((num) => iaqi('hj633-2026', item, { num, den: 1000 }));
        expect(high).toBeGreaterThanOrEqual(low);
        expect(Number.isInteger(high)).toBe(true);
      }),
    );
  });

  test('a breakpoint gives exactly its own index, for every denominator', () => {
    for (const [edition, table] of [
      ['hj633-2012', table2012],
      ['hj633-2026', table2026],
    ] as const) {
      for (const item of items) {
        table[item].forEach((value, i) => {
          for (const den of [1, 3, 7, 60, 1000, 24_000]) expect(iaqi(edition, item, { num: value * den, den })).toBe(iaqiAxis[i]);
        });
      }
    }
  });
});

describe('rounding half to even', () => {
  test.each([
    [1, 2, 0, 0],
    [3, 2, 0, 2],
    [5, 2, 0, 2],
    [-1, 2, 0, 0],
    [-3, 2, 0, -2],
    [205, 100, 1, 20],
    [215, 100, 1, 22],
    [1, 3, 3, 333],
  ] as const)('%d / %d to %d places is %d', (num, den, decimals, want) => {
    expect(roundHalfEven(num, den, decimals) + 0).toBe(want);
  });
});

const hour = (values: Partial<Record<(typeof pollutantIds)[number], number>>) =>
  Object.fromEntries(Object.entries(values).map(([id, value]) => [id, of(value as number)]));
const bits = (mask: number) => pollutantIds.filter((_, i) => ((mask >> i) & 1) === 1);

describe('hourly index', () => {
  const all = { so2: 10, no2: 20, pm10: 60, co: 1, o3: 30, pm25: 60 };

  test('2012 goes by running 24-hour means of PM, 2026 by the hour', () => {
    expect(realtimeAqi('hj633-2012', { hour: hour(all), day: hour({ pm25: 75, pm10: 60 }) }).aqi).toBe(100);
    expect(realtimeAqi('hj633-2026', { hour: hour(all), day: hour({ pm25: 75 }) }).aqi).toBe(100); // 60 µg/m³ in the new table
  });

  test('the edition goes by the time of observation', () => {
    expect(editionAt(Date.parse('2026-02-28T23:59:59+08:00'))).toBe('hj633-2012');
    expect(editionAt(Date.parse('2026-03-01T00:00:00+08:00'))).toBe('hj633-2026');
  });

  test('2026 with a pollutant missing is published only above 100', () => {
    const low = realtimeAqi('hj633-2026', { hour: hour({ ...all, co: undefined } as never) });
    const { co: _, ...five } = all;
    expect(realtimeAqi('hj633-2026', { hour: hour(five) })).toMatchObject({ aqi: Number.NaN, aqiRaw: 100, primary: 0 });
    expect(low.aqiRaw).toBe(100);
    expect(realtimeAqi('hj633-2026', { hour: hour({ ...five, pm25: 116 }) }).aqi).toBe(152);
  });

  test('2012 and cnemc leave a missing pollutant out', () => {
    const { pm25: _, pm10: __, ...four } = all;
    expect(realtimeAqi('cnemc', { hour: hour(four) }).aqi).toBe(10);
  });

  test('ties are all primary, and up to 50 nothing is', () => {
    expect(bits(realtimeAqi('cnemc', { hour: hour({ pm25: 75, pm10: 150, no2: 10 }) }).primary)).toEqual(['pm10', 'pm25']);
    expect(realtimeAqi('cnemc', { hour: hour({ pm25: 35, pm10: 20 }) })).toMatchObject({ aqi: 50, primary: 0 });
  });

  test('SO2 above 800 goes by its 24-hour mean in 2012', () => {
    expect(realtimeAqi('hj633-2012', { hour: hour({ so2: 900 }), day: hour({ so2: 475 }) }).iaqi[0]).toBe(150);
  });

  test('nothing known gives nothing', () => {
    expect(realtimeAqi('hj633-2012', {})).toMatchObject({ aqi: Number.NaN, primary: 0 });
  });
});

test('daily index: O3 by its largest 8 hours, and in 2012 also by its largest hour', () => {
  const given = { day: hour({ pm25: 20 }), o3Mean8h: of(100), o3Hour1h: of(300) };
  expect(dailyAqi('hj633-2012', given).aqi).toBe(150);
  expect(dailyAqi('hj633-2026', given).aqiRaw).toBe(50);
});

test('classes begin where the index passes their edge', () => {
  expect([0, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500].map((aqi) => aqiClass(aqi)?.level)).toEqual([
    1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6,
  ]);
  expect(aqiClass(Number.NaN)).toBeUndefined();
  expect(aqiClass(250)?.hex).toBe('#99004C');
});
