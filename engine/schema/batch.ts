// A batch: rows of one kind from one feed, as equal-length columns. The unit that flows through the pipeline.

import type { Kind } from './catalog.ts';

/** Every column has exactly `rows` entries. */
export interface Batch {
  readonly kind: Kind;
  /** Index of the feed that sent it, for the ledger. */
  readonly feed: number;
  readonly rows: number;
  /** Index of the row's source among the kind's sources (order of registration). */
  readonly source: Uint32Array;
  /** Start of what the row stands for, epoch ms. */
  readonly eventMs: Float64Array;
  /** Length of what the row stands for; 0 = an instant. */
  readonly periodMs: Float64Array;
  /** One column per metric of the kind, in catalog order: whole numbers of the metric's resolution; NaN = gap. */
  readonly values: readonly Float64Array[];
  /** One column per metric: `Quality`. */
  readonly quality: readonly Uint8Array[];
  /** One column per metric: instrument mark as ASCII code (N M C D F T B), 0 = none; absent where the feed sent none. */
  readonly marks?: readonly (Uint8Array | undefined)[];
  /** Event kinds: the row's id. */
  readonly id?: readonly string[];
  /** Event kinds: text columns by catalog name. */
  readonly text?: Readonly<Record<string, readonly string[]>>;
  /** Per row: `Bin`; 0 until a stage has decided. */
  readonly bin: Uint8Array;
  /** Per row: index into `problemCodes` where the row was refused, else 0. */
  readonly reason: Uint8Array;
}

/** What a value is worth. Only `good` values enter aggregates. */
export const Quality = { good: 0, gap: 1, range: 2, mark: 3 } as const;

export const qualityNames = ['good', 'gap', 'range', 'mark'] as const;
