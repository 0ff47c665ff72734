// What the journal holds: the flow itself, names of feeds, and rows that were refused before they became part of it.

import { Packr } from 'msgpackr';
import type { PipelineOptions } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { catalog, type Kind } from '../../schema/catalog.ts';
import type { FlowItem } from '../../schema/flow.ts';
import type { Refused } from '../../schema/problem.ts';
import { MsgpackWriter } from '../../wire/msgpackWriter.ts';

export type JournalEntry =
  /** The first entry: what the outputs depend on beside the flow. */
  | { readonly type: 'begin'; readonly version: number; readonly pipeline: PipelineOptions }
  | FlowItem
  | { readonly type: 'feed'; readonly index: number; readonly name: string }
  | ({ readonly type: 'refused' } & Refused);

/** Raised when the meaning of entries changes; an older journal is then refused with both numbers. */
export const journalVersion = 3;

const packr = new Packr({ useRecords: false });

/** A column as one number (all alike), as whole numbers of 16 or 32 bits above a base, or as doubles. */
type Column = number | readonly ['h' | 'i', base: number, Uint8Array] | readonly ['d', Uint8Array];

interface PackedBatch {
  readonly kind: Kind;
  readonly feed: number;
  readonly rows: number;
  readonly source: Column;
  readonly eventMs: Column;
  readonly periodMs: Column;
  readonly values: readonly Column[];
  readonly marks?: readonly (Uint8Array | null)[];
  readonly id?: readonly string[];
  readonly text?: Readonly<Record<string, readonly string[]>>;
}

type Packed = { readonly type: 'rows'; readonly batch: PackedBatch } | Exclude<JournalEntry, { readonly type: 'rows' }>;

/** Valid until the next call: rows come by the million, and each allocation would be theirs. */
export function encodeEntry(entry: JournalEntry): Uint8Array {
  if (entry.type !== 'rows') return packr.pack(entry);
  writer.clear();
  writer.map(2);
  writer.text('type');
  writer.text('rows');
  writer.text('batch');
  writeBatch(entry.batch);
  return writer.written;
}

/** Throws when the journal is of another version. */
export function decodeEntry(bytes: Uint8Array): JournalEntry {
  const entry = packr.unpack(bytes) as Packed;
  if (entry.type === 'rows') return { type: 'rows', batch: unpacked(entry.batch) };
  if (entry.type === 'begin' && entry.version !== journalVersion)
    throw new Error(
      `the journal is of version ${entry.version}; this Lantian reads version ${journalVersion}: move its folder away, or choose another with --data or --out`,
    );
  return entry;
}

const writer = new MsgpackWriter();

/** A `PackedBatch`. */
function writeBatch({ kind, feed, rows, source, eventMs, periodMs, values, marks, id, text }: Batch): void {
  writer.map(7 + [marks, id, text].filter((each) => each !== undefined).length);
  writer.text('kind');
  writer.text(kind);
  writer.text('feed');
  writer.uint(feed);
  writer.text('rows');
  writer.uint(rows);
  for (const [name, column] of Object.entries({ source, eventMs, periodMs })) {
    writer.text(name);
    writeColumn(column);
  }
  writer.text('values');
  writer.array(values.length);
  for (const column of values) writeColumn(column);
  if (marks !== undefined) {
    writer.text('marks');
    writer.array(marks.length);
    for (const column of marks) {
      if (column === undefined) writer.nil();
      else writer.bin(column);
    }
  }
  if (id !== undefined) {
    writer.text('id');
    writeTexts(id);
  }
  if (text === undefined) return;
  writer.text('text');
  writer.map(Object.keys(text).length);
  for (const [name, column] of Object.entries(text)) {
    writer.text(name);
    writeTexts(column);
  }
}

function writeTexts(texts: readonly string[]): void {
  writer.array(texts.length);
  for (const each of texts) writer.text(each);
}

function unpacked(batch: PackedBatch): Batch {
  const { kind, feed, rows, marks, id, text } = batch;
  return {
    kind,
    feed,
    rows,
    source: Uint32Array.from(valuesOf(batch.source, rows)),
    eventMs: valuesOf(batch.eventMs, rows),
    periodMs: valuesOf(batch.periodMs, rows),
    values: batch.values.map((column) => valuesOf(column, rows)),
    quality: catalog[kind].metrics.map(() => new Uint8Array(rows)),
    ...(marks === undefined ? {} : { marks: marks.map((column) => (column === null ? undefined : new Uint8Array(column))) }),
    ...(id === undefined ? {} : { id }),
    ...(text === undefined ? {} : { text }),
    bin: new Uint8Array(rows),
    reason: new Uint8Array(rows),
  };
}

/** Stand for a gap among whole numbers. */
const gap16 = 0xffff;
const gap32 = -0x80000000;

/** Filled anew for each column. */
let scratch16 = new Uint16Array(1024);
let scratch32 = new Int32Array(1024);

function writeColumn(column: Float64Array | Uint32Array): void {
  const rows = column.length;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let gaps = 0;
  let isWhole = true;
  for (let i = 0; i < rows; i++) {
    const value = column[i];
    if (value < min) min = value;
    if (value > max) max = value;
    if (Number.isNaN(value)) gaps += 1;
    else if (Math.floor(value) !== value || (value === 0 && 1 / value < 0)) isWhole = false; // whole numbers have no -0
  }
  if (gaps === rows || (min === max && gaps === 0 && isWhole)) {
    writer.double(column[0]);
    return;
  }
  const isShort = max - min < gap16;
  if (!(isWhole && Number.isSafeInteger(min) && max - min <= 0x7fffffff)) {
    writer.array(2);
    writer.text('d');
    writer.bin(bytesOf(Float64Array.from(column)));
    return;
  }
  if (rows > scratch16.length) {
    scratch16 = new Uint16Array(2 * rows);
    scratch32 = new Int32Array(2 * rows);
  }
  const to = isShort ? scratch16 : scratch32;
  const gap = isShort ? gap16 : gap32;
  for (let i = 0; i < rows; i++) to[i] = Number.isNaN(column[i]) ? gap : column[i] - min;
  writer.array(3);
  writer.text(isShort ? 'h' : 'i');
  writer.double(min);
  writer.bin(bytesOf(to.subarray(0, rows)));
}

function bytesOf(array: Float64Array | Int32Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function valuesOf(column: Column, rows: number): Float64Array {
  if (typeof column === 'number') return new Float64Array(rows).fill(column);
  const bytes = new Uint8Array(column[column.length - 1] as Uint8Array); // a copy, so that it is aligned
  if (column[0] === 'd') return new Float64Array(bytes.buffer, 0, rows);
  const [type, base] = column;
  const above = type === 'h' ? new Uint16Array(bytes.buffer, 0, rows) : new Int32Array(bytes.buffer, 0, rows);
  const gap = type === 'h' ? gap16 : gap32;
  return Float64Array.from(above, (value) => (value === gap ? Number.NaN : base + value));
}
