// Means, spreads, quantiles and correlations of numbers with gaps (NaN): a gap is left out, nothing left gives NaN.

export type Numbers = ArrayLike<number>;

export function meanOf(values: Numbers): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? Number.NaN : sum / count;
}

/** Of the population: divided by the count. */
export function deviationOf(values: Numbers): number {
  const mean = meanOf(values);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const away = values[i] - mean;
    if (Number.isNaN(away)) continue;
    sum += away * away;
    count += 1;
  }
  return count === 0 ? Number.NaN : Math.sqrt(sum / count);
}

/** exp of the deviation of the logarithms; values of 0 or less are left out. */
export function geometricDeviationOf(values: Numbers): number {
  const logs = Float64Array.from(values, (value) => (value > 0 ? Math.log(value) : Number.NaN));
  return Math.exp(deviationOf(logs));
}

/** Without gaps, in ascending order. */
export function sorted(values: Numbers): Float64Array {
  return Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
}

/** Linear between the two nearest of `ascending` (Hyndman and Fan 1996, type 7); `share` 0 to 1. */
export function quantileOf(ascending: Numbers, share: number): number {
  if (ascending.length === 0) return Number.NaN;
  const at = share * (ascending.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below] + (at - below) * (ascending[above] - ascending[below]);
}

export const medianOf = (values: Numbers): number => quantileOf(sorted(values), 0.5);

export function shareAbove(values: Numbers, limit: number): number {
  return meanOf(Float64Array.from(values, (value) => (Number.isNaN(value) ? value : value > limit ? 1 : 0)));
}

/**
 * Pearson's correlation of `a[i]` with `b[i + lag]`, over those where both are there. Sums are taken of the distances from
 * the means, so that large values lose no digits.
 */
export function correlationOf(a: Numbers, b: Numbers, lag = 0): number {
  const aMean = meanOf(a);
  const bMean = meanOf(b);
  let count = 0;
  let sumA = 0;
  let sumB = 0;
  let sumAA = 0;
  let sumBB = 0;
  let sumAB = 0;
  for (let i = 0; i + lag < b.length && i < a.length; i++) {
    const x = a[i] - aMean;
    const y = b[i + lag] - bMean;
    if (Number.isNaN(x + y)) continue;
    count += 1;
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const spread = (sumAA - (sumA * sumA) / count) * (sumBB - (sumB * sumB) / count);
  return (sumAB - (sumA * sumB) / count) / Math.sqrt(spread);
}
