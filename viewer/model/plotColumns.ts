// From series of the API and the live feed to what uPlot draws: aligned columns in which a gap is null.

import type { SeriesAnswer } from '../../engine/schema/live.ts';
import { type WindowSize, windowMs } from '../../engine/schema/window.ts';

export type Series = SeriesAnswer['series'][number];

/** Seconds first, then one column per series; all of one length. NaN never appears: uPlot knows gaps only as null. */
export type PlotColumns = [number[], ...(number | null)[][]];

/** Points further apart than 1.5 windows are not joined: a null goes between them. */
export function plotColumns(series: readonly Pick<Series, 'startMs' | 'mean'>[], stepMs: number): PlotColumns {
  const times = new Set<number>();
  for (const { startMs } of series) {
    for (let i = 0; i < startMs.length; i++) {
      times.add(startMs[i]);
      if (i > 0 && startMs[i] - startMs[i - 1] > stepMs * 1.5) times.add(startMs[i - 1] + stepMs);
    }
  }
  const xs = [...times].sort((a, b) => a - b);
  const position = new Map(xs.map((ms, i) => [ms, i]));
  const columns = series.map(({ startMs, mean }) => {
    const column = new Array<number | null>(xs.length).fill(null);
    startMs.forEach((ms, i) => {
      const value = mean[i];
      column[position.get(ms) as number] = value === null || Number.isNaN(value) ? null : value;
    });
    return column;
  });
  return [xs.map((ms) => ms / 1000), ...columns];
}

/** The finest size that gives at most about one and a half points per pixel. */
export function sizeFor(spanMs: number, pixels: number): WindowSize {
  const points = Math.max(200, pixels * 1.5);
  if (spanMs / windowMs['1m'] <= points) return '1m';
  return spanMs / windowMs['5m'] <= points ? '5m' : '1h';
}

/** A series with points added or replaced (a revision comes with the same start), the newest `pointsMax` kept. */
export function withPoints(
  series: Series,
  points: readonly { readonly startMs: number; readonly value: number | null }[],
  pointsMax: number,
): Series {
  const values = new Map(series.startMs.map((ms, i) => [ms, series.mean[i]]));
  for (const { startMs, value } of points) values.set(startMs, value);
  const startMs = [...values.keys()].sort((a, b) => a - b).slice(-pointsMax);
  return { ...series, startMs, mean: startMs.map((ms) => values.get(ms) ?? null) };
}
