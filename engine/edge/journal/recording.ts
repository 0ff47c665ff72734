// The recording of a run: journal, commits and checkpoints as one thing.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import type { Disk } from '../disk.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { openCommits } from './commits.ts';
import { decodeEntry, encodeEntry, type JournalEntry } from './entries.ts';
import { openJournal, readJournal } from './journal.ts';

export interface RecordingPlace {
  /** A folder when there is `segmentBytes`, else a file. */
  readonly path: string;
  readonly segmentBytes?: number;
  /** Synced and committed, so that a run that was cut off goes on; otherwise only written. */
  readonly isDurable: boolean;
}

export interface RecordingOptions extends RecordingPlace {
  /** Go on with what is there; otherwise it is removed first. */
  readonly resume: boolean;
  /** Journal between two checkpoints. */
  readonly checkpointBytes: number;
  /** Journal kept behind the checkpoint. */
  readonly keepBytes: number;
  /** And no longer than that after it was written. */
  readonly keepMs: number;
  readonly nowMs?: () => number;
  readonly disk: Disk;
}

/** State at a position, as two parts that are ready at different times. */
export interface Checkpoint {
  readonly core: unknown;
  readonly files: unknown;
}

export interface Recording {
  /** Nothing has been recorded yet. */
  readonly isEmpty: boolean;
  /** Bytes behind the last commit that were cut: a torn record, rows that nobody had been told about. */
  readonly cutBytes: number;
  /** Next frame number by feed and epoch, as far as it is durable. */
  readonly nextSeq: ReadonlyMap<string, number>;
  /** What a run that goes on starts from. */
  readonly checkpoint: Checkpoint | undefined;
  /** Entries behind that checkpoint, to be run again. Rejects when the beginning is missing. */
  tail(): AsyncGenerator<JournalEntry>;
  record(entry: JournalEntry): void;
  /** A frame whose rows have been recorded in the same turn of the event loop: both are committed, or neither. */
  noteFrame(key: string, seq: number): void;
  /** Resolves when everything so far is durable. */
  durable(): Promise<void>;
  /** Resolves when little waits for the disk. */
  settled(): Promise<void>;
  /** The journal has grown enough since the last one. */
  isCheckpointDue(): boolean;
  /** Copies the core at once; `ready` resolves when the outputs up to here are stored, with the state of the files. */
  writeCheckpoint(core: unknown, ready: Promise<{ readonly files: unknown } | undefined>): Promise<void>;
  close(): Promise<void>;
}

const waitingMax = 32 * 1024 * 1024;

/** For runs that are not recorded. */
export const noRecording: Recording = {
  isEmpty: false,
  cutBytes: 0,
  nextSeq: new Map(),
  checkpoint: undefined,
  async *tail() {},
  record() {},
  noteFrame() {},
  async durable() {},
  async settled() {},
  isCheckpointDue: () => false,
  async writeCheckpoint() {},
  async close() {},
};

export async function openRecording(options: RecordingOptions): Promise<Recording> {
  const { path, isDurable, disk } = options;
  const checkpointPath = `${path}.checkpoint`;
  const commitsPath = `${path}.commits`;
  if (!options.resume) for (const each of [path, checkpointPath, commitsPath]) await rm(each, { recursive: true, force: true });
  const sync = isDurable ? 'data' : 'none';
  const commits = isDurable ? await openCommits({ path: commitsPath, sync, disk }) : undefined;
  const { journal, cutBytes } = await openJournal({
    path,
    segmentBytes: options.segmentBytes,
    sync,
    keepTo: commits?.position,
    disk,
  });
  const saved = (await readCheckpoint(checkpointPath)) as { position: number; core: Uint8Array; files: unknown } | undefined;
  let checkpointPosition = saved?.position ?? 0;
  /** Frames since the last commit. */
  const frames = new Map<string, number>();
  let committed = journal.position;
  let committing: Promise<void> | undefined;

  async function commit(): Promise<void> {
    const { position } = journal;
    const taken = [...frames];
    frames.clear();
    await journal.until(position);
    await commits?.record(position, taken);
    committed = position;
  }

  async function durable(): Promise<void> {
    const wanted = journal.position;
    while (committed < wanted || frames.size > 0) {
      committing ??= commit().finally(() => {
        committing = undefined;
      });
      await committing;
    }
  }

  return {
    isEmpty: journal.position === 0,
    cutBytes,
    nextSeq: commits?.next ?? new Map(),
    checkpoint: saved && { core: deserialize(saved.core), files: saved.files },
    async *tail() {
      if (!existsSync(path)) return;
      let isFirst = saved === undefined;
      for await (const { bytes } of readJournal(path, saved?.position)) {
        const entry = decodeEntry(bytes);
        if (isFirst && entry.type !== 'begin')
          throw new Error(`the recording ${path} has lost its beginning and has no checkpoint: move it away to start anew`);
        isFirst = false;
        yield entry;
      }
    },
    record(entry) {
      journal.append(encodeEntry(entry));
    },
    noteFrame(key, seq) {
      frames.set(key, seq);
    },
    durable,
    settled: () => journal.until(journal.position - waitingMax),
    isCheckpointDue: () => isDurable && journal.position - checkpointPosition >= options.checkpointBytes,
    async writeCheckpoint(core, ready) {
      const { position } = journal;
      const bytes = serialize(core);
      checkpointPosition = position;
      const stored = await ready;
      if (stored === undefined) return;
      await durable();
      const state = serialize({ position, core: bytes, files: stored.files });
      await disk.keepTrying(checkpointPath, () => writeCheckpoint(checkpointPath, state));
      await commits?.compact();
      await journal.dropBefore(Math.min(position, journal.position - options.keepBytes));
      await journal.dropBefore(position, (options.nowMs ?? Date.now)() - options.keepMs);
    },
    async close() {
      await journal.close();
      await commits?.close();
    },
  };
}
