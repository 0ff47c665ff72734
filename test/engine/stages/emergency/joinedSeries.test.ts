// The joined series: what was observed, the join, the forecast, and what stands in for it.

import { describe, expect, test } from 'vitest';
import { Bin } from '../../../../engine/schema/ledger.ts';
import { cityHours } from '../../../../engine/stages/emergency/cityHours.ts';
import { forecasts } from '../../../../engine/stages/emergency/forecasts.ts';
import { joined } from '../../../../engine/stages/emergency/joinedSeries.ts';
import type { WarningOptions } from '../../../../engine/stages/emergency/warningOptions.ts';
import { batchOf, type TestRow } from '../../../harness/batches.ts';
import { at, type CityRow, cityBatch, hourMs, issue, optionsWith } from '../../../harness/warnings.ts';

interface Case {
  readonly observed?: readonly CityRow[];
  readonly rows?: readonly TestRow[];
  readonly now: number;
  readonly bin?: number;
  readonly options?: Partial<WarningOptions>;
}

function seriesOf({ observed = [], rows = [], now, bin = Bin.onTime, options }: Case) {
  const [city, forecast] = [cityHours(), forecasts()];
  city.take(cityBatch(...observed));
  const batch = batchOf('forecast', rows);
  batch.bin.fill(bin);
  forecast.take(batch);
  const found = joined(city, forecast, at(now), optionsWith(options));
  const hour = (n: number) => found.hours.find((each) => each.hourMs === at(n));
  return { ...found, hour, index: (n: number) => hour(n)?.aqi24, end: ((found.hours.at(-1)?.hourMs ?? 0) - at(0)) / hourMs };
}

const steady = (from: number, to: number, aqi24: number): CityRow[] =>
  Array.from({ length: to - from }, (_, i) => ({ hour: from + i, aqi24 }));

describe('observed hours', () => {
  test('an hour that was not observed is not known, and the forecast does not stand in for it', () => {
    const found = seriesOf({ observed: [...steady(0, 6, 120), ...steady(8, 10, 130)], rows: issue(7, [60, 60]), now: 12.5 });
    expect([5, 6, 7, 8, 10, 11].map(found.index)).toEqual([120, Number.NaN, Number.NaN, 130, Number.NaN, Number.NaN]);
    expect([found.hour(11)?.isForecast, found.hour(12)?.isForecast]).toEqual([false, true]);
    expect(found.hours.every(({ hourMs: each }, i) => each === at(i))).toBe(true);
  });

  test('the hour that has just ended may still come', () => {
    expect(seriesOf({ observed: steady(0, 10, 120), rows: issue(7, [60]), now: 11.1 }).hour(10)?.isForecast).toBe(true);
    expect(seriesOf({ observed: steady(0, 10, 120), rows: issue(7, [60]), now: 11.25 }).hour(10)?.isForecast).toBe(false);
  });

  test.each([
    ['all', ['so2', 'no2', 'pm10', 'co', 'o3', 'pm25'], 40],
    ['no SO2, NO2, CO and O3', ['pm10', 'pm25'], 40],
    ['no PM2.5', ['so2', 'no2', 'pm10', 'co', 'o3'], Number.NaN],
    ['no PM10', ['so2', 'no2', 'co', 'o3', 'pm25'], Number.NaN],
  ] as const)('an index of %s', (_, valid, want) => {
    expect(seriesOf({ observed: [{ hour: 0, aqi24: 40, valid }], now: 1 }).index(0)).toEqual(want);
  });

  test('a later revision is what is known from then on, and is no news', () => {
    const city = cityHours();
    expect(city.take(cityBatch({ hour: 3, aqi24: 100 }))).toBe(true);
    expect(city.take(cityBatch({ hour: 3, aqi24: 180, revision: 1 }))).toBe(false);
    expect(city.at(at(3))?.aqi24).toBe(180);
    expect(city.take({ ...cityBatch({ hour: 4, aqi24: 100 }), scope: ['district'] })).toBe(false);
  });
});

