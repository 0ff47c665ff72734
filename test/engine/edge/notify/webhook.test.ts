// What a webhook is sent of warnings and orders: POSTs of their own, beside those of incidents.

import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configFrom } from '../../../../engine/config.ts';
import { diskWatch } from '../../../../engine/edge/disk.ts';
import { emergencyWebhookSink, webhookSink } from '../../../../engine/edge/notify/webhook.ts';
import { openOutputs } from '../../../../engine/edge/outputs.ts';
import { emergencyOutputs, orderOf, warningOf } from '../../../harness/emergencies.ts';
import { findingOf, incidentOf } from '../../../harness/judgements.ts';
import { namesOf } from '../../../harness/outputs.ts';

const secret = 'correct horse';
let dir: string;
let receiver: Server;
let url: string;
let posts: { readonly body: string; readonly signature: string }[];
/** Of each POST, in turn; then 200. */
let answers: number[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lantian-webhook-'));
  posts = [];
  answers = [];
  receiver = createServer(async (request, answer) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    answer.statusCode = answers.shift() ?? 200;
    if (answer.statusCode === 200)
      posts.push({ body: Buffer.concat(parts).toString(), signature: String(request.headers['x-lantian-signature']) });
    answer.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  receiver.close();
  await rm(dir, { recursive: true, force: true });
});

const bodies = () => posts.map(({ body }) => JSON.parse(body) as Record<string, unknown[]>);

test('warnings and orders go in signed POSTs of their own; what incidents are sent in stays as it was', async () => {
  const outputs = await openOutputs({
    store: 'none',
    mirrors: [],
    webhooks: [webhookSink({ url, secret })],
    emergencyWebhooks: [emergencyWebhookSink({ url, secret })],
    spoolDir: dir,
    config: configFrom(),
    sources: namesOf([]),
    feedName: String,
    disk: diskWatch({}),
    resume: false,
    saved: undefined,
    durable: async () => {},
    failed: (error) => {
      throw error;
    },
  });
  const warning = warningOf(1, 5);
  const [order, transport] = [orderOf(1, 'E-1', 'P1'), orderOf(1, 'E-1', '-', { action: 'transport' })];
  const incident = incidentOf(findingOf('A'));
  const [first] = emergencyOutputs([{ nowMs: 5, warnings: [warning], orders: [order, transport] }]);
  outputs.offer({ ...first, incidents: [incident] });
  await outputs.settled(0);
  await outputs.close({}, {});
  expect(outputs.health(undefined).map(({ name, written }) => [name, written])).toEqual([
    [`webhook ${url}`, 1],
    [`emergency webhook ${url}`, 3],
  ]);
  expect(bodies().sort((a, b) => Object.keys(a).length - Object.keys(b).length)).toEqual([
    { incidents: [incident] },
    { type: 'emergency', warnings: [warning], orders: [order, transport] },
  ]);
  for (const { body, signature } of posts) {
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    expect(hex).toBe(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
  }
});

test('an output with neither is no POST', async () => {
  const sink = emergencyWebhookSink({ url });
  await sink.write([]);
  expect(posts).toEqual([]);
});

test('the orders of a whole city go a thousand at a time, in order, the warning first', async () => {
  const orders = Array.from({ length: 2_500 }, (_, i) => orderOf(1, `E-${i}`, 'P1'));
  const news = [{ warning: warningOf(1, 5) }, ...orders.map((order) => ({ order }))];
  await emergencyWebhookSink({ url }).write(news);
  const sent = bodies();
  expect(sent.map((body) => [body.warnings.length, body.orders.length])).toEqual([
    [1, 999],
    [0, 1_000],
    [0, 501],
  ]);
  expect(sent.flatMap((body) => body.orders)).toEqual(orders);
});

test('a receiver that is down is worth another try', async () => {
  answers = [503];
  const sink = emergencyWebhookSink({ url });
  await expect(sink.write([{ warning: warningOf(1, 5) }])).rejects.toMatchObject({ code: 'retry' });
  await sink.write([{ warning: warningOf(1, 5) }]);
  expect(posts).toHaveLength(1);
});
