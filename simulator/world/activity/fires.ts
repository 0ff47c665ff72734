// Straw fires and fireworks: where, when and how much, from what a scenario asks.

import { drawn } from '../draw.ts';
import type { Fires, Fireworks } from '../episode.ts';
import type { Local } from '../local.ts';
import { streamOf, uniform } from '../random.ts';
import { hourMs, minuteMs } from './beijingDay.ts';
import { distanceM, type Look } from './targets.ts';

/** A burning field. `gps` in the order of `emittedSpecies` while it burns. */
export interface Field extends Local {
  readonly id: string;
  /** Id of the incident. */
  readonly incident: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly areaM2: number;
  readonly gps: readonly number[];
}

/** g per kg of straw in the order of `emittedSpecies`: PM2.5 from Li 2007 (simulation report S12), the others [K]. */
const gramsPerKg = {
  wheat: [7.6, 0.8, 0.85, 3.3, 60, 7.5],
  maize: [11.7, 1.2, 0.44, 4.3, 53, 10.4],
} as const;
/** Straw on a field, and the Chinese acre (simulation report 2.6). */
const strawKgPerM2 = 0.45;
const m2PerMu = 667;
/** 5 mu burn for half an hour (same place); other areas by the root, between 10 minutes and 2 hours [D]. */
const usualMu = 5;
const usualMs = 30 * minuteMs;
const shortestMs = 10 * minuteMs;
const longestMs = 120 * minuteMs;
/** "Rural" is at least this far from every seat of a township or district. */
const ruralM = 2000;
const tries = 64;
/** From a seat, m [D]. */
const fieldFromM = 2000;
const fieldToM = 7000;
/** More than one fire at one place: this far apart at most, m [D]. */
const scatterM = 400;

export interface FirePlaces {
  readonly seats: readonly Local[];
  readonly station: (id: string) => Local | undefined;
  readonly look: Look;
}

export function fieldsOf(incident: Fires, seed: number, startMs: number, places: FirePlaces): readonly Field[] {
  const stream = (what: string) => streamOf(`incident ${incident.id} ${what}`);
  return Array.from({ length: incident.count }, (_, k) => {
    const areaMu = drawn(incident.areaMu, seed, stream('area'), k);
    const burnsMs = durationMs(areaMu);
    const latestMs = Math.max(incident.fromMs, incident.toMs - burnsMs);
    const fromMs = startMs + incident.fromMs + Math.floor((latestMs - incident.fromMs) * uniform(seed, stream('start'), k));
    const areaM2 = areaMu * m2PerMu;
    const straw = (areaM2 * strawKgPerM2) / (burnsMs / 1000);
    return {
      id: `${incident.id}-${k + 1}`,
      incident: incident.id,
      startMs: fromMs,
      endMs: fromMs + burnsMs,
      areaM2,
      gps: gramsPerKg[incident.fuel].map((grams) => grams * straw),
      ...placeOf(incident, seed, k, fromMs, places),
    };
  });
}

function durationMs(areaMu: number): number {
  const ms = usualMs * Math.sqrt(areaMu / usualMu);
  return Math.round(Math.min(longestMs, Math.max(shortestMs, ms)) / minuteMs) * minuteMs;
}

function placeOf({ id, at }: Fires, seed: number, k: number, startMs: number, places: FirePlaces): Local {
  const chance = (what: string, tick: number) => uniform(seed, streamOf(`incident ${id} ${what}`), tick);
  const station = at === 'rural' ? undefined : places.station(at.station);
  if (at === 'rural' || station === undefined) return ruralPlace(places.seats, (what, n) => chance(what, k * tries + n));
  const from = (places.look.windAt(startMs).windFromDeg * Math.PI) / 180;
  const off = k === 0 ? 0 : scatterM;
  return {
    x: station.x + at.distanceM * Math.sin(from) + off * (2 * chance('east', k) - 1),
    y: station.y + at.distanceM * Math.cos(from) + off * (2 * chance('north', k) - 1),
  };
}

/** The first of some tries that is far enough from all seats, or the farthest. */
function ruralPlace(seats: readonly Local[], chance: (what: string, n: number) => number): Local {
  let best: Local = { x: 0, y: 0 };
  let bestM = -1;
  for (let n = 0; n < tries && seats.length > 0; n++) {
    const seat = seats[Math.floor(chance('seat', n) * seats.length)];
    const angle = 2 * Math.PI * chance('angle', n);
    const away = fieldFromM + (fieldToM - fieldFromM) * chance('away', n);
    const place = { x: seat.x + away * Math.sin(angle), y: seat.y + away * Math.cos(angle) };
    const nearestM = seats.reduce((least, each) => Math.min(least, distanceM(each, place)), Number.MAX_VALUE);
    if (nearestM > bestM) {
      best = place;
      bestM = nearestM;
    }
    if (nearestM >= ruralM) break;
  }
  return best;
}

/** How strongly a fire shows: 1 = 5 mu in half an hour. */
export function fireStrength({ areaM2, startMs, endMs }: Field): number {
  return areaM2 / m2PerMu / usualMu / ((endMs - startMs) / usualMs);
}

/** Coarse particles by PM2.5 of fireworks [D]. */
const fireworksCoarse = 0.3;

/** Adds the city-wide g/s of fireworks in the order of `emittedSpecies`. */
export function addFireworks(out: Float64Array, incident: Fireworks, sinceStartMs: number): void {
  const { profile } = incident;
  for (let n = 0; n < profile.length; n++) {
    const [fromMs, share] = profile[n];
    const toMs = n + 1 < profile.length ? profile[n + 1][0] : fromMs + hourMs;
    if (sinceStartMs < fromMs || sinceStartMs >= toMs) continue;
    const gps = (incident.massPm25Kg * 1000 * share) / ((toMs - fromMs) / 1000);
    out[0] += gps;
    out[1] += gps * fireworksCoarse;
    out[2] += gps * incident.so2Ratio;
  }
}
