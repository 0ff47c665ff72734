// Rows that sensors give, as columns: what becomes a frame when it is sent.

import type { Kind } from '../../engine/schema/catalog.ts';

export interface Columns {
  readonly kind: Kind;
  readonly rows: number;
  /** Length of what each row stands for, ms; 0 = instants. */
  readonly periodMs: number;
  /** Per row: index among the register's sources of this kind, in the register's order. */
  readonly source: Uint32Array;
  /** Per row: epoch ms by the source's own clock, start of the row. */
  readonly time: Float64Array;
  /** By metric id, in the metric's unit; NaN = gap. */
  readonly values: Readonly<Record<string, Float64Array>>;
  /** Instrument marks by metric id, ASCII codes (N M C D F T B). */
  readonly marks?: Readonly<Record<string, Uint8Array>>;
  /** Event kinds. */
  readonly id?: readonly string[];
  readonly text?: Readonly<Record<string, readonly string[]>>;
}
