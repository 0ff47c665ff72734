// A production meter that sleeps, by main meter and stack; and meters that cannot be right.

import { expect, test } from 'vitest';
import type { ProcessLink } from '../../../../engine/stages/correlate/links.ts';
import { meterBypass, meterFault } from '../../../../engine/stages/correlate/meterBypass.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { findingsOver, inShort, named, put, type TestWindow, testSeries } from '../../../harness/windowSteps.ts';
import { withCems, works } from '../../../harness/works.ts';

const noise = (step: number, size: number) => size * Math.sin(step * 2.399);
const meters = named('power', 'P', 'T', 'M');
const [P, T, M] = [0, 1, 2];

interface Minute {
  readonly production: number;
  readonly treatment?: number;
  readonly main: number;
  readonly stack?: Readonly<Record<string, number>>;
  readonly hangs?: boolean;
  readonly late?: number;
}

/** Three days of hours: the line draws 900 kW, its treatment 80, the rest of the works 500. */
function bypass(steps: (minute: number) => Minute, link: ProcessLink = works, knownHours = 70) {
  const { minutes, hours } = testSeries();
  const detector = meterBypass([link], minutes, hours, defaultRules);
  detector.setSources('power', 0, meters);
  detector.setSources('cems', 0, named('cems', 'C'));
  const from = 300 * 60;
  for (let hour = 300 - knownHours; hour < 300; hour++)
    [900, 80, 1480].forEach((kw, source) => {
      put(hours, hour, { kind: 'power', source, values: { kw: kw + noise(hour, 10) } });
    });
  const found = findingsOver(detector, minutes, [from, from + 180], (step) => {
    const { production, treatment = 80, main, stack, hangs = false, late = 0 } = steps(step - from);
    const power = (source: number, kw: number): TestWindow => ({ kind: 'power', source, values: { kw } });
    const own = { ...power(P, hangs ? production : production + noise(step, production / 100)), late };
    const others = [power(T, treatment), power(M, main + noise(step, 5))];
    return [own, ...others, ...(stack === undefined ? [] : [{ kind: 'cems', source: 0, values: stack } as const])];
  });
  return inShort(found, from * 60_000);
}

test.each<[string, (minute: number) => Minute, readonly string[]]>([
  ['all in order', () => ({ production: 900, main: 1480 }), []],
  ['the meter falls, the main meter does not', (m) => ({ production: m < 30 ? 900 : 30, main: 1480 }), ['open 30']],
  ['both fall', (m) => (m < 30 ? { production: 900, main: 1480 } : { production: 60, main: 640 }), []],
  ['everything stands', () => ({ production: 60, treatment: 0, main: 100 }), []],
  ['the rest draws a fifth more than ever', () => ({ production: 60, main: 60 + 80 + 610 }), []],
  ['for half an hour', (m) => ({ production: m >= 30 && m < 60 ? 30 : 900, main: 1480 }), []],
  ['the main meter is silent', () => ({ production: 30, main: Number.NaN }), []],
  ['the production meter is silent', () => ({ production: Number.NaN, main: 1480 }), []],
  ['the production meter hangs', (m) => ({ production: 60, main: m < 60 ? 640 : 1480, hangs: true }), []],
  ['the production meter does not', (m) => ({ production: 60, main: m < 60 ? 640 : 1480 }), ['open 60']],
  ['over after two hours', (m) => ({ production: m >= 10 && m < 130 ? 30 : 900, main: 1480 }), ['closed 10-156']],
])('bypass: %s', (_, steps, want) => {
  expect(bypass(steps)).toEqual(want);
});

test('before the main meter it shows at the stack alone', () => {
  const running = { so2Conv: 15, flowM3S: 90 };
  const aired = { so2Conv: 0.5, flowM3S: 90 };
  const standing = { so2Conv: 0.2, flowM3S: 2 };
  const before = (stack: Readonly<Record<string, number>>) => () => ({ production: 30, main: 640, stack });
  expect(bypass(before(running), withCems)).toEqual(['open 0']);
  expect(bypass(before(aired), withCems)).toEqual([]);
  expect(bypass(before(standing), withCems)).toEqual([]);
  expect(bypass(() => ({ production: 30, main: 1480, stack: standing }), withCems)).toEqual([]);
});

test('the days before must have been seen, and late rows end in the same finding', () => {
  const steps = (late: number) => (m: number) => ({ production: m < 30 ? 900 : 30, main: 1480, late: m % 3 === 0 ? late : 0 });
  expect(bypass(steps(0), works, 60)).toEqual([]);
  expect(bypass(steps(12))).toEqual(bypass(steps(0)));
});

function fault(steps: (minute: number) => readonly [production: number, treatment: number, main: number]) {
  const { fives } = testSeries();
  const detector = meterFault([works], fives, defaultRules);
  detector.setSources('power', 0, meters);
  const found = findingsOver(detector, fives, [300, 336], (step) =>
    steps(5 * (step - 300)).map((kw, source) => ({ kind: 'power', source, values: { kw } })),
  );
  return found.map(({ unit, state }) => `${unit} ${state}`);
}
const trembling = (kw: number, m: number) => kw + noise(m, kw / 100);

test.each<[string, Parameters<typeof fault>[0], readonly string[]]>([
  ['all in order', (m) => [trembling(900, m), trembling(80, m), trembling(1480, m + 1)], []],
  ['one hangs', (m) => [900, trembling(80, m), trembling(1480, m + 1)], ['P open']],
  ['one without current', (m) => [trembling(900, m), 0, trembling(1480, m + 1)], []],
  ['one shows more than the main meter', (m) => [trembling(900, m), trembling(80, m), trembling(800, m + 1)], ['P open']],
  ['for a quarter of an hour', (m) => [trembling(900, m), 80 + noise(m, 1), trembling(m < 15 ? 800 : 1480, m + 1)], []],
  ['the main meter hangs', (m) => [trembling(900, m), trembling(80, m), 500], ['M open']],
  ['silent', () => [Number.NaN, Number.NaN, Number.NaN], []],
])('meter fault: %s', (_, steps, want) => {
  expect(fault(steps)).toEqual(want);
});
