// Stations against their neighbours and their own habits: plumes, the whole region, places that wander, fog.

import { describe, expect, test } from 'vitest';
import { Flag } from '../../../../engine/schema/flags.ts';
import type { Source } from '../../../../engine/schema/register.ts';
import type { Attribution } from '../../../../engine/stages/correlate/attribution.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { stationHigh, stationRise } from '../../../../engine/stages/correlate/stations.ts';
import { findingsOver, inShort, type LateWindow } from '../../../harness/windowSteps.ts';

const first = 1000;
const around = 6;
const sources: readonly Source[] = Array.from({ length: around + 1 }, (_, i) => ({
  kind: 'air',
  id: `S${i}`,
  zh: '站',
  district: '131102',
  lon: 115.7 + 0.01 * i,
  lat: 37.7,
}));

type Values = Readonly<Record<string, number>>;
const usual = { pm25: 50, pm10: 80, so2: 15, no2: 40, co: 0.6 };
/** Values and flags of station 0, and of its neighbours, by step from the start. */
interface Story {
  readonly own: (step: number) => Values;
  readonly others?: (step: number) => Values;
  readonly flags?: Values;
  readonly late?: (step: number) => number;
  readonly steps?: number;
  readonly isExplained?: boolean;
}

function told(
  make: typeof stationHigh,
  { own, others = () => ({}), flags, late = () => 0, steps = 72, isExplained = false }: Story,
) {
  const fives = windowSeries({ size: '5m', steps: 120, kinds: ['air'] });
  const hours = windowSeries({ size: '1h', steps: 72, kinds: ['air'] });
  const attribution: Attribution = {
    setSources: () => {},
    candidates: () => [],
    askedBy: () => [],
    isExplained: () => isExplained,
  };
  const detector = make({ fives, hours }, attribution, defaultRules);
  detector.setSources('air', 0, sources);
  const found = findingsOver(detector, fives, [first, first + steps - 1], (step): readonly LateWindow[] =>
    sources.map((_, source) => ({
      kind: 'air',
      source,
      values: { ...usual, ...(source === 0 ? own : others)(step - first) },
      ...(source === 0 ? { flags, late: late(step - first) } : {}),
    })),
  );
  return inShort(
    found.filter(({ unit }) => unit === 'S0'),
    first * 300_000,
  );
}

const from = (step: number, to: number, values: Values) => (now: number) => (now >= step && now < to ? values : {});

describe('high', () => {
  test.each<[string, Story, readonly string[]]>([
    ['as the others', { own: () => ({}) }, []],
    ['a plume of SO2 for an hour', { own: from(40, 52, { so2: 120 }) }, ['closed 200-290']],
    ['for one step', { own: from(40, 41, { so2: 120 }) }, []],
    ['for two of three', { own: (step): Values => (step === 40 || step === 42 ? { so2: 120 } : {}) }, ['closed 200-245']],
    ['less SO2 than can be sure of', { own: from(40, 52, { so2: 70 }) }, []],
    ['less, and somebody out of order upwind', { own: from(40, 52, { so2: 70 }), isExplained: true }, ['closed 200-290']],
    ['particles of nobody', { own: from(40, 52, { pm25: 110, pm10: 160 }) }, []],
    [
      'particles, and somebody out of order',
      { own: from(40, 52, { pm25: 110, pm10: 160 }), isExplained: true },
      ['closed 200-290'],
    ],
    ['the limit of 30 itself', { own: from(40, 52, { pm25: 80 }), isExplained: true }, []],
    ['a little more', { own: from(40, 52, { pm25: 80.5 }), isExplained: true }, ['closed 200-290']],
    ['not 1.5 times', { own: (step) => ({ pm25: step < 40 ? 80 : 115 }), others: () => ({ pm25: 80 }), isExplained: true }, []],
    ['always twice the others', { own: () => ({ pm25: 110, pm10: 170 }), isExplained: true }, []],
    ['missing', { own: () => ({ pm25: Number.NaN, pm10: Number.NaN, so2: Number.NaN }) }, []],
    ['the whole region rises', { own: from(40, 50, { so2: 200 }), others: from(40, 50, { so2: 90 }) }, []],
    ['flagged as not moving', { own: from(40, 52, { so2: 120 }), flags: { so2: Flag.flat } }, []],
    ['in fog', { own: from(40, 52, { pm25: 100, pm10: 140 }), flags: { pm25: Flag.fog, pm10: Flag.fog }, isExplained: true }, []],
    [
      'missing while it lasts',
      {
        own: (step): Values =>
          step < 40 ? {} : step < 45 ? { so2: 120 } : { pm25: Number.NaN, pm10: Number.NaN, so2: Number.NaN },
      },
      ['open 200'],
    ],
  ])('%s', (_, story, want) => {
    expect(told(stationHigh, story)).toEqual(want);
  });

  test('a plume that comes and goes is one finding', () => {
    const own = (step: number): Values => (step < 40 || step > 60 ? {} : { so2: step % 3 === 0 ? 30 : 130 });
    expect(told(stationHigh, { own })).toEqual(['closed 200-330']);
  });

  test('late windows end in the same story', () => {
    const own = from(40, 52, { so2: 120 });
    const late = (step: number) => (step >= 40 && step < 50 ? 6 : 0);
    expect(told(stationHigh, { own, late, steps: 84 })).toEqual(told(stationHigh, { own, steps: 84 }));
  });
});

describe('rising', () => {
  const smoke = { pm25: 120, pm10: 155, co: 0.9 };
  test.each<[string, Story, readonly string[]]>([
    ['smoke: fine particles and CO', { own: from(40, 52, smoke) }, ['closed 205-245']],
    ['for one step', { own: from(40, 41, smoke) }, []],
    ['back from a zero that an instrument made', { own: from(40, 41, { pm25: 0, pm10: 0, co: 0.1 }) }, []],
    ['without CO: an instrument', { own: from(40, 52, { ...smoke, co: 0.6 }) }, []],
    ['mostly coarse: dust of nobody', { own: from(40, 52, { pm25: 90, pm10: 250, co: 0.9 }) }, []],
    ['dust of a site out of order', { own: from(40, 52, { pm25: 70, pm10: 250 }), isExplained: true }, ['closed 205-245']],
    ['SO2', { own: from(40, 52, { so2: 60 }) }, ['closed 205-245']],
    ['a little SO2, of works in order', { own: from(40, 52, { so2: 50 }) }, []],
    ['a little SO2, and somebody out of order', { own: from(40, 52, { so2: 50 }), isExplained: true }, ['closed 205-245']],
    [
      'slowly, over three hours',
      {
        own: (step) => ({
          pm25: 50 + 3 * Math.max(0, step - 30),
          pm10: 80 + 4 * Math.max(0, step - 30),
          co: 0.6 + 0.02 * Math.max(0, step - 30),
        }),
      },
      [],
    ],
    ['with all others', { own: from(40, 60, smoke), others: from(40, 60, { pm25: 110, pm10: 145, co: 0.9 }) }, []],
    [
      'after a gap',
      { own: (step): Values => (step < 30 ? {} : step < 40 ? { pm25: Number.NaN, pm10: Number.NaN, so2: Number.NaN } : smoke) },
      [],
    ],
  ])('%s', (_, story, want) => {
    expect(told(stationRise, story)).toEqual(want);
  });
});
