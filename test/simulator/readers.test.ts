import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemText } from '../../simulator/fileProblem.ts';
import { openReader } from '../../simulator/readers/openReader.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-readers-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** All rows and problems of a file as plain objects. */
async function readAll(path: string) {
  const reader = await openReader(path);
  const rows: Record<string, unknown>[] = [];
  const problems: string[] = [];
  const ticks: number[] = [];
  const shares: number[] = [];
  for await (const step of reader.steps()) {
    for (const frame of step.frames)
      for (let row = 0; row < frame.rows; row++)
        rows.push({
          source: frame.sources[frame.source[row]],
          time: new Date(frame.time[row]).toISOString().slice(0, 16),
          ...Object.fromEntries(
            Object.entries(frame.values)
              .map(([metric, column]) => [metric, column[row]] as const)
              .filter(([, value]) => !Number.isNaN(value)),
          ),
        });
    for (const problem of step.problems) problems.push(problemText(problem).replace(`${folder}/`, ''));
    ticks.push(step.nowMs);
    if (step.share !== undefined) shares.push(step.share);
  }
  return { reader, rows, problems, ticks, shares };
}

const cnemc = [
  'date,hour,type,1074A,1075A',
  '20170101,1,AQI,90,',
  '20170101,1,PM2.5,67,70.5',
  '20170101,1,PM2.5_24h,99,99',
  '20170101,1,CO,1.234,',
  '20170101,2,PM2.5,68,',
  '',
].join('\n');
const cnemcRows = [
  { source: '1074A', time: '2016-12-31T16:00', pm25: 67, co: 1.234 },
  { source: '1075A', time: '2016-12-31T16:00', pm25: 70.5 },
  { source: '1074A', time: '2016-12-31T17:00', pm25: 68 },
];

