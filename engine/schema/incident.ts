// What a person deals with: findings that belong together, whom to send, and how far it has come.

import type { Candidate, Finding, Severity } from './finding.ts';

/**
 * `open → dispatched → on-site → feedback → closed`; `dismissed` by a person, with a reason; `corrected`: later data took every
 * cause away.
 */
export type IncidentState = 'open' | 'dispatched' | 'on-site' | 'feedback' | 'closed' | 'dismissed' | 'corrected';

/**
 * Who follows it up: `emission` the inspectors of the sub-centre, `maintenance` (运维) whoever keeps the device or the network that
 * failed. Signs that somebody meddled with a device are the inspectors', as what they hide is an emission.
 */
export const incidentKinds = ['emission', 'maintenance'] as const;
export type IncidentKind = (typeof incidentKinds)[number];

/** What a person does to an incident; `merge` says into which, `split` which findings leave. */
export type IncidentAction = 'dispatch' | 'on-site' | 'feedback' | 'close' | 'dismiss' | 'merge' | 'split';

/** Which states an action leads from, and to. `merge` and `split` change none. */
export const incidentMoves: Readonly<
  Record<Exclude<IncidentAction, 'merge' | 'split'>, { readonly from: readonly IncidentState[]; readonly to: IncidentState }>
> = {
  dispatch: { from: ['open'], to: 'dispatched' },
  'on-site': { from: ['dispatched'], to: 'on-site' },
  feedback: { from: ['dispatched', 'on-site'], to: 'feedback' },
  close: { from: ['open', 'dispatched', 'on-site', 'feedback'], to: 'closed' },
  dismiss: { from: ['open', 'dispatched', 'on-site', 'feedback'], to: 'dismissed' },
};
export const endedStates: readonly IncidentState[] = ['closed', 'dismissed', 'corrected'];

/** What may be overdue. */
export type IncidentClock = 'dispatch' | 'feedback' | 'repair';

/** One line of an incident's life. */
export interface IncidentChange {
  /** The run's clock. */
  readonly atMs: number;
  readonly what:
    | 'opened'
    | 'joined'
    | 'became-emission'
    | 'finding-closed'
    | 'finding-corrected'
    | 'cause-gone'
    | 'overdue'
    | IncidentAction;
  /** Who did it; absent: the engine. */
  readonly by?: string;
  /** A person's reason or words, the finding's id, or which clock ran out. */
  readonly why?: string;
}

/** A part of an incident: a finding as it is known now. */
export type IncidentPart = Pick<
  Finding,
  'id' | 'rule' | 'state' | 'openedMs' | 'closedMs' | 'revision' | 'sources' | 'evidence'
> & {
  /** Of the finding alone: a fault may be a part of an emission, as evidence. */
  readonly kind: IncidentKind;
};

export interface Incident {
  /** `incident:` and the id of its first finding. */
  readonly id: string;
  /** `maintenance` as long as all of its findings are faults. */
  readonly kind: IncidentKind;
  readonly state: IncidentState;
  /** 0 = first time; each later emission is one more. */
  readonly revision: number;
  /** Event time of the first cause. */
  readonly openedMs: number;
  /** The run's clock when it became known, and when it ended. */
  readonly foundMs: number;
  readonly endedMs?: number;
  readonly severity: Severity;
  /** The rule that says it best: of the worst finding, the first. */
  readonly rule: string;
  readonly place: Finding['place'];
  readonly enterprise?: string;
  readonly process?: string;
  readonly parts: readonly IncidentPart[];
  /** The best first. */
  readonly candidates: readonly Candidate[];
  /**
   * Code of the sub-centre, and of the township with the inspector whose turn it is; '' where the register has none, and for
   * maintenance.
   */
  readonly subCentre: string;
  readonly township: string;
  readonly inspector: string;
  /** Maintenance: id of the enterprise whose device it is; `city`: its own stations, and networks. */
  readonly operator?: string;
  /** The run's clock at which each is due: of an emission the first two, of maintenance the last. */
  readonly dispatchByMs?: number;
  readonly feedbackByMs?: number;
  readonly repairByMs?: number;
  /** Clocks that ran out: the city has been told. */
  readonly overdue: readonly IncidentClock[];
  readonly changes: readonly IncidentChange[];
}

/** Incidents that are new or have changed at one tick or command. */
export interface IncidentBatch {
  readonly type: 'incidents';
  readonly incidents: readonly Incident[];
}

/** Part of the sequence, and of the recording. */
export interface IncidentCommand {
  readonly name: 'incident';
  readonly id: string;
  readonly action: IncidentAction;
  readonly by: string;
  /** Needed to close and to dismiss. */
  readonly why?: string;
  /** `merge`: the incident that takes its findings. */
  readonly into?: string;
  /** `split`: ids of the findings that become an incident of their own. */
  readonly findings?: readonly string[];
}
