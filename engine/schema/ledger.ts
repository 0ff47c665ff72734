// The ledger: every received row ends in exactly one bin; `received` = sum of the bins, per feed and kind.

import type { Kind } from './catalog.ts';

/** Where a row ended. `pending` only while it is on its way. */
export const Bin = {
  pending: 0,
  onTime: 1,
  lateRevised: 2,
  lateDiverted: 3,
  duplicate: 4,
  rejected: 5,
  quarantined: 6,
  shed: 7,
} as const;

export const binNames = [
  'pending',
  'onTime',
  'lateRevised',
  'lateDiverted',
  'duplicate',
  'rejected',
  'quarantined',
  'shed',
] as const;

export type BinName = (typeof binNames)[number];

export interface LedgerRow {
  readonly feed: string;
  readonly kind: Kind;
  readonly received: number;
  readonly bins: Readonly<Record<BinName, number>>;
  /** Rejected and quarantined rows by problem code. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Values (not rows) by quality name. */
  readonly quality: Readonly<Record<string, number>>;
}

export interface Ledger {
  readonly rows: readonly LedgerRow[];
  /** Frames that were refused whole, by problem code; their rows stand in `rejected` as far as they could be counted. */
  readonly refusedFrames: readonly { readonly feed: string; readonly codes: Readonly<Record<string, number>> }[];
}

/**
 * Frames that were not taken because of their number, since the engine started. Beside the ledger: the rows of re-sent
 * ones (`resent`) were received before, those behind a gap (`gap`) come again.
 */
export interface OutOfTurn {
  readonly feed: string;
  readonly resentFrames: number;
  readonly resentRows: number;
  readonly gapFrames: number;
  readonly gapRows: number;
}

/** GET /api/ledger */
export interface LedgerAnswer extends Ledger {
  readonly outOfTurn: readonly OutOfTurn[];
}
