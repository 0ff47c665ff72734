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
import { tables } from '../../engine/edge/store/tables.ts';
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
/** Of the register, so that districts and the city have hours, and some that it does not know. */
const stations = Array.from({ length: 20 }, (_, i) => (i < 16 ? `HS-${String(i + 1).padStart(3, '0')}` : `S${i}`));
/** Frames of a minute, and minutes under way at once: their ticks are not waited for one by one. */
const parts = 4;
const burst = 5;
/** The ledger is compared but for the duplicate bin: frames that come again after a crash may stand there. */
const files = equalFiles.filter((name) => name !== 'ledger.json');

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

/** Some rows come late, some too late; a part of the stations in each frame. */
function frameOf(step: number, part: number): Frame {
  const indices = Array.from({ length: stations.length / parts }, (_, i) => i * parts + part);
  const nowMs = t0 + step * minuteMs;
  const chance = (stream: string, i: number) => uniform(seed, streamOf(stream), step * stations.length + i);
  const lateMs = indices.map((i) => {
    const each = chance('late', i);
    return each < 0.05 ? 40 * minuteMs : each < 0.06 ? 72 * 60 * minuteMs : 0;
  });
  return {
    kind: 'air',
    rows: indices.length,
    periodMs: 0,
    sources: stations,
    source: Uint16Array.from(indices),
    time: Float64Array.from(lateMs, (ms, i) => nowMs - ms - indices[i] * 1000),
    values: { pm25: Float64Array.from(indices, (i) => Math.round(chance('pm25', i) * 2000) / 10) },
  };
}

async function startServe(out: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const args = ['serve', '--clock', 'feed', '--port', '0', '--no-viewer', '--edition', 'hj633-2012', '--out', out];
  const mirror = influx === undefined ? [] : ['--influx', `${influx.url}/${basename(out)}`];
  const child = spawn(
    process.execPath,
    [
      'engine/cli/lantian.js',
      ...args,
      ...mirror,
      ...keepAll,
      '--option',
      'checkpointBytes=20000',
      '--option',
      'checkpointTimes=0',
    ],
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

/** Sends what the engine does not have yet, in bursts. Frame numbers are minutes times `parts`. */
async function send(client: FeedClient): Promise<void> {
  const first = client.nextSeq;
  const ticks: Promise<void>[] = [];
  // The tick that was under way when the engine went down comes again.
  if (first >= parts) ticks.push(client.tick(t0 + (Math.floor(first / parts) - 1) * minuteMs));
  for (let seq = first; seq < steps * parts; seq++) {
    const step = Math.floor(seq / parts);
    await client.send(frameOf(step, seq % parts));
    if (seq % parts === parts - 1) ticks.push(client.tick(t0 + step * minuteMs));
    if (ticks.length >= burst) await Promise.all(ticks.splice(0));
  }
  await Promise.all(ticks);
}

const connect = (url: string) => connectFeed({ url, feed: 'kill', clock: 'feed', format: 'columns', epoch: 'one' });

async function finish(out: string, url: string, child: ChildProcess): Promise<readonly string[]> {
  const client = await connect(url);
  await send(client);
  await client.end();
  client.close();
  await ended(child);
  return Promise.all(files.map((name) => readFile(join(out, name), 'utf8')));
}

interface LedgerFile {
  readonly rows: readonly { readonly received: number; readonly bins: Readonly<Record<string, number>> }[];
}

async function ledgerOf(out: string) {
  const { rows, ...others } = JSON.parse(await readFile(join(out, 'ledger.json'), 'utf8')) as LedgerFile;
  return {
    ...others,
    rows: rows.map(({ received, bins: { duplicate, ...bins }, ...rest }) => ({ ...rest, received: received - duplicate, bins })),
  };
}

/** Rows of one history that the other does not have as often, by table: raw rows, windows of every size and revision, hours, places. */
async function onlyIn(out: string, other: string) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  for (const [name, dir] of Object.entries({ a: out, b: other }))
    await connection.run(`ATTACH '${storePath(dir)}' AS ${name} (READ_ONLY)`);
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
  const names = await rowsOf(
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'a' AND table_name <> 'written' ORDER BY 1",
  );
  const found = [];
  for (const [table] of names) {
    const [[rows]] = await rowsOf(`SELECT count(*) FROM a.${table}`);
    const [shownA, shownB] = ['a', 'b'].map((name) => shown(name, String(table)));
    found.push({ table, rows: Number(rows), only: await rowsOf(`${shownA} EXCEPT ALL ${shownB} LIMIT 3`) });
  }
  connection.closeSync();
  instance.closeSync();
  return found;
}

/** The rows as they are stored, with texts for their numbers: which number a text has depends on what was written together. */
function shown(database: string, stored: string): string {
  if (stored === 'texts') return `SELECT text FROM ${database}.texts`;
  const name = stored.replace(/(_single)?_(rows|revisions)$/, '');
  const columns = tables.find((table) => table.name === name)?.columns.filter(({ type }) => type === 'TEXT') ?? [];
  const texts = columns.map((column) => `(SELECT text FROM ${database}.texts WHERE number = ${column.name}) AS ${column.name}`);
  return `SELECT *${texts.length === 0 ? '' : ` REPLACE (${texts.join(', ')})`} FROM ${database}.${stored}`;
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
    const minutes = 1 + Math.floor((uniform(seed, streamOf('kill'), kill) * steps) / kills);
    const to = Math.min(steps * parts, client.nextSeq + minutes * parts);
    const sending = send(client);
    sending.catch(() => {}); // its engine goes away
    while (client.acked < to - 1) await client.changed();
    child.kill('SIGKILL');
    await ended(child);
    await expect(sending).rejects.toThrow();
  }
  const last = await startServe(out);
  const found = await finish(out, last.url, last.child);
  for (const [i, name] of files.entries()) expect(found[i] === want[i], name).toBe(true);
  const ledger = await ledgerOf(whole);
  expect(await ledgerOf(out)).toEqual(ledger);
  for (const { table, only } of await onlyIn(out, whole)) expect(only, `${table}, killed only`).toEqual([]);
  const stored = await onlyIn(whole, out);
  for (const { table, only } of stored) expect(only, `${table}, uninterrupted only`).toEqual([]);
  const rows = Object.fromEntries(stored.map((each) => [each.table, each.rows]));
  expect(rows.air_raw_rows).toBe(ledger.rows[0].received); // some late rows are of a moment that had come on time
  for (const table of ['air_1m_single_rows', 'air_5m_revisions', 'air_1h_revisions', 'place_1h_revisions', 'rows_late_rows'])
    expect(rows[table], table).toBeGreaterThan(0);
  if (influx === undefined) return;
  const mirrored = await points('whole');
  expect(mirrored.length).toBeGreaterThan(stations.length * steps);
  expect((await points('killed')).join('\n') === mirrored.join('\n'), 'points in InfluxDB').toBe(true);
});
