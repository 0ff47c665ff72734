// Times and numbers as people read them: Beijing time, sensible digits.

import { beijingOffsetMs } from '../../engine/domain/calendar.ts';

const two = (number: number) => String(number).padStart(2, '0');

export function clockText(ms: number): string {
  const local = new Date(ms + beijingOffsetMs);
  return `${local.getUTCFullYear()}-${two(local.getUTCMonth() + 1)}-${two(local.getUTCDate())} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
}

/** `01-05 08:00–09:00` */
export function hourText(startMs: number): string {
  return `${clockText(startMs).slice(5)}–${clockText(startMs + 3_600_000).slice(11)}`;
}

export function valueText(value: number | null | undefined, metric: string): string {
  if (value === null || value === undefined) return '—';
  return value.toFixed(metric === 'co' ? 2 : metric === 'aqi' ? 0 : 1);
}

/** Black or white, whichever reads better on the colour (WCAG relative luminance, threshold 0.36). */
export function inkOn(hex: string): '#000' | '#fff' {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  return 0.2126 * r * r + 0.7152 * g * g + 0.0722 * b * b > 0.36 ? '#000' : '#fff';
}
