// A frame: rows of one kind as they travel, before the engine knows their sources. Made by every codec, reader and simulator.

import type { Kind } from '../schema/catalog.ts';
import type { Problem } from '../schema/problem.ts';

export interface Frame {
  readonly kind: Kind;
  /** Number of the frame within its feed's epoch, for feeds that resume. */
  readonly seq?: number;
  readonly rows: number;
  /** Length of what each row stands for, ms; 0 = instants. */
  readonly periodMs: number;
  /** Names; the same array object may serve many frames (a decoder reuses it while the bytes repeat). */
  readonly sources: readonly string[];
  /** Per row: index into `sources`. */
  readonly source: Uint16Array | Uint32Array;
  /** Per row: epoch ms, start of the row. */
  readonly time: Float64Array;
  /** Columns by metric id, in the metric's unit; NaN = gap. Metrics that the frame does not carry are absent. */
  readonly values: Readonly<Record<string, Float32Array | Float64Array>>;
  /** Instrument marks by metric id, ASCII codes. */
  readonly marks?: Readonly<Record<string, Uint8Array>>;
  readonly id?: readonly string[];
  readonly text?: Readonly<Record<string, readonly string[]>>;
}

/** What decoding gave: frames that may be used, and what was wrong with the rest. `rowsRefused`: the sum of the problems' `rows`. */
export interface Decoded {
  readonly frames: readonly Frame[];
  readonly problems: readonly Problem[];
  readonly rowsRefused: number;
  /** Number of a frame of which nothing can be used; otherwise it stands in the frames. */
  readonly seq?: number;
  /** The frame was refused whole. */
  readonly isRefused?: boolean;
}

/** What a number of a frame may be. */
export function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
