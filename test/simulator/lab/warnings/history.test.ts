import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatBeijing, fromBeijing } from '../../../../engine/domain/calendar.ts';
import { assess } from '../../../../engine/domain/warningCriteria.ts';
import { type CriteriaId, criteriaIds, type DurationReading, type WarningLevel } from '../../../../engine/schema/warning.ts';
import { type AqiSeries, dayMs, daySeries, hourMs, StationHours } from '../../../../simulator/lab/warnings/aqiSeries.ts';
import { historyOf } from '../../../../simulator/lab/warnings/history.ts';
import { compareIssued, readIssued } from '../../../../simulator/lab/warnings/issued.ts';
import { readCityDays } from '../../../../simulator/readers/cityDays.ts';
import { openReader } from '../../../../simulator/readers/openReader.ts';
import type { Reader } from '../../../../simulator/readers/reader.ts';
import { hourFrame, hourSteps } from '../../../../simulator/readers/reader.ts';
import { demanded, demandedAt } from '../../../harness/criteriaOracle.ts';

const data = fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const filesOf = (folder: string, pattern: RegExp) =>
  existsSync(join(data, folder))
    ? readdirSync(join(data, folder))
        .filter((name) => pattern.test(name))
        .map((name) => join(data, folder, name))
    : [];
const hourly = filesOf('beijing', /\.csv(\.gz)?$/);
const daily = filesOf('cnemc', /^city_daily.*\.csv(\.gz)?$/);
const issued = join(data, 'warnings', 'warnings.csv');
if (hourly.length === 0) console.log('skipped: levels of real hours need ../shared/data/beijing (UCI, 12 stations)');
if (daily.length === 0) console.log('skipped: levels of real days need ../shared/data/cnemc (city_daily_*.csv)');

const readings: readonly DurationReading[] = ['blocks', 'rolling'];
const levels: readonly WarningLevel[] = ['red', 'orange', 'yellow', 'blue'];

async function hoursOf(file: string): Promise<AqiSeries> {
  const hours = new StationHours();
  await hours.take(await openReader(file), (problem) => {
    throw new Error(problem.message);
  });
  return hours.series() as AqiSeries;
}

/** Day -> level that the oracle demands, in the same way as `historyOf` says it: by the index of the day's last hour. */
function oracleDays({ aqi, startMs, everyMs }: AqiSeries, criteria: CriteriaId, reading: DurationReading): Map<string, string> {
  // Of a calendar day all 24 indices are taken to be its own: durations then count whole days.
  const perElement = everyMs / hourMs;
  const series = [...aqi].flatMap((value) => Array<number>(perElement).fill(value));
  const found = demanded(series, criteria, reading);
  const days = new Map<string, string>();
  for (let i = 0; i < series.length; i++) {
    const endMs = startMs + (i + 1) * hourMs;
    const date = formatBeijing(endMs - dayMs);
    if (date.slice(11, 13) !== '00') continue;
    const level = levels.find((each) => found[each].some(([first, last]) => first <= i && i <= last));
    days.set(date.slice(0, 10), level ?? '-');
  }
  return days;
}

const levelDays = (series: AqiSeries, criteria: CriteriaId, reading: DurationReading) =>
  new Map(historyOf(series, { criteria, reading }).days.map(({ day, level }) => [day, level ?? '-']));

describe.skipIf(daily.length === 0)('real days', () => {
  test('every city, edition and reading has the levels of the oracle', async () => {
    for (const file of daily) {
      for (const days of (await readCityDays(file)).cities.values()) {
        const series = daySeries(days) as AqiSeries;
        for (const criteria of criteriaIds)
          for (const reading of readings)
            expect(levelDays(series, criteria, reading)).toEqual(oracleDays(series, criteria, reading));
      }
    }
  }, 120_000);

  /** From the issue: what the criteria of 2016 say of the two famous Decembers, wherever the files have them. */
  test.each([
    ['2015-12-20', '2015-12-23', 'red'],
    ['2015-12-07', '2015-12-09', 'yellow'],
    ['2016-12-17', '2016-12-21', 'red'],
  ])('Beijing from %s to %s is %s by the criteria of 2016', async (from, to, level) => {
    let [asked, told] = [0, 0];
    for (const file of daily) {
      const days = (await readCityDays(file)).cities.get('北京');
      const found = [...levelDays(daySeries(days ?? []) as AqiSeries, 'jjj-2016', 'blocks')].filter(
        ([day]) => day >= from && day <= to,
      );
      told += 1;
      if (found.length === 0) continue;
      asked += 1;
      expect(found.map(([, each]) => each)).toEqual(found.map(() => level));
    }
    if (asked === 0) console.log(`not checked: none of ${told} daily files has Beijing on ${from}`);
  });

  test('beside what was issued: the alarm of 19 December 2015 agrees, that of 8 December was above the criteria', async () => {
    const file = daily.find((each) => each.includes('2015_jjj.csv'));
    if (file === undefined || !existsSync(issued)) return console.log('not checked: no days of 2015, or no warnings.csv');
    const series = daySeries((await readCityDays(file)).cities.get('北京') ?? []) as AqiSeries;
    const { episodes } = historyOf(series, { criteria: 'jjj-2016', reading: 'blocks' });
    const compared = compareIssued((await readIssued(issued, 'Beijing')).issued, episodes, series);
    const at = (day: string) => compared.find((each) => formatBeijing(each.issued.atMs).startsWith(day));
    expect(at('2015-12-19')?.agrees).toBe('yes');
    expect(at('2015-12-08')?.agrees).toBe('computed lower');
    expect(at('2016-12-16')?.agrees).toBe('no data');
  });
});

