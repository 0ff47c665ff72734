// The history over DuckDB: a file of the run, or memory; answers every query.

import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBValue,
  type DuckDBVector,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import type { History, Output, SourceNames } from '../../pipeline/ports.ts';
import { kinds } from '../../schema/catalog.ts';
import { isDiskFull } from '../disk.ts';
import { apartFromRow, checkSeries, checkSpan, hourFromRow, number, type Row, seriesFlags, unitOf } from './answers.ts';
import {
  apartOf,
  apartTables,
  type Cell,
  type Columns,
  placeCells,
  rawCells,
  rawTable,
  refusedCells,
  type Table,
  tables,
  windowCells,
  windowTable,
} from './tables.ts';

export interface DuckdbOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  readonly sources: SourceNames;
  /** The run goes on where a crash ended it; otherwise outputs are numbered from 1 again. */
  readonly resume?: boolean;
}

const chunkRows = 2048;
const types = { VARCHAR, BIGINT, DOUBLE, INTEGER } as const;
const byName = new Map(tables.map((table) => [table.name, table]));

/**
 * Tables are written by appending only; where a key comes again with a later revision, the view of the table's own
 * name shows the newest. Rejects, saying what to do, when the file is another's or broken.
 */
export async function openDuckdb({ path, sources, resume = false }: DuckdbOptions): Promise<History> {
  let instance = await opened(path);
  let writer = await instance.connect();
  let reader = await instance.connect();
  for (const table of tables) await define(writer, table);
  const apart = Object.values(apartTables).map(({ name }) => `SELECT * FROM ${name}`);
  await writer.run(`CREATE OR REPLACE VIEW rows_apart AS ${apart.join(' UNION ALL ')}`);
  await writer.run('CREATE TABLE IF NOT EXISTS written (seq BIGINT)');
  if (!resume) await writer.run('DELETE FROM written');
  let lastSeq = await seqWritten();
  /** Number of the next row that stands apart. */
  let arrivals = Number(
    (await writer.runAndReadAll('SELECT max(arrival) + 1 AS next FROM rows_apart')).getRowObjects()[0].next ?? 1,
  );
  /** After a full disk DuckDB takes nothing more until the file has been opened again. */
  let isBroken = false;
  let writing: Promise<void> = Promise.resolve();

  async function seqWritten(): Promise<number> {
    const last = (await writer.runAndReadAll('SELECT max(seq) AS seq FROM written')).getRowObjects();
    return Number(last[0].seq ?? 0);
  }

  function closeAll(): void {
    reader.closeSync();
    writer.closeSync();
    instance.closeSync();
  }

  async function reopen(): Promise<void> {
    closeAll();
    instance = await opened(path);
    writer = await instance.connect();
    reader = await instance.connect();
    lastSeq = await seqWritten();
    isBroken = false;
  }

  function append(name: string, cells: Columns): void {
    const rows = cells[0].length;
    if (rows === 0) return;
    const table = byName.get(name) as Table;
    pending.push({ table, cells, rows });
  }
  let pending: { table: Table; cells: Columns; rows: number }[] = [];

  function appendRows({ rows, refused = [] }: Output): void {
    append(apartTables.rejected.name, refusedCells(refused, arrivals));
    arrivals += refused.length;
    for (const batch of rows) {
      append(rawTable(batch.kind), rawCells(batch, sources));
      const apart = apartOf(batch, sources, arrivals);
      for (const { table, cells } of apart.parts) append(table, cells);
      arrivals += apart.rows;
    }
  }

  async function writeOutput(output: Output): Promise<void> {
    const arrivalsBefore = arrivals;
    for (const part of output.parts ?? [output]) appendRows(part);
    for (const batch of output.windows) append(windowTable(batch.kind, batch.size), windowCells(batch, sources));
    for (const batch of output.places) append('place_1h', placeCells(batch));
    const parts = pending;
    pending = [];
    if (parts.length === 0) return;
    if (isBroken) {
      await reopen();
      if (output.seq <= lastSeq) return; // it was in before the file broke
    }
    try {
      await writer.run('BEGIN');
      for (const { table, parts: of } of grouped(parts)) await appendAll(writer, table, of);
      // In the same transaction: after a crash the replay knows which outputs are in.
      await writer.run(`DELETE FROM written; INSERT INTO written VALUES (${output.seq})`);
      await writer.run('COMMIT');
      lastSeq = output.seq;
    } catch (error) {
      arrivals = arrivalsBefore; // it is tried again
      await writer.run('ROLLBACK').catch(() => {});
      isBroken = isDiskFull(error) && path !== ':memory:';
      throw new Error(`DuckDB could not write to ${path}: ${(error as Error).message}`);
    }
  }

  async function rowsOf(sql: string, values: readonly DuckDBValue[]): Promise<Row[]> {
    const result = await reader.runAndReadAll(sql, [...values]);
    return result.getRowObjects() as unknown as Row[];
  }

  /** One thing at a time on the writer's connection. */
  function queued(work: () => Promise<void>): Promise<void> {
    const done = writing.then(work);
    writing = done.catch(() => {});
    return done;
  }

  return {
    name: 'duckdb',
    get lastSeq() {
      return lastSeq;
    },
    write: (output) => queued(() => writeOutput(output)),

    async series(query) {
      checkSeries(query);
      const isRaw = query.size === 'raw';
      const time = isRaw ? 'event_ms' : 'start_ms';
      const table = query.size === 'raw' ? rawTable(query.kind) : windowTable(query.kind, query.size);
      const hasRange = (metric: string) => !isRaw && metric !== 'aqi' && !/_(8h|24h)$/.test(metric);
      const columns = query.metrics.flatMap((metric) =>
        hasRange(metric) ? [metric, `${metric}_min`, `${metric}_max`] : [metric],
      );
      const marks = query.sources.map((_, i) => `$${i + 3}`).join(', ');
      const rows =
        query.sources.length === 0 || columns.length === 0
          ? []
          : await rowsOf(
              `SELECT source, ${time} AS time_ms, ${isRaw ? '0 AS revision' : 'revision'}, flags, ${columns.map((name) => `"${name}"`).join(', ')}
               FROM "${table}" WHERE ${time} >= $1 AND ${time} < $2 AND source IN (${marks}) ORDER BY source, time_ms`,
              [BigInt(Math.ceil(query.fromMs)), BigInt(Math.ceil(query.toMs)), ...query.sources],
            );
      const bySource = new Map<unknown, Row[]>(query.sources.map((source) => [source, []]));
      for (const row of rows) bySource.get(row.source)?.push(row);
      return {
        kind: query.kind,
        size: query.size,
        fromMs: query.fromMs,
        toMs: query.toMs,
        series: query.sources.flatMap((source) => {
          const own = bySource.get(source) ?? [];
          return query.metrics.map((metric) => ({
            source,
            metric,
            unit: unitOf(query, metric),
            startMs: own.map((row) => Number(row.time_ms)),
            mean: own.map((row) => number(row[metric])),
            min: own.map((row) => number(row[hasRange(metric) ? `${metric}_min` : metric])),
            max: own.map((row) => number(row[hasRange(metric) ? `${metric}_max` : metric])),
            revision: own.map((row) => Number(row.revision)),
            flags: seriesFlags(query, metric, own),
          }));
        }),
      };
    },

    async hours({ scope, place, fromMs, toMs }) {
      checkSpan(fromMs, toMs);
      const isStation = scope === 'station';
      const conditions = ['start_ms >= $1', 'start_ms < $2', ...(isStation ? [] : ['scope = $3'])];
      const values: DuckDBValue[] = [BigInt(Math.ceil(fromMs)), BigInt(Math.ceil(toMs)), ...(isStation ? [] : [scope])];
      if (place !== undefined) {
        values.push(place);
        conditions.push(`${isStation ? 'source' : 'place'} = $${values.length}`);
      }
      const table = isStation ? windowTable('air', '1h') : 'place_1h';
      const rows = await rowsOf(
        `SELECT * FROM "${table}" WHERE ${conditions.join(' AND ')} ORDER BY start_ms, ${isStation ? 'source' : 'place'}`,
        values,
      );
      return rows.map((row) => hourFromRow(row, scope));
    },

    async rowsApart({ bin, limit }) {
      const table = bin === undefined ? 'rows_apart' : apartTables[bin].name;
      const rows = await rowsOf(`SELECT * FROM ${table} ORDER BY arrival DESC LIMIT $1`, [limit]);
      return rows.map(apartFromRow);
    },

    dropRawBefore: (eventMs) =>
      queued(async () => {
        if (isBroken) return; // the next time will do
        for (const kind of kinds)
          await writer.run(`DELETE FROM "${stored(byName.get(rawTable(kind)) as Table)}" WHERE event_ms < $1`, [
            BigInt(Math.floor(eventMs)),
          ]);
      }),

    keepApart: (rows) =>
      queued(async () => {
        if (isBroken) return;
        for (const table of Object.values(apartTables)) {
          const newest = `(SELECT max(rowid) FROM ${stored(table)})`;
          await writer.run(`DELETE FROM ${stored(table)} WHERE rowid <= ${newest} - $1`, [BigInt(rows)]);
        }
      }),

    async close() {
      await writing;
      closeAll();
    },
  };
}

