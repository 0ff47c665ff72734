// Arrived rows of one feed and one kind, gathered into columns until they are handed on.

import type { Batch } from '../../schema/batch.ts';
import { catalog, type Kind, type Metric } from '../../schema/catalog.ts';
import type { Frame } from '../../wire/frame.ts';

/** Columns with room to grow; `rows` are filled. */
export class RowBuffer {
  readonly kind: Kind;
  readonly feed: number;
  rows = 0;
  private readonly metrics: readonly Metric[];
  private room = 0;
  private source: Uint32Array = new Uint32Array(0);
  private eventMs: Float64Array = new Float64Array(0);
  private periodMs: Float64Array = new Float64Array(0);
  private values: Float64Array[];
  private marks: (Uint8Array | undefined)[];
  private id: string[] = [];
  private text: Record<string, string[]> = {};

  constructor(kind: Kind, feed: number) {
    this.kind = kind;
    this.feed = feed;
    this.metrics = catalog[kind].metrics;
    this.values = this.metrics.map(() => new Float64Array(0));
    this.marks = this.metrics.map(() => undefined);
    for (const name of catalog[kind].text) this.text[name] = [];
  }

  /** Appends the rows of a frame; `indices` maps the frame's list of sources to ours. */
  append(frame: Frame, indices: Int32Array): void {
    const from = this.rows;
    const rows = frame.rows;
    if (from + rows > this.room) this.grow(from + rows);
    const { source, eventMs } = this;
    for (let row = 0; row < rows; row++) source[from + row] = indices[frame.source[row]];
    eventMs.set(frame.time, from);
    this.periodMs.fill(frame.periodMs, from, from + rows);
    for (let m = 0; m < this.metrics.length; m++) {
      const column = frame.values[this.metrics[m].id];
      if (column === undefined) this.values[m].fill(Number.NaN, from, from + rows);
      else wholeNumbers(column, this.values[m], from, this.metrics[m]);
    }
    if (frame.marks !== undefined) this.appendMarks(frame.marks, from);
    if (frame.id !== undefined) for (const id of frame.id) this.id.push(id);
    this.appendText(frame, rows);
    this.rows += rows;
  }

  private appendMarks(marks: Readonly<Record<string, Uint8Array>>, from: number): void {
    for (let m = 0; m < this.metrics.length; m++) {
      const column = marks[this.metrics[m].id];
      if (column === undefined) continue;
      this.marks[m] ??= new Uint8Array(this.room);
      (this.marks[m] as Uint8Array).set(column, from);
    }
  }

  private appendText(frame: Frame, rows: number): void {
    for (const name of catalog[this.kind].text) {
      const column = frame.text?.[name];
      for (let row = 0; row < rows; row++) this.text[name].push(column?.[row] ?? '');
    }
  }

  private grow(needed: number): void {
    this.room = Math.max(64, needed, this.room * 2);
    this.source = into(new Uint32Array(this.room), this.source);
    this.eventMs = into(new Float64Array(this.room), this.eventMs);
    this.periodMs = into(new Float64Array(this.room), this.periodMs);
    this.values = this.values.map((column) => into(new Float64Array(this.room), column));
    this.marks = this.marks.map((column) => (column === undefined ? undefined : into(new Uint8Array(this.room), column)));
  }

  /** The gathered rows as a batch of their own; the buffer is empty afterwards. */
  take(): Batch {
    const { rows } = this;
    const isMarked = this.marks.some((column) => column !== undefined);
    const isEvent = catalog[this.kind].event;
    const batch: Batch = {
      kind: this.kind,
      feed: this.feed,
      rows,
      source: this.source.slice(0, rows),
      eventMs: this.eventMs.slice(0, rows),
      periodMs: this.periodMs.slice(0, rows),
      values: this.values.map((column) => column.slice(0, rows)),
      quality: this.metrics.map(() => new Uint8Array(rows)),
      ...(isMarked ? { marks: this.marks.map((column) => column?.slice(0, rows)) } : {}),
      ...(isEvent && this.id.length === rows ? { id: this.id } : {}),
      ...(catalog[this.kind].text.length > 0 ? { text: this.text } : {}),
      bin: new Uint8Array(rows),
      reason: new Uint8Array(rows),
    };
    this.rows = 0;
    this.marks.fill(undefined);
    this.id = [];
    this.text = Object.fromEntries(catalog[this.kind].text.map((name) => [name, []]));
    return batch;
  }
}

function into<T extends Uint32Array | Float64Array | Uint8Array>(larger: T, smaller: T): T {
  larger.set(smaller);
  return larger;
}

/** Whole numbers of the metric's resolution, so that sums are exact whatever the order. NaN stays. */
function wholeNumbers(from: Float32Array | Float64Array, to: Float64Array, at: number, { resolution, scale }: Metric): void {
  if (resolution < 1) for (let i = 0; i < from.length; i++) to[at + i] = Math.round(from[i] * scale);
  else for (let i = 0; i < from.length; i++) to[at + i] = Math.round(from[i] / resolution);
}
