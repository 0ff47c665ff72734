// Powers whose bits agree on every Node: `Math.pow` and `**` do not.

/** x to the y, for x > 0; 0 for x = 0 and y > 0. */
export function pow(x: number, y: number): number {
  return x === 0 ? 0 : Math.exp(y * Math.log(x));
}
