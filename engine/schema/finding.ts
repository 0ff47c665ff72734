// What detectors find: one rule's result about one unit, with its evidence, from when it holds until it does not.

import type { Kind } from './catalog.ts';
import type { Says } from './says.ts';

/** `corrected`: later data took the cause away; what was known when stays in the earlier revisions. */
export type FindingState = 'open' | 'closed' | 'corrected';

/** How bad: a hint, a breach of a rule, danger to many. */
export const severities = ['notice', 'warning', 'serious'] as const;
export type Severity = (typeof severities)[number];

/** One value that speaks for a finding. */
export interface Evidence {
  readonly kind: Kind;
  /** Id of the source. */
  readonly source: string;
  readonly metric: string;
  /** What it stands for: [startMs, endMs). */
  readonly startMs: number;
  readonly endMs: number;
  readonly value: number;
  readonly unit: string;
  /** The highest of its windows, where late rows had corrected one already. */
  readonly revision?: number;
  /** What it was compared with, and how: `above` or `below` it. */
  readonly limit?: number;
  readonly side?: 'above' | 'below';
  /** What the value is: `says.ts` has the words. */
  readonly says: Says;
}

/** Who or what may be the cause. */
export interface Candidate {
  /** Id of an enterprise, site or field; `outside` the city, `unknown`. */
  readonly id: string;
  /** 0 to 1; the best first. */
  readonly score: number;
  readonly reasons: readonly string[];
}

export interface Finding {
  /** `rule:unit:openedMs`, the same for the same data. */
  readonly id: string;
  readonly rule: string;
  readonly ruleVersion: number;
  /** What the rule is about: an enterprise's process, a source, a cluster. */
  readonly unit: string;
  /** Event time from which the rule's condition holds. */
  readonly openedMs: number;
  /** The run's clock when it was found. */
  readonly foundMs: number;
  readonly closedMs?: number;
  /** Not the cause went, but the rule was switched off, or what it is about is no longer in the register. */
  readonly closedBy?: 'rule' | 'register';
  readonly state: FindingState;
  /** 0 = first time; each later emission of the same id is one more. */
  readonly revision: number;
  readonly severity: Severity;
  /** `township`: code of the nearest one, where the place is nobody's. */
  readonly place: { readonly district: string; readonly township?: string; readonly lon?: number; readonly lat?: number };
  readonly enterprise?: string;
  readonly process?: string;
  readonly sources: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly candidates: readonly Candidate[];
}

/** Findings that are new or have changed at one tick, by (openedMs, id). */
export interface FindingBatch {
  readonly type: 'findings';
  readonly findings: readonly Finding[];
}
