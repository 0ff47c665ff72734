// From rows to an incident that people drive: over a real socket, the API, the live feed, a webhook, a restart and a replay.

import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { webhookSink } from '../../../engine/edge/notify/webhook.ts';
import type { Incident } from '../../../engine/schema/incident.ts';
import type { LiveMessage } from '../../../engine/schema/live.ts';
import type { Serving } from '../../../engine/serve.ts';
import { connectFeed, type FeedClient } from '../../../simulator/feedClient.ts';
import { recordedRegister, recordingStart, replayJournal } from '../../../simulator/lab/replayJournal.ts';
import { openTestRun, startEngine, testRegister } from '../../harness/engine.ts';

const t0 = Date.parse('2026-01-05T10:00:00+08:00');
const minuteMs = 60_000;
const secret = 'correct horse';

const works = testRegister.enterprises.find(({ processes }) =>
  processes.some(({ productionMeter, treatmentMeter }) => productionMeter !== undefined && treatmentMeter !== undefined),
);
if (works === undefined) throw new Error('the test register has no sub-metered process');
const process = works.processes.find(({ treatmentMeter }) => treatmentMeter !== undefined);
const [production, treatment] = [process?.productionMeter ?? '', process?.treatmentMeter ?? ''];

let dir: string;
/** What an abandoned run says of its files is no failure. */
let isCrashed = false;
let engine: Serving;
let client: FeedClient;
let receiver: Server;
const posts: { readonly body: string; readonly signature: string }[] = [];
const live: LiveMessage[] = [];

function start(): Promise<Serving> {
  const { port } = receiver.address() as AddressInfo;
  return startEngine({
    out: join(dir, 'run'),
    recording: { path: join(dir, 'run', 'input.journal'), isDurable: true },
    webhooks: [webhookSink({ url: `http://127.0.0.1:${port}/hook`, secret })],
    spoolDir: join(dir, 'mirrors'),
    failed(error) {
      if (!isCrashed) throw error;
    },
  });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lantian-incidents-'));
  receiver = createServer(async (request, answer) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    posts.push({ body: Buffer.concat(parts).toString(), signature: String(request.headers['x-lantian-signature']) });
    answer.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  engine = await start();
  const viewer = new WebSocket(`${engine.url.replace('http', 'ws')}/live`);
  viewer.on('message', (data) => live.push(JSON.parse(String(data)) as LiveMessage));
  await new Promise((resolve) => viewer.once('message', resolve));
  client = await connectFeed({ url: engine.url, feed: 'meters', clock: 'feed', format: 'columns', epoch: '1' });
});
afterAll(async () => {
  client?.close();
  await engine?.close().catch(() => {}); // closed already where all went well
  receiver?.close();
  await rm(dir, { recursive: true, force: true });
});

/** A meter never shows the same twice: one that does is taken for stuck. */
const wobble = (minute: number) => 0.9 + 0.01 * (minute % 7);

/** A minute of both meters: production at full load, the treatment as given. */
async function minutes(from: number, to: number, treatmentKw: number): Promise<void> {
  for (let minute = from; minute < to; minute++) {
    await client.send({
      kind: 'power',
      rows: 2,
      periodMs: minuteMs,
      sources: [production, treatment],
      source: Uint16Array.of(0, 1),
      time: new Float64Array(2).fill(t0 + minute * minuteMs),
      values: { kw: Float64Array.of((process?.ratedKw ?? 0) * wobble(minute), treatmentKw * wobble(minute + 1)) },
    });
    await client.tick(t0 + (minute + 1) * minuteMs);
  }
}

