// A checkpoint file: the state at one position of the journal. Written beside and renamed, so that it is whole or not there.

import { open, readFile, rename } from 'node:fs/promises';
import { deserialize } from 'node:v8';
import { crc32 } from 'node:zlib';

/** Raised when the shape of any saved state changes: an older checkpoint is then left aside. */
const version = 2;
const headBytes = 8;

/** `bytes`: the state as `v8.serialize` gives it. */
export async function writeCheckpoint(path: string, bytes: Uint8Array): Promise<void> {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(version, 0);
  head.writeUInt32LE(crc32(bytes), 4);
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w');
  try {
    await file.writeFile(Buffer.concat([head, bytes])); // all of it: writev stops where the disk is full
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

/** Undefined when there is none that is whole and of this version. */
export async function readCheckpoint(path: string): Promise<unknown> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length < headBytes || bytes.readUInt32LE(0) !== version) return undefined;
  const state = bytes.subarray(headBytes);
  return crc32(state) === bytes.readUInt32LE(4) ? deserialize(state) : undefined;
}
