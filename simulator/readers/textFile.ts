// Text files, gzipped or not (told by content, not by name), as records or lines.

import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { FileError } from '../fileProblem.ts';

export interface TextFile {
  readonly stream: Readable;
  /** Part of the file (as it lies on disk) that has been read, 0 to 1. */
  share(): number;
}

export async function openText(file: string): Promise<TextFile> {
  let size = 0;
  const head = Buffer.alloc(2);
  try {
    size = (await stat(file)).size;
    const handle = await open(file);
    await handle.read(head, 0, 2, 0);
    await handle.close();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FileError(code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${message}`);
  }
  const bytes = createReadStream(file);
  const share = () => (size === 0 ? 1 : bytes.bytesRead / size);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return { stream: bytes, share };
  const gunzip = createGunzip();
  bytes.on('error', (error) => gunzip.destroy(error));
  return { stream: bytes.pipe(gunzip), share };
}

export async function firstLine(file: string): Promise<string> {
  for await (const { text } of linesOf(file)) return text;
  return '';
}

/** Lines without their ends, numbered from 1; a byte order mark is dropped. */
export async function* linesOf(
  file: string,
): AsyncGenerator<{ readonly line: number; readonly text: string; readonly share: number }> {
  const { stream, share } = await openText(file);
  const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  let line = 0;
  try {
    for await (const text of reader) {
      line += 1;
      yield { line, text: line === 1 && text.startsWith('\ufeff') ? text.slice(1) : text, share: share() };
    }
  } catch (error) {
    throw new FileError(`${file} is damaged near line ${line}: ${(error as Error).message}`);
  } finally {
    stream.destroy();
  }
}

/** Records of a CSV file with their line; the header is the first. Rows of any length come through. */
export async function* csvOf(
  file: string,
): AsyncGenerator<{ readonly line: number; readonly cells: readonly string[]; readonly share: number }> {
  const { stream, share } = await openText(file);
  const parser = parse({ bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, info: true });
  stream.on('error', (error) => parser.destroy(error));
  try {
    for await (const entry of stream.pipe(parser)) {
      const { info, record } = entry as { info: { lines: number }; record: string[] };
      yield { line: info.lines, cells: record, share: share() };
    }
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(`${file} is damaged: ${(error as Error).message}`);
  } finally {
    stream.destroy();
  }
}

/** A number, NaN for an empty cell, undefined for anything else. */
export function cellNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text === 'NA' || text === '—' || text === '-') return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
