// What an incident, a cheat or a disobeyed order does to one process, and the emission that follows.

import { pollutantOfSpecies, type Rates, speciesCount, treatedPollutants } from './rates.ts';

// Imported bindings cost a call in loops where modules are transpiled.
const species = speciesCount;
const pollutants = treatedPollutants.length;
const pollutantOf = Int8Array.from(pollutantOfSpecies);

/** Neutral values change nothing, bit by bit. Several merge to the same whatever their order. */
export interface Modifier {
  /** Load is at least this. */
  floor: number;
  /** Share of the designed removal that is left, by `treatedPollutants`. */
  readonly removal: Float64Array;
  /** Times the emission, where even no removal at all gives less than is asked for. */
  readonly extra: Float64Array;
  /** Share of the treatment's rated power; NaN: as usual. */
  treatment: number;
  /** Share through the stack at most. */
  capture: number;
  /** 1: the production meter is bypassed. */
  bypass: number;
  /** g/s at the roof by species instead of what follows from the load; NaN: as it follows. */
  readonly roof: Float64Array;
}

export function neutral(): Modifier {
  const modifier: Modifier = {
    floor: 0,
    removal: new Float64Array(pollutants),
    extra: new Float64Array(pollutants),
    treatment: Number.NaN,
    capture: 1,
    bypass: 0,
    roof: new Float64Array(species),
  };
  reset(modifier);
  return modifier;
}

export function reset(modifier: Modifier): void {
  modifier.floor = 0;
  modifier.removal.fill(1);
  modifier.extra.fill(1);
  modifier.treatment = Number.NaN;
  modifier.capture = 1;
  modifier.bypass = 0;
  modifier.roof.fill(Number.NaN);
}

/** The worse of both, field by field. */
export function merge(into: Modifier, other: Modifier): void {
  into.floor = Math.max(into.floor, other.floor);
  for (let q = 0; q < pollutants; q++) {
    into.removal[q] = Math.min(into.removal[q], other.removal[q]);
    into.extra[q] = Math.max(into.extra[q], other.extra[q]);
  }
  if (!(into.treatment <= other.treatment) && !Number.isNaN(other.treatment)) into.treatment = other.treatment;
  into.capture = Math.min(into.capture, other.capture);
  into.bypass = Math.max(into.bypass, other.bypass);
  for (let k = 0; k < species; k++) {
    if (!(into.roof[k] >= other.roof[k]) && !Number.isNaN(other.roof[k])) into.roof[k] = other.roof[k];
  }
}

/** Of the raw particles that leave the hood, so much gets out at the roof; the rest settles in the hall. Gives the 3–10 g/s
 *  of PM2.5 of a baghouse's fan that is off (simulation report 2.6) [D]. */
const dustOutOfHall = 0.35;
/** Below this load a given leak has nothing to leak [D]. */
const leakFromLoad = 0.05;

/**
 * Writes g/s of process `i` by species: `out[0..5]` through the stack, `out[6..11]` at the roof. What the fan does not draw
 * into the stack has passed no treatment. A process without a stack gives everything off at the roof, treated as it is.
 */
export function emissionInto(out: Float64Array, rates: Rates, i: number, hasStack: boolean, load: number, m: Modifier): void {
  for (let k = 0; k < species; k++) {
    const q = pollutantOf[k];
    const removal = q < 0 ? 1 : m.removal[q];
    const extra = q < 0 ? 1 : m.extra[q];
    const raw = rates.raw[i * species + k];
    const rate = (removal * rates.treated[i * species + k] + (1 - removal) * raw) * extra;
    out[k] = hasStack ? load * rate * m.capture : 0;
    const past = (1 - m.capture) * raw * (q === 2 ? dustOutOfHall : 1);
    out[species + k] = load * (hasStack ? past : rate);
    if (!Number.isNaN(m.roof[k])) out[species + k] = load >= leakFromLoad ? m.roof[k] : 0;
  }
}

/** Sets removal (and, past the raw gas, `extra`) of one pollutant so that the emission at equal load is `factor` times. */
export function raise(m: Modifier, rates: Rates, i: number, pollutant: number, factor: number): void {
  let treated = 0;
  let raw = 0;
  for (let k = 0; k < species; k++) {
    if (pollutantOf[k] !== pollutant) continue;
    treated += rates.treated[i * species + k];
    raw += rates.raw[i * species + k];
  }
  if (!(treated > 0) || !(factor > 1)) return;
  const wanted = factor * treated;
  m.removal[pollutant] = wanted >= raw ? 0 : 1 - (wanted - treated) / (raw - treated);
  m.extra[pollutant] = wanted > raw ? wanted / raw : 1;
}
