// Whether so many of something are more than chance makes of the usual rate.

/** Chance of at least `count` where `expected` are usual (Poisson). 1 for a count of 0; for small counts, as all are summed. */
export function chanceOfAtLeast(count: number, expected: number): number {
  if (count <= 0) return 1;
  let term = Math.exp(-expected);
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += term;
    term *= expected / (k + 1);
  }
  return Math.max(0, 1 - below);
}
