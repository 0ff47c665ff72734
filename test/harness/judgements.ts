// Findings, incidents and the outputs that bring them, for tests of what comes behind the rules.

import { auditTrail } from '../../engine/edge/auditTrail.ts';
import type { Output } from '../../engine/pipeline/ports.ts';
import type { Finding } from '../../engine/schema/finding.ts';
import type { Incident } from '../../engine/schema/incident.ts';

export function findingOf(unit: string, change: Partial<Finding> = {}): Finding {
  const { rule = 'treatment-off', openedMs = 0 } = change;
  return {
    id: `${rule}:${unit}:${openedMs}`,
    rule,
    ruleVersion: 1,
    unit,
    openedMs,
    foundMs: openedMs + 60_000,
    state: 'open',
    revision: 0,
    severity: 'warning',
    place: { district: '131102' },
    sources: [unit],
    evidence: [
      {
        kind: 'power',
        source: unit,
        metric: 'kw',
        startMs: openedMs,
        endMs: openedMs + 60_000,
        value: 0.1,
        unit: 'kW',
        says: 'treatmentPower',
      },
    ],
    candidates: [],
    ...change,
  };
}

export function incidentOf(finding: Finding, change: Partial<Incident> = {}): Incident {
  const { id, rule, state, openedMs, closedMs, revision, sources, evidence } = finding;
  return {
    id: `incident:${id}`,
    kind: 'emission',
    state: 'open',
    revision: 0,
    openedMs,
    foundMs: finding.foundMs,
    severity: finding.severity,
    rule,
    place: finding.place,
    enterprise: finding.enterprise,
    parts: [{ id, kind: 'emission', rule, state, openedMs, closedMs, revision, sources, evidence }],
    candidates: [],
    subCentre: '131102',
    township: '',
    inspector: '',
    overdue: [],
    changes: [{ atMs: finding.foundMs, what: 'opened', why: id }],
    ...change,
  };
}

/** The next revision, with one more line of its life. */
export function changed(incident: Incident, line: Incident['changes'][number], change: Partial<Incident> = {}): Incident {
  return { ...incident, revision: incident.revision + 1, changes: [...incident.changes, line], ...change };
}

export interface Judged {
  readonly nowMs: number;
  readonly findings?: readonly Finding[];
  readonly incidents?: readonly Incident[];
}

/** An output a tick, with the audit trail of all of them. */
export function judgedOutputs(ticks: readonly Judged[]): Output[] {
  const trail = auditTrail();
  return ticks.map(({ nowMs, findings = [], incidents = [] }, i) =>
    trail.follow({ rows: [], windows: [], places: [], findings, incidents, nowMs, seq: i + 1 }),
  );
}
