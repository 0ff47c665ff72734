// What a rule over windows is: units, and a judgement of one unit at one step of time from the windows around it.

import type { Kind } from '../../schema/catalog.ts';
import type { Candidate, Evidence, Finding, Severity } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import type { WindowSize } from '../../schema/window.ts';

/** `unknown` changes nothing, `near` keeps a finding open and opens none: between the limit and the level that clears. */
export const Judgement = { unknown: 0, no: 1, near: 2, yes: 3 } as const;
export type Judgement = (typeof Judgement)[keyof typeof Judgement];

/** When a finding opens and closes, in steps. */
export interface Life {
  /** `yes` at so many of the newest `openWithin` steps, the newest among them. */
  readonly openAfter: number;
  readonly openWithin: number;
  /** So many steps of `no` without anything else but `unknown` between them. */
  readonly closeAfter: number;
}

/** What is known of a unit over the steps of a finding. */
export interface Description {
  readonly severity: Severity;
  readonly place: Finding['place'];
  readonly enterprise?: string;
  readonly process?: string;
  readonly sources: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly candidates?: readonly Candidate[];
}

/**
 * Stateless over time: a judgement depends on the windows alone, so that late ones can be judged again. Sources become known
 * by `setSources`, as the flow says it.
 */
export interface Detector {
  readonly rule: string;
  readonly ruleVersion: number;
  readonly size: WindowSize;
  readonly life: Life;
  /** A window changes judgements of its own step and of so many after it. Too small, and late windows end in other findings. */
  readonly reach: number;
  /** Windows of hours that it looks at beside, where it judges shorter steps: so many hours after one, from and to. */
  readonly hoursReach?: readonly [from: number, to: number];
  setSources(kind: Kind, first: number, sources: readonly Source[]): void;
  /** Units are numbered from 0, and never go. */
  units(): number;
  unitId(unit: number): string;
  /** Units that a window of this source may change. */
  unitsOf(kind: Kind, source: number): readonly number[];
  /** And those that look at it only where they judge `near` or `yes`: it decides between the two. */
  besideOf?(kind: Kind, source: number): readonly number[];
  judge(unit: number, step: number): Judgement;
  /** Of a finding that is open over [fromStep, toStep]. */
  describe(unit: number, fromStep: number, toStep: number): Description;
}
