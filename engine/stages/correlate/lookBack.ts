// Looking back over a metric's newest windows: the value as of a time, means, medians, and whether it stands still.

import { median } from '../../domain/quality.ts';
import type { Kind } from '../../schema/catalog.ts';
import type { Series } from './series.ts';

/** One metric of one source. */
export interface Line {
  readonly series: Series;
  readonly kind: Kind;
  readonly metric: number;
}

/** The newest value at a step or at most `within` steps before (as-of join); NaN: none. */
export function valueAsOf({ series, kind, metric }: Line, source: number, step: number, within: number): number {
  for (let each = step; each >= step - within; each--) {
    const value = series.mean(kind, metric, source, each);
    if (!Number.isNaN(value)) return value;
  }
  return Number.NaN;
}

/** Mean over [fromStep, toStep]; NaN where fewer than `least` steps are known. */
export function meanOf(
  { series, kind, metric }: Line,
  source: number,
  [fromStep, toStep]: readonly [number, number],
  least = 1,
): number {
  let sum = 0;
  let known = 0;
  for (let step = fromStep; step <= toStep; step++) {
    const value = series.mean(kind, metric, source, step);
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
  }
  return known < least ? Number.NaN : sum / known;
}

/** Median of the values at the steps that `counts`; NaN where fewer than `least` are known. */
export function medianOf(
  { series, kind, metric }: Line,
  source: number,
  [fromStep, toStep]: readonly [number, number],
  { least, counts }: { readonly least: number; readonly counts: (step: number) => boolean },
): number {
  const values: number[] = [];
  for (let step = fromStep; step <= toStep; step++) {
    const value = series.mean(kind, metric, source, step);
    if (!Number.isNaN(value) && counts(step)) values.push(value);
  }
  return values.length < least ? Number.NaN : median(values);
}

export interface Stillness {
  /** Steps looked at, the newest included; so many of them must be known. */
  readonly steps: number;
  readonly least: number;
  /** Highest less lowest value, at most. */
  readonly spread: number;
}

/** Whether a value stands still: what is measured always trembles by its instrument's noise. Unknown steps do not speak against it. */
export function standsStill(
  { series, kind, metric }: Line,
  source: number,
  step: number,
  { steps, least, spread }: Stillness,
): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let known = 0;
  for (let each = step; each > step - steps; each--) {
    const value = series.mean(kind, metric, source, each);
    if (Number.isNaN(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    // Float32 of what has two decimals: a tenth of a digit is no difference.
    if (high - low > spread) return false;
    known += 1;
  }
  return known >= least;
}
