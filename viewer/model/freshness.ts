// When a number is too old to be shown as the present one. Ages are in event time.

import type { AirHour } from '../../engine/schema/live.ts';
import type { Latest } from './state.ts';

/** The next hour comes at most 60 min and its hold time after this one. */
const hourOldMs = 90 * 60_000;
const rowOldMs = 10 * 60_000;
/** National stations send once an hour. */
const nationalRowOldMs = 90 * 60_000;

export function isOldHour(hour: AirHour, nowMs: number | null): boolean {
  return nowMs !== null && nowMs - (hour.startMs + 3_600_000) > hourOldMs;
}

export function isOldRow(latest: Latest, nowMs: number | null, isNational: boolean): boolean {
  return nowMs !== null && nowMs - latest.eventMs > (isNational ? nationalRowOldMs : rowOldMs);
}
