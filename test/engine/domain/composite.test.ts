import { expect, test } from 'vitest';
import { fromBeijing } from '../../../engine/domain/calendar.ts';
import { compositeIndex, compositeLimits, dailyValue, dailyValues, percentile } from '../../../engine/domain/composite.ts';
import { pollutantIds } from '../../../engine/schema/window.ts';

test.each(compositeLimits)('every pollutant at its limit gives 6 (limits from $fromMs)', ({ fromMs, limits }) => {
  const days = Object.fromEntries(pollutantIds.map((id) => [id, [limits[id], limits[id], Number.NaN]]));
  expect(compositeIndex(days as never, Number.isFinite(fromMs) ? fromMs : 0)).toMatchObject({ index: 6, validDays: 2 });
});

test('a pollutant without a valid day gives no index', () => {
  const days = { so2: [1], no2: [1], pm10: [1], co: [Number.NaN], o3: [1], pm25: [1] };
  expect(compositeIndex(days, 0).index).toBeNaN();
});

test.each([
  [[1, 2, 3, 4, 5], 0.9, 4.6],
  [[5], 0.95, 5],
  [[3, 1, 2], 0.5, 2],
])('percentile of %j at %d is %d', (values, share, want) => {
  expect(percentile(values, share)).toBeCloseTo(want, 12);
});

test('no values have no percentile', () => {
  expect(percentile([], 0.9)).toBeNaN();
});

test('a day needs 20 hours; O3 needs 14 eight-hour means unless it exceeds anyhow', () => {
  const hours = (valid: number, value = 50) => Array.from({ length: 24 }, (_, i) => (i < valid ? value : Number.NaN));
  expect(dailyValue('pm25', hours(20))).toBe(50);
  expect(dailyValue('pm25', hours(19))).toBeNaN();
  expect(dailyValue('o3', hours(19))).toBe(50); // means that end at 8 … 21: 14
  expect(dailyValue('o3', hours(18))).toBeNaN();
  expect(dailyValue('o3', hours(10, 200))).toBe(200);
});

test('days are Beijing days', () => {
  const from = fromBeijing(2026, 1, 5);
  const days = dailyValues((_, startMs) => (startMs < from + 24 * 3_600_000 ? 10 : 20), ['pm25'], from, from + 48 * 3_600_000);
  expect(days.pm25).toEqual([10, 20]);
});
