// What is measured of a series of air, one function a statistic: distribution, persistence, distance, day, episodes, weather.

import { type Episode, episodesOf } from './episodes.ts';
import {
  correlationOf,
  deviationOf,
  geometricDeviationOf,
  meanOf,
  medianOf,
  type Numbers,
  quantileOf,
  shareAbove,
  sorted,
} from './numbers.ts';
import { type AirMetric, type AirSeries, hourOfDay, type SeriesView, viewOf } from './series.ts';
import type { Target } from './targets.ts';

/** Value by the id of its target. NaN: the series has nothing to measure it by (no episode, no pair so far apart). */
export type Values = Readonly<Record<string, number>>;

/**
 * All targets of the series' season. "Pooled" means all hours of all stations; "network" the hourly median over stations.
 * Throws at a target that nobody measures: the file and this list belong together.
 */
export function statisticsOf(series: AirSeries, targets: readonly Target[]): Values {
  const view = viewOf(series);
  const values: Record<string, number> = {};
  for (const { id, season } of targets) {
    if (season !== series.season) continue;
    const measure = measures[measureOf(id)];
    if (measure === undefined) throw new Error(`BUG: nothing measures the target ${id}`);
    values[id] = measure(view);
  }
  return values;
}

/** `djf.pm25.mean` is measured as `pm25.mean`. */
export const measureOf = (id: string): string => id.slice(id.indexOf('.') + 1);

type Measure = (view: SeriesView) => number;

const pooled = (metric: AirMetric, of: (values: Numbers) => number): Measure => {
  return ({ series }) => of(series.metrics[metric]);
};
const pooledQuantile = (metric: AirMetric, share: number) => pooled(metric, (values) => quantileOf(sorted(values), share));

export const measures: Readonly<Record<string, Measure>> = {
  ...Object.fromEntries((['pm25', 'so2', 'no2', 'o3'] as const).map((metric) => [`${metric}.mean`, pooled(metric, meanOf)])),
  'pm25.p50': pooledQuantile('pm25', 0.5),
  'pm25.p90': pooledQuantile('pm25', 0.9),
  'pm25.p99': pooledQuantile('pm25', 0.99),
  'o3.p99': pooledQuantile('o3', 0.99),
  'pm25.gsd': pooled('pm25', geometricDeviationOf),
  ...Object.fromEntries(
    [75, 150, 250].map((limit) => [`pm25.above.${limit}`, pooled('pm25', (values) => shareAbove(values, limit))]),
  ),
  ...Object.fromEntries([1, 6, 24].map((lag) => [`pm25.acf.${lag}h`, acf('pm25', lag)])),
  'o3.acf.24h': acf('o3', 24),
  ...Object.fromEntries(
    [
      [0, 5],
      [5, 10],
      [10, 20],
      [20, 30],
      [30, 45],
      [45, 70],
    ].flatMap(([from, to]) =>
      (['pm25', 'so2', 'no2'] as const).map((metric) => [`${metric}.pair.${from}-${to}km`, pair(metric, from, to)]),
    ),
  ),
  ...Object.fromEntries(
    (['pm25', 'no2', 'o3'] as const).flatMap((metric): [string, Measure][] => [
      [`${metric}.day.min`, (view) => Math.min(...dayOf(view, metric))],
      [`${metric}.day.max`, (view) => Math.max(...dayOf(view, metric))],
    ]),
  ),
  'pm25.episode.growth': episode(({ growthPerH }) => growthPerH),
  'pm25.episode.duration': episode(({ durationH }) => durationH),
  'pm25.episode.rise3h': episode(({ rise3h }) => rise3h),
  'pm25.episode.fall3h': episode(({ fall3h }) => fall3h),
  'pm25.change.p1': (view) => quantileOf(sorted(hourlyChanges(view)), 0.01),
  'pm25.change.p99': (view) => quantileOf(sorted(hourlyChanges(view)), 0.99),
  'pm25.rh.20-40': (view) => medianWhere(view, view.series.rhPct, 20, 40),
  'pm25.rh.80-100': (view) => medianWhere(view, view.series.rhPct, 80, Number.POSITIVE_INFINITY),
  ...Object.fromEntries(
    [0, 1, 2, 3].map((from): [string, Measure] => [
      `pm25.wind.${from}-${from + 1}`,
      (view) => medianWhere(view, view.series.windMps, from, from + 1),
    ]),
  ),
  'pm25.pm10.ratio': ({ series: { metrics } }) =>
    medianOf(metrics.pm25.map((value, i) => (metrics.pm10[i] > 0 ? value / metrics.pm10[i] : Number.NaN))),
  'pm25.residual': localResidual,
  'pm25.stations.cv': (view) => {
    const means = view.columns('pm25').map(meanOf);
    return deviationOf(means) / meanOf(means);
  },
  'wind.mean': ({ series }) => meanOf(series.windMps),
  'wind.sd': ({ series }) => deviationOf(series.windMps),
  'wind.calm': ({ series }) =>
    meanOf(Float64Array.from(series.windMps, (wind) => (Number.isNaN(wind) ? wind : wind < 1 ? 1 : 0))),
  ...Object.fromEntries([1, 6, 24].map((lag): [string, Measure] => [`wind.acf.${lag}h`, (view) => windAcf(view, lag)])),
  'rh.mean': ({ series }) => meanOf(series.rhPct),
  'rh.p10': ({ series }) => quantileOf(sorted(series.rhPct), 0.1),
  'rh.p90': ({ series }) => quantileOf(sorted(series.rhPct), 0.9),
};

