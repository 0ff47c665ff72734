// One cell: the aggregate of one metric of one source in one window. Eight doubles in a flat array, one cache line.

import type { Metric } from '../../schema/catalog.ts';

export const cellFields = 8;

/** Offsets within a cell. For a direction `sum` and `sumSq` hold the east and north components, in 0.001 m/s. */
export const Cell = { count: 0, sum: 1, sumSq: 2, min: 3, max: 4, last: 5, lastMs: 6, captureMs: 7 } as const;

const componentScale = 1000;

/** Adds one good value (whole number of the resolution). Sums stay exact while they are below 2^53. */
export function addValue(cells: Float64Array, at: number, value: number, eventMs: number, captureMs: number): void {
  addExtremes(cells, at, value, eventMs, captureMs);
  cells[at + Cell.sum] += value;
  cells[at + Cell.sumSq] += value * value;
}

/** Adds one good direction (degrees from north, where it blows from) with its speed (m/s). */
export function addDirection(
  cells: Float64Array,
  at: number,
  degrees: number,
  speed: number,
  eventMs: number,
  captureMs: number,
): void {
  const radians = (degrees * Math.PI) / 180;
  addExtremes(cells, at, degrees, eventMs, captureMs);
  cells[at + Cell.sum] += Math.round(speed * Math.sin(radians) * componentScale);
  cells[at + Cell.sumSq] += Math.round(speed * Math.cos(radians) * componentScale);
}

function addExtremes(cells: Float64Array, at: number, value: number, eventMs: number, captureMs: number): void {
  if (cells[at + Cell.count] === 0) {
    cells[at + Cell.min] = value;
    cells[at + Cell.max] = value;
    cells[at + Cell.last] = value;
    cells[at + Cell.lastMs] = eventMs;
  } else {
    if (value < cells[at + Cell.min]) cells[at + Cell.min] = value;
    if (value > cells[at + Cell.max]) cells[at + Cell.max] = value;
    if (eventMs >= cells[at + Cell.lastMs]) {
      cells[at + Cell.last] = value;
      cells[at + Cell.lastMs] = eventMs;
    }
  }
  cells[at + Cell.count] += 1;
  cells[at + Cell.captureMs] += captureMs;
}

/** Adds the aggregate at `from` to the one at `to`: the same as adding its values one by one. */
export function mergeCell(to: Float64Array, at: number, source: Float64Array, from: number): void {
  if (source[from + Cell.count] === 0) return;
  if (to[at + Cell.count] === 0) {
    for (let field = 0; field < cellFields; field++) to[at + field] = source[from + field];
    return;
  }
  to[at + Cell.count] += source[from + Cell.count];
  to[at + Cell.sum] += source[from + Cell.sum];
  to[at + Cell.sumSq] += source[from + Cell.sumSq];
  to[at + Cell.captureMs] += source[from + Cell.captureMs];
  if (source[from + Cell.min] < to[at + Cell.min]) to[at + Cell.min] = source[from + Cell.min];
  if (source[from + Cell.max] > to[at + Cell.max]) to[at + Cell.max] = source[from + Cell.max];
  if (source[from + Cell.lastMs] >= to[at + Cell.lastMs]) {
    to[at + Cell.last] = source[from + Cell.last];
    to[at + Cell.lastMs] = source[from + Cell.lastMs];
  }
}

/** Whole numbers of the resolution in the metric's unit, divided once. */
export function inUnit(metric: Metric, units: number, count: number): number {
  return metric.resolution < 1 ? units / (count * metric.scale) : (units * metric.resolution) / count;
}

/** Direction of the mean wind vector, degrees [0, 360), to 0.1; NaN for a vanishing vector. */
export function meanDirection(east: number, north: number): number {
  if (east === 0 && north === 0) return Number.NaN;
  const degrees = Math.round((Math.atan2(east, north) * 1800) / Math.PI) / 10;
  return degrees < 0 ? degrees + 360 : degrees === 360 ? 0 : degrees;
}

/** Population standard deviation in the metric's unit. */
export function deviation(metric: Metric, count: number, sum: number, sumSq: number): number {
  const variance = (sumSq - (sum * sum) / count) / count;
  return variance > 0 ? inUnit(metric, Math.sqrt(variance), 1) : 0;
}
