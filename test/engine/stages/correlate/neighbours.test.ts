// Who stands near whom.

import { expect, test } from 'vitest';
import type { Source } from '../../../../engine/schema/register.ts';
import { neighboursOf } from '../../../../engine/stages/correlate/neighbours.ts';

const at = (id: string, lon?: number, lat?: number, national?: boolean): Source => ({
  kind: 'air',
  id,
  zh: id,
  district: '131102',
  lon,
  lat,
  national,
});
// 0.01° of latitude is 1.11 km.
const sources = [
  at('a', 115.6, 37.7),
  at('b', 115.6, 37.71),
  at('c', 115.6, 37.69),
  at('far', 115.6, 38.7),
  at('none'),
  at('n', 115.6, 37.704, true),
];
const indexes = (options: Parameters<typeof neighboursOf>[1]) =>
  neighboursOf(sources, options).map((list) => list.map(({ index }) => index));

test('the nearest come first, equal ones by number, and only within reach', () => {
  expect(indexes({ most: 8, withinKm: 10 })).toEqual([[5, 1, 2], [5, 0, 2], [0, 5, 1], [], [], [0, 1, 2]]);
});

test('no more than asked for', () => {
  expect(indexes({ most: 1, withinKm: 1000 })[0]).toEqual([5]);
});

test('a source that does not count has neighbours and is none', () => {
  expect(indexes({ most: 8, withinKm: 10, counts: ({ national }) => national !== true })[5]).toEqual([0, 1, 2]);
  expect(indexes({ most: 8, withinKm: 10, counts: ({ national }) => national !== true })[0]).toEqual([1, 2]);
});

test('distances are in km', () => {
  expect(neighboursOf(sources, { most: 8, withinKm: 10 })[0][1].km).toBeCloseTo(1.112, 3);
});
