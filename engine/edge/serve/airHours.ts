// Hours of stations, districts and the city as plain objects, for the API and the live feed.

import { catalog } from '../../schema/catalog.ts';
import type { AirHour } from '../../schema/live.ts';
import { type AirColumns, type PlaceBatch, pollutantIds, type WindowBatch } from '../../schema/window.ts';

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Half-even is not needed here: for display only. */
const rounded = (value: number, digits: number): number | null => (Number.isNaN(value) ? null : Number(value.toFixed(digits)));

function indexPart(air: AirColumns, row: number) {
  return {
    aqi: orNull(air.aqi[row]),
    iaqi: Object.fromEntries(pollutantIds.map((id, i) => [id, orNull(air.iaqi[i][row])])),
    primary: pollutantIds.filter((_, i) => (air.primary[row] >> i) & 1),
  };
}

/** One per row of a batch of kind air, size 1h, with its index. */
export function stationHours(batch: WindowBatch, nameOf: (index: number) => string): AirHour[] {
  const air = batch.air;
  if (air === undefined) return [];
  const metrics = catalog.air.metrics;
  return Array.from({ length: batch.rows }, (_, row) => ({
    place: nameOf(batch.source[row]),
    scope: 'station' as const,
    startMs: batch.startMs[row],
    revision: batch.revision[row],
    ...indexPart(air, row),
    mean: Object.fromEntries(metrics.map((metric, i) => [metric.id, rounded(batch.metrics[i].mean[row], 3)])),
  }));
}

export function placeHours(batch: PlaceBatch): AirHour[] {
  return Array.from({ length: batch.rows }, (_, row) => ({
    place: batch.place[row],
    scope: batch.scope[row],
    startMs: batch.startMs[row],
    revision: batch.revision[row],
    ...indexPart(batch.air, row),
    aqi24: orNull(batch.aqi24[row]),
    mean: Object.fromEntries(pollutantIds.map((id, i) => [id, rounded(batch.mean[i][row], 3)])),
    stations: batch.stations[row],
    stationsAll: batch.stationsAll[row],
  }));
}
