// Instruments that cannot be right.

import { expect, test } from 'vitest';
import { Flag } from '../../../../engine/schema/flags.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import {
  sensorGaps,
  sensorInversion,
  sensorSpikes,
  siteConstant,
  stationConstant,
} from '../../../../engine/stages/correlate/sensorFaults.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { findingsOver, inShort, type LateWindow, named, put } from '../../../harness/windowSteps.ts';

const noise = (step: number, size: number) => size * Math.sin(step * 2.399);
type Values = Readonly<Record<string, number>>;
const series = (size: '1m' | '5m') => windowSeries({ size, steps: size === '1m' ? 240 : 72, kinds: ['air', 'dust'] });

const usual = (minute: number): Values => ({
  pm25: 50 + noise(minute, 6),
  pm10: 80 + noise(minute + 1, 8),
  so2: 15 + noise(minute + 2, 3),
  no2: 40 + noise(minute + 3, 4),
  o3: 30 + noise(minute + 4, 4),
  co: 0.6 + noise(minute + 5, 0.05),
  tempC: 4 + noise(minute + 6, 0.2),
  rhPct: 50 + noise(minute + 7, 1.5),
});

/** Four hours; what is found, in minutes. */
function constant(kind: 'air' | 'dust', own: (minute: number) => Values): readonly string[] {
  const [minutes, fives] = [series('1m'), series('5m')];
  const detector = (kind === 'air' ? stationConstant : siteConstant)({ minutes }, defaultRules);
  detector.setSources(kind, 0, named(kind, 'S'));
  const found = findingsOver(detector, fives, [200, 247], (step) => {
    for (let minute = step * 5; minute < step * 5 + 5; minute++) {
      const { pm25, pm10 } = usual(minute);
      const base = kind === 'air' ? usual(minute) : { pm25, pm10, tsp: 2 * pm10 };
      put(minutes, minute, { kind, source: 0, values: { ...base, ...own(minute - 1000) } });
    }
    return [];
  });
  return inShort(found, 1000 * 60_000);
}

test.each<[string, (minute: number) => Values, readonly string[]]>([
  ['nothing', () => ({}), []],
  ['PM2.5 for an hour and more', (minute): Values => (minute >= 60 ? { pm25: 47.3 } : {}), ['open 115']],
  ['it moves again', (minute): Values => (minute >= 60 && minute < 140 ? { pm25: 47.3 } : {}), ['closed 115-150']],
  ['a trembling input', (minute): Values => (minute >= 60 ? { pm25: 47.3 + 0.1 * ((minute % 3) - 1) } : {}), ['open 115']],
  ['for less than an hour', (minute): Values => (minute >= 60 && minute < 110 ? { pm25: 47.3 } : {}), []],
  ['SO2 needs two hours', (minute): Values => (minute >= 60 ? { so2: 12.1 } : {}), ['open 175']],
  ['clean air at the lower end', () => ({ so2: 1 }), []],
  ['more than it can show', () => ({ pm10: 500, pm25: 500 }), []],
  ['humidity in a fog', () => ({ rhPct: 100 }), []],
  ['humidity cut at 70 %', () => ({ rhPct: 70 }), ['open 120']],
  [
    'silent',
    () => ({
      pm25: Number.NaN,
      pm10: Number.NaN,
      so2: Number.NaN,
      no2: Number.NaN,
      o3: Number.NaN,
      co: Number.NaN,
      tempC: Number.NaN,
      rhPct: Number.NaN,
    }),
    [],
  ],
])('a station standing still: %s', (_, own, want) => {
  expect(constant('air', own)).toEqual(want);
});

test('a dust site standing still', () => {
  expect(constant('dust', () => ({}))).toEqual([]);
  expect(constant('dust', (minute): Values => (minute >= 60 ? { pm10: 133.1 } : {}))).toEqual(['open 115']);
});

function minutesOf(make: typeof sensorSpikes, own: (minute: number) => Omit<LateWindow, 'kind' | 'source'>): readonly string[] {
  const minutes = series('1m');
  const detector = make(minutes, defaultRules);
  detector.setSources('air', 0, named('air', 'S'));
  const found = findingsOver(detector, minutes, [1000, 1200], (step) => [{ kind: 'air', source: 0, ...own(step - 1000) }]);
  return inShort(found, 1000 * 60_000);
}

test.each<[string, (minute: number) => Values, readonly string[]]>([
  ['four in two hours', (minute): Values => (minute % 30 === 20 ? { pm25: 300 } : {}), ['open 24']],
  ['three in two hours', (minute): Values => (minute % 30 === 20 && minute < 100 ? { pm25: 300 } : {}), []],
  ['a plume', (minute): Values => (minute >= 60 && minute < 100 ? { pm25: 300, pm10: 400 } : {}), []],
  ['noise', () => ({}), []],
])('spikes: %s', (_, own, want) => {
  expect(minutesOf(sensorSpikes, (minute) => ({ values: { ...usual(minute), ...own(minute) } }))).toEqual(want);
});

test.each<[string, (minute: number) => number, readonly string[]]>([
  ['none', () => 0, []],
  ['for a quarter of an hour', (minute) => (minute >= 20 && minute < 35 ? Flag.inversion : 0), ['closed 20-65']],
  ['for a few minutes', (minute) => (minute >= 20 && minute < 25 ? Flag.inversion : 0), []],
])('PM2.5 above PM10: %s', (_, flag, want) => {
  expect(minutesOf(sensorInversion, (minute) => ({ values: { pm25: 50, pm10: 40 }, flags: { pm25: flag(minute) } }))).toEqual(
    want,
  );
});

test.each<[string, (step: number) => number | undefined, readonly string[]]>([
  ['all rows', () => 300_000, []],
  ['a usual gap', (step) => (step % 20 === 0 ? 120_000 : 300_000), []],
  ['half of the rows', () => 150_000, ['open 85']],
  ['one long gap', (step) => (step >= 30 && step < 44 ? undefined : 300_000), []],
])('rows of a station: %s', (_, captureMs, want) => {
  const fives = series('5m');
  const detector = sensorGaps(fives, defaultRules);
  detector.setSources('air', 0, named('air', 'S'));
  const found = findingsOver(detector, fives, [200, 260], (step) => {
    const covered = captureMs(step - 200);
    return covered === undefined ? [] : [{ kind: 'air', source: 0, values: { pm25: 50 }, captureMs: covered }];
  });
  expect(inShort(found, 200 * 300_000)).toEqual(want);
});
