// City hours, forecasts and ticks for the warning engine, and what it made of them.

import type { EngineItem } from '../../engine/schema/flow.ts';
import type { Warning, WarningChange } from '../../engine/schema/warning.ts';
import { type PlaceBatch, type PollutantId, pollutantIds } from '../../engine/schema/window.ts';
import { defaultWarningOptions, type WarningOptions } from '../../engine/stages/emergency/warningOptions.ts';
import type { TestRow } from './batches.ts';
import { placeBatchOf } from './places.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A Beijing midnight in winter, under the edition of 2024. */
export const day0 = Date.parse('2026-01-05T00:00:00+08:00');
/** Hours after `day0`. */
export const at = (hours: number): number => day0 + hours * hourMs;

export const tick = (nowMs: number): EngineItem => ({ type: 'tick', nowMs });
export const optionsWith = (change: Partial<WarningOptions> = {}): WarningOptions => ({ ...defaultWarningOptions, ...change });

const maskOf = (ids: readonly PollutantId[]) => ids.reduce((mask, id) => mask | (1 << pollutantIds.indexOf(id)), 0);

export interface CityRow {
  /** Hours after `day0`. */
  readonly hour: number;
  readonly aqi24: number;
  readonly primary?: readonly PollutantId[];
  readonly valid?: readonly PollutantId[];
  readonly pm25?: number;
  readonly pm10?: number;
  readonly revision?: number;
}

export function cityBatch(...rows: readonly CityRow[]): PlaceBatch {
  const batch = placeBatchOf(
    rows.map(({ hour, pm25 = 100, pm10 = 140 }) => ({ place: '131100', step: at(hour) / hourMs, means: { pm25, pm10 } })),
  );
  return {
    ...batch,
    scope: rows.map(() => 'city'),
    revision: Uint16Array.from(rows, ({ revision }) => revision ?? 0),
    aqi24: Float64Array.from(rows, ({ aqi24 }) => aqi24),
    primary24: Uint8Array.from(rows, ({ primary }) => maskOf(primary ?? ['pm25'])),
    valid24: Uint8Array.from(rows, ({ valid }) => maskOf(valid ?? pollutantIds)),
  };
}

export interface ForecastRow {
  readonly aqi: number;
  readonly pm25?: number;
  readonly pm10?: number;
  readonly o3?: number;
  readonly mixingM?: number;
  readonly windMps?: number;
}

/** Rows of one issue, from the day of the issue on. */
export function issue(issueHour: number, days: readonly (number | ForecastRow)[], source = 0): TestRow[] {
  const firstDay = Math.floor(issueHour / 24);
  return days.map((each, i) => {
    const day = typeof each === 'number' ? { aqi: each } : each;
    const { aqi, pm25 = aqi * 0.75, pm10 = pm25 * 1.3, o3 = 40, mixingM, windMps } = day;
    return {
      source,
      eventMs: at(issueHour),
      values: {
        targetMs: at((firstDay + i) * 24),
        aqi,
        pm25: Math.round(pm25 * 10),
        pm10: Math.round(pm10 * 10),
        o3: Math.round(o3 * 10),
        no2: 400,
        ...(mixingM !== undefined && { mixingM }),
        ...(windMps !== undefined && { windMps: Math.round(windMps * 10) }),
      },
    };
  });
}

/** The newest revision of each. */
export function warningsOf(items: readonly EngineItem[]): Warning[] {
  const all = items.flatMap((item) => (item.type === 'warnings' ? item.warnings : []));
  return [...new Map(all.map((warning) => [warning.id, warning])).values()];
}

/** `what level at+hours`, of each change. */
export function story(changes: readonly WarningChange[]): string[] {
  return changes.map(({ what, level, atMs }) => `${what} ${level} ${(atMs - day0) / hourMs}`);
}
