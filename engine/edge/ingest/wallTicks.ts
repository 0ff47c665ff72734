// The clock of a run on the wall clock: it waits with feeds that wait for us and catches up with the present afterwards; feeds that wait too long are shed.

import type { Tick } from '../../schema/flow.ts';
import type { Problem } from '../../schema/problem.ts';
import type { WallClock } from '../clock.ts';
import type { Feed } from './feed.ts';
import { type OverloadOptions, overload } from './overload.ts';
import { presentOf } from './present.ts';

export interface WallTickLimits extends OverloadOptions {
  /** The run's clock is never further behind the present. */
  readonly heldClockMs: number;
  /** Seconds of the run's clock in a second, at most, while it catches up. */
  readonly catchUpRate: number;
  /** A run that goes on waits that long for its feeds to come back. */
  readonly startGraceMs: number;
}

export interface WallTicksOptions {
  readonly wall: WallClock;
  readonly limits: WallTickLimits;
  /** Of a run that goes on after a crash; null: none yet. */
  readonly nowMs: number | null;
  readonly feeds: ReadonlySet<Feed>;
  readonly isDiskFull: () => boolean;
  /** Rows that have been read wait for the stores. */
  readonly isWaiting: () => boolean;
  readonly tick: (tick: Tick) => void;
  /** Calls the work some times a second until it is stopped. */
  readonly beats?: (work: () => void) => () => void;
}

export interface WallTicks {
  /** A feed has been told to wait. */
  heldBack(): void;
  isShed(feed: string): boolean;
  /** Names, the first shed first. */
  shed(): readonly string[];
  /** How far the run's clock is behind the present, and the machine's behind that (it was turned back). */
  time(): { readonly behindMs: number; readonly backMs: number };
  /** Between two beats: what was waited for may have come. */
  beat(): void;
  stop(): void;
}

const wholeSecond = (ms: number) => Math.floor(ms / 1000) * 1000;

/** Ticks every second, also while the run's clock stands. The first tick comes at once. */
export function wallTicks(options: WallTicksOptions): WallTicks {
  const { wall, limits, feeds, isDiskFull, isWaiting, tick, beats = fiveASecond } = options;
  const load = overload(limits);
  const present = presentOf(wall, options.nowMs);
  const graceEndMs = options.nowMs === null ? Number.NEGATIVE_INFINITY : wall.steadyMs() + limits.startGraceMs;
  let nowMs = options.nowMs ?? wholeSecond(wall.nowMs());
  /** Of the last tick. */
  let presentMs = Number.NEGATIVE_INFINITY;
  /** When it last went on. */
  let wentOnMs = wall.steadyMs();
  /** Since the last beat. */
  let wasHeldBack = false;

  function beat(): void {
    const exactMs = present.nowMs();
    const isHeldBackNow = [...feeds].some(({ isSlow }) => isSlow);
    const isHeldBack = wasHeldBack || isHeldBackNow;
    wasHeldBack = isHeldBackNow;
    shedOrTakeBack(exactMs, isHeldBack);
    // Rows that we have not read are not missing: the clock waits with their feeds.
    const isStanding = isHeldBack || isWaiting() || isDiskFull() || wall.steadyMs() < graceEndMs;
    const second = wholeSecond(exactMs);
    const nextMs = Math.max(nowMs, isStanding ? nowMs : caughtUp(second), wholeSecond(second - limits.heldClockMs));
    if (second <= presentMs && nextMs === nowMs) return;
    nowMs = nextMs;
    presentMs = Math.max(second, nowMs);
    if (!isStanding) wentOnMs = wall.steadyMs();
    tick({ type: 'tick', nowMs, ...(presentMs > nowMs ? { aheadMs: presentMs - nowMs } : {}) });
  }

  /** In steps, so that the rows that waited come before the windows close that they belong to. */
  function caughtUp(second: number): number {
    const passedMs = Math.min(wall.steadyMs() - wentOnMs, 1000); // standing is not saved up
    return Math.min(second, wholeSecond(nowMs + passedMs * limits.catchUpRate));
  }

  function shedOrTakeBack(atMs: number, isHeldBack: boolean): void {
    const known = [...feeds].filter(({ index }) => index !== undefined);
    const { shed, back } = load.judge(atMs, isHeldBack && !isDiskFull(), known);
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
    time: () => ({ behindMs: presentMs - nowMs, backMs: Math.max(0, present.backMs) }),
    beat,
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
