// Where a fire is: errors of one camera, of two, and what is taken for the same place.

import { describe, expect, test } from 'vitest';
import {
  apart,
  apartInView,
  type CameraErrors,
  crossed,
  firstView,
  fixOf,
  type Look,
  withLook,
} from '../../../../engine/stages/correlate/sightings.ts';

const errors: CameraErrors = { headingDeg: 1.2, bearingDeg: 0.8, rangeShare: 0.05, rangePerKm: 0.03, mergeKm: 0.3 };
const look = (camera: string, x: number, y: number, bearingDeg: number, rangeKm: number): Look => ({
  camera,
  at: { x, y },
  bearingDeg,
  rangeKm,
});

test('one camera knows the bearing well and the range badly', () => {
  // 5 km to the north: 20 % of 5 km along, 1.44° across; both with the 0.1 km of the merge distance.
  const fix = fixOf(firstView(look('A', 0, 0, 0, 5)), errors);
  expect(fix.x).toBeCloseTo(0, 10);
  expect(fix.y).toBeCloseTo(5, 10);
  expect(Math.sqrt(fix.yy)).toBeCloseTo(Math.sqrt(1 + 0.01), 6);
  expect(Math.sqrt(fix.xx)).toBeCloseTo(Math.sqrt((5 * 0.025171) ** 2 + 0.01), 4);
});

test('two bearings make a point although both ranges are a kilometre off', () => {
  // The fire is at (0, 4); A says 5 km, B from 4 km to the east says 3 km.
  const fix = crossed([firstView(look('A', 0, 0, 0, 5)), firstView(look('B', 4, 4, 270, 3))], errors);
  expect(Math.hypot(fix.x, fix.y - 4)).toBeLessThan(0.15);
  expect(Math.sqrt(fix.xx + fix.yy)).toBeLessThan(0.25);
});

test('looks of one camera make the range better, and the turntable no better', () => {
  const once = firstView(look('A', 0, 0, 0, 5));
  const often = Array.from({ length: 99 }).reduce<typeof once>((view) => withLook(view, look('A', 0, 0, 0, 5)), once);
  const [a, b] = [fixOf(once, errors), fixOf(often, errors)];
  expect(b.yy).toBeLessThan(a.yy / 20);
  expect(Math.sqrt(b.xx)).toBeGreaterThan(5 * 1.2 * (Math.PI / 180));
});

describe('what is the same place', () => {
  const view = firstView(look('A', 0, 0, 359.5, 3));
  test.each([
    ['the same bearing over north', look('A', 0, 0, 0.5, 3), true],
    ['two degrees beside', look('A', 0, 0, 1.5, 3), true],
    ['ten degrees beside', look('A', 0, 0, 9.5, 3), false],
    ['30 % further', look('A', 0, 0, 359.5, 3.9), true],
    ['at a third of the range', look('A', 0, 0, 359.5, 1), false],
  ])('to one camera: %s', (_, other, isSame) => {
    expect(apartInView(view, other, errors) < 11.8).toBe(isSame);
  });
  test.each([
    ['a look from the side at the same place', look('B', 3, 3, 270, 3), true],
    ['a look from the side at a place 1 km nearer to A, within the error of its range', look('B', 3, 2, 270, 3), true],
    ['a look at a place 2 km beside', look('B', 3, 3, 270, 1), false],
  ])('to another: %s', (_, other, isSame) => {
    expect(apart(fixOf(view, errors), fixOf(firstView(other), errors)) < 11.8).toBe(isSame);
  });
});
