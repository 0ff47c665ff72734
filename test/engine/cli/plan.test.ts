// The verbs about plans, as a user runs them: what they print and write, and the exit code.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csvBytes, csvRows, decodeCsv } from '../../../engine/edge/plans/csvFile.ts';
import type { Register } from '../../../engine/schema/register.ts';
import { readRegister, writeRegister } from '../../../simulator/registerFiles.ts';
import { lantian as run } from '../../harness/commandLine.ts';
import { enterpriseOf, limit, registerWith, stop, transport } from '../../harness/planRegisters.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const township = (code: string, district: string) => ({ code, zh: code, en: code, district, lon: 115.7, lat: 37.7 });
const red = { yellow: [limit('P1', 50), transport], orange: [limit('P1', 20), transport], red: [stop('P1'), transport] };
const register: Register = {
  ...registerWith([
    enterpriseOf('E1', { plan: red }),
    enterpriseOf('E2', { grade: 'A', plan: { yellow: [transport], orange: [transport], red: [transport] } }),
  ]),
  townships: [township('131102001', '131102'), township('131121001', '131121')],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-cli-plan-'));
  await writeRegister(at('register'), register);
  const broken = { ...register, enterprises: [enterpriseOf('E1', { grade: 'A', plan: red })] };
  await writeRegister(at('broken'), broken);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const lantian = (...args: readonly string[]) => run('plan', ...args);

describe('lantian plan check', () => {
  test('says for the simulated city whether each level reaches its cut', async () => {
    const { out, code } = await lantian('check', '--lang', 'en');
    expect(code).toBe(0);
    expect(out).toContain('Result: reached in the city as a whole');
    expect(out).toContain('4726 of 5013 enterprises stop or limit processes');
    expect(out).toContain('No plan breaks a rule, at any level.');
    expect(out.match(/^131\d{3} /gm)).toHaveLength(13);
    expect((await lantian('check')).out).toContain('结论：全市达到要求');
  });

  test('gives the same as JSON, and fails where the cut is not reached', async () => {
    const { out, code } = await lantian('check', '--register', at('register'), '--level', 'yellow', '--json');
    const { city, counties, requiredPct } = JSON.parse(out);
    expect(requiredPct).toEqual({ so2: 10, nox: 10, pm: 10, voc: 10 });
    expect(counties).toHaveLength(2);
    expect(city.parts[1]).toMatchObject({ id: 'limit', orders: 1, cutKg: { so2: 90 } });
    expect(code).toBe(city.isReached ? 0 : 1);
  });

  test('fails where a plan breaks a rule, and names it', async () => {
    const { out, code } = await lantian('check', '--register', at('broken'), '--lang', 'en');
    expect(code).toBe(1);
    expect(out).toContain('Result: NOT reached: SO2');
    expect(out).toContain('3 measures break a rule:');
    expect(out).toContain(
      '- E1 red P1: A, leading and positive list are neither stopped nor limited (stop; allowed: transport only',
    );
  });

  test('takes another inventory and other required cuts from a file, and says what cannot be', async () => {
    await writeFile(at('settings.json'), '{"editions": {"mee-2024": {"requiredPct": {"red": {"so2": 99}}}}}');
    const { out, code } = await lantian('check', '--settings', at('settings.json'), '--lang', 'en');
    expect([code, out.includes('NOT reached: SO2 32.1 < 99 %')]).toEqual([1, true]);
    for (const [text, message] of [
      ['{"usualLoad": 2}', 'usualLoad is 2; allowed: a number from 0 to 1'],
      ['{"sectors": {"ships": {}}}', 'there is no sectors.ships; allowed: vehicles,'],
      ['{"sectors": {"vehicles": {"tpd": {"so2": 1}}}}', 'sectors.vehicles.tpd is {"so2":1}; allowed: all of so2, nox, pm, voc'],
      ['{"sectors": {"vehicles": {"sharePct": {"so2": 100}}}}', 'sharePct.so2 of the sectors is 133 % in all'],
      ['{', 'is not JSON'],
    ]) {
      await writeFile(at('settings.json'), text);
      const result = await lantian('check', '--settings', at('settings.json'));
      expect([result.code, result.out]).toEqual([2, '']);
      expect(result.err).toContain(message);
    }
    expect((await lantian('check', '--settings', at('none.json'))).err).toContain('there is no file');
    await writeFile(at('settings.json'), (await lantian('settings')).out);
    expect((await lantian('check', '--settings', at('settings.json'))).code).toBe(0);
  });

  test.each([
    [['check', '--level', 'blue'], '--level is "blue"; allowed: yellow, orange, red'],
    [['check', '--edition', '2020'], '--edition is "2020"; allowed: hebei-2018, mee-2019, mee-2024'],
    [['check', '--lang', 'fr'], '--lang is "fr"; allowed: zh, en'],
    [['orders', '--level', 'red', '--out', 'x.csv', '--at', 'soon'], '--at is "soon"; allowed: ISO 8601'],
    [['export', '--out', 'x.csv', '--encoding', 'gbk'], '--encoding is "gbk"; allowed: utf-8, gb18030'],
    [['import', 'nowhere.csv', '--out', 'x'], 'there is no file nowhere.csv'],
  ])('wrong use: %j', async (args, message) => {
    const { err, code } = await lantian(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('lantian plan export, import', () => {
  test('a list that went out and came in again gives the same register', async () => {
    expect((await lantian('export', '--register', at('register'), '--out', at('p.csv'), '--encoding', 'gb18030')).code).toBe(0);
    const { out, code } = await lantian('import', at('p.csv'), '--register', at('register'), '--out', at('again'));
    expect(code).toBe(0);
    expect(out).toBe(`${at('p.csv')}: gb18030, 6 rows, 0 problems\n${at('again')}: plans of 2 enterprises taken\n`);
    for (const name of ['city.json', 'enterprises.ndjson', 'townships.ndjson'])
      expect(await readFile(join(at('again'), name), 'utf8')).toBe(await readFile(join(at('register'), name), 'utf8'));
  });

  test('a list with a wrong cell is not taken, unless partly', async () => {
    const rows = [
      ['企业编号', '工序', '红色措施'],
      ['E1', 'P2', '停产+运输'],
      ['E2', 'P1', '停产'],
    ];
    await writeFile(at('wrong.csv'), csvBytes(rows, 'utf-8'));
    const args = ['import', at('wrong.csv'), '--register', at('register'), '--out', at('partly')];
    const refused = await lantian(...args);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain(`${at('wrong.csv')}: row 3, column C 红色措施: E2 P1: breaks the rule exempt-grade`);
    expect(refused.out).toContain('nothing was taken; --partly takes');
    expect((await readRegister(at('partly'))).register).toBeUndefined();
  });

  test('partly: the good ones are in the register that is written', async () => {
    const rows = [
      ['企业编号', '工序', '红色措施'],
      ['E1', 'P1', '停产+运输'],
      ['E1', 'P2', '停产'],
      ['E2', 'P1', '停产'],
    ];
    await writeFile(at('half.csv'), csvBytes(rows, 'gb18030'));
    const { out, code } = await lantian('import', at('half.csv'), '--register', at('register'), '--out', at('half'), '--partly');
    expect(code).toBe(1);
    expect(out).toContain('plans of 1 enterprises taken, 1 left out');
    const written = (await readRegister(at('half'))).register;
    expect(written?.enterprises[0].plan).toEqual({ ...red, red: [stop('P1'), stop('P2'), transport] });
    expect(written?.enterprises[1]).toEqual(register.enterprises[1]);
  });

  test('--help names every column', async () => {
    const { out } = await lantian('import', '--help');
    for (const name of ['统一社会信用代码', '绩效分级', '涉气', '橙色限产比例', 'red_to_pct']) expect(out).toContain(name);
  });
});

describe('lantian plan orders', () => {
  test('writes every order of the level for Excel, and says that it is a draft', async () => {
    const time = ['--at', '2026-01-05T12:00:00+08:00', '--until', '2026-01-08T00:00:00+08:00'];
    const { out, code } = await lantian('orders', '--register', at('register'), '--level', 'red', '--out', at('o.csv'), ...time);
    expect(code).toBe(0);
    expect(out).toBe(
      `${at('o.csv')}: 3 orders to 2 enterprises (stop 1, limit 0, transport 2), from 2026-01-05T12:00:00+08:00: a draft, nothing is issued\n`,
    );
    const rows = csvRows(decodeCsv(await readFile(at('o.csv')))?.text ?? '');
    expect(rows.slice(1).map((row) => [row[0], row[9], row[11], row[12]])).toEqual([
      ['order:draft:E1:P1', '停产', '2026-01-05 12:00', '2026-01-08 00:00'],
      ['order:draft:E1:-', '运输管控', '2026-01-05 12:00', '2026-01-08 00:00'],
      ['order:draft:E2:-', '运输管控', '2026-01-05 12:00', '2026-01-08 00:00'],
    ]);
  });
});
