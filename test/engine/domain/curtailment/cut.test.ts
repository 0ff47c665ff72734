import { describe, expect, test } from 'vitest';
import { cutOf } from '../../../../engine/domain/curtailment/cut.ts';
import { ordersOf } from '../../../../engine/domain/curtailment/orders.ts';
import { checkPlan } from '../../../../engine/domain/curtailment/planCheck.ts';
import type { ProcessActivity } from '../../../../engine/schema/order.ts';
import { plannedOf } from '../../../../engine/stages/emergency/orderStage.ts';
import { atEvery, enterpriseOf, limit, processOf, registerWith, stop, tenKg } from '../../../harness/planRegisters.ts';

const hourMs = 3_600_000;
const t0 = Date.parse('2026-01-10T08:00:00+08:00');
const removes = { so2: 0, nox: 0, pm: 0.9, voc: 0 };
const works = enterpriseOf('E1', {
  processes: [
    processOf('P1', { treatment: { zh: '布袋', en: 'Baghouse', removes, ratedKw: 10 } }),
    processOf('P2'),
    processOf('P3', { emits: false }),
  ],
  plan: atEvery(stop('P1'), limit('P2', 50)),
});
const register = registerWith([works]);
const orders = ordersOf({ enterprises: [works].map(plannedOf), warning: 'warning:1', level: 'red', effectiveMs: t0 });
const [ofP1] = orders;

const hours = (count: number, fields: Partial<ProcessActivity> = {}): ProcessActivity[] =>
  Array.from({ length: count }, (_, i) => ({
    ...{ order: ofP1.id, enterprise: 'E1', process: 'P1', startMs: t0 + i * hourMs, knownMs: hourMs },
    ...{ load: 0, usualLoad: 0.8, untreated: 0, ...fields },
  }));
const cut = (activity: readonly ProcessActivity[], more: Partial<Parameters<typeof cutOf>[0]> = {}) =>
  cutOf({ enterprises: register.enterprises, orders, activity, fromMs: t0, toMs: t0 + 10 * hourMs, ...more });

describe('the cut', () => {
  test('of who stands is its usual work, and evidence; the others are assumed', () => {
    const { evidenceKg, plannedMeasuredKg, assumedKg, achievedKg, evidenceShare } = cut(hours(10));
    expect(evidenceKg.so2).toBeCloseTo(10 * 10 * 0.8, 9);
    expect(plannedMeasuredKg.so2).toBeCloseTo(80, 9);
    // P2: 10 kg/h, usual load 0.75, half of it, for 10 hours.
    expect(assumedKg.so2).toBeCloseTo(37.5, 9);
    expect(achievedKg.so2).toBeCloseTo(117.5, 9);
    expect(evidenceShare.so2).toBeCloseTo(80 / 117.5, 9);
  });

  test('of who goes on is nothing, and nobody is assumed to obey better', () => {
    const { evidenceKg, assumedAsMeasuredKg, achievedKg, plannedKg } = cut(hours(10, { load: 0.8 }));
    expect(evidenceKg.nox).toBeCloseTo(0, 9);
    expect(assumedAsMeasuredKg.nox).toBeCloseTo(0, 9);
    expect(achievedKg.nox).toBeCloseTo(0, 9);
    expect(plannedKg.nox).toBeCloseTo(117.5, 9);
  });

  test('is below zero where the treatment is off', () => {
    const { evidenceKg } = cut(hours(10, { load: 0.4, untreated: 0.5 }));
    expect(evidenceKg.so2).toBeCloseTo(100 * 0.4, 9); // nothing is removed of it
    expect(evidenceKg.pm).toBeCloseTo(100 * (0.8 - 0.4 * (0.5 + 0.5 * 10)), 9);
  });

  test('of hours without data is assumed, not evidence', () => {
    const { evidenceKg, plannedUnmeasuredKg, measuredHours, orderHours } = cut(hours(4));
    expect(evidenceKg.so2).toBeCloseTo(4 * 8, 9);
    expect(plannedUnmeasuredKg.so2).toBeCloseTo(6 * 7.5 + 37.5, 9);
    expect([measuredHours, orderHours]).toEqual([4, 20]);
  });

  test('ends with the order, and counts no exception', () => {
    const lifted = orders.map((order) => ({ ...order, liftedMs: t0 + 5 * hourMs }));
    expect(cut([], { orders: lifted }).assumedKg.so2).toBeCloseTo(5 * 7.5 + 5 * 3.75, 9);
    const exempt = orders.map((order) => ({ ...order, exemptBy: 'li', exemptWhy: 'x' }));
    expect(cut([], { orders: exempt }).plannedKg).toEqual({ so2: 0, nox: 0, pm: 0, voc: 0 });
    expect(cut([], { orders: [] }).evidenceShare.so2).toBeNaN();
  });

  test('counts an hour that was told twice once', () => {
    expect(cut([...hours(10, { load: 0.8 }), ...hours(10)]).evidenceKg.so2).toBeCloseTo(80, 9);
  });

  test('stands against what the level requires of the whole city', () => {
    const check = checkPlan({ register, level: 'red', edition: 'mee-2024' });
    const day = { toMs: t0 + 24 * hourMs };
    const { requiredKg, achievedPct, sectorsAssumedKg, achievedWithSectorsPct, plannedKg } = cut([], { check, ...day });
    expect(requiredKg?.so2).toBeCloseTo(0.3 * check.city.baseKg.so2, 9);
    // Without any evidence all is assumed, and is what the plan's own check says.
    const ofOrders = check.city.parts
      .filter(({ id }) => id === 'stop' || id === 'limit')
      .reduce((sum, { cutPct }) => sum + cutPct.pm, 0);
    expect(achievedPct?.pm).toBeCloseTo(ofOrders, 9);
    expect(achievedWithSectorsPct?.pm).toBeCloseTo(check.city.cutPct.pm, 9);
    expect(sectorsAssumedKg?.pm).toBeGreaterThan(0);
    expect(plannedKg.pm).toBeCloseTo(24 * 7.5 * 1.5, 9);
    expect(tenKg.pm).toBe(10);
  });
});
