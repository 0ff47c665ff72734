// The audit trail: one entry for every change of an incident or a warning and every exception from an order, each sealed with the
// hash of the one before.

import type { Severity } from './finding.ts';
import type { IncidentChange, IncidentState } from './incident.ts';
import type { OrderAction } from './order.ts';
import type { WarningChange, WarningLevel, WarningState } from './warning.ts';

export interface AuditEntry {
  /** From 1 in each run. */
  readonly number: number;
  /** The run's clock. */
  readonly atMs: number;
  /** Id of the incident, the warning or the order. */
  readonly incident: string;
  readonly revision: number;
  /** `escalated`: it is more severe than before. */
  readonly what: IncidentChange['what'] | 'escalated' | WarningChange['what'] | 'exempted' | 'restored';
  /** Null: the engine. */
  readonly by: string | null;
  readonly why: string | null;
  /** Of the incident or warning in that revision; of an order its action. */
  readonly state: IncidentState | WarningState | OrderAction;
  /** Of a warning or an order its level. */
  readonly severity: Severity | WarningLevel;
  /** Hash of the entry before; of the first: zeros. */
  readonly previous: string;
  /** SHA-256, in hex, of the entry's line in `audit.ndjson` as it is without the hash. */
  readonly hash: string;
}

/** GET /api/audit?incident=ID&from=ms&to=ms&limit=n: the newest first. */
export interface AuditAnswer {
  readonly entries: readonly AuditEntry[];
}