async function api(path: string, body?: unknown) {
  const answer = await fetch(`${engine.url}${path}`, {
    ...(body === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const path = (incident: Incident, action = '') => `/api/incidents/${encodeURIComponent(incident.id)}${action}`;
const open = async () => (await api('/api/incidents?state=open')).body.incidents as Incident[];

describe('an incident', () => {
  test('opens when the treatment stops, is explained, and goes to its sub-centre', async () => {
    await minutes(0, 20, process?.treatment?.ratedKw ?? 1);
    expect(await open()).toEqual([]);
    await minutes(20, 30, 0);
    const [incident, ...others] = await open();
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      kind: 'emission',
      rule: 'treatment-off',
      openedMs: t0 + 20 * minuteMs,
      enterprise: works.id,
      subCentre: works.district,
      township: works.township,
      inspector: expect.stringMatching(/./),
    });
    const { body } = await api(path(incident));
    const text = body.text as { readonly zh: string; readonly en: string };
    expect(text.zh).toContain(works.zh);
    expect(text.zh).toContain('治理设施');
    expect(text.en).toContain(`power of the treatment: `);
    expect(body.explanation).toMatchObject({ parts: expect.any(Array) });
    expect((await api('/api/findings')).body.findings).toMatchObject([{ rule: 'treatment-off', state: 'open' }]);
  });

  test('is listed by its kind: emissions for the inspectors, maintenance for who keeps the devices', async () => {
    const incidents = async (kind: string) => (await api(`/api/incidents?kind=${kind}`)).body.incidents;
    expect(await incidents('emission')).toEqual(await open());
    expect(await incidents('emission,maintenance')).toEqual(await open());
    expect(await incidents('maintenance')).toEqual([]);
    expect(await api('/api/incidents?kind=fault')).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('kind is "fault"; allowed: emission, maintenance') },
    });
  });

  test.each([
    ['/arrest', { by: 'li' }, 400, 'action is "arrest"; allowed: dispatch, on-site'],
    ['/on-site', { by: 'li' }, 409, 'the incident is open; allowed for on-site: dispatched'],
    ['/close', { by: 'li' }, 400, '"why" is missing'],
    ['/dispatch', {}, 400, '"by" is missing: say who decides'],
    ['/merge', { by: 'li', into: 'x' }, 400, '"into" is "x"'],
    ['/split', { by: 'li', findings: [] }, 400, 'some, not all'],
  ])('%s %j is refused with what is allowed', async (action, body, status, words) => {
    const [incident] = await open();
    const answer = await api(path(incident, action), body);
    expect([answer.status, String(answer.body.error)]).toEqual([status, expect.stringContaining(words)]);
    expect(await open()).toEqual([incident]);
  });

  test('is dispatched by a person; the live feed and the webhook say so', async () => {
    const [incident] = await open();
    expect((await api(path(incident, '/dispatch'), { by: '王' })).status).toBe(202);
    await minutes(30, 31, 0);
    const after = (await api(path(incident))).body.incident as Incident;
    expect(after).toMatchObject({ state: 'dispatched', feedbackByMs: t0 + (30 + 180) * minuteMs });
    expect(live.flatMap((message) => (message.type === 'incidents' ? message.incidents.map(({ state }) => state) : []))).toEqual([
      'open',
      'dispatched',
    ]);
    await expect.poll(() => posts.length).toBe(2);
    const { body, signature } = posts[1];
    expect(JSON.parse(body)).toEqual({ incidents: [after] });
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    expect(hex).toBe(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
  });

  test('goes on after a crash, and a replay of the recording tells the same story', async () => {
    client.close();
    isCrashed = true;
    await engine.run.abandon();
    await engine.close().catch(() => {});
    isCrashed = false;
    engine = await start();
    client = await connectFeed({ url: engine.url, feed: 'meters', clock: 'feed', format: 'columns', epoch: '1' });
    const [incident] = (await api('/api/incidents')).body.incidents as Incident[];
    expect(incident.state).toBe('dispatched');
    expect((await api(path(incident, '/feedback'), { by: '王', why: '风机皮带已更换' })).status).toBe(202);
    await minutes(31, 60, process?.treatment?.ratedKw ?? 1);
    expect((await api(path(incident))).body.incident).toMatchObject({ state: 'closed' });
    await client.end();
    client.close();
    await engine.close();
    const text = await readFile(join(dir, 'run', 'incidents.ndjson'), 'utf8');
    expect(text.trim().split('\n')).toHaveLength(1);
    const again = join(dir, 'again');
    const recording = join(dir, 'run', 'input.journal');
    const { pipeline } = await recordingStart(recording);
    const run = await openTestRun({ out: again, pipeline, register: recordedRegister(pipeline) });
    await replayJournal(run, recording, {});
    await run.finish({});
    for (const name of ['incidents.ndjson', 'findings.ndjson'])
      expect(await readFile(join(again, name), 'utf8'), name).toBe(await readFile(join(dir, 'run', name), 'utf8'));
  });
});
