import { describe, expect, test } from 'vitest';
import type { Order } from '../../../../engine/schema/order.ts';
import {
  type Doing,
  dayMs,
  fiveMs,
  type Habit,
  hourMs,
  inShort,
  mondayMs,
  noise,
  type Outcome,
  orderOf,
  outcome,
  type Run,
  type WorksOptions,
  works,
} from './orderedWorks.ts';

/** Thursday of the second week, 08:00. */
const t0 = mondayMs + 10 * dayMs + 8 * hourMs;
const hourOfDay = (ms: number) => ((ms - mondayMs) % dayMs) / hourMs;
const isNight = (ms: number) => hourOfDay(ms) >= 22 || hourOfDay(ms) < 5;

/** Days of another load each, as works have. */
const roundTheClock: Habit = (ms) => ({ load: 0.88 + 0.1 * noise(9, Math.floor(ms / dayMs)) });
const even: Habit = (ms) => ({ load: 0.88 * (1 + 0.05 * noise(9, Math.floor(ms / (hourMs / 2)))) });
const dayShift: Habit = (ms) => (hourOfDay(ms) >= 7.5 && hourOfDay(ms) < 18 ? roundTheClock(ms) : { load: 0 });

/** From the effective hour on: down over so many hours to a share of what is usual. */
const down =
  (usual: Habit, hours: number, to = 0): Habit =>
  (ms) => {
    const { load } = usual(ms);
    if (ms < t0) return { load };
    return { load: load * (1 - (1 - to) * Math.min(1, (ms - t0) / (hours * hourMs))) };
  };

interface Case {
  readonly habit: Habit;
  readonly works?: WorksOptions;
  readonly toPct?: number;
  readonly days?: number;
  readonly run?: Partial<Run>;
}

function seen({ habit, works: of, toPct, days = 3, run }: Case): Outcome {
  const order = orderOf({ effectiveMs: t0, ...(toPct === undefined ? {} : { action: 'limit', toPct }) });
  const all = { enterprise: works(of), habit, orders: [{ atMs: t0 - dayMs, order }], toMs: t0 + days * dayMs };
  return outcome({ ...all, ...run });
}

const verdicts = (each: Case) => inShort(seen(each).told, t0);

/** Obeys by day, works at night. */
const cheat =
  (usual: Habit, doing: Partial<Doing> = {}, obeying: Habit = down(usual, 1)): Habit =>
  (ms) => {
    if (ms < t0) return usual(ms);
    return isNight(ms)
      ? { load: 0.9, ...doing }
      : { ...obeying(ms), ...(doing.bypass === true ? doing : {}), treatment: undefined };
  };

describe('a stop', () => {
  test.each<[string, Case, readonly string[]]>([
    ['is obeyed within the grace', { habit: down(roundTheClock, 1) }, ['obeying 1']],
    ['is obeyed by who stands at night anyway', { habit: down(dayShift, 1) }, ['obeying 1']],
    ['that is obeyed slowly is late, and was no offence meanwhile', { habit: down(roundTheClock, 5) }, ['late 4.75']],
    ['that nobody obeys is an offence after the grace', { habit: roundTheClock }, ['not 2']],
    ['that is half obeyed is in part', { habit: down(roundTheClock, 1, 0.5) }, ['partly 2']],
    ['that is refused by day shifts stays an offence over their nights', { habit: dayShift }, ['not 2']],
    ['of a furnace has a longer grace', { habit: roundTheClock, works: { shifts: 'continuous' } }, ['not 8']],
  ])('%s', (_, each, want) => {
    expect(verdicts(each)).toEqual(want);
  });
});

describe('a limit', () => {
  const to = (share: number): Habit => down(roundTheClock, 1, share);
  test.each<[string, Case, readonly string[]]>([
    ['is kept', { habit: to(0.5), toPct: 50 }, ['obeying 0.75']],
    ['to most of the production cannot be told from usual work', { habit: to(0.9), toPct: 90 }, ['cannot-tell 0']],
    ['to most of it, of who works evenly, is kept', { habit: down(even, 1, 0.9), toPct: 90 }, ['obeying 0']],
    ['to most of it, of who works evenly, is not', { habit: even, toPct: 90 }, ['obeying 0', 'not 5.75']],
    ['is kept by who is put to half and stands', { habit: to(0), toPct: 50 }, ['obeying 0.25']],
    ['that is half obeyed is in part', { habit: to(0.75), toPct: 50 }, ['partly 2']],
    ['that nobody keeps is an offence', { habit: roundTheClock, toPct: 50 }, ['not 2']],
    ['that is kept slowly is late', { habit: down(roundTheClock, 6, 0.5), toPct: 50 }, ['late 4']],
  ])('%s', (_, each, want) => {
    expect(verdicts(each)).toEqual(want);
  });
});

