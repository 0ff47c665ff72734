// What is in the air at the stations: background, plumes and puffs together, with NO2 and O3 in balance. The truth, not the reading.

import { type EmittedSpecies, emittedSpecies, gridSpecies } from './episode.ts';
import { makeLattice } from './lattice.ts';
import type { Local } from './local.ts';
import { normal, smooth, streamOf } from './random.ts';

export const airNames = ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co'] as const;
export type AirName = (typeof airNames)[number];
export type AirColumns = Readonly<Record<AirName, Float64Array>>;

export const newAirColumns = (count: number): AirColumns =>
  Object.fromEntries(airNames.map((name) => [name, new Float64Array(count)])) as unknown as AirColumns;

const g = Object.fromEntries(gridSpecies.map((name, s) => [name, s])) as Readonly<Record<(typeof gridSpecies)[number], number>>;
const p = Object.fromEntries(emittedSpecies.map((name, s) => [name, s])) as Readonly<Record<EmittedSpecies, number>>;

/** µg/m³ of 1 ppb at 25 °C (domain report 1.7) [S]. */
const no2PerPpb = 1.88;
const o3PerPpb = 1.962;

/** Share of NO2 in fresh NOx; it adds to Ox [D]. */
const directNo2 = 0.1;

/**
 * The ratio J(NO2) / k(NO + O3) in ppb: what sunlight splits against what recombines. J = .0167 exp(−.575 / cos z) /s
 * (SIMULATION.md 2.4) [K]; k = 3e-12 exp(−1500 / T) cm³/s (JPL) [K].
 */
export function photoRatio(sinElevation: number, cloud: number, tempC: number): number {
  if (sinElevation <= 0.02) return 0;
  const j = 0.0167 * Math.exp(-0.575 / sinElevation) * (1 - 0.5 * cloud);
  const kelvin = tempC + 273.15;
  const k = 3e-12 * Math.exp(-1500 / kelvin) * 2.46e10 * (298 / kelvin);
  return j / k;
}

/** NO2 of NOx and Ox, all in ppb: [O3][NO] = r [NO2], with Ox = O3 + NO2 and NOx = NO + NO2. */
export function no2Of(nox: number, ox: number, ratio: number): number {
  // The smaller root of n² − (nox + ox + ratio) n + nox ox = 0, in a form that loses no digits and is never negative.
  const apart = nox - ox;
  const root = Math.sqrt(apart * apart + ratio * (2 * (nox + ox) + ratio));
  const sum = nox + ox + ratio + root;
  return sum === 0 ? 0 : (2 * nox * ox) / sum;
}

/** Fresh NO and ozone are never mixed to the last: at night a little ozone stays [D]. ppb. */
export const unmixedPpb = 0.8;

/** Spread of places within a cell that neither grid nor plumes know, of logarithms (targets: local residual, SIMULATION.md 4) [D]. */
const placeSd = { particles: 0.62, nox: 0.26, so2: 0.2 };
const biasSd = { particles: 0.25, nox: 0.18, so2: 0.15 };
/** Where the whole plain is dirty, places differ less: half as much at these µg/m³ of PM2.5 [D]. */
const evenAtUgM3 = 35;
const placeMs = 3 * 3_600_000;
/** Whole counties differ in how well they are ventilated: all pollutants alike (targets: correlation by distance) [D]. */
const countySd = 0.3;
const countyMs = 7 * 3_600_000;
const groups = ['particles', 'nox', 'so2'] as const;
/** Entries a station: `groups`, then the county's. */
export const factorCount = groups.length + 1;

/** Logarithms of the factors of the stations' surroundings, `factorCount` each. */
export function makePlaceFactors(seed: number, places: readonly Local[]): (ms: number, out: Float64Array) => void {
  const streams = places.map((_, i) => groups.map((group) => streamOf(`place ${group} ${i}`)));
  const bias = streams.map((own) => own.map((stream, k) => biasSd[groups[k]] * normal(seed, stream, -1)));
  const county = makeLattice(seed, 'county', 1, countyMs);
  return (ms, out) => {
    places.forEach(({ x, y }, i) => {
      const at = i * factorCount;
      for (let k = 0; k < groups.length; k++)
        out[at + k] = bias[i][k] + placeSd[groups[k]] * smooth(seed, streams[i][k], ms, placeMs);
      county(ms, x, y, out, at + groups.length);
      out[at + groups.length] *= countySd;
    });
  };
}

/**
 * Station by station: `background` holds grid species in µg/m³, `plumes` emitted species in g/m³ (plumes and puffs),
 * `factors` of `makePlaceFactors`.
 */
export function mixInto(
  out: AirColumns,
  background: Float64Array,
  plumes: Float64Array,
  factors: Float64Array,
  ratio: number,
): void {
  const count = out.pm25.length;
  for (let i = 0; i < count; i++) {
    const b = i * gridSpecies.length;
    const e = i * emittedSpecies.length;
    const f = i * factorCount;
    const county = factors[f + groups.length];
    const even = background[b + g.pm25] + background[b + g.so4] + background[b + g.no3] + background[b + g.soa];
    const place = Math.exp(county + (factors[f] * evenAtUgM3) / (evenAtUgM3 + even));
    const pm25 = even * place + plumes[e + p.pm25] * 1e6;
    out.pm25[i] = pm25;
    out.pm10[i] = pm25 + background[b + g.pmc] * place + plumes[e + p.pmc] * 1e6;
    out.so2[i] = background[b + g.so2] * Math.exp(county + factors[f + 2]) + plumes[e + p.so2] * 1e6;
    const fresh = plumes[e + p.nox] * 1e6;
    const ownNox = Math.exp(county + factors[f + 1]);
    const nox = background[b + g.nox] * ownNox + fresh;
    const ox = background[b + g.ox] + (directNo2 * fresh * o3PerPpb) / no2PerPpb;
    const no2 = no2Of(nox / no2PerPpb, ox / o3PerPpb, Math.max(ratio, unmixedPpb));
    out.no2[i] = no2 * no2PerPpb;
    out.o3[i] = Math.max(0, ox - no2 * o3PerPpb);
    out.co[i] = (background[b + g.co] * ownNox + plumes[e + p.co] * 1e6) / 1000;
  }
}
