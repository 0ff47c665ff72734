// When the next checkpoint is due: by the journal since the last one, and by what that one took.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diskWatch } from '../../../../engine/edge/disk.ts';
import { openRecording } from '../../../../engine/edge/journal/recording.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-recording-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Journal, in bytes, from a checkpoint of so many bytes to the next that is due; an entry is some 30 bytes. */
async function untilNext(stateBytes: number, checkpointTimes: number): Promise<number> {
  const path = join(folder, `${stateBytes}-${checkpointTimes}.journal`);
  const at = { path, isDurable: true, resume: false, keepBytes: 0, keepMs: 0, checkpointMs: 3_600_000, disk: diskWatch() };
  const recording = await openRecording({ ...at, checkpointBytes: 1000, checkpointTimes });
  let bytes = 0;
  const grow = async () => {
    for (bytes = 0; !recording.isCheckpointDue(); bytes += 100) recording.record(hundredBytes);
    await recording.durable();
  };
  await grow();
  expect(bytes).toBeGreaterThanOrEqual(900);
  expect(bytes).toBeLessThanOrEqual(1100);
  await recording.writeCheckpoint(() => new Uint8Array(stateBytes), Promise.resolve({ files: [] }));
  expect(recording.isCheckpointDue()).toBe(false);
  await grow();
  await recording.close();
  return bytes;
}
/** With the head of its record. */
const hundredBytes = { type: 'feed', index: 1, name: 'x'.repeat(68) } as const;

test.each([
  ['a small state: by checkpointBytes', 200, 1, 1000],
  ['a large one: as much journal as it has bytes', 50_000, 1, 50_000],
  ['twice as much', 50_000, 2, 100_000],
  ['switched off', 50_000, 0, 1000],
])('%s', async (_, stateBytes, times, want) => {
  const bytes = await untilNext(stateBytes, times);
  expect(bytes / want).toBeGreaterThan(0.9);
  expect(bytes / want).toBeLessThan(1.1);
});

test('after a time one is due whatever has come, but not where nothing has', async () => {
  let nowMs = 1_000_000;
  const recording = await openRecording({
    path: join(folder, 'time.journal'),
    isDurable: true,
    resume: false,
    keepBytes: 0,
    keepMs: 0,
    disk: diskWatch(),
    checkpointBytes: 1e9,
    checkpointTimes: 1,
    checkpointMs: 600_000,
    nowMs: () => nowMs,
  });
  nowMs += 600_000;
  expect(recording.isCheckpointDue()).toBe(false);
  recording.record(hundredBytes);
  expect(recording.isCheckpointDue()).toBe(true);
  await recording.durable();
  await recording.writeCheckpoint(() => 1, Promise.resolve({ files: [] }));
  recording.record(hundredBytes);
  nowMs += 599_999;
  expect(recording.isCheckpointDue()).toBe(false);
  nowMs += 1;
  expect(recording.isCheckpointDue()).toBe(true);
  await recording.close();
});