describe('who works at night is found', () => {
  test.each<[string, Case]>([
    ['by its own meter', { habit: cheat(roundTheClock) }],
    ['by its own meter, in day shifts', { habit: cheat(dayShift) }],
    ['with its treatment off', { habit: cheat(roundTheClock, { treatment: 0 }) }],
    ['with its treatment idling', { habit: cheat(roundTheClock, { treatment: 0.25 }) }],
    ['beyond a limit', { habit: cheat(roundTheClock, {}, down(roundTheClock, 1, 0.5)), toPct: 50 }],
    ['beyond a limit, in day shifts', { habit: cheat(dayShift, {}, down(dayShift, 1, 0.5)), toPct: 50 }],
    ['with a bypassed meter, by the main meter', { habit: cheat(roundTheClock, { bypass: true }), works: { main: true } }],
    [
      'with a bypass before the main meter, by its treatment',
      { habit: cheat(roundTheClock, { bypass: true, beforeMain: true }), works: { main: true } },
    ],
    [
      'with a bypassed meter, by its stack',
      { habit: cheat(roundTheClock, { bypass: true }), works: { treatment: false, cems: true } },
    ],
    ['without a meter, by its stack', { habit: cheat(roundTheClock), works: { meter: false, cems: true } }],
    [
      'with its meter pulled out, by its stack',
      {
        habit: cheat(roundTheClock),
        works: { cems: true },
        run: { there: (id, step) => id !== 'E1-P' || step * fiveMs < t0 + 6 * hourMs },
      },
    ],
  ])('%s', (_, each) => {
    const { told } = seen(each);
    const last = told.at(-1);
    expect(last?.verdict).toBe('not');
    expect(last?.sinceMs).toBeGreaterThanOrEqual(t0 + 13.75 * hourMs);
    expect(last?.sinceMs).toBeLessThanOrEqual(t0 + 15.25 * hourMs);
    expect(told.length).toBeLessThanOrEqual(3);
    expect(last?.evidence.length).toBeGreaterThan(0);
  });
});

test('who bypasses the meter keeps no limit, however little it produces', () => {
  const limited = down(roundTheClock, 1, 0.5);
  const habit: Habit = (ms) => ({ ...limited(ms), bypass: ms >= t0 + 10 * hourMs });
  const { told } = seen({ habit, toPct: 50, works: { main: true } });
  expect(inShort(told, t0)).toEqual(['obeying 0.75', 'partly 10.75']);
  expect(told.at(-1)?.evidence.map(({ source }) => source)).toContain('E1-M');
});

test('a treatment that is off while the limit is kept is an offence in part', () => {
  const limited = down(roundTheClock, 1, 0.5);
  const habit: Habit = (ms) => ({ ...limited(ms), ...(ms >= t0 + 10 * hourMs && ms < t0 + 11 * hourMs ? { treatment: 0 } : {}) });
  const { told } = seen({ habit, toPct: 50 });
  expect(inShort(told, t0)).toEqual(['obeying 0.75', 'partly 10']);
  expect(told.at(-1)?.evidence.map(({ source }) => source)).toContain('E1-T');
});

test('a treatment meter that fell alone is not believed where the main meter knows better', () => {
  const limited = down(roundTheClock, 1, 0.5);
  const { told } = seen({
    habit: limited,
    toPct: 50,
    works: { main: true },
    run: { shows: (id, step, kw) => (id === 'E1-T' && step * fiveMs >= t0 + 10 * hourMs ? 0 : kw) },
  });
  expect(inShort(told, t0)).toEqual(['obeying 0.75']);
});

describe('without evidence', () => {
  const gone = (fromH: number, toH: number) => ({
    there: (_: string, step: number) => step * fiveMs < t0 + fromH * hourMs || step * fiveMs >= t0 + toH * hourMs,
  });
  test.each<[string, Case, readonly string[]]>([
    ['a few minutes change nothing', { habit: down(roundTheClock, 1), run: gone(10, 10.15) }, ['obeying 1']],
    [
      'a silent meter cannot tell, until it sends again',
      { habit: down(roundTheClock, 1), run: gone(10, 14) },
      ['obeying 1', 'cannot-tell 10', 'obeying 14'],
    ],
    ['silence from the first hour on is no accusation', { habit: roundTheClock, run: gone(-1, 60) }, ['cannot-tell 0', 'not 60']],
    ['silence does not wash off an offence', { habit: down(roundTheClock, 1), run: gone(0, 0) }, ['obeying 1']],
    ['an offence stays over a gap', { habit: roundTheClock, run: gone(10, 30) }, ['not 2']],
    [
      'a meter for days silent is a matter of its own',
      { habit: down(roundTheClock, 1), days: 4, run: gone(10, 99) },
      ['obeying 1', 'cannot-tell 10', 'cannot-tell 10'],
    ],
    [
      'neither meter nor stack: cannot tell from the effective hour on',
      { habit: roundTheClock, works: { meter: false } },
      ['cannot-tell 0'],
    ],
    [
      'a limit without a usual day to compare with',
      { habit: down(roundTheClock, 1, 0.45), toPct: 50, run: { fromMs: t0 - 2 * hourMs } },
      ['cannot-tell 0.25'],
    ],
    [
      'but more than the share of full load is too much in any case',
      { habit: roundTheClock, toPct: 50, run: { fromMs: t0 - 2 * hourMs } },
      ['not 2'],
    ],
  ])('%s', (_, each, want) => {
    expect(verdicts(each)).toEqual(want);
  });

  test('a meter that hangs is not believed', () => {
    const shows = (id: string, step: number, kw: number) => (id === 'E1-P' && step * fiveMs >= t0 - 3 * hourMs ? 88.12 : kw);
    expect(verdicts({ habit: down(roundTheClock, 1), run: { shows } })).toEqual(['cannot-tell 0']);
  });
});

