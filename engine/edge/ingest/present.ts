// The present by the machine's clock, carried on by the steady one where somebody turns the machine's clock back.

import type { WallClock } from '../clock.ts';

export interface Present {
  nowMs(): number;
  /** How far the machine's clock is behind it; 0: it is the machine's clock. */
  readonly backMs: number;
}

/** A step back that is not worth another clock: the ticks wait for it. */
const waitedForMs = 5_000;

/** Not before `fromMs`, where the run's clock was. */
export function presentOf(wall: WallClock, fromMs: number | null): Present {
  let presentMs = fromMs ?? wall.nowMs();
  let steadyMs = wall.steadyMs();
  let backMs = 0;

  return {
    nowMs() {
      const steadyBeforeMs = steadyMs;
      steadyMs = wall.steadyMs();
      const goneOnMs = presentMs + steadyMs - steadyBeforeMs;
      const machineMs = wall.nowMs();
      presentMs = machineMs >= goneOnMs - waitedForMs ? machineMs : goneOnMs;
      backMs = presentMs - machineMs;
      return presentMs;
    },
    get backMs() {
      return backMs;
    },
  };
}
