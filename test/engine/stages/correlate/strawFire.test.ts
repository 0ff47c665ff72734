// Fires from what cameras see: evidence enough, one finding a fire, plants told apart, late rows.

import { describe, expect, test } from 'vitest';
import { Bin } from '../../../../engine/schema/ledger.ts';
import type { Source } from '../../../../engine/schema/register.ts';
import type { CityPlaces } from '../../../../engine/stages/correlate/cityPlaces.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { strawFireWatcher } from '../../../../engine/stages/correlate/strawFire.ts';
import { type EventRow, latest, type WatchCase, watch } from '../../../harness/events.ts';

const minute = 60_000;
const startMs = Date.UTC(2026, 5, 10, 12);
const camera = (id: string, lon: number, lat: number): Source => ({ kind: 'camera', id, zh: id, district: '131102', lon, lat });
const cameras = [camera('CAM-1', 115.6, 37.7), camera('CAM-2', 115.65, 37.7)];
const places: CityPlaces = {
  enterprises: [{ id: 'E-1', lon: 115.6, lat: 37.727, district: '131102', pm: 1, voc: 0 }],
  townships: [{ code: '131102001', district: '131102', lon: 115.61, lat: 37.72 }],
};

interface Wanted {
  readonly bearingDeg?: number;
  readonly rangeKm?: number;
  readonly confidence?: number;
  readonly type?: string;
  readonly source?: number;
  readonly bin?: number;
  readonly late?: number;
}

/** A look of the first camera at 2 km to the east, if nothing else is said. Times are minutes. */
function look(at: number, { source = 0, type = 'fire', bin, late = 0, ...values }: Wanted = {}): EventRow {
  const eventMs = startMs + at * minute;
  const wanted = { bearingDeg: 90, rangeKm: 2, confidence: 0.5, ...values };
  return { source, eventMs, arrivesMs: eventMs + late * minute, values: wanted, text: { type }, bin };
}

function caseOf(rows: readonly EventRow[], minutes: number, rest: Partial<WatchCase> = {}): WatchCase {
  const minutes1 = windowSeries({ size: '1m', steps: 240, kinds: ['air'] });
  const options = { rules: defaultRules, places, minutes: minutes1, settleMs: 2 * minute, isDark: () => false };
  const make = () => strawFireWatcher(options);
  return { make, sources: { camera: cameras }, kind: 'camera', rows, fromMs: startMs, toMs: startMs + minutes * minute, ...rest };
}
const found = (rows: readonly EventRow[], minutes = 20) => latest(watch(caseOf(rows, minutes)));

describe('how much is enough', () => {
  test.each<readonly [string, readonly EventRow[], number]>([
    ['a doubtful look alone', [look(1)], 0],
    ['a sure look at flames', [look(1, { confidence: 0.8 })], 1],
    ['a look that is not quite sure', [look(1, { confidence: 0.799 })], 0],
    ['a sure look at smoke alone', [look(1, { confidence: 0.95, type: 'smoke' })], 0],
    ['the same camera, again', [look(1), look(6)], 1],
    ['the same camera, elsewhere', [look(1), look(6, { bearingDeg: 180 })], 0],
    ['the same camera, half an hour later', [look(1), look(31)], 1],
    ['the same camera, a minute more than that', [look(1), look(32)], 0],
    ['another camera, from the other side', [look(1), look(2, { source: 1, bearingDeg: 270, rangeKm: 2.4 })], 1],
    ['the same row once more', [look(1), { ...look(1), bin: Bin.duplicate }], 0],
    ['a row that was refused', [look(1), look(6, { bin: Bin.rejected })], 0],
    ['a row without a range', [look(1), look(6, { rangeKm: Number.NaN })], 0],
  ])('%s', (_, rows, count) => {
    expect(found(rows, 40).length).toBe(count);
  });
});

