// The composite index (环境空气质量综合指数): the sum over six pollutants of concentration over limit, for ranking places.

import type { PollutantId } from '../schema/window.ts';
import { fromBeijing } from './calendar.ts';

/** Limits of GB 3095 grade 2 that the index divides by: year for SO2, NO2, PM; day for CO; 8 hours for O3. */
export interface CompositeLimits {
  readonly fromMs: number;
  readonly limits: Readonly<Record<PollutantId, number>>;
}

/** GB 3095-2012, and GB 3095-2026 with its two steps; µg/m³, CO mg/m³. Newest first. */
export const compositeLimits: readonly CompositeLimits[] = [
  { fromMs: fromBeijing(2031, 1, 1), limits: { so2: 20, no2: 30, pm10: 50, co: 4, o3: 160, pm25: 25 } },
  { fromMs: fromBeijing(2026, 3, 1), limits: { so2: 60, no2: 40, pm10: 60, co: 4, o3: 160, pm25: 30 } },
  { fromMs: Number.NEGATIVE_INFINITY, limits: { so2: 60, no2: 40, pm10: 70, co: 4, o3: 160, pm25: 35 } },
];

export type CompositeWeights = Readonly<Record<PollutantId, number>>;

/** Plain sum. */
export const evenWeights: CompositeWeights = { so2: 1, no2: 1, pm10: 1, co: 1, o3: 1, pm25: 1 };

/** What one public system uses for the 2026 edition [S, single source, not confirmed by the standard]: by configuration only. */
export const weights2026: CompositeWeights = { so2: 1, no2: 2, pm10: 1, co: 1, o3: 2, pm25: 3 };

/** Daily values of a place over a period; NaN = not valid. `o3` is each day's largest 8-hour mean. */
export type DailyValues = Readonly<Record<PollutantId, readonly number[]>>;

export interface CompositeResult {
  /** NaN when a pollutant has no valid day. */
  readonly index: number;
  /** Statistic of the period by pollutant: mean, for CO the 95th and for O3 the 90th percentile. */
  readonly statistic: Readonly<Record<PollutantId, number>>;
  readonly validDays: number;
}

/** HJ 663: position 1 + (n - 1) p, linear between the neighbours. NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Worked example (2012 limits): every pollutant exactly at its limit every day gives 6.
 * `atMs` chooses the limits.
 */
export function compositeIndex(days: DailyValues, atMs: number, weights: CompositeWeights = evenWeights): CompositeResult {
  const { limits } = compositeLimits.find((each) => atMs >= each.fromMs) as CompositeLimits;
  const valid = (id: PollutantId) => days[id].filter((value) => !Number.isNaN(value));
  const statistic: Readonly<Record<PollutantId, number>> = {
    so2: mean(valid('so2')),
    no2: mean(valid('no2')),
    pm10: mean(valid('pm10')),
    co: percentile(valid('co'), 0.95),
    o3: percentile(valid('o3'), 0.9),
    pm25: mean(valid('pm25')),
  };
  const ids = Object.keys(statistic) as PollutantId[];
  return {
    index: ids.reduce((sum, id) => sum + (weights[id] * statistic[id]) / limits[id], 0),
    statistic,
    validDays: Math.max(...ids.map((id) => valid(id).length)),
  };
}

const hourMs = 3_600_000;
const dayHoursMin = 20;
const hoursOf8Min = 6;
/** GB 3095: a day's largest 8-hour mean needs 14 valid ones, unless it is above the limit already. */
const o3MeansMin = 14;
const o3Limit = 160;

/** One day of hourly values (24, NaN = gap) as its daily value; `o3` by the 8-hour means that end within the day from 08:00 on. */
export function dailyValue(id: PollutantId, hours: readonly number[]): number {
  const valid = hours.filter((value) => !Number.isNaN(value));
  if (id !== 'o3') return valid.length >= dayHoursMin ? mean(valid) : Number.NaN;
  const means: number[] = [];
  for (let end = 8; end <= hours.length; end++) {
    const eight = hours.slice(end - 8, end).filter((value) => !Number.isNaN(value));
    if (eight.length >= hoursOf8Min) means.push(mean(eight));
  }
  const largest = means.length === 0 ? Number.NaN : Math.max(...means);
  return means.length >= o3MeansMin || largest > o3Limit ? largest : Number.NaN;
}

/** Hourly values of a place by start of hour, cut into the Beijing days from `fromMs` (a day's start) to `toMs`. */
export function dailyValues(
  hourAt: (id: PollutantId, startMs: number) => number,
  ids: readonly PollutantId[],
  fromMs: number,
  toMs: number,
): DailyValues {
  const days: Record<string, number[]> = {};
  for (const id of ids) {
    days[id] = [];
    for (let dayMs = fromMs; dayMs < toMs; dayMs += 24 * hourMs) {
      days[id].push(
        dailyValue(
          id,
          Array.from({ length: 24 }, (_, hour) => hourAt(id, dayMs + hour * hourMs)),
        ),
      );
    }
  }
  return days as unknown as DailyValues;
}
