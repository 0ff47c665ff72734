// A checkpoint file: the state at one position of the journal. Written beside and renamed, so that it is whole or not there.

import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { crc32 } from 'node:zlib';

/** Raised when the shape of any saved state changes: an older checkpoint is then left aside. */
const version = 7;
const wordBytes = 4;
/** Columns from this size on stay outside of what is serialised. */
const columnBytes = 4096;
/** The event loop turns after each: what one of them takes is what the flow feels. */
const portionBytes = 1024 * 1024;

const columnTypes = [
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
] as const;

/** State at one moment. Its columns are not copied: they must not change any more (`save()` of a stage gives copies). */
export interface Frozen {
  /** Everything but the columns, as `v8.Serializer` writes it. */
  readonly skeleton: Uint8Array;
  readonly columns: readonly Uint8Array[];
}

export function freeze(state: unknown): Frozen {
  const columns: Uint8Array[] = [];
  const serializer = Object.assign(new DefaultSerializer(), {
    _writeHostObject(view: ArrayBufferView) {
      const type = columnTypes.findIndex((each) => view instanceof each);
      if (type < 0) throw new Error(`BUG: a checkpoint does not hold a ${view.constructor.name}`);
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      serializer.writeUint32(type);
      serializer.writeUint32(bytes.length);
      if (bytes.length < columnBytes) serializer.writeRawBytes(bytes);
      else columns.push(bytes);
    },
  });
  serializer.writeHeader();
  serializer.writeValue(state);
  return { skeleton: serializer.releaseBuffer(), columns };
}

/** Bytes that it takes on the disk. */
export function sizeOf({ skeleton, columns }: Frozen): number {
  return columns.reduce((sum, column) => sum + column.length, skeleton.length);
}

/** Parts one after the other, in portions with turns of the event loop between. `held` is told how long each held it, in ms. */
export async function writeCheckpoint(
  path: string,
  parts: Iterable<Frozen>,
  held: (ms: number) => void = () => {},
): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w');
  try {
    let crc = 0;
    let beganMs = performance.now();
    for (const portion of portionsOf(parts)) {
      crc = crc32(portion, crc);
      held(performance.now() - beganMs);
      await file.writeFile(portion); // all of it: writev stops where the disk is full
      beganMs = performance.now();
    }
    await file.writeFile(word(crc));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  const folder = await open(dirname(path), 'r');
  await folder.sync();
  await folder.close();
}

/** Version; then for each part the length of its skeleton, the skeleton, the columns. */
function* portionsOf(parts: Iterable<Frozen>): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [word(version)];
  let bytes = wordBytes;
  for (const { skeleton, columns } of parts) {
    for (const piece of [word(skeleton.length), skeleton, ...columns]) {
      for (let at = 0; at < piece.length; at += portionBytes) {
        const slice = piece.subarray(at, at + portionBytes);
        waiting.push(slice);
        bytes += slice.length;
        if (bytes < portionBytes) continue;
        yield Buffer.concat(waiting);
        waiting = [];
        bytes = 0;
      }
    }
  }
  yield Buffer.concat(waiting);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(wordBytes);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** The parts; undefined when there is none that is whole and of this version. */
export async function readCheckpoint(path: string): Promise<unknown[] | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length < 2 * wordBytes || bytes.readUInt32LE(0) !== version) return undefined;
  const end = bytes.length - wordBytes;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return undefined;
  const parts: unknown[] = [];
  for (let at = wordBytes; at < end; ) {
    const part = thaw(bytes, at);
    parts.push(part.state);
    at = part.end;
  }
  return parts;
}

/** A checkpoint of this version, without reading all of it. */
export async function isOurs(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(wordBytes), 0, wordBytes, 0);
  await file.close();
  return bytesRead === wordBytes && buffer.readUInt32LE(0) === version;
}

function thaw(bytes: Buffer, from: number): { readonly state: unknown; readonly end: number } {
  const skeleton = from + wordBytes;
  let at = skeleton + bytes.readUInt32LE(from);
  const deserializer = Object.assign(new DefaultDeserializer(bytes.subarray(skeleton, at)), {
    _readHostObject() {
      const type = columnTypes[deserializer.readUint32()];
      const column = new Uint8Array(deserializer.readUint32()); // a copy, so that it is aligned
      if (column.length < columnBytes) column.set(deserializer.readRawBytes(column.length));
      else {
        column.set(bytes.subarray(at, at + column.length));
        at += column.length;
      }
      return new type(column.buffer);
    },
  });
  deserializer.readHeader();
  const state: unknown = deserializer.readValue();
  return { state, end: at };
}
