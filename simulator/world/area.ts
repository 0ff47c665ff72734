// What the city gives off as a whole: traffic, heating, solvents, road dust, by place and hour; and the plain around it.

import type { District } from '../../engine/schema/register.ts';
import { rhythmAt } from './activity/traffic.ts';
import { type EmittedSpecies, emittedSpecies, gridSpecies } from './episode.ts';
import type { Grid } from './grid.ts';
import { localOf } from './local.ts';
import { normal, smooth, streamOf } from './random.ts';
import { hourOf, summerShare } from './weather.ts';

const hourMs = 3_600_000;

export const sectors = ['traffic', 'heating', 'solvent', 'dust'] as const;
export type Sector = (typeof sectors)[number];

/**
 * Daily means of the city, g/s: traffic and residential heating (at 0 °C) from SIMULATION.md 2.6, tuned there [D]; solvents
 * and small trades, dust of roads and fields are ours [D].
 */
const cityGps: Readonly<Record<Sector, Readonly<Partial<Record<EmittedSpecies, number>>>>> = {
  traffic: { pm25: 90, nox: 1_350, co: 3_500, voc: 300, so2: 40 },
  heating: { pm25: 430, so2: 760, co: 9_000, nox: 900, voc: 220 },
  solvent: { voc: 700, nox: 560, so2: 300, pm25: 60 },
  dust: { pmc: 900, pm25: 70 },
};

/** Times the daily means above, tuned to the targets [D]. */
const cityScale = 1.25;
/** The grid's 24,000 km² hold as much as that many cities of 8,836 km² [D]. */
const areaScale = 5;
/** The plain gives off less by area than the city: share of the city's density [D], tuned to the targets. */
const plainDensity = 1.75;
const cityKm2 = 8_836;

/** Share of a sector that is spread evenly; the rest stands around the seats of the districts. */
const evenShare: Readonly<Record<Sector, number>> = { traffic: 0.5, heating: 0.62, solvent: 0.5, dust: 0.6 };
/** Weight of the districts' towns, in the register's order of Hengshui; others count 5 [P]. */
const townWeights = [30, 8, 8, 6, 5, 5, 8, 9, 9, 6, 10, 6, 2];
const townSpreadM = 5_500;

/** Work and trade, hour by hour against the daily mean [D]. */
const dayHours = [
  0.45, 0.4, 0.4, 0.4, 0.45, 0.6, 0.9, 1.2, 1.45, 1.5, 1.5, 1.45, 1.3, 1.35, 1.5, 1.5, 1.45, 1.3, 1.1, 0.95, 0.8, 0.7, 0.6, 0.5,
];

function hourly(values: readonly number[], hour: number): number {
  const at = (hour - 0.5 + 24) % 24;
  const i = Math.floor(at);
  return values[i] + (values[(i + 1) % 24] - values[i]) * (at - i);
}

/** Heating goes with the cold; none above 12 °C, none out of the season (15 November to 15 March [M]) but a rest for cooking. */
function coldAt(ms: number, tempC: number): number {
  const warm = summerShare(ms);
  const season = warm < 0.25 ? 1 : warm < 0.35 ? (0.35 - warm) / 0.1 : 0;
  return Math.max(0, (12 - tempC) / 12) * season + 0.1;
}

/** Roads and fields blow above these winds (SIMULATION.md 2.4) [D]. */
const roadWindMps = 4.5;
const siteWindMps = 3;

/** How much more dust the wind raises: 1 + c max(0, u − threshold)². */
export function windDust(windMps: number, isSite: boolean): number {
  const over = windMps - (isSite ? siteWindMps : roadWindMps);
  return over <= 0 ? 1 : 1 + 0.25 * over * over;
}

export interface SectorFactors {
  /** Against their daily means, the hour's and the day's share included. */
  readonly traffic: number;
  readonly heating: number;
  /** Times the usual. */
  readonly solvent: number;
  readonly dust: number;
}

export interface AreaModel {
  /** Adds µg/s per cell and grid species to `emission`. */
  addTo(
    emission: Float64Array,
    ms: number,
    conditions: { tempC: number; windMps: number; rhPct: number },
    factors: SectorFactors,
  ): void;
  /** Share of the built-up weight in each cell; sums to 1. For fireworks. */
  readonly towns: Float64Array;
}

