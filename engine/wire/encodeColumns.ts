// Writes the columns format: one MessagePack map of typed-array columns per binary frame (wire/README.md).

import type { Frame } from './frame.ts';
import { MsgpackWriter } from './msgpackWriter.ts';

const bytesOf = (column: Float32Array | Float64Array | Uint16Array | Uint32Array | Uint8Array): Uint8Array =>
  new Uint8Array(column.buffer, column.byteOffset, column.byteLength);

const writer = new MsgpackWriter();
/** Shorter lists are as soon written as looked up. */
const listKeptMin = 32;
/** Long lists as they travel, by identity: senders name the same thousands of sources in every frame. */
const lists = new WeakMap<readonly string[], Uint8Array>();

/** The frame as it travels, in bytes of its own. Columns must have `frame.rows` entries; lists of sources may not change. */
export function encodeColumns(frame: Frame): Uint8Array {
  const { seq, periodMs, marks, id, text } = frame;
  const optional = [seq, periodMs === 0 ? undefined : periodMs, marks, id, text];
  writer.clear();
  writer.map(6 + optional.filter((field) => field !== undefined).length);
  writer.text('v');
  writer.uint(1);
  writer.text('kind');
  writer.text(frame.kind);
  if (seq !== undefined) {
    writer.text('seq');
    writer.uint(seq);
  }
  if (periodMs !== 0) {
    writer.text('periodMs');
    writer.uint(periodMs);
  }
  writer.text('sources');
  writeSources(frame.sources);
  writer.text('source');
  writer.bin(bytesOf(frame.source));
  writer.text('time');
  writer.bin(bytesOf(frame.time));
  writer.text('values');
  writeEach(frame.values, (column) => writer.bin(bytesOf(column)));
  if (marks !== undefined) {
    writer.text('marks');
    writeEach(marks, (column) => writer.bin(column));
  }
  if (id !== undefined) {
    writer.text('id');
    writeTexts(id);
  }
  if (text !== undefined) {
    writer.text('text');
    writeEach(text, writeTexts);
  }
  return writer.since(0);
}

function writeEach<T>(columns: Readonly<Record<string, T>>, write: (column: T) => void): void {
  const entries = Object.entries(columns);
  writer.map(entries.length);
  for (const [name, column] of entries) {
    writer.text(name);
    write(column);
  }
}

function writeTexts(texts: readonly string[]): void {
  writer.array(texts.length);
  for (const text of texts) writer.text(text);
}

function writeSources(sources: readonly string[]): void {
  const written = lists.get(sources);
  if (written !== undefined) {
    writer.raw(written);
    return;
  }
  const from = writer.position;
  writeTexts(sources);
  if (sources.length >= listKeptMin) lists.set(sources, writer.since(from));
}