describe.skipIf(hourly.length === 0)('real hours', () => {
  test.each(hourly)(
    '%s: days have the levels of the oracle',
    async (file) => {
      const series = await hoursOf(file);
      for (const criteria of criteriaIds)
        for (const reading of readings)
          expect(levelDays(series, criteria, reading)).toEqual(oracleDays(series, criteria, reading));
    },
    300_000,
  );

  test.each(hourly)(
    '%s: assessed hour by hour, with five days of forecast and without, as the oracle',
    async (file) => {
      const { aqi, startMs } = await hoursOf(file);
      const back = 200;
      for (let now = back; now < aqi.length; now += 17) {
        const [criteria, reading] = [criteriaIds[now % 4], readings[now % 2]];
        for (const ahead of [0, 120]) {
          const part = aqi.slice(now - back, now + ahead + 1);
          const hours = [...part].map((aqi24, i) => ({
            hourMs: startMs + (now - back + i) * hourMs,
            aqi24,
            isForecast: i > back,
            byPm25: true,
            stations: 12,
            stationsAll: 12,
          }));
          const found = assess({ atMs: startMs + (now + 1) * hourMs, hours, criteria, reading });
          expect(found.level).toBe(demandedAt([...part], back, criteria, reading));
        }
      }
    },
    120_000,
  );

  test.each(hourly)(
    '%s: by monitoring alone is what was assessed at the end of each day',
    async (file) => {
      const series = await hoursOf(file);
      for (const { day, byMonitoring } of historyOf(series, { criteria: 'mee-2024', reading: 'blocks' }).days) {
        const atMs = fromBeijing(Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8))) + dayMs;
        const now = (atMs - series.startMs) / hourMs - 1;
        expect([day, byMonitoring ?? undefined]).toEqual([
          day,
          demandedAt([...series.aqi.subarray(Math.max(0, now - 500), now + 1)], Math.min(now, 500), 'mee-2024', 'blocks'),
        ]);
      }
    },
    120_000,
  );
});

const startMs = fromBeijing(2015, 12, 30);

/** Hours of stations with a value each of the pollutants that are given; NaN = gap. */
function readerOf(hours: readonly Readonly<Record<string, readonly number[]>>[], stations: readonly string[]): Reader {
  return {
    format: 'uci',
    async *steps() {
      for (const [i, values] of hours.entries()) {
        const columns = new Map(Object.entries(values).map(([id, column]) => [id, Float64Array.from(column)]));
        yield* hourSteps(startMs + i * hourMs, [hourFrame(startMs + i * hourMs, stations, columns)], [], 0);
      }
    },
  };
}

async function seriesOf(hours: readonly Readonly<Record<string, readonly number[]>>[], wanted?: readonly string[]) {
  const collected = new StationHours(wanted);
  await collected.take(readerOf(hours, ['A', 'B']), () => {});
  return collected.series();
}

