// The wall clock, for runs that live in real time.

import type { Clock } from '../pipeline/ports.ts';

export interface WallClock extends Clock {
  /** Passes evenly whatever is done to the machine's clock; its zero means nothing. */
  steadyMs(): number;
}

export const wallClock: WallClock = { nowMs: () => Date.now(), steadyMs: () => performance.now() };
