// Closed windows and what air makes of them, as columns.

import type { Kind } from './catalog.ts';

export type WindowSize = '1m' | '5m' | '1h';

export const windowMs: Readonly<Record<WindowSize, number>> = { '1m': 60_000, '5m': 300_000, '1h': 3_600_000 };

/** One metric of the rows of a `WindowBatch`. NaN where the window has no good value. */
export interface WindowColumn {
  /** Good values. */
  readonly count: Uint32Array;
  /** Exact sum in whole numbers of the resolution; mean = sum / count / scale. */
  readonly sum: Float64Array;
  /** In the metric's unit. For a direction: the vector mean, degrees [0, 360). */
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly last: Float64Array;
  /** Standard deviation (population). */
  readonly sd: Float64Array;
  /** Time covered by good values. */
  readonly captureMs: Float64Array;
  /** What the checks say: a mask of `Flag`. Larger windows carry the flags of their minutes. */
  readonly flags: Uint16Array;
}

/** Hour means enter rolling sums as whole numbers of 1/1000 of the metric's resolution. */
export const fine = 1000;

/** A mean over the hours that end with this row's hour: mean = sum / hours / (scale * 1000). */
export interface RollingColumn {
  /** Sum of the valid hour means, each a whole number of 1/1000 of the resolution (half to even). NaN-free. */
  readonly sum: Float64Array;
  /** Valid hours (captureMs >= 45 min). */
  readonly hours: Uint8Array;
}

/** Windows of one kind and one size that left the window stage at one tick, sorted by (startMs, source). */
export interface WindowBatch {
  readonly type: 'windows';
  readonly kind: Kind;
  readonly size: WindowSize;
  readonly rows: number;
  readonly source: Uint32Array;
  /** Windows are [startMs, startMs + windowMs[size]). */
  readonly startMs: Float64Array;
  /** 0 = first time; each later emission of the same (source, startMs) is one more. */
  readonly revision: Uint16Array;
  /** The best-covered metric's time covered by good values. */
  readonly captureMs: Float64Array;
  /** One per metric of the kind, in catalog order. */
  readonly metrics: readonly WindowColumn[];
  /** Size 1h of kind air: means over the 8 and 24 hours that end with this hour, one per metric. */
  readonly rolling8h?: readonly RollingColumn[];
  readonly rolling24h?: readonly RollingColumn[];
  /** Size 1h of kind air, added by the air stage. */
  readonly air?: AirColumns;
}

/** The air-quality index of each row. */
export interface AirColumns {
  /** Edition used per row: index into `editionIds`. */
  readonly edition: Uint8Array;
  /** NaN = not available. */
  readonly aqi: Float64Array;
  /** One column per pollutant in `pollutantIds` order; NaN = none. */
  readonly iaqi: readonly Float64Array[];
  /** Bit i set: `pollutantIds[i]` is a primary pollutant. */
  readonly primary: Uint8Array;
}

export const pollutantIds = ['so2', 'no2', 'pm10', 'co', 'o3', 'pm25'] as const;
export type PollutantId = (typeof pollutantIds)[number];

export const editionIds = ['hj633-2012', 'hj633-2026', 'cnemc'] as const;
export type EditionId = (typeof editionIds)[number];

/** Hourly values of districts and the city: concentrations averaged over the valid stations first, then the index. */
export interface PlaceBatch {
  readonly type: 'places';
  readonly rows: number;
  /** District code, or the city's. */
  readonly place: readonly string[];
  readonly scope: readonly ('district' | 'city')[];
  readonly startMs: Float64Array;
  readonly revision: Uint16Array;
  /** Stations with a valid hour, and stations there are. */
  readonly stations: Uint32Array;
  readonly stationsAll: Uint32Array;
  /** Mean concentration per pollutant in `pollutantIds` order, µg/m³ (CO mg/m³); NaN = gap. */
  readonly mean: readonly Float64Array[];
  readonly air: AirColumns;
  /** Index of the 24 hours that end with this hour, by the daily table; NaN = fewer than 20 valid hours. */
  readonly aqi24: Float64Array;
  /** Bit i: `pollutantIds[i]` is a primary pollutant of those 24 hours. */
  readonly primary24: Uint8Array;
  /** Bit i: `pollutantIds[i]` has a value of those 24 hours. An index without PM2.5 or PM10 may be far too low. */
  readonly valid24: Uint8Array;
}
