// Dust sites: the standard's own arithmetic, the third hour of a day, and what a site usually gives off.

import { expect, test } from 'vitest';
import type { Finding } from '../../../../engine/schema/finding.ts';
import type { Source } from '../../../../engine/schema/register.ts';
import { districtHours } from '../../../../engine/stages/correlate/districtHours.ts';
import { dustExceedance, dustViolation } from '../../../../engine/stages/correlate/dust.ts';
import { defaultRules, type Rules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { stepRun } from '../../../../engine/stages/correlate/steps.ts';
import { placeBatchOf } from '../../../harness/places.ts';
import { put } from '../../../harness/windowSteps.ts';

const hourMs = 3_600_000;
/** Midnight in Beijing is 16 h UTC. */
const midnight = 480_016;
const site: Source = { kind: 'dust', id: 'D', zh: '工地', district: '131102', lon: 115.7, lat: 37.7 };
const alone: Rules = { ...defaultRules, 'dust-exceedance': { ...defaultRules['dust-exceedance'], timesUsual: 0 } };

interface Hour {
  readonly pm10?: number;
  readonly pm25?: number;
  readonly tsp?: number;
  readonly county?: number;
  readonly countyFine?: number;
  readonly db?: number;
  readonly captureMs?: number;
  /** The county's hour comes so many hours later; absent: with the site's. */
  readonly late?: number;
  /** Of the hour's twelve parts. */
  readonly parts?: readonly number[];
}

/** Hours from midnight on. */
function told(hours: readonly Hour[], rules = alone, make: typeof dustExceedance = dustExceedance): Map<string, Finding> {
  const series = {
    fives: windowSeries({ size: '5m', steps: 72, kinds: ['dust'] }),
    hours: windowSeries({ size: '1h', steps: 72, kinds: ['dust'] }),
  };
  const districts = districtHours(72);
  const detector = make(series, districts, rules);
  detector.setSources('dust', 0, [site]);
  const run = stepRun(detector, series.hours);
  const found = new Map<string, Finding>();
  hours.forEach((_, h) => {
    const now = midnight + h;
    const { pm10, pm25 = 20, tsp = 10_000, db = 60, captureMs, parts = [] } = hours[h];
    for (const [i, part] of parts.entries()) put(series.fives, now * 12 + i, { kind: 'dust', source: 0, values: { pm10: part } });
    if (pm10 !== undefined)
      put(series.hours, now, { kind: 'dust', source: 0, values: { pm10, pm25, tsp, noiseDb: db, windMps: 1.4 }, captureMs });
    const touched = hours.flatMap(({ county, countyFine: fine = 20, late = 0 }, each) =>
      county === undefined || each + late !== h
        ? []
        : districts
            .take(placeBatchOf([{ place: '131102', step: midnight + each, means: { pm10: county, pm25: fine } }]))
            .filter(({ step }) => step <= run.judged)
            .map(({ step }) => ({ kind: 'dust', source: 0, step }) as const),
    );
    for (const each of run.advance(now, touched, (now + 1) * hourMs)) found.set(each.id, each);
  });
  return found;
}

const inShort = (found: ReadonlyMap<string, Finding>) =>
  [...found.values()].map(({ openedMs, closedMs, severity, state }) =>
    [state, severity, openedMs / hourMs - midnight, closedMs === undefined ? '' : closedMs / hourMs - midnight].join(' ').trim(),
  );

test.each<[string, Hour, boolean]>([
  ['240 over 180, which counts as 150', { pm10: 240, county: 180 }, true],
  ['240 over 170', { pm10: 240, county: 170 }, true],
  ['225 over 150', { pm10: 225, county: 150 }, false],
  ['the limit itself', { pm10: 180, county: 100 }, false],
  ['a little more than the limit', { pm10: 180.5, county: 100 }, true],
  ['less than 45 minutes', { pm10: 500, county: 100, captureMs: 44 * 60_000 }, false],
  ['45 minutes', { pm10: 500, county: 100, captureMs: 45 * 60_000 }, true],
  ['no county', { pm10: 500 }, false],
  ['no site', { county: 100 }, false],
  ['a county without a mean', { pm10: 500, county: Number.NaN }, false],
])('the standard: %s', (_, hour, is) => {
  expect(told([hour]).size).toBe(is ? 1 : 0);
});

test('the county comes behind the site, and again with another value', () => {
  expect(inShort(told([{ pm10: 240, county: 100, late: 3 }, {}, {}, {}]))).toEqual(['open warning 0']);
  const series = [{ pm10: 240, county: 100 }, {}, {}] as const;
  expect(inShort(told(series))).toEqual(['open warning 0']);
});

test('hours around the limit are one finding', () => {
  const plateau = Array.from({ length: 20 }, (_, h) => ({ pm10: h % 2 === 0 ? 190 : 170, county: 100 }));
  const quiet = Array.from({ length: 3 }, () => ({ pm10: 110, county: 100 }));
  expect(inShort(told([...plateau, ...quiet]))).toEqual(['closed warning 0 22']);
});

test('the third hour of a Beijing day is a violation, and the next day begins anew', () => {
  const above = { pm10: 300, county: 100 };
  const below = { pm10: 110, county: 100 };
  const day = [above, above, ...Array.from({ length: 20 }, () => below), above, below];
  expect(inShort(told(day, alone, dustViolation))).toEqual(['open serious 22']);
  const twice = [above, above, ...Array.from({ length: 22 }, () => below), above, above];
  expect(inShort(told(twice, alone, dustViolation))).toEqual([]);
});

test('the evidence says which hour of the day it is', () => {
  const above = { pm10: 300, county: 100 };
  const below = { pm10: 110, county: 100 };
  const last = [...told([above, below, below, above]).values()].at(-1);
  expect(last?.evidence.map(({ says, value, limit }) => [says, value, limit])).toEqual([
    ['siteHour', 300, 180],
    ['countyHour', 100, undefined],
    ['exceedancesOfDay', 2, 2],
  ]);
});

/** Eight quiet hours, eight of work, eight quiet ones; two days of it, and then `third` from the first hour of work on. */
function days(work: Hour, third: readonly Hour[]): readonly Hour[] {
  const quiet = { pm10: 60, county: 50, db: 45 };
  const eight = (hour: Hour) => Array.from({ length: 8 }, () => hour);
  const day = [...eight(quiet), ...eight({ county: 50, ...work }), ...eight(quiet)];
  return [...day, ...day, ...eight(quiet), ...third.map((hour) => ({ county: 50, ...hour }))];
}

test.each<[string, Hour, readonly Hour[], readonly string[]]>([
  ['as on other days', { pm10: 250 }, [{ pm10: 300 }, { pm10: 320 }], []],
  ['many times as much', { pm10: 250 }, [{ pm10: 1000 }], ['open warning 56']],
  ['as much more as the work is louder', { pm10: 100, db: 58 }, [{ pm10: 150, db: 68 }], []],
  ['nothing to compare with', { pm10: 60, db: 45 }, [{ pm10: 1000 }], []],
  ['many times, in a dust storm', { pm10: 250 }, [{ pm10: 1500, county: 400 }], []],
  ['many times, but PM10 above TSP', { pm10: 250 }, [{ pm10: 1000, tsp: 900 }], []],
  [
    'a few minutes of it',
    { pm10: 250 },
    [{ pm10: 1000, parts: [...Array.from({ length: 9 }, () => 100), 5000, 4000, 4000] }],
    [],
  ],
  ['all of it', { pm10: 250 }, [{ pm10: 1000, parts: Array.from({ length: 12 }, () => 1000) }], ['open warning 56']],
])('a site by its own habits: %s', (_, work, third, want) => {
  expect(inShort(told(days(work, third), defaultRules))).toEqual(want);
});
