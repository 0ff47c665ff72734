import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { configFrom } from '../../../engine/config.ts';
import { diskWatch } from '../../../engine/edge/disk.ts';
import { openOutputs } from '../../../engine/edge/outputs.ts';
import type { Sink } from '../../../engine/pipeline/ports.ts';
import { namesOf, outputsOf } from '../../harness/outputs.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lantian-outputs-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('what a checkpoint passes is in the spools for good: they are synced once, not with each write', async () => {
  const probe = await open(dir, 'r');
  const synced = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'datasync');
  await probe.close();
  const sink: Sink = { name: 'never', write: () => new Promise(() => {}), close: async () => {} };
  const outputs = await openOutputs({
    store: 'none',
    mirrors: [sink],
    spoolDir: dir,
    config: configFrom(),
    sources: namesOf(['A']),
    feedName: String,
    disk: diskWatch({}),
    resume: false,
    saved: undefined,
    durable: async () => {},
    failed: (error) => {
      throw error;
    },
  });
  const hours = Array.from({ length: 5 }, (_, hour) => [{ station: 0, hour, values: { pm25: 100 } }]);
  for (const output of outputsOf(['A'], hours)) outputs.offer(output);
  await outputs.settled(0);
  expect(synced).toHaveBeenCalledTimes(0);
  await outputs.stored();
  expect(synced).toHaveBeenCalledTimes(1);
  await outputs.abandon();
  synced.mockRestore();
});
