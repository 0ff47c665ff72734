// The audit trail: one entry for every change of an incident, each sealed with the hash of the one before.

import type { Severity } from './finding.ts';
import type { IncidentChange, IncidentState } from './incident.ts';

export interface AuditEntry {
  /** From 1 in each run. */
  readonly number: number;
  /** The run's clock. */
  readonly atMs: number;
  readonly incident: string;
  readonly revision: number;
  /** `escalated`: it is more severe than before. */
  readonly what: IncidentChange['what'] | 'escalated';
  /** Null: the engine. */
  readonly by: string | null;
  readonly why: string | null;
  /** Of the incident in that revision. */
  readonly state: IncidentState;
  readonly severity: Severity;
  /** Hash of the entry before; of the first: zeros. */
  readonly previous: string;
  /** SHA-256, in hex, of the entry's line in `audit.ndjson` as it is without the hash. */
  readonly hash: string;
}

/** GET /api/audit?incident=ID&from=ms&to=ms&limit=n: the newest first. */
export interface AuditAnswer {
  readonly entries: readonly AuditEntry[];
}
