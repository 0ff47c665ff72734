// The median of the first entries.

import { expect, test } from 'vitest';
import { medianOf } from '../../../../engine/stages/correlate/median.ts';

test.each<[readonly number[], number, number]>([
  [[], 0, Number.NaN],
  [[7], 1, 7],
  [[3, 1], 2, 2],
  [[3, 1, 2], 3, 2],
  [[3, 1, 2, 99, -99], 3, 2], // what stands behind is not looked at
  [[-1, -1, 5, 5], 4, 2],
  [Array.from({ length: 41 }, (_, i) => (i * 17) % 41), 41, 20], // many: the other way of sorting
])('the median of the first entries of %j, %i of them, is %d', (values, count, want) => {
  expect(medianOf(Float64Array.from(values), count)).toBe(want);
});