describe('CNEMC', () => {
  test.each([
    ['plain', cnemc],
    ['gzipped', gzipSync(cnemc)],
    ['with byte order mark and CRLF', `\ufeff${cnemc.replaceAll('\n', '\r\n')}`],
    ['with quotes', cnemc.replace('date,hour,type', '"date","hour","type"')],
    ['without a last line end', cnemc.trimEnd()],
  ])('%s: "hour h" starts at h - 1, published values stand apart', async (name, content) => {
    const { reader, rows, problems, ticks, shares } = await readAll(await file(`${name}.csv`, content));
    expect(rows).toEqual(cnemcRows);
    expect(problems).toEqual([]);
    expect(reader.published).toEqual(new Map([[`1074A ${Date.parse('2016-12-31T16:00Z')}`, { aqi: 90 }]]));
    expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  test('hour 0 closes the day before, hour 24 this one', async () => {
    const { rows } = await readAll(
      await file('hours.csv', 'date,hour,type,A\n20170101,0,PM2.5,1\n20170101,24,PM2.5,2\n20170102,1,PM2.5,3\n'),
    );
    expect(rows.map(({ time }) => time)).toEqual(['2016-12-31T15:00', '2017-01-01T15:00', '2017-01-01T16:00']);
  });

  test('what is malformed is named by line, counted, and skipped; the rest counts', async () => {
    const lines = cnemc.split('\n');
    lines.splice(2, 0, 'x,1,PM2.5,1,2', '20170101,1,PM2.5', '20170101,1,Radon,1,2', '20170101,1,SO2,abc,7');
    lines.splice(9, 0, '20161231,5,PM2.5,1,1');
    const { rows, problems } = await readAll(await file('bad.csv', lines.join('\n')));
    expect(rows).toEqual([cnemcRows[0], { ...cnemcRows[1], so2: 7 }, cnemcRows[2]]);
    expect(problems).toEqual([
      'bad.csv:3: not a row of an hour (value x,1,PM2.5,1; allowed: date YYYYMMDD, hour 0-23, type, then 2 stations)',
      'bad.csv:4: not a row of an hour (value 20170101,1,PM2.5; allowed: date YYYYMMDD, hour 0-23, type, then 2 stations)',
      expect.stringMatching(/^bad.csv:5: unknown type \(value Radon; allowed: AQI, PM2.5, /),
      'bad.csv:6:4: not a number for SO2 of 1074A (value abc; allowed: a number or nothing)',
      'bad.csv:10: the hour goes back (value 20161231 5; allowed: hours in order)',
    ]);
  });
});

test('CNEMC snapshot: columns by name; 0 and -1 are gaps; swapped ozone columns are put right', async () => {
  const head = 'timepoint,stationcode,aqi,primarypollutant,pm2_5,pm10,so2,no2,co,o3,o3_24h';
  const { rows, reader } = await readAll(
    await file(
      'snapshot.csv',
      `${head}\n2017-07-07T16:00:00Z,1001A,105,臭氧1小时,20,40,0,-1,0.5,220,170\n2017-07-07T16:00:00Z,1002A,80,,20,40,3,4,0.5,200,150\n`,
    ),
  );
  expect(rows).toEqual([
    { source: '1001A', time: '2017-07-07T07:00', pm25: 20, pm10: 40, co: 0.5, o3: 170 },
    { source: '1002A', time: '2017-07-07T07:00', pm25: 20, pm10: 40, so2: 3, no2: 4, co: 0.5, o3: 150 },
  ]);
  expect([...(reader.published ?? [])][0][1]).toEqual({ aqi: 105, primary: '臭氧1小时' });
});

describe('UCI', () => {
  const head = 'No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,TEMP,PRES,DEWP,RAIN,wd,WSPM,station';
  test('stations one after the other come hour by hour, CO in mg/m³, humidity from dew point, wind from its name', async () => {
    const { rows, problems } = await readAll(
      await file(
        'uci.csv',
        `${head}\n1,2015,11,1,0,5,6,7,8,900,10,20,1010,10,0,NNW,1.5,A\n2,2015,11,1,1,NA,NA,NA,NA,NA,10,NA,NA,NA,0,NA,NA,A\n1,2015,11,1,0,15,6,7,8,900,10,20,1010,20,0,E,1.5,B\n`,
      ),
    );
    expect(problems).toEqual([]);
    expect(rows).toHaveLength(3);
    expect(rows.map(({ source, time }) => [source, time])).toEqual([
      ['A', '2015-10-31T16:00'],
      ['B', '2015-10-31T16:00'],
      ['A', '2015-10-31T17:00'],
    ]);
    expect(rows[0]).toMatchObject({ pm25: 5, co: 0.9, windFromDeg: 338 });
    expect(rows[0].rhPct).toBeCloseTo(52.5, 0);
    expect(rows[1]).toMatchObject({ rhPct: 100, windFromDeg: 90 });
    expect(rows[2]).toEqual({ source: 'A', time: '2015-10-31T17:00', o3: 10 });
  });

  test('a row of no hour is named by line', async () => {
    const { rows, problems } = await readAll(
      await file('uci2.csv', `${head}\n1,2015,11,1,99,5,6,7,8,900,10,20,1010,10,0,NNW,1.5,A\n1,2015\n`),
    );
    expect(rows).toEqual([]);
    expect(problems).toEqual([
      expect.stringContaining('uci2.csv:2: not a row of an hour'),
      expect.stringContaining('uci2.csv:3: not a row of an hour'),
    ]);
  });
});

describe('NDJSON', () => {
  test('rows of any kind in order of arrival; a tick at each new minute; bad lines are named', async () => {
    const { rows, problems, ticks } = await readAll(
      await file(
        'rows.ndjson',
        [
          '{"kind":"air","source":"A","time":"2026-01-05T08:00:10+08:00","pm25":50}',
          'not json',
          '{"kind":"dust","source":"D","time":1767571220000,"pm10":80.5}',
          '',
          '{"kind":"air","source":"A","time":"2026-01-05T08:01:10+08:00","pm25":51}',
          '{"kind":"nothing","source":"A","time":0}',
        ].join('\n'),
      ),
    );
    expect(rows).toEqual([
      { source: 'A', time: '2026-01-05T00:00', pm25: 50 },
      { source: 'D', time: '2026-01-05T00:00', pm10: 80.5 },
      { source: 'A', time: '2026-01-05T00:01', pm25: 51 },
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/^rows.ndjson:2: /),
      expect.stringMatching(/^rows.ndjson:6: .*allowed: air, cems, /),
    ]);
    expect(ticks.map((ms) => new Date(ms).toISOString().slice(11, 19))).toEqual(['00:01:00', '00:01:10']);
  });
});

test.each([
  ['empty.csv', '', 'of no known shape'],
  ['other.csv', 'a,b,c\n1,2,3\n', 'Expected (gzipped or not): CNEMC china_sites ("date,hour,type,…")'],
  ['image.csv', Buffer.from([137, 80, 78, 71, 0, 1, 2]), 'of no known shape'],
])('%s is refused with what was expected', async (name, content, words) => {
  await expect(openReader(await file(name, content))).rejects.toThrow(words);
});

test('a gzip file that is cut off is said to be damaged', async () => {
  const cut = gzipSync(cnemc.repeat(2000)).subarray(0, 200);
  await expect(readAll(await file('cut.csv', cut))).rejects.toThrow(/damaged/);
});

test('a file that is not there', async () => {
  await expect(openReader(join(folder, 'none.csv'))).rejects.toThrow(/there is no file/);
});
