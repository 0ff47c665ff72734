import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { configFrom } from '../../../engine/config.ts';
import { type IngestServer, ingestServer } from '../../../engine/edge/ingest/ingestServer.ts';
import { overload } from '../../../engine/edge/ingest/overload.ts';
import type { Run } from '../../../engine/run.ts';
import { connectFeed, type FeedClient } from '../../../simulator/feedClient.ts';
import { openTestRun } from '../../harness/engine.ts';

const second = 1_000;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');
const feeds = [
  { name: 'stations', priority: 9, rows: 10 },
  { name: 'meters', priority: 5, rows: 900 },
  { name: 'cameras', priority: 5, rows: 20 },
];

test('the least important feed is shed after the time, then the next, never the last; they come back in reverse', () => {
  const load = overload({ shedAfterMs: 10 * second, takeBackAfterMs: 20 * second });
  const at = (seconds: number, isHeldBack: boolean) => load.judge(seconds * second, isHeldBack, feeds);
  expect([at(0, true), at(9, true), at(10, true)]).toEqual([{}, {}, { shed: 'meters' }]); // of two with 5 the one that sends most
  expect([at(19, true), at(20, true), at(40, true), at(60, true)]).toEqual([{}, { shed: 'cameras' }, {}, {}]);
  expect(load.shed()).toEqual(['meters', 'cameras']);
  expect([at(61, false), at(80, false), at(81, false), at(101, false), at(200, false)]).toEqual([
    {},
    {},
    { back: 'cameras' },
    { back: 'meters' },
    {},
  ]);
});

test('a break in the overload starts the time again; 0 means never', () => {
  const load = overload({ shedAfterMs: 10 * second, takeBackAfterMs: second });
  for (let at = 0; at < 100; at++) expect(load.judge(at * second, at % 9 !== 0, feeds)).toEqual({});
  const never = overload({ shedAfterMs: 0, takeBackAfterMs: second });
  for (let at = 0; at < 100; at++) expect(never.judge(at * second, true, feeds)).toEqual({});
});

let close: () => Promise<void> = async () => {};
afterEach(() => close());

/** An ingest door on a wall clock that the test turns, before stores that answer when the test says so. */
async function door(settings: Readonly<Record<string, unknown>> = {}) {
  let wallMs = t0;
  let beat = () => {};
  let letStoresGo: () => void = () => {};
  let stores: Promise<void> = Promise.resolve();
  const config = configFrom({
    rowsPendingMax: 1_000,
    shedAfterMs: 10 * second,
    takeBackAfterMs: 10 * second,
    drainMs: 1,
    ...settings,
  });
  const fail = (error: Error) => {
    throw error;
  };
  const run: Run = await openTestRun({ config, failed: fail });
  const ingest: IngestServer = ingestServer({
    run: { ...run, settled: () => stores },
    config,
    wall: { nowMs: () => wallMs, steadyMs: () => wallMs },
    beats(work) {
      beat = work;
      return () => {};
    },
    ended: async () => {},
    failed: fail,
  });
  const server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', ingest.upgrade);
  await once(server, 'listening');
  close = async () => {
    letStoresGo();
    await ingest.close();
    server.close();
    await run.finish({});
  };
  return {
    run,
    ingest,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nowS: () => ((run.nowMs as number) - t0) / second,
    turn(seconds: number) {
      for (let i = 0; i < seconds; i++) {
        wallMs += second;
        beat();
      }
    },
    block() {
      stores = new Promise((resolve) => {
        letStoresGo = resolve;
      });
    },
    unblock: () => letStoresGo(),
  };
}

const frame = (rows: number, source = 'HS-001', fromMs = t0) => ({
  kind: 'air' as const,
  rows,
  periodMs: 0,
  sources: [source],
  source: new Uint16Array(rows),
  time: Float64Array.from({ length: rows }, (_, i) => fromMs + i * second),
  values: { pm25: new Float32Array(rows).fill(50) },
});
const bins = (run: Run, feed: string) => run.ledger.ledger().rows.find((row) => row.feed === feed)?.bins;

