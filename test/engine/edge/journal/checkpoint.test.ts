import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Frozen, freeze, isOurs, readCheckpoint, writeCheckpoint } from '../../../../engine/edge/journal/checkpoint.ts';

let path: string;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lantian-checkpoint-'));
  path = join(dir, 'state');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const columnTypes = [Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Float32Array, Float64Array];

test('what is written is read back: columns of every type and size, maps, gaps, absent values', async () => {
  const column = fc
    .record({ type: fc.constantFrom(...columnTypes), length: fc.constantFrom(0, 1, 511, 512, 513, 1024, 5000), seed: fc.nat() })
    .map(({ type, length, seed }) => new type(length).map((_, i) => (seed + i * 7) % 100));
  const leaf = fc.oneof(column, fc.string(), fc.double(), fc.constant(undefined), fc.constant(null), fc.integer());
  const map = fc.array(fc.tuple(fc.string(), leaf)).map((entries) => new Map(entries));
  const part = fc.record({ list: fc.array(leaf), map, column }, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 4 }), async (parts) => {
      await writeCheckpoint(path, parts.map(freeze));
      expect(await readCheckpoint(path)).toStrictEqual(parts);
    }),
    { numRuns: 25 },
  );
});

test('a column that is part of a larger buffer is written alone', async () => {
  const whole = Float64Array.from({ length: 2000 }, (_, i) => i);
  await writeCheckpoint(path, [freeze([whole.subarray(3, 5), whole.subarray(1000, 1600)])]);
  expect(await readCheckpoint(path)).toEqual([[whole.slice(3, 5), whole.slice(1000, 1600)]]);
});

test('a large state is written in portions, with turns of the event loop between', async () => {
  const portions: number[] = [];
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await writeCheckpoint(path, [freeze([new Float64Array(2 ** 20)]), freeze('x'.repeat(3 * 2 ** 20))], (ms) => portions.push(ms));
  isOver = true;
  expect((await stat(path)).size).toBeGreaterThan(11 * 2 ** 20);
  expect(portions.length).toBeGreaterThanOrEqual(11);
  expect(turns).toBeGreaterThanOrEqual(portions.length);
});

test('one that is torn, damaged or of another version is none; what fails while it is written leaves the one before', async () => {
  await writeCheckpoint(path, [freeze({ value: new Float64Array(1000).fill(2) })]);
  const whole = await readFile(path);
  for (const length of [0, 3, 7, 8, 100, whole.length - 1]) {
    await writeFile(path, whole.subarray(0, length));
    expect(await readCheckpoint(path), String(length)).toBeUndefined();
  }
  for (const at of [0, 5, 50, 5000, whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[at] ^= 8;
    await writeFile(path, damaged);
    expect(await readCheckpoint(path), String(at)).toBeUndefined();
    expect(await isOurs(path)).toBe(at !== 0);
  }
  await writeFile(path, whole);
  function* failing(): Generator<Frozen> {
    yield freeze(new Float64Array(2 ** 20));
    throw new Error('cut off');
  }
  await expect(writeCheckpoint(path, failing())).rejects.toThrow('cut off');
  expect((await readFile(path)).equals(whole)).toBe(true);
  expect(await readCheckpoint(join(dir, 'none'))).toBeUndefined();
});
