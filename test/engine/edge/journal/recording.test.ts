// When the next checkpoint is due: by the journal since the last one, and by what that one took.

import { mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { diskWatch } from '../../../../engine/edge/disk.ts';
import { decodeEntry } from '../../../../engine/edge/journal/entries.ts';
import { readJournal } from '../../../../engine/edge/journal/journal.ts';
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

test('journal and commits are written at the same time: a crash leaves the newest frame with its rows, or neither', async () => {
  const options = { isDurable: true, keepBytes: 0, keepMs: 0, disk: diskWatch() };
  const due = { checkpointBytes: 1e9, checkpointTimes: 1, checkpointMs: 1e9 };
  let n = 0;
  /** Of the two files, how much of what the newest frame wrote is there. */
  const cuts = fc.record({
    journal: fc.double({ min: 0, max: 1, noNaN: true }),
    commits: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), cuts, async (frames, share) => {
      const path = join(folder, `cut ${n++}.journal`);
      const recording = await openRecording({ ...options, ...due, path, resume: false });
      const sizes = async () => Promise.all([path, `${path}.commits`].map(async (each) => (await stat(each)).size));
      let before = await sizes().catch(() => [0, 0]);
      for (let seq = 0; seq < frames; seq++) {
        before = await sizes().catch(() => [0, 0]);
        recording.record({ type: 'feed', index: seq, name: `frame ${seq}` });
        recording.noteFrame('feed', seq);
        await recording.durable();
      }
      await recording.close();
      const after = await sizes();
      const left = [share.journal, share.commits].map((part, i) => Math.round(before[i] + (after[i] - before[i]) * part));
      await truncate(path, left[0]);
      await truncate(`${path}.commits`, left[1]);
      const again = await openRecording({ ...options, ...due, path, resume: true });
      const isWhole = left[0] === after[0] && left[1] === after[1];
      const kept = frames - (isWhole ? 0 : 1);
      expect(again.nextSeq.get('feed') ?? 0).toBe(kept);
      expect(again.lostBytes).toBe(0);
      again.record({ type: 'feed', index: 9, name: 'after' });
      again.noteFrame('feed', 9);
      await again.durable();
      await again.close();
      const third = await openRecording({ ...options, ...due, path, resume: true });
      expect(third.cutBytes).toBe(0);
      await third.close();
      const names: string[] = [];
      for await (const { bytes } of readJournal(path)) names.push((decodeEntry(bytes) as { name: string }).name);
      expect(names).toEqual([...Array.from({ length: kept }, (_, seq) => `frame ${seq}`), 'after']);
    }),
    { numRuns: 40 },
  );
});

test('what had been acknowledged and is damaged is counted: the feed is asked for it again', async () => {
  const path = join(folder, 'damaged.journal');
  const options = { path, isDurable: true, keepBytes: 0, keepMs: 0, disk: diskWatch() };
  const due = { checkpointBytes: 1e9, checkpointTimes: 1, checkpointMs: 1e9 };
  const recording = await openRecording({ ...options, ...due, resume: false });
  for (let seq = 0; seq < 10; seq++) {
    recording.record(hundredBytes);
    recording.noteFrame('feed', seq);
    await recording.durable();
  }
  await recording.close();
  const { size } = await stat(path);
  const each = (size - 4) / 10;
  await truncate(path, size - Math.round(3.5 * each)); // the last four are gone; one of them at most was on its way
  const again = await openRecording({ ...options, ...due, resume: true });
  expect(again.nextSeq.get('feed')).toBe(6);
  expect(again.lostBytes).toBe(3 * each);
  await again.writeCheckpoint(() => 1, Promise.resolve({ files: [] }));
  await again.close();
  await truncate(path, size - 7 * each);
  await expect(openRecording({ ...options, ...due, resume: true })).rejects.toThrow(/is damaged before its checkpoint/);
});