async function opened(path: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(path, { threads: '1', memory_limit: '512MB', preserve_insertion_order: 'false' });
  } catch (error) {
    const text = (error as Error).message;
    if (/lock/i.test(text))
      throw new Error(`${path} is in use by another program: stop it, or choose another folder with --data or --out`);
    throw new Error(`${path} cannot be opened as a DuckDB file: ${text.split('\n', 1)[0]} (move it away to start a new one)`);
  }
}

async function define(connection: DuckDBConnection, table: Table): Promise<void> {
  const columns = table.columns.map(({ name, type }) => `"${name}" ${type}`).join(', ');
  await connection.run(`CREATE TABLE IF NOT EXISTS "${stored(table)}" (${columns})`);
  // A gap is stored as NaN, which costs less to append than NULL.
  const shown = table.columns
    .map(({ name, type }) =>
      type === 'DOUBLE' ? `CASE WHEN isnan("${name}") THEN NULL ELSE "${name}" END AS "${name}"` : `"${name}"`,
    )
    .join(', ');
  const newest =
    table.key === undefined
      ? ''
      : ` QUALIFY row_number() OVER (PARTITION BY ${table.key.join(', ')} ORDER BY revision DESC, rowid DESC) = 1`;
  await connection.run(`CREATE OR REPLACE VIEW "${table.name}" AS SELECT ${shown} FROM "${stored(table)}"${newest}`);
}

/** Where the rows of a table are. The table's own name is the view for people: gaps as NULL, the newest revision only. */
function stored(table: Table): string {
  return table.key === undefined ? `${table.name}_rows` : `${table.name}_revisions`;
}

function grouped(parts: readonly { table: Table; cells: Columns; rows: number }[]) {
  const groups = new Map<Table, { cells: Columns; rows: number }[]>();
  for (const part of parts) {
    const known = groups.get(part.table);
    if (known === undefined) groups.set(part.table, [part]);
    else known.push(part);
  }
  return [...groups].map(([table, of]) => ({ table, parts: of }));
}

async function appendAll(
  connection: DuckDBConnection,
  table: Table,
  parts: readonly { cells: Columns; rows: number }[],
): Promise<void> {
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
        for (let i = 0; i < count; i++) vectors[c].setItem(filled + i, column[from + i]);
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
