// The checks of sensor values, one function each. Values are one-minute means in the metric's unit.
// Source of the rules and numbers: domain report section 5, "engine defaults", all [P]: proposals, so they are configuration.

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Range: limits belong to it; a gap (NaN) does not. */
export function isInRange(value: number, { min, max }: Range): boolean {
  return value >= min && value <= max;
}

/** Median of a few numbers; NaN of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Spike: |x - median(5)| > 6 * MAD and > 30, over the minutes before (five by default).
 * Example: 50, 52, 49, 51, 50 and then 95: median 50, MAD 1, |95 - 50| = 45 > 6 and > 30.
 */
export function isSpike(
  value: number,
  before: ArrayLike<number>,
  { mads, min }: { readonly mads: number; readonly min: number },
): boolean {
  const centre = median(before);
  const off = Math.abs(value - centre);
  if (!(off > min)) return false;
  return off > mads * median(Float64Array.from(before, (each) => Math.abs(each - centre)));
}

/** Flat line: this many minutes with the same value, the judged one included. */
export function isFlat(sameMinutes: number, { minutes }: { readonly minutes: number }): boolean {
  return sameMinutes >= minutes;
}

/** Inversion: PM2.5 > PM10 * 1.05 + 5, which physics does not allow. Held for a number of minutes by the caller. */
export function isInverted(
  pm25: number,
  pm10: number,
  { factor, offset }: { readonly factor: number; readonly offset: number },
): boolean {
  return pm25 > pm10 * factor + offset;
}

/** Humidity at the end of its range. */
export function isSaturated(rhPct: number): boolean {
  return rhPct >= 100;
}

/** Fog: laser sensors of PM read too high in humid air, strongly above 80 % (domain report section 5). */
export function isFoggy(rhPct: number, { abovePct }: { readonly abovePct: number }): boolean {
  return rhPct > abovePct;
}

/** Below zero but above the floor of the metric's range: kept, shown as 0. */
export function isNegative(value: number): boolean {
  return value < 0;
}

/** Drift: the median of night-time ratios to the nearest standard station is outside of the band. NaN (too few) is not. */
export function isDrifting(ratio: number, { low, high }: { readonly low: number; readonly high: number }): boolean {
  return ratio < low || ratio > high;
}
