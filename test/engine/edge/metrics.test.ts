// The metrics as Prometheus reads them, over HTTP.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Serving } from '../../../engine/serve.ts';
import { connectFeed } from '../../../simulator/feedClient.ts';
import { startEngine } from '../../harness/engine.ts';

const t0 = Date.parse('2026-01-05T00:00:00+08:00');
let engine: Serving;
let folder: string;
let text: string;

/** By name and labels. */
function samples(): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))] as const));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-metrics-'));
  const away = () => Promise.reject(Object.assign(new Error('away'), { code: 'retry' }));
  engine = await startEngine({
    strict: true,
    mirrors: [{ name: 'away', write: away, async close() {} }],
    spoolDir: folder,
    sleep: () => new Promise(() => {}),
  });
  const client = await connectFeed({ url: engine.url, feed: 'f', clock: 'feed', format: 'columns', epoch: '1' });
  const frame = (source: string, times: readonly number[]) => ({
    ...{ kind: 'air' as const, rows: times.length, periodMs: 0, sources: [source], source: new Uint16Array(times.length) },
    ...{ time: Float64Array.from(times), values: { pm25: Float32Array.from(times, () => 35) } },
  });
  await client.send(frame('1074A', [t0, t0, t0 + 1_000, t0 + 86_400_000, 5]));
  await client.send(frame('nobody', [t0, t0]));
  await client.tick(t0 + 60_000);
  await client.send(frame('1075A', [t0 + 60_000]));
  await client.tick(t0 + 120_000);
  await client.tick(t0 + 72_000_000); // both have been silent since
  await engine.run.written();
  await vi.waitFor(() => expect(engine.run.health().stores).toContainEqual(expect.objectContaining({ name: 'away', ok: false })));
  client.close();
  text = await (await fetch(`${engine.url}/metrics`)).text();
});
afterAll(async () => {
  await engine?.close();
  await rm(folder, { recursive: true, force: true });
});

test('received = the sum of the bins, for every feed and kind', () => {
  const all = samples();
  expect(all.get('lantian_received_rows_total{feed="f",kind="air"}')).toBe(8);
  const bins = [...all].filter(([name]) => name.startsWith('lantian_rows_total{feed="f",kind="air",'));
  expect(bins.reduce((sum, [, count]) => sum + count, 0)).toBe(8);
});

test('what only grows is a counter, the rest a gauge', () => {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  expect(types.length).toBeGreaterThan(20);
  for (const [, name, type] of types) expect(`${name} ${type}`).toBe(`${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}`);
});

test('asked twice it says the same: nothing is added up again', async () => {
  const again = await (await fetch(`${engine.url}/metrics`)).text();
  const counters = (from: string) => from.split('\n').filter((line) => /^lantian_\w+_total[{ ]/.test(line));
  expect(counters(again)).toEqual(counters(text));
  expect(counters(text).length).toBeGreaterThan(10);
});

test('reasons, frames, mirror, watermarks, clock and feeds are there', () => {
  const all = samples();
  const air = '{feed="f",kind="air",';
  expect(all.get(`lantian_refused_rows_total${air}code="unknown-source"}`)).toBe(2);
  expect(all.get(`lantian_refused_rows_total${air}code="future-time"}`)).toBe(1);
  expect(all.get('lantian_refused_frames_total{feed="f",code="unknown-source"}')).toBe(1);
  expect(all.get('lantian_store_up{store="away"}')).toBe(0);
  expect(all.get('lantian_store_up{store="memory"}')).toBe(1);
  expect(all.get('lantian_store_spool_bytes{store="away"}')).toBeGreaterThan(0);
  expect(all.get('lantian_store_oldest_seconds{store="away"}')).toBeGreaterThanOrEqual(0);
  expect(all.get('lantian_store_queued{store="away"}')).toBeDefined();
  expect(all.get('lantian_watermark_seconds{kind="air"}')).toBe(t0 / 1000 + 71_880);
  expect(all.get('lantian_watermark_lag_seconds{kind="air"}')).toBe(120);
  expect(all.get('lantian_sources{kind="air",state="silent"}')).toBe(2);
  expect(all.get('lantian_sources{kind="air",state="lagging"}')).toBe(0);
  expect(all.get('lantian_clock_seconds')).toBe(t0 / 1000 + 72_000);
  expect([all.get('lantian_clock_behind_seconds'), all.get('lantian_clock_back_seconds')]).toEqual([0, 0]);
  expect([all.get('lantian_disk_full'), all.get('lantian_feeds_held'), all.get('lantian_ready')]).toEqual([0, 0, 1]);
});
