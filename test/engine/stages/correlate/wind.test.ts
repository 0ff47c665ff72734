// The way of the air, backwards from a station.

import { expect, test } from 'vitest';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { wayOfAir } from '../../../../engine/stages/correlate/wind.ts';
import { put } from '../../../harness/windowSteps.ts';

const series = () => windowSeries({ size: '5m', steps: 72, kinds: ['air'] });
const wind = (source: number, windMps: number, windFromDeg: number) =>
  ({ kind: 'air', source, values: { windMps, windFromDeg } }) as const;
const neighbours = [{ index: 1, km: 2 }];

test('a west wind of 2 m/s brings what was 0.6 km west five minutes ago', () => {
  const fives = series();
  for (let step = 90; step <= 100; step++) put(fives, step, wind(0, 2, 270));
  const way = wayOfAir(fives, { station: 0, neighbours: [] }, { step: 100, steps: 3 });
  expect(way.map(({ x, y, ageMs }) => [Math.round(x * 100) / 100, Math.round(y * 100) / 100 + 0, ageMs])).toEqual([
    [0, 0, 0],
    [-0.6, 0, 300_000],
    [-1.2, 0, 600_000],
  ]);
});

test('a wind that has turned bends the way: it is not the present direction', () => {
  const fives = series();
  for (let step = 90; step <= 100; step++) put(fives, step, wind(0, 2, step < 99 ? 180 : 270));
  const { x, y } = wayOfAir(fives, { station: 0, neighbours: [] }, { step: 100, steps: 5 })[4];
  expect([x, y].map((km) => Math.round(km * 10) / 10)).toEqual([-1.2, -1.2]);
});

test('neighbours count as much as the station, gaps do not count', () => {
  const fives = series();
  put(fives, 100, wind(0, 2, 270));
  put(fives, 100, wind(1, 2, 0));
  const both = wayOfAir(fives, { station: 0, neighbours }, { step: 100, steps: 2 })[1];
  expect([both.x, both.y].map((km) => Math.round(km * 10) / 10)).toEqual([-0.3, 0.3]);
  put(fives, 100, wind(1, Number.NaN, 0));
  expect(wayOfAir(fives, { station: 0, neighbours }, { step: 100, steps: 2 })[1].x).toBeCloseTo(-0.6, 6);
});

test('where nobody feels a wind the air stands', () => {
  expect(wayOfAir(series(), { station: 0, neighbours }, { step: 100, steps: 3 }).map(({ x, y, mps }) => [x, y, mps])).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
});