const received = (run: Run, feed: string) => run.ledger.ledger().rows.find((row) => row.feed === feed)?.received;

async function flood(client: FeedClient, isSlow: () => boolean, fromMs?: number): Promise<number> {
  let sent = 0;
  while (!isSlow()) {
    await client.send(frame(400, 'HS-001', fromMs));
    sent += 400;
    await new Promise(setImmediate);
  }
  return sent;
}

test('a feed that has to wait holds the clock; after the time the less important feed is shed and counted', async () => {
  const { run, ingest, url, nowS, turn, block, unblock } = await door();
  const open = (feed: string, priority: number) =>
    connectFeed({ url, feed, clock: 'wall', format: 'columns', epoch: '1', priority });
  const [stations, meters] = [await open('stations', 9), await open('meters', 1)];
  turn(5);
  expect(nowS()).toBe(5);

  block();
  const sentByMeters = await flood(meters, () => ingest.overload().heldBack === 1);
  turn(9);
  expect(nowS()).toBe(5); // held back by us is not silence
  expect(ingest.overload()).toEqual({ heldBack: 1, shed: [] });

  turn(3);
  expect(ingest.overload()).toEqual({ heldBack: 0, shed: ['meters'] });
  await meters.send(frame(7));
  // And what was on its way when the engine stopped reading.
  await expect.poll(() => (bins(run, 'meters')?.shed ?? 0) % 400).toBe(7);
  const shed = bins(run, 'meters')?.shed;
  expect(run.health()).toMatchObject({ ready: true });

  unblock();
  await expect.poll(() => received(run, 'meters')).toBe(sentByMeters + 7);
  turn(2);
  expect(nowS()).toBe(19);
  turn(12);
  expect(ingest.overload()).toEqual({ heldBack: 0, shed: [] });
  await meters.send(frame(3));
  await expect.poll(() => received(run, 'meters')).toBe(sentByMeters + 7 + 3);
  expect(bins(run, 'meters')?.shed).toBe(shed);
  stations.close();
  meters.close();
});

test('a feed that was held back for 20 minutes sends what it has kept, and nothing of it is late', async () => {
  const { run, ingest, url, nowS, turn, block, unblock } = await door({ shedAfterMs: 0 });
  const meters = await connectFeed({ url, feed: 'meters', clock: 'wall', format: 'columns', epoch: '1' });
  turn(5);
  block();
  const sentBefore = await flood(meters, () => ingest.overload().heldBack === 1, t0 - 120 * second);
  expect(ingest.heldFeeds()).toEqual(['meters']);
  const kept = (async () => {
    for (let minute = 0; minute < 20; minute++) await meters.send(frame(1, 'HS-002', t0 + minute * 60 * second));
  })();
  turn(20 * 60);
  expect(nowS()).toBe(5);
  expect(ingest.time().behindMs).toBe(20 * 60 * second);

  unblock();
  await kept;
  await expect.poll(() => received(run, 'meters')).toBe(sentBefore + 20);
  turn(60);
  expect(nowS()).toBe(5 + 20 * 60 + 60);
  expect(bins(run, 'meters')).toMatchObject({ lateRevised: 0, lateDiverted: 0, quarantined: 0, shed: 0 });
  meters.close();
});

test('while stores are behind, rows wait in the intake and not in the queues of the stores', async () => {
  const { run, url, turn, block, unblock } = await door();
  const meters = await connectFeed({ url, feed: 'meters', clock: 'wall', format: 'columns', epoch: '1' });
  block();
  await meters.send(frame(1));
  await expect.poll(() => received(run, 'meters')).toBe(1);
  await meters.send(frame(2, 'HS-002'));
  await expect.poll(() => run.intake.pendingRows).toBe(2);
  turn(3);
  expect(received(run, 'meters')).toBe(1);
  unblock();
  await expect.poll(() => received(run, 'meters')).toBe(3);
  await meters.end();
  meters.close();
});
