import { describe, expect, test } from 'vitest';
import { draw, episode } from './vopr.ts';

/** Seeds that failed once stay, with what was wrong. */
const kept: readonly number[] = [
  178,
  298, // on a busy machine the run ended before the mirror had taken what waits in its spool for the next start
];
const count = Number(process.env.LANTIAN_SEEDS ?? 20);
const first = Number(process.env.LANTIAN_SEED ?? 1);
const seeds = [...new Set([...Array.from({ length: count }, (_, i) => first + i), ...kept])];

describe('seeded episodes of the whole engine', () => {
  test.each(seeds)('seed %d', { timeout: 60_000 }, async (seed) => {
    const drawn = draw(seed);
    const { problems } = await episode(drawn);
    expect(problems, JSON.stringify(drawn)).toEqual([]);
  });
});
