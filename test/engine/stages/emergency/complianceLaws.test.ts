import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricIndex } from '../../../../engine/schema/catalog.ts';
import type { EngineItem } from '../../../../engine/schema/flow.ts';
import type { Compliance } from '../../../../engine/schema/order.ts';
import { complianceOptions, defaultComplianceOptions } from '../../../../engine/stages/emergency/complianceOptions.ts';
import { readMetrics, type WatchedKind } from '../../../../engine/stages/emergency/recentFives.ts';
import { verifyStage } from '../../../harness/verifyStage.ts';
import {
  dayMs,
  fiveMs,
  type Habit,
  hourMs,
  itemsOf,
  mondayMs,
  noise,
  orderOf,
  outcome,
  type Run,
  stageOf,
  works,
} from './orderedWorks.ts';

const t0 = mondayMs + 3 * dayMs + 8 * hourMs;
const accused = ({ verdict }: Compliance) => verdict === 'not' || verdict === 'partly';

/** Whose load differs by days and half hours, as real ones do. */
const usual =
  (seed: number, isDayShift: boolean): Habit =>
  (ms) => {
    const hour = ((ms - mondayMs) % dayMs) / hourMs;
    if (isDayShift && (hour < 7.5 || hour >= 18)) return { load: 0 };
    const level = 0.88 + 0.1 * noise(seed, Math.floor(ms / dayMs));
    return { load: level * (1 + 0.05 * noise(seed + 1, Math.floor(ms / (hourMs / 2)))) };
  };

const obeying =
  (of: Habit, rampMs: number, to: number): Habit =>
  (ms) =>
    ms < t0 ? of(ms) : { load: of(ms).load * (1 - (1 - to) * Math.min(1, (ms - t0) / rampMs)) };

const anyObeying = fc.record({
  seed: fc.nat(10_000),
  isDayShift: fc.boolean(),
  rampH: fc.constantFrom(0.5, 1, 2.5, 4, 6, 8),
  toPct: fc.constantFrom(0, 30, 50, 80),
  main: fc.boolean(),
  cems: fc.boolean(),
});

const gaps = fc.array(fc.record({ from: fc.nat(70 * 12), length: fc.integer({ min: 1, max: 100 }), source: fc.nat(3) }), {
  maxLength: 25,
});

describe('who obeys is never accused', () => {
  test('under random gaps and late windows, at any load of the day', () => {
    fc.assert(
      fc.property(anyObeying, gaps, fc.nat(1000), ({ seed, isDayShift, rampH, toPct, main, cems }, missing, delays) => {
        const enterprise = works({ shifts: isDayShift ? 'day' : 'three', main, cems });
        const names = ['E1-P', 'E1-T', 'E1-M', 'E1-C'];
        const gone = new Set(
          missing.flatMap(({ from, length, source }) =>
            Array.from({ length }, (_, i) => `${names[source]} ${t0 / fiveMs - 24 + from + i}`),
          ),
        );
        const order = orderOf({ effectiveMs: t0, ...(toPct === 0 ? {} : { action: 'limit', toPct }) });
        const { told } = outcome({
          enterprise,
          habit: obeying(usual(seed, isDayShift), rampH * hourMs, toPct / 100),
          orders: [{ atMs: t0 - dayMs, order }],
          toMs: t0 + 1.5 * dayMs,
          there: (id, step) => !gone.has(`${id} ${step}`),
          late: (id, step) => (noise(delays, step + id.length) > 0.97 ? 18 : 0),
        });
        expect(told.filter(accused)).toEqual([]);
      }),
      { numRuns: 12, seed: 6 },
    );
  });

  test('missing data never changes what is obeyed to an offence, whoever it is', () => {
    fc.assert(
      fc.property(fc.nat(10_000), gaps, (seed, missing) => {
        const gone = new Set(
          missing.flatMap(({ from, length }) => Array.from({ length }, (_, i) => t0 / fiveMs - 24 + from + i)),
        );
        const run: Run = {
          enterprise: works(),
          habit: obeying(usual(seed, false), hourMs, 0),
          orders: [{ atMs: t0 - dayMs, order: orderOf({ effectiveMs: t0 }) }],
          toMs: t0 + 2.5 * dayMs,
          there: (_, step) => !gone.has(step),
        };
        const { told } = outcome(run);
        expect(told.every(({ verdict }) => ['obeying', 'cannot-tell', 'late'].includes(verdict))).toBe(true);
      }),
      { numRuns: 6, seed: 7 },
    );
  });
});

