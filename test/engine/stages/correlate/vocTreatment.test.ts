// VOC joined with the state of the treatment at that time.

import { expect, test } from 'vitest';
import { Judgement } from '../../../../engine/stages/correlate/detector.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { vocTreatment } from '../../../../engine/stages/correlate/vocTreatment.ts';
import { findingsOver, inShort, type LateWindow, named, put, testSeries } from '../../../harness/windowSteps.ts';
import { withVoc } from '../../../harness/works.ts';

const { unknown, no, near, yes } = Judgement;

function make() {
  const series = testSeries();
  const detector = vocTreatment([withVoc], series.minutes, defaultRules);
  detector.setSources('voc', 0, named('voc', 'V'));
  detector.setSources('power', 0, named('power', 'P', 'T'));
  return { ...series, detector };
}

test.each([
  ['high and off', 48, 4.9, 0, yes],
  ['just not high', 47.9, 0, 0, near],
  ['at 5 % of rated power it is not off', 60, 5, 0, no],
  ['clear', 35, 0, 0, no],
  ['the treatment as of three minutes before', 60, 0, 3, yes],
  ['older is not believed', 60, 0, 4, unknown],
  ['no VOC value', Number.NaN, 0, 0, unknown],
])('%s', (_, nmhc, treatmentKw, ago, want) => {
  const { minutes, detector } = make();
  put(minutes, 1000 - ago, { kind: 'power', source: 1, values: { kw: treatmentKw } });
  put(minutes, 1000, { kind: 'voc', source: 0, values: { nmhc } });
  expect(detector.judge(0, 1000)).toBe(want);
});

test('it is found within four minutes, once, without a production meter, also where minutes come late', () => {
  const found = (late: number) => {
    const { minutes, detector } = make();
    return inShort(
      findingsOver(detector, minutes, [1000, 1090], (step): readonly LateWindow[] => {
        const isOff = step >= 1020 && step < 1050;
        return [
          { kind: 'voc', source: 0, values: { nmhc: isOff ? 90 + 50 * Math.sin(step) : 20 }, late: step % 2 === 0 ? late : 0 },
          { kind: 'power', source: 1, values: { kw: isOff ? 0 : 80 } },
        ];
      }),
      1000 * 60_000,
    );
  };
  expect(found(0)).toHaveLength(1);
  expect(found(9)).toEqual(found(0));
});
