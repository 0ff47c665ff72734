// Units by name: what is kept of each is at its new number.

import { describe, expect, test } from 'vitest';
import { renumbered } from '../../../../engine/stages/correlate/renumbered.ts';

const saved = { units: ['a', 'b', 'c'], capacity: 16, states: new Uint16Array(32), spans: [] };
for (let unit = 0; unit < 3; unit++) {
  saved.states[unit] = 10 + unit;
  saved.states[16 + unit] = 20 + unit;
}
const columns = ({ states, capacity }: { states: Uint16Array; capacity: number }, units: number) =>
  [0, capacity].map((at) => [...states.slice(at, at + units)]);

describe('what was saved', () => {
  test.each([
    ['of the same units stays as it is', ['a', 'b', 'c'], undefined],
    ['has room for units behind them', ['a', 'b', 'c', 'd'], undefined],
    ['goes with a unit to its new number', ['c', 'd', 'a'], [[12, 0, 10], [22, 0, 20]]], // biome-ignore format: a row a case
    ['of nobody who is left is nothing', ['x'], [[0], [0]]],
    ['of no units is nothing', [], [[], []]],
  ])('%s', (_, units, want) => {
    const { known } = renumbered(saved, units);
    if (want === undefined) expect(known).toBe(saved);
    else expect(columns(known, units.length)).toEqual(want);
  });

  test('grows where there are more units than there was room', () => {
    const many = Array.from({ length: 40 }, (_, i) => `n${i}`);
    const { known } = renumbered(saved, [...many, 'b']);
    expect([known.capacity, known.states.length, known.states[40], known.states[48 + 40]]).toEqual([48, 96, 11, 21]);
  });

  test('before the first step is room for nobody', () => {
    const { known } = renumbered({ units: ['a', 'b'], capacity: 0, states: new Uint16Array(0), spans: [] }, ['b', 'c']);
    expect([known.capacity, known.states.length]).toEqual([0, 0]);
  });
});
