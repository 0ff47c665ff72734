// Rows of one kind and period that are under way: each has its time of arrival, the earliest leave first.

import { catalog, type Kind } from '../../../engine/schema/catalog.ts';
import type { Columns } from '../columns.ts';

/** Instrument mark of a value that has none. */
const normalMark = 'N'.charCodeAt(0);

export interface WaitingRows {
  /** Copies the row; it arrives at `dueMs`, among rows of the same time in the order of adding. */
  add(columns: Columns, row: number, dueMs: number): void;
  /** Takes out all that have arrived, by time of arrival; undefined: none. */
  take(nowMs: number): Columns | undefined;
  readonly rows: number;
}

/** Columns that come out have every metric of the kind, NaN where the row had none; marks for all if `hasMarks`. */
export function waitingRows(kind: Kind, periodMs: number, hasMarks: boolean): WaitingRows {
  const { metrics, event, text } = catalog[kind];
  const names = metrics.map(({ id }) => id);
  // Slots hold rows, in no order; the heap orders slots. A slot that is free is kept in a list and used again.
  let capacity = 16;
  let slots = 0;
  const free: number[] = [];
  let source = new Uint32Array(capacity);
  let time = new Float64Array(capacity);
  let values = names.map(() => new Float64Array(capacity));
  let marks = hasMarks ? names.map(() => new Uint8Array(capacity)) : [];
  const ids: string[] = [];
  const words: string[][] = text.map(() => []);
  let due = new Float64Array(capacity);
  let turn = new Float64Array(capacity);
  let heap = new Int32Array(capacity);
  let rows = 0;
  let turns = 0;

  function grow(): void {
    capacity *= 2;
    source = longer(source, new Uint32Array(capacity));
    time = longer(time, new Float64Array(capacity));
    values = values.map((column) => longer(column, new Float64Array(capacity)));
    marks = marks.map((column) => longer(column, new Uint8Array(capacity)));
    due = longer(due, new Float64Array(capacity));
    turn = longer(turn, new Float64Array(capacity));
    heap = longer(heap, new Int32Array(capacity));
  }

  const isBefore = (a: number, b: number) => due[a] < due[b] || (due[a] === due[b] && turn[a] < turn[b]);

  function rise(slot: number): void {
    let at = rows++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(slot, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = slot;
  }

  /** Takes the first slot out of the heap. */
  function first(): number {
    const taken = heap[0];
    const last = heap[--rows];
    let at = 0;
    for (let child = 1; child < rows; child = 2 * at + 1) {
      if (child + 1 < rows && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return taken;
  }

  function store(columns: Columns, row: number, slot: number): void {
    source[slot] = columns.source[row];
    time[slot] = columns.time[row];
    for (let m = 0; m < names.length; m++) {
      values[m][slot] = columns.values[names[m]]?.[row] ?? Number.NaN;
      if (hasMarks) marks[m][slot] = columns.marks?.[names[m]]?.[row] ?? normalMark;
    }
    if (event) ids[slot] = columns.id?.[row] ?? '';
    for (let t = 0; t < text.length; t++) words[t][slot] = columns.text?.[text[t]]?.[row] ?? '';
  }

  function gather(taken: readonly number[]): Columns {
    const gatherIn = <Kept extends Float64Array | Uint32Array | Uint8Array>(from: Kept, to: Kept): Kept => {
      for (let i = 0; i < taken.length; i++) to[i] = from[taken[i]];
      return to;
    };
    const byName = <Kept>(columnOf: (index: number) => Kept) =>
      Object.fromEntries(names.map((name, index) => [name, columnOf(index)])) as Record<string, Kept>;
    const count = taken.length;
    return {
      kind,
      rows: count,
      periodMs,
      source: gatherIn(source, new Uint32Array(count)),
      time: gatherIn(time, new Float64Array(count)),
      values: byName((index) => gatherIn(values[index], new Float64Array(count))),
      ...(hasMarks && { marks: byName((index) => gatherIn(marks[index], new Uint8Array(count))) }),
      ...(event && { id: taken.map((slot) => ids[slot]) }),
      ...(text.length > 0 && {
        text: Object.fromEntries(text.map((name, index) => [name, taken.map((slot) => words[index][slot])])),
      }),
    };
  }

  return {
    add(columns, row, dueMs) {
      if (free.length === 0 && slots === capacity) grow();
      const slot = free.pop() ?? slots++;
      store(columns, row, slot);
      due[slot] = dueMs;
      turn[slot] = turns++;
      rise(slot);
    },
    take(nowMs) {
      if (rows === 0 || due[heap[0]] > nowMs) return undefined;
      const taken: number[] = [];
      while (rows > 0 && due[heap[0]] <= nowMs) taken.push(first());
      const columns = gather(taken);
      for (const slot of taken) free.push(slot);
      return columns;
    },
    get rows() {
      return rows;
    },
  };
}

function longer<Kept extends Float64Array | Uint32Array | Uint8Array | Int32Array>(from: Kept, to: Kept): Kept {
  to.set(from);
  return to;
}
