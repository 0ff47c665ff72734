// What no stack shows: values that stand still, fall alone, look like air, or are marked away.

import { expect, test } from 'vitest';
import { Flag } from '../../../../engine/schema/flags.ts';
import { Judgement } from '../../../../engine/stages/correlate/detector.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { stackConstant } from '../../../../engine/stages/correlate/stackConstant.ts';
import { stackDilution } from '../../../../engine/stages/correlate/stackDilution.ts';
import { stackDrop } from '../../../../engine/stages/correlate/stackDrop.ts';
import { stackMarks } from '../../../../engine/stages/correlate/stackMarks.ts';
import { findingsOver, inShort, type LateWindow, named, put, testSeries } from '../../../harness/windowSteps.ts';
import { withCems } from '../../../harness/works.ts';

const { no, near, yes, unknown } = Judgement;
const ready = <Made extends { setSources: ReturnType<typeof stackDrop>['setSources'] }>(detector: Made): Made => {
  detector.setSources('cems', 0, named('cems', 'C'));
  detector.setSources('power', 0, named('power', 'P', 'T'));
  return detector;
};
const noise = (step: number, size: number) => size * Math.sin(step * 2.399);

type Values = Readonly<Record<string, number>>;

/** In order, at full load. */
const usual = (step: number): Values => ({
  so2: 15 + noise(step, 0.4),
  nox: 22 + noise(step + 1, 0.5),
  pm: 4 + noise(step + 2, 0.1),
  o2Pct: 10 + noise(step + 3, 0.06),
  flowM3S: 95 + noise(step + 4, 2),
});

function constant(stuck: (step: number) => Values, late = 0) {
  const { minutes } = testSeries();
  const detector = ready(stackConstant([withCems], minutes, defaultRules));
  // A quarter of an hour, in which it is looked at.
  return findingsOver(detector, minutes, [1500, 1500 + 239], (step): readonly LateWindow[] => [
    { kind: 'cems', source: 0, values: { ...usual(step), ...stuck(step) }, late: step % 4 === 1 ? late : 0 },
    { kind: 'power', source: 0, values: { kw: 900 + noise(step, 20) } },
  ]);
}

test.each<[string, (step: number) => Values, readonly string[]]>([
  ['all in order', () => ({}), []],
  ['one gas to all digits', () => ({ so2: 15.37 }), ['open 165']],
  ['trembling by a digit', (step) => ({ so2: 15.37 + 0.01 * ((step % 3) - 1) }), ['open 165']],
  ['trembling by more', (step) => ({ so2: 15.37 + 0.015 * ((step % 3) - 1) }), []],
  ['from half an hour on', (step): Values => (step < 1530 ? {} : { nox: 22 }), ['open 210']],
  ['a flow', () => ({ flowM3S: 95.5 }), ['open 165']],
  ['a stack that stands', () => ({ flowM3S: 2 }), []],
  ['at the end of its range: an exceedance', () => ({ so2: 80 }), []],
  ['every eighth minute missing', (step) => (step % 8 === 0 ? { so2: Number.NaN } : { so2: 15.37 }), ['open 195']],
  ['every fourth minute missing', (step) => (step % 4 === 0 ? { so2: Number.NaN } : { so2: 15.37 }), []],
  ['silent', () => ({ so2: Number.NaN, nox: Number.NaN, pm: Number.NaN, o2Pct: Number.NaN, flowM3S: Number.NaN }), []],
])('standing still: %s', (_, stuck, want) => {
  expect(inShort(constant(stuck), 1500 * 60_000)).toEqual(want);
});

test('where everything hangs it is the logger; one analyser alone may be more', () => {
  const all = constant(() => ({ so2: 15.37, nox: 22, pm: 4, o2Pct: 10, flowM3S: 95 }))[0];
  expect(all.severity).toBe('notice');
  expect(all.candidates).toEqual([
    { id: 'instrument', score: 0.9, reasons: ['allStandStill'] },
    { id: 'E-1', score: 0.1, reasons: ['allStandStill'] },
  ]);
  expect(constant(() => ({ so2: 15.37 }))[0].candidates[0].score).toBe(0.7);
});

test('late minutes end in the same finding', () => {
  expect(
    inShort(
      constant(() => ({ so2: 15.37 }), 12),
      0,
    ),
  ).toEqual(
    inShort(
      constant(() => ({ so2: 15.37 })),
      0,
    ),
  );
});

interface Fall {
  readonly values?: Values;
  readonly kw?: number;
}

