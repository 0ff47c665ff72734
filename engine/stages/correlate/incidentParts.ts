// An incident as the sum of its findings: what each adds to it, and its history.

import { type Candidate, type Finding, type Severity, severities } from '../../schema/finding.ts';
import type { Incident, IncidentChange, IncidentPart } from '../../schema/incident.ts';
import { kindOf } from './incidentKind.ts';

const rank = (severity: Severity) => severities.indexOf(severity);

function partOf(finding: Finding): IncidentPart {
  const { id, rule, state, openedMs, closedMs, revision, sources, evidence } = finding;
  return { id, kind: kindOf(finding), rule, state, openedMs, closedMs, revision, sources, evidence };
}

/** With the finding as it is now; the place of an earlier revision of it is taken. */
export function withPart(incident: Incident, finding: Finding): Incident {
  const others = incident.parts.filter(({ id }) => id !== finding.id);
  return {
    ...joined({ ...incident, parts: others }, [partOf(finding)], finding.candidates, finding.severity),
    openedMs: Math.min(incident.openedMs, finding.openedMs),
    ...(rank(finding.severity) > rank(incident.severity) ? { rule: finding.rule } : {}),
    process: incident.process ?? finding.process,
  };
}

export function joined(
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

export function withChange(incident: Incident, change: IncidentChange): Incident {
  return { ...incident, changes: [...incident.changes, change] };
}