test('heated halls and aired stacks are no production', () => {
  // Stands at 12 kW where 6 would be usual; seen so on usual days.
  const shows = (id: string, step: number, kw: number) => (id === 'E1-P' ? Math.max(12 + noise(5, step) / 4, kw) : kw);
  expect(verdicts({ habit: down(dayShift, 1), run: { shows } })).toEqual(['obeying 1']);
});

describe('an order that ends', () => {
  const order = orderOf({ effectiveMs: t0 });
  const told = (second: Order, atMs: number, habit: Habit) =>
    inShort(
      outcome({
        enterprise: works(),
        habit,
        orders: [
          { atMs: t0 - dayMs, order },
          { atMs, order: second },
        ],
        toMs: t0 + 2 * dayMs,
      }).told,
      t0,
    );

  test('by a lift is not watched any more', () => {
    const lifted = { ...order, revision: 1, liftedMs: t0 + 20 * hourMs };
    const habit: Habit = (ms) => (ms < lifted.liftedMs ? down(roundTheClock, 1)(ms) : roundTheClock(ms));
    expect(told(lifted, t0 + 18 * hourMs, habit)).toEqual(['obeying 1']);
  });

  test('by an exception, too; and counts again when that is taken back, with a new grace', () => {
    const exempt = { ...order, revision: 1, exemptBy: 'li', exemptWhy: 'heating' };
    expect(told(exempt, t0 + hourMs, roundTheClock)).toEqual([]);
    const restored = { ...order, revision: 2, effectiveMs: t0 + 10 * hourMs };
    const orders = [order, exempt, restored].map((each, i) => ({ atMs: t0 + i * 5 * hourMs, order: each }));
    const out = outcome({ enterprise: works(), habit: roundTheClock, orders, toMs: t0 + 2 * dayMs });
    expect(inShort(out.told, t0)).toEqual(['not 2', 'not 12']);
    expect(out.told.map(({ revision }) => revision)).toEqual([0, 1]);
  });

  test('by a stricter level is judged as it was until then', () => {
    const limit = orderOf({ effectiveMs: t0, action: 'limit', toPct: 50 });
    const stop = { ...limit, action: 'stop' as const, toPct: undefined, revision: 1, effectiveMs: t0 + 12 * hourMs };
    const orders = [limit, stop].map((each, i) => ({ atMs: t0 - dayMs + i * (dayMs + 2 * hourMs), order: each }));
    const habit = down(roundTheClock, 1, 0.5);
    const out = outcome({ enterprise: works(), habit, orders, toMs: t0 + dayMs });
    expect(inShort(out.told, t0)).toEqual(['obeying 0.75', 'partly 14']);
  });
});

test('late windows change the verdict, as a revision', () => {
  // The meter's link is down for an hour and a half, in which the works runs; the rows come afterwards.
  const [fromMs, toMs] = [t0 + 10 * hourMs, t0 + 11.5 * hourMs];
  const obeying = down(roundTheClock, 1);
  const habit: Habit = (ms) => (ms >= fromMs && ms < toMs ? { load: 0.9 } : obeying(ms));
  const late = (_: string, step: number) =>
    step * fiveMs >= fromMs && step * fiveMs < toMs ? (toMs - step * fiveMs) / fiveMs : 0;
  const { told } = seen({ habit, run: { late } });
  expect(told.map(({ verdict, sinceMs, revision }) => [verdict, (sinceMs - t0) / hourMs, revision])).toEqual([
    ['obeying', 1, 0],
    ['cannot-tell', 10, 1],
    ['not', 10, 2],
  ]);
});

test('evidence has the values, in both languages', () => {
  const { told } = seen({ habit: cheat(roundTheClock, { bypass: true }), works: { main: true, cems: true } });
  const last = told.at(-1);
  expect(last?.evidence.map(({ kind, source }) => [kind, source])).toEqual([
    ['power', 'E1-P'],
    ['cems', 'E1-C'],
  ]);
  for (const { zh, en } of last?.evidence ?? []) {
    expect(zh).toMatch(/\d/);
    expect(en).toMatch(/\d/);
    expect(zh + en).not.toMatch(/NaN|undefined|Infinity/);
  }
});

test('hours of an ordered process are told against its usual ones', () => {
  const { activity } = seen({ habit: down(roundTheClock, 1, 0.5), toPct: 50, days: 2 });
  const day = activity.filter(({ startMs }) => startMs >= t0 + 2 * hourMs && startMs < t0 + 26 * hourMs);
  expect(day).toHaveLength(24);
  for (const { knownMs, load, usualLoad } of day) {
    expect(knownMs).toBe(hourMs);
    expect(load / usualLoad).toBeGreaterThan(0.42);
    expect(load / usualLoad).toBeLessThan(0.6);
  }
});
