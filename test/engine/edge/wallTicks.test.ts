// The run's clock against a wall clock, a steady clock and feeds that the test turns.

import { expect, test } from 'vitest';
import { configFrom } from '../../../engine/config.ts';
import type { Feed } from '../../../engine/edge/ingest/feed.ts';
import { wallTicks } from '../../../engine/edge/ingest/wallTicks.ts';
import type { Tick } from '../../../engine/schema/flow.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');

function clock({ nowMs = null as number | null, settings = {} } = {}) {
  let [wallMs, steadyMs] = [t0, 5];
  const feed = { isSlow: false, index: 0, name: 'f', priority: 5, rows: 0 };
  const ticks: Tick[] = [];
  const state = { isDiskFull: false, isWaiting: false };
  let beat = () => {};
  const run = wallTicks({
    wall: { nowMs: () => wallMs, steadyMs: () => steadyMs },
    limits: configFrom({ shedAfterMs: 0, ...settings }),
    nowMs,
    feeds: new Set([feed as unknown as Feed]),
    isDiskFull: () => state.isDiskFull,
    isWaiting: () => state.isWaiting,
    tick: (tick) => ticks.push(tick),
    beats(work) {
      beat = work;
      return () => {};
    },
  });
  return {
    run,
    ticks,
    feed,
    state,
    /** Seconds of the run's clock since t0. */
    nowS: () => (ticks[ticks.length - 1].nowMs - t0) / second,
    turn(ms: number, by = second) {
      for (let passed = 0; passed < ms; passed += by) {
        wallMs += by;
        steadyMs += by;
        beat();
      }
    },
    step(ms: number) {
      wallMs += ms;
    },
  };
}

test('ticks are the whole seconds of the wall clock, the first at once', () => {
  const { ticks, turn } = clock();
  turn(3 * second, 200);
  expect(ticks).toEqual([0, 1, 2, 3].map((s) => ({ type: 'tick', nowMs: t0 + s * second })));
});

test.each(['isSlow', 'isDiskFull', 'isWaiting'] as const)(
  '20 minutes of %s: the clock stands, the ticks say by how much',
  (why) => {
    const { ticks, feed, state, nowS, turn, run } = clock();
    turn(5 * second);
    if (why === 'isSlow') feed.isSlow = true;
    else state[why] = true;
    turn(20 * minute);
    expect(nowS()).toBe(5);
    expect(ticks).toHaveLength(6 + 1200); // windows of those that do send go out by their own rows
    expect(ticks[ticks.length - 1]).toEqual({ type: 'tick', nowMs: t0 + 5 * second, aheadMs: 20 * minute });
    expect(run.time()).toEqual({ behindMs: 20 * minute, backMs: 0 });
  },
);

test('afterwards it catches up at the rate, not at once, and stands again when feeds wait again', () => {
  const { ticks, feed, nowS, turn, run } = clock();
  feed.isSlow = true;
  turn(20 * minute);
  feed.isSlow = false;
  turn(second); // it was held back since the last beat
  expect(nowS()).toBe(0);
  turn(5 * second, 200);
  expect(nowS()).toBe(60 + 24 * 12);
  for (let i = 1; i < ticks.length; i++) expect(ticks[i].nowMs - ticks[i - 1].nowMs).toBeLessThanOrEqual(minute);
  feed.isSlow = true;
  turn(10 * second);
  expect(nowS()).toBe(60 + 24 * 12);
  feed.isSlow = false;
  turn(30 * second, 200);
  expect(run.time().behindMs).toBe(0);
  expect(ticks[ticks.length - 1].aheadMs).toBeUndefined();
});

test('it catches up too where the stores are behind most of the time', () => {
  const { state, turn, run } = clock();
  turn(5 * second);
  state.isWaiting = true;
  turn(10 * minute);
  for (let i = 0; i < 60; i++) {
    turn(second); // every beat comes while they are behind
    state.isWaiting = false;
    run.beat();
    state.isWaiting = true;
  }
  expect(run.time().behindMs).toBeLessThanOrEqual(second);
});

test('it is never further behind than heldClockMs', () => {
  const { feed, nowS, turn } = clock({ settings: { heldClockMs: 10 * minute } });
  feed.isSlow = true;
  turn(15 * minute);
  expect(nowS()).toBe(5 * 60);
});

test('a run that goes on after 40 minutes: its feeds have the grace to come back, then the clock catches up', () => {
  const { ticks, nowS, turn, run } = clock({ nowMs: t0 - 40 * minute });
  expect(ticks).toEqual([{ type: 'tick', nowMs: t0 - 40 * minute, aheadMs: 40 * minute }]);
  turn(29 * second);
  expect(nowS()).toBe(-40 * 60);
  turn(10 * second);
  expect(nowS()).toBe(-40 * 60 + 10 * 60);
  turn(60 * second);
  expect(run.time().behindMs).toBe(0);
});

test('after a week it begins an hour back', () => {
  const { nowS } = clock({ nowMs: t0 - 7 * 24 * hour });
  expect(nowS()).toBe(-3600);
});

test("the machine's clock goes back by a day: the ticks go on from where they were, and it is told", () => {
  const { ticks, nowS, turn, step, run } = clock();
  turn(10 * second);
  step(-24 * hour);
  turn(100 * second);
  expect(nowS()).toBe(110);
  expect(ticks).toHaveLength(111);
  expect(run.time()).toEqual({ behindMs: 0, backMs: 24 * hour });
  step(24 * hour);
  turn(10 * second);
  expect(nowS()).toBe(120);
  expect(run.time().backMs).toBe(0);
});

test('a step back of seconds is waited for', () => {
  const { ticks, nowS, turn, step, run } = clock();
  turn(10 * second);
  step(-3 * second);
  turn(3 * second);
  expect(ticks).toHaveLength(11);
  turn(2 * second);
  expect(nowS()).toBe(12);
  expect(run.time().backMs).toBe(0);
});

test('a run that goes on before a machine whose clock has gone back', () => {
  const { nowS, turn, run } = clock({ nowMs: t0 + 24 * hour, settings: { startGraceMs: 0 } });
  turn(60 * second);
  expect(nowS()).toBe(24 * 3600 + 60);
  expect(run.time()).toEqual({ behindMs: 0, backMs: 24 * hour });
});