test('two cameras make a point where the bearings cross, whatever the ranges', () => {
  const rows = [look(1, { bearingDeg: 45, rangeKm: 3.6 }), look(2, { source: 1, bearingDeg: 315, rangeKm: 2.6 })];
  const [fire] = found(rows);
  expect(fire).toMatchObject({ rule: 'straw-fire', sources: ['CAM-1', 'CAM-2'], openedMs: startMs + minute });
  // Half way between the cameras, 2.2 km north of them.
  expect(fire.place.lon).toBeCloseTo(115.625, 2);
  expect(fire.place.lat).toBeCloseTo(37.7198, 2);
  expect(fire.place).toMatchObject({ district: '131102', township: '131102001' });
});

test('a fire that is seen every five minutes is one finding with one end', () => {
  const rows = Array.from({ length: 12 }, (_, i) => look(1 + 5 * i, { rangeKm: 2 + 0.1 * (i % 3) }));
  const findings = watch(caseOf(rows, 120));
  expect(findings.map(({ state, revision }) => [state, revision])).toEqual([
    ['open', 0],
    ['closed', 1],
  ]);
  expect(findings[1].closedMs).toBe(startMs + 56 * minute);
});

test('nothing closes while the network of the camera is down', () => {
  const rows = [look(1), look(6)];
  const minutes1 = windowSeries({ size: '1m', steps: 240, kinds: ['air'] });
  const options = { rules: defaultRules, places, minutes: minutes1, settleMs: 2 * minute, isDark: () => true };
  const findings = watch(caseOf(rows, 120, { make: () => strawFireWatcher(options) }));
  expect(findings.map(({ state }) => state)).toEqual(['open']);
});

describe('smoke where an enterprise stands', () => {
  const atPlant = { bearingDeg: 0, rangeKm: 3 };
  test('is its smoke, after it has been watched for a while', () => {
    const rows = [look(1, { ...atPlant, type: 'smoke' }), look(4, { ...atPlant, type: 'smoke' })];
    const findings = watch(caseOf(rows, 12));
    expect(findings).toMatchObject([{ rule: 'plant-smoke', enterprise: 'E-1', foundMs: startMs + 6 * minute }]);
    expect(findings[0].candidates).toEqual([{ id: 'E-1', score: 1, reasons: ['place', 'emission'] }]);
  });
  test('with flames is a fire', () => {
    const rows = [look(1, { ...atPlant, type: 'smoke' }), look(5, atPlant)];
    expect(found(rows, 12).map(({ rule }) => rule)).toEqual(['straw-fire']);
  });
  test('with flames that are seen later, what was said of the plant is corrected', () => {
    const rows = [look(1, { ...atPlant, type: 'smoke' }), look(5, { ...atPlant, type: 'smoke' }), look(14, atPlant)];
    expect(watch(caseOf(rows, 16)).map(({ rule, state }) => [rule, state])).toEqual([
      ['plant-smoke', 'open'],
      ['straw-fire', 'open'],
      ['plant-smoke', 'corrected'],
    ]);
  });
});

describe('rows that come late', () => {
  test('find their place: the second look, two hours late', () => {
    const rows = [look(1), look(6, { late: 120 })];
    const findings = watch(caseOf(rows, 140));
    expect(findings).toMatchObject([{ state: 'closed', openedMs: startMs + minute, foundMs: startMs + 126 * minute }]);
  });
  test('seven hours late are passed over', () => {
    expect(watch(caseOf([look(1), look(6, { late: 420 })], 440))).toEqual([]);
  });
  test('the end moves with a look that was under way', () => {
    const rows = [look(1), look(6), look(20, { late: 60 })];
    const findings = watch(caseOf(rows, 100));
    expect(findings.map(({ state, closedMs = Number.NaN }) => [state, (closedMs - startMs) / minute])).toEqual([
      ['open', Number.NaN],
      ['closed', 6],
      ['closed', 20],
    ]);
  });
});

test('a rule that is off says nothing', () => {
  const rules = { ...defaultRules, 'straw-fire': { ...defaultRules['straw-fire'], on: false } };
  const minutes1 = windowSeries({ size: '1m', steps: 240, kinds: ['air'] });
  const make = () => strawFireWatcher({ rules, places, minutes: minutes1, settleMs: 2 * minute, isDark: () => false });
  expect(watch(caseOf([look(1), look(6)], 20, { make }))).toEqual([]);
});
