// A simulation goes on when its engine is killed and started again, and when only the connection is lost; afterwards nothing shows.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectSteadily } from '../../simulator/feedClient.ts';
import { writeRegister } from '../../simulator/registerFiles.ts';
import { drive, makeSimulation } from '../../simulator/simulate.ts';
import { nightScenario, startEngine } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';
import { freePort } from '../harness/servers.ts';
import { sensorCity } from '../simulator/world/sensors/sensorCity.ts';

const lantian = fileURLToPath(new URL('../../engine/cli/lantian.js', import.meta.url));
const minutes = 150;
const scenario = nightScenario(`${minutes}m`);
const register = sensorCity();

let folder: string;
let want: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-resume-'));
  await writeRegister(join(folder, 'register'), register);
  const engine = await startEngine({ register, out: join(folder, 'whole') });
  await simulate(engine.url);
  await engine.close();
  want = await filesOf('whole');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const filesOf = (name: string) => Promise.all(equalFiles.map((file) => readFile(join(folder, name, file), 'latin1')));

async function simulate(url: string, onStep: (step: number) => void = () => {}, onNotice: (text: string) => void = () => {}) {
  const client = await connectSteadily({
    url,
    feed: 'sim',
    clock: 'feed',
    format: 'columns',
    epoch: '1',
    pausesMs: [50],
    onNotice,
  });
  let step = 0;
  await drive(client, makeSimulation(scenario, register).steps(), { speed: 'max', onStep: () => onStep(++step) });
  await client.end();
  client.close();
}

/** As the engines of the other tests are. */
const small = ['--store', 'memory', '--register', 'register'];

async function startServe(out: string, port: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [lantian, 'serve', '--clock', 'feed', '--no-viewer', '--port', String(port), '--out', out, ...small],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('http:')) return child;
  throw new Error(`serve did not start: ${errors}`);
}

test('an engine that is killed and started again gives the files of an undisturbed run', { timeout: 120_000 }, async () => {
  const out = join(folder, 'killed');
  const port = await freePort();
  let child = await startServe(out, port);
  const killAt = new Set([40, 110]);
  let isStarting = false;
  const notices: string[] = [];
  await simulate(
    `http://127.0.0.1:${port}`,
    (step) => {
      if (killAt.has(step)) child.kill('SIGKILL');
    },
    (text) => {
      notices.push(text);
      if (!text.includes('trying again') || isStarting) return;
      isStarting = true;
      void startServe(out, port).then((started) => {
        child = started;
        isStarting = false;
      });
    },
  );
  if (child.exitCode === null) await once(child, 'exit');
  expect(notices.filter((text) => text.includes('the engine is back'))).toHaveLength(killAt.size);
  const found = await filesOf('killed');
  for (const [i, name] of equalFiles.entries()) expect(found[i] === want[i], name).toBe(true);
});

/** A door in front of the engine that is slammed after so many bytes, again and again. */
async function slammedDoor(target: string, bytes: readonly number[]) {
  const rest = [...bytes];
  const { hostname, port } = new URL(target);
  const server = createServer((inside: Socket) => {
    const outside = connect(Number(port), hostname);
    let left = rest.shift() ?? Number.POSITIVE_INFINITY;
    const slam = () => {
      inside.destroy();
      outside.destroy();
    };
    for (const socket of [inside, outside]) socket.on('error', slam).on('close', slam);
    outside.on('data', (data) => inside.write(data));
    inside.on('data', (data) => {
      outside.write(data.subarray(0, left));
      left -= data.length;
      if (left <= 0) slam();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, rest, close: () => server.close() };
}

test('a connection that is cut anywhere, also inside of a frame, changes no byte', async () => {
  const engine = await startEngine({ register, out: join(folder, 'cut') });
  const door = await slammedDoor(engine.url, [3_000, 30_000, 500, 47_111, 1_234, 80_001, 12_345]);
  await simulate(door.url);
  expect(door.rest).toEqual([]);
  door.close();
  await engine.close();
  const found = await filesOf('cut');
  for (const [i, name] of equalFiles.entries()) expect(found[i] === want[i], name).toBe(true);
});
