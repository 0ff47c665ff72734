// A dust site minutes after its dust rises: against what it usually gives off at this work and wind, and against the county.

import { expect, test } from 'vitest';
import type { Finding } from '../../../../engine/schema/finding.ts';
import type { Source } from '../../../../engine/schema/register.ts';
import { districtHours } from '../../../../engine/stages/correlate/districtHours.ts';
import { dustRise } from '../../../../engine/stages/correlate/dustRise.ts';
import { incidentKeeper } from '../../../../engine/stages/correlate/incidents.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { stepRun } from '../../../../engine/stages/correlate/steps.ts';
import { placeBatchOf } from '../../../harness/places.ts';
import { inShort, put, type TestWindow, testSeries } from '../../../harness/windowSteps.ts';

const hourMs = 3_600_000;
const fiveMs = 300_000;
/** Midnight in Beijing is 16 h UTC. */
const midnight = 480_016;
const place = { district: '131102', lon: 115.7, lat: 37.7 };
const site: Source = { kind: 'dust', id: 'D', zh: '工地', ...place };
const station = (id: string, km: number): Source => ({ kind: 'air', id, zh: '站', ...place, lat: place.lat + km / 111 });

interface Part {
  readonly pm10?: number;
  readonly pm25?: number;
  readonly tsp?: number;
  readonly db?: number;
  readonly windMps?: number;
  /** At the two stations around, or at each of them; and at a third that stands beside the site. */
  readonly around?: number | readonly [number, number];
  readonly beside?: number;
  /** And what they turn out to have shown, three steps later. */
  readonly aroundAfterAll?: number;
  /** The site's comes so many steps later. */
  readonly late?: number;
}

const work = { pm10: 250, db: 66 };
const many = { pm10: 1000, db: 66 };

const dustWindow = ({ pm10 = Number.NaN, pm25 = 20, tsp = 10_000, db = 45, windMps = 1.4 }: Part): TestWindow => ({
  kind: 'dust',
  source: 0,
  values: { pm10, pm25, tsp, noiseDb: db, windMps },
});

/** Two days with eight hours of work each; then the third day from the first hour of work on, five minutes by five minutes. */
function told(third: readonly Part[], { usual = work, county = 50 }: { usual?: Part; county?: number } = {}): Finding[] {
  const { fives, hours } = testSeries();
  const districts = districtHours(72);
  const detector = dustRise({ fives, hours }, districts, defaultRules);
  detector.setSources('dust', 0, [site]);
  detector.setSources('air', 0, [station('A1', 5), station('A2', -8), station('A3', 1)]);
  const run = stepRun(detector, fives);
  function putHour(hour: number): void {
    const isWork = hour % 24 >= 8 && hour % 24 < 16;
    put(hours, midnight + hour, dustWindow(isWork ? usual : { pm10: 60 }));
    districts.take(placeBatchOf([{ place: '131102', step: midnight + hour, means: { pm10: county, pm25: 20 } }]));
  }
  for (let hour = 0; hour < 56; hour++) putHour(hour);
  const first = (midnight + 56) * 12;
  const found: Finding[] = [];
  const putStations = (step: number, value: number | readonly [number, number], beside: number) =>
    [...(typeof value === 'number' ? [value, value] : value), beside].flatMap((pm10, source) =>
      put(fives, step, { kind: 'air', source, values: { pm10, pm25: 20 } }, run.judged),
    );
  third.forEach((_, i) => {
    if (i > 0 && i % 12 === 0) putHour(55 + i / 12);
    const touched = third.flatMap(({ around = county, beside = county, aroundAfterAll, late = 0, ...part }, of) => [
      ...(of + late === i ? put(fives, first + of, dustWindow(part), run.judged) : []),
      ...(of === i ? putStations(first + of, around, beside) : []),
      ...(of + 3 === i && aroundAfterAll !== undefined ? putStations(first + of, aroundAfterAll, beside) : []),
    ]);
    found.push(...run.advance(first + i, touched, (first + i + 1) * fiveMs));
  });
  return found;
}

const times = (count: number, part: Part): Part[] => Array.from({ length: count }, () => part);
const short = (found: readonly Finding[]) => inShort(found, (midnight + 56) * hourMs);

