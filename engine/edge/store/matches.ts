// What queries about findings, incidents, warnings, orders and the audit trail ask for; the history in DuckDB says the same in SQL.

import type { AuditQuery, FindingsQuery, IncidentsQuery, OrdersQuery, WarningsQuery } from '../../pipeline/ports.ts';
import type { AuditEntry } from '../../schema/audit.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import type { Order } from '../../schema/order.ts';
import type { Warning } from '../../schema/warning.ts';
import { checkSpan } from './answers.ts';
import { endedMsOf, openedMsOf } from './emergencyTables.ts';

/** The whole of time. */
export const everMs = { fromMs: -8.64e15, toMs: 8.64e15 } as const;

/** From [openedMs, endMs), or the one moment of both, something lies in [fromMs, toMs). */
function held(openedMs: number, endMs: number | undefined, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  return openedMs < toMs && (openedMs >= fromMs || (endMs ?? Number.POSITIVE_INFINITY) > fromMs);
}

const isAny = <T>(value: T | undefined, wanted: T | undefined) => wanted === undefined || value === wanted;
const isOneOf = <T>(value: T, wanted: readonly T[] | undefined) => wanted === undefined || wanted.includes(value);

export function findingMatches(query: Omit<FindingsQuery, 'limit'>, finding: Finding): boolean {
  return (
    held(finding.openedMs, finding.closedMs, query) &&
    isOneOf(finding.id, query.ids) &&
    isAny(finding.rule, query.rule) &&
    isAny(finding.unit, query.unit) &&
    isAny(finding.place.district, query.district) &&
    isAny(finding.enterprise, query.enterprise)
  );
}

export function incidentMatches(query: Omit<IncidentsQuery, 'limit'>, incident: Incident): boolean {
  return (
    held(incident.openedMs, incident.endedMs, query) &&
    isOneOf(incident.id, query.ids) &&
    isOneOf(incident.state, query.states) &&
    isOneOf(incident.kind, query.kinds) &&
    isAny(incident.place.district, query.district)
  );
}

export function warningMatches(query: Omit<WarningsQuery, 'limit'>, warning: Warning): boolean {
  return held(openedMsOf(warning), endedMsOf(warning), query) && isOneOf(warning.id, query.ids);
}

export function orderMatches(query: Omit<OrdersQuery, 'limit'>, order: Order): boolean {
  return (
    held(order.effectiveMs, order.liftedMs, query) &&
    isOneOf(order.id, query.ids) &&
    isAny(order.warning, query.warning) &&
    query.notOf?.includes(order.warning) !== true &&
    isOneOf(order.enterprise, query.enterprises)
  );
}

export function auditMatches(query: Omit<AuditQuery, 'limit'>, { atMs, incident }: AuditEntry): boolean {
  const { fromMs, toMs } = auditSpan(query);
  return atMs >= fromMs && atMs < toMs && isAny(incident, query.incident);
}

/** Throws `QueryError` for times that are none. */
export function auditSpan({ fromMs = everMs.fromMs, toMs = everMs.toMs }: Omit<AuditQuery, 'limit'>) {
  checkSpan(fromMs, toMs);
  return { fromMs, toMs };
}

/** In place. */
export function newestFirst<T extends { readonly id: string; readonly openedMs: number }>(all: T[]): T[] {
  return latestFirst(all, ({ openedMs }) => openedMs);
}

/** In place. */
export function latestFirst<T extends { readonly id: string }>(all: T[], msOf: (each: T) => number): T[] {
  return all.sort((a, b) => msOf(b) - msOf(a) || (a.id < b.id ? -1 : 1));
}
