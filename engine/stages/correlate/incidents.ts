// Incidents: findings that belong together by cause, place and time, with a life that people drive and clocks that push.

import type { Finding } from '../../schema/finding.ts';
import { endedStates, type Incident, type IncidentClock, type IncidentCommand } from '../../schema/incident.ts';
import { merged, moved, outlasting, parted } from './incidentActions.ts';
import { addressOf } from './incidentAddress.ts';
import { causeOf, related } from './incidentJoin.ts';
import { kindOf } from './incidentKind.ts';
import type { IncidentOptions } from './incidentOptions.ts';
import { withChange, withPart } from './incidentParts.ts';

export interface Incidents {
  /** Findings that are new or have changed at this tick, and clocks that run out; incidents that are new or have changed. */
  advance(findings: readonly Finding[], nowMs: number): readonly Incident[];
  /** What a person did. Undefined: there is no such incident, or it is not at that point. */
  act(command: IncidentCommand, nowMs: number): readonly Incident[] | undefined;
  save(): SavedIncidents;
  restore(saved: SavedIncidents): void;
}

export interface SavedIncidents {
  readonly incidents: readonly Incident[];
}

/** Ended ones stay so long that late data may still speak of them: the horizon of hours and a day. */
const keepMs = 3 * 86_400_000;

