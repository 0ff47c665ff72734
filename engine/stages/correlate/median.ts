// The median of the first entries of an array, without a new one.

/** Of the first `count` entries, which are put in order; NaN of none. No entry may be NaN. */
export function medianOf(values: Float64Array, count: number): number {
  if (count === 0) return Number.NaN;
  // Few values come nearly always: then this is the fastest way.
  if (count > 24) values.subarray(0, count).sort();
  else
    for (let i = 1; i < count; i++) {
      const value = values[i];
      let at = i - 1;
      while (at >= 0 && values[at] > value) {
        values[at + 1] = values[at];
        at -= 1;
      }
      values[at + 1] = value;
    }
  const middle = count >> 1;
  return count % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}
