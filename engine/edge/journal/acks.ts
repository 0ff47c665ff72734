// Which frames of numbered feeds are durable, by feed and epoch: where a feed resumes after a crash.

import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { openJournal, readJournal } from './journal.ts';

export interface Acks {
  /** Next expected frame number by feed and epoch. */
  readonly next: Map<string, number>;
  /** Resolves when the numbers are durable. The rows of the frames must be so before. */
  record(frames: readonly { readonly key: string; readonly seq: number }[]): Promise<void>;
  close(): Promise<void>;
}

/** A lost number does no harm: the frame comes again and its rows are duplicates. */
export async function openAcks(path: string, sync: 'data' | 'none'): Promise<Acks> {
  const next = new Map<string, number>();
  if (existsSync(path)) {
    for await (const { bytes } of readJournal(path)) {
      const [key, seq] = JSON.parse(Buffer.from(bytes).toString()) as [string, number];
      next.set(key, seq + 1);
    }
  }
  const bytesOf = (key: string, seq: number) => Buffer.from(JSON.stringify([key, seq]));
  // Written anew, so that it holds one number a feed and not one a frame.
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  const compact = (await openJournal({ path: fresh, sync })).journal;
  for (const [key, seq] of next) compact.append(bytesOf(key, seq - 1));
  await compact.close();
  if (existsSync(fresh)) await rename(fresh, path);
  const { journal } = await openJournal({ path, sync });
  return {
    next,
    async record(frames) {
      for (const { key, seq } of frames) {
        next.set(key, seq + 1);
        journal.append(bytesOf(key, seq));
      }
      await journal.until(journal.position);
    },
    close: () => journal.close(),
  };
}
