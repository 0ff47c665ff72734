// The recording of a run: journal, commits and checkpoints as one thing.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Disk } from '../disk.ts';
import { freeze, readCheckpoint, sizeOf, writeCheckpoint } from './checkpoint.ts';
import { openCommits } from './commits.ts';
import { decodeEntry, encodeEntry, type JournalEntry } from './entries.ts';
import { openJournal, readJournal } from './journal.ts';
import { openSnapshots } from './snapshots.ts';

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
  /** Journal between two checkpoints, at least, and by the size of the one before. */
  readonly checkpointBytes: number;
  readonly checkpointTimes: number;
  /** Or so long after it, on the machine's clock. */
  readonly checkpointMs: number;
  /** Journal kept behind the checkpoint, at least: what is dropped ends where a snapshot is. */
  readonly keepBytes: number;
  /** And not much longer than that after it was written. */
  readonly keepMs: number;
  readonly nowMs?: () => number;
  readonly disk: Disk;
}

/** State at a position, as two parts that are ready at different times. */
export interface Checkpoint {
  readonly core: unknown;
  readonly files: readonly unknown[];
}

/** How long checkpoints held everything else up, in one go. */
export interface Pause {
  /** Of the newest one. */
  readonly last: number;
  readonly max: number;
}

export interface Recording {
  /** Nothing has been recorded yet. */
  readonly isEmpty: boolean;
  /** Bytes behind the last commit that were cut: a torn record, rows that nobody had been told about. */
  readonly cutBytes: number;
  /** Bytes that had been acknowledged and are damaged: cut with what lay behind them. */
  readonly lostBytes: number;
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
  /** Takes the core at once; `ready` resolves when the outputs up to here are stored, with the state of the files, in parts. */
  writeCheckpoint(core: () => unknown, ready: Promise<{ readonly files: readonly unknown[] } | undefined>): Promise<void>;
  /** In ms; undefined before the first checkpoint of this process. */
  readonly pauseMs: Pause | undefined;
  close(): Promise<void>;
}

/** A snapshot for each of so many parts of what is kept: a part more than asked for is on the disk. */
const keptParts = 4;
const waitingMax = 32 * 1024 * 1024;

/** For runs that are not recorded. */
export const noRecording: Recording = {
  isEmpty: false,
  cutBytes: 0,
  lostBytes: 0,
  nextSeq: new Map(),
  checkpoint: undefined,
  async *tail() {},
  record() {},
  noteFrame() {},
  async durable() {},
  async settled() {},
  isCheckpointDue: () => false,
  async writeCheckpoint() {},
  pauseMs: undefined,
  async close() {},
};

export async function openRecording(options: RecordingOptions): Promise<Recording> {
  const { path, isDurable, disk } = options;
  const checkpointPath = `${path}.checkpoint`;
  const commitsPath = `${path}.commits`;
  if (!options.resume) for (const each of [path, checkpointPath, commitsPath]) await rm(each, { recursive: true, force: true });
  const sync = isDurable ? 'data' : 'none';
  const { journal, cutBytes: tornBytes } = await openJournal({ path, segmentBytes: options.segmentBytes, sync, disk });
  const nowMs = options.nowMs ?? Date.now;
  const [head, ...files] = (await readCheckpoint(checkpointPath)) ?? [];
  const saved = head as { readonly position: number; readonly core: unknown } | undefined;
  if (saved !== undefined && saved.position > journal.position)
    throw new Error(
      `the recording ${path} is damaged before its checkpoint (byte ${journal.position} of ${saved.position}): put a copy in its place, or move it away with its .checkpoint and .commits to start anew`,
    );
  const commits = isDurable ? await openCommits({ path: commitsPath, journalEnd: journal.position, sync, disk }) : undefined;
  const cutBytes = tornBytes + (commits === undefined ? 0 : await journal.cut(commits.position));
  const snapshots =
    options.segmentBytes === undefined
      ? undefined
      : await openSnapshots({
          path,
          everyBytes: Math.max(options.segmentBytes, options.keepBytes / keptParts),
          everyMs: options.keepMs / keptParts,
          nowMs,
          disk,
        });
  let checkpointPosition = saved?.position ?? 0;
  /** Journal that is to come before the next one. */
  let checkpointAfter = options.checkpointBytes;
  let checkpointAtMs = nowMs();
  let pauseMs: Pause | undefined;
  /** Frames since the last commit. */
  const frames = new Map<string, number>();
  let committed = journal.position;
  let committing: Promise<void> | undefined;

  async function commit(): Promise<void> {
    const { position } = journal;
    const taken = [...frames];
    frames.clear();
    const written = journal.until(position);
    await (commits === undefined ? written : commits.record(position, taken, written));
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
    lostBytes: commits?.lostBytes ?? 0,
    nextSeq: commits?.next ?? new Map(),
    checkpoint: saved && { core: saved.core, files },
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
    isCheckpointDue() {
      const grown = journal.position - checkpointPosition;
      return isDurable && (grown >= checkpointAfter || (grown > 0 && nowMs() - checkpointAtMs >= options.checkpointMs));
    },
    async writeCheckpoint(take, ready) {
      const beganMs = performance.now();
      const { position } = journal;
      const core = freeze({ position, core: take() });
      checkpointPosition = position;
      checkpointAtMs = nowMs();
      checkpointAfter = Math.max(options.checkpointBytes, options.checkpointTimes * sizeOf(core));
      let longestMs = 0;
      const held = (ms: number) => {
        longestMs = Math.max(longestMs, ms);
        pauseMs = { last: longestMs, max: Math.max(longestMs, pauseMs?.max ?? 0) };
      };
      held(performance.now() - beganMs);
      const stored = await ready;
      if (stored === undefined) return;
      await durable();
      function* parts() {
        yield core;
        for (const part of stored?.files ?? []) yield freeze(part);
      }
      await disk.keepTrying(checkpointPath, () => writeCheckpoint(checkpointPath, parts(), held));
      await commits?.compact();
      if (snapshots === undefined) return;
      if (snapshots.isDue(position)) await snapshots.write(position, core, held);
      await journal.dropBefore(snapshots.newestUpTo(Math.min(position, journal.position - options.keepBytes)));
      await journal.dropBefore(snapshots.newestUpTo(position), nowMs() - options.keepMs);
      await snapshots.dropBefore(journal.from);
    },
    get pauseMs() {
      return pauseMs;
    },
    async close() {
      await journal.close();
      await commits?.close();
    },
  };
}
