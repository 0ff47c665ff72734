// The districts' hours: the newest revision, for as long as they are kept.

import { expect, test } from 'vitest';
import { type PlaceBatch, pollutantIds } from '../../../../engine/schema/window.ts';
import { districtHours } from '../../../../engine/stages/correlate/districtHours.ts';
import { placeBatchOf } from '../../../harness/places.ts';

const pm10 = pollutantIds.indexOf('pm10');
const hourOf = (step: number, value: number, place = '131102'): PlaceBatch =>
  placeBatchOf([{ place, step, means: { pm10: value } }]);

test('an hour is there from when it is told', () => {
  const hours = districtHours(3);
  expect(hours.mean(pm10, '131102', 5)).toBeNaN();
  expect(hours.take(hourOf(5, 80))).toEqual([{ district: '131102', step: 5 }]);
  expect(hours.mean(pm10, '131102', 5)).toBe(80);
  expect(hours.mean(pm10, '131103', 5)).toBeNaN();
});

test('a later revision replaces it; the same again changes nothing', () => {
  const hours = districtHours(3);
  hours.take(hourOf(5, 80));
  expect(hours.take(hourOf(5, 80))).toEqual([]);
  expect(hours.take(hourOf(5, 90))).toEqual([{ district: '131102', step: 5 }]);
  expect(hours.mean(pm10, '131102', 5)).toBe(90);
});

test('the oldest are forgotten, whatever order they came in', () => {
  const hours = districtHours(2);
  for (const step of [7, 5, 6]) hours.take(hourOf(step, step));
  expect([5, 6, 7].map((step) => hours.mean(pm10, '131102', step))).toEqual([Number.NaN, 6, 7]);
});

test('the city is no district', () => {
  const hours = districtHours(3);
  expect(hours.take({ ...hourOf(5, 80, '131100'), scope: ['city'] })).toEqual([]);
});

test('what was saved does not change with what comes behind', () => {
  const hours = districtHours(3);
  hours.take(hourOf(5, 80));
  const saved = hours.save();
  hours.take(hourOf(5, 90));
  const other = districtHours(3);
  other.restore(saved);
  expect(other.mean(pm10, '131102', 5)).toBe(80);
});
