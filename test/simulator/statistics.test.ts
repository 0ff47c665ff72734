import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBeijing } from '../../engine/domain/calendar.ts';
import { compare, comparisonJson, comparisonText, verdictOf } from '../../simulator/lab/statistics/compare.ts';
import { episodesOf } from '../../simulator/lab/statistics/episodes.ts';
import {
  correlationOf,
  deviationOf,
  geometricDeviationOf,
  meanOf,
  medianOf,
  quantileOf,
  shareAbove,
  sorted,
} from '../../simulator/lab/statistics/numbers.ts';
import { type AirMetric, type AirSeries, hourOfDay, viewOf } from '../../simulator/lab/statistics/series.ts';
import { measureOf, measures, statisticsOf } from '../../simulator/lab/statistics/statisticsOf.ts';
import { decodeTargets, readTargets, type Target } from '../../simulator/lab/statistics/targets.ts';
import { uciReader } from '../../simulator/readers/uci.ts';
import type { Local } from '../../simulator/world/local.ts';

const data = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const uci = join(data, 'beijing', 'beijing-12-stations-2015-11_2016-01.csv.gz');
const hasUci = existsSync(uci);
if (!hasUci) console.log('skipped: statistics of real air need ../shared/data/beijing (UCI, 12 stations)');

const { NaN: gap } = Number;

describe('numbers', () => {
  test('a gap is left out, nothing left gives a gap', () => {
    expect(meanOf([1, gap, 3])).toBe(2);
    expect(deviationOf([1, gap, 3])).toBe(1);
    expect(shareAbove([1, gap, 3, 2], 2)).toBeCloseTo(1 / 3, 12);
    expect([...sorted([3, gap, 1])]).toEqual([1, 3]);
    for (const of of [meanOf, deviationOf, medianOf, geometricDeviationOf]) {
      expect(of([])).toBeNaN();
      expect(of([gap])).toBeNaN();
    }
  });

  test.each([
    [0, 1],
    [0.25, 2],
    [0.5, 3],
    [0.9, 4.6],
    [1, 5],
  ])('quantile %d of 1 to 5 is %d', (share, want) => {
    expect(quantileOf([1, 2, 3, 4, 5], share)).toBeCloseTo(want, 12);
  });

  test('the geometric deviation of 1 and 4 is 2; 0 has no logarithm', () => {
    expect(geometricDeviationOf([1, 4, 0])).toBeCloseTo(2, 12);
  });

  test.each([
    ['one line', [1, 2, 3], [5, 7, 9], 0, 1],
    ['against each other', [1, 2, 3], [9, 7, 5], 0, -1],
    ['nothing in common', [1, 1, -1, -1], [1, -1, 1, -1], 0, 0],
    ['over gaps', [1, gap, 2, 3, 9], [5, 4, 7, 9, gap], 0, 1],
    ['with what comes a step later', [1, 5, 2, 8], [0, 1, 5, 2], 1, 1],
    ['far from 0, where squares lose digits', [1e8, 1e8 + 1, 1e8 + 2], [1, 2, 4], 0, 0.9819805060619657],
  ])('correlation: %s', (_, a, b, lag, want) => {
    expect(correlationOf(a, b, lag)).toBeCloseTo(want, 10);
  });

  test('what never changes has no correlation', () => {
    expect(correlationOf([2, 2, 2], [1, 2, 3])).toBeNaN();
    expect(correlationOf([1], [1])).toBeNaN();
  });
});

