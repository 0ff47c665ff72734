import { expect, test } from 'vitest';
import { metricIndex } from '../../../engine/schema/catalog.ts';
import { flagsOf } from '../../../engine/schema/flags.ts';
import type { EngineItem } from '../../../engine/schema/flow.ts';
import type { Source } from '../../../engine/schema/register.ts';
import type { PlaceBatch, WindowBatch } from '../../../engine/schema/window.ts';
import { airStage } from '../../../engine/stages/air/air.ts';
import { windowStage } from '../../../engine/stages/window/window.ts';
import { batchOf } from '../../harness/batches.ts';
import { testOptions } from '../../harness/outputs.ts';
import { verifyStage } from '../../harness/verifyStage.ts';

const hourMs = 3_600_000;
const t0 = Date.parse('2026-01-05T00:00:00+08:00');
const station = (id: string, lon: number | undefined, national = false): Source => ({
  ...{ kind: 'air', id, zh: id, district: '1', national },
  ...(lon === undefined ? {} : { lon, lat: 37.7 }),
});
// The standard station, one 2 km away, one 40 km away, one without a place.
const sources = [station('S', 115.7, true), station('near', 115.72), station('far', 116.15), station('nowhere', undefined)];

/** `days` of hourly rows; micro stations read `ratio` times what the standard station reads. */
function run(days: number, ratio: number, settings: Readonly<Record<string, unknown>> = {}) {
  const options = testOptions({ edition: 'hj633-2012', ...settings }, 'C', ['1']);
  const items = (): EngineItem[] => [
    { type: 'command', command: { name: 'sources', kind: 'air', first: 0, sources } },
    ...Array.from({ length: days * 24 }, (_, hour): EngineItem[] => [
      {
        type: 'rows',
        batch: batchOf(
          'air',
          sources.map((_, source) => ({
            source,
            eventMs: t0 + hour * hourMs,
            periodMs: hourMs,
            values: { pm25: Math.round(600 * (source === 0 ? 1 : ratio)), co: 1000 },
          })),
        ),
      },
      { type: 'tick', nowMs: t0 + (hour + 1) * hourMs + 180_000 },
    ]).flat(),
  ];
  const out = verifyStage(() => [windowStage(options.window), airStage(options.air)], items);
  const hours = out.filter((item): item is WindowBatch => item.type === 'windows' && item.size === '1h');
  const drifting = (metric: string) =>
    hours.flatMap(({ rows, source, startMs, metrics }) =>
      Array.from({ length: rows }, (_, i) => i)
        .filter((i) => flagsOf(metrics[metricIndex('air', metric)].flags[i]).includes('drift'))
        .map((i) => `${sources[source[i]].id} ${(startMs[i] - t0) / hourMs}`),
    );
  const places = out.filter((item): item is PlaceBatch => item.type === 'places');
  return { drifting, places };
}

test('a station that reads too high at night is flagged once three nights say so; far ones are not judged', () => {
  const { drifting } = run(4, 1.5);
  expect(drifting('pm25')[0]).toBe('near 53'); // 05:00 of the third day
  expect(drifting('pm25').every((each) => each.startsWith('near '))).toBe(true);
  expect(drifting('pm25')).toHaveLength(4 * 24 - 53);
  expect(drifting('co')).toEqual([]);
});

test('within the band nothing is flagged', () => {
  expect(run(4, 1.3).drifting('pm25')).toEqual([]);
});

test('a drifting station leaves its district only where the rule says so', () => {
  const stationsAt = (settings: Readonly<Record<string, unknown>>) => run(4, 1.5, settings).places.at(-1)?.mean[5][0];
  expect(stationsAt({})).toBeCloseTo((60 + 3 * 90) / 4);
  expect(stationsAt({ drift: 'leave-out' })).toBeCloseTo((60 + 2 * 90) / 3);
});
