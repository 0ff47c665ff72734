import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Packr } from 'msgpackr';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket, { type ClientOptions } from 'ws';
import { configFrom } from '../../../engine/config.ts';
import { closeCodes } from '../../../engine/edge/ingest/closeCodes.ts';
import { ingestServer } from '../../../engine/edge/ingest/ingestServer.ts';
import type { ServerMessage } from '../../../engine/schema/messages.ts';
import type { Serving } from '../../../engine/serve.ts';
import { connectFeed } from '../../../simulator/feedClient.ts';
import { openTestRun, startEngine } from '../../harness/engine.ts';

const t0 = Date.parse('2026-01-05T08:00:00+08:00');
const frameAt = (eventMs: number) => ({
  kind: 'air' as const,
  rows: 1,
  periodMs: 0,
  sources: ['HS-001'],
  source: Uint16Array.of(0),
  time: Float64Array.of(eventMs),
  values: { pm25: Float32Array.of(50) },
});

let engine: Serving | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

/** A raw socket that keeps what it is told. */
async function raw(url: string, hello?: object, options?: ClientOptions) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ingest`, options);
  const messages: ServerMessage[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as ServerMessage));
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  await once(socket, 'open');
  if (hello !== undefined) socket.send(JSON.stringify({ type: 'hello', ...hello }));
  const until = async (isThere: (message: ServerMessage) => boolean): Promise<ServerMessage> => {
    for (;;) {
      const found = messages.find(isThere);
      if (found !== undefined) return found;
      await once(socket, 'message');
    }
  };
  return { socket, messages, closed, until };
}

const rowsFrame = (seq: number, time: number) =>
  JSON.stringify({ kind: 'air', seq, rows: [{ source: 'HS-001', time, pm25: 50 }] });

const binOf = (bin: 'onTime' | 'duplicate' | 'rejected') =>
  engine?.run.ledger.ledger().rows.reduce((sum, row) => sum + row.bins[bin], 0);

async function ledgerOf(url: string): Promise<object> {
  return (await (await fetch(`${url}/api/ledger`)).json()) as object;
}

/** The ingest door alone, on a feed clock; the test says when feeds are pinged. */
async function door() {
  const config = configFrom({ clock: 'feed' });
  const failed = (error: Error) => {
    throw error;
  };
  const run = await openTestRun({ config });
  let ping = () => {};
  const ingest = ingestServer({
    run,
    config,
    wall: { nowMs: () => 0, steadyMs: () => 0 },
    pings(work) {
      ping = work;
      return () => {};
    },
    ended: async () => {},
    failed,
  });
  const server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', ingest.upgrade);
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ping: () => ping(),
    async close() {
      await ingest.close();
      server.close();
      await run.finish({});
    },
  };
}

describe('ingest', () => {
  test('rows, tick, done: in lockstep, in the ledger, balanced', async () => {
    engine = await startEngine();
    const client = await connectFeed({ url: engine.url, feed: 'f', clock: 'feed', format: 'columns', epoch: '1' });
    await client.send(frameAt(t0));
    await client.tick(t0 + 60_000);
    expect(binOf('onTime')).toBe(1);
    expect(client.acked).toBe(0);
    expect(engine.run.ledger.isBalanced()).toBe(true);
    await client.end();
    client.close();
  });

  test('both formats give the same row', async () => {
    engine = await startEngine();
    for (const [format, offset] of [
      ['json', 0],
      ['columns', 1000],
    ] as const) {
      const client = await connectFeed({ url: engine.url, feed: format, clock: 'feed', format, epoch: '1' });
      await client.send(frameAt(t0 + offset));
      await client.tick(t0 + 60_000);
      client.close();
    }
    await engine.run.written();
    const { series } = await engine.run.history!.series({
      kind: 'air',
      sources: ['HS-001'],
      metrics: ['pm25'],
      size: 'raw',
      fromMs: t0,
      toMs: t0 + 5000,
    });
    expect(series[0].mean).toEqual([50, 50]);
  });

  test('a frame that comes again after a reconnect is acknowledged and not taken twice', async () => {
    engine = await startEngine();
    const first = await connectFeed({ url: engine.url, feed: 'f', clock: 'feed', format: 'columns', epoch: 'e' });
    await first.send(frameAt(t0));
    await first.tick(t0 + 60_000);
    first.close();
    const again = await raw(engine.url, { feed: 'f', epoch: 'e' });
    expect(await again.until((message) => message.type === 'welcome')).toMatchObject({ resumeFrom: 1 });
    again.socket.send(JSON.stringify({ kind: 'air', seq: 0, rows: [{ source: 'HS-001', time: t0 + 1000, pm25: 9 }] }));
    again.socket.send('{"type":"nonsense"}');
    await again.until((message) => message.type === 'problem');
    expect(engine.run.intake.pendingRows).toBe(0);
    again.socket.close();
  });

  test('a frame behind a gap is refused with the number that is expected, and not lost when it comes again', async () => {
    engine = await startEngine();
    const client = await raw(engine.url, { feed: 'f', epoch: 'e', clock: 'feed' });
    for (const seq of [0, 2, 1, 2, 3]) client.socket.send(rowsFrame(seq, t0 + seq * 1000));
    client.socket.send(JSON.stringify({ type: 'tick', nowMs: t0 + 60_000 }));
    await client.until((message) => message.type === 'done');
    expect(client.messages.filter(({ type }) => type === 'problem')).toMatchObject([
      { code: 'seq-gap', frame: 3, field: 'seq', value: '2', allowed: '1' },
    ]);
    expect(client.messages.filter(({ type }) => type === 'ack')).toEqual([{ type: 'ack', seq: 3 }]);
    expect(binOf('onTime')).toBe(4);
    expect(await ledgerOf(engine.url)).toMatchObject({
      rows: [{ received: 4 }],
      outOfTurn: [{ feed: 'f', resentFrames: 0, resentRows: 0, gapFrames: 1, gapRows: 1 }],
    });
    client.socket.close();
  });

  test('the first frame of an epoch is frame 0', async () => {
    engine = await startEngine();
    const client = await raw(engine.url, { feed: 'f', epoch: 'new' });
    expect(await client.until((message) => message.type === 'welcome')).toMatchObject({ resumeFrom: 0 });
    client.socket.send(rowsFrame(7, t0));
    expect(await client.until((message) => message.type === 'problem')).toMatchObject({ code: 'seq-gap', allowed: '0' });
    expect(engine.run.intake.pendingRows).toBe(0);
    client.socket.close();
  });

  test('re-sent frames are counted beside the ledger, and answered with how far all is taken', async () => {
    engine = await startEngine();
    const client = await raw(engine.url, { feed: 'f', epoch: 'e', clock: 'feed' });
    for (const seq of [0, 1, 2, 0, 1]) client.socket.send(rowsFrame(seq, t0 + seq * 1000));
    client.socket.send(JSON.stringify({ type: 'tick', nowMs: t0 + 60_000 }));
    await client.until((message) => message.type === 'done');
    expect(client.messages.filter(({ type }) => type === 'ack')).toEqual([{ type: 'ack', seq: 2 }]);
    expect(await ledgerOf(engine.url)).toMatchObject({
      rows: [{ received: 3, bins: { onTime: 3, duplicate: 0 } }],
      outOfTurn: [{ feed: 'f', resentFrames: 2, resentRows: 2, gapFrames: 0, gapRows: 0 }],
    });
    client.socket.close();
  });

  test('a frame that is refused for what it holds, or that is empty, takes its number', async () => {
    engine = await startEngine({ settings: { frameBytesMax: 4096 } });
    const client = await raw(engine.url, { feed: 'f', epoch: 'e', clock: 'feed' });
    const columns = (seq: number, change: object) =>
      new Packr({ useRecords: false }).pack({
        ...{ v: 1, kind: 'air', seq, sources: ['HS-001'] },
        ...{ source: Buffer.alloc(4), time: Buffer.alloc(16), values: {} },
        ...change,
      });
    client.socket.send(columns(0, { kind: 'smell' }));
    client.socket.send(columns(1, { values: { pm99: Buffer.alloc(8) } }));
    client.socket.send('{"kind":"air","seq":2,"rows":[]}');
    client.socket.send('{"kind":"air","seq":3,"rows":[{"source":"HS-001"}]}');
    client.socket.send(columns(4, { values: { pm25: Buffer.alloc(5000) } }));
    client.socket.send(`{"kind":"air","seq":5,"rows":[{},{}${' '.repeat(5000)}]}`);
    client.socket.send(rowsFrame(6, t0));
    client.socket.send(columns(7, {}).subarray(0, 10)); // cut before its number
    client.socket.send('{"kind":');
    client.socket.send(JSON.stringify({ type: 'tick', nowMs: t0 + 60_000 }));
    await client.until((message) => message.type === 'done');
    expect(client.messages.flatMap((message) => (message.type === 'problem' ? [message.code] : []))).toEqual(
      'unknown-kind unknown-metric bad-time frame-too-large frame-too-large bad-msgpack bad-json'.split(' '),
    );
    expect(client.messages.filter(({ type }) => type === 'ack')).toEqual([{ type: 'ack', seq: 6 }]);
    expect(await ledgerOf(engine.url)).toMatchObject({
      rows: [
        {
          received: 10,
          bins: { onTime: 1, rejected: 9 },
          reasons: { 'unknown-kind': 2, 'unknown-metric': 2, 'bad-time': 1, 'frame-too-large': 4 },
        },
      ],
      refusedFrames: [
        {
          feed: 'f',
          codes: { 'unknown-kind': 1, 'unknown-metric': 1, 'frame-too-large': 2, 'bad-msgpack': 1, 'bad-json': 1 },
        },
      ],
    });
    client.socket.close();
  });

  test('a clock owner that does not answer any more is let go of, and its successor taken', async () => {
    const { url, ping, close } = await door();
    const gone = await raw(url, { feed: 'gone', clock: 'feed' }, { autoPong: false });
    await gone.until((message) => message.type === 'welcome');
    const other = await raw(url, { feed: 'other' });
    await other.until((message) => message.type === 'welcome');
    for (let i = 0; i < 3; i++) {
      const pinged = once(other.socket, 'ping');
      ping();
      await pinged;
      // Its answer to the ping has come when the answer to this has.
      other.socket.send('{"type":"end"}');
      await once(other.socket, 'message');
    }
    expect((await gone.closed)[0]).toBe(1006);
    const successor = await raw(url, { feed: 'gone', clock: 'feed' });
    expect(await successor.until((message) => message.type === 'welcome')).toMatchObject({ clock: 'feed' });
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
    await close();
  });

  test('only one feed may own the clock, and only where the engine has a feed clock', async () => {
    engine = await startEngine();
    const owner = await raw(engine.url, { feed: 'a', clock: 'feed' });
    await owner.until((message) => message.type === 'welcome');
    const second = await raw(engine.url, { feed: 'b', clock: 'feed' });
    expect((await second.closed)[0]).toBe(closeCodes.clockConflict);
    expect(second.messages[0]).toMatchObject({ type: 'problem', code: 'clock-conflict' });
    const device = await raw(engine.url, { feed: 'c' });
    device.socket.send(JSON.stringify({ type: 'tick', nowMs: t0 }));
    expect(await device.until((message) => message.type === 'problem')).toMatchObject({ code: 'bad-control' });
    owner.socket.close();
    device.socket.close();
  });

  test('the clock may not go back', async () => {
    engine = await startEngine();
    const client = await raw(engine.url, { feed: 'a', clock: 'feed' });
    client.socket.send(JSON.stringify({ type: 'tick', nowMs: t0 }));
    client.socket.send(JSON.stringify({ type: 'tick', nowMs: t0 - 1000 }));
    expect(await client.until((message) => message.type === 'problem')).toMatchObject({
      code: 'tick-backwards',
      value: String(t0 - 1000),
    });
    client.socket.close();
  });

  test('without a hello nothing is taken', async () => {
    engine = await startEngine();
    const client = await raw(engine.url);
    client.socket.send('{"kind":"air","source":"HS-001","time":1767571200000,"pm25":1}');
    expect((await client.closed)[0]).toBe(closeCodes.badHello);
    expect(engine.run.intake.pendingRows).toBe(0);
  });

  test('10,000 bad frames: answered, counted, closed; the other feed goes on', async () => {
    engine = await startEngine();
    const good = await connectFeed({ url: engine.url, feed: 'good', clock: 'feed', format: 'columns', epoch: '1' });
    const bad = await raw(engine.url, { feed: 'bad' });
    for (let i = 0; i < 10_000 && bad.socket.readyState === bad.socket.OPEN; i++)
      bad.socket.send(i % 2 === 0 ? Buffer.from([0xc1, i & 255]) : '{"kind":');
    for (let i = 0; i < 20; i++) {
      await good.send(frameAt(t0 + i * 60_000));
      await good.tick(t0 + i * 60_000 + 1000);
    }
    expect((await bad.closed)[0]).toBe(closeCodes.tooManyProblems);
    expect(bad.messages.filter((message) => message.type === 'problem').length).toBeGreaterThan(100);
    expect(binOf('onTime')).toBe(20);
    good.close();
  });

  test('a frame over the limit is answered; one far over it closes the socket', async () => {
    engine = await startEngine({ settings: { frameBytesMax: 4096 } });
    const client = await raw(engine.url, { feed: 'a' });
    client.socket.send(Buffer.alloc(5000));
    expect(await client.until((message) => message.type === 'problem')).toMatchObject({ code: 'frame-too-large', value: '5000' });
    client.socket.send(Buffer.alloc(100_000));
    expect((await client.closed)[0]).toBe(1009);
  });

  test('strict: a source that is not in the register is refused by name', async () => {
    engine = await startEngine({ strict: true });
    const client = await raw(engine.url, { feed: 'a', clock: 'feed' });
    client.socket.send('{"kind":"air","source":"XX-1","time":1767571200000,"pm25":1}');
    expect(await client.until((message) => message.type === 'problem')).toMatchObject({ code: 'unknown-source', value: 'XX-1' });
    expect(binOf('rejected')).toBe(1);
    client.socket.close();
  });

  test('wall clock: rows are acknowledged without ticks of ours', async () => {
    engine = await startEngine({ settings: { clock: 'wall' } });
    const client = await connectFeed({ url: engine.url, feed: 'device', clock: 'wall', format: 'json', epoch: '1' });
    await client.send(frameAt(Date.now()));
    await client.end();
    expect(client.acked).toBe(0);
    client.close();
  });
});
