// Takes rows out of columns in place: the rows that stay move up, nothing is allocated per row.

import type { Columns } from '../columns.ts';

type Column = Float64Array | Uint32Array | Uint8Array;

function closeGaps(column: Column, gone: Int32Array, { goneCount, rows }: { readonly goneCount: number; readonly rows: number }) {
  let to = gone[0];
  for (let k = 0; k < goneCount; k++) {
    const from = gone[k] + 1;
    const end = k + 1 < goneCount ? gone[k + 1] : rows;
    if (end > from) column.copyWithin(to, from, end);
    to += end - from;
  }
}

/**
 * The columns without the rows at `gone[0 … goneCount)`, ascending positions. Uses up the given columns: their arrays are moved in
 * and shared by the answer.
 */
export function withoutRows(columns: Columns, gone: Int32Array, goneCount: number): Columns {
  if (goneCount === 0) return columns;
  const size = { goneCount, rows: columns.rows };
  const rows = columns.rows - goneCount;
  function less<Kept extends Column>(column: Kept): Kept {
    closeGaps(column, gone, size);
    return column.subarray(0, rows) as Kept;
  }
  function all<Kept extends Column>(record: Readonly<Record<string, Kept>>): Record<string, Kept> {
    const shorter: Record<string, Kept> = {};
    for (const name in record) shorter[name] = less(record[name]);
    return shorter;
  }
  const isGone = new Set(columns.id === undefined && columns.text === undefined ? [] : gone.subarray(0, goneCount));
  const words = (column: readonly string[]) => column.filter((_, row) => !isGone.has(row));
  return {
    kind: columns.kind,
    rows,
    periodMs: columns.periodMs,
    source: less(columns.source),
    time: less(columns.time),
    values: all(columns.values),
    ...(columns.marks && { marks: all(columns.marks) }),
    ...(columns.id && { id: words(columns.id) }),
    ...(columns.text && {
      text: Object.fromEntries(Object.entries(columns.text).map(([name, column]) => [name, words(column)])),
    }),
  };
}

/** A list of positions that grows and is used again. */
export interface Positions {
  list: Int32Array;
  count: number;
}

export function addPosition(positions: Positions, row: number): void {
  if (positions.count === positions.list.length) {
    const longer = new Int32Array(positions.list.length * 2);
    longer.set(positions.list);
    positions.list = longer;
  }
  positions.list[positions.count++] = row;
}
