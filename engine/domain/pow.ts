// Powers with the same bits on every version of Node: `Math.pow` and `**` differ between 20 and 24.

/** x to the y, for x > 0. */
export function pow(x: number, y: number): number {
  return Math.exp(y * Math.log(x));
}