describe('episodes', () => {
  const quiet = (hours: number) => Array.from({ length: hours }, () => 20);

  test('one is measured from the first hour above 75 to the last', () => {
    // 20 … | 80 120 160 200 150 100 | 20 …: growth (200 - 80) / 3; largest change in 3 h: 160 - 20 up, 200 - 20 down.
    const series = [...quiet(6), 80, 120, 160, 200, 150, 100, ...quiet(6)];
    expect(episodesOf(series)).toEqual([{ durationH: 6, peak: 200, growthPerH: 40, rise3h: 140, fall3h: 180 }]);
  });

  test('five hours at 75 do not end it, six do', () => {
    const withPause = (hours: number) => [...quiet(6), 160, ...Array.from({ length: hours }, () => 75), 160, ...quiet(6)];
    expect(episodesOf(withPause(5)).map(({ durationH }) => durationH)).toEqual([7]);
    expect(episodesOf(withPause(6)).map(({ durationH }) => durationH)).toEqual([1, 1]);
  });

  test('a peak below 150 is none, one of 150 is', () => {
    expect(episodesOf([...quiet(6), 149.9, ...quiet(6)])).toHaveLength(0);
    expect(episodesOf([...quiet(6), 150, ...quiet(6)])).toHaveLength(1);
  });

  test('the growth of one that begins with its peak is not known', () => {
    expect(episodesOf([...quiet(6), 200, 100, ...quiet(6)])[0].growthPerH).toBeNaN();
  });

  test.each([
    ['at the beginning', [160, 160, ...quiet(6)]],
    ['close to the beginning', [...quiet(5), 160, ...quiet(6)]],
    ['at the end', [...quiet(6), 160, ...quiet(5)]],
    ['at a long gap', [...quiet(6), 160, ...Array.from({ length: 6 }, () => gap), ...quiet(6)]],
    ['soon after a long gap', [...quiet(6), ...Array.from({ length: 6 }, () => gap), 20, 160, ...quiet(6)]],
    ['after a long gap', [...quiet(6), ...Array.from({ length: 6 }, () => gap), 160, ...quiet(6)]],
  ])('one that is cut off is left out: %s', (_, series) => {
    expect(episodesOf(series)).toEqual([]);
  });

  test('short gaps are not added up', () => {
    const series = [...quiet(6), 160, gap, gap, gap, 160, gap, gap, gap, 160, ...quiet(6)];
    expect(episodesOf(series).map(({ durationH }) => durationH)).toEqual([9]);
  });

  test('a short gap neither ends one nor counts as quiet', () => {
    const series = [...quiet(6), 160, gap, gap, gap, gap, gap, 20, 160, ...quiet(6)];
    expect(episodesOf(series).map(({ durationH }) => durationH)).toEqual([8]);
  });
});

const metrics: readonly AirMetric[] = ['pm25', 'pm10', 'so2', 'no2', 'o3'];
const startMs = fromBeijing(2025, 12, 1);

/** A series with the same value everywhere, but for what is given: by hour and station. */
function made(
  hours: number,
  stations: readonly Local[],
  given: Partial<Record<AirMetric, (hour: number, station: number) => number>>,
  weather: { windMps?: (hour: number) => number; rhPct?: (hour: number) => number } = {},
): AirSeries {
  const width = stations.length;
  const matrix = (of: (hour: number, station: number) => number) =>
    Float32Array.from({ length: hours * width }, (_, i) => of(Math.floor(i / width), i % width));
  return {
    season: 'DJF',
    startMs,
    stations,
    metrics: Object.fromEntries(metrics.map((metric) => [metric, matrix(given[metric] ?? (() => 10))])) as AirSeries['metrics'],
    windMps: Float32Array.from({ length: hours }, (_, hour) => weather.windMps?.(hour) ?? 2),
    rhPct: Float32Array.from({ length: hours }, (_, hour) => weather.rhPct?.(hour) ?? 50),
  };
}

const measured = (series: AirSeries, name: string) => measures[name](viewOf(series));
const one: readonly Local[] = [{ x: 0, y: 0 }];
const row = (...km: number[]): Local[] => km.map((x) => ({ x: x * 1000, y: 0 }));

