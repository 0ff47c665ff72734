// High emitters: their share against the usual one, by class.

import { expect, test } from 'vitest';
import type { Source } from '../../../../engine/schema/register.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { vehicleWatcher } from '../../../../engine/stages/correlate/vehicleHigh.ts';
import { type EventRow, watch } from '../../../harness/events.ts';

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
