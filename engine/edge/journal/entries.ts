// What the journal holds: the flow itself, names of feeds, and rows that were refused before they became part of it.

import { Packr } from 'msgpackr';
import type { PipelineOptions } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { catalog, type Kind } from '../../schema/catalog.ts';
import type { FlowItem } from '../../schema/flow.ts';
import type { Refused } from '../../schema/problem.ts';

export type JournalEntry =
  /** The first entry: what the outputs depend on beside the flow. */
  | { readonly type: 'begin'; readonly version: number; readonly pipeline: PipelineOptions }
  | FlowItem
  | { readonly type: 'feed'; readonly index: number; readonly name: string }
  | ({ readonly type: 'refused' } & Refused);

/** Raised when the meaning of entries changes; an older journal is then refused with both numbers. */
export const journalVersion = 3;

const packr = new Packr({ useRecords: false });

/** A column as one number (all alike), as 32-bit whole numbers above a base, or as doubles. */
type Column = number | readonly ['i', base: number, Uint8Array] | readonly ['d', Uint8Array];

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

export function encodeEntry(entry: JournalEntry): Uint8Array {
  return packr.pack(entry.type === 'rows' ? { type: 'rows', batch: packed(entry.batch) } : entry);
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

function packed(batch: Batch): PackedBatch {
  const { kind, feed, rows, marks, id, text } = batch;
  return {
    kind,
    feed,
    rows,
    source: columnOf(batch.source),
    eventMs: columnOf(batch.eventMs),
    periodMs: columnOf(batch.periodMs),
    values: batch.values.map(columnOf),
    ...(marks === undefined ? {} : { marks: marks.map((column) => column ?? null) }),
    ...(id === undefined ? {} : { id }),
    ...(text === undefined ? {} : { text }),
  };
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

/** Stands for a gap among 32-bit numbers. */
const gap = -0x80000000;

function columnOf(column: Float64Array | Uint32Array): Column {
  const base = Math.abs(column[0]) > 0x7fffffff ? column[0] : 0; // times
  const ints = new Int32Array(column.length);
  let isWhole = Number.isSafeInteger(base);
  for (let i = 0; isWhole && i < column.length; i++) {
    const value = column[i] - base;
    const int = value | 0;
    if (int === value && int !== gap) {
      ints[i] = int;
      if (int === 0 && Object.is(column[i], -0)) isWhole = false; // 32 bits have no -0
    } else if (Number.isNaN(value)) ints[i] = gap;
    else isWhole = false;
  }
  if (!isWhole) return ['d', bytesOf(Float64Array.from(column))];
  let isConstant = column.length > 0;
  for (let i = 1; isConstant && i < ints.length; i++) isConstant = ints[i] === ints[0];
  return isConstant ? column[0] : ['i', base, bytesOf(ints)];
}

function bytesOf(array: Float64Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function valuesOf(column: Column, rows: number): Float64Array {
  if (typeof column === 'number') return new Float64Array(rows).fill(column);
  const bytes = new Uint8Array(column[column.length - 1] as Uint8Array); // a copy, so that it is aligned
  if (column[0] === 'd') return new Float64Array(bytes.buffer, 0, rows);
  const base = column[1];
  return Float64Array.from(new Int32Array(bytes.buffer, 0, rows), (value) => (value === gap ? Number.NaN : base + value));
}
