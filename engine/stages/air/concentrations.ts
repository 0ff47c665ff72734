// From the hour windows of a station to the concentrations that the index is computed from.

import type { Concentration, Concentrations } from '../../domain/aqi.ts';
import { catalog, metricIndex } from '../../schema/catalog.ts';
import { fine, type PollutantId, pollutantIds, type RollingColumn, type WindowBatch } from '../../schema/window.ts';

/** GB 3095-2026 table 4: an hour from 45 min, 8 hours from 6, a day from 20. */
export const hourCaptureMs = 45 * 60_000;
export const hoursOf8Min = 6;
export const hoursOf24Min = 20;

/** Position of each pollutant among the metrics of kind air, and its scale (1 / resolution). */
export const columns = pollutantIds.map((id) => metricIndex('air', id));
export const scales = columns.map((column) => catalog.air.metrics[column].scale);
export const o3 = pollutantIds.indexOf('o3');

/** The hour's mean; undefined with less than 45 min of data. */
export function hourMean(batch: WindowBatch, row: number, pollutant: number): Concentration | undefined {
  const column = batch.metrics[columns[pollutant]];
  if (column.captureMs[row] < hourCaptureMs) return undefined;
  return { num: column.sum[row], den: column.count[row] * scales[pollutant] };
}

function rollingMean(
  rolling: readonly RollingColumn[] | undefined,
  row: number,
  pollutant: number,
  hoursMin: number,
): Concentration | undefined {
  const column = rolling?.[columns[pollutant]];
  if (column === undefined || column.hours[row] < hoursMin) return undefined;
  return { num: column.sum[row], den: column.hours[row] * scales[pollutant] * fine };
}

export function stationConcentrations(batch: WindowBatch, row: number): Concentrations {
  const hour: Partial<Record<PollutantId, Concentration>> = {};
  const day: Partial<Record<PollutantId, Concentration>> = {};
  for (let i = 0; i < pollutantIds.length; i++) {
    hour[pollutantIds[i]] = hourMean(batch, row, i);
    day[pollutantIds[i]] = rollingMean(batch.rolling24h, row, i, hoursOf24Min);
  }
  return { hour, day, o3Mean8h: rollingMean(batch.rolling8h, row, o3, hoursOf8Min) };
}
