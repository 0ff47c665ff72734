import { expect, test } from 'vitest';
import { orderDesk } from '../../../engine/edge/orderDesk.ts';
import type { Output } from '../../../engine/pipeline/ports.ts';
import type { Order } from '../../../engine/schema/order.ts';
import type { Proposal, Warning } from '../../../engine/schema/warning.ts';

const order: Order = {
  id: 'order:1:E1:P1',
  warning: 'warning:1',
  level: 'yellow',
  enterprise: 'E1',
  process: 'P1',
  action: 'limit',
  toPct: 50,
  effectiveMs: 1_000,
  revision: 0,
  zh: '',
  en: '',
};

function output(orders: readonly Order[], warnings: readonly Warning[] = []): Output {
  return { rows: [], windows: [], places: [], findings: [], incidents: [], warnings, orders, nowMs: 500, seq: 1 };
}

function warning(action: Proposal['action'], level: Proposal['level'], id: string, effectiveMs: number): Warning {
  const proposal: Proposal = { id, action, level, effectiveMs, state: 'issued', revision: 0, proposedMs: 0, isFastStart: false };
  return { id: 'warning:1', criteria: 'mee-2024', revision: 0, state: 'in-force', proposal, changes: [] };
}

test('an order goes out once; a new revision takes the place of the one before when it takes effect', () => {
  const desk = orderDesk();
  desk.publish(output([order, { ...order, id: 'order:1:E1:-', process: undefined, action: 'transport' }]));
  expect(desk.take()).toEqual([
    {
      type: 'order',
      order: { id: 'order:1:E1:P1@0', enterprise: 'E1', process: 'P1', action: 'limit', toPct: 50, effectiveMs: 1_000 },
    },
  ]);
  expect(desk.take()).toEqual([]);
  desk.publish(output([{ ...order, action: 'stop', toPct: undefined, effectiveMs: 2_000, revision: 1 }]));
  expect(desk.take()).toEqual([
    { type: 'order', order: { id: 'order:1:E1:P1@1', enterprise: 'E1', process: 'P1', action: 'stop', effectiveMs: 2_000 } },
    { type: 'lift', id: 'order:1:E1:P1@0', atMs: 2_000 },
  ]);
  expect(desk.holding()).toHaveLength(1);
  desk.publish(output([{ ...order, liftedMs: 3_000, revision: 2 }]));
  expect(desk.take()).toEqual([{ type: 'lift', id: 'order:1:E1:P1@1', atMs: 3_000 }]);
  expect(desk.holding()).toEqual([]);
});

test('an exception lifts at once, also after a restart', () => {
  const desk = orderDesk();
  desk.publish(output([order]));
  const again = orderDesk();
  again.restore(desk.save());
  expect(again.holding()).toHaveLength(1);
  again.publish(output([{ ...order, exemptBy: 'li', exemptWhy: 'heat', revision: 1 }]));
  expect(again.take()).toEqual([{ type: 'lift', id: 'order:1:E1:P1@0', atMs: 500 }]);
});

test('a level asks traffic and sites of the whole city; blue and a lift end what was asked', () => {
  const desk = orderDesk();
  desk.publish(output([], [warning('start', 'yellow', 'proposal:1', 1_000)]));
  desk.publish(output([], [warning('start', 'yellow', 'proposal:1', 1_000)]));
  expect(desk.take()).toEqual([{ type: 'sector', order: { id: 'warning:1@proposal:1', level: 'yellow', effectiveMs: 1_000 } }]);
  desk.publish(output([], [warning('upgrade', 'red', 'proposal:2', 2_000)]));
  expect(desk.take()).toEqual([
    { type: 'sector', order: { id: 'warning:1@proposal:2', level: 'red', effectiveMs: 2_000 } },
    { type: 'lift', id: 'warning:1@proposal:1', atMs: 2_000 },
  ]);
  desk.publish(output([], [warning('lift', 'red', 'proposal:3', 3_000)]));
  expect(desk.take()).toEqual([{ type: 'lift', id: 'warning:1@proposal:2', atMs: 3_000 }]);
});
