// Whether a treatment meter is believed: really off, or only its reading.

import { expect, test } from 'vitest';
import { Flag } from '../../../../engine/schema/flags.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { treatmentIdle, treatmentOff } from '../../../../engine/stages/correlate/treatment.ts';
import { findingsOver, inShort, type LateWindow, named, testSeries } from '../../../harness/windowSteps.ts';
import { works } from '../../../harness/works.ts';

const noise = (step: number, size: number) => size * Math.sin(step * 2.399);

interface Minute {
  readonly production?: number;
  readonly treatment: number;
  /** Drawn in truth; absent: what its meter shows. */
  readonly drawn?: number;
  readonly productionHangs?: boolean;
  readonly treatmentHangs?: boolean;
  readonly isOutOfRange?: boolean;
  readonly late?: number;
}

function found(make: typeof treatmentOff, steps: (minute: number) => Minute) {
  const { minutes } = testSeries();
  const detector = make([works], minutes, defaultRules);
  detector.setSources('power', 0, named('power', 'P', 'T', 'M'));
  return inShort(
    findingsOver(detector, minutes, [1000, 1120], (step): readonly LateWindow[] => {
      const { production = 800, treatment, drawn = treatment, late = 0, ...of } = steps(step - 1000);
      const shown = of.productionHangs ? production : production + noise(step, production / 100);
      const own = of.treatmentHangs ? treatment : treatment + noise(step + 1, treatment / 100);
      const flags = { kw: of.isOutOfRange ? Flag.range : 0 };
      return [
        { kind: 'power', source: 0, values: { kw: shown } },
        { kind: 'power', source: 1, values: { kw: own }, flags, late },
        { kind: 'power', source: 2, values: { kw: shown + drawn + 300 + noise(step + 2, 3) } },
      ];
    }),
    1000 * 60_000,
  );
}

test.each<[string, (minute: number) => Minute, readonly string[]]>([
  ['the main meter falls with it', (m) => ({ treatment: m < 30 ? 80 : 0 }), ['open 30']],
  ['the main meter does not', (m) => ({ treatment: m < 30 ? 80 : 0, drawn: 80 }), []],
  ['the production meter hangs', (m) => ({ treatment: m < 60 ? 80 : 0, productionHangs: true }), []],
  ['it shows less than nothing at times', (m) => ({ treatment: 0, isOutOfRange: m % 9 === 8 }), []],
  ['four minutes', (m) => ({ treatment: m >= 30 && m < 34 ? 0 : 80 }), []],
  ['five minutes', (m) => ({ treatment: m >= 30 && m < 35 ? 0 : 80 }), ['closed 30-50']],
  ['gaps among them', (m) => ({ treatment: m < 30 ? 80 : m % 6 === 0 ? Number.NaN : 0 }), ['open 31']],
  ['silent', (m) => ({ treatment: m < 30 ? 80 : Number.NaN }), []],
])('treatment off: %s', (_, steps, want) => {
  expect(found(treatmentOff, steps)).toEqual(want);
});

test.each<[string, (minute: number) => Minute, readonly string[]]>([
  ['it draws a fifth', (m) => ({ treatment: m < 30 ? 80 : 20 }), ['open 30']],
  ['its meter hangs there', (m) => ({ production: m < 60 ? 5 : 800, treatment: 20, treatmentHangs: true }), []],
  ['a third', (m) => ({ treatment: m < 30 ? 80 : 33 }), []],
])('treatment idle: %s', (_, steps, want) => {
  expect(found(treatmentIdle, steps)).toEqual(want);
});

test('late minutes end in the same finding, also where the main meter contradicts', () => {
  for (const drawn of [0, 80]) {
    const steps = (late: number) => (m: number) => ({
      treatment: m >= 30 && m < 60 ? 0 : 80,
      drawn: m >= 30 && m < 60 ? drawn : 80,
      late: m % 2 === 0 ? late : 0,
    });
    expect(found(treatmentOff, steps(12))).toEqual(found(treatmentOff, steps(0)));
  }
});

test('a plateau about the limit is one finding', () => {
  expect(found(treatmentOff, (m) => ({ treatment: m < 20 ? 80 : 4.5 + 2 * Math.sin(m) }))).toHaveLength(1);
});
