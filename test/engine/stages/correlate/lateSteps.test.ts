import { expect, test } from 'vitest';
import type { Kind } from '../../../../engine/schema/catalog.ts';
import { type Detector, Judgement } from '../../../../engine/stages/correlate/detector.ts';
import { lateSteps } from '../../../../engine/stages/correlate/lateSteps.ts';
import { bySource, type Touched } from '../../../../engine/stages/correlate/series.ts';
import { stepRun } from '../../../../engine/stages/correlate/steps.ts';

const minuteMs = 60_000;
const judged: [unit: number, step: number][] = [];
/** Air stations are its units; meter 7 stands beside station 1, and decides between `near` and `yes`. */
const detector: Detector = {
  rule: 'test',
  ruleVersion: 1,
  size: '1m',
  life: { openAfter: 1, openWithin: 1, closeAfter: 1 },
  reach: 2,
  hoursReach: [1, 2],
  setSources: () => {},
  units: () => 2,
  unitId: String,
  unitsOf: (kind: Kind, source) => (kind === 'air' ? [source] : []),
  besideOf: (kind: Kind, source) => (kind === 'power' && source === 7 ? [1] : []),
  judge(unit, step) {
    judged.push([unit, step]);
    return step === 5 ? Judgement.near : Judgement.no;
  },
  describe: () => ({ severity: 'warning', place: { district: '' }, sources: [], evidence: [] }),
};
const stepsOf = (touched: readonly Touched[], lateHours: readonly Touched[], first = 0, last = 400) =>
  lateSteps(detector, { touched, lateHours, first, judged: last, sizeMs: minuteMs }).map(
    ([unit, { from, to, besideFrom, besideTo }]) => [unit, [from, to], [besideFrom, besideTo]],
  );
const none = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

test('a late window changes its step and those that look back to it, as far as they were judged and are kept', () => {
  expect(stepsOf([{ kind: 'air', source: 0, step: 10 }], [])).toEqual([[0, [10, 12], none]]);
  expect(stepsOf([{ kind: 'air', source: 0, step: 10 }], [], 11)).toEqual([[0, [11, 12], none]]);
  expect(stepsOf([{ kind: 'air', source: 0, step: 10 }], [], 0, 11)).toEqual([[0, [10, 11], none]]);
  expect(stepsOf([{ kind: 'air', source: 0, step: 10 }], [], 13)).toEqual([]);
});

test('a late hour changes the minutes that look back to it', () => {
  expect(stepsOf([], [{ kind: 'air', source: 1, step: 2 }])).toEqual([[1, [180, 299], none]]);
});

test('units come in order, windows of one source together, and those beside apart', () => {
  const touched = bySource([
    { kind: 'power', source: 7, step: 30 },
    { kind: 'air', source: 1, step: 9 },
    { kind: 'air', source: 0, step: 20 },
    { kind: 'air', source: 1, step: 3 },
  ]);
  expect(touched).toHaveLength(3);
  expect(stepsOf(touched, [])).toEqual([
    [0, [20, 22], none],
    [1, [3, 11], [30, 32]],
  ]);
});

test('what stands beside is asked only where it may decide', () => {
  const run = stepRun(detector, { sizeMs: minuteMs, steps: 64 });
  for (let step = 0; step < 10; step++) run.advance(step, [], step * minuteMs);
  judged.length = 0;
  run.advance(9, [{ kind: 'power', source: 7, step: 3, lastStep: 6 }], 10 * minuteMs);
  expect(judged).toEqual([[1, 5]]);
});
