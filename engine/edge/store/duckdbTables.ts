// How the history's tables lie in DuckDB: what is stored, what the view of a table's own name shows, and how rows are appended.

import { setImmediate as turn } from 'node:timers/promises';
import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, type DuckDBVector, INTEGER, VARCHAR } from '@duckdb/node-api';
import type { WindowBatch } from '../../schema/window.ts';
import type { Cell, Column, Columns, Table } from './table.ts';
import { tables } from './tables.ts';
import { type Texts, textsTable } from './texts.ts';

/** Rows for one table. */
export interface Part {
  readonly table: Table;
  readonly cells: Columns;
  readonly rows: number;
}

const chunkRows = 2048;
const types = { VARCHAR, TEXT: INTEGER, BIGINT, DOUBLE, INTEGER } as const;

/** Where the rows of a table are. The table's own name is the view for people: texts, gaps as NULL, the newest revision only. */
export function stored(table: Table): string {
  if (table === textsTable) return table.name;
  return table.key === undefined ? `${table.name}_rows` : `${table.name}_revisions`;
}

const singles = new Map(tables.filter(hasSingles).map((table) => [table.name, singlesOf(table)]));

function hasSingles({ columns }: Table): boolean {
  return columns.some(({ ofSingle }) => ofSingle !== undefined);
}

function singlesOf({ name, columns }: Table): Table {
  return { name: `${name}_single`, columns: columns.filter(({ ofSingle }) => ofSingle === undefined) };
}

/** Where the rows of a batch go. A window with one value of each metric, as most minutes are, has a fraction of the columns. */
export function windowPart(table: Table, batch: WindowBatch, cells: Columns): Part {
  const of = singles.get(table.name);
  const isSingle = () => batch.metrics.every(({ count }) => count.every((values) => values <= 1));
  if (of === undefined || !isSingle()) return { table, cells, rows: batch.rows };
  return { table: of, cells: cells.filter((_, c) => table.columns[c].ofSingle === undefined), rows: batch.rows };
}

/**
 * Before a run that writes keys again which are there: so that rows of a run before it are in one table, in their order. Within a
 * run no key comes twice with the same revision.
 */
export async function mergeSingles(connection: DuckDBConnection): Promise<void> {
  for (const table of tables.filter(hasSingles)) {
    const from = `"${stored(singlesOf(table))}"`;
    await connection.run(`INSERT INTO "${stored(table)}" ${wide(table, from)}; DELETE FROM ${from}`);
  }
}

/** Single rows with all columns, and others behind them. */
function wide({ columns }: Table, from: string, ...others: readonly string[]): string {
  return `SELECT ${[...columns.map(({ name, ofSingle }) => ofSingle ?? `"${name}"`), ...others].join(', ')} FROM ${from}`;
}

/** Tables and views. Rejects, saying what to do, when the file was written with other columns. */
export async function defineTables(connection: DuckDBConnection, path: string): Promise<void> {
  const columns = await connection.runAndReadAll(
    `SELECT table_name, string_agg('"' || column_name || '" ' || data_type, ', ' ORDER BY column_index) FROM duckdb_columns() GROUP BY ALL`,
  );
  const known = new Map(columns.getRows() as [string, string][]);
  for (const table of [textsTable, ...singles.values(), ...tables]) {
    const there = known.get(stored(table));
    const wanted = table.columns.map(({ name, type }) => `"${name}" ${types[type]}`).join(', ');
    if (there !== undefined && there !== wanted)
      throw new Error(
        `${path} was written by another version: its table ${stored(table)} has other columns (move it away to start a new one)`,
      );
    await connection.run(`CREATE TABLE IF NOT EXISTS "${stored(table)}" (${wanted})`);
    if (tables.includes(table)) await connection.run(`CREATE OR REPLACE VIEW "${table.name}" AS ${selected(table)}`);
  }
}

/** What the view shows, of the stored rows that meet the condition: `r` is the stored row, its texts are numbers. */
export function selected(table: Table, condition = 'true'): string {
  const texts = table.columns.filter(({ type }) => type === 'TEXT');
  const joins = texts.map(({ name }) => ` JOIN ${textsTable.name} AS "of_${name}" ON "of_${name}".number = r."${name}"`);
  const newest =
    table.key === undefined
      ? ''
      : ` QUALIFY row_number() OVER (PARTITION BY ${table.key.map((name) => cell(table, name)).join(', ')} ORDER BY revision DESC, ${order(table)}) = 1`;
  return `SELECT ${table.columns.map(shown).join(', ')} FROM ${rowsOf(table)} AS r${joins.join('')} WHERE ${condition}${newest}`;
}