test.each<[string, readonly Part[], readonly string[]]>([
  ['as on other days', times(12, work), []],
  ['many times as much', [...times(4, work), ...times(4, many)], ['open 20']],
  ['many times as much from the first work on', times(4, many), ['open 0']],
  ['five minutes of it', [...times(4, work), many, ...times(4, work)], []],
  ['five minutes of it now and then', Array.from({ length: 24 }, (_, i) => (i % 4 === 0 ? many : work)), []],
  ['with one part between that nobody knows', [work, many, {}, many], ['open 5']],
  ['not above the limit of the standard', times(6, { pm10: 129, db: 66 }), []],
  ['more, as the wind is weaker', times(6, { pm10: 600, db: 66, windMps: 0.6 }), []],
  ['as much as work that nobody hears may make', times(6, { pm10: 240, db: 50 }), []],
  ['more than that, while nobody is heard', times(6, { pm10: 400, db: 50 }), ['open 0']],
  ['PM10 above TSP', times(6, { ...many, tsp: 900 }), []],
  ['the stations around rise with it', times(6, { ...many, around: 600 }), []],
  ['a front has reached one of them', times(6, { pm10: 800, db: 66, around: [50, 290] }), []],
  ['no front has', times(6, { pm10: 800, db: 66, around: [50, 50] }), ['open 0']],
  ['a station beside it stands in its dust', times(6, { pm10: 800, db: 66, beside: 290 }), ['open 0']],
  ['a storm comes', times(6, { pm10: 3000, db: 66, around: 400 }), []],
  ['no station around tells', times(6, { ...many, around: Number.NaN }), []],
])('a site by its own habits: %s', (_, third, want) => {
  expect(short(told(third))).toEqual(want);
});

test('a site that hardly gave off anything must be above the limit too', () => {
  expect(short(told(times(6, { pm10: 120, db: 66 }), { usual: { pm10: 60, db: 66 } }))).toEqual([]);
  expect(short(told(times(6, { pm10: 400, db: 66 }), { usual: { pm10: 60, db: 66 } }))).toEqual(['open 0']);
});

test('the county is in a storm since an hour', () => {
  expect(short(told(times(6, { pm10: 3000, db: 66 }), { county: 400 }))).toEqual([]);
});

test('dust that is sprayed away and comes again within half an hour is one finding', () => {
  const again = [...times(3, many), ...times(5, work), ...times(3, many), ...times(7, work)];
  expect(short(told(again))).toEqual(['closed 0-85']);
});

test('missing data closes nothing', () => {
  expect(short(told([...times(3, many), ...times(20, {})]))).toEqual(['open 0']);
});

test('parts that come late end in the same', () => {
  const late = told([work, { ...many, late: 5 }, many, work, work, work, work]);
  expect(short(late)).toEqual(['open 5']);
  expect(late.map(({ state }) => state)).toEqual(['open']);
});

test('stations that come late take it back', () => {
  const late = told([...times(2, { ...many, aroundAfterAll: 600 }), ...times(4, work)]);
  expect(late.map(({ state, revision }) => [state, revision])).toEqual([
    ['open', 0],
    ['corrected', 1],
  ]);
});

test('the standard raises its incident, and opens no other', () => {
  const [rise] = told(times(2, many));
  const keeper = incidentKeeper({
    dispatchMs: 300_000,
    feedbackMs: 3 * hourMs,
    joinMs: hourMs,
    joinKm: 1.5,
    causeScore: 0.6,
    townships: [],
    townshipOf: {},
  });
  keeper.advance([rise], rise.foundMs);
  const hour = { ...rise, id: `dust-exceedance:D:${rise.openedMs}`, rule: 'dust-exceedance', severity: 'warning' } as const;
  const [incident] = keeper.advance([hour], rise.foundMs + hourMs);
  expect([incident.revision, incident.severity, incident.rule]).toEqual([1, 'warning', 'dust-exceedance']);
  expect(incident.parts.map(({ rule }) => rule).sort()).toEqual(['dust-exceedance', 'dust-rise']);
});

test('the evidence: the site, the hour before in its county, and how many times its usual', () => {
  const [{ severity, candidates, evidence, sources }] = told(times(2, many));
  expect([severity, sources, candidates]).toEqual(['notice', ['D'], [{ id: 'D', score: 1, reasons: ['ownMonitor'] }]]);
  expect(evidence.map(({ says, source, value, limit }) => [says, source, value, limit])).toEqual([
    ['siteMinutes', 'D', 1000, 130],
    ['countyHourBefore', '131102', 50, undefined],
    ['highestStation', 'A1', 50, undefined],
    ['timesUsualDust', 'D', 4.8, 3.2],
  ]);
});
