// The clock of a run on the wall clock: it waits with feeds that wait for us, and sheds feeds when they wait too long.

import type { Clock } from '../../pipeline/ports.ts';
import type { Problem } from '../../schema/problem.ts';
import type { Feed } from './feed.ts';
import { type OverloadOptions, overload } from './overload.ts';

export interface WallTickLimits extends OverloadOptions {
  /** The clock is that far behind the wall while feeds wait. */
  readonly heldClockMs: number;
}

export interface WallTicksOptions {
  readonly wall: Clock;
  readonly limits: WallTickLimits;
  /** Of a run that goes on after a crash; null: none yet. */
  readonly nowMs: number | null;
  readonly feeds: ReadonlySet<Feed>;
  readonly isDiskFull: () => boolean;
  readonly tick: (nowMs: number) => void;
  /** Calls the work some times a second until it is stopped. */
  readonly beats?: (work: () => void) => () => void;
}

export interface WallTicks {
  /** A feed has been told to wait. */
  heldBack(): void;
  isShed(feed: string): boolean;
  /** Names, the first shed first. */
  shed(): readonly string[];
  stop(): void;
}

/** The first tick comes at once: before a clock is known no row is in the future. */
export function wallTicks({ wall, limits, nowMs, feeds, isDiskFull, tick, beats = fiveASecond }: WallTicksOptions): WallTicks {
  const load = overload(limits);
  let lastMs = nowMs ?? Number.NEGATIVE_INFINITY;
  /** Since the last beat. */
  let wasHeldBack = false;

  function beat(): void {
    const wallMs = wall.nowMs();
    const isHeldBackNow = [...feeds].some(({ isSlow }) => isSlow);
    const isHeldBack = wasHeldBack || isHeldBackNow;
    wasHeldBack = isHeldBackNow;
    shedOrTakeBack(wallMs, isHeldBack);
    // Rows that we have not read are not missing: the clock waits with their feeds.
    const heldMs = isHeldBack ? limits.heldClockMs : 0;
    const tickMs = Math.floor((wallMs - heldMs) / 1000) * 1000;
    if (tickMs <= lastMs) return;
    lastMs = tickMs;
    tick(tickMs);
  }

  function shedOrTakeBack(wallMs: number, isHeldBack: boolean): void {
    const known = [...feeds].filter(({ index }) => index !== undefined);
    const { shed, back } = load.judge(wallMs, isHeldBack && !isDiskFull(), known);
    if (shed === undefined && back === undefined) return;
    for (const feed of known) {
      feed.rows = 0;
      if (feed.name === back) feed.send({ type: 'go' });
      if (feed.name !== shed) continue;
      feed.tell(shedProblem(feed));
      feed.goOn(); // it is read on, so that it does not pile up
    }
  }

  const stop = beats(beat);
  beat();
  return {
    heldBack() {
      wasHeldBack = true;
    },
    isShed: load.isShed,
    shed: load.shed,
    stop,
  };
}

function fiveASecond(work: () => void): () => void {
  const timer = setInterval(work, 200);
  return () => clearInterval(timer);
}

function shedProblem({ name, priority }: Feed): Problem {
  return {
    code: 'shed',
    message: 'The engine is overloaded: rows of this feed are counted and thrown away until it is not.',
    field: 'priority',
    value: `${name}: ${priority}`,
    allowed: 'a higher priority in the hello (0 to 9), fewer rows, or a faster machine; option shedAfterMs',
  };
}