describe('the join', () => {
  test('hour by hour the observed index gives way to the day that is forecast', () => {
    const found = seriesOf({ observed: steady(0, 12, 120), rows: issue(7, [240, 240, 48]), now: 12 });
    expect([11, 12, 17, 23, 35].map(found.index)).toEqual([120, 125, 150, 180, 240]);
    // Between two days that are forecast: as many hours of each as the 24 have.
    expect([47, 48, 53, 71].map(found.index)).toEqual([240, 232, (18 * 240 + 6 * 48) / 24, 48]);
    expect(found.end).toBe(71);
  });

  test('half a heavy day that was seen counts as heavy: the mean goes on from the hours that stay in it', () => {
    // Clear yesterday, heavy since midnight: the index of noon is 145, and that of the day's end, if it stays so, 230.
    const observed = Array.from({ length: 36 }, (_, hour) => ({
      hour,
      aqi24: hour < 24 ? 60 : 60 + (170 * (hour - 23)) / 24,
      pm25: hour < 24 ? 43 : 180,
      pm10: hour < 24 ? 43 : 180,
    }));
    const found = seriesOf({ observed, rows: issue(31, [230, 60]), now: 36 });
    expect([35, 41, 47].map(found.index)).toEqual([145, 187.5, 230]);
    const gaps = observed.map((row) => ({ ...row, pm25: Number.NaN, pm10: Number.NaN }));
    expect(seriesOf({ observed: gaps, rows: issue(31, [230, 60]), now: 36 }).index(47)).toBe((12 * 145 + 12 * 230) / 24);
  });

  test('a forecast of exactly 200 is exactly 200', () => {
    const found = seriesOf({ observed: steady(0, 12, 200), rows: issue(7, [200, 200, 200]), now: 12 });
    expect(new Set(found.hours.map(({ aqi24 }) => aqi24))).toEqual(new Set([200]));
  });

  test('the newest issue of a day counts, of one time the first source, whatever comes first', () => {
    const rows = [...issue(16, [100, 110], 1), ...issue(7, [50, 60, 70]), ...issue(16, [200, 210])];
    for (const order of [rows, [...rows].reverse()]) {
      const found = seriesOf({ observed: steady(0, 24, 100), rows: order, now: 24 });
      expect([47, 71].map(found.index)).toEqual([210, 70]);
    }
  });

  test.each([
    ['a late row counts', Bin.lateRevised, false],
    ['a duplicate does not', Bin.duplicate, true],
    ['a refused one does not', Bin.rejected, true],
  ])('%s', (_, bin, isFallback) => {
    expect(seriesOf({ observed: steady(0, 12, 100), rows: issue(7, [50, 60]), now: 12, bin }).isFallback).toBe(isFallback);
  });

  test('a row without an index, of the past, or for next year says nothing', () => {
    const [row] = issue(31, [80]);
    const rows = [
      { ...row, values: { ...row.values, aqi: Number.NaN } },
      { ...row, values: { ...row.values, targetMs: at(0) } },
      { ...row, values: { ...row.values, targetMs: at(24 * 365) } },
    ];
    const forecast = forecasts();
    const batch = batchOf('forecast', rows);
    batch.bin.fill(Bin.onTime);
    batch.quality[1][0] = 1;
    expect([forecast.take(batch), forecast.days()]).toEqual([false, []]);
  });
});

describe('the fallback', () => {
  test('without a forecast the observed is carried on for half a day, and says so', () => {
    const found = seriesOf({ observed: steady(0, 12, 160), now: 12 });
    expect([found.isFallback, found.end, found.index(12), found.index(23)]).toEqual([true, 23, 160, 160]);
    expect(found.reason.en).toMatch(/fallback: persistence\)/);
    expect(found.reason.zh).toMatch(/替代方法）/);
  });

  test('an old forecast does not count for the air, but its wind and mixing height do', () => {
    const rows = issue(-20, [
      { aqi: 80, windMps: 2, mixingM: 400 },
      { aqi: 90, windMps: 2, mixingM: 400 },
      { aqi: 400, windMps: 4, mixingM: 800 },
    ]);
    const found = seriesOf({ observed: steady(0, 20, 160), rows, now: 20 });
    expect([found.isFallback, found.end]).toEqual([true, 31]);
    // Four times the ventilation tomorrow: half of it.
    expect([found.index(23), found.index(24), found.index(31)]).toEqual([160, 156.667, 133.333]);
    expect(found.reason.en).toMatch(/trend of wind and mixing height/);
  });

  test('a forecast of today alone does not tell what will be', () => {
    expect(seriesOf({ observed: steady(0, 12, 160), rows: issue(7, [160]), now: 12 }).isFallback).toBe(true);
    expect(seriesOf({ observed: steady(0, 12, 160), rows: issue(7, [160, 160]), now: 12 }).isFallback).toBe(false);
  });

  test.each([
    [30, false],
    [30.01, true],
  ])('a forecast that is %s h old', (age, isFallback) => {
    expect(seriesOf({ observed: steady(0, 37, 160), rows: issue(7, [160, 160, 160]), now: 7 + age }).isFallback).toBe(isFallback);
  });

  test('with nothing at all nothing is known', () => {
    const found = seriesOf({ now: 12 });
    expect([found.observedMs, found.hours.filter(({ aqi24 }) => !Number.isNaN(aqi24))]).toEqual([Number.NaN, []]);
  });
});

describe('what leads', () => {
  const leadOf = (row: Partial<CityRow>) => seriesOf({ observed: [{ hour: 0, aqi24: 250, ...row }], now: 1 }).hour(0)?.lead;

  test.each([
    ['PM2.5', { primary: ['pm25'] }, 'pm25'],
    ['PM10 with little PM2.5', { primary: ['pm10'], pm25: 60, pm10: 400 }, 'dust'],
    ['PM10 with much PM2.5', { primary: ['pm10'], pm25: 200, pm10: 400 }, 'pm25'],
    ['PM10, PM2.5 unknown in the hours', { primary: ['pm10'], pm25: Number.NaN }, 'pm25'],
    ['both', { primary: ['pm10', 'pm25'], pm25: 60, pm10: 400 }, 'pm25'],
    ['ozone', { primary: ['o3'] }, 'o3'],
    ['NO2', { primary: ['no2'] }, 'other'],
  ] as const)('%s', (_, row, want) => {
    expect(leadOf(row)).toBe(want);
  });

  test.each([
    ['haze', { aqi: 220, pm25: 170, pm10: 210 }, 'pm25'],
    ['dust', { aqi: 220, pm25: 60, pm10: 370 }, 'dust'],
    ['ozone', { aqi: 160, pm25: 40, pm10: 80, o3: 230 }, 'o3'],
    ['an index alone', { aqi: 220, pm25: Number.NaN, pm10: Number.NaN }, 'pm25'],
  ])('a forecast of %s', (_, day, want) => {
    const found = seriesOf({ observed: steady(0, 12, 100), rows: issue(7, [day, day]), now: 12 });
    expect([found.hour(30)?.lead, found.hour(30)?.byPm25]).toEqual([want, want === 'pm25']);
  });
});
