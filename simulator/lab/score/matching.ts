// Which of two sides belong together, one to one, as many pairs as there can be (Kuhn 1955, for unweighted pairs).

/**
 * `choices[i]`: what may go with `i`, the best first. Gives for each `i` its partner, or undefined. The earlier ones of `choices`
 * choose first, and give way only where another pair is won by it.
 */
export function matched(choices: readonly (readonly number[])[]): readonly (number | undefined)[] {
  const ownerOf = new Map<number, number>();
  const partner: (number | undefined)[] = choices.map(() => undefined);

  function place(i: number, tried: Set<number>): boolean {
    for (const choice of choices[i]) {
      if (tried.has(choice)) continue;
      tried.add(choice);
      const owner = ownerOf.get(choice);
      if (owner !== undefined && !place(owner, tried)) continue;
      ownerOf.set(choice, i);
      partner[i] = choice;
      return true;
    }
    return false;
  }

  for (let i = 0; i < choices.length; i++) place(i, new Set());
  return partner;
}
