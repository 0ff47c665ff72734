// A fan that is off shows in the flow, with and without a production meter.

import { expect, test } from 'vitest';
import type { ProcessLink } from '../../../../engine/stages/correlate/links.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { stackFlow } from '../../../../engine/stages/correlate/stackFlow.ts';
import { findingsOver, inShort, type LateWindow, named, testSeries } from '../../../harness/windowSteps.ts';
import { withCems } from '../../../harness/works.ts';

const unmetered: ProcessLink = { ...withCems, productionMeter: undefined, treatmentMeter: undefined };

interface Minute {
  readonly flow: number;
  readonly kw?: number;
  readonly hangs?: boolean;
  /** Of the treatment. */
  readonly fanKw?: number;
  readonly late?: number;
}

function found(steps: (minute: number) => Minute, link = withCems) {
  const { minutes } = testSeries();
  const detector = stackFlow([link], minutes, defaultRules);
  detector.setSources('cems', 0, named('cems', 'C'));
  detector.setSources('power', 0, named('power', 'P', 'T'));
  return findingsOver(detector, minutes, [1000, 1120], (step): readonly LateWindow[] => {
    const { flow, kw = 900, hangs = false, fanKw = 20, late = 0 } = steps(step - 1000);
    return [
      { kind: 'cems', source: 0, values: { flowM3S: flow }, late },
      { kind: 'power', source: 0, values: { kw: kw + (hangs ? 0 : step % 7) } },
      { kind: 'power', source: 1, values: { kw: fanKw } },
    ];
  });
}
const short = (...args: Parameters<typeof found>) => inShort(found(...args), 1000 * 60_000);

test.each<[string, (minute: number) => Minute, readonly string[]]>([
  ['the fan goes off', (m) => ({ flow: m < 30 ? 95 : 22 }), ['open 30']],
  ['for fourteen minutes only', (m) => ({ flow: m >= 30 && m < 44 ? 22 : 95 }), []],
  ['for fifteen', (m) => ({ flow: m >= 30 && m < 45 ? 22 : 95 }), ['closed 30-60']],
  ['production stops', (m) => (m < 30 ? { flow: 95 } : { flow: 2, kw: 60 }), []],
  ['production stops and the meter does not tell', (m) => ({ flow: m < 30 ? 95 : 2 }), []],
  ['low load', () => ({ flow: 42, kw: 150 }), []],
  ['a little above half of what the load implies', () => ({ flow: 48 }), []],
  ['a little below', () => ({ flow: 46 }), ['open 0']],
  ['the meter says production is off', () => ({ flow: 22, kw: 60 }), []],
  ['the meter is silent', () => ({ flow: 22, kw: Number.NaN }), ['open 0']],
  ['the meter hangs', (m) => ({ flow: m < 60 ? 95 : 40, hangs: true }), []],
  ['the meter does not', (m) => ({ flow: m < 60 ? 95 : 40 }), ['open 60']],
  ['the flow is silent', () => ({ flow: Number.NaN }), []],
  ['gaps', (m) => ({ flow: m % 6 === 0 ? Number.NaN : 22 }), ['open 1']],
])('%s', (_, steps, want) => {
  expect(short(steps)).toEqual(want);
});

test('without a meter a flow under that without load is enough', () => {
  expect(short((m) => ({ flow: m < 30 ? 95 : 22 }), unmetered)).toEqual(['open 30']);
  expect(short(() => ({ flow: 33 }), unmetered)).toEqual([]);
});

test('a plateau about the level is one finding', () => {
  expect(short((m) => ({ flow: 43 + 4 * Math.sin(m) }))).toHaveLength(1);
});

test('late minutes end in the same finding', () => {
  const steps = (late: number) => (m: number) => ({ flow: m >= 30 && m < 60 ? 22 : 95, late: m % 2 === 0 ? late : 0 });
  expect(short(steps(12))).toEqual(short(steps(0)));
});

test('the evidence names flow, level and those meters that said something', () => {
  const off = (m: number) => ({ flow: m < 30 ? 95 : 22 });
  const [finding] = found(off);
  expect(finding).toMatchObject({ rule: 'stack-flow', severity: 'serious', enterprise: 'E-1', sources: ['C'] });
  expect(finding.evidence.map(({ says, side }) => [says, side])).toEqual([
    ['stackFlow', 'below'],
    ['productionPower', undefined],
    ['treatmentPower', undefined],
  ]);
  const [without] = found((m) => ({ ...off(m), kw: Number.NaN, fanKw: Number.NaN }));
  expect(without.evidence.map(({ says }) => says)).toEqual(['stackFlow']);
});