describe('the index of a city', () => {
  const hour = (a: number, b: number) => ({ pm25: [a, b], pm10: [50, 50] });
  test('stations are averaged first; it begins with the twentieth hour, and crosses the year', async () => {
    const series = (await seriesOf(Array.from({ length: 50 }, () => hour(100, 200)))) as AqiSeries;
    expect([...series.aqi.slice(0, 19)].every(Number.isNaN)).toBe(true);
    expect([...series.aqi.slice(19)].every((aqi) => aqi === 200)).toBe(true);
    expect(series.byPm25[30]).toBe(1);
    expect(series.stations).toEqual(['A', 'B']);
  });
  test('stations can be chosen, and one that is silent in an hour is left out of it', async () => {
    expect(
      (
        await seriesOf(
          Array.from({ length: 24 }, () => hour(100, 200)),
          ['A'],
        )
      )?.aqi[23],
    ).toBe(132);
    expect((await seriesOf(Array.from({ length: 24 }, () => hour(Number.NaN, 150))))?.aqi[23]).toBe(200);
    expect(
      await seriesOf(
        Array.from({ length: 24 }, () => hour(1, 1)),
        ['C'],
      ),
    ).toBeUndefined();
  });
  test('without particles it cannot be told, however low the gases are', async () => {
    const gases = { so2: [10, 10], no2: [20, 20], co: [1, 1] };
    const series = await seriesOf([
      ...Array.from({ length: 24 }, () => hour(300, 300)),
      ...Array.from({ length: 24 }, () => gases),
    ]);
    expect(series?.aqi[23]).toBe(350);
    expect(series?.aqi[47]).toBeNaN();
  });
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-warnings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe('daily files', () => {
  test('a row per day and city, columns by their name', async () => {
    const path = await file(
      'long.csv',
      'date,city,AQI,col_PM2.5,pm10\n20151231,衡水市,,151,\n2016-01-01,衡水市,301,,\n2016-01-01,北京,10,5,5\n',
    );
    const { cities, problems } = await readCityDays(path);
    expect([...cities.keys()]).toEqual(['衡水', '北京']);
    expect([...(daySeries(cities.get('衡水') ?? []) as AqiSeries).aqi]).toEqual([201, 301]);
    expect(problems).toEqual([]);
  });
  test('a row per day, a column of PM2.5 per city; days that are missing are gaps', async () => {
    const path = await file(
      'wide.csv',
      'date,北京,天津市\n2016-02-28,150,1\n2016-03-01,151,1\n2016-03-0x,1,1\n2016-03-02,bad,1\n',
    );
    const { cities, problems } = await readCityDays(path);
    expect([...(daySeries(cities.get('北京') ?? []) as AqiSeries).aqi]).toEqual([200, Number.NaN, 201]);
    expect(problems.map(({ line }) => line)).toEqual([4, 5]);
  });
});

const dayOf = (date: number, pm25: number) => ({ startMs: startMs + date * dayMs, means: { pm25 } });

describe('episodes', () => {
  // 151 gives 201, 251 gives 301, 100 gives 132.
  const days = [100, 151, 251, 251, 151, 100, 151, 151, 100, 100, 151].map((pm25, i) => dayOf(i, pm25));
  const { episodes } = historyOf(daySeries(days) as AqiSeries, { criteria: 'jjj-2016', reading: 'blocks' });
  const at = (days: number) => startMs + days * dayMs;

  test('have the stretch of their highest level, and when monitoring alone met each level', () => {
    expect(episodes[0]).toMatchObject({ level: 'red', fromMs: at(1), untilMs: at(5), peak: 301, pm25Share: 1 });
    expect(episodes[0].monitoring).toEqual([
      { level: 'blue', atMs: at(2) },
      { level: 'yellow', atMs: at(3) },
      { level: 'orange', atMs: at(4) },
      { level: 'red', atMs: at(5) },
    ]);
    expect(episodes[0].en).toBe('AQI>200 for 96 h and AQI>300 for 48 h');
  });
  test('a day between two is less than the merging time: one number; blue has none', () => {
    expect(episodes.map(({ level, number }) => [level, number])).toEqual([
      ['red', 1],
      ['yellow', 1],
      ['blue', undefined],
    ]);
  });
  test('by date each stretch is judged by the edition of its time', () => {
    const autumn = fromBeijing(2018, 9, 28);
    const series = daySeries(
      [0, 1, 2, 3, 8, 9, 10].map((day) => ({ startMs: autumn + day * dayMs, means: { pm25: day === 2 ? 251 : 151 } })),
    ) as AqiSeries;
    const auto = historyOf(series, { criteria: 'auto', reading: 'blocks' });
    expect(auto.episodes.map(({ criteria, level }) => [criteria, level])).toEqual([
      ['mep-2017', 'orange'],
      ['mee-2018', 'orange'],
    ]);
  });
});

describe('issued warnings', () => {
  const head = 'region,event,level,at_local,until_local,confidence\n';
  test('are read with midnights of both kinds; ends and next events end them, else three days', async () => {
    const path = await file(
      'warnings.csv',
      `${head}Beijing,start,red,2015-12-31T24:00,,high\nBeijing and others,start,red,2016-01-01T04:00,,high\nBeijing,end,red,2016-01-03T12:00,,high\nBeijing,start,blue,2016-01-20,2016-01-21T24:00,low\nBeijing,start,unknown,XXXX-01-20,,low\nTianjin,start,red,2016-01-01,,low\n`,
    );
    const { issued: rows, problems } = await readIssued(path, 'beijing');
    expect(rows.map(({ atMs, untilMs }) => [atMs, untilMs])).toEqual([
      [fromBeijing(2016, 1, 1), undefined],
      [fromBeijing(2016, 1, 1, 4), undefined],
      [fromBeijing(2016, 1, 3, 12), undefined],
      [fromBeijing(2016, 1, 20), fromBeijing(2016, 1, 22)],
    ]);
    expect(problems.map(({ line }) => line)).toEqual([6]);
    const series = daySeries([0, 1, 2, 3, 4, 5].map((day) => dayOf(day, 151))) as AqiSeries;
    const { episodes } = historyOf(series, { criteria: 'jjj-2016', reading: 'blocks' });
    const compared = compareIssued(rows, episodes, series);
    expect(compared.map(({ untilMs, agrees }) => [untilMs, agrees])).toEqual([
      // The same level told again for a wider region ends nothing.
      [fromBeijing(2016, 1, 3, 12), 'computed lower'],
      [fromBeijing(2016, 1, 3, 12), 'computed lower'],
      [fromBeijing(2016, 1, 22), 'no data'],
    ]);
  });
});
