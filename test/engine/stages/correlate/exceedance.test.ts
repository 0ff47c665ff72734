// Stacks above their permit: whole hours, and the way there.

import { expect, test } from 'vitest';
import { Judgement } from '../../../../engine/stages/correlate/detector.ts';
import { stackExceedance, stackTrend, vocExceedance } from '../../../../engine/stages/correlate/exceedance.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { findingsOver, inShort, named, put, testSeries } from '../../../harness/windowSteps.ts';
import { withCems, withVoc } from '../../../harness/works.ts';

const minuteMs = 60_000;
const { unknown, no, near, yes } = Judgement;

test.each([
  ['at the limit', { so2Conv: 35 }, 60, near],
  ['a digit above', { so2Conv: 35.01 }, 60, yes],
  ['of another pollutant', { noxConv: 51 }, 60, yes],
  ['measured above, but not O2-converted', { so2: 100, so2Conv: 20 }, 60, no],
  ['45 minutes of good values', { so2Conv: 40 }, 45, yes],
  ['44 minutes of good values', { so2Conv: 40 }, 44, unknown],
  ['nothing there', {}, 60, unknown],
  ['between clear and limit', { so2Conv: 33 }, 60, near],
  ['clear', { so2Conv: 31 }, 60, no],
])('an hour of a stack: %s', (_, values, minutesOfData, want) => {
  const { minutes, hours } = testSeries();
  const detector = stackExceedance([withCems], minutes, hours, defaultRules);
  detector.setSources('cems', 0, named('cems', 'C'));
  put(hours, 500, { kind: 'cems', source: 0, values, captureMs: minutesOfData * minuteMs });
  const judgements = [0, 1, 2].map((unit) => detector.judge(unit, 500));
  expect(judgements.filter((each) => each !== unknown)).toEqual(want === unknown ? [] : [want]);
});

test('an hour counts by the good minutes of the pollutant, not by those of the flow', () => {
  const { minutes, hours } = testSeries();
  const detector = vocExceedance([withVoc], minutes, hours, defaultRules);
  detector.setSources('voc', 0, named('voc', 'V'));
  put(hours, 500, { kind: 'voc', source: 0, values: { nmhc: 90 }, captureMs: 40 * minuteMs });
  expect(detector.judge(0, 500)).toBe(unknown);
});

test('a finding says limit and value, and only of what is above', () => {
  const { minutes, hours } = testSeries();
  const detector = stackExceedance([withCems], minutes, hours, defaultRules);
  detector.setSources('cems', 0, named('cems', 'C'));
  const [finding] = findingsOver(detector, hours, [500, 500], () => [
    { kind: 'cems', source: 0, values: { so2Conv: 70, noxConv: 20, pmConv: 3 } },
  ]);
  expect(finding).toMatchObject({ unit: 'C/so2', enterprise: 'E-1', process: 'P1', severity: 'serious', sources: ['C'] });
  expect(finding.evidence.map(({ metric, value, limit, side }) => [metric, value, limit, side])).toEqual([
    ['so2Conv', 70, 35, 'above'],
  ]);
});

function trend(steps: (minute: number) => number, late = (_: number) => 0, to = 120) {
  const { minutes } = testSeries();
  const detector = stackTrend([withCems, withVoc], minutes, defaultRules);
  detector.setSources('cems', 0, named('cems', 'C'));
  detector.setSources('voc', 0, named('voc', 'V'));
  const from = 60 * 500;
  return inShort(
    findingsOver(detector, minutes, [from, from + to], (step) => [
      { kind: 'cems', source: 0, values: { noxConv: steps(step - from) }, late: late(step - from) },
    ]),
    from * minuteMs,
  );
}

test.each([
  ['stays above', (m: number) => (m < 20 ? 30 : 80), ['open 20']],
  ['comes back', (m: number) => (m >= 20 && m < 50 ? 80 : 30), ['closed 20-65']],
  ['a peak of seven minutes', (m: number) => (m >= 20 && m < 27 ? 60 : 30), []],
  ['at the limit', () => 50, []],
  ['gaps while above', (m: number) => (m % 5 === 0 ? Number.NaN : 80), ['open 1']],
  ['silent', () => Number.NaN, []],
])('the way there: %s', (_, steps, want) => {
  expect(trend(steps)).toEqual(want);
});

test('a noisy plateau about the limit is one finding', () => {
  // 46 to 56 mg/m³ and a limit of 50, clear below 45.
  expect(trend((m) => 51 + 5 * Math.sin(m * 1.7), undefined, 235)).toHaveLength(1);
});

test('silence neither opens nor closes', () => {
  expect(trend((m) => (m < 40 ? 80 : Number.NaN))).toEqual(['open 0']);
});

test('a pollutant that goes silent while it is above is not closed by the others', () => {
  const { minutes } = testSeries();
  const detector = stackTrend([withCems], minutes, defaultRules);
  detector.setSources('cems', 0, named('cems', 'C'));
  const found = (silent: string) =>
    findingsOver(detector, minutes, [30_000, 30_100], (step) => {
      const values: Record<string, number> = { so2Conv: 10, noxConv: 80, pmConv: 3 };
      if (step >= 30_030) values[silent] = Number.NaN;
      if (step >= 30_030 && silent !== 'noxConv') values.noxConv = 10;
      return [{ kind: 'cems', source: 0, values }];
    }).map(({ state }) => state);
  expect(found('noxConv')).toEqual(['open']);
  expect(found('so2Conv')).toEqual(['open', 'closed']);
});

test('short peaks that fill the hour make it certain before its end', () => {
  // Six minutes in ten at 100 mg/m³, else 48: never eight of ten. But 3,024 mg/m³ min after minute 36, and the hour's limit is 3,000.
  expect(trend((m) => (m % 10 < 6 ? 100 : 48), undefined, 36)).toEqual([]);
  expect(trend((m) => (m % 10 < 6 ? 100 : 48), undefined, 38)).toEqual(['open 30']);
});

test('minutes that come late end in the same finding', () => {
  const steps = (m: number) => (m >= 20 && m < 50 ? 80 : 30);
  expect(trend(steps, (m) => (m % 3 === 0 ? 14 : 0))).toEqual(trend(steps));
});