const cheat: Habit = (ms) => {
  const hour = ((ms - mondayMs) % dayMs) / hourMs;
  const of = usual(3, false);
  return ms >= t0 && (hour >= 22 || hour < 5) ? { load: 0.9 } : obeying(of, hourMs, 0)(ms);
};

const run: Run = {
  enterprise: works({ main: true, cems: true }),
  habit: cheat,
  orders: [{ atMs: t0 - dayMs, order: orderOf({ effectiveMs: t0 }) }],
  fromMs: t0 - 1.2 * dayMs,
  toMs: t0 + 0.8 * dayMs,
  late: (id, step) => (noise(id.length, step) > 0.9 ? 12 : 0),
};

test('saved and restored between any two items, the verdicts are the same', () => {
  // Few items: each is saved and restored.
  const short: Run = { ...run, fromMs: t0 - 4 * hourMs, toMs: t0 + 16 * hourMs, enterprise: works() };
  const out = verifyStage(
    () => [stageOf(short.enterprise)],
    () => itemsOf(short),
  );
  expect(out.some((item) => item.type === 'orders' && item.compliance.length > 0)).toBe(true);
});

test('a verdict does not depend on when windows came, but by what was told meanwhile', () => {
  const last = (each: Run) => outcome(each).told.at(-1);
  const want = last({ ...run, late: undefined });
  const late = last(run);
  expect([late?.verdict, late?.sinceMs]).toEqual([want?.verdict, want?.sinceMs]);
});

test('verdicts of an order have revisions 0, 1, 2, and no two in a row say the same', () => {
  const { told } = outcome(run);
  expect(told.map(({ revision }) => revision)).toEqual(told.map((_, i) => i));
  told.slice(1).forEach((each, i) => {
    expect([each.verdict, each.sinceMs, each.evidence]).not.toEqual([told[i].verdict, told[i].sinceMs, told[i].evidence]);
  });
});

test('another register keeps what is known of a process', () => {
  const items = itemsOf(run);
  const at = items.findIndex((item) => item.type === 'tick' && item.nowMs > t0 + 5 * hourMs);
  const before = stageOf(run.enterprise);
  for (const item of items.slice(0, at)) before.next(item);
  const after = stageOf(works({ id: 'E0', cems: true }), run.enterprise);
  after.restore(structuredClone(before.save()));
  const commands = items.filter((item) => item.type === 'command');
  const told = [...commands, ...items.slice(at)].flatMap((item) =>
    after.next(item).flatMap((out) => (out.type === 'orders' ? out.compliance : [])),
  );
  expect(told.map(({ verdict }) => verdict)).toEqual(
    outcome(run)
      .told.slice(1)
      .map(({ verdict }) => verdict),
  );
});

test('everything else passes', () => {
  const items: EngineItem[] = [{ type: 'tick', nowMs: t0 }, ...itemsOf(run).slice(0, 3)];
  const stage = stageOf(run.enterprise);
  expect(items.flatMap((item) => stage.next(item))).toEqual(items);
});

test('options have their defaults within their limits, and what is read is in the catalog', () => {
  for (const [name, { default: value, min, max, why }] of Object.entries(complianceOptions)) {
    expect(value, name).toBeGreaterThanOrEqual(min);
    expect(value, name).toBeLessThanOrEqual(max);
    expect(why).not.toBe('');
  }
  expect(defaultComplianceOptions.graceMs).toBe(2 * hourMs);
  for (const kind of Object.keys(readMetrics) as WatchedKind[])
    for (const id of readMetrics[kind]) expect(metricIndex(kind, id), `${kind}.${id}`).toBeGreaterThanOrEqual(0);
});
