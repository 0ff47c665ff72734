// Incidents: findings that belong together by cause, place and time, with a life that people drive and clocks that push.

import { distanceKm } from '../../domain/geo.ts';
import { type Candidate, type Finding, type Severity, severities } from '../../schema/finding.ts';
import {
  endedStates,
  type Incident,
  type IncidentChange,
  type IncidentCommand,
  type IncidentPart,
  incidentMoves,
} from '../../schema/incident.ts';

export interface IncidentOptions {
  /** From found to dispatched: 5 min for straw fires (Hebei 2018, domain report 4.5 [S]), taken for all [ours]. */
  readonly dispatchMs: number;
  /** From dispatched to feedback: 3 h, as above. */
  readonly feedbackMs: number;
  /** Findings of one cause that begin so long after the last one ended are another incident [ours]. */
  readonly joinMs: number;
  /** Fires and complaints without an address belong together within this [ours]. */
  readonly joinKm: number;
  /** A candidate with this score is taken for the cause [ours]. */
  readonly causeScore: number;
  readonly townships: readonly {
    readonly code: string;
    readonly district: string;
    readonly lon: number;
    readonly lat: number;
    /** Ids, in the order of their turns. */
    readonly inspectors: readonly string[];
  }[];
  /** Township of an enterprise. */
  readonly townshipOf: Readonly<Record<string, string>>;
}

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

const dayMs = 86_400_000;
const beijingMs = 8 * 3_600_000;
/** Ended ones stay so long that late data may still speak of them: the horizon of hours and a day. */
const keepMs = 3 * dayMs;

