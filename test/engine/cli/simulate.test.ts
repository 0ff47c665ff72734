import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingTargets, simulate } from '../../../engine/cli/verbs/simulate.ts';
import { ndjsonReader } from '../../../simulator/readers/ndjson.ts';
import { writeRegister } from '../../../simulator/registerFiles.ts';
import { parseScenario, readScenario, type Scenario, scenarioFile, scenarioNames } from '../../../simulator/scenario.ts';
import { makeSimulation } from '../../../simulator/simulate.ts';
import { makeActivity } from '../../../simulator/world/activity/activity.ts';
import { startEngine, testRegister } from '../../harness/engine.ts';
import { northWind } from '../../simulator/world/activity/smallCity.ts';
import { sensorCity } from '../../simulator/world/sensors/sensorCity.ts';

const head = `schema: lantian-scenario/1
id: short
title: short
seed: 3
clock: { start: 2025-01-12T09:00:00+08:00, duration: 30m, step: 1m, speed: 3600 }
`;
const register = sensorCity();
const incident =
  '{ id: E1, kind: control_failure, pollutant: PM, factor: 5, power: control_off, target: { type: cems, id: E-003 }, from: 5m, to: 20m }';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-simulate-'));
  await writeRegister(join(folder, 'register'), register);
  await writeFile(join(folder, 'short.yaml'), `${head}emissions:\n  events:\n    - ${incident}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const flags = (more: object) => ({ format: 'columns', describe: false, register: at('register'), ...more });
const never = new AbortController().signal;

function scenarioOf(more: string): Scenario {
  const { scenario, problems } = parseScenario(head + more, 'f');
  expect(problems).toEqual([]);
  return scenario as Scenario;
}

describe('a scenario that names what the register does not have', () => {
  const event = (more: string) => `emissions:\n  events:\n    - { id: E1, from: 5m, to: 20m, ${more} }\n`;

  test.each([
    [
      event('kind: control_failure, pollutant: PM, factor: 5, target: { type: cems, id: CEMS-999 }'),
      /^incident E1 \(control_failure\) finds no target: there is no "CEMS-999" of type cems; name another/,
    ],
    [
      event('kind: fugitive, height: 7, target: { type: cems, pick: random, county: anping }'),
      /^incident E1 \(fugitive\) finds no target: nothing in the register is of type cems, county 131125 .*leave out county, or take another type$/,
    ],
    [
      event('kind: dust_no_control, factor: 5, target: { type: site, rank: 50 }'),
      /nothing in the register is of type site, rank 50 .*leave out rank/,
    ],
    [
      event('kind: fire, count: 1, area_mu: 5, fuel: maize, at: upwind_of_station, station: HS-999, distance: 2km'),
      /^incident E1: there is no air station "HS-999"; .*pick: rural/,
    ],
    [
      'sensors:\n  faults:\n    - { id: F1, station: S099, param: pm25, kind: stuck, from: 5m, to: 9m }\n',
      /^fault F1: there is no source "S099"; name one of sources\.ndjson .*--register/,
    ],
  ] as const)('%s', (more, words) => {
    const episode = scenarioOf(more);
    const { unresolved } = makeSimulation(episode, register).city.activity;
    const lines = missingTargets(episode, register, unresolved);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(words);
  });

  test('is refused before anything is sent or written', async () => {
    await writeFile(at('bad.yaml'), `${head}sensors:\n  faults:\n    - { id: F1, station: S099, param: pm25, kind: stuck }\n`);
    await expect(simulate(at('bad.yaml'), flags({ record: at('bad.ndjson') }), never)).rejects.toThrow(
      /the scenario short cannot be run with this register:\n {2}fault F1: there is no source "S099"/,
    );
    expect(existsSync(at('bad.ndjson'))).toBe(false);
  });

  test.each(scenarioNames())('none of those that ship does: %s', async (name) => {
    const { scenario } = await readScenario(scenarioFile(name));
    const episode = scenario as Scenario;
    // Whether there is a target does not depend on the weather.
    const { unresolved } = makeActivity(episode.seed, testRegister, episode, northWind);
    expect(missingTargets(episode, testRegister, unresolved)).toEqual([]);
  });
});

describe('simulate', () => {
  test('--record without an engine writes the file and the answer key', async () => {
    await simulate(at('short.yaml'), flags({ record: at('alone.ndjson.gz'), truth: at('alone.truth') }), never);
    const ticks: number[] = [];
    for await (const { nowMs } of ndjsonReader(at('alone.ndjson.gz')).steps()) ticks.push(nowMs);
    expect(ticks).toHaveLength(30);
    expect(await ndjsonReader(at('alone.ndjson.gz')).feed()).toBe('simulator short');
    const truth = (await readFile(at('alone.truth'), 'utf8')).trim().split('\n');
    expect(truth.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ id: 'E1', class: 'incident', enterprise: 'E-003', process: 'P1' }),
    );
  });

  test('--record with --url writes the same file while it sends', async () => {
    const engine = await startEngine({ register });
    await simulate(at('short.yaml'), flags({ record: at('sent.ndjson'), url: engine.url, speed: 'max' }), never);
    await simulate(at('short.yaml'), flags({ record: at('again.ndjson') }), never);
    const sent = await readFile(at('sent.ndjson'), 'utf8');
    expect(sent === (await readFile(at('again.ndjson'), 'utf8'))).toBe(true);
    expect(engine.run.ledger.ledger().rows.map(({ feed }) => feed)).toContain('simulator short');
    await engine.close();
  });

  test.each([
    [{ out: 'x.svg' }, '--out needs --describe'],
    [{ record: 'x.ndjson', speed: '60' }, 'a recording without an engine is written at max; a speed needs --url'],
    [{ format: 'xml' }, 'allowed: columns, json'],
    [{ speed: '-1' }, '--speed is "-1"'],
    [{ url: 'http://127.0.0.1:1' }, 'no engine answers at'],
  ])('%j is refused', async (more, words) => {
    await expect(simulate(at('short.yaml'), flags(more), never)).rejects.toThrow(words);
  });
});

describe('the command line', () => {
  const lantian = fileURLToPath(new URL('../../../engine/cli/lantian.js', import.meta.url));
  const run = (...args: string[]) => spawnSync(process.execPath, [lantian, ...args], { cwd: folder, encoding: 'utf8' });

  test('run writes the answer key before the run is finished, and the recording', async () => {
    const args = ['run', 'short.yaml', '--register', 'register', '--out', 'out', '--record', 'run.ndjson', '--store', 'none'];
    const { status, stderr } = run(...args);
    expect(status, stderr).toBe(0);
    const summary = JSON.parse(await readFile(at('out/run.json'), 'utf8')) as { sha256: Record<string, string> };
    expect(summary.sha256['truth.ndjson']).toMatch(/^[0-9a-f]{64}$/);
    await simulate(at('short.yaml'), flags({ record: at('other.ndjson'), truth: at('other.truth') }), never);
    expect(await readFile(at('out/truth.ndjson'), 'utf8')).toBe(await readFile(at('other.truth'), 'utf8'));
    expect((await readFile(at('run.ndjson'), 'utf8')) === (await readFile(at('other.ndjson'), 'utf8'))).toBe(true);
  });

  test('simulate --describe draws a picture', async () => {
    await writeFile(at('day.yaml'), head.replace('30m', '7h'));
    const { status, stdout, stderr } = run('simulate', 'day.yaml', '--register', 'register', '--describe', '--out', 'day.svg');
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('Clock      2025-01-12T09:00:00+08:00 to 2025-01-12T16:00:00+08:00');
    expect(await readFile(at('day.svg'), 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  test('every option is in the help, with an example', () => {
    const help = run('simulate', '--help').stdout;
    for (const option of ['url', 'speed', 'seed', 'format', 'register', 'truth', 'record', 'describe', 'out'])
      expect(help.slice(help.indexOf('Example:')), option).toContain(`--${option}`);
  });
});
