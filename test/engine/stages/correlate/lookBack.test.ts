import { expect, test } from 'vitest';
import { meanOf, medianOf, standsStill, valueAsOf } from '../../../../engine/stages/correlate/lookBack.ts';
import { put, testSeries } from '../../../harness/windowSteps.ts';

/** One value a step, from step 100 on. */
function lineOf(values: readonly number[]) {
  const { minutes } = testSeries();
  values.forEach((kw, i) => {
    put(minutes, 100 + i, { kind: 'power', source: 0, values: { kw } });
  });
  return { series: minutes, kind: 'power', metric: 0 } as const;
}
const gap = Number.NaN;

test.each([
  [[1, 2, 3], 102, 0, 3],
  [[1, 2, gap], 102, 0, gap],
  [[1, 2, gap], 102, 1, 2],
  [[1, gap, gap], 102, 1, gap],
  [[1, gap, gap], 102, 2, 1],
  [[], 102, 5, gap],
])('of %j the value as of step %i, at most %i steps old, is %d', (values, step, within, want) => {
  expect(valueAsOf(lineOf(values), 0, step, within)).toBe(want);
});

test.each([
  [[2, 4, 6], 1, 4],
  [[2, gap, 6], 2, 4],
  [[2, gap, 6], 3, gap],
  [[gap, gap, gap], 1, gap],
])('of %j with at least %i known the mean is %d', (values, least, want) => {
  expect(meanOf(lineOf(values), 0, [100, 102], least)).toBe(want);
});

test('the median is of the steps that count', () => {
  const line = lineOf([1, 100, 3, 100, 2]);
  expect(medianOf(line, 0, [100, 104], { least: 3, counts: (step) => step % 2 === 0 })).toBe(2);
  expect(medianOf(line, 0, [100, 104], { least: 4, counts: (step) => step % 2 === 0 })).toBeNaN();
});

test.each([
  ['the same value', [5, 5, 5, 5], true],
  ['a digit each way', [5, 5.01, 4.99, 5], true],
  ['a digit more', [5, 5.01, 4.98, 5], false],
  ['the oldest step was another', [9, 5, 5, 5, 5], true],
  ['a gap among the same', [5, gap, 5, 5], true],
  ['too many gaps', [5, gap, gap, 5], false],
  ['nothing at all', [gap, gap, gap, gap], false],
])('standing still: %s', (_, values, want) => {
  const line = lineOf(values);
  expect(standsStill(line, 0, 99 + values.length, { steps: 4, least: 3, spread: 0.021 })).toBe(want);
});