const rank = (severity: Severity) => severities.indexOf(severity);

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

  /** The open incident that has the same cause, or lies near where there is no address. */
  function related(finding: Finding): Incident | undefined {
    const cause = causeOf(finding, options.causeScore);
    let best: Incident | undefined;
    for (const incident of incidents.values()) {
      if (endedStates.includes(incident.state) || finding.openedMs > lastMs(incident) + options.joinMs) continue;
      const isSame =
        cause === undefined
          ? incident.enterprise === undefined && isNear(incident, finding)
          : incident.enterprise === cause || causeOf(incident, options.causeScore) === cause;
      if (isSame && (best === undefined || incident.openedMs < best.openedMs)) best = incident;
    }
    return best;
  }

  function isNear(incident: Incident, finding: Finding): boolean {
    const [a, b] = [incident.place, finding.place];
    if (incident.parts.some(({ sources }) => sources.some((id) => finding.sources.includes(id)))) return true;
    if (a.lon === undefined || a.lat === undefined || b.lon === undefined || b.lat === undefined) return false;
    return distanceKm({ lon: a.lon, lat: a.lat }, { lon: b.lon, lat: b.lat }) <= options.joinKm;
  }

  function open(finding: Finding, nowMs: number): void {
    const township = townshipFor(finding);
    const base: Incident = {
      id: `incident:${finding.id}`,
      state: 'open',
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
      subCentre: finding.place.district,
      township: township?.code ?? '',
      inspector: inspectorOf(township, nowMs),
      dispatchByMs: nowMs + options.dispatchMs,
      overdue: [],
      changes: [{ atMs: nowMs, what: 'opened', why: finding.id }],
    };
    put(withPart(base, finding));
  }

  function townshipFor({ enterprise, place }: Finding) {
    const code = enterprise === undefined ? undefined : options.townshipOf[enterprise];
    if (code !== undefined) return options.townships.find((each) => each.code === code);
    const { lon, lat } = place;
    if (lon === undefined || lat === undefined) return undefined;
    let nearest: IncidentOptions['townships'][number] | undefined;
    let nearestKm = Number.POSITIVE_INFINITY;
    for (const each of options.townships) {
      if (place.district !== '' && each.district !== place.district) continue;
      const km = distanceKm(each, { lon, lat });
      if (km >= nearestKm) continue;
      nearest = each;
      nearestKm = km;
    }
    return nearest;
  }

  function take(finding: Finding, nowMs: number): void {
    const known = ofFinding(finding);
    if (known === undefined) {
      if (finding.state === 'corrected') return;
      const incident = related(finding);
      if (incident === undefined) open(finding, nowMs);
      else put(withChange(withPart(incident, finding), { atMs: nowMs, what: 'joined', why: finding.id }));
      return;
    }
    const before = known.parts.find(({ id }) => id === finding.id)?.state;
    const next = withPart(finding.state === 'open' ? revived(known) : known, finding);
    const what = finding.state === 'open' ? 'joined' : finding.state === 'closed' ? 'finding-closed' : 'finding-corrected';
    put(finding.state === before ? next : withChange(next, { atMs: nowMs, what, why: finding.id }));
  }

  /** Late data may bring back what the engine took for over; what a person ended stays ended. */
  function revived(incident: Incident): Incident {
    const isOurs = incident.state !== 'dismissed' && !incident.changes.some(({ what }) => what === 'close');
    return endedStates.includes(incident.state) && isOurs ? { ...incident, state: 'open', endedMs: undefined } : incident;
  }

  /** Without a cause any more: corrected when none ever was, else over, once nobody is on the way. */
  function settle(nowMs: number): void {
    for (const incident of [...incidents.values()]) {
      if (endedStates.includes(incident.state) || incident.parts.some(({ state }) => state === 'open')) continue;
      if (incident.parts.every(({ state }) => state === 'corrected')) {
        put(withChange({ ...incident, state: 'corrected', endedMs: nowMs }, { atMs: nowMs, what: 'finding-corrected' }));
      } else if (incident.state === 'open' || incident.state === 'feedback') {
        put(withChange({ ...incident, state: 'closed', endedMs: nowMs }, { atMs: nowMs, what: 'cause-gone' }));
      }
    }
  }

  function checkClocks(nowMs: number): void {
    for (const incident of [...incidents.values()]) {
      const { state, overdue, dispatchByMs, feedbackByMs = Number.POSITIVE_INFINITY } = incident;
      const late = (clock: 'dispatch' | 'feedback') =>
        put(withChange({ ...incident, overdue: [...overdue, clock] }, { atMs: nowMs, what: 'overdue', why: clock }));
      if (state === 'open' && nowMs > dispatchByMs && !overdue.includes('dispatch')) late('dispatch');
      const isOut = state === 'dispatched' || state === 'on-site';
      if (isOut && nowMs > feedbackByMs && !overdue.includes('feedback')) late('feedback');
    }
  }

  function forget(nowMs: number): void {
    for (const { id, endedMs } of incidents.values())
      if (endedMs !== undefined && endedMs < nowMs - keepMs && !changed.has(id)) incidents.delete(id);
  }

  function move({ id, action, by, why }: IncidentCommand, nowMs: number): boolean {
    const incident = incidents.get(id);
    if (incident === undefined || action === 'merge' || action === 'split') return false;
    const { from, to } = incidentMoves[action];
    if (!from.includes(incident.state)) return false;
    put(
      withChange(
        {
          ...incident,
          state: to,
          ...(to === 'dispatched' ? { feedbackByMs: nowMs + options.feedbackMs } : {}),
          ...(endedStates.includes(to) ? { endedMs: nowMs } : {}),
        },
        { atMs: nowMs, what: action, by, why },
      ),
    );
    return true;
  }

  function merge({ id, into = '', by, why }: IncidentCommand, nowMs: number): boolean {
    const [from, to] = [incidents.get(id), incidents.get(into)];
    if (
      from === undefined ||
      to === undefined ||
      from === to ||
      endedStates.includes(from.state) ||
      endedStates.includes(to.state)
    )
      return false;
    put(withChange(joined(to, from.parts, from.candidates, from.severity), { atMs: nowMs, what: 'merge', by, why: id }));
    const gone = { ...from, state: 'dismissed' as const, endedMs: nowMs, parts: [] };
    put(withChange(gone, { atMs: nowMs, what: 'merge', by, why: why === undefined ? into : `${into}: ${why}` }));
    return true;
  }

  function split({ id, findings = [], by, why }: IncidentCommand, nowMs: number): boolean {
    const incident = incidents.get(id);
    const leaving = incident?.parts.filter((part) => findings.includes(part.id)) ?? [];
    if (
      incident === undefined ||
      endedStates.includes(incident.state) ||
      leaving.length === 0 ||
      leaving.length === incident.parts.length
    )
      return false;
    const [first] = leaving;
    const change = { atMs: nowMs, what: 'split' as const, by, why };
    put(withChange({ ...incident, parts: incident.parts.filter((part) => !leaving.includes(part)) }, change));
    put({
      ...incident,
      id: `${id}+${first.id}`,
      revision: -1,
      openedMs: first.openedMs,
      rule: first.rule,
      parts: leaving,
      changes: [change],
    });
    return true;
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
      const isDone =
        command.action === 'merge'
          ? merge(command, nowMs)
          : command.action === 'split'
            ? split(command, nowMs)
            : move(command, nowMs);
      return isDone ? told() : undefined;
    },
    save: () => ({ incidents: [...incidents.values()] }),
    restore(saved) {
      incidents = new Map(saved.incidents.map((incident) => [incident.id, incident]));
    },
  };
}