/** The fine grid's area sources. */
export function makeArea(seed: number, grid: Grid, districts: readonly District[]): AreaModel {
  const { columns, rows, cellM, west, south } = grid.shape;
  const towns = new Float64Array(grid.cells);
  districts.forEach((district, i) => {
    const { x, y } = localOf(district);
    const weight = townWeights[i] ?? 5;
    let sum = 0;
    const share = new Float64Array(grid.cells);
    for (let cell = 0; cell < grid.cells; cell++) {
      const dx = west + ((cell % columns) + 0.5) * cellM - x;
      const dy = south + (Math.floor(cell / columns) + 0.5) * cellM - y;
      share[cell] = Math.exp(-(dx * dx + dy * dy) / (2 * townSpreadM * townSpreadM));
      sum += share[cell];
    }
    for (let cell = 0; cell < grid.cells; cell++) towns[cell] += (weight * share[cell]) / sum;
  });
  const total = towns.reduce((sum, each) => sum + each, 0);
  for (let cell = 0; cell < grid.cells; cell++) towns[cell] /= total;
  // Of the even part every cell has as much; of the rest the city's own towns have one city's.
  const weights = sectors.map((sector) =>
    Float64Array.from(towns, (town) => (areaScale * evenShare[sector]) / (columns * rows) + (1 - evenShare[sector]) * town),
  );
  const perSecond = new Float64Array(sectors.length);
  return {
    towns,
    addTo(emission, ms, conditions, factors) {
      sectorRates(seed, ms, conditions, factors, perSecond);
      for (let k = 0; k < sectors.length; k++) {
        const gps = gpsOf[k];
        const weight = weights[k];
        const rate = perSecond[k] * 1e6;
        for (let cell = 0; cell < grid.cells; cell++) {
          const w = weight[cell] * rate;
          const at = cell * gridSpecies.length;
          for (let s = 0; s < emittedSpecies.length; s++) emission[at + gridIndex[s]] += w * gps[s];
        }
      }
    },
  };
}

/** Positions of the emitted species among the grid's. */
export const gridIndex = Uint8Array.from(emittedSpecies, (name) => gridSpecies.indexOf(name));
const gpsOf = sectors.map((sector) => Float64Array.from(emittedSpecies, (name) => cityScale * (cityGps[sector][name] ?? 0)));

function sectorRates(
  seed: number,
  ms: number,
  { tempC, windMps, rhPct }: { tempC: number; windMps: number; rhPct: number },
  factors: SectorFactors,
  out: Float64Array,
): void {
  out[0] = factors.traffic;
  out[1] = coldAt(ms, tempC) * factors.heating;
  // Solvents evaporate more when it is warm.
  out[2] = hourly(dayHours, hourOf(ms)) * (0.6 + 0.025 * Math.max(0, tempC)) * factors.solvent;
  const wet = rhPct > 85 ? 0.4 : 1;
  const dry = Math.exp(0.25 * smooth(seed, streamOf('dust of the days'), ms, 40 * hourMs));
  out[3] = (0.35 * factors.traffic + 0.65 * hourly(dayHours, hourOf(ms))) * windDust(windMps, false) * wet * dry * factors.dust;
}

/** The plain and the mountains around: emission of the coarse grid, 0 in the mountains to 1 on the plain. */
export function plainShare(x: number, y: number): number {
  // The foot of the Taihang runs from 125 km west, 50 km south to 50 km east, 240 km north.
  const along = { x: 175_000, y: 290_000 };
  const length = Math.sqrt(along.x * along.x + along.y * along.y);
  const east = ((x + 125_000) * along.y - (y + 50_000) * along.x) / length;
  return 0.06 + 0.94 / (1 + Math.exp(-east / 18_000));
}

/** Adds the plain's emission to the coarse grid, µg/s. */
export function makePlain(seed: number, grid: Grid) {
  const { columns, cellM, west, south } = grid.shape;
  const perCell = (plainDensity * cellM * cellM) / 1e6 / cityKm2;
  const weights = Float64Array.from({ length: grid.cells }, (_, cell) => {
    const x = west + ((cell % columns) + 0.5) * cellM;
    const y = south + (Math.floor(cell / columns) + 0.5) * cellM;
    return perCell * plainShare(x, y) * Math.exp(0.35 * normal(seed, streamOf('plain'), cell));
  });
  const perSecond = new Float64Array(sectors.length);
  return (emission: Float64Array, ms: number, conditions: { tempC: number; windMps: number; rhPct: number }): void => {
    sectorRates(seed, ms, conditions, { ...rhythmAt(seed, ms), solvent: 1, dust: 1 }, perSecond);
    for (let cell = 0; cell < grid.cells; cell++) {
      const at = cell * gridSpecies.length;
      for (let s = 0; s < emittedSpecies.length; s++) {
        let gps = industryGps[s];
        for (let k = 0; k < sectors.length; k++) gps += perSecond[k] * gpsOf[k][s];
        emission[at + gridIndex[s]] = weights[cell] * gps * 1e6;
      }
    }
  };
}

/** Industry of the plain, as a city's, g/s [D]. */
const industryGps = Float64Array.from(
  emittedSpecies,
  (name) => ({ pm25: 110, pmc: 50, so2: 450, nox: 760, co: 1_400, voc: 200 })[name],
);
