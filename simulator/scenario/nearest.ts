// The known word that is nearest to one that is not known: for "did you mean".

/** Undefined: none is near. Of equals the first. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.floor(Math.min(word.length, 20) / 3); // of one or two letters anything is near
  let best: string | undefined;
  let bestEdits = most + 1;
  for (const each of known) {
    const edits = editsBetween(word.toLowerCase(), each.toLowerCase());
    if (edits >= bestEdits) continue;
    best = each;
    bestEdits = edits;
  }
  return best;
}

/** Letters put in, left out or changed to make one of the other (Levenshtein 1966): `kitten`, `sitting`: 3. */
export function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
