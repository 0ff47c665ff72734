// Hourly air of one season at all stations, and views of it that several statistics share.

import { beijingOffsetMs } from '../../../engine/domain/calendar.ts';
import type { Local } from '../../world/local.ts';
import { medianOf } from './numbers.ts';

export const seasons = ['DJF', 'JJA'] as const;
export type Season = (typeof seasons)[number];
export type AirMetric = 'pm25' | 'pm10' | 'so2' | 'no2' | 'o3';

export interface AirSeries {
  readonly season: Season;
  /** Start of the first hour; a whole hour. */
  readonly startMs: number;
  /** Station by station in the order of the matrices' columns, m. */
  readonly stations: readonly Local[];
  /** Hour by hour, in each the stations: `[hour * stations + station]`, all equally long; µg/m³; NaN = gap. */
  readonly metrics: Readonly<Record<AirMetric, Float32Array>>;
  /** One value an hour for the whole network; NaN = gap. */
  readonly windMps: Float32Array;
  readonly rhPct: Float32Array;
}

export interface SeriesView {
  readonly series: AirSeries;
  readonly hours: number;
  /** One series a station. */
  columns(metric: AirMetric): readonly Float64Array[];
  /** Median over the stations, hour by hour. */
  network(metric: AirMetric): Float64Array;
}

const hourMs = 3_600_000;

/** Views are made when first asked for. Throws where lengths do not fit: that is a fault of the caller. */
export function viewOf(series: AirSeries): SeriesView {
  const hours = series.windMps.length;
  const width = series.stations.length;
  for (const [metric, matrix] of Object.entries(series.metrics))
    if (matrix.length !== hours * width)
      throw new Error(`BUG: ${metric} has ${matrix.length} values, not ${hours} hours of ${width} stations`);
  if (series.rhPct.length !== hours) throw new Error(`BUG: rhPct has ${series.rhPct.length} values, not ${hours}`);
  const columnsMade = new Map<AirMetric, readonly Float64Array[]>();
  const networkMade = new Map<AirMetric, Float64Array>();

  function columns(metric: AirMetric): readonly Float64Array[] {
    const matrix = series.metrics[metric];
    return keep(columnsMade, metric, () =>
      series.stations.map((_, station) => Float64Array.from({ length: hours }, (_, hour) => matrix[hour * width + station])),
    );
  }

  function network(metric: AirMetric): Float64Array {
    const matrix = series.metrics[metric];
    return keep(networkMade, metric, () =>
      Float64Array.from({ length: hours }, (_, hour) => medianOf(matrix.subarray(hour * width, (hour + 1) * width))),
    );
  }

  return { series, hours, columns, network };
}

function keep<Value>(made: Map<AirMetric, Value>, metric: AirMetric, make: () => Value): Value {
  const value = made.get(metric) ?? make();
  made.set(metric, value);
  return value;
}

/** Hour of the Beijing day, 0 to 23, of the n-th hour of a series. */
export function hourOfDay(startMs: number, hour: number): number {
  return Math.floor((startMs + beijingOffsetMs) / hourMs + hour) % 24;
}
