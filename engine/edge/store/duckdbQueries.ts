// What the history over DuckDB answers.

import type { DuckDBValue } from '@duckdb/node-api';
import type { History, JudgedOrder } from '../../pipeline/ports.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import type { Compliance, Order } from '../../schema/order.ts';
import type { Warning } from '../../schema/warning.ts';
import { apartFromRow, checkSeries, checkSpan, hourFromRow, number, type Row, seriesFlags, unitOf } from './answers.ts';
import { selected, stored } from './duckdbTables.ts';
import { complianceTable, orderTable, warningTable } from './emergencyTables.ts';
import { auditFromRow, auditTable, findingTable, incidentTable } from './incidentTables.ts';
import { auditSpan } from './matches.ts';
import type { Table } from './table.ts';
import { apartTables, rawTable, tableOf, windowTable } from './tables.ts';

type Queries = Pick<History, 'series' | 'hours' | 'rowsApart' | 'findings' | 'incidents' | 'warnings' | 'orders' | 'audit'>;
type RowsOf = (sql: string, values: readonly DuckDBValue[]) => Promise<readonly Row[]>;

/** Values of columns; undefined: any. */
type Wanted = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The columns of when something began and ended. */
interface Span {
  readonly opens: string;
  readonly ends: string;
}

interface SpanQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

const bounds = (fromMs: number, toMs: number) => [BigInt(Math.ceil(fromMs)), BigInt(Math.ceil(toMs))];

/** The values are added to those of the query. */
function conditionsOf(wanted: Wanted, values: DuckDBValue[], is: 'IN' | 'NOT IN' = 'IN'): string[] {
  return Object.entries(wanted).flatMap(([column, named]) => {
    if (named === undefined) return [];
    const places = [named].flat().map((value) => `$${values.push(value)}`);
    return [places.length === 0 ? String(is === 'NOT IN') : `${column} ${is} (${places.join(', ')})`];
  });
}

/** With their `place`. The conditions are about what no revision changes: there are fewer rows to find the newest of. */
function newestOf(table: Table, conditions: readonly string[] = []): string {
  const [key, where] = [table.key ?? [], conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`];
  return `SELECT *, rowid AS place FROM ${stored(table)} ${where}
    QUALIFY row_number() OVER (PARTITION BY ${key.join(', ')} ORDER BY revision DESC, rowid DESC) = 1`;
}

/** Of those that held within [$1, $2), the latest $3. */
function placesOf(newest: string, { opens, ends }: Span, conditions: readonly string[] = []): string {
  const held = [`${opens} < $2`, `(${opens} >= $1 OR ${ends} IS NULL OR ${ends} > $1)`, ...conditions];
  return `SELECT id, place FROM (${newest}) WHERE ${held.join(' AND ')} ORDER BY ${opens} DESC, id LIMIT $3`;
}

/** `textNumber`: of a text that rows hold as its number; undefined: none does. */
export function duckdbQueries(rowsOf: RowsOf, textNumber: (text: string) => number | undefined): Queries {
  /** Records are long: only those that are answered are read. */
  async function newestRecords(table: Table, span: Span, query: SpanQuery, wanted: Wanted) {
    checkSpan(query.fromMs, query.toMs);
    const { opens } = span;
    const values: DuckDBValue[] = [...bounds(query.fromMs, query.toMs), query.limit];
    const rows = await rowsOf(
      `WITH wanted AS (${placesOf(newestOf(table), span, conditionsOf(wanted, values))})
       SELECT record FROM ${stored(table)} AS r JOIN wanted ON r.rowid = wanted.place ORDER BY ${opens} DESC, r.id`,
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
      const rows = await newestRecords(findingTable, { opens: 'opened_ms', ends: 'closed_ms' }, query, {
        id: ids,
        rule,
        unit,
        district,
        enterprise,
      });
      return rows as readonly Finding[];
    },

    async incidents(query) {
      const { ids, states, kinds, district } = query;
      const wanted = { id: ids, state: states, kind: kinds, district };
      return (await newestRecords(incidentTable, { opens: 'opened_ms', ends: 'ended_ms' }, query, wanted)) as readonly Incident[];
    },

    async warnings({ ids, ...query }) {
      const span = { opens: 'opened_ms', ends: 'ended_ms' };
      return (await newestRecords(warningTable, span, query, { id: ids })) as readonly Warning[];
    },

    async orders({ ids, warning, notOf, enterprises, ...query }) {
      checkSpan(query.fromMs, query.toMs);
      const values: DuckDBValue[] = [...bounds(query.fromMs, query.toMs), query.limit];
      const fixed = [
        ...conditionsOf({ id: ids, warning, enterprise: enterprises }, values),
        ...conditionsOf({ warning: notOf }, values, 'NOT IN'),
      ];
      const span = { opens: 'effective_ms', ends: 'lifted_ms' };
      const rows = await rowsOf(
        `WITH wanted AS (${placesOf(newestOf(orderTable, fixed), span)}),
           verdicts AS (${newestOf(complianceTable, ['order_id IN (SELECT id FROM wanted)'])})
         SELECT r.record, v.record AS verdict FROM ${stored(orderTable)} AS r JOIN wanted ON r.rowid = wanted.place
         LEFT JOIN verdicts AS v ON v.order_id = r.id ORDER BY r.effective_ms DESC, r.id`,
        values,
      );
      return rows.map(({ record, verdict }) => judged(String(record), verdict === null ? undefined : String(verdict)));
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

function judged(record: string, verdict: string | undefined): JudgedOrder {
  const order = JSON.parse(record) as Order;
  return verdict === undefined ? order : { ...order, compliance: JSON.parse(verdict) as Compliance };
}