/** Two usual days of hours, then minutes. */
function drop(steps: (minute: number) => Fall) {
  const { minutes, hours } = testSeries();
  const detector = ready(stackDrop([withCems], minutes, hours, defaultRules));
  for (let hour = 100; hour < 150; hour++) put(hours, hour, { kind: 'cems', source: 0, values: usual(0) });
  const from = 150 * 60 + 60;
  const found = findingsOver(detector, minutes, [from, from + 120], (step): readonly LateWindow[] => {
    const { values = {}, kw = 900 } = steps(step - from);
    const raw = { ...usual(step), ...values };
    const converted = { so2Conv: raw.so2, noxConv: raw.nox, pmConv: raw.pm };
    return [
      { kind: 'cems', source: 0, values: { ...raw, ...converted } },
      { kind: 'power', source: 0, values: { kw: kw + noise(step, 20) } },
    ];
  });
  return inShort(found, from * 60_000);
}

test.each<[string, (minute: number) => Fall, readonly string[]]>([
  ['all in order', () => ({}), []],
  ['a gas falls by 90 % and stays down', (m) => (m < 40 ? {} : { values: { so2: 1.5 } }), ['open 44']],
  ['by 70 %', (m) => (m < 40 ? {} : { values: { so2: 4.5 } }), []],
  ['over an hour', (m) => (m < 20 ? {} : { values: { so2: Math.max(1.5, 15 - 0.25 * (m - 20)) } }), []],
  ['with the flow', (m) => (m < 40 ? {} : { values: { so2: 1.5, flowM3S: 2 }, kw: 60 }), []],
  ['with production, flow standing', (m) => (m < 40 ? {} : { values: { so2: 1.5 }, kw: 60 }), []],
  ['from an exceedance', (m) => ({ values: { so2: m < 40 ? 90 : 4 } }), []],
  ['back to the usual', (m) => ({ values: { so2: m < 40 ? 34 : 15 } }), []],
  ['and comes back', (m) => (m >= 40 && m < 70 ? { values: { so2: 1.5 } } : {}), ['closed 44-85']],
  ['silent after it', (m) => (m < 40 ? {} : { values: { so2: Number.NaN } }), []],
])('falling: %s', (_, steps, want) => {
  expect(drop(steps)).toEqual(want);
});

test.each([
  ['as air, with production on', 19.5, 95, 900, 9, yes],
  ['at 19 %', 19, 95, 900, 9, yes],
  ['just below', 18.9, 95, 900, 9, near],
  ['in order', 10, 95, 900, 9, no],
  ['the stack stands', 20.9, 2, 900, 9, no],
  ['production stands, the fan runs', 20.9, 95, 60, 9, no],
  ['nobody knows whether production runs', 20.9, 95, Number.NaN, 9, unknown],
  ['a kiln with a reference of 18 %', 20, 95, 900, 18, near],
  ['no O2 value', Number.NaN, 95, 900, 9, unknown],
])('O2 %s', (_, o2Pct, flowM3S, kw, o2RefPct, want) => {
  const { minutes } = testSeries();
  const detector = ready(stackDilution([{ ...withCems, o2RefPct }], minutes, defaultRules));
  put(minutes, 1000, { kind: 'cems', source: 0, values: { o2Pct, flowM3S } });
  put(minutes, 1000, { kind: 'power', source: 0, values: { kw } });
  expect(detector.judge(0, 1000)).toBe(want);
});

test('a stack without a reference is not judged by its O2', () => {
  const { minutes } = testSeries();
  expect(stackDilution([{ ...withCems, o2RefPct: undefined }], minutes, defaultRules).units()).toBe(0);
});

/** Hour 496 begins at midnight in Beijing. `marked`: hours from there. */
function marks(marked: (hour: number) => boolean, hoursLong = 80) {
  const { minutes, hours } = testSeries();
  const detector = ready(stackMarks([withCems], minutes, hours, defaultRules));
  const from = 20 * 24 + 16;
  const mark = { so2: Flag.mark, nox: Flag.mark, pm: Flag.mark };
  return findingsOver(detector, hours, [from, from + hoursLong], (hour): readonly LateWindow[] =>
    marked(hour - from)
      ? [{ kind: 'cems', source: 0, values: { flowM3S: 95 }, flags: mark }]
      : [{ kind: 'cems', source: 0, values: usual(hour) }],
  ).map(({ state, severity, openedMs }) => `${state} ${severity} ${openedMs / 3_600_000 - from}`);
}

test.each<[string, (hour: number) => boolean, readonly string[]]>([
  ['never', () => false, []],
  ['three hours', (h) => h >= 10 && h < 13, []],
  ['four hours', (h) => h >= 10 && h < 14, ['open notice 13', 'closed notice 13']],
  ['an hour every night', (h) => h < 60 && h % 24 === 2, ['open warning 50', 'closed warning 50']],
  ['an hour every night and one by day', (h) => h % 24 === 2 || h === 36, []],
  ['two nights', (h) => h < 48 && h % 24 === 2, []],
])('marked away: %s', (_, marked, want) => {
  expect(marks(marked)).toEqual(want);
});
