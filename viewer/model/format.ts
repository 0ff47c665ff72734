// Times and numbers as people read them: Beijing time, sensible digits.

import { beijingOffsetMs } from '../../engine/domain/calendar.ts';

const two = (number: number) => String(number).padStart(2, '0');

export function clockText(ms: number): string {
  const local = new Date(ms + beijingOffsetMs);
  return `${local.getUTCFullYear()}-${two(local.getUTCMonth() + 1)}-${two(local.getUTCDate())} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
}

/** With seconds. */
export function secondText(ms: number): string {
  return `${clockText(ms)}:${two(new Date(ms).getUTCSeconds())}`;
}

/** `01-05 08:00–09:00` */
export function hourText(startMs: number): string {
  return `${clockText(startMs).slice(5)}–${clockText(startMs + 3_600_000).slice(11)}`;
}

/** Values below zero that the engine keeps (noise around it) are shown as 0. */
export function valueText(value: number | null | undefined, metric: string): string {
  if (value === null || value === undefined) return '—';
  return Math.max(0, value).toFixed(metric === 'co' ? 2 : metric === 'aqi' ? 0 : 1);
}

/** `45 sec`, `12 min`, `3 hr`, `2 days`: the largest unit of which there are at least two. */
export function durationText(ms: number, language: string): string {
  const [unit, size] = units.find(([, unitMs]) => ms >= 2 * unitMs) ?? units[units.length - 1];
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 0 }).format(ms / size);
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

export function bytesText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Black or white, whichever has the higher contrast (WCAG 2.2: equal at a relative luminance of 0.179); at least 4.5 : 1. */
export function inkOn(hex: string): '#000' | '#fff' {
  const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff';
}

/** sRGB transfer curve, IEC 61966-2-1. */
function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : Math.exp(2.4 * Math.log((part + 0.055) / 1.055));
}
