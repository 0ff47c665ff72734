// What the main meter says of a sub-meter that fell: whether the power is gone, or only its reading.

import type { Series } from './series.ts';

export interface Witness {
  readonly main: number;
  /** Its changes are taken off the main meter's. */
  readonly production: number;
  readonly treatment: number;
}

/** Minutes on each side of the fall; so many of them must be known. */
const sideMinutes = 6;
const sideLeast = 4;
/** Longest ago that a fall is looked for: also how far back a judgement by it reaches, less the minutes before it. */
export const witnessMinutes = 90;
export const witnessReach = witnessMinutes + sideMinutes;
/** A fall counts as visible from so many standard errors, and this share of what the main meter carries beside production [ours]. */
const errors = 4;
const leastShare = 0.06;

interface Side {
  readonly mean: number;
  readonly variance: number;
  readonly known: number;
}

/**
 * True: when the treatment meter last fell from above `onKw`, main less production stayed as it was, though the treatment's power
 * is large enough to be missed: the reading is wrong, not the treatment off. False also where the main meter cannot tell.
 * Example: treatment 40 kW, main less production 300 kW before and 299 after: contradicted; 262 after: off.
 */
export function mainContradicts(minutes: Series, { main, production, treatment }: Witness, step: number, onKw: number): boolean {
  if (main < 0) return false;
  const last = lastAbove(minutes, treatment, step, onKw);
  if (last === undefined) return false;
  const before = restOf(minutes, main, production, last - sideMinutes + 1, last);
  // The minute of the fall itself is mixed.
  const after = restOf(minutes, main, production, last + 2, Math.min(step, last + 1 + sideMinutes));
  if (before.known < sideLeast || after.known < sideLeast) return false;
  let was = 0;
  let known = 0;
  for (let each = last - sideMinutes + 1; each <= last; each++) {
    const kw = minutes.mean('power', 0, treatment, each);
    if (!(kw > onKw)) continue;
    was += kw;
    known += 1;
  }
  was /= known;
  const error = Math.sqrt(before.variance / before.known + after.variance / after.known);
  if (!(was > errors * error && was > leastShare * before.mean)) return false;
  return Math.abs(before.mean - after.mean) < was / 2;
}

function lastAbove(minutes: Series, treatment: number, step: number, onKw: number): number | undefined {
  for (let each = step - 1; each > step - witnessMinutes; each--)
    if (minutes.mean('power', 0, treatment, each) > onKw) return each;
  return undefined;
}

/** Main less production, minute by minute. */
function restOf(minutes: Series, main: number, production: number, fromStep: number, toStep: number): Side {
  let sum = 0;
  let squares = 0;
  let known = 0;
  for (let step = fromStep; step <= toStep; step++) {
    const rest = minutes.mean('power', 0, main, step) - minutes.mean('power', 0, production, step);
    if (Number.isNaN(rest)) continue;
    sum += rest;
    squares += rest * rest;
    known += 1;
  }
  const mean = sum / known;
  return { mean, variance: known < 2 ? Number.NaN : Math.max(0, (squares - known * mean * mean) / (known - 1)), known };
}
