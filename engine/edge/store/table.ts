// What a table of the history is, and what goes into one.

/** `TEXT`: one that repeats from row to row; DuckDB keeps it as a number (`texts.ts`). */
export type ColumnType = 'VARCHAR' | 'TEXT' | 'BIGINT' | 'DOUBLE' | 'INTEGER';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** What it is in a row that has at most one value of each metric, in SQL: DuckDB keeps such rows without it (`duckdbTables.ts`). */
  readonly ofSingle?: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Columns that name a row: with revisions, the newest of each key counts. Undefined: every row counts. */
  readonly key?: readonly string[];
}

export type Cell = string | number | bigint | null;
/** One array per column of the table. NaN stands for NULL: views and readers make it that. */
export type Columns = readonly ArrayLike<Cell>[];

export const column = (name: string, type: ColumnType): Column => ({ name, type });

/** The same value comes again and again: making a BigInt costs more than the comparison. */
export function whole(values: ArrayLike<number>): bigint[] {
  const column = new Array<bigint>(values.length);
  for (let i = 0; i < values.length; i++) column[i] = i > 0 && values[i] === values[i - 1] ? column[i - 1] : BigInt(values[i]);
  return column;
}
