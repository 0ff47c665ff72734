// Stations that somebody has sprayed or covered, and showers that do the same to one after the other.

import { expect, test } from 'vitest';
import type { Source } from '../../../../engine/schema/register.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { stationSpray } from '../../../../engine/stages/correlate/stationSpray.ts';
import { findingsOver, inShort, type LateWindow } from '../../../harness/windowSteps.ts';

type Values = Readonly<Record<string, number>>;

const five: readonly Source[] = Array.from({ length: 5 }, (_, i) => ({
  kind: 'air',
  id: `S${i}`,
  zh: '站',
  district: '131102',
  lon: 115.7 + 0.01 * i,
  lat: 37.7,
}));

function sprayed(
  own: (step: number) => Values,
  others: (step: number, source: number) => Values = () => ({}),
): readonly string[] {
  const fives = windowSeries({ size: '5m', steps: 72, kinds: ['air'] });
  const detector = stationSpray({ fives, hours: windowSeries({ size: '1h', steps: 72, kinds: ['air'] }) }, defaultRules);
  detector.setSources('air', 0, five);
  const found = findingsOver(detector, fives, [200, 240], (step): readonly LateWindow[] =>
    five.map((_, source) => ({
      kind: 'air',
      source,
      values: { pm10: 100, rhPct: 50, ...(source === 0 ? own(step - 200) : others(step - 200, source)) },
    })),
  );
  return inShort(found, 200 * 300_000);
}

const wet = { pm10: 45, rhPct: 70 };
const between =
  (from: number, to: number, values: Values) =>
  (step: number): Values =>
    step >= from && step < to ? values : {};

test.each<[string, (step: number) => Values, ((step: number) => Values) | undefined, readonly string[]]>([
  ['it falls alone and is wet', between(10, 20, wet), undefined, ['closed 50-130']],
  ['it falls by 40 % and no more', between(10, 20, { pm10: 60, rhPct: 70 }), undefined, []],
  ['it falls dry', between(10, 20, { pm10: 45, rhPct: 60 }), undefined, []],
  ['it is wet and does not fall', between(10, 20, { pm10: 90, rhPct: 70 }), undefined, []],
  ['rain on all', between(10, 20, wet), between(10, 20, wet), []],
  ['all fall', between(10, 20, wet), between(10, 20, { pm10: 50 }), []],
  ['missing', between(10, 20, { pm10: Number.NaN, rhPct: Number.NaN }), undefined, []],
])('a sprayed station: %s', (_, own, others, want) => {
  expect(sprayed(own, others)).toEqual(want);
});

/** Rain reaches the stations one after the other: humid from their own step on, and clean. */
const rainFrom =
  (at: readonly number[]) =>
  (step: number, source: number): Values =>
    step >= at[source] ? { pm10: 45, rhPct: 88 } : {};

test.each<[string, readonly number[]]>([
  ['first, and a neighbour ten minutes later', [10, 12, 15, 16, 17]],
  ['in the middle', [12, 10, 11, 13, 14]],
  ['last, when all others have been wet for long', [20, 10, 10, 10, 10]],
  ['last, shortly after the others', [12, 10, 10, 10, 10]],
])('the edge of a shower reaches a station %s: nobody sprayed it', (_, at) => {
  const story = rainFrom(at);
  expect(
    sprayed(
      (step) => story(step, 0),
      (step, source) => story(step, source),
    ),
  ).toEqual([]);
});

test('a short shower reaches a station when it has passed the others: nobody sprayed it', () => {
  expect(sprayed(between(16, 22, wet), (step, source) => between(8 + source, 12 + source, wet)(step))).toEqual([]);
});

test('a station is sprayed two hours after a shower elsewhere', () => {
  const humid = (step: number, source: number): Values => (source === 4 && step >= 2 ? { rhPct: 88 } : {});
  expect(sprayed(between(24, 34, wet), humid)).toEqual(['closed 120-200']);
});

test('a station is sprayed in an hour in which the air becomes a little damper everywhere', () => {
  const damper = between(10, 30, { rhPct: 58 });
  expect(sprayed(between(10, 20, { pm10: 45, rhPct: 75 }), damper)).toEqual(['closed 50-130']);
});

const noReading = { pm10: Number.NaN, rhPct: Number.NaN };
test.each<[string, (step: number) => Values]>([
  ['dries a little in what follows', (step) => ({ pm10: 45, rhPct: step < 12 ? 70 : 62 })],
  ['has a gap', (step): Values => (step === 12 ? noReading : wet)],
])('a sprayed station that %s', (_, own) => {
  expect(sprayed((step) => (step >= 10 && step < 20 ? own(step) : {}))).toEqual(['closed 50-130']);
});

test('wet for ten minutes is no more than a watering cart that passes', () => {
  expect(sprayed(between(10, 12, wet))).toEqual([]);
});
