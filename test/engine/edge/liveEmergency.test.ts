// Warnings and orders on the live feed.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { type LiveServer, liveServer } from '../../../engine/edge/serve/liveServer.ts';
import type { LiveMessage } from '../../../engine/schema/live.ts';
import { complianceOf, type Decided, emergencyOutputs, orderOf, warningOf } from '../../harness/emergencies.ts';
import { namesOf } from '../../harness/outputs.ts';

const made = () => liveServer({ names: namesOf([]), clock: 'feed', viewersMax: 9, viewerBytesMax: 1e8 });
let live: LiveServer;
let server: Server;
beforeEach(async () => {
  live = made();
  server = createServer().on('upgrade', (request, socket, head) => live.upgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  live.close();
  server.close();
});

/** What a viewer is sent of these ticks, ticks left out. */
async function seen(ticks: readonly Decided[]): Promise<readonly LiveMessage[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`);
  const messages: LiveMessage[] = [];
  let ended = 0;
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as LiveMessage;
    if (message.type === 'tick') ended += 1;
    else messages.push(message);
  });
  await once(socket, 'message');
  for (const output of emergencyOutputs(ticks)) live.publish(output);
  while (ended < ticks.length) await once(socket, 'message');
  socket.terminate();
  return messages;
}

const warning = warningOf(1, 5);
const order = orderOf(1, 'E-1', 'P1');

test('a warning and its orders are told as they change, and nothing where nothing does', async () => {
  const verdict = complianceOf(order);
  const [, ...messages] = await seen([
    { nowMs: 5, warnings: [warning] },
    { nowMs: 6 },
    { nowMs: 7, orders: [order] },
    { nowMs: 8, compliance: [verdict] },
  ]);
  expect(messages).toEqual([
    { type: 'warnings', seq: expect.any(Number), warnings: [warning] },
    { type: 'orders', seq: expect.any(Number), count: 1, ids: [order.id], orders: [order], compliance: [] },
    { type: 'orders', seq: expect.any(Number), count: 1, ids: [order.id], orders: [], compliance: [verdict] },
  ]);
});

test('more than a hundred orders are told by their ids alone', async () => {
  const orders = Array.from({ length: 101 }, (_, i) => orderOf(1, `E-${i}`, 'P1'));
  const [, hundred, more] = await seen([
    { nowMs: 5, orders: orders.slice(0, 100) },
    { nowMs: 6, orders, compliance: orders.map((each) => complianceOf(each)) },
  ]);
  expect(hundred).toMatchObject({ count: 100, orders: orders.slice(0, 100) });
  expect(more).toEqual({
    type: 'orders',
    seq: expect.any(Number),
    count: 101,
    ids: orders.map(({ id }) => id),
    orders: [],
    compliance: [],
  });
});

test('who comes later finds the warnings that go on in the snapshot, also after a restart', async () => {
  const inForce = { ...warningOf(2, 7), state: 'in-force', level: 'red', revision: 3 } as const;
  const over = { ...warning, state: 'lifted', revision: 4 } as const;
  await seen([
    { nowMs: 5, warnings: [warning] },
    { nowMs: 6, warnings: [over, warningOf(2, 7)] },
    { nowMs: 7, warnings: [inForce] },
  ]);
  expect(await seen([])).toMatchObject([{ type: 'snapshot', nowMs: 7, warnings: [inForce] }]);
  const saved = structuredClone(live.save());
  live = made();
  live.restore(saved);
  expect(await seen([])).toMatchObject([{ type: 'snapshot', nowMs: 7, warnings: [inForce] }]);
});