/** Mean over the stations of each one's correlation with itself `lag` hours later. */
function acf(metric: AirMetric, lag: number): Measure {
  return (view) => meanOf(view.columns(metric).map((column) => correlationOf(column, column, lag)));
}

/** Mean correlation of all pairs of stations from `fromKm` up to, not at, `toKm` apart. */
function pair(metric: AirMetric, fromKm: number, toKm: number): Measure {
  return (view) => {
    const { stations } = view.series;
    const columns = view.columns(metric);
    const found: number[] = [];
    for (let a = 0; a < stations.length; a++)
      for (let b = a + 1; b < stations.length; b++) {
        const km = Math.hypot(stations[a].x - stations[b].x, stations[a].y - stations[b].y) / 1000;
        if (km >= fromKm && km < toKm) found.push(correlationOf(columns[a], columns[b]));
      }
    return meanOf(found);
  };
}

/** Pooled mean of each hour of the day by the pooled mean of all; an hour without a value is left out. */
function dayOf({ series }: SeriesView, metric: AirMetric): number[] {
  const width = series.stations.length;
  const values = series.metrics[metric];
  const byHour = meansByHour(values, (i) => hourOfDay(series.startMs, Math.floor(i / width)));
  const mean = meanOf(values);
  return byHour.filter((value) => !Number.isNaN(value)).map((value) => value / mean);
}

function meansByHour(values: Numbers, hourOf: (index: number) => number): number[] {
  const sums = new Float64Array(24);
  const counts = new Float64Array(24);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sums[hourOf(i)] += values[i];
    counts[hourOf(i)] += 1;
  }
  return Array.from(sums, (sum, hour) => sum / counts[hour]);
}

/** Median over the episodes of the network's PM2.5. */
function episode(of: (episode: Episode) => number): Measure {
  return (view) => medianOf(episodesOf(view.network('pm25')).map(of));
}

/** From one hour to the next at the same station, pooled. */
function hourlyChanges({ series }: SeriesView): Float64Array {
  const values = series.metrics.pm25;
  const width = series.stations.length;
  return Float64Array.from({ length: Math.max(0, values.length - width) }, (_, i) => values[i + width] - values[i]);
}

/** Median of the network's PM2.5 over the hours in which `by` is in [low, high). */
function medianWhere(view: SeriesView, by: Numbers, low: number, high: number): number {
  return medianOf(view.network('pm25').filter((_, hour) => by[hour] >= low && by[hour] < high));
}

/** Deviation of ln(station / network), pooled. */
function localResidual(view: SeriesView): number {
  const network = view.network('pm25');
  const width = view.series.stations.length;
  return deviationOf(
    Float64Array.from(view.series.metrics.pm25, (value, i) => {
      const median = network[Math.floor(i / width)];
      return value > 0 && median > 0 ? Math.log(value / median) : Number.NaN;
    }),
  );
}

/** Of the wind without its daily course: the mean of the hour of day is taken off first. */
function windAcf({ series }: SeriesView, lag: number): number {
  const means = meansByHour(series.windMps, (hour) => hourOfDay(series.startMs, hour));
  const rest = Float64Array.from(series.windMps, (wind, hour) => wind - means[hourOfDay(series.startMs, hour)]);
  return correlationOf(rest, rest, lag);
}
