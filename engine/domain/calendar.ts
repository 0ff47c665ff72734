// Beijing time (UTC+8, no summer time) and reading of times.

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
export const beijingOffsetMs = 8 * hourMs;

export function hourStart(ms: number): number {
  return Math.floor(ms / hourMs) * hourMs;
}

/** Start of the Beijing day that contains `ms`. */
export function dayStart(ms: number): number {
  return Math.floor((ms + beijingOffsetMs) / dayMs) * dayMs - beijingOffsetMs;
}

/** Start of the Beijing month that contains `ms`. */
export function monthStart(ms: number): number {
  const local = new Date(ms + beijingOffsetMs);
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1) - beijingOffsetMs;
}

/** `2026-01-05T08:00:00+08:00`; milliseconds only where they are not zero. */
export function formatBeijing(ms: number): string {
  if (!Number.isFinite(ms)) return String(ms);
  const text = new Date(ms + beijingOffsetMs).toISOString();
  return `${text.slice(0, 19)}${ms % 1000 === 0 ? '' : text.slice(19, 23)}+08:00`;
}

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** ISO 8601 with an offset, or epoch ms as a number; NaN for anything else. */
export function parseTime(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  if (typeof value !== 'string' || !iso.test(value)) return Number.NaN;
  return Date.parse(value);
}

/** Epoch ms of a Beijing wall-clock time. `month` counts from 1. */
export function fromBeijing(year: number, month: number, day: number, hour = 0): number {
  return Date.UTC(year, month - 1, day, hour) - beijingOffsetMs;
}
