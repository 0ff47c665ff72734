import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seenRows } from '../../../engine/stages/clean/seenRows.ts';

const hourMs = 3_600_000;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');

/** What it should be: every (source, second), and nothing newer than a source's newest is known. */
function oracle() {
  const known = new Set<string>();
  const newest = new Map<number, number>();
  return (source: number, eventMs: number): boolean => {
    const key = `${source} ${Math.floor(eventMs / 1000)}`;
    const isNewest = eventMs > (newest.get(source) ?? Number.NEGATIVE_INFINITY);
    if (isNewest) newest.set(source, eventMs);
    const isKnown = known.has(key);
    known.add(key);
    return isKnown && !isNewest;
  };
}

test('a list that is full becomes bits and forgets nothing, over saving and restoring', () => {
  const row = fc.record({
    source: fc.integer({ min: 0, max: 130 }),
    // Few hours and few seconds, so that rows come again and lists of 64 fill up.
    hour: fc.constantFrom(0, 0, 0, 0, 1, 47, 60),
    second: fc.integer({ min: 0, max: 200 }),
    ms: fc.constantFrom(0, 1, 999),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 2_000, size: 'max' }), fc.boolean(), (rows, isOneSource) => {
      let seen = seenRows();
      const want = oracle();
      let oldestMs = Number.NEGATIVE_INFINITY;
      rows.forEach(({ source, hour, second, ms }, i) => {
        const eventMs = t0 + hour * hourMs + second * 1000 + ms;
        const of = isOneSource ? source % 3 : source;
        if (eventMs >= oldestMs) expect(seen.seen(of, eventMs)).toBe(want(of, eventMs));
        if (i % 400 === 399) {
          oldestMs = t0 + (i < 1_200 ? 0 : 40) * hourMs;
          seen.forgetBefore(oldestMs);
        }
        if (i % 500 !== 499) return;
        const saved = structuredClone(seen.save());
        seen = seenRows();
        seen.restore(saved);
      });
    }),
    { numRuns: 40 },
  );
});
