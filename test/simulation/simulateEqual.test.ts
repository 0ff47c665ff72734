// A scenario in one process and over WebSocket, in both formats: the engine is given identical rows, so its files are equal.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectFeed } from '../../simulator/feedClient.ts';
import { runHeadless } from '../../simulator/lab/headless.ts';
import { parseScenario } from '../../simulator/scenario.ts';
import { drive, makeSimulation } from '../../simulator/simulate.ts';
import { openTestRun, startEngine } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';
import { sensorCity } from '../simulator/world/sensors/sensorCity.ts';

const register = sensorCity();
const { scenario } = parseScenario(
  `schema: lantian-scenario/1
id: equal
title: equal
seed: 21
clock: { start: 2026-01-07T09:00:00+08:00, duration: 4h, step: 1m, warmup: 1h }
network_faults: [ { id: N1, scope: all, kind: outage, from: 1h, to: 2h, backfill: true }, { id: N2, scope: all, kind: duplicate, share: 0.05 } ]
`,
  'equal',
);
if (scenario === undefined) throw new Error('the scenario cannot be read');
const steps = () => makeSimulation(scenario, register).steps();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-equal-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const filesOf = (name: string) => Promise.all(equalFiles.map((file) => readFile(join(folder, name, file), 'utf8')));

test('in one process, over WebSocket as columns, as JSON and at another speed: equal files', async () => {
  const run = await openTestRun({ register, out: join(folder, 'process') });
  await runHeadless(run, steps(), { feed: 'sim' });
  await run.finish({});
  const want = await filesOf('process');
  expect(want[0].split('\n').length).toBeGreaterThan(10);
  for (const [name, format, speed] of [
    ['columns', 'columns', 'max'],
    ['json', 'json', 'max'],
    ['slow', 'columns', 60_000],
  ] as const) {
    const engine = await startEngine({ register, out: join(folder, name) });
    const client = await connectFeed({ url: engine.url, feed: 'sim', clock: 'feed', format, epoch: '1' });
    await drive(client, steps(), { speed, paceFromMs: scenario.startMs });
    await client.end();
    client.close();
    await engine.close();
    const found = await filesOf(name);
    for (const [i, file] of equalFiles.entries()) expect(found[i] === want[i], `${name} ${file}`).toBe(true);
  }
});