export function incidentKeeper(options: IncidentOptions): Incidents {
  let incidents = new Map<string, Incident>();
  let changed = new Set<string>();

  function put(incident: Incident): void {
    incidents.set(incident.id, incident);
    changed.add(incident.id);
  }

  /** Each changed incident once, however much happened to it. */
  function told(): Incident[] {
    const out = [...changed].sort().flatMap((id) => {
      const incident = incidents.get(id);
      if (incident === undefined) return [];
      const next = { ...incident, revision: incident.revision + 1 };
      incidents.set(id, next);
      return [next];
    });
    changed = new Set();
    return out;
  }

  function ofFinding(finding: Finding): Incident | undefined {
    for (const incident of incidents.values()) if (incident.parts.some(({ id }) => id === finding.id)) return incident;
    return undefined;
  }

  function open(finding: Finding, nowMs: number): void {
    const base: Incident = {
      id: `incident:${finding.id}`,
      revision: -1,
      openedMs: finding.openedMs,
      foundMs: nowMs,
      severity: finding.severity,
      rule: finding.rule,
      place: finding.place,
      enterprise: causeOf(finding, options.causeScore),
      process: finding.process,
      parts: [],
      candidates: [],
      ...addressOf(kindOf(finding), finding, nowMs, options),
      changes: [{ atMs: nowMs, what: 'opened', why: finding.id }],
    };
    put(withPart(base, finding));
  }

  function take(finding: Finding, nowMs: number): void {
    const known = ofFinding(finding);
    if (known === undefined) {
      if (finding.state === 'corrected') return;
      const incident = related(finding, incidents.values(), options);
      if (incident === undefined) open(finding, nowMs);
      else put(withFinding(incident, finding, 'joined', nowMs));
      return;
    }
    const before = known.parts.find(({ id }) => id === finding.id)?.state;
    const incident = finding.state === 'open' ? revived(known) : known;
    const what = finding.state === 'open' ? 'joined' : finding.state === 'closed' ? 'finding-closed' : 'finding-corrected';
    put(withFinding(incident, finding, finding.state === before ? undefined : what, nowMs));
  }

  /** Maintenance with an emission in it is the inspectors' from then on: with their clocks, from the beginning. */
  function withFinding(
    incident: Incident,
    finding: Finding,
    what: 'joined' | 'finding-closed' | 'finding-corrected' | undefined,
    nowMs: number,
  ): Incident {
    const next = withPart(incident, finding);
    const after = what === undefined ? next : withChange(next, { atMs: nowMs, what, why: finding.id });
    const becomes = incident.kind === 'maintenance' && kindOf(finding) === 'emission' && finding.state !== 'corrected';
    if (!becomes) return after;
    const { rule, process = after.process } = finding;
    const address = addressOf('emission', finding, nowMs, options);
    const state = endedStates.includes(incident.state) ? incident.state : address.state;
    const change = { atMs: nowMs, what: 'became-emission', why: finding.id } as const;
    return withChange({ ...after, ...address, state, rule, process }, change);
  }

  /** Late data may bring back what the engine took for over; what a person ended stays ended. */
  function revived(incident: Incident): Incident {
    const isOurs = incident.state !== 'dismissed' && !incident.changes.some(({ what }) => what === 'close');
    return endedStates.includes(incident.state) && isOurs ? { ...incident, state: 'open', endedMs: undefined } : incident;
  }

  /** Without a cause any more: corrected when none ever was, else over, once nobody is on the way. */
  function settle(nowMs: number): void {
    for (const incident of [...incidents.values()]) {
      const causes = incident.parts.filter(({ kind }) => kind === incident.kind);
      if (endedStates.includes(incident.state) || causes.some(({ state }) => state === 'open')) continue;
      if (causes.every(({ state }) => state === 'corrected')) end(incident, 'corrected', nowMs);
      else if (incident.state === 'open' || incident.state === 'feedback') end(incident, 'closed', nowMs);
    }
  }

  function end(incident: Incident, state: 'corrected' | 'closed', nowMs: number): void {
    const [rest, faults] = outlasting(incident, nowMs, options) ?? [incident];
    const what = state === 'corrected' ? 'finding-corrected' : 'cause-gone';
    put(withChange({ ...rest, state, endedMs: nowMs }, { atMs: nowMs, what }));
    if (faults !== undefined) put(faults);
  }

  function checkClocks(nowMs: number): void {
    for (const incident of [...incidents.values()]) {
      const { state, overdue } = incident;
      const isOut = state === 'dispatched' || state === 'on-site';
      const check = (clock: IncidentClock, byMs: number | undefined) => {
        if (byMs === undefined || nowMs <= byMs || overdue.includes(clock)) return;
        put(withChange({ ...incident, overdue: [...overdue, clock] }, { atMs: nowMs, what: 'overdue', why: clock }));
      };
      if (state === 'open') check('dispatch', incident.dispatchByMs);
      if (isOut) check('feedback', incident.feedbackByMs);
      if (state === 'open' || isOut) check('repair', incident.repairByMs);
    }
  }

  function forget(nowMs: number): void {
    for (const { id, endedMs } of incidents.values())
      if (endedMs !== undefined && endedMs < nowMs - keepMs && !changed.has(id)) incidents.delete(id);
  }

  /** What came of it. */
  function done(command: IncidentCommand, nowMs: number): readonly (Incident | undefined)[] {
    const [incident, into] = [incidents.get(command.id), incidents.get(command.into ?? '')];
    if (incident === undefined) return [];
    if (command.action === 'merge') return into === undefined ? [] : (merged(incident, into, command, nowMs) ?? []);
    if (command.action === 'split') return (parted(incident, command, nowMs, options) ?? []).map(unique);
    return [moved(incident, command, nowMs, options)];

    /** What was split off, merged back and is split off again is another: the first is in the history. */
    function unique(part: Incident): Incident {
      return part.id !== command.id && incidents.has(part.id) ? { ...part, id: `${part.id}@${nowMs}` } : part;
    }
  }

  return {
    advance(findings, nowMs) {
      for (const finding of findings) take(finding, nowMs);
      settle(nowMs);
      checkClocks(nowMs);
      forget(nowMs);
      return told();
    },
    act(command, nowMs) {
      const after = done(command, nowMs).filter((incident) => incident !== undefined);
      for (const incident of after) put(incident);
      return after.length === 0 ? undefined : told();
    },
    save: () => ({ incidents: [...incidents.values()] }),
    restore(saved) {
      incidents = new Map(saved.incidents.map((incident) => [incident.id, incident]));
    },
  };
}
