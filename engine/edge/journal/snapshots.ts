// States kept among the segments of a journal: a recording that has lost its beginning is run again from the oldest of them.

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from '../disk.ts';
import { type Frozen, isOurs, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { beginningOf } from './journal.ts';

export interface Snapshots {
  /** Position of the newest at or before this one; 0 when there is none: the beginning of the recording. */
  newestUpTo(position: number): number;
  /** The newest one is so old that there should be another. */
  isDue(position: number): boolean;
  /** Of the position, which must be durable. The others stay as they are. */
  write(position: number, part: Frozen, held: (ms: number) => void): Promise<void>;
  /** Those of dropped segments go. */
  dropBefore(position: number): Promise<void>;
}

export interface SnapshotsOptions {
  /** Folder of the segments. */
  readonly path: string;
  /** Another one when the journal has grown by this, or this time has passed. */
  readonly everyBytes: number;
  readonly everyMs: number;
  readonly nowMs: () => number;
  readonly disk: Disk;
}

interface Snapshot {
  readonly path: string;
  readonly position: number;
}

const nameOf = (position: number) => `${String(position).padStart(16, '0')}.state`;

/** In order of their positions. */
async function snapshotsIn(path: string): Promise<Snapshot[]> {
  const names = (await readdir(path)).filter((name) => /^\d{16}\.state$/.test(name)).sort();
  return names.map((name) => ({ path: join(path, name), position: Number(name.slice(0, 16)) }));
}

/** The state from which the rest of this journal can be run: `journal` behind `position`. Undefined when there is none. */
export async function oldestSnapshot(path: string): Promise<{ readonly position: number; readonly core: unknown } | undefined> {
  if ((await stat(path)).isFile()) return undefined;
  const from = await beginningOf(path);
  for (const { path: file, position } of await snapshotsIn(path)) {
    const parts = position < from ? undefined : await readCheckpoint(file);
    if (parts !== undefined) return parts[0] as { position: number; core: unknown };
  }
  return undefined;
}

export async function openSnapshots({ path, everyBytes, everyMs, nowMs, disk }: SnapshotsOptions): Promise<Snapshots> {
  for (const name of await readdir(path)) if (name.endsWith('.state.new')) await rm(join(path, name)); // a crash left it half-written
  const all = await snapshotsIn(path);
  /** Of this version: only up to them the journal may lose its beginning. */
  const usable: number[] = [];
  for (const { path: file, position } of all) if (await isOurs(file)) usable.push(position);
  const newest = all.at(-1);
  let takenMs = newest === undefined ? Number.NEGATIVE_INFINITY : (await stat(newest.path)).mtimeMs;

  return {
    newestUpTo: (position) => usable.findLast((each) => each <= position) ?? 0,
    isDue: (position) =>
      usable.length === 0 || position - usable[usable.length - 1] >= everyBytes || nowMs() - takenMs >= everyMs,
    async write(position, part, held) {
      const file = join(path, nameOf(position));
      await disk.keepTrying(file, () => writeCheckpoint(file, [part], held));
      all.push({ path: file, position });
      usable.push(position);
      takenMs = nowMs();
    },
    async dropBefore(position) {
      while (all.length > 0 && all[0].position < position) await rm((all.shift() as Snapshot).path, { force: true });
      while (usable.length > 0 && usable[0] < position) usable.shift();
    },
  };
}
