// An append-only journal of records: segments of length, CRC and bytes; group fdatasync; a torn tail is cut.

import { constants, createReadStream, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open as openFile, readdir, rename as renameFile, rm, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Disk } from '../disk.ts';

/** Positions are byte offsets over all segments, from 0 at the start of the run. */
export interface Journal {
  /** Before the first record that is kept; 0 until a segment is dropped. */
  readonly from: number;
  /** Behind the last appended record. */
  readonly position: number;
  /** Everything before it survives a crash. */
  readonly durable: number;
  /** Copies the bytes; returns the position behind them. Throws when closed. */
  append(record: Uint8Array): number;
  /** Resolves when everything before `position` is durable; rejects when the disk refuses. The disk begins at once. */
  until(position: number): Promise<void>;
  /** With `sync: 'none'`: resolves when everything appended so far survives a power cut as well. */
  sync(): Promise<void>;
  /** Before anything is appended: what lies behind the position goes. Resolves with the bytes that went. */
  cut(position: number): Promise<number>;
  /** Removes whole segments that end at or before `position`, and were last written before a time, if one is given. */
  dropBefore(position: number, writtenBeforeMs?: number): Promise<void>;
  /** Gives a journal of one file another name; it goes on there. */
  rename(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface JournalOptions {
  /** Folder of the segments, or the one file. */
  readonly path: string;
  /** A new segment begins when this one has grown past it; undefined: one file. */
  readonly segmentBytes?: number;
  /** `data`: each group is durable when it is written (O_DSYNC); `none`: after each segment, and when asked for (spools, replays, tests). */
  readonly sync: 'data' | 'none';
  /** Waits for room when the disk is full; otherwise that is a failure. */
  readonly disk?: Disk;
  /** Of tests that let it fail. */
  readonly open?: (path: string, flags: number) => Promise<FileHandle>;
}

export interface OpenedJournal {
  readonly journal: Journal;
  /** Bytes cut off: a record that a crash had left half-written. */
  readonly cutBytes: number;
}

/** `LTJ1`, then length (u32) and CRC-32 (u32) before each record, little-endian. */
const magic = Buffer.from('LTJ1');
const headBytes = 8;
/** A longer one is damage, not a record. */
const recordBytesMax = 256 * 1024 * 1024;

/** Of what waits for the disk. More is given back when it was needed for a moment. */
const roomAtFirst = 64 * 1024;
const roomKept = 16 * 1024 * 1024;

const openFlags = {
  data: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC,
  none: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND,
};

const nameOf = (position: number) => `${String(position).padStart(16, '0')}.seg`;

interface Segment {
  readonly path: string;
  /** Position of its first record. */
  readonly from: number;
}

/** Segments of a folder in order; a single file is its own only segment. */
async function segmentsOf(path: string): Promise<Segment[]> {
  if ((await stat(path)).isFile()) return [{ path, from: 0 }];
  const names = (await readdir(path)).filter((name) => /^\d{16}\.seg$/.test(name)).sort();
  return names.map((name) => ({ path: join(path, name), from: Number(name.slice(0, 16)) }));
}

/** Position before the first record that is there. */
export async function beginningOf(path: string): Promise<number> {
  return (await segmentsOf(path))[0]?.from ?? 0;
}

export class JournalError extends Error {
  override readonly name = 'JournalError';
}

export interface JournalRecord {
  readonly bytes: Uint8Array;
  /** Behind this record. */
  readonly position: number;
  /** Part of the journal's bytes up to here, 0 to 1. */
  readonly share: number;
}

/**
 * Records of a folder or a single file from a position on. A torn tail of the last segment ends the reading;
 * damage anywhere else rejects with the file and the offset.
 */
export async function* readJournal(path: string, fromPosition = 0): AsyncGenerator<JournalRecord> {
  const segments = await segmentsOf(path);
  const newest = segments.at(-1);
  const end = newest === undefined ? 0 : newest.from + (await stat(newest.path)).size;
  const first = Math.max(
    0,
    segments.findLastIndex(({ from }) => from <= fromPosition),
  );
  for (let i = first; i < segments.length; i++) {
    const isLast = i === segments.length - 1;
    const found = yield* readSegment(segments[i], fromPosition, end);
    if (found.isTorn && !isLast) throw new JournalError(`${segments[i].path} is damaged at byte ${found.offset}`);
    if (!isLast && segments[i].from + found.offset - magic.length !== segments[i + 1].from)
      throw new JournalError(`${segments[i + 1].path} does not follow ${segments[i].path}: a segment is missing`);
  }
}

/** Returns the offset in the file behind the last whole record. */
async function* readSegment(
  { path, from }: Segment,
  fromPosition: number,
  end: number,
): AsyncGenerator<JournalRecord, { offset: number; isTorn: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let at = 0;
    if (offset === 0) {
      if (rest.length < magic.length) continue;
      if (!rest.subarray(0, magic.length).equals(magic))
        throw new JournalError(`${path} is not a journal: it does not begin with ${magic.toString()}`);
      at = magic.length;
      offset = magic.length;
    }
    for (;;) {
      if (rest.length - at < headBytes) break;
      const length = rest.readUInt32LE(at);
      if (length > recordBytesMax) return { offset, isTorn: true };
      if (rest.length - at < headBytes + length) break;
      const bytes = rest.subarray(at + headBytes, at + headBytes + length);
      if (crc32(bytes) !== rest.readUInt32LE(at + 4)) return { offset, isTorn: true };
      at += headBytes + length;
      offset += headBytes + length;
      const position = from + offset - magic.length;
      if (position > fromPosition) yield { bytes, position, share: position / end };
    }
    rest = rest.subarray(at);
  }
  return { offset, isTorn: rest.length > 0 };
}

/** Opens or makes the journal, cuts a torn tail, and appends behind it. */
export async function openJournal(options: JournalOptions): Promise<OpenedJournal> {
  if (options.segmentBytes !== undefined) await mkdir(options.path, { recursive: true });
  const segments = existsSync(options.path) ? await segmentsOf(options.path) : [];
  const newest = segments.at(-1);
  if (newest === undefined) return { journal: journalFrom(options, segments, 0), cutBytes: 0 };
  const reading = readSegment(newest, Number.POSITIVE_INFINITY, 0);
  const { value } = await reading.next(); // no record lies behind infinity: the first result is the end
  const { offset } = value as { offset: number };
  const cutBytes = await shorten(newest.path, offset);
  return { journal: journalFrom(options, segments, newest.from + Math.max(0, offset - magic.length)), cutBytes };
}

/** Resolves with the bytes that went. */
async function shorten(path: string, length: number): Promise<number> {
  const { size } = await stat(path);
  if (size > length) await truncate(path, length);
  return Math.max(0, size - length);
}

function journalFrom(options: JournalOptions, segments: Segment[], start: number): Journal {
  const open = options.open ?? openFile;
  const segmentBytes = options.segmentBytes ?? Number.POSITIVE_INFINITY;
  let position = start;
  let durable = start;
  let synced = start;
  /** Appended, and not yet given to the disk: the first `filled` bytes. */
  let filling: Buffer = Buffer.allocUnsafe(roomAtFirst);
  let filled = 0;
  /** Of the group before, to be filled again. */
  let spare: Buffer | undefined;
  let file: FileHandle | undefined;
  let fileBytes = 0;
  let failure: Error | undefined;
  let isClosed = false;
  let writing: Promise<void> | undefined;
  let watchers: { readonly position: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  async function openSegment(): Promise<FileHandle> {
    const newest = segments.at(-1);
    if (options.sync === 'none') await file?.datasync();
    await file?.close();
    const isNew = newest === undefined || file !== undefined || (await stat(newest.path)).size >= segmentBytes;
    const path = options.segmentBytes === undefined ? options.path : join(options.path, nameOf(durable));
    const segment = isNew ? { path, from: durable } : newest;
    file = await open(segment.path, openFlags[options.sync]);
    if (isNew) segments.push(segment);
    fileBytes = (await file.stat()).size;
    if (fileBytes < magic.length) {
      fileBytes = 0;
      await file.truncate(0);
      await writeAll(file, magic);
      fileBytes = magic.length;
      if (options.sync === 'data') await syncFolder();
    }
    return file;
  }

  /** A new file's name is durable only when its folder is. */
  async function syncFolder(): Promise<void> {
    const folder = await openFile(options.segmentBytes === undefined ? dirname(options.path) : options.path, 'r');
    await folder.sync();
    await folder.close();
  }

  /** Writes groups until nothing waits: what comes during a sync goes with the next. */
  async function write(): Promise<void> {
    while (filled > 0 && failure === undefined) {
      const group = filling.subarray(0, filled);
      const taken = filling;
      filling = spare ?? Buffer.allocUnsafe(roomAtFirst);
      filled = 0;
      try {
        await (options.disk === undefined ? writeGroup(group) : options.disk.keepTrying(options.path, () => writeGroup(group)));
        fileBytes += group.length;
        durable += group.length;
      } catch (error) {
        failure = new JournalError(`the journal ${options.path} cannot be written: ${(error as Error).message}`);
      }
      spare = taken.length <= roomKept ? taken : undefined;
      tell();
    }
    writing = undefined;
  }

  function startWriting(): void {
    if (filled > 0 && failure === undefined) writing ??= write();
  }

  async function writeGroup(group: Uint8Array): Promise<void> {
    try {
      const hasRoom = file !== undefined && fileBytes < segmentBytes;
      await writeAll(hasRoom ? (file as FileHandle) : await openSegment(), group);
    } catch (error) {
      // Another try must not find half of this one.
      const failed = file;
      file = undefined;
      await failed?.truncate(fileBytes).catch(() => {});
      await failed?.close().catch(() => {});
      throw error;
    }
  }

  function tell(): void {
    const still: typeof watchers = [];
    for (const watcher of watchers) {
      if (watcher.position <= durable) watcher.resolve();
      else if (failure !== undefined) watcher.reject(failure);
      else still.push(watcher);
    }
    watchers = still;
  }

  /** Room for so much more of what waits. */
  function room(bytes: number): void {
    if (filled + bytes <= filling.length) return;
    const larger = Buffer.allocUnsafe(Math.max(filled + bytes, filling.length * 2));
    filling.copy(larger, 0, 0, filled);
    filling = larger;
  }

  function until(wanted: number): Promise<void> {
    startWriting();
    return new Promise((resolve, reject) => {
      watchers.push({ position: wanted, resolve, reject });
      tell();
    });
  }

  return {
    get from() {
      return segments[0]?.from ?? 0;
    },
    get position() {
      return position;
    },
    get durable() {
      return durable;
    },
    append(record) {
      if (isClosed) throw new JournalError(`the journal ${options.path} is closed`);
      room(headBytes + record.length);
      filling.writeUInt32LE(record.length, filled);
      filling.writeUInt32LE(crc32(record), filled + 4);
      filling.set(record, filled + headBytes);
      filled += headBytes + record.length;
      position += headBytes + record.length;
      queueMicrotask(startWriting);
      return position;
    },
    until,
    async sync() {
      await until(position);
      if (synced === durable) return;
      const end = durable;
      await file?.datasync();
      await syncFolder();
      synced = end;
    },
    async cut(wanted) {
      let bytes = 0;
      while (segments.length > 1 && segments[segments.length - 1].from > wanted) {
        const { path } = segments.pop() as Segment;
        bytes += (await stat(path)).size;
        await rm(path);
      }
      const newest = segments.at(-1);
      if (newest === undefined || position <= wanted) return bytes;
      position = Math.max(newest.from, wanted);
      durable = position;
      synced = position;
      return bytes + (await shorten(newest.path, position - newest.from + magic.length));
    },
    async dropBefore(wanted, writtenBeforeMs = Number.POSITIVE_INFINITY) {
      while (segments.length > 1 && segments[1].from <= wanted) {
        const { path } = segments[0];
        if ((await stat(path)).mtimeMs >= writtenBeforeMs) return;
        segments.shift();
        await rm(path);
      }
    },
    async rename(path) {
      await renameFile(segments[0].path, path);
      segments[0] = { ...segments[0], path };
    },
    async close() {
      isClosed = true;
      startWriting();
      await writing;
      await file?.close();
      file = undefined;
      if (failure !== undefined) throw failure;
    },
  };
}

/** A write may take fewer bytes than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
