// High emitters: their share against the usual one, by class.

import { expect, test } from 'vitest';
import type { Source } from '../../../../engine/schema/register.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { vehicleWatcher } from '../../../../engine/stages/correlate/vehicleHigh.ts';
import { type EventRow, watch } from '../../../harness/events.ts';
import { put } from '../../../harness/windowSteps.ts';

const minute = 60_000;
const hour = 60 * minute;
const startMs = Date.UTC(2026, 2, 10, 0);
const gates: readonly Source[] = [{ kind: 'vehicle', id: 'V-1', zh: '', district: '131102', lon: 115.6, lat: 37.7 }];

/** 120 vehicles an hour; `highs` of 100 in the hour are high emitters; `trucks`: of 100. */
function traffic(hours: number, highs: (hour: number) => number, trucks: (hour: number) => number = () => 0): EventRow[] {
  return Array.from({ length: hours * 120 }, (_, i) => {
    const at = Math.floor(i / 120);
    // Spread over the hour, the same in each.
    const isHigh = (i * 37) % 100 < highs(at);
    const isTruck = (i * 37) % 100 < trucks(at);
    const name = isTruck ? 'heavy diesel truck' : 'petrol car';
    const eventMs = startMs + 10 * minute + i * 30_000;
    return {
      source: 0,
      eventMs,
      values: { co: isHigh ? 3 : 0.1, hc: 30, no: 60, opacity: 0.02 },
      text: { class: name },
      id: `${i}`,
    };
  });
}

function found(rows: readonly EventRow[], hours: number) {
  const minutes = windowSeries({ size: '1m', steps: 240, kinds: ['air'] });
  const make = () => vehicleWatcher({ rules: defaultRules, minutes });
  const toMs = startMs + hours * hour;
  return watch({ make, sources: { vehicle: gates }, kind: 'vehicle', rows, fromMs: startMs, toMs, everyMs: 10 * minute });
}

test('an hour with far more than usual is one finding with one end', () => {
  const findings = found(
    traffic(20, (at) => (at === 14 || at === 15 ? 40 : 5)),
    20,
  );
  expect(findings.map(({ state }) => state)).toEqual(['open', 'closed']);
  expect(findings[0]).toMatchObject({ rule: 'vehicle-high', unit: 'V-1', place: { district: '131102' } });
  expect(findings[0].foundMs - startMs).toBeLessThan(15.2 * hour);
  const [share] = findings[0].evidence;
  expect(share.value).toBeGreaterThan(2 * (share.limit as number));
});

test('a little more than usual is nothing', () => {
  expect(
    found(
      traffic(20, (at) => (at === 14 ? 9 : 5)),
      20,
    ),
  ).toEqual([]);
});

test('before it is known what is usual nothing is said', () => {
  expect(
    found(
      traffic(9, (at) => (at >= 7 ? 60 : 5)),
      9,
    ),
  ).toEqual([]);
});

test('more trucks, which are high emitters more often, are nothing', () => {
  // All trucks and nothing else are high: 10 % by day, 40 % in the night.
  const trucks = (at: number) => (at >= 14 ? 40 : 10);
  expect(found(traffic(20, trucks, trucks), 20)).toEqual([]);
});

test('a gap in a value is not high', () => {
  const rows = traffic(20, () => 5).map((row, i) => (i % 2 === 0 ? { ...row, values: { ...row.values, hc: Number.NaN } } : row));
  expect(found(rows, 20)).toEqual([]);
});

test('a station beside the road: how much of what it shows above its neighbours the high emitters may be', () => {
  const stations = Array.from({ length: 5 }, (_, i): Source => {
    return { kind: 'air', id: `S-${i}`, zh: '', district: '131102', lon: 115.6 + i * 0.05, lat: 37.71 };
  });
  const minutes = windowSeries({ size: '1m', steps: 1440, kinds: ['air'] });
  // The first one is 1.1 km from the gate.
  for (let step = startMs / minute; step < startMs / minute + 20 * 60; step++)
    stations.forEach((_, source) => {
      put(minutes, step, { kind: 'air', source, values: { no2: source === 0 ? 90 : 40 + source, co: 1 } });
    });
  const make = () => vehicleWatcher({ rules: defaultRules, minutes });
  const rows = traffic(20, (at) => (at === 14 ? 40 : 5)).map((row) => ({
    ...row,
    values: { ...row.values, no: row.values.co > 1 ? 600 : 100 },
  }));
  const toMs = startMs + 16 * hour;
  const sources = { vehicle: gates, air: stations };
  const [finding] = watch({ make, sources, kind: 'vehicle', rows, fromMs: startMs, toMs, everyMs: 10 * minute });
  const no2 = finding.evidence.filter(({ metric }) => metric === 'no2');
  expect(no2.map(({ source, value, limit, says }) => [source, value, limit, says])).toEqual([
    ['S-0', 90, undefined, 'stationBesideRoad'],
    ['S-0', expect.any(Number), 47.5, 'highEmittersOfRise'],
  ]);
  // Of 100 vehicles `high` at 600 ppm, the others at 100: as many as the finding itself says.
  const high = finding.evidence[0].value;
  expect(no2[1].value).toBeCloseTo((47.5 * high * 600) / (high * 600 + (100 - high) * 100), 0);
  // CO is as it is everywhere: nothing that rose, nothing to share out.
  expect(finding.evidence.filter(({ metric }) => metric === 'co').map(({ says }) => says)).toEqual(['stationBesideRoad']);
});
