// The Beijing calendar as work sees it: day numbers, weekdays, how far the Spring Festival is.

import { beijingOffsetMs } from '../../../engine/domain/calendar.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Days since 1970-01-01, Beijing. */
export function dayNumber(ms: number): number {
  return Math.floor((ms + beijingOffsetMs) / dayMs);
}

/** First moment of a Beijing day. */
export function dayStartMs(day: number): number {
  return day * dayMs - beijingOffsetMs;
}

/** Minutes since Beijing midnight, with fractions. */
export function minuteOfDay(ms: number): number {
  return (ms - dayStartMs(dayNumber(ms))) / minuteMs;
}

/** 0 = Sunday; 1970-01-01 was a Thursday. */
export function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** First day of the lunar year (正月初一), Gregorian [S: public calendars]. */
const newYears = ['2024-02-10', '2025-01-29', '2026-02-17', '2027-02-06'].map((date) => Math.round(Date.parse(date) / dayMs));

/** Days after (before: negative) the nearest lunar New Year; NaN where it is more than 40 days away or not in 2024–2027. */
export function daysFromNewYear(day: number): number {
  const near = newYears.find((each) => Math.abs(day - each) <= 40);
  return near === undefined ? Number.NaN : day - near;
}

/** Whether a minute of the day lies in `[from, to)`; over midnight when from > to. */
export function inMinutes(minute: number, fromMinute: number, toMinute: number): boolean {
  return fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}
