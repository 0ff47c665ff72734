// `lantian warnings` as a user runs it: what it prints, and the exit code.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lantian as run } from '../../harness/commandLine.ts';

let folder: string;
let days: string;
let issued: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-cli-warnings-'));
  days = join(folder, 'days.csv');
  issued = join(folder, 'warnings.csv');
  const pm25 = [60, 151, 251, 251, 151, 60, 60];
  await writeFile(days, `date,北京,衡水市\n${pm25.map((value, i) => `2016-12-${17 + i},60,${value}`).join('\n')}\n`);
  await writeFile(
    issued,
    'region,event,level,at_local,until_local,confidence\nHengshui,start,red,2016-12-17T20:00,2016-12-21T24:00,high\n',
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const lantian = (...args: readonly string[]) => run('warnings', ...args);

test('prints episodes, days and the comparison with what was issued', async () => {
  const { out, err, code } = await lantian(
    days,
    '--city',
    '衡水',
    '--criteria',
    'jjj-2016',
    '--days',
    '--issued',
    issued,
    '--region',
    'hengshui',
  );
  expect([err, code]).toEqual(['', 0]);
  expect(out).toMatchInlineSnapshot(`
    "index of calendar days 2016-12-17 to 2016-12-23, 7 of 7 known; criteria jjj-2016, durations in blocks

    no  level  from              until             any level                   peak AQI24  PM2.5  by monitoring alone                                                        clause
    1   red    2016-12-18 00:00  2016-12-22 00:00  12-18 00:00 to 12-22 00:00  301         100 %  blue 12-19 00:00, yellow 12-20 00:00, orange 12-21 00:00, red 12-22 00:00  jjj-2016: AQI>200 for 96 h and AQI>300 for 48 h

    day         level  by monitoring alone  AQI
    2016-12-17  -      -                     82
    2016-12-18  red    blue                 201
    2016-12-19  red    yellow               301
    2016-12-20  red    orange               301
    2016-12-21  red    red                  201
    2016-12-22  -      -                     82
    2016-12-23  -      -                     82

    region    issued     from              until        computed                        by monitoring alone                                                        agree
    Hengshui  start red  2016-12-17 20:00  12-22 00:00  red 12-18 00:00 to 12-22 00:00  blue 12-19 00:00, yellow 12-20 00:00, orange 12-21 00:00, red 12-22 00:00  yes
    1 of 1 agree; 0 without data
    "
  `);
});

test('as JSON', async () => {
  const { out, code } = await lantian(days, '--city', '衡水市', '--json', '--reading', 'rolling');
  const found = JSON.parse(out);
  expect(code).toBe(0);
  expect(found).toMatchObject({ criteria: 'auto', reading: 'rolling', episodes: [{ level: 'red', criteria: 'jjj-2016' }] });
  expect(found.days.map(({ level }: { level: string | null }) => level)).toEqual([null, 'red', 'red', 'red', 'red', null, null]);
});

test('says so where nothing is demanded', async () => {
  expect((await lantian(days, '--city', '北京')).out).toContain('no level is demanded at any time');
});

test.each([
  [[], 'missing required argument', 2],
  [['DAYS'], '--city is not given; DAYS has: 北京, 衡水', 2],
  [['DAYS', '--city', '天津'], '--city is "天津"; DAYS has: 北京, 衡水', 2],
  [['DAYS', '--criteria', 'mee-1999'], '--criteria is "mee-1999"; allowed: auto, jjj-2016, mep-2017, mee-2018, mee-2024', 2],
  [['DAYS', '--reading', 'days'], '--reading is "days"; allowed: blocks, rolling', 2],
  [['DAYS', '--city', '北京', '--issued', 'x.csv'], '--issued needs --region NAME', 2],
  [['DAYS', '--city', '北京', '--issued', 'DAYS', '--region', 'x'], 'DAYS has no column region, event', 1],
  [['no-such-file.csv'], 'there is no file no-such-file.csv', 1],
])('%j fails', async (args, message, want) => {
  const { err, out, code } = await lantian(...args.map((arg) => (arg === 'DAYS' ? days : arg)));
  expect([out, code]).toEqual(['', want]);
  expect(err.replaceAll(days, 'DAYS')).toContain(message);
});
