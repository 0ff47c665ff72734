// Shapes of what a history answers, shared by its implementations.

import type { SeriesQuery } from '../../pipeline/ports.ts';
import { Quality, qualityNames } from '../../schema/batch.ts';
import { catalog, metricIndex } from '../../schema/catalog.ts';
import { flagsInText } from '../../schema/flags.ts';
import type { AirHour, RowApart } from '../../schema/live.ts';
import { pollutantIds } from '../../schema/window.ts';

/** A query for something that the store does not hold. */
export class QueryError extends Error {
  readonly statusCode = 400;
}

/** Throws `QueryError` for times that are none. */
export function checkSpan(fromMs: number, toMs: number): void {
  if (!(Math.abs(fromMs) <= timeMax && Math.abs(toMs) <= timeMax))
    throw new QueryError(`from is ${fromMs}, to is ${toMs}; allowed: epoch ms`);
}

/** What a Date can hold. */
const timeMax = 8.64e15;

/** Columns of a table that may be asked for as a metric. Throws `QueryError` for anything else. */
export function checkSeries(query: SeriesQuery): void {
  const { kind, size, metrics } = query;
  checkSpan(query.fromMs, query.toMs);
  const spec = catalog[kind];
  if (size !== 'raw' && !spec.windowed) throw new QueryError(`kind ${kind} has no windows; allowed: size raw`);
  const rolling = kind === 'air' && size === '1h';
  const allowed = spec.metrics.flatMap(({ id }) => (rolling ? [id, `${id}_8h`, `${id}_24h`] : [id]));
  if (rolling) allowed.push('aqi');
  for (const metric of metrics) {
    if (!allowed.includes(metric))
      throw new QueryError(`metric is "${metric}"; allowed for ${kind} at ${size}: ${allowed.join(', ')}`);
  }
}

/** Flags of one metric by position among the rows. Windows keep text, raw rows two bits of quality per metric. */
export function seriesFlags(
  { kind, size }: SeriesQuery,
  metric: string,
  rows: readonly Row[],
): Record<string, readonly string[]> {
  const index = metricIndex(kind, metric);
  const of = (flags: unknown) =>
    size === 'raw' ? rawFlags(Number(flags), index) : flagsInText(String(flags ?? ''), metric.replace(/_(8h|24h)$/, ''));
  return Object.fromEntries(rows.flatMap((row, i) => (of(row.flags).length === 0 ? [] : [[i, of(row.flags)]])));
}

function rawFlags(flags: number, index: number): readonly string[] {
  const quality = (flags >> (2 * index)) & 3;
  return quality > Quality.gap ? [qualityNames[quality]] : [];
}

export function unitOf(query: SeriesQuery, metric: string): string {
  const id = metric.replace(/_(8h|24h)$/, '');
  return catalog[query.kind].metrics.find((each) => each.id === id)?.unit ?? '1';
}

/** One row of a table, by column name. */
export type Row = Readonly<Record<string, unknown>>;

/** NULL and NaN are gaps. */
export const number = (value: unknown): number | null =>
  value === null || value === undefined || Number.isNaN(value) ? null : Number(value);

export function apartFromRow(row: Row): RowApart {
  return {
    kind: row.kind as RowApart['kind'],
    source: String(row.source),
    eventMs: number(row.event_ms),
    periodMs: number(row.period_ms),
    bin: row.bin as RowApart['bin'],
    problem: String(row.problem),
    values: JSON.parse(String(row.row_json)) as Record<string, unknown>,
  };
}

export function hourFromRow(row: Row, scope: AirHour['scope']): AirHour {
  const mask = Number(row.primary_mask ?? 0);
  const isStation = scope === 'station';
  const mean = isStation ? catalog.air.metrics.map((metric) => metric.id) : pollutantIds;
  return {
    place: String(isStation ? row.source : row.place),
    scope,
    startMs: Number(row.start_ms),
    revision: Number(row.revision),
    aqi: number(row.aqi),
    ...(isStation ? {} : { aqi24: number(row.aqi24), stations: Number(row.stations), stationsAll: Number(row.stations_all) }),
    iaqi: Object.fromEntries(pollutantIds.map((id) => [id, number(row[`iaqi_${id}`])])),
    primary: pollutantIds.filter((_, i) => ((mask >> i) & 1) === 1),
    mean: Object.fromEntries(mean.map((id) => [id, number(row[id])])),
  };
}
