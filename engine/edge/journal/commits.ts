// How far the journal counts, and which frames of numbered feeds are in it: one record says both, so that a crash
// between rows and their acknowledgement leaves neither.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Journal, JournalError, type JournalOptions, openJournal, readJournal } from './journal.ts';

export interface Commits {
  /** The journal counts up to here; what lies behind was never acknowledged. */
  readonly position: number;
  /** Of the journal, missing although it was acknowledged: damage. */
  readonly lostBytes: number;
  /** Next expected frame number by feed and epoch. */
  readonly next: ReadonlyMap<string, number>;
  /** Resolves when it is durable, and the journal up to the position is. The disk may write both at the same time. */
  record(position: number, frames: Iterable<readonly [key: string, seq: number]>, journal?: Promise<void>): Promise<void>;
  /** Writes the file anew: one number a feed, not one a frame. */
  compact(): Promise<void>;
  close(): Promise<void>;
}

type Saved = readonly [position: number, frames: readonly (readonly [key: string, seq: number])[]];

export interface CommitsOptions extends Pick<JournalOptions, 'sync' | 'disk' | 'open'> {
  /** The file. */
  readonly path: string;
  /** Where the journal ends. Only the newest record can lie behind it: a crash came while both were written. */
  readonly journalEnd?: number;
}

export async function openCommits(options: CommitsOptions): Promise<Commits> {
  const { path, journalEnd = Number.POSITIVE_INFINITY } = options;
  const next = new Map<string, number>();
  let position = 0;

  function count([at, frames]: Saved): void {
    position = at;
    for (const [key, seq] of frames) next.set(key, seq + 1);
  }

  /** The record before the newest, or the only one: those were waited for. */
  let acknowledged: number | undefined;
  if (existsSync(path)) {
    let newest: number | undefined;
    for await (const { bytes } of readJournal(path)) {
      const saved = JSON.parse(Buffer.from(bytes).toString()) as Saved;
      if (newest === undefined || saved[0] <= journalEnd) count(saved);
      acknowledged = newest ?? saved[0];
      newest = saved[0];
    }
  }
  const lostBytes = Math.max(0, (acknowledged ?? 0) - journalEnd);
  position = Math.min(position, journalEnd);
  let file: Journal = await rewritten();
  let working: Promise<void> | undefined;
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

  /** One after the other; at once when nothing else is at work. */
  function queued(work: () => Promise<void>): Promise<void> {
    if (isClosed) return Promise.reject(new JournalError(`${path} is closed`));
    const done = working === undefined ? work() : working.then(work);
    const ended = done
      .catch(() => {})
      .then(() => {
        if (working === ended) working = undefined;
      });
    working = ended;
    return done;
  }

  return {
    get position() {
      return position;
    },
    lostBytes,
    next,
    record: (at, frames, journal) =>
      queued(async () => {
        const saved: Saved = [at, [...frames]];
        file.append(Buffer.from(JSON.stringify(saved)));
        await Promise.all([file.until(file.position), journal]);
        count(saved);
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
