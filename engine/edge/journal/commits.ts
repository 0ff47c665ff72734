// How far the journal counts, and which frames of numbered feeds are in it: one record says both, so that a crash
// between rows and their acknowledgement leaves neither.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Journal, JournalError, type JournalOptions, openJournal, readJournal } from './journal.ts';

export interface Commits {
  /** The journal counts up to here; what lies behind was never acknowledged. */
  readonly position: number;
  /** Next expected frame number by feed and epoch. */
  readonly next: ReadonlyMap<string, number>;
  /** Resolves when it is durable. The journal must be so before, up to the position. */
  record(position: number, frames: Iterable<readonly [key: string, seq: number]>): Promise<void>;
  /** Writes the file anew: one number a feed, not one a frame. */
  compact(): Promise<void>;
  close(): Promise<void>;
}

type Saved = readonly [position: number, frames: readonly (readonly [key: string, seq: number])[]];

export interface CommitsOptions extends Pick<JournalOptions, 'sync' | 'disk' | 'open'> {
  /** The file. */
  readonly path: string;
}

export async function openCommits(options: CommitsOptions): Promise<Commits> {
  const { path } = options;
  const next = new Map<string, number>();
  let position = 0;
  if (existsSync(path)) {
    for await (const { bytes } of readJournal(path)) {
      const [at, frames] = JSON.parse(Buffer.from(bytes).toString()) as Saved;
      position = at;
      for (const [key, seq] of frames) next.set(key, seq + 1);
    }
  }
  let file: Journal = await rewritten();
  let working: Promise<void> = Promise.resolve();
  let isClosed = false;

  async function rewritten(): Promise<Journal> {
    const fresh = `${path}.new`;
    await rm(fresh, { force: true });
    const { journal } = await openJournal({ ...options, path: fresh });
    const frames = [...next].map(([key, seq]) => [key, seq - 1] as const);
    journal.append(Buffer.from(JSON.stringify([position, frames] satisfies Saved)));
    await journal.until(journal.position);
    await journal.rename(path);
    return journal;
  }

  function queued(work: () => Promise<void>): Promise<void> {
    if (isClosed) return Promise.reject(new JournalError(`${path} is closed`));
    const done = working.then(work);
    working = done.catch(() => {});
    return done;
  }

  return {
    get position() {
      return position;
    },
    next,
    record: (at, frames) =>
      queued(async () => {
        const list = [...frames];
        file.append(Buffer.from(JSON.stringify([at, list] satisfies Saved)));
        await file.until(file.position);
        position = at;
        for (const [key, seq] of list) next.set(key, seq + 1);
      }),
    compact: () =>
      queued(async () => {
        const old = file;
        file = await rewritten();
        await old.close();
      }),
    close() {
      const closed = queued(() => file.close());
      isClosed = true;
      return closed;
    },
  };
}
