// What a rule with a memory of its own is: it takes rows as they come, and says at ticks what follows from those that it holds.

import type { Batch } from '../../schema/batch.ts';
import type { Kind } from '../../schema/catalog.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Tick } from '../../schema/flow.ts';
import { Bin } from '../../schema/ledger.ts';
import type { Source } from '../../schema/register.ts';

/**
 * Beside `Detector`, for rows that make no windows, and for their absence. What it finds follows from the rows held at a tick in
 * event time: not from how they were batched, nor from their order within the time that it keeps them in order.
 */
export interface Watcher {
  /** Rules that its findings are of. */
  readonly rules: readonly string[];
  /** Rows of other kinds are not given to it. */
  readonly kinds: readonly Kind[];
  /** Of all kinds, as the flow says it. */
  setSources(kind: Kind, first: number, sources: readonly Source[]): void;
  /** The register no longer has them: what is open of them alone closes. Behind it `setSources` has nobody in their places. */
  leave?(kind: Kind, sources: readonly number[]): void;
  take(batch: Batch): void;
  /** Findings that are new or have changed. `others`: those of detectors and of the watchers before it, at this tick. */
  advance(tick: Tick, others: readonly Finding[]): readonly Finding[];
  save(): unknown;
  restore(saved: unknown): void;
}

/** A row that came once and was not refused, late or not. */
export function isTaken(bin: number): boolean {
  return bin === Bin.onTime || bin === Bin.lateRevised || bin === Bin.lateDiverted;
}
