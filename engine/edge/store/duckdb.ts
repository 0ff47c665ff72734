// The history over DuckDB: a file of the run, or memory; answers every query.

import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { History, Output, SourceNames } from '../../pipeline/ports.ts';
import { kinds } from '../../schema/catalog.ts';
import { isDiskFull } from '../disk.ts';
import type { Row } from './answers.ts';
import { duckdbQueries } from './duckdbQueries.ts';
import { appendParts, defineTables, mergeSingles, type Part, stored, windowPart } from './duckdbTables.ts';
import { complianceCells, complianceTable, orderCells, orderTable, warningCells, warningTable } from './emergencyTables.ts';
import { auditCells, auditTable, findingCells, findingTable, incidentCells, incidentTable } from './incidentTables.ts';
import type { Columns } from './table.ts';
import {
  apartOf,
  apartTables,
  placeCells,
  rawCells,
  rawTable,
  refusedCells,
  tableOf,
  windowCells,
  windowTable,
} from './tables.ts';
import { readTexts } from './texts.ts';

export interface DuckdbOptions {
  /** A file, or `:memory:`. */
  readonly path: string;
  readonly sources: SourceNames;
  /** The run goes on where a crash ended it; otherwise outputs are numbered from 1 again. */
  readonly resume?: boolean;
}

/**
 * Tables are written by appending only; where a key comes again with a later revision, the view of the table's own
 * name shows the newest. Rejects, saying what to do, when the file is another's or broken.
 */
export async function openDuckdb({ path, sources, resume = false }: DuckdbOptions): Promise<History> {
  let instance = await opened(path);
  let writer = await instance.connect();
  let reader = await instance.connect();
  await defineTables(writer, path);
  let texts = await readTexts(writer);
  const apart = Object.values(apartTables).map(({ name }) => `SELECT * FROM ${name}`);
  await writer.run(`CREATE OR REPLACE VIEW rows_apart AS ${apart.join(' UNION ALL ')}`);
  await writer.run('CREATE TABLE IF NOT EXISTS written (seq BIGINT)');
  if (!resume) {
    await writer.run('DELETE FROM written');
    await mergeSingles(writer);
  }
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
    texts = await readTexts(writer);
    isBroken = false;
  }

  function append(name: string, cells: Columns): void {
    const rows = cells[0].length;
    if (rows === 0) return;
    pending.push({ table: tableOf(name), cells, rows });
  }
  let pending: Part[] = [];

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
    for (const batch of output.windows)
      pending.push(windowPart(tableOf(windowTable(batch.kind, batch.size)), batch, windowCells(batch, sources)));
    for (const batch of output.places) append('place_1h', placeCells(batch));
    append(findingTable.name, findingCells(output.findings));
    append(incidentTable.name, incidentCells(output.incidents));
    append(auditTable.name, auditCells(output.audit ?? []));
    append(warningTable.name, warningCells(output.warnings ?? []));
    append(orderTable.name, orderCells(output.orders ?? []));
    append(complianceTable.name, complianceCells(output.compliance ?? []));
    const parts = pending;
    pending = [];
    if (parts.length === 0) return;
    if (isBroken) {
      await reopen();
      if (output.seq <= lastSeq) return; // it was in before the file broke
    }
    try {
      await writer.run('BEGIN');
      await appendParts(writer, parts, texts);
      // In the same transaction: after a crash the replay knows which outputs are in.
      await writer.run(`DELETE FROM written; INSERT INTO written VALUES (${output.seq})`);
      await writer.run('COMMIT');
      texts.written();
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

    ...duckdbQueries(rowsOf, (text) => texts.find(text)),

    dropRawBefore: (eventMs) =>
      queued(async () => {
        if (isBroken) return; // the next time will do
        for (const kind of kinds)
          await writer.run(`DELETE FROM "${stored(tableOf(rawTable(kind)))}" WHERE event_ms < $1`, [BigInt(Math.floor(eventMs))]);
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
    return await DuckDBInstance.create(path, {
      threads: '1',
      memory_limit: '512MB',
      preserve_insertion_order: 'false',
      // Each rewrites the last rows of every column. But a start after a crash reads the log of that size: 0.5 s.
      checkpoint_threshold: '32MB',
    });
  } catch (error) {
    const text = (error as Error).message;
    if (/lock/i.test(text))
      throw new Error(`${path} is in use by another program: stop it, or choose another folder with --data or --out`);
    throw new Error(`${path} cannot be opened as a DuckDB file: ${text.split('\n', 1)[0]} (move it away to start a new one)`);
  }
}
