// Chooses the reader by what the file holds.

import { FileError } from '../fileProblem.ts';
import { cnemcHeader, cnemcReader, snapshotHeader, snapshotReader } from './cnemc.ts';
import { ndjsonReader } from './ndjson.ts';
import type { Reader } from './reader.ts';
import { firstLine } from './textFile.ts';
import { uciHeader, uciReader } from './uci.ts';

/** Rejects with `FileError` for a file of none of the known shapes, saying what was expected and found. */
export async function openReader(file: string): Promise<Reader> {
  const head = await firstLine(file);
  const plain = head.replaceAll('"', '');
  if (plain.startsWith(cnemcHeader)) return cnemcReader(file);
  if (plain.startsWith(snapshotHeader)) return snapshotReader(file);
  if (plain.startsWith(uciHeader)) return uciReader(file);
  if (/^\s*[{[]/.test(head)) return ndjsonReader(file);
  throw new FileError(
    `${file} is of no known shape. Expected (gzipped or not): CNEMC china_sites ("${cnemcHeader}…"), a CNEMC snapshot ("${snapshotHeader}…"), ` +
      `UCI Beijing ("${uciHeader}…"), or NDJSON rows. Found: ${JSON.stringify(head.slice(0, 60))}`,
  );
}
