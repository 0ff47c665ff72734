// `lantian explain`, as a user runs it: texts in two languages, by id, by enterprise; what is wrong.

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lantian } from '../../harness/commandLine.ts';
import { findingOf, incidentOf } from '../../harness/judgements.ts';

const script = fileURLToPath(new URL('../../../engine/cli/lantian.js', import.meta.url));
const openedMs = Date.parse('2026-01-14T09:45:00+08:00');
const off = findingOf('P-0212-T', { openedMs, enterprise: 'E-0212' });
const flow = findingOf('CEMS-001', { openedMs, rule: 'stack-flow' });
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-explain-'));
  const write = (name: string, lines: readonly object[]) =>
    writeFile(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await write('findings.ndjson', [off, flow]);
  await write('incidents.ndjson', [incidentOf(off)]);
  await mkdir(join(folder, 'empty'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const explain = (...args: readonly string[]) => lantian('explain', ...args);

test('all incidents in Chinese, down to readings', async () => {
  const { out, code } = await explain(folder);
  expect(code).toBe(0);
  expect(out).toMatch(/^incident:treatment-off:P-0212-T/);
  expect(out).toMatch(/E-0212）：生产时治理设施未开启（警告，待派单）/);
  expect(out).toMatch(/依据：规则 treatment-off/);
  expect(out).toMatch(/0\.1 kW（01-14 09:45–09:46）/);
});

test('one finding in English, an enterprise with all of its incidents', async () => {
  expect((await explain(folder, flow.id, '--lang', 'en')).out).toMatch(/because of rule stack-flow, version 1/);
  const { out } = await explain(folder, 'E-0212', '--lang', 'en');
  expect(out).toMatch(/\(E-0212\): treatment off while production runs/);
  expect(out).not.toContain('stack-flow');
});

test('as JSON: a line each, with both languages', async () => {
  const lines = (await explain(folder, '--json')).out.trim().split('\n');
  expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([['id', 'zh', 'en', 'parts']]);
});

test.each([
  [['E-9999'], /"E-9999" is no incident or finding in .*allowed: ids of incidents\.ndjson and findings\.ndjson/],
  [['--lang', 'fr'], /--lang is "fr"; allowed: zh, en/],
])('%j is refused with what is allowed', async (args, message) => {
  const { err, code } = await explain(folder, ...args);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
});

test('a folder that is no run says how to make one', async () => {
  const { err, code } = await explain(join(folder, 'empty'));
  expect([code, err]).toEqual([2, expect.stringMatching(/there is no .*findings\.ndjson; allowed: the folder of a run/)]);
});

test('a reader that has seen enough is no error', async () => {
  const child = spawn(process.execPath, [script, 'rules'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (data) => {
    err += data;
  });
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect([code, err]).toEqual([0, '']);
});
