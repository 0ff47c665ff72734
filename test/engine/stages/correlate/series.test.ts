import { expect, test } from 'vitest';
import { meanEvidence } from '../../../../engine/stages/correlate/evidence.ts';
import { keptWindows } from '../../../../engine/stages/correlate/keptWindows.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { sourceIndex } from '../../../../engine/stages/correlate/sourceIndex.ts';
import { named, put } from '../../../harness/windowSteps.ts';

const power = (kw: number) => ({ kind: 'power', source: 3, values: { kw } }) as const;

test('the newest steps are kept, whatever came between; older ones are not taken any more', () => {
  const series = windowSeries({ size: '1m', steps: 4, kinds: ['power'] });
  const shown = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => series.mean('power', 0, 3, from + i));
  for (const step of [-2, -1, 0, 1, 2]) put(series, step, power(step));
  expect(shown(-3, 3)).toEqual([Number.NaN, Number.NaN, -1, 0, 1, 2, Number.NaN]);
  put(series, 4, power(4));
  expect(shown(0, 5)).toEqual([Number.NaN, 1, 2, Number.NaN, 4, Number.NaN]);
  put(series, 0, power(9));
  put(series, 3, power(3));
  expect(shown(0, 5)).toEqual([Number.NaN, 1, 2, 3, 4, Number.NaN]);
  put(series, 100, power(7));
  expect(shown(97, 101)).toEqual([Number.NaN, Number.NaN, Number.NaN, 7, Number.NaN]);
  expect([3, 4, 99, 100].map(series.hasWindows)).toEqual([false, false, false, true]);
});

test('a rule that asks for what is not kept is told so', () => {
  const hours = windowSeries(keptWindows['1h']);
  put(hours, 5, power(1));
  expect(hours.mean('power', 0, 3, 5)).toBe(1);
  expect(() => hours.flags('power', 0, 3, 5)).toThrow('BUG: a rule asks for flags of 1h windows that are not kept');
  expect(() => hours.metricCaptureMs('power', 0, 3, 5)).toThrow('metricCapture');
});

test('evidence says how often its windows were corrected, where they were', () => {
  const minutes = windowSeries({ size: '1m', steps: 10, kinds: ['power'] });
  const sources = sourceIndex('power');
  sources.set('power', 3, named('power', 'P'));
  for (let step = 0; step < 4; step++) put(minutes, step, { ...power(step), revision: step === 2 ? 3 : 0 });
  const revisions = (fromStep: number, toStep: number) =>
    meanEvidence({ series: minutes, kind: 'power', metric: 0, source: 3, sources, fromStep, toStep }, 'productionPower').revision;
  expect([revisions(0, 3), revisions(2, 2), revisions(0, 1)]).toEqual([3, 3, undefined]);
  const again = windowSeries({ size: '1m', steps: 10, kinds: ['power'] });
  again.restore(minutes.save());
  expect(again.revision('power', 3, 2)).toBe(3);
  put(minutes, 12, power(0));
  expect([minutes.revision('power', 3, 2), minutes.revision('power', 3, 12)]).toEqual([0, 0]);
  put(minutes, 12, { ...power(0), revision: 60_000 });
  expect(minutes.revision('power', 3, 12)).toBe(255);
});
