// What all instruments share: chance for many sources at once, gaps, drift, humidity, limits and rounding.

import { catalog, type Kind, type Metric } from '../../../engine/schema/catalog.ts';
import type { EnterpriseProcess, Register, Source } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import type { Columns } from '../columns.ts';
import type { Episode } from '../episode.ts';
import { streamOf, uniform } from '../random.ts';

/** Rows of one step. Calls are in the order of time, with the same `stepMs` all along. */
export type Sensors = (state: CityState) => readonly Columns[];
export type SensorMaker = (seed: number, register: Register, episode: Episode) => Sensors;

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** In the register's order: what `Columns.source` counts. */
export function sourcesOf(register: Pick<Register, 'sources'>, kind: Kind): readonly Source[] {
  return register.sources.filter((source) => source.kind === kind);
}

/** The tick of a time: whole seconds, so that every cadence down to 1 s has its own draws. */
export function tickOf(eventMs: number): number {
  return Math.floor(eventMs / secondMs);
}

/** Mixes 32 bits (the constants of the public-domain hash lowbias32). */
function scatter(bits: number): number {
  const first = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  const second = Math.imul(first ^ (first >>> 15), 0x846ca68b);
  return (second ^ (second >>> 16)) >>> 0;
}

/** One draw of (seed, stream, tick) that opens a row of draws, one for each index: a draw then costs 2 ns instead of 40. */
export function chanceKey(seed: number, stream: number, tick: number): number {
  return Math.floor(uniform(seed, stream, tick) * 4294967296) | 0;
}

/** Uniform in (0, 1). */
export function chanceAt(key: number, index: number): number {
  return (scatter(key ^ Math.imul(index + 1, 0x9e3779b1)) + 0.5) / 4294967296;
}

/** 1 / standard deviation of the sum of four bytes. */
const perByteSum = 1 / Math.sqrt((4 * (65536 - 1)) / 12);

/** About standard normal: the sum of the draw's four bytes; bounded at 3.45, in steps of 0.007. */
export function noiseAt(key: number, index: number): number {
  const bits = scatter(key ^ Math.imul(index + 1, 0x9e3779b1));
  return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) * perByteSum;
}

/** One number a source that never changes, standard normal times `sd` around `mean`. */
export function perSource(seed: number, name: string, count: number, mean: number, sd: number): Float64Array {
  const key = chanceKey(seed, streamOf(name), 0);
  return Float64Array.from({ length: count }, (_, i) => mean + sd * noiseAt(key, i));
}

/** One number a source that never changes, evenly between. */
export function perSourceBetween(seed: number, name: string, count: number, low: number, high: number): Float64Array {
  const key = chanceKey(seed, streamOf(name), 0);
  return Float64Array.from({ length: count }, (_, i) => low + (high - low) * chanceAt(key, i));
}

/** A Poisson count by inversion of `chance`, uniform in (0, 1). For means up to some hundred. */
export function poisson(mean: number, chance: number): number {
  let left = chance - Math.exp(-mean);
  let term = Math.exp(-mean);
  let count = 0;
  while (left > 0 && count < 1000) {
    count += 1;
    term *= mean / count;
    left -= term;
    if (term < 1e-12 && count > mean) break;
  }
  return count;
}

export interface Gaps {
  /** Source i is silent in [fromMs[i], toMs[i]). */
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
  /** One uniform number a source and block, to choose what is missing. */
  readonly pick: Float64Array;
  /** To be called before the arrays are read. */
  roll(eventMs: number): void;
}

export interface GapOptions {
  readonly seed: number;
  readonly name: string;
  /** Share of time without data, one a source; at most meanMs / blockMs. */
  readonly shares: Float64Array;
  readonly meanMs: number;
  /** At most one gap a source and block; it does not reach over the block's end. */
  readonly blockMs: number;
}

