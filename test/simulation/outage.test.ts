// A real InfluxDB goes away while the engine goes on, and comes back.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { influx1Sink } from '../../engine/edge/store/influx1.ts';
import { connectFeed } from '../../simulator/feedClient.ts';
import { simulateSteps } from '../../simulator/simulate.ts';
import { badServer } from '../harness/badServer.ts';
import { airRegister, nightScenario, startEngine } from '../harness/engine.ts';
import { describeWith, startInflux1 } from '../harness/servers.ts';

const minutes = 120;
const scenario = nightScenario(`${minutes}m`);

const ways = ['stopped', '500', '429', 'hang', 'cut'] as const;

describeWith('influxd', 'a mirror through an outage', () => {
  let influx: Awaited<ReturnType<typeof startInflux1>>;
  beforeAll(async () => {
    influx = await startInflux1();
  });
  afterAll(() => influx?.stop());

  test.each(ways)('%s: no point is lost', { timeout: 60_000 }, async (way) => {
    const spoolDir = await mkdtemp(join(tmpdir(), 'lantian-outage-'));
    const door = way === 'stopped' ? influx : await badServer(influx.url, way);
    const database = `outage_${way}`;
    const engine = await startEngine({
      mirrors: [influx1Sink({ url: `${door.url}/${database}`, timeoutMs: 500 })],
      spoolDir,
      settings: { mirrorQueueMax: 1_000 },
    });
    const client = await connectFeed({ url: engine.url, feed: 'sim', clock: 'feed', format: 'columns', epoch: '1' });
    const mirrorHealth = () => engine.run.health().stores.find(({ name }) => name.startsWith('influx1'))!;

    /** Every row is a minute of its source. */
    let sent = 0;
    for (const [i, step] of [...simulateSteps(scenario, airRegister)].entries()) {
      if (i === 30) await door.pause();
      if (i === 100) {
        await expect.poll(mirrorHealth, { timeout: 10_000 }).toMatchObject({ ok: false, lastError: expect.stringMatching(/./) });
        expect(mirrorHealth().queued).toBeLessThanOrEqual(1_000);
        expect(mirrorHealth().spoolBytes).toBeGreaterThan(500_000);
        expect(engine.run.health().why.join()).toMatch(/influx1/);
        await door.resume();
      }
      for (const frame of step.frames) {
        await client.send(frame);
        if (frame.periodMs === 0) sent += frame.rows;
      }
      await client.tick(step.nowMs);
    }
    await client.tick(scenario.startMs + (minutes + 10) * 60_000);
    await engine.run.written();
    await expect.poll(mirrorHealth, { timeout: 40_000 }).toMatchObject({ ok: true, spoolBytes: 0, failed: 0 });
    const query = new URLSearchParams({ db: database, q: 'SELECT count(n) FROM air_1m' });
    const body = (await (await fetch(`${influx.url}/query?${query}`)).json()) as {
      results: { series: { values: number[][] }[] }[];
    };
    expect(body.results[0].series[0].values[0][1]).toBe(sent);
    expect(sent).toBeGreaterThan(0.9 * 159 * minutes);

    client.close();
    await engine.close();
    if (door !== influx) await door.stop();
    await rm(spoolDir, { recursive: true, force: true });
  });
});
