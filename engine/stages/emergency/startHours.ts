// The hours of the day at which levels begin and end.

import { beijingOffsetMs, hourStart } from '../../domain/calendar.ts';

const hourMs = 3_600_000;
const hourOfDay = (ms: number) => ((ms + beijingOffsetMs) / hourMs) % 24;

/** The first of them at `ms` or later. Without any: the next full hour. */
export function startFrom(ms: number, hours: readonly number[]): number {
  const first = hourStart(ms) === ms ? ms : hourStart(ms) + hourMs;
  for (let each = first; each < first + 24 * hourMs; each += hourMs) if (hours.includes(hourOfDay(each))) return each;
  return first;
}

/** The last of them at `ms` or before. */
export function startUpTo(ms: number, hours: readonly number[]): number {
  const last = hourStart(ms);
  for (let each = last; each > last - 24 * hourMs; each -= hourMs) if (hours.includes(hourOfDay(each))) return each;
  return last;
}
