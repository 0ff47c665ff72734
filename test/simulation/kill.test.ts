// The real process is killed at random moments while a real feed sends; afterwards nothing shows.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storePath } from '../../engine/app.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { connectFeed, type FeedClient } from '../../simulator/feedClient.ts';
import { streamOf, uniform } from '../../simulator/world/random.ts';
import { equalFiles } from '../harness/outputs.ts';
import { hasServer, startInflux1 } from '../harness/servers.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kills = Number(process.env.LANTIAN_KILLS ?? 5);
const seed = Number(process.env.LANTIAN_SEED ?? 1);
const minuteMs = 60_000;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');
const steps = Math.max(300, kills * 30);
const stations = Array.from({ length: 20 }, (_, i) => `S${i}`);
/** Frames that come again after a crash may stand in the ledger as duplicates, and in the journal. */
const files = equalFiles.filter((name) => name !== 'ledger.json' && name !== 'input.journal');

/** When old raw rows go depends on the restarts. */
const keepAll = ['--option', 'rawKeepMs=8640000000'];

let folder: string;
let influx: Awaited<ReturnType<typeof startInflux1>> | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-kill-'));
  if (hasServer('influxd')) influx = await startInflux1();
});
afterAll(async () => {
  await influx?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One frame a minute; some rows come late, some too late. Frame numbers are the minutes. */
function frameOf(step: number): Frame {
  const nowMs = t0 + step * minuteMs;
  const chance = (stream: string, i: number) => uniform(seed, streamOf(stream), step * stations.length + i);
  const lateMs = stations.map((_, i) => {
    const each = chance('late', i);
    return each < 0.05 ? 40 * minuteMs : each < 0.06 ? 72 * 60 * minuteMs : 0;
  });
  return {
    kind: 'air',
    rows: stations.length,
    periodMs: 0,
    sources: stations,
    source: Uint16Array.from(stations, (_, i) => i),
    time: Float64Array.from(lateMs, (ms, i) => nowMs - ms - i * 1000),
    values: { pm25: Float64Array.from(stations, (_, i) => Math.round(chance('pm25', i) * 2000) / 10) },
  };
}

async function startServe(out: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const args = ['serve', '--clock', 'feed', '--port', '0', '--no-viewer', '--edition', 'hj633-2012', '--out', out];
  const mirror = influx === undefined ? [] : ['--influx', `${influx.url}/${basename(out)}`];
  const child = spawn(
    process.execPath,
    ['engine/cli/lantian.js', ...args, ...mirror, ...keepAll, '--option', 'checkpointBytes=20000'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += data;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\S+/.exec(line)?.[0];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`serve did not start: ${errors}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Sends from where the engine is to the step, in lockstep. */
async function send(client: FeedClient, from: number, to: number): Promise<void> {
  // The tick that was under way when the engine went down comes again.
  if (from > 0) await client.tick(t0 + (from - 1) * minuteMs);
  for (let step = from; step < to; step++) {
    await client.send(frameOf(step));
    await client.tick(t0 + step * minuteMs);
  }
}

const connect = (url: string) => connectFeed({ url, feed: 'kill', clock: 'feed', format: 'columns', epoch: 'one' });

async function finish(out: string, url: string, child: ChildProcess): Promise<readonly string[]> {
  const client = await connect(url);
  await send(client, client.nextSeq, steps);
  await client.end();
  client.close();
  await ended(child);
  return Promise.all(files.map((name) => readFile(join(out, name), 'utf8')));
}

async function rawRows(out: string) {
  const instance = await DuckDBInstance.create(storePath(out), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll('SELECT source, event_ms, pm25, bin FROM air_raw ORDER BY ALL');
  const rows = reader.getRowsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/** Every point that a database of the real InfluxDB holds. */
async function points(database: string): Promise<readonly string[]> {
  const query = new URLSearchParams({ db: database, q: 'SELECT * FROM /.*/' });
  const answer = await fetch(`${influx?.url}/query?${query}`, { headers: { accept: 'application/csv' } });
  return (await answer.text()).split('\n').sort();
}

test(`killed ${kills} times (seed ${seed}): no row lost, none twice, the same files and points`, {
  timeout: 60_000 + kills * 15_000,
}, async () => {
  const whole = join(folder, 'whole');
  const first = await startServe(whole);
  const want = await finish(whole, first.url, first.child);

  const out = join(folder, 'killed');
  for (let kill = 0; kill < kills; kill++) {
    const { child, url } = await startServe(out);
    const client = await connect(url);
    const to = Math.min(steps, client.nextSeq + 1 + Math.floor((uniform(seed, streamOf('kill'), kill) * steps) / kills));
    const sending = send(client, client.nextSeq, steps);
    sending.catch(() => {}); // its engine goes away
    while (client.acked < to - 1) await client.changed();
    child.kill('SIGKILL');
    await ended(child);
    await expect(sending).rejects.toThrow();
  }
  const last = await startServe(out);
  const found = await finish(out, last.url, last.child);
  for (const [i, name] of files.entries()) expect(found[i] === want[i], name).toBe(true);
  expect(await rawRows(out)).toEqual(await rawRows(whole));
  if (influx === undefined) return;
  const mirrored = await points('whole');
  expect(mirrored.length).toBeGreaterThan(stations.length * steps);
  expect((await points('killed')).join('\n') === mirrored.join('\n'), 'points in InfluxDB').toBe(true);
});