describe('statistics of made-up air', () => {
  test('distribution: pooled over hours and stations', () => {
    const series = made(25, row(0, 1, 2, 3), { pm25: (hour, station) => 4 * hour + station + 1 }); // 1 to 100
    expect(measured(series, 'pm25.mean')).toBe(50.5);
    expect(measured(series, 'pm25.p50')).toBe(50.5);
    expect(measured(series, 'pm25.p90')).toBeCloseTo(90.1, 10);
    expect(measured(series, 'pm25.p99')).toBeCloseTo(99.01, 10);
    expect(measured(series, 'pm25.above.75')).toBeCloseTo(0.25, 12);
  });

  test('a day that swings by 30 % around its mean, highest at 15 h of Beijing', () => {
    const swing = (hour: number) => 100 + 30 * Math.cos((2 * Math.PI * (hourOfDay(startMs, hour) - 15)) / 24);
    const series = made(240, one, { pm25: swing });
    expect(measured(series, 'pm25.day.max')).toBeCloseTo(1.3, 6);
    expect(measured(series, 'pm25.day.min')).toBeCloseTo(0.7, 6);
    expect(measured(series, 'pm25.acf.24h')).toBeCloseTo(1, 6);
    expect(Math.abs(measured(series, 'pm25.acf.6h'))).toBeLessThan(0.01);
    expect(series.metrics.pm25.indexOf(130)).toBe(15);
  });

  test('persistence is the mean over stations, each by itself', () => {
    // One station repeats 4, 1 every two hours (r(1 h) = -1, r(6 h) = 1), the other rises steadily (r = 1).
    const series = made(48, row(0, 1), { pm25: (hour, station) => (station === 0 ? (hour % 2 === 0 ? 4 : 1) : hour) });
    expect(measured(series, 'pm25.acf.1h')).toBeCloseTo(0, 6);
    expect(measured(series, 'pm25.acf.6h')).toBeCloseTo(1, 6);
  });

  test('pairs are sorted by distance; one exactly at an edge belongs to the farther', () => {
    const waves = [
      (hour: number) => [1, 1, -1, -1][hour % 4],
      (hour: number) => [1, 1, -1, -1][hour % 4],
      (hour: number) => [1, -1, 1, -1][hour % 4],
    ];
    // 0 and 1: 4 km apart, the same; 0 and 2: 5 km, 1 and 2: 9 km, nothing in common.
    const series = made(40, [row(0)[0], { x: 4000, y: 0 }, { x: -5000, y: 0 }], {
      so2: (hour, station) => 5 + waves[station](hour),
    });
    expect(measured(series, 'so2.pair.0-5km')).toBeCloseTo(1, 10);
    expect(measured(series, 'so2.pair.5-10km')).toBeCloseTo(0, 10);
    expect(measured(series, 'so2.pair.10-20km')).toBeNaN();
  });

  test('links: the median of the hours in which wind or humidity is in the bin', () => {
    const series = made(
      100,
      one,
      { pm25: (hour) => hour },
      { windMps: (hour) => hour / 25, rhPct: (hour) => hour }, // wind 0 to 3.96, humidity 0 to 99
    );
    expect(measured(series, 'pm25.wind.0-1')).toBe(12);
    expect(measured(series, 'pm25.wind.3-4')).toBe(87);
    expect(measured(series, 'pm25.rh.20-40')).toBe(29.5);
    expect(measured(series, 'pm25.rh.80-100')).toBe(89.5);
    expect(measured(series, 'wind.calm')).toBeCloseTo(0.25, 12);
  });

  test('places: half, once and twice the network', () => {
    const series = made(10, row(0, 1, 2), { pm25: (hour, station) => (hour + 1) * [0.5, 1, 2][station] });
    expect(measured(series, 'pm25.residual')).toBeCloseTo(Math.LN2 * Math.sqrt(2 / 3), 6);
    expect(measured(series, 'pm25.stations.cv')).toBeCloseTo(Math.sqrt(3.5 / 9) / (3.5 / 3), 6);
  });

  test('the change from one hour to the next is of the same station', () => {
    const series = made(101, row(0, 1), { pm25: (hour, station) => 1000 * station + 3 * hour });
    expect(measured(series, 'pm25.change.p1')).toBe(3);
    expect(measured(series, 'pm25.change.p99')).toBe(3);
  });

  test('the ratio to PM10 leaves out hours without PM10', () => {
    const series = made(3, one, { pm25: () => 30, pm10: (hour) => [0, 60, gap][hour] });
    expect(measured(series, 'pm25.pm10.ratio')).toBe(0.5);
  });

  test('the wind is persistent without its daily course', () => {
    // The course of the day is the same every day; what is left is 1, -1 on alternating days: r(24 h) = -1, r(1 h) = 23/24 - 1/24.
    const windMps = (hour: number) => 5 + Math.sin((hour * Math.PI) / 12) + (Math.floor(hour / 24) % 2 === 0 ? 1 : -1);
    const series = made(24 * 20, one, {}, { windMps });
    expect(measured(series, 'wind.acf.24h')).toBeCloseTo(-1, 5);
    expect(measured(series, 'wind.acf.1h')).toBeCloseTo(1 - (2 * 19) / (24 * 20 - 1), 2);
  });

  test('laws: twice the air doubles levels and changes no shape; the order of stations does not matter', () => {
    const hours = 60;
    const values = fc.array(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 3, maxLength: 3 }), {
      minLength: hours,
      maxLength: hours,
    });
    fc.assert(
      fc.property(values, (matrix) => {
        const of = (factor: number, order: readonly number[]) =>
          made(
            hours,
            order.map((station) => row(0, 7, 33)[station]),
            { pm25: (hour, station) => factor * matrix[hour][order[station]] },
          );
        const plain = of(1, [0, 1, 2]);
        for (const name of ['pm25.mean', 'pm25.p90', 'pm25.change.p1', 'pm25.wind.2-3'])
          expect(measured(of(2, [0, 1, 2]), name)).toBeCloseTo(2 * measured(plain, name), 8);
        for (const name of ['pm25.gsd', 'pm25.acf.6h', 'pm25.pair.5-10km', 'pm25.day.max', 'pm25.residual', 'pm25.stations.cv']) {
          expect(measured(of(2, [0, 1, 2]), name)).toBeCloseTo(measured(plain, name), 8);
          expect(measured(of(1, [2, 0, 1]), name)).toBeCloseTo(measured(plain, name), 8);
        }
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  test('matrices of the wrong length are a bug of the caller', () => {
    const series = made(10, one, {});
    expect(() => viewOf({ ...series, stations: row(0, 1) })).toThrow('BUG: pm25 has 10 values, not 10 hours of 2 stations');
    expect(() => viewOf({ ...series, rhPct: new Float32Array(3) })).toThrow('BUG: rhPct has 3 values, not 10');
  });
});

describe('targets', () => {
  const targets = readTargets();

  test('each is measured, and only those of the season are', () => {
    expect(targets.filter(({ id }) => measures[measureOf(id)] === undefined)).toEqual([]);
    const values = statisticsOf(made(48, row(0, 4), {}), targets);
    expect(Object.keys(values)).toEqual(targets.filter(({ season }) => season === 'DJF').map(({ id }) => id));
    expect(values['djf.pm25.mean']).toBe(10);
  });

  test('each says where it comes from', () => {
    for (const { basis } of targets) expect(basis).toMatch(/UCI|SIMULATION/);
  });

  const good = { id: 'djf.x', season: 'DJF', zh: '某', en: 'some', unit: '', low: 1, high: 2, basis: 'UCI' };
  test.each([
    ['no list', {}, 'targets: not a list'],
    ['a season that is none', [{ ...good, season: 'MAM' }], 'targets: djf.x: needs'],
    ['an id of another season', [{ ...good, id: 'jja.x' }], 'targets: jja.x: needs'],
    ['no basis', [{ ...good, basis: undefined }], 'targets: djf.x: needs'],
    ['a range the wrong way round', [{ ...good, low: 3 }], 'targets: djf.x: low 3 and high 2 are no range'],
    ['an open range', [{ ...good, high: null }], 'targets: djf.x: low 1 and high null'],
    ['two of one id', [good, good], 'targets: djf.x is there twice'],
  ])('a wrong file is refused: %s', (_, rows, message) => {
    expect(decodeTargets([good])).toEqual([good]);
    expect(() => decodeTargets(rows)).toThrow(message);
  });

  test('what nobody measures is a bug', () => {
    expect(() => statisticsOf(made(2, one, {}), decodeTargets([good]))).toThrow('BUG: nothing measures the target djf.x');
  });
});

describe('comparison', () => {
  const target = (low: number, high: number, strict?: true): Target => ({
    id: 'djf.pm25.mean',
    season: 'DJF',
    zh: '均值',
    en: 'mean',
    unit: 'µg/m³',
    low,
    high,
    basis: 'UCI',
    strict,
  });

  test.each([
    [80, target(80, 120), 'in range'],
    [120, target(80, 120), 'in range'],
    [75, target(90, 110), 'within 25 %'],
    [74.9, target(90, 110), 'misses'],
    [125, target(90, 110), 'within 25 %'],
    [125.1, target(90, 110), 'misses'],
    [125.1, target(50, 150), 'in range'],
    [0.9, target(0.7, 0.8, true), 'misses'],
    [0.9, target(0.7, 0.8), 'within 25 %'],
    [-42, target(-55, -33), 'in range'],
    [-56, target(-50, -40), 'within 25 %'],
    [-57, target(-50, -40), 'misses'],
    [gap, target(0, 1), 'misses'],
  ])('%d against %o: %s', (value, against, verdict) => {
    expect(verdictOf(value, against)).toBe(verdict);
  });

  const rows = compare(
    [{ 'djf.pm25.mean': 70 }, { 'djf.pm25.mean': gap }, { 'djf.pm25.mean': 66 }, { 'djf.pm25.mean': 100 }],
    [target(65, 75), { ...target(1, 2), id: 'djf.other', en: 'something longer' }],
  );

  test('several seeds: the median counts, the extremes are shown, a seed without a value does not count', () => {
    expect(rows[0]).toMatchObject({ simulated: 70, min: 66, max: 100, seeds: 3, verdict: 'in range' });
    expect(rows[1]).toMatchObject({ simulated: gap, seeds: 0, verdict: 'misses' });
  });

  test('as a table', () => {
    expect(comparisonText(rows)).toBe(
      [
        'season  statistic         unit   target       simulated  min - max   seeds  verdict',
        'DJF     mean              µg/m³  65.0 - 75.0  70.0       66.0 - 100  3      in range',
        'DJF     something longer  µg/m³  1.00 - 2.00  none                   0      misses',
        '',
        '2 rows: 1 in range, 0 within 25 %, 1 misses',
        '',
      ].join('\n'),
    );
  });

  test('as JSON, where nothing measured is null', () => {
    const plain = JSON.parse(comparisonJson(rows));
    expect(plain[0]).toMatchObject({ id: 'djf.pm25.mean', low: 65, high: 75, simulated: 70, verdict: 'in range' });
    expect(plain[1]).toMatchObject({ simulated: null, min: null, seeds: 0 });
  });
});

/** Where the stations are: names as in the set, and as in the list of stations. */
function beijingStations(names: readonly string[]): Local[] {
  const rows = readFileSync(join(data, 'cnemc', 'station_info.csv'), 'utf8')
    .split('\n')
    .map((line) => line.split(','));
  return names.map((name) => {
    const found = rows.find((cells) => cells[4] === 'Beijing' && cells[2].toLowerCase().includes(name.toLowerCase()));
    if (found === undefined) throw new Error(`no place of ${name}`);
    return { x: Number(found[5]) * 85_200, y: Number(found[6]) * 111_200 };
  });
}

async function uciSeries(): Promise<{ series: AirSeries; names: readonly string[] }> {
  const fromMs = fromBeijing(2015, 11, 1);
  const hours = (fromBeijing(2016, 2, 1) - fromMs) / 3_600_000;
  const names: string[] = [];
  const width = 12;
  const wanted = [...metrics, 'windMps', 'rhPct'] as const;
  const matrices = Object.fromEntries(wanted.map((metric) => [metric, new Float32Array(hours * width).fill(gap)]));
  for await (const { frames } of uciReader(uci).steps())
    for (const frame of frames)
      for (let i = 0; i < frame.rows; i++) {
        const name = frame.sources[frame.source[i]];
        if (!names.includes(name)) names.push(name);
        const at = ((frame.time[i] - fromMs) / 3_600_000) * width + names.indexOf(name);
        for (const metric of wanted) matrices[metric][at] = frame.values[metric][i];
      }
  const network = (metric: string) =>
    Float32Array.from({ length: hours }, (_, hour) => medianOf(matrices[metric].subarray(hour * width, (hour + 1) * width)));
  return {
    names,
    series: {
      season: 'DJF',
      startMs: fromMs,
      stations: beijingStations(names),
      metrics: matrices as unknown as AirSeries['metrics'],
      windMps: network('windMps'),
      rhPct: network('rhPct'),
    },
  };
}

describe.skipIf(!hasUci)('real air (UCI, 12 stations in November 2015 and January 2016): ours and SQL agree', () => {
  let series: AirSeries;
  let sql: (text: string) => Promise<number[]>;
  let database: DuckDBInstance;
  afterAll(() => database.closeSync());
  beforeAll(async () => {
    const loaded = await uciSeries();
    series = loaded.series;
    database = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await database.connect();
    sql = async (text) => ((await connection.runAndReadAll(text)).getRows()[0] as (number | bigint)[]).map(Number);
    await connection.run(`create table air as select station, make_timestamp(year, month, day, hour, 0, 0) as t, hour,
        "PM2.5" as pm25, PM10 as pm10, SO2 as so2, O3 as o3, WSPM as wind,
        least(100, 100 * exp(17.625 * DEWP / (243.04 + DEWP) - 17.625 * TEMP / (243.04 + TEMP))) as rh
      from read_csv('${uci}', nullstr = 'NA', header = true)`);
    await connection.run(
      `create table place as select * from (values ${loaded.names
        .map((name, i) => `('${name}', ${series.stations[i].x}, ${series.stations[i].y})`)
        .join(', ')}) as p(station, x, y)`,
    );
    await connection.run(
      'create table network as select t, hour, median(pm25) as pm25, median(wind) as wind, median(rh) as rh from air group by all',
    );
  });

  test.each<[string, readonly string[], string]>([
    [
      'levels',
      ['pm25.mean', 'so2.mean', 'o3.mean', 'rh.mean'],
      'select avg(pm25), avg(so2), avg(o3), (select avg(rh) from network) from air',
    ],
    [
      'quantiles',
      ['pm25.p50', 'pm25.p90', 'pm25.p99', 'pm25.pm10.ratio'],
      'select quantile_cont(pm25, 0.5), quantile_cont(pm25, 0.9), quantile_cont(pm25, 0.99), median(pm25 / pm10) from air',
    ],
    [
      'spread and shares',
      ['pm25.gsd', 'pm25.above.75', 'pm25.above.250'],
      'select exp(stddev_pop(ln(pm25))), avg((pm25 > 75)::int), avg((pm25 > 250)::int) from air',
    ],
    ...[1, 6, 24].map((lag): [string, readonly string[], string] => [
      `persistence, ${lag} h`,
      [`pm25.acf.${lag}h`],
      `select avg(r) from (select corr(a.pm25, b.pm25) as r from air a join air b
         on a.station = b.station and b.t = a.t + interval ${lag} hour group by a.station)`,
    ]),
    ...[
      ['pm25', 0, 5],
      ['pm25', 20, 30],
      ['so2', 5, 10],
      ['so2', 30, 45],
    ].map(([metric, from, to]): [string, readonly string[], string] => [
      `pairs of ${metric}, ${from} to ${to} km`,
      [`${metric}.pair.${from}-${to}km`],
      `select avg(r) from (select corr(a.${metric}, b.${metric}) as r from air a join air b on a.t = b.t and a.station < b.station
         join place p on p.station = a.station join place q on q.station = b.station
         where sqrt((p.x - q.x) ^ 2 + (p.y - q.y) ^ 2) / 1000 >= ${from}
           and sqrt((p.x - q.x) ^ 2 + (p.y - q.y) ^ 2) / 1000 < ${to} group by a.station, b.station)`,
    ]),
    [
      'the day',
      ['pm25.day.min', 'pm25.day.max'],
      'select min(m) / any_value(mean), max(m) / any_value(mean) from (select avg(pm25) as m, (select avg(pm25) from air) as mean from air group by hour)',
    ],
    [
      'hourly change',
      ['pm25.change.p1', 'pm25.change.p99'],
      `select quantile_cont(b.pm25 - a.pm25, 0.01), quantile_cont(b.pm25 - a.pm25, 0.99)
         from air a join air b on a.station = b.station and b.t = a.t + interval 1 hour`,
    ],
    [
      'links',
      ['pm25.wind.0-1', 'pm25.wind.2-3', 'pm25.rh.20-40', 'pm25.rh.80-100'],
      `select median(pm25) filter (wind < 1), median(pm25) filter (wind >= 2 and wind < 3),
         median(pm25) filter (rh >= 20 and rh < 40), median(pm25) filter (rh >= 80) from network`,
    ],
    [
      'places',
      ['pm25.residual', 'pm25.stations.cv'],
      `select stddev_pop(ln(a.pm25 / n.pm25)), (select stddev_pop(m) / avg(m) from (select avg(pm25) as m from air group by station))
         from air a join network n on a.t = n.t`,
    ],
    [
      'wind',
      ['wind.mean', 'wind.sd', 'wind.calm', 'wind.acf.6h'],
      `with rest as (select t, wind - avg(wind) over (partition by hour) as wind from network)
       select avg(wind), stddev_pop(wind), avg((wind < 1)::int),
         (select corr(a.wind, b.wind) from rest a join rest b on b.t = a.t + interval 6 hour) from network`,
    ],
  ])('%s', async (_, names, text) => {
    const found = names.map((name) => measured(series, name));
    const wanted = await sql(text);
    expect(wanted).toHaveLength(names.length);
    names.forEach((name, i) => {
      expect(Math.abs(found[i] / wanted[i] - 1), `${name}: ${found[i]} against ${wanted[i]}`).toBeLessThan(1e-5);
    });
  });

  test('the set gives what its own targets say, as far as two months can', () => {
    const rows = compare([statisticsOf(series, readTargets())], readTargets());
    const verdict = (id: string) => rows.find((each) => each.target.id === id)?.verdict;
    for (const km of ['0-5', '5-10', '10-20', '20-30', '30-45', '45-70'])
      expect(verdict(`djf.pm25.pair.${km}km`)).toBe('in range');
    for (const id of ['pm25.acf.1h', 'pm25.acf.6h', 'pm25.residual', 'pm25.stations.cv', 'wind.mean', 'wind.acf.1h'])
      expect(verdict(`djf.${id}`)).toBe('in range');
  });
});
