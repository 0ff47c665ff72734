// What people deal with now: open incidents and those that ended lately, with their findings.

import type { Output } from '../../pipeline/ports.ts';
import type { Finding } from '../../schema/finding.ts';
import {
  endedStates,
  type Incident,
  type IncidentAction,
  type IncidentCommand,
  type IncidentState,
  incidentMoves,
} from '../../schema/incident.ts';

export interface IncidentBoard {
  publish(output: Output): void;
  /** The newest first. */
  incidents(): readonly Incident[];
  incident(id: string): { readonly incident: Incident; readonly findings: readonly Finding[] } | undefined;
  /** Of the last days, in any incident or in none; the newest first. */
  findings(): readonly Finding[];
  finding(id: string): Finding | undefined;
  /** Why this cannot be done now; undefined: it can. */
  refusal(
    command: IncidentCommand,
  ): { readonly code: 'not-found' | 'not-now' | 'incomplete'; readonly message: string } | undefined;
  /** A copy. */
  save(): SavedBoard;
  restore(saved: SavedBoard): void;
}

export interface SavedBoard {
  readonly incidents: readonly Incident[];
  readonly findings: readonly Finding[];
}

const keepMs = 3 * 86_400_000;
/** A person says why. */
const reasoned: readonly IncidentAction[] = ['close', 'dismiss', 'feedback'];

export function incidentBoard(): IncidentBoard {
  const incidents = new Map<string, Incident>();
  const findings = new Map<string, Finding>();

  function forget(nowMs: number): void {
    for (const { id, endedMs = Number.POSITIVE_INFINITY } of incidents.values())
      if (endedMs < nowMs - keepMs) incidents.delete(id);
    const needed = new Set([...incidents.values()].flatMap(({ parts }) => parts.map(({ id }) => id)));
    for (const { id, closedMs = Number.POSITIVE_INFINITY } of findings.values())
      if (closedMs < nowMs - keepMs && !needed.has(id)) findings.delete(id);
  }

  const newest = <T extends { readonly id: string; readonly openedMs: number }>(all: Iterable<T>): T[] =>
    [...all].sort((a, b) => b.openedMs - a.openedMs || (a.id < b.id ? -1 : 1));

  return {
    publish(output) {
      for (const finding of output.findings) findings.set(finding.id, finding);
      for (const incident of output.incidents) incidents.set(incident.id, incident);
      if (output.incidents.length + output.findings.length > 0 && output.nowMs !== null) forget(output.nowMs);
    },
    incidents: () => newest(incidents.values()),
    incident(id) {
      const incident = incidents.get(id);
      if (incident === undefined) return undefined;
      return { incident, findings: incident.parts.flatMap((part) => findings.get(part.id) ?? []) };
    },
    findings: () => newest(findings.values()),
    finding: (id) => findings.get(id),
    refusal({ id, action, why, into, findings: leaving = [] }) {
      const incident = incidents.get(id);
      if (incident === undefined) return { code: 'not-found', message: `there is no incident ${id}` };
      const { state, parts } = incident;
      const notNow = (allowed: readonly IncidentState[]) => ({
        code: 'not-now' as const,
        message: `the incident is ${state}; allowed for ${action}: ${allowed.join(', ')}`,
      });
      if (reasoned.includes(action) && (why ?? '').trim() === '')
        return { code: 'incomplete', message: `"why" is missing: say what was found, or why it is over` };
      if (action !== 'merge' && action !== 'split') {
        const { from } = incidentMoves[action];
        return from.includes(state) ? undefined : notNow(from);
      }
      const alive = (Object.values(incidentMoves).flatMap(({ from }) => from) as IncidentState[]).filter(
        (each, i, all) => all.indexOf(each) === i,
      );
      if (endedStates.includes(state)) return notNow(alive);
      if (action === 'merge') {
        const other = into === undefined || into === id ? undefined : incidents.get(into);
        if (other === undefined)
          return { code: 'incomplete', message: `"into" is ${JSON.stringify(into)}; allowed: the id of another incident` };
        return endedStates.includes(other.state) ? { code: 'not-now', message: `${other.id} is ${other.state}` } : undefined;
      }
      const ids = parts.map((part) => part.id);
      if (leaving.length > 0 && leaving.length < ids.length && leaving.every((each) => ids.includes(each))) return undefined;
      return {
        code: 'incomplete',
        message: `"findings" is ${JSON.stringify(leaving)}; allowed: some, not all, of ${ids.join(', ')}`,
      };
    },
    save: () => ({ incidents: [...incidents.values()], findings: [...findings.values()] }),
    restore(saved) {
      incidents.clear();
      findings.clear();
      for (const each of saved.incidents) incidents.set(each.id, each);
      for (const each of saved.findings) findings.set(each.id, each);
    },
  };
}
