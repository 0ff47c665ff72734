// Orders of curtailment: one for each measure of each enterprise's plan, and what the evidence says of it.

import type { Enterprise, EnterpriseProcess, Level } from './register.ts';

/** As much of an enterprise as its orders, and what the evidence says of them, depend on. */
export interface PlannedEnterprise
  extends Pick<Enterprise, 'id' | 'zh' | 'en' | 'grade' | 'district' | 'smallMicro' | 'guarantee' | 'plan' | 'mainMeter'> {
  readonly processes: readonly PlannedProcess[];
}

export interface PlannedProcess
  extends Pick<
    EnterpriseProcess,
    'id' | 'zh' | 'en' | 'emits' | 'ratedKw' | 'shifts' | 'emission' | 'productionMeter' | 'treatmentMeter'
  > {
  /** Id of the `cems` source on its stack. */
  readonly cems?: string;
}

export type OrderAction = 'stop' | 'limit' | 'transport';

/** What one enterprise has to do because of a warning. Sent as `OrderMessage` to feeds that subscribed. */
export interface Order {
  /** `order:`, the warning's number, the enterprise and the process (`-` of transport): the same at every level. */
  readonly id: string;
  readonly warning: string;
  readonly level: Level;
  readonly enterprise: string;
  /** Absent: `transport`. */
  readonly process?: string;
  readonly action: OrderAction;
  /** `limit`: how much of the usual production stays, %. */
  readonly toPct?: number;
  readonly effectiveMs: number;
  /** Expected; absent: until it is lifted. */
  readonly untilMs?: number;
  /** Lifted, or replaced by a higher revision. */
  readonly liftedMs?: number;
  /** 0 = first time; a change of what is asked or of its hours, or an amendment, is one more. */
  readonly revision: number;
  /** An approved exception, with its reason: the order does not hold. */
  readonly exemptBy?: string;
  readonly exemptWhy?: string;
  /** Who ended the exception last, and why. */
  readonly restoredBy?: string;
  readonly restoredWhy?: string;
  readonly zh: string;
  readonly en: string;
}

/** `obeying`, `late` (it obeyed after the grace), `partly`, `not`, `cannot-tell`: no evidence, which is no accusation. */
export const verdicts = ['obeying', 'late', 'partly', 'not', 'cannot-tell'] as const;
export type Verdict = (typeof verdicts)[number];

/** What the evidence says of one order. */
export interface Compliance {
  readonly order: string;
  readonly enterprise: string;
  readonly process?: string;
  readonly verdict: Verdict;
  /** Event time since when. */
  readonly sinceMs: number;
  readonly revision: number;
  /** Kinds that said it, with values; empty: `cannot-tell`, and why. */
  readonly evidence: readonly { readonly kind: string; readonly source: string; readonly zh: string; readonly en: string }[];
}

/** What a measured process did in an hour of its order, against its usual work: what the cut is counted from. Final when told. */
export interface ProcessActivity {
  readonly order: string;
  readonly enterprise: string;
  readonly process: string;
  /** Start of the hour, and how much of it is known and in the order's time. */
  readonly startMs: number;
  readonly knownMs: number;
  /** Means over what is known, shares of full load: as measured, and as usual at that hour (standstills included). */
  readonly load: number;
  readonly usualLoad: number;
  /** How much of that load ran without its treatment, 0 to 1. */
  readonly untreated: number;
}

/** Orders and verdicts that are new or have changed at one tick or command. */
export interface OrderBatch {
  readonly type: 'orders';
  readonly orders: readonly Order[];
  readonly compliance: readonly Compliance[];
  readonly activity?: readonly ProcessActivity[];
}

/** An exception from an order, signed: part of the sequence, and of the recording. */
export interface OrderCommand {
  readonly name: 'order';
  readonly action: 'exempt' | 'restore';
  readonly order: string;
  readonly by: string;
  readonly why: string;
}
