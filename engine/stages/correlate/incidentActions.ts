// What people do to incidents: send somebody, end them, merge and split them. Undefined: it cannot be done now.

import { endedStates, type Incident, type IncidentCommand, incidentMoves } from '../../schema/incident.ts';
import { addressOf } from './incidentAddress.ts';
import { kindOfParts } from './incidentKind.ts';
import type { IncidentOptions } from './incidentOptions.ts';
import { joined, withChange } from './incidentParts.ts';

export function moved(
  incident: Incident,
  { action, by, why }: IncidentCommand,
  nowMs: number,
  { feedbackMs }: IncidentOptions,
): Incident | undefined {
  if (action === 'merge' || action === 'split') return undefined;
  const { from, to } = incidentMoves[action];
  if (!from.includes(incident.state)) return undefined;
  const isSent = to === 'dispatched' && incident.kind === 'emission';
  return withChange(
    {
      ...incident,
      state: to,
      ...(isSent ? { feedbackByMs: nowMs + feedbackMs } : {}),
      ...(endedStates.includes(to) ? { endedMs: nowMs } : {}),
    },
    { atMs: nowMs, what: action, by, why },
  );
}

/** `to` with the findings of `from`, and what is left of `from`. */
export function merged(
  from: Incident,
  to: Incident,
  { by, why }: IncidentCommand,
  nowMs: number,
): readonly [Incident, Incident] | undefined {
  if (from === to || endedStates.includes(from.state) || endedStates.includes(to.state)) return undefined;
  const whole = joined(addressedAs(to, from), from.parts, from.candidates, from.severity);
  const gone = { ...from, state: 'dismissed' as const, endedMs: nowMs, parts: [] };
  return [
    withChange(whole, { atMs: nowMs, what: 'merge', by, why: from.id }),
    withChange(gone, { atMs: nowMs, what: 'merge', by, why: why === undefined ? to.id : `${to.id}: ${why}` }),
  ];
}

/** Maintenance that takes in an emission goes on as that does: with its inspector, and as far as it has come. */
function addressedAs(to: Incident, from: Incident): Incident {
  if (to.kind === from.kind || from.kind === 'maintenance') return to;
  const { kind, state, subCentre, township, inspector, dispatchByMs, feedbackByMs, overdue, rule } = from;
  const address = { kind, state, subCentre, township, inspector, dispatchByMs, feedbackByMs, overdue };
  return { ...to, ...address, rule, operator: undefined, repairByMs: undefined };
}

/** What stays, and what leaves as an incident of its own. */
export function parted(
  incident: Incident,
  { findings = [], by, why }: IncidentCommand,
  nowMs: number,
  options: IncidentOptions,
): readonly [Incident, Incident] | undefined {
  const leaving = incident.parts.filter(({ id }) => findings.includes(id));
  const staying = incident.parts.filter((part) => !leaving.includes(part));
  if (endedStates.includes(incident.state) || leaving.length === 0 || staying.length === 0) return undefined;
  const [first] = leaving;
  const change = { atMs: nowMs, what: 'split' as const, by, why };
  const fresh = { id: `${incident.id}+${first.id}`, revision: -1, openedMs: first.openedMs, rule: first.rule, changes: [] };
  return [
    withChange(withOnly(incident, staying, nowMs, options), change),
    withChange({ ...withOnly(incident, leaving, nowMs, options), ...fresh }, change),
  ];
}

/** Faults alone are no longer the inspectors'. */
function withOnly(incident: Incident, parts: Incident['parts'], nowMs: number, options: IncidentOptions): Incident {
  if (incident.kind === 'maintenance' || kindOfParts(parts) === 'emission') return { ...incident, parts };
  return { ...incident, parts, ...faultsAlone(incident, parts, nowMs, options) };
}

/** Of what is left when the emission goes: devices' faults are notices. */
function faultsAlone(incident: Incident, [first]: Incident['parts'], nowMs: number, options: IncidentOptions) {
  const { candidates } = incident;
  return {
    ...addressOf('maintenance', incident, nowMs, options),
    rule: first.rule,
    severity: 'notice',
    candidates: candidates.filter(({ id }) => id === 'instrument'),
  } as const;
}

/**
 * Faults that outlast the emission of which they were evidence: they stay open until somebody mends the device, and the
 * inspectors' case does not wait for it. The rest, and the faults; undefined: there are none, or nothing else.
 */
export function outlasting(
  incident: Incident,
  nowMs: number,
  options: IncidentOptions,
): readonly [Incident, Incident] | undefined {
  const faults = incident.parts.filter(({ kind, state }) => kind === 'maintenance' && state === 'open');
  if (incident.kind === 'maintenance' || faults.length === 0) return undefined;
  const [first] = faults;
  const change = { atMs: nowMs, what: 'split' as const };
  const fresh = { id: `incident:${first.id}@${nowMs}`, revision: -1, openedMs: first.openedMs, foundMs: nowMs, changes: [] };
  return [
    withChange({ ...incident, parts: incident.parts.filter((part) => !faults.includes(part)) }, change),
    withChange({ ...incident, parts: faults, ...faultsAlone(incident, faults, nowMs, options), ...fresh }, change),
  ];
}
