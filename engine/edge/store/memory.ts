// The history in memory: plain maps, for tests and short runs.

import type { History, JudgedOrder, SeriesQuery, SourceNames } from '../../pipeline/ports.ts';
import type { AuditEntry } from '../../schema/audit.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import type { Compliance, Order } from '../../schema/order.ts';
import type { Warning } from '../../schema/warning.ts';
import { apartFromRow, checkSeries, checkSpan, hourFromRow, number, type Row, seriesFlags, unitOf } from './answers.ts';
import { openedMsOf } from './emergencyTables.ts';
import {
  auditMatches,
  auditSpan,
  findingMatches,
  incidentMatches,
  latestFirst,
  newestFirst,
  orderMatches,
  warningMatches,
} from './matches.ts';
import type { Cell, Columns } from './table.ts';
import {
  apartBins,
  apartOf,
  apartTables,
  placeCells,
  rawCells,
  rawTable,
  refusedCells,
  tableOf,
  tables,
  windowCells,
  windowTable,
} from './tables.ts';

export function memoryHistory({ sources }: { readonly sources: SourceNames }): History {
  /** Rows by key, per table; tables without a key number their rows. */
  const stored = new Map<string, Map<string, Record<string, Cell>>>(tables.map((table) => [table.name, new Map()]));
  const findings = new Map<string, Finding>();
  const incidents = new Map<string, Incident>();
  const warnings = new Map<string, Warning>();
  const orders = new Map<string, Order>();
  const compliance = new Map<string, Compliance>();
  const audit = new Map<string, AuditEntry>();
  let rowNumber = 0;
  let arrivals = 1;
  let lastSeq = 0;

  function put(name: string, cells: Columns): void {
    const table = tableOf(name);
    const rows = stored.get(name) as Map<string, Record<string, Cell>>;
    for (let i = 0; i < cells[0].length; i++) {
      const row = Object.fromEntries(table.columns.map((column, c) => [column.name, cells[c][i]]));
      const key = table.key === undefined ? String(rowNumber++) : JSON.stringify(table.key.map((part) => String(row[part])));
      const known = rows.get(key);
      if (known === undefined || Number(known.revision) <= Number(row.revision)) rows.set(key, row);
    }
  }

  function putRevision<T extends { readonly revision: number }>(known: Map<string, T>, key: string, each: T): void {
    if ((known.get(key)?.revision ?? 0) <= each.revision) known.set(key, each);
  }

  function judged(order: Order): JudgedOrder {
    const verdict = compliance.get(order.id);
    return verdict === undefined ? order : { ...order, compliance: verdict };
  }

  function select(name: string, time: string, fromMs: number, toMs: number): Row[] {
    const rows = [...(stored.get(name) as Map<string, Row>).values()];
    return rows
      .filter((row) => Number(row[time]) >= fromMs && Number(row[time]) < toMs)
      .sort((a, b) => Number(a[time]) - Number(b[time]));
  }

  function seriesOf(query: SeriesQuery, source: string, metric: string, all: readonly Row[], time: string) {
    const rows = all.filter((row) => row.source === source);
    const values = (name: string) => rows.map((row) => number(row[name]));
    const hasRange = all.some((row) => `${metric}_min` in row);
    return {
      source,
      metric,
      unit: unitOf(query, metric),
      startMs: rows.map((row) => Number(row[time])),
      mean: values(metric),
      min: values(hasRange ? `${metric}_min` : metric),
      max: values(hasRange ? `${metric}_max` : metric),
      revision: rows.map((row) => Number(row.revision ?? 0)),
      flags: seriesFlags(query, metric, rows),
    };
  }

  return {
    name: 'memory',
    get lastSeq() {
      return lastSeq;
    },
    async write(output) {
      lastSeq = output.seq;
      for (const { rows, refused = [] } of output.parts ?? [output]) {
        put(apartTables.rejected.name, refusedCells(refused, arrivals));
        arrivals += refused.length;
        for (const batch of rows) {
          put(rawTable(batch.kind), rawCells(batch, sources));
          const apart = apartOf(batch, sources, arrivals);
          for (const { table, cells } of apart.parts) put(table, cells);
          arrivals += apart.rows;
        }
      }
      for (const batch of output.windows) put(windowTable(batch.kind, batch.size), windowCells(batch, sources));
      for (const batch of output.places) put('place_1h', placeCells(batch));
      for (const each of output.findings) putRevision(findings, each.id, each);
      for (const each of output.incidents) putRevision(incidents, each.id, each);
      for (const each of output.warnings ?? []) putRevision(warnings, `${each.id} ${openedMsOf(each)}`, each);
      for (const each of output.orders ?? []) putRevision(orders, each.id, each);
      for (const each of output.compliance ?? []) putRevision(compliance, each.order, each);
      for (const each of output.audit ?? []) audit.set(each.hash, each);
    },
    async series(query) {
      checkSeries(query);
      const { kind, size, fromMs, toMs } = query;
      const time = size === 'raw' ? 'event_ms' : 'start_ms';
      const rows = select(size === 'raw' ? rawTable(kind) : windowTable(kind, size), time, fromMs, toMs);
      return {
        kind,
        size,
        fromMs,
        toMs,
        series: query.sources.flatMap((source) => query.metrics.map((metric) => seriesOf(query, source, metric, rows, time))),
      };
    },
    async hours({ scope, place, fromMs, toMs }) {
      checkSpan(fromMs, toMs);
      const isStation = scope === 'station';
      const rows = select(isStation ? windowTable('air', '1h') : 'place_1h', 'start_ms', fromMs, toMs);
      return rows
        .filter((row) => isStation || row.scope === scope)
        .map((row) => hourFromRow(row, scope))
        .filter((hour) => place === undefined || hour.place === place)
        .sort((a, b) => a.startMs - b.startMs || (a.place < b.place ? -1 : 1));
    },
    async rowsApart({ bin, limit }) {
      const of = bin === undefined ? apartBins : [bin];
      const rows = of.flatMap((each) => [...(stored.get(apartTables[each].name) as Map<string, Row>).values()]);
      return rows
        .sort((a, b) => Number(b.arrival) - Number(a.arrival))
        .slice(0, limit)
        .map(apartFromRow);
    },
    async findings(query) {
      checkSpan(query.fromMs, query.toMs);
      return newestFirst([...findings.values()].filter((each) => findingMatches(query, each))).slice(0, query.limit);
    },
    async incidents(query) {
      checkSpan(query.fromMs, query.toMs);
      return newestFirst([...incidents.values()].filter((each) => incidentMatches(query, each))).slice(0, query.limit);
    },
    async warnings(query) {
      checkSpan(query.fromMs, query.toMs);
      const found = [...warnings.values()].filter((each) => warningMatches(query, each));
      return latestFirst(found, openedMsOf).slice(0, query.limit);
    },
    async orders(query) {
      checkSpan(query.fromMs, query.toMs);
      const found = [...orders.values()].filter((each) => orderMatches(query, each));
      return latestFirst(found, ({ effectiveMs }) => effectiveMs)
        .slice(0, query.limit)
        .map(judged);
    },
    async audit(query) {
      auditSpan(query);
      return [...audit.values()]
        .filter((entry) => auditMatches(query, entry))
        .sort((a, b) => b.atMs - a.atMs || b.number - a.number)
        .slice(0, query.limit);
    },
    async dropRawBefore(eventMs) {
      for (const [name, rows] of stored) {
        if (!name.endsWith('_raw')) continue;
        for (const [key, row] of rows) if (Number(row.event_ms) < eventMs) rows.delete(key);
      }
    },
    async keepApart(count) {
      for (const { name } of Object.values(apartTables)) {
        const rows = stored.get(name) as Map<string, unknown>;
        for (const key of [...rows.keys()].slice(0, Math.max(0, rows.size - count))) rows.delete(key);
      }
    },
    async close() {},
  };
}
