// What stations downwind say of smoke at a place: whether PM2.5 rose there against the others after it could have arrived.

import { metricIndex } from '../../schema/catalog.ts';
import type { Evidence } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import { atResolution } from './evidence.ts';
import type { Neighbour } from './neighbours.ts';
import { type Plane, type Point, squaredKm } from './plane.ts';
import type { Series } from './series.ts';
import { wayOfAir } from './wind.ts';

const minuteMs = 60_000;
const pm25 = metricIndex('air', 'pm25');
const radians = Math.PI / 180;

/** Domain report 4.3 [P]: none below 0.5 m/s; a sector of 45° each way below 1.5 m/s, else of 30°. */
const calmMps = 0.5;
const weakMps = 1.5;
const sectorDeg = { weak: 45, strong: 30 } as const;
/** Minutes: before the smoke began, of the wind, and of the newest values; so many of them must be known [ours]. */
const beforeMinutes = 60;
const windMinutes = 15;
const newestMinutes = 10;
/** The wind is that of the nearest stations. */
const windStations = 8;
const windWithinKm = 20;
const knownShare = 0.6;
/** With the rise missing so long after it should have come, it speaks against a fire near the station [ours]. */
const missingMinutes = 20;
const missingWithinKm = 2;

export type Downwind = { readonly says: 'unknown' } | { readonly says: 'rose' | 'calm'; readonly evidence: readonly Evidence[] };

export interface DownwindOptions {
  readonly withinKm: number;
  readonly riseUgM3: number;
}

export interface Stations {
  readonly sources: readonly Source[];
  readonly plane: Plane;
  readonly minutes: Series;
}

/** `sinceMs`: when the smoke began; `step`: the newest minute that is known. */
export function downwindOf(
  { sources, plane, minutes }: Stations,
  { place, sinceMs, step }: { readonly place: Point; readonly sinceMs: number; readonly step: number },
  { withinKm, riseUgM3 }: DownwindOptions,
): Downwind {
  const began = Math.floor(sinceMs / minuteMs);
  const near = sources
    .map(({ lon, lat }, index) => {
      const at = lon === undefined || lat === undefined ? undefined : plane.pointOf({ lon, lat });
      return { index, at, km: at === undefined ? Number.POSITIVE_INFINITY : Math.sqrt(squaredKm(at, place)) };
    })
    .filter(({ km }) => km <= Math.max(withinKm, windWithinKm))
    .sort((a, b) => a.km - b.km || a.index - b.index);
  const wind = meanWind(minutes, near, step);
  if (wind === undefined) return { says: 'unknown' };
  const along = (at: Point) => (at.x - place.x) * wind.toX + (at.y - place.y) * wind.toY;
  const half = wind.mps < weakMps ? sectorDeg.weak : sectorDeg.strong;
  const below = near.filter(({ at, km }) => at !== undefined && km <= withinKm && along(at) >= km * Math.cos(half * radians));
  let calm: Evidence | undefined;
  for (const { index, km } of below) {
    const arrives = began + Math.ceil((km * 1000) / wind.mps / 60);
    if (step < arrives + 5) continue;
    const rise = riseOf(minutes, index, { began, from: Math.max(arrives, step - newestMinutes + 1), step });
    if (Number.isNaN(rise)) continue;
    const others = usualRise(minutes, sources.length, { began, from: Math.max(arrives, step - newestMinutes + 1), step });
    const own = rise - others;
    const evidence: Evidence = {
      kind: 'air',
      source: sources[index].id,
      metric: 'pm25',
      startMs: (step - newestMinutes + 1) * minuteMs,
      endMs: (step + 1) * minuteMs,
      value: atResolution('air', pm25, own),
      unit: 'µg/m³',
      limit: riseUgM3,
      side: own >= riseUgM3 ? 'above' : 'below',
      says: own >= riseUgM3 ? 'downwindRise' : 'noDownwindRise',
    };
    if (own >= riseUgM3) return { says: 'rose', evidence: [evidence] };
    if (km <= missingWithinKm && own < riseUgM3 / 4 && step >= arrives + missingMinutes) calm ??= evidence;
  }
  return calm === undefined ? { says: 'unknown' } : { says: 'calm', evidence: [calm] };
}

/** Vector mean of the newest minutes; undefined: calm or not known. */
function meanWind(minutes: Series, near: readonly Neighbour[], step: number) {
  if (near.length === 0) return undefined;
  const around = { station: near[0].index, neighbours: near.slice(1, windStations) };
  const { x, y, ageMs } = wayOfAir(minutes, around, { step, steps: windMinutes + 1 })[windMinutes];
  const mps = (Math.sqrt(x * x + y * y) * 1e6) / ageMs;
  return mps < calmMps ? undefined : { mps, toX: (-x * 1e6) / ageMs / mps, toY: (-y * 1e6) / ageMs / mps };
}

interface Span {
  readonly began: number;
  readonly from: number;
  readonly step: number;
}

/** Mean since `from` above that of the hour before the smoke. */
function riseOf(minutes: Series, station: number, { began, from, step }: Span): number {
  return meanOf(minutes, station, from, step) - meanOf(minutes, station, began - beforeMinutes, began - 1);
}

function meanOf(minutes: Series, station: number, from: number, to: number): number {
  let [sum, known] = [0, 0];
  for (let each = from; each <= to; each++) {
    const value = minutes.mean('air', pm25, station, each);
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
  }
  return known >= knownShare * (to - from + 1) ? sum / known : Number.NaN;
}

/** Median over all stations: what rises everywhere is no fire's. */
function usualRise(minutes: Series, stations: number, span: Span): number {
  const rises: number[] = [];
  for (let station = 0; station < stations; station++) {
    const rise = riseOf(minutes, station, span);
    if (!Number.isNaN(rise)) rises.push(rise);
  }
  rises.sort((a, b) => a - b);
  return rises.length === 0 ? 0 : rises[Math.floor(rises.length / 2)];
}
