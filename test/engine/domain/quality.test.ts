import { expect, test } from 'vitest';
import { isDrifting, isFlat, isFoggy, isInverted, isSpike, median } from '../../../engine/domain/quality.ts';

test.each([
  [[], Number.NaN],
  [[3], 3],
  [[3, 1], 2],
  [[9, 1, 5], 5],
])('the median of %j is %d', (values, want) => {
  expect(median(values)).toBe(want);
});

test.each([
  // median 50, MAD 1: 45 > 6 and > 30
  [95, [50, 52, 49, 51, 50], true],
  // on the edge: more than 30 is needed
  [80, [50, 52, 49, 51, 50], false],
  [80.1, [50, 52, 49, 51, 50], true],
  [19, [50, 52, 49, 51, 50], true],
  // a restless series: median 60, MAD 20, so 6 * 20 = 120
  [179, [20, 40, 60, 80, 100], false],
  [181, [20, 40, 60, 80, 100], true],
  // a constant one: MAD 0
  [31, [0, 0, 0, 0, 0], true],
  [Number.NaN, [50, 52, 49, 51, 50], false],
])('%d after %j: spike %s', (value, before, want) => {
  expect(isSpike(value, before, { mads: 6, min: 30 })).toBe(want);
});

test.each([
  [110, 100, false], // 100 * 1.05 + 5 = 110
  [110.1, 100, true],
  [Number.NaN, 100, false],
  [200, Number.NaN, false],
])('PM2.5 %d over PM10 %d: inversion %s', (pm25, pm10, want) => {
  expect(isInverted(pm25, pm10, { factor: 1.05, offset: 5 })).toBe(want);
});

test('limits belong to the good side', () => {
  expect([isFlat(29, { minutes: 30 }), isFlat(30, { minutes: 30 })]).toEqual([false, true]);
  expect([isFoggy(85, { abovePct: 85 }), isFoggy(85.1, { abovePct: 85 }), isFoggy(Number.NaN, { abovePct: 85 })]).toEqual([
    false,
    true,
    false,
  ]);
  const band = { low: 0.7, high: 1.4 };
  expect([0.69, 0.7, 1.4, 1.41, Number.NaN].map((ratio) => isDrifting(ratio, band))).toEqual([true, false, false, true, false]);
});
