// A live run on the wall clock, with sources that nobody knew, run again from its recording by the command.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Frame } from '../../engine/wire/frame.ts';
import { connectFeed, type FeedClient } from '../../simulator/feedClient.ts';
import { startEngine } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';

const minuteMs = 60_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-live-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Half an hour of a source up to now, twice the last minute, one row of tomorrow, one without a time. */
function rowsOf(source: string, nowMs: number): Frame {
  const time = Float64Array.from([
    ...Array.from({ length: 30 }, (_, i) => nowMs - i * minuteMs),
    nowMs,
    nowMs + 1440 * minuteMs,
    5,
  ]);
  const values = { pm25: Float64Array.from(time, (_, i) => 40 + i), pm10: Float64Array.from(time, (_, i) => 70 + i) };
  return { kind: 'air', rows: time.length, periodMs: 0, sources: [source], source: new Uint16Array(time.length), time, values };
}

test('the recording of a live run on the wall clock gives the same files again', { timeout: 60_000 }, async () => {
  const out = join(folder, 'live');
  const engine = await startEngine({ settings: { clock: 'wall' }, out });
  const feeds: FeedClient[] = [];
  for (const [i, format] of (['json', 'columns', 'json'] as const).entries()) {
    const client = await connectFeed({ url: engine.url, feed: `feed ${i}`, clock: 'wall', format, epoch: '1' });
    feeds.push(client);
    for (const source of ['1074A', 'HS-009', `nobody knows ${i}`]) await client.send(rowsOf(source, Date.now()));
    const from = engine.run.nowMs as number;
    await expect.poll(() => engine.run.nowMs, { timeout: 10_000 }).toBeGreaterThan(from); // its clock goes on between feeds
  }
  for (const client of feeds) await client.end();
  for (const client of feeds) client.close();
  await engine.close();

  const again = join(folder, 'again');
  const lantian = fileURLToPath(new URL('../../engine/cli/lantian.js', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [lantian, 'replay', join(out, 'input.journal'), '--out', again], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  for (const name of equalFiles) {
    const [a, b] = await Promise.all([out, again].map((dir) => readFile(join(dir, name), 'latin1')));
    expect(b === a, name).toBe(true);
  }
  expect(await readFile(join(again, 'windows-1h.ndjson'), 'utf8')).toContain('nobody knows 2');
  const ledger = JSON.parse(await readFile(join(again, 'ledger.json'), 'utf8')) as { rows: { received: number; bins: object }[] };
  const count = (bin: string) => ledger.rows.reduce((sum, { bins }) => sum + (bins as Record<string, number>)[bin], 0);
  expect(['quarantined', 'rejected'].map(count)).toEqual([9, 9]);
});
