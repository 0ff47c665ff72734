import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { LiveMessage } from '../../../engine/schema/live.ts';
import type { Serving } from '../../../engine/serve.ts';
import { connectFeed } from '../../../simulator/feedClient.ts';
import { startEngine } from '../../harness/engine.ts';

const t0 = Date.parse('2026-01-05T08:00:00+08:00');
let engine: Serving | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

async function viewer(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`);
  const messages: LiveMessage[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as LiveMessage));
  const until = async (isThere: (message: LiveMessage) => boolean): Promise<LiveMessage> => {
    for (;;) {
      const found = messages.find(isThere);
      if (found !== undefined) return found;
      await once(socket, 'message');
    }
  };
  await until(({ type }) => type === 'snapshot');
  return { socket, messages, until };
}

const frame = (eventMs: number, pm25: number, kind: 'air' | 'dust' = 'air', rows = 1) => ({
  kind,
  rows,
  periodMs: 0,
  sources: [kind === 'air' ? 'HS-001' : 'DUST-001'],
  source: new Uint16Array(rows),
  time: Float64Array.from({ length: rows }, (_, i) => eventMs + i * 1000),
  values: { pm25: Float32Array.from({ length: rows }, () => pm25) },
});

async function feed() {
  engine = await startEngine();
  return connectFeed({ url: engine.url, feed: 'f', clock: 'feed', format: 'columns', epoch: '1' });
}

describe('live feed', () => {
  test('rows, closed windows and ticks come in order of their numbers', async () => {
    const client = await feed();
    const { messages, until } = await viewer(engine!.url);
    await client.send(frame(t0, 50));
    await client.tick(t0 + 60_000);
    await client.tick(t0 + 240_000);
    await until((message) => message.type === 'tick' && message.nowMs === t0 + 240_000);
    expect(messages.map(({ type }) => type)).toEqual(['snapshot', 'rows', 'tick', 'windows', 'tick']);
    const seqs = messages.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(messages[3]).toMatchObject({ size: '1m', columns: { sources: ['HS-001'], eventMs: [t0], values: { pm25: [50] } } });
    client.close();
  });

  test('who comes later finds the newest row of every source in the snapshot', async () => {
    const client = await feed();
    await client.send(frame(t0 + 1000, 51));
    await client.send(frame(t0, 50));
    await client.tick(t0 + 60_000);
    const { messages } = await viewer(engine!.url);
    expect(messages[0]).toMatchObject({
      nowMs: t0 + 60_000,
      clock: 'feed',
      latest: [{ kind: 'air', sources: ['HS-001'], eventMs: [t0 + 1000], values: { pm25: [51] } }],
    });
    client.close();
  });

  test('kinds are subscribed to; anything else ends the connection with what is allowed', async () => {
    const client = await feed();
    const { socket, messages, until } = await viewer(engine!.url);
    await client.send(frame(t0, 40, 'dust'));
    await client.tick(t0 + 1000);
    await until(({ type }) => type === 'tick');
    expect(messages.some(({ type }) => type === 'rows')).toBe(false);
    socket.send('{"type":"subscribe","kinds":["dust"]}');
    const again = await until((message) => message.type === 'snapshot' && message.latest.length > 0);
    expect(again).toMatchObject({ latest: [{ kind: 'dust', sources: ['DUST-001'] }] });
    socket.send('{"type":"subscribe","kinds":["sea"]}');
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    expect([code, String(reason)]).toEqual([1008, 'allowed: {"type":"subscribe","kinds":[...]}']);
    client.close();
  });

  test('a viewer that does not read costs its budget and nobody else; when it reads again it gets a snapshot', async () => {
    engine = await startEngine({ settings: { viewerBytesMax: 65_536 } });
    const client = await connectFeed({ url: engine.url, feed: 'f', clock: 'feed', format: 'columns', epoch: '1' });
    const slow = await viewer(engine.url);
    const quick = await viewer(engine.url);
    slow.socket.pause();
    const rounds = 400;
    for (let i = 1; i <= rounds; i++) {
      await client.tick(t0 + i * 2_000_000);
      await client.send(frame(t0 + i * 2_000_000 - 1_000_000, i, 'air', 1000));
    }
    await client.tick(t0 + rounds * 2_000_000 + 1000);
    await quick.until((message) => message.type === 'tick' && message.nowMs === t0 + rounds * 2_000_000 + 1000);
    expect(quick.messages.filter(({ type }) => type === 'rows')).toHaveLength(rounds);
    slow.socket.resume();
    const caughtUp = () =>
      slow.messages.some((message) => message.type === 'tick' && message.nowMs > t0 + rounds * 2_000_000 + 1000);
    for (let i = 2; !caughtUp(); i++) await client.tick(t0 + rounds * 2_000_000 + i * 1000);
    expect(slow.messages.filter(({ type }) => type === 'rows').length).toBeLessThan(rounds);
    const last = slow.messages.findLast(({ type }) => type === 'snapshot');
    expect(last).toMatchObject({ latest: [{ values: { pm25: [rounds] } }] });
    client.close();
  });
});
