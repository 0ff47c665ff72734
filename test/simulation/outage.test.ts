// A real InfluxDB goes away while the engine goes on, and comes back.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { influx1Sink } from '../../engine/edge/store/influx1.ts';
import type { Serving } from '../../engine/serve.ts';
import { connectFeed, type FeedClient } from '../../simulator/feedClient.ts';
import { parseScenario } from '../../simulator/scenario.ts';
import { simulateSteps } from '../../simulator/simulate.ts';
import { startEngine, testRegister } from '../harness/engine.ts';
import { describeWith, startInflux1 } from '../harness/servers.ts';

const minutes = 120;
const text = `schema: lantian-scenario/1
id: outage
title: outage
seed: 3
clock: { start: 2026-01-05T00:00:00+08:00, duration: ${minutes}m, step: 1m }
`;
const scenario = parseScenario(text, 'outage').scenario!;

describeWith('influxd', 'a mirror through an outage', () => {
  let server: Awaited<ReturnType<typeof startInflux1>>;
  let engine: Serving;
  let client: FeedClient;
  let spoolDir: string;

  beforeAll(async () => {
    spoolDir = await mkdtemp(join(tmpdir(), 'lantian-outage-'));
    server = await startInflux1();
    engine = await startEngine({
      mirrors: [influx1Sink({ url: server.url, timeoutMs: 2_000 })],
      spoolDir,
      settings: { mirrorQueueMax: 1_000 },
    });
    client = await connectFeed({ url: engine.url, feed: 'sim', clock: 'feed', format: 'columns', epoch: '1' });
  });
  afterAll(async () => {
    client?.close();
    await engine?.close();
    await server?.stop();
    await rm(spoolDir, { recursive: true, force: true });
  });

  const mirrorHealth = () => engine.run.health().stores.find(({ name }) => name.startsWith('influx1'))!;

  test('no point is lost', async () => {
    const steps = [...simulateSteps(scenario, testRegister)];
    for (const [i, step] of steps.entries()) {
      if (i === 30) await server.pause();
      if (i === 100) {
        expect(mirrorHealth()).toMatchObject({ ok: false });
        expect(mirrorHealth().queued).toBeLessThanOrEqual(1_000);
        expect(mirrorHealth().spoolBytes).toBeGreaterThan(500_000);
        expect(engine.run.health().why.join()).toMatch(/influx1 .*ECONNREFUSED/);
        await server.resume();
      }
      for (const frame of step.frames) await client.send(frame);
      await client.tick(step.nowMs);
    }
    await client.tick(scenario.startMs + (minutes + 10) * 60_000);
    await engine.run.written();
    await expect.poll(mirrorHealth, { timeout: 40_000 }).toMatchObject({ ok: true, spoolBytes: 0, failed: 0 });
    const query = new URLSearchParams({ db: 'lantian', q: 'SELECT count(n) FROM air_1m' });
    const body = (await (await fetch(`${server.url}/query?${query}`)).json()) as {
      results: { series: { values: number[][] }[] }[];
    };
    expect(body.results[0].series[0].values[0][1]).toBe(162 * minutes);
  });
});
