import { expect, test } from 'vitest';
import { mainContradicts } from '../../../../engine/stages/correlate/mainWitness.ts';
import { put, testSeries } from '../../../harness/windowSteps.ts';

interface Story {
  readonly treatmentKw?: number;
  /** What is left on the main meter of the treatment's power once its own meter has fallen. */
  readonly stays: number;
  readonly othersKw?: (minute: number) => number;
  readonly mainIsSilent?: boolean;
}

/** Treatment on until minute 30; then its meter shows 0. */
function judged({ treatmentKw = 40, stays, othersKw = () => 260, mainIsSilent = false }: Story, at = 36): boolean {
  const { minutes } = testSeries();
  for (let minute = 0; minute <= at; minute++) {
    const isOn = minute < 30;
    const production = 150 + (minute % 3);
    const main = production + othersKw(minute) + (isOn ? treatmentKw : stays) + (minute % 2);
    const values = [mainIsSilent ? Number.NaN : main, production, isOn ? treatmentKw : 0];
    values.forEach((kw, source) => {
      put(minutes, minute, { kind: 'power', source, values: { kw } });
    });
  }
  return mainContradicts(minutes, { main: 0, production: 1, treatment: 2 }, at, 4);
}

test.each([
  ['the power is gone from the main meter too', { stays: 0 }, false],
  ['the main meter stays as it was', { stays: 40 }, true],
  ['a little less than half of it is gone', { stays: 21 }, true],
  ['more than half of it is gone', { stays: 18 }, false],
  ['the treatment is too small to be missed', { stays: 10, treatmentKw: 10 }, false],
  ['the main meter trembles by more', { stays: 40, othersKw: (m: number) => (m % 2 === 0 ? 160 : 360) }, false],
  ['others started at the same time', { stays: 0, othersKw: (m: number) => (m < 30 ? 260 : 400) }, false],
  ['the main meter is silent', { stays: 40, mainIsSilent: true }, false],
] satisfies readonly (readonly [string, Story, boolean])[])('%s', (_, story, want) => {
  expect(judged(story)).toBe(want);
});

test('too soon after the fall, and long after it, nothing is said', () => {
  expect(judged({ stays: 40 }, 33)).toBe(false);
  expect(judged({ stays: 40 }, 35)).toBe(true);
  expect(judged({ stays: 40 }, 118)).toBe(true);
  expect(judged({ stays: 40 }, 120)).toBe(false);
});

test('no main meter, no witness', () => {
  const { minutes } = testSeries();
  expect(mainContradicts(minutes, { main: -1, production: 1, treatment: 2 }, 30, 4)).toBe(false);
});
