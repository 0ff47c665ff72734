import { expect, test } from 'vitest';
import type { EngineItem } from '../../../../engine/schema/flow.ts';
import type { Order } from '../../../../engine/schema/order.ts';
import { levels } from '../../../../engine/schema/register.ts';
import type { Proposal, Warning } from '../../../../engine/schema/warning.ts';
import { orderStage, plannedOf } from '../../../../engine/stages/emergency/orderStage.ts';
import { enterpriseOf, noPlan } from '../../../harness/planRegisters.ts';

const hourMs = 3_600_000;
const t0 = Date.parse('2026-01-10T08:00:00+08:00');
const stop = { process: 'P1', action: 'stop' } as const;
const half = { process: 'P1', action: 'limit', toPct: 50 } as const;
const transport = { action: 'transport' } as const;
const enterprises = [
  enterpriseOf('E1', { plan: { yellow: [half, transport], orange: [stop, transport], red: [stop, transport] } }),
  enterpriseOf('E2', { grade: 'A', plan: { ...noPlan, red: [stop, transport] } }),
].map(plannedOf);

function warning(action: Proposal['action'], level: Proposal['level'], n: number, fields: Partial<Proposal> = {}): EngineItem {
  const proposal: Proposal = {
    id: `proposal:${n}`,
    action,
    level,
    effectiveMs: t0 + n * 24 * hourMs,
    state: 'issued',
    revision: 2,
    proposedMs: t0,
    isFastStart: false,
    ...fields,
  };
  const warnings: Warning[] = [
    { id: 'warning:1', criteria: 'mee-2024', revision: n, state: 'in-force', level, proposal, changes: [] },
  ];
  return { type: 'warnings', warnings };
}

function ordered(stage: ReturnType<typeof orderStage>, item: EngineItem): readonly Order[] {
  return stage.next(item).flatMap((each) => (each.type === 'orders' ? each.orders : []));
}

const shown = (orders: readonly Order[]) =>
  orders.map(({ id, action, toPct, effectiveMs, liftedMs, revision }) => [
    id,
    action,
    toPct,
    (effectiveMs - t0) / hourMs,
    liftedMs === undefined ? undefined : (liftedMs - t0) / hourMs,
    revision,
  ]);

test('a level that is issued becomes orders, another one the changes only, a lift ends them', () => {
  const stage = orderStage({ enterprises });
  expect(ordered(stage, warning('start', 'yellow', 1, { state: 'submitted' }))).toEqual([]);
  expect(shown(ordered(stage, warning('start', 'yellow', 1)))).toEqual([
    ['order:1:E1:P1', 'limit', 50, 24, undefined, 0],
    ['order:1:E1:-', 'transport', undefined, 24, undefined, 0],
  ]);
  expect(ordered(stage, warning('start', 'yellow', 1))).toEqual([]); // told again: in force now
  expect(shown(ordered(stage, warning('upgrade', 'red', 2)))).toEqual([
    ['order:1:E1:P1', 'stop', undefined, 48, undefined, 1],
    // E2 is exempt: its plan may say what it likes.
    ['order:1:E2:-', 'transport', undefined, 48, undefined, 0],
  ]);
  const lifted = shown(ordered(stage, warning('lift', 'red', 3)));
  expect(lifted.map(([id, , , , liftedAt]) => [id, liftedAt])).toEqual([
    ['order:1:E1:P1', 72],
    ['order:1:E1:-', 72],
    ['order:1:E2:-', 72],
  ]);
});

test('blue asks nothing of anybody', () => {
  expect(ordered(orderStage({ enterprises }), warning('start', 'blue', 1))).toEqual([]);
});

test('an exception holds until it is taken back, and over a restart', () => {
  const stage = orderStage({ enterprises });
  ordered(stage, warning('start', 'orange', 0));
  const command = (action: 'exempt' | 'restore', order = 'order:1:E1:P1'): EngineItem => ({
    type: 'command',
    command: { name: 'order', action, order, by: 'li', why: 'heating of a hospital' },
  });
  expect(ordered(stage, command('exempt', 'order:1:E9:P1'))).toEqual([]);
  const [exempt] = ordered(stage, command('exempt'));
  expect(exempt).toMatchObject({ exemptBy: 'li', exemptWhy: 'heating of a hospital', revision: 1 });
  const again = orderStage({ enterprises });
  again.restore(stage.save());
  again.next({ type: 'tick', nowMs: t0 + hourMs });
  const [restored] = ordered(again, command('restore'));
  expect(restored).toMatchObject({ effectiveMs: t0 + hourMs, revision: 2 });
  expect(restored.exemptBy).toBeUndefined();
});

test('every level of every plan gives only orders that its plan asks for', () => {
  for (const level of levels) {
    const orders = ordered(orderStage({ enterprises }), warning('start', level, 0));
    for (const order of orders) {
      const plan = enterprises.find(({ id }) => id === order.enterprise)?.plan[level] ?? [];
      expect(plan.some(({ process, action }) => process === order.process && action === order.action)).toBe(true);
    }
  }
});
