// Warnings and orders as points of a mirror: one each, that revisions overwrite.

import { expect, test } from 'vitest';
import { pointsOf } from '../../../../engine/edge/store/points.ts';
import { emergencyOutputs, orderOf, warningOf } from '../../../harness/emergencies.ts';
import { namesOf } from '../../../harness/outputs.ts';

const names = namesOf([]);
const points = (output: Parameters<typeof emergencyOutputs>[0][number]) => pointsOf(emergencyOutputs([output])[0], names);

test('a warning is one point at its first proposal, with level and state as numbers', () => {
  const warning = warningOf(3, 5_000);
  const proposed = { level: 0, state: 0, proposed: 3, revision: 0 };
  expect(points({ nowMs: 5_000, warnings: [warning] })).toEqual([
    { measurement: 'warning', tags: { id: 'warning:3' }, fields: proposed, timestampMs: 5_000 },
  ]);
  const lifted = {
    ...warning,
    state: 'lifted',
    level: 'red',
    fromMs: 6_000,
    untilMs: 9_000,
    revision: 4,
    proposal: undefined,
  } as const;
  expect(points({ nowMs: 9_000, warnings: [lifted] })).toEqual([
    {
      measurement: 'warning',
      tags: { id: 'warning:3' },
      fields: { level: 4, state: 4, proposed: 0, fromMs: 6_000, untilMs: 9_000, revision: 4 },
      timestampMs: 5_000,
    },
  ]);
});

test('an order is one point at its hour; a lift or an exception overwrites it', () => {
  const order = orderOf(3, 'E-1', 'P1', { effectiveMs: 7_000, level: 'red', action: 'limit', toPct: 50 });
  const tags = { enterprise: 'E-1', process: 'P1' };
  const holding = { warning: 3, level: 4, action: 1, toPct: 50, holds: 1, exempt: 0, revision: 0 };
  expect(points({ nowMs: 6_000, orders: [order] })).toEqual([
    { measurement: 'order', tags, fields: holding, timestampMs: 7_000 },
  ]);
  const [exempt] = points({ nowMs: 8_000, orders: [{ ...order, exemptBy: '王', exemptWhy: '供热', revision: 1 }] });
  expect(exempt).toMatchObject({ tags, fields: { holds: 0, exempt: 1, revision: 1 }, timestampMs: 7_000 });
  const [lifted] = points({ nowMs: 9_000, orders: [{ ...order, liftedMs: 9_000, revision: 2 }] });
  expect(lifted).toMatchObject({ tags, fields: { holds: 0, exempt: 0, liftedMs: 9_000, revision: 2 }, timestampMs: 7_000 });
});

test('stop and transport; transport is asked of the enterprise', () => {
  const { process: _, ...transport } = orderOf(3, 'E-1', '-', { action: 'transport' });
  const [stop, ofEnterprise] = points({ nowMs: 1, orders: [orderOf(3, 'E-1', 'P1'), transport] });
  expect(stop.fields).toMatchObject({ action: 0, toPct: 0 });
  expect(ofEnterprise).toMatchObject({ tags: { enterprise: 'E-1', process: '-' }, fields: { action: 2 } });
});
