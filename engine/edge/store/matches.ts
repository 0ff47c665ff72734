// What queries about findings, incidents and the audit trail ask for; the history in DuckDB says the same in SQL.

import type { AuditQuery, FindingsQuery, IncidentsQuery } from '../../pipeline/ports.ts';
import type { AuditEntry } from '../../schema/audit.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import { checkSpan } from './answers.ts';

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
  return all.sort((a, b) => b.openedMs - a.openedMs || (a.id < b.id ? -1 : 1));
}
