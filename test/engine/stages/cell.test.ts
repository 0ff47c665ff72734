import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDirection, addValue, Cell, cellFields, mergeCell } from '../../../engine/stages/window/cell.ts';

const value = fc.record({
  value: fc.integer({ min: -100, max: 1_000_000 }),
  degrees: fc.integer({ min: 0, max: 360 }),
  speed: fc.integer({ min: 0, max: 600 }),
  captureMs: fc.constantFrom(1_000, 60_000),
});
type Value = typeof value extends fc.Arbitrary<infer T> ? T : never;

/** Values come at their position in time, so that the last is the same whatever was merged first. */
function cellOf(values: readonly Value[], from: number, isDirection: boolean): Float64Array {
  const cell = new Float64Array(cellFields);
  values.forEach(({ value: each, degrees, speed, captureMs }, i) => {
    if (isDirection) addDirection(cell, 0, degrees, speed / 10, from + i, captureMs);
    else addValue(cell, 0, each, from + i, captureMs);
  });
  return cell;
}

test('merged parts are the aggregate of the whole, in any order of merging', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), fc.nat(), fc.nat(), fc.boolean(), (values, cutA, cutB, isDirection) => {
      const [a, b] = [cutA % (values.length + 1), cutB % (values.length + 1)].sort((x, y) => x - y);
      const parts = [cellOf(values.slice(0, a), 0, isDirection), cellOf(values.slice(a, b), a, isDirection)];
      parts.push(cellOf(values.slice(b), b, isDirection));
      const want = cellOf(values, 0, isDirection);
      for (const order of [
        [0, 1, 2],
        [2, 1, 0],
        [1, 2, 0],
      ]) {
        const merged = new Float64Array(cellFields);
        for (const part of order) mergeCell(merged, 0, parts[part], 0);
        expect(merged).toEqual(want);
      }
    }),
  );
});

test('an empty part changes nothing', () => {
  const cell = cellOf([{ value: 5, degrees: 0, speed: 0, captureMs: 1_000 }], 0, false);
  mergeCell(cell, 0, new Float64Array(cellFields), 0);
  expect([cell[Cell.count], cell[Cell.min], cell[Cell.last]]).toEqual([1, 5, 5]);
});
