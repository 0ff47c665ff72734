// A server whose machine's clock is turned back: it goes on, and says so.

import { afterEach, expect, test } from 'vitest';
import type { HealthAnswer } from '../../../engine/schema/live.ts';
import type { Serving } from '../../../engine/serve.ts';
import { connectFeed } from '../../../simulator/feedClient.ts';
import { startEngine } from '../../harness/engine.ts';

let engine: Serving | undefined;
afterEach(() => engine?.close());

test("the machine's clock goes back by a day: data flows on, the clock does not go back, /api/health says what to do", async () => {
  let turnedMs = 0;
  const wall = { nowMs: () => Date.now() + turnedMs, steadyMs: () => performance.now() };
  engine = await startEngine({ settings: { clock: 'wall' }, wall });
  const { run, url } = engine;
  const health = async () => (await (await fetch(`${url}/api/health`)).json()) as HealthAnswer;
  expect(await health()).toMatchObject({ why: [], time: { behindMs: 0, backMs: 0 } });
  const beforeMs = run.nowMs as number;
  turnedMs = -86_400_000;
  await expect.poll(() => run.nowMs, { timeout: 10_000 }).toBeGreaterThan(beforeMs);
  expect((await health()).why).toEqual([expect.stringMatching(/^the machine's clock went back by 24 h: .* start a new run/)]);

  const client = await connectFeed({ url, feed: 'f', clock: 'wall', format: 'json', epoch: '1' });
  await client.send({
    ...{ kind: 'air', rows: 1, periodMs: 0, sources: ['HS-001'], source: Uint16Array.of(0) },
    ...{ time: Float64Array.of(run.nowMs as number), values: { pm25: Float32Array.of(50) } },
  });
  await client.end();
  client.close();
  expect(run.ledger.ledger().rows).toMatchObject([{ received: 1, bins: { onTime: 1 } }]);

  turnedMs = 0;
  await expect.poll(async () => (await health()).why).toEqual([]);
});