/** The enterprise that a finding is about, or that it takes for the cause. */
function causeOf({ enterprise, candidates }: Pick<Finding, 'enterprise' | 'candidates'>, score: number): string | undefined {
  if (enterprise !== undefined) return enterprise;
  const [best] = candidates;
  return best === undefined || best.score < score || best.id === 'outside' || best.id === 'unknown' ? undefined : best.id;
}

/** Until when its findings say that something was there. */
function lastMs({ parts }: Incident): number {
  let last = Number.NEGATIVE_INFINITY;
  for (const { closedMs = Number.POSITIVE_INFINITY } of parts) last = Math.max(last, closedMs);
  return last;
}

function partOf({ id, rule, state, openedMs, closedMs, revision, sources, evidence }: Finding): IncidentPart {
  return { id, rule, state, openedMs, closedMs, revision, sources, evidence };
}

function withPart(incident: Incident, finding: Finding): Incident {
  const others = incident.parts.filter(({ id }) => id !== finding.id);
  const parts = [...others, partOf(finding)];
  return {
    ...joined({ ...incident, parts: others }, parts.slice(others.length), finding.candidates, finding.severity),
    openedMs: Math.min(incident.openedMs, finding.openedMs),
    ...(rank(finding.severity) > rank(incident.severity) ? { rule: finding.rule } : {}),
    process: incident.process ?? finding.process,
  };
}

function joined(
  incident: Incident,
  parts: readonly IncidentPart[],
  candidates: readonly Candidate[],
  severity: Severity,
): Incident {
  return {
    ...incident,
    severity: rank(severity) > rank(incident.severity) ? severity : incident.severity,
    parts: [...incident.parts, ...parts].sort((a, b) => a.openedMs - b.openedMs || (a.id < b.id ? -1 : 1)),
    candidates: best([...incident.candidates, ...candidates]),
  };
}

/** One of each, with its best score. */
function best(candidates: readonly Candidate[]): readonly Candidate[] {
  const byId = new Map<string, Candidate>();
  for (const each of candidates) if (each.score > (byId.get(each.id)?.score ?? Number.NEGATIVE_INFINITY)) byId.set(each.id, each);
  return [...byId.values()].sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

function withChange(incident: Incident, change: IncidentChange): Incident {
  return { ...incident, changes: [...incident.changes, change] };
}

/** They take turns by the Beijing day: rotas are not in the register [ours]. */
function inspectorOf(township: IncidentOptions['townships'][number] | undefined, nowMs: number): string {
  const ids = township?.inspectors ?? [];
  return ids.length === 0 ? '' : ids[Math.floor((nowMs + beijingMs) / dayMs) % ids.length];
}
