import { expect, test } from 'vitest';
import { type Candidate, choose } from '../../../../simulator/world/activity/targets.ts';
import type { Pick } from '../../../../simulator/world/episode.ts';
import { hourMs, mondayMs, northWind } from './smallCity.ts';

const at = (index: number, x: number, y: number): Candidate => ({
  index,
  id: `E${index}`,
  names: [`E${index}`, `M${index}`],
  heightM: 30,
  x,
  y,
});
const stations = [
  { x: 0, y: 0 },
  { x: 20_000, y: 0 },
];
const candidates = [at(0, 300, -100), at(1, 250, 3000), at(2, 20_010, 4000), at(3, 5000, 5000), at(4, 0, 100)];

function chosen(pick: Pick, rank = 1, count = 1, extra: { id?: string; seed?: number } = {}) {
  return choose({
    incident: { id: 'X', fromMs: 0, toMs: 4 * hourMs },
    startMs: mondayMs,
    target: { type: 'gas', pick, rank, count, ...(extra.id === undefined ? {} : { id: extra.id }) },
    candidates,
    stations,
    look: northWind,
    seed: extra.seed ?? 1,
    isActive: (index) => index !== 4,
  }).map(({ index }) => index);
}

test.each<[Pick, number, number, readonly number[]]>([
  ['near_station', 1, 2, [4, 0]],
  ['near_station', 3, 1, [1]],
  ['downwind_station', 1, 2, [2, 1]], // 10 m and 250 m beside the line; E4 is too near, E0 has its station upwind
  ['seen', 1, 1, [2]], // E4 would reach more, but is at rest
])('%s from rank %d, %d of them: %j', (pick, rank, count, want) => {
  expect(chosen(pick, rank, count)).toEqual(want);
});

test('an id of the enterprise or of its source goes before any pick', () => {
  expect(chosen('seen', 1, 1, { id: 'M3' })).toEqual([3]);
  expect(chosen('seen', 1, 1, { id: 'nobody' })).toEqual([]);
});

test('chance depends on the seed, ranks and counts cut one order', () => {
  const all = chosen('random', 1, 5);
  expect([...all].sort()).toEqual([0, 1, 2, 3, 4]);
  expect(chosen('random', 2, 2)).toEqual(all.slice(1, 3));
  const others = [2, 3, 4, 5].map((seed) => chosen('random', 1, 5, { seed }));
  expect(others.some((other) => other.join() !== all.join())).toBe(true);
});
