// The hours that criteria are applied to, with gaps for all that is not known of the time that counts.

import type { RollingHour } from '../schema/warning.ts';
import { hourStart } from './calendar.ts';

const hourMs = 3_600_000;

export interface Series {
  readonly values: Float64Array;
  /** Start of the hour of position 0. */
  readonly startMs: number;
  /** Position of the present hour: the last full one. */
  readonly now: number;
  readonly hours: readonly RollingHour[];
  /** Position of `hours[0]`. */
  readonly offset: number;
}

/** `pad` hours before the first one and the present one are gaps, and those from the last one to the present. */
export function seriesOf(hours: readonly RollingHour[], atMs: number, pad: number): Series {
  const presentMs = hourStart(atMs) - hourMs;
  const firstMs = hours.length === 0 ? presentMs : hours[0].hourMs;
  const startMs = Math.min(firstMs, presentMs) - pad * hourMs;
  const offset = (firstMs - startMs) / hourMs;
  const now = (presentMs - startMs) / hourMs;
  const values = new Float64Array(Math.max(offset + hours.length, now + 1)).fill(Number.NaN);
  for (let i = 0; i < hours.length; i++) {
    if (hours[i].hourMs !== firstMs + i * hourMs)
      throw new Error(`BUG: hour ${i} of the series starts at ${hours[i].hourMs}, not at ${firstMs + i * hourMs}`);
    values[offset + i] = hours[i].aqi24;
  }
  return { values, startMs, now, hours, offset };
}

export function hourAt({ hours, offset }: Series, position: number): RollingHour | undefined {
  return hours[position - offset];
}

/** End of the hour at a position. */
export function endMs({ startMs }: Series, position: number): number {
  return startMs + (position + 1) * hourMs;
}

/** Start of the 24 hours whose index stands at a position. */
export function dayFromMs({ startMs }: Series, position: number): number {
  return startMs + (position - 23) * hourMs;
}
