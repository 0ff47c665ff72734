import { describe, expect, test } from 'vitest';
import { ConfigError, configFrom, pipelineOptions } from '../../engine/config.ts';
import { Quality } from '../../engine/schema/batch.ts';
import { catalog } from '../../engine/schema/catalog.ts';
import { cleanStage } from '../../engine/stages/clean/clean.ts';
import { batchOf } from '../harness/batches.ts';

const place = { code: 'C', zh: 'C', en: 'C', lon: 0, lat: 0 };
const stageOptions = (settings: Readonly<Record<string, unknown>>) =>
  pipelineOptions(configFrom(settings), { city: place, districts: [], enterprises: [], townships: [], inspectors: [] });

describe('the range of a metric', () => {
  // Domain report section 5; PM10 is wider, for sand dust.
  test.each([
    ['pm25', -5, 1000],
    ['pm10', -5, 10_000],
    ['so2', -10, 1500],
    ['no2', -10, 800],
    ['o3', -10, 800],
    ['co', -1, 50],
    ['tempC', -30, 50],
    ['rhPct', 0, 100],
    ['pressureHpa', 980, 1060],
    ['windMps', 0, 40],
    ['windFromDeg', 0, 360],
  ])('%s: %d to %d', (id, min, max) => {
    expect(catalog.air.metrics.find((metric) => metric.id === id)).toMatchObject({ min, max });
  });

  /** Good values among these µg/m³ of PM10. */
  function good(settings: Readonly<Record<string, unknown>>, values: readonly number[]): readonly number[] {
    const stage = cleanStage(stageOptions(settings).clean);
    const batch = batchOf(
      'air',
      values.map((value, i) => ({ source: 0, eventMs: 1.7e12 + i * 1_000, values: { pm10: value * 10 } })),
    );
    stage.next({ type: 'rows', batch });
    stage.next({ type: 'tick', nowMs: 1.7e12 + 60_000 });
    return values.filter((_, i) => batch.quality[1][i] === Quality.good);
  }

  test("is the catalog's, or what the option says; limits belong to it", () => {
    const values = [-5.1, -5, 0, 2_000, 2_000.1, 10_000, 10_000.1];
    expect(good({}, values)).toEqual([-5, 0, 2_000, 2_000.1, 10_000]);
    expect(good({ 'range.air.pm10': '0..2000' }, values)).toEqual([0, 2_000]);
    expect(good({ 'range.dust.pm10': '0..2000' }, values)).toHaveLength(5);
  });

  test('is recorded with the options', () => {
    expect(stageOptions({ 'range.air.pm10': '0..2000' }).clean.ranges).toEqual({ 'air.pm10': [0, 2_000] });
  });

  test.each([
    ['range.air.pm99', '0..1', /allowed: range.air. with one of pm25, pm10/],
    ['range.water.pm10', '0..1', /allowed: range.KIND.METRIC with KIND of air, cems/],
    ['range.pm10', '0..1', /range.KIND.METRIC/],
    ['range.air.pm10', 2000, /two numbers, as in -5..5000/],
    ['range.air.pm10', '5..1', /two numbers/],
    ['range.air.pm10', '..1', /two numbers/],
  ])('%s=%s is refused', (key, value, words) => {
    expect(() => configFrom({ [key]: value })).toThrow(ConfigError);
    expect(() => configFrom({ [key]: value })).toThrow(words);
  });
});

test('a night that does not end is refused', () => {
  expect(() => configFrom({ driftFromHour: 5 })).toThrow(/driftFromHour < driftToHour/);
});
