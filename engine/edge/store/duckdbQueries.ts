// What the history over DuckDB answers.

import type { DuckDBValue } from '@duckdb/node-api';
import type { FindingsQuery, History, IncidentsQuery } from '../../pipeline/ports.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import { apartFromRow, checkSeries, checkSpan, hourFromRow, number, type Row, seriesFlags, unitOf } from './answers.ts';
import { selected, stored } from './duckdbTables.ts';
import { auditFromRow, auditTable, findingTable, incidentTable } from './incidentTables.ts';
import { auditSpan } from './matches.ts';
import type { Table } from './table.ts';
import { apartTables, rawTable, tableOf, windowTable } from './tables.ts';

type Queries = Pick<History, 'series' | 'hours' | 'rowsApart' | 'findings' | 'incidents' | 'audit'>;
type RowsOf = (sql: string, values: readonly DuckDBValue[]) => Promise<readonly Row[]>;

/** Values of columns; undefined: any. */
type Wanted = Readonly<Record<string, string | readonly string[] | undefined>>;

const bounds = (fromMs: number, toMs: number) => [BigInt(Math.ceil(fromMs)), BigInt(Math.ceil(toMs))];

/** `textNumber`: of a text that rows hold as its number; undefined: none does. */
export function duckdbQueries(rowsOf: RowsOf, textNumber: (text: string) => number | undefined): Queries {
  /** Records are long: only those that are answered are read. */
  async function newestRecords(table: Table, end: string, query: FindingsQuery | IncidentsQuery, wanted: Wanted) {
    checkSpan(query.fromMs, query.toMs);
    const values: DuckDBValue[] = [...bounds(query.fromMs, query.toMs), query.limit];
    const conditions = Object.entries(wanted).flatMap(([column, allowed]) => {
      if (allowed === undefined) return [];
      const places = [allowed].flat().map((value) => `$${values.push(value)}`);
      return [places.length === 0 ? 'false' : `${column} IN (${places.join(', ')})`];
    });
    const rows = await rowsOf(
      `WITH newest AS (
         SELECT *, rowid AS place FROM ${stored(table)}
         QUALIFY row_number() OVER (PARTITION BY id ORDER BY revision DESC, rowid DESC) = 1
       ), wanted AS (
         SELECT place FROM newest
         WHERE ${['opened_ms < $2', `(opened_ms >= $1 OR ${end} IS NULL OR ${end} > $1)`, ...conditions].join(' AND ')}
         ORDER BY opened_ms DESC, id LIMIT $3
       )
       SELECT record FROM ${stored(table)} AS r JOIN wanted ON r.rowid = wanted.place ORDER BY opened_ms DESC, id`,
      values,
    );
    return rows.map(({ record }) => JSON.parse(String(record)) as unknown);
  }

  return {
    async series(query) {
      checkSeries(query);
      const isRaw = query.size === 'raw';
      const time = isRaw ? 'event_ms' : 'start_ms';
      const table = tableOf(query.size === 'raw' ? rawTable(query.kind) : windowTable(query.kind, query.size));
      const hasRange = (metric: string) => !isRaw && metric !== 'aqi' && !/_(8h|24h)$/.test(metric);
      const columns = query.metrics.flatMap((metric) =>
        hasRange(metric) ? [metric, `${metric}_min`, `${metric}_max`] : [metric],
      );
      const numbers = query.sources.map(textNumber).filter((found) => found !== undefined);
      const condition = `r.${time} >= $1 AND r.${time} < $2 AND r.source IN (${numbers.join(', ')})`;
      const rows =
        numbers.length === 0 || columns.length === 0
          ? []
          : await rowsOf(
              `SELECT source, ${time} AS time_ms, ${isRaw ? '0 AS revision' : 'revision'}, flags, ${columns.map((name) => `"${name}"`).join(', ')}
               FROM (${selected(table, condition)}) ORDER BY source, time_ms`,
              bounds(query.fromMs, query.toMs),
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
      const values: DuckDBValue[] = [...bounds(fromMs, toMs), ...(isStation ? [] : [scope])];
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

    async findings(query) {
      const { ids, rule, unit, district, enterprise } = query;
      const rows = await newestRecords(findingTable, 'closed_ms', query, { id: ids, rule, unit, district, enterprise });
      return rows as readonly Finding[];
    },

    async incidents(query) {
      const { ids, states, kinds, district } = query;
      const wanted = { id: ids, state: states, kind: kinds, district };
      return (await newestRecords(incidentTable, 'ended_ms', query, wanted)) as readonly Incident[];
    },

    async audit(query) {
      const { fromMs, toMs } = auditSpan(query);
      const values: DuckDBValue[] = [...bounds(fromMs, toMs), query.limit];
      if (query.incident !== undefined) values.push(query.incident);
      const condition = query.incident === undefined ? '' : ' AND incident = $4';
      const rows = await rowsOf(
        `SELECT * FROM ${auditTable.name} WHERE at_ms >= $1 AND at_ms < $2${condition} ORDER BY at_ms DESC, number DESC LIMIT $3`,
        values,
      );
      return rows.map(auditFromRow);
    },
  };
}