function rowsOf(table: Table): string {
  const of = singles.get(table.name);
  if (of === undefined) return `"${stored(table)}"`;
  return `(SELECT *, 0 AS part, rowid AS place FROM "${stored(table)}" UNION ALL ${wide(table, `"${stored(of)}"`, '1, rowid')})`;
}

/** Of rows with the same revision, the newest first: `mergeSingles` leaves no other order possible. */
function order({ name }: Table): string {
  return singles.has(name) ? 'r.part DESC, r.place DESC' : 'r.rowid DESC';
}

function cell({ columns }: Table, name: string): string {
  return columns.find((column) => column.name === name)?.type === 'TEXT' ? `"of_${name}".text` : `r."${name}"`;
}

function shown({ name, type }: Column): string {
  if (type === 'TEXT') return `"of_${name}".text AS "${name}"`;
  // A gap is stored as NaN, which costs less to append than NULL.
  return type === 'DOUBLE' ? `CASE WHEN isnan(r."${name}") THEN NULL ELSE r."${name}" END AS "${name}"` : `r."${name}"`;
}

/** Within the transaction of the connection; texts that are new go with the rows that use them. */
export async function appendParts(connection: DuckDBConnection, parts: readonly Part[], texts: Texts): Promise<void> {
  for (const [table, of] of grouped(parts)) {
    await appendAll(connection, table, of, texts);
    await turn(); // DuckDB appends on the main thread: sockets get their turn between the tables
  }
  const { fresh } = texts;
  if (fresh.length === 0) return;
  const cells = [fresh.map(({ number }) => number), fresh.map(({ text }) => text)];
  await appendAll(connection, textsTable, [{ table: textsTable, cells, rows: fresh.length }], texts);
}

function grouped(parts: readonly Part[]): Map<Table, Part[]> {
  const groups = new Map<Table, Part[]>();
  for (const part of parts) {
    const known = groups.get(part.table);
    if (known === undefined) groups.set(part.table, [part]);
    else known.push(part);
  }
  return groups;
}

async function appendAll(connection: DuckDBConnection, table: Table, parts: readonly Part[], texts: Texts): Promise<void> {
  const appender = await connection.createAppender(stored(table));
  const columnTypes = table.columns.map(({ type }) => types[type]);
  let left = parts.reduce((sum, { rows }) => sum + rows, 0);
  let part = 0;
  let from = 0;
  while (left > 0) {
    // Many small parts share a chunk: a chunk costs more than its rows.
    const size = Math.min(chunkRows, left);
    const chunk = DuckDBDataChunk.create(columnTypes, size);
    const vectors = table.columns.map((_, c) => chunk.getColumnVector(c) as DuckDBVector<Cell>);
    for (let filled = 0; filled < size; ) {
      const { cells, rows } = parts[part];
      const count = Math.min(rows - from, size - filled);
      for (let c = 0; c < vectors.length; c++) {
        const column = cells[c];
        const vector = vectors[c];
        if (table.columns[c].type === 'TEXT') fillNumbers(vector, filled, { column, from, count }, texts);
        else for (let i = 0; i < count; i++) vector.setItem(filled + i, column[from + i]);
      }
      filled += count;
      from += count;
      if (from < rows) continue;
      part += 1;
      from = 0;
    }
    for (const vector of vectors) vector.flush();
    appender.appendDataChunk(chunk);
    left -= size;
  }
  appender.closeSync();
}

interface Stretch {
  readonly column: ArrayLike<Cell>;
  readonly from: number;
  readonly count: number;
}

function fillNumbers(vector: DuckDBVector<Cell>, at: number, { column, from, count }: Stretch, texts: Texts): void {
  let text: Cell = null;
  let number = 0;
  for (let i = 0; i < count; i++) {
    // Districts and flags are mostly those of the row before.
    if (column[from + i] !== text) {
      text = column[from + i];
      number = texts.numberOf(text as string);
    }
    vector.setItem(at + i, number);
  }
}
