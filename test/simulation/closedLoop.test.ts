// The closed loop: heavy air, a warning, signed orders, who obeys, better air: the same over WebSocket and in one process.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OrderNews } from '../../engine/schema/messages.ts';
import type { Register } from '../../engine/schema/register.ts';
import { connectFeed } from '../../simulator/feedClient.ts';
import { runHeadless } from '../../simulator/lab/headless.ts';
import type { Step } from '../../simulator/readers/reader.ts';
import { drive } from '../../simulator/simulate.ts';
import { openTestRun, startEngine } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';
import { enterpriseOf, noPlan, registerWith, stop, transport } from '../harness/planRegisters.ts';

const hourMs = 3_600_000;
const t0 = Date.parse('2026-01-05T00:00:00+08:00');
const stations = ['N1', 'N2', 'N3'];
const works = registerWith([
  enterpriseOf('E1', {
    plan: { ...noPlan, yellow: [stop('P1'), transport], orange: [stop('P1'), transport], red: [stop('P1')] },
  }),
]);
const register: Register = {
  ...works,
  sources: stations.map((id) => ({ kind: 'air', id, zh: id, district: works.districts[0].code, national: true })),
};
const settings = { warningAutoSign: 'on' };
const hours = 60;

/** Air of one city: heavy, and half as heavy once the works has stopped. What the engine orders shows in the steps made after it. */
function city() {
  const news: OrderNews[] = [];
  let isStopped = false;
  function* steps(): Generator<Step> {
    for (let hour = 0; hour < hours; hour++) {
      const pm25 = isStopped ? 80 : 240;
      const rows = stations.length;
      const column = (value: number) => new Float64Array(rows).fill(value);
      yield {
        frames: [
          {
            kind: 'air',
            rows,
            periodMs: hourMs,
            sources: stations,
            source: Uint32Array.from(stations.keys()),
            time: column(t0 + hour * hourMs),
            values: {
              pm25: column(pm25),
              pm10: column(pm25 * 1.3),
              so2: column(20),
              no2: column(60),
              co: column(1.5),
              o3: column(30),
            },
          },
        ],
        nowMs: t0 + (hour + 1) * hourMs + 600_000,
        problems: [],
      };
    }
  }
  return {
    steps,
    news,
    obey(each: OrderNews) {
      news.push(each);
      if (each.type === 'order') isStopped = true;
    },
  };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-loop-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const fileOf = (name: string, file: string) => readFile(join(folder, name, file), 'utf8');

test('a drill ends in the same files and the same orders, over WebSocket and in one process', async () => {
  const inside = city();
  const run = await openTestRun({ register, settings, out: join(folder, 'process') });
  await runHeadless(run, inside.steps(), { feed: 'sim', onNews: inside.obey });
  await run.finish({});

  const outside = city();
  const engine = await startEngine({ register, settings, out: join(folder, 'socket') });
  const client = await connectFeed({
    url: engine.url,
    feed: 'sim',
    clock: 'feed',
    format: 'columns',
    epoch: '1',
    onOrder: (order) => outside.obey({ type: 'order', order }),
    onSector: (order) => outside.obey({ type: 'sector', order }),
    onLift: (id, atMs) => outside.obey({ type: 'lift', id, atMs }),
  });
  await drive(client, outside.steps(), { speed: 'max' });
  await client.end();
  client.close();
  await engine.close();

  expect(inside.news.map(({ type }) => type)).toContain('order');
  expect(inside.news.some((each) => each.type === 'order' && each.order.enterprise === 'E1' && each.order.process === 'P1')).toBe(
    true,
  );
  expect(outside.news).toEqual(inside.news);
  for (const file of [...equalFiles, 'warnings.ndjson', 'orders.ndjson', 'audit.ndjson'])
    expect((await fileOf('socket', file)) === (await fileOf('process', file)), file).toBe(true);
  const events = (await fileOf('process', 'warnings.ndjson'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; by: string | null });
  expect(events.slice(0, 3).map(({ event, by }) => [event, by])).toEqual([
    ['proposed', null],
    ['submitted', 'auto'],
    ['issued', 'auto'],
  ]);
  // Who obeyed made the air better.
  const city24 = (await fileOf('process', 'city-1h.ndjson'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { scope: string; mean: { pm25: number } });
  expect(city24.filter(({ scope }) => scope === 'city').at(-1)?.mean.pm25).toBe(80);
});

test('an engine that runs on the wall clock does not sign by itself', async () => {
  await expect(startEngine({ register, settings: { ...settings, clock: 'wall' } })).rejects.toThrow(
    'in the real city people sign',
  );
});