/** Short gaps of random length, by (seed, name, block, source): known from the time alone. */
export function gapsOf({ seed, name, shares, meanMs, blockMs }: GapOptions): Gaps {
  const streams = [
    streamOf(`${name} gap`),
    streamOf(`${name} gap length`),
    streamOf(`${name} gap start`),
    streamOf(`${name} gap of`),
  ];
  const fromMs = new Float64Array(shares.length);
  const toMs = new Float64Array(shares.length);
  const pick = new Float64Array(shares.length);
  let rolled = Number.NaN;
  return {
    fromMs,
    toMs,
    pick,
    roll(eventMs) {
      const block = Math.floor(eventMs / blockMs);
      if (block === rolled) return;
      rolled = block;
      const [gap, length, start, of] = streams.map((stream) => chanceKey(seed, stream, block));
      for (let i = 0; i < shares.length; i++) {
        pick[i] = chanceAt(of, i);
        const lengthMs = Math.min(-meanMs * Math.log(chanceAt(length, i)), blockMs);
        const isThere = chanceAt(gap, i) < (shares[i] * blockMs) / meanMs;
        fromMs[i] = block * blockMs + chanceAt(start, i) * (blockMs - lengthMs);
        toMs[i] = isThere ? fromMs[i] + lengthMs : fromMs[i];
      }
    },
  };
}

/** Fills `into` with the indices that are not in a gap, and says how many. */
export function present(gaps: Gaps, eventMs: number, into: Uint32Array): number {
  gaps.roll(eventMs);
  let rows = 0;
  for (let i = 0; i < gaps.fromMs.length; i++) {
    if (eventMs >= gaps.fromMs[i] && eventMs < gaps.toMs[i]) continue;
    into[rows] = i;
    rows += 1;
  }
  return rows;
}

/** New columns for all metrics of a kind, in the catalog's order. */
export function newValues(kind: Kind, rows: number): Record<string, Float64Array> {
  return Object.fromEntries(catalog[kind].metrics.map((metric) => [metric.id, new Float64Array(rows)]));
}

/** The nearest value that the metric can have: whole numbers of its resolution, inside its range. NaN stays. */
export function quantise(value: number, { scale, min, max }: Pick<Metric, 'scale' | 'min' | 'max'>): number {
  // + 0 turns a negative zero into zero.
  return Math.round(clip(value, min, max) * scale) / scale + 0;
}

/** Directions wrap: 360 is 0. */
export function quantiseDirection(degrees: number, scale: number): number {
  const turned = Math.round(degrees * scale) % (360 * scale);
  return (turned < 0 ? turned + 360 * scale : turned) / scale + 0;
}

export function clip(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high);
}

/** Months since the last calibration, which comes every `everyDays`, at a time of its own for each source (`phase` 0 to 1). */
export function monthsSince(eventMs: number, phase: number, everyDays: number): number {
  const periods = eventMs / (everyDays * dayMs) + phase;
  return ((periods - Math.floor(periods)) * everyDays) / 30;
}

/** Water activity above which the formula is not driven further: 0.96 makes particles look 6 times kappa/0.35 as many [D]. */
const waterActivityMax = 0.96;

/**
 * How much a light-scattering instrument overstates moist particles: 1 + kappa/1.65 / (1/aw - 1) * (1 - dry), kappa-Köhler form [K]
 * (SIMULATION section 5). `dryShare` of the water is driven off by the heated inlet.
 * Example: kappa 0.35, 90 %, not dried: 1 + 0.2121 / 0.1111 = 2.91.
 */
export function humidityFactor(rhPct: number, kappa: number, dryShare: number): number {
  const activity = clip(rhPct / 100, 0, waterActivityMax);
  if (activity === 0) return 1;
  return 1 + (kappa / 1.65 / (1 / activity - 1)) * (1 - dryShare);
}

/** For each source (by its place in its kind) the indices of the processes that name it, in `processesOf` order. */
export function processesBySource(
  register: Pick<Register, 'sources' | 'enterprises'>,
  kind: Kind,
  idOf: (process: EnterpriseProcess) => string | undefined,
): readonly (readonly number[])[] {
  const byId = new Map<string, number[]>();
  let index = 0;
  for (const enterprise of register.enterprises) {
    for (const process of enterprise.processes) {
      const id = idOf(process);
      if (id !== undefined) byId.set(id, [...(byId.get(id) ?? []), index]);
      index += 1;
    }
  }
  return sourcesOf(register, kind).map((source) => byId.get(source.id) ?? []);
}
