// Tier one: the air of the plain (25 km cells) and, inside it, of the city (5 km cells), with and without the orders.

import type { District } from '../../engine/schema/register.ts';
import { type AreaModel, makeArea, makePlain, plainShare, type SectorFactors } from './area.ts';
import type { Weather } from './cityState.ts';
import { type Episode, gridSpecies } from './episode.ts';
import { type Air, type Edges, type Grid, type GridShape, type MassAccount, makeGrid, type StepWeather } from './grid.ts';
import { localOf } from './local.ts';
import { normal, streamOf } from './random.ts';
import { summerShare, type WeatherModel } from './weather.ts';

const speciesCount = gridSpecies.length;
const dayMs = 86_400_000;
export const gridStepMs = 300_000;

/** 150 by 160 km around the city; 600 by 600 km of plain and mountains. */
export const fineShape: Omit<GridShape, 'topM'> = { columns: 30, rows: 32, cellM: 5_000, west: -60_000, south: -80_000 };
export const coarseShape: Omit<GridShape, 'topM'> = { columns: 24, rows: 24, cellM: 25_000, west: -300_000, south: -300_000 };

/** Air from behind the mountains, µg/m³ [D]; ox as O3 in winter and summer. */
const cleanAir = { pm25: 4, pmc: 7, so4: 1.4, no3: 1.2, soa: 1, so2: 2.5, nox: 5, co: 200, voc: 5 };
/** In summer the plain's far surroundings are hazy too: so many times the clean particles [D]. */
const summerHaze = 3;
const hazy: ReadonlySet<string> = new Set(['pm25', 'so4', 'no3', 'soa']);
const cleanOx: readonly [number, number] = [74, 84];
/** From the south and east comes air of the plain: that part of the plain's own mean above the clean [D]. */
const plainInflow = 0.6;
/** Particles make the mixed layer shallower: h (1 − .35 min(1, PM2.5 / 250)) (SIMULATION.md 4.1, work list 2). */
const feedback = 0.35;
/** Roofs and trees stir the lowest air even in a calm, m [D]. */
const mixingMinM = 100;

export interface WorldEmission {
  /** µg/s per cell of the fine grid and grid species, without the area sources. */
  readonly low: Float64Array;
  readonly aloft: Float64Array;
  readonly factors: SectorFactors;
}

export interface Background {
  readonly fine: Grid;
  readonly area: AreaModel;
  /** Height of the mixed layer now, m. */
  readonly mixingM: number;
  /** Advances by five minutes from `ms`. The second world is computed only when it differs. */
  step(ms: number, worlds: readonly WorldEmission[], account?: MassAccount): void;
  /** The second world begins, as the first is now. */
  split(): void;
  /** All grid species near the ground at a place, into `out`. */
  readInto(world: 0 | 1, x: number, y: number, out: Float64Array, offset: number): void;
  /** PM2.5 of the city without orders, mean of its cells, µg/m³. */
  readonly cityPm25: number;
}

export function makeBackground(
  seed: number,
  episode: Pick<Episode, 'inflow' | 'startMs' | 'warmupMs'>,
  weather: WeatherModel,
  districts: readonly District[],
): Background {
  const topM = 1_600 + 900 * summerShare(episode.startMs);
  const fine = makeGrid({ ...fineShape, topM });
  const coarse = makeGrid({ ...coarseShape, topM });
  const area = makeArea(seed, fine, districts);
  const plain = makePlain(seed, coarse);
  const clean = new Float64Array(speciesCount);
  const startMs = episode.startMs - episode.warmupMs;
  const setClean = (ms: number) => {
    gridSpecies.forEach((name, s) => {
      const warm = summerShare(ms);
      const haze = hazy.has(name) ? 1 + (summerHaze - 1) * warm : 1;
      clean[s] = name === 'ox' ? cleanOx[0] + (cleanOx[1] - cleanOx[0]) * warm : cleanAir[name] * haze;
    });
  };
  setClean(startMs);
  const begin = clean.map((value, s) => (gridSpecies[s] === 'ox' ? value : value * 3));
  const worlds: Air[] = [fine.newAir(begin)];
  const regional = coarse.newAir(begin);

  const fineWind = { u: new Float64Array(fine.cells), v: new Float64Array(fine.cells) };
  const coarseWind = { u: new Float64Array(coarse.cells), v: new Float64Array(coarse.cells) };
  const fineEdges = { mixed: newEdges(fine.shape), residual: newEdges(fine.shape) };
  const coarseEdges = { mixed: newEdges(coarse.shape), residual: newEdges(coarse.shape) };
  const emission = new Float64Array(fine.cells * speciesCount);
  const plainEmission = new Float64Array(coarse.cells * speciesCount);
  const nothing = new Float64Array(coarse.cells * speciesCount);
  const inflow = new Float64Array(speciesCount);
  const cityCells = districts.map((district) => {
    const { x, y } = localOf(district);
    return fine.cellOf(x, y);
  });
  let mixingM = Math.max(mixingMinM, weather.centre(startMs).mixingM);
  let cityPm25 = 40;
  let count = 0;

  function addInflow(ms: number): void {
    inflow.fill(0);
    for (const { fromMs, toMs, rampMs, add } of episode.inflow) {
      const at = ms - episode.startMs;
      if (at <= fromMs || at >= toMs) continue;
      const share = rampMs > 0 ? Math.min(1, (at - fromMs) / rampMs, (toMs - at) / rampMs) : 1;
      gridSpecies.forEach((name, s) => {
        inflow[s] += share * (add[name] ?? 0);
      });
    }
  }

  /** Air over the coarse grid's edges: clean from the mountains, like the plain's elsewhere. */
  function setCoarseEdges(): void {
    const mean = new Float64Array(speciesCount);
    for (const layer of ['mixed', 'residual'] as const) {
      mean.fill(0);
      for (let k = 0; k < regional[layer].length; k++) mean[k % speciesCount] += regional[layer][k] / coarse.cells;
      eachEdge(coarse.shape, coarseEdges[layer], (x, y, out, offset) => {
        const share = plainInflow * plainShare(x, y);
        for (let s = 0; s < speciesCount; s++) out[offset + s] = clean[s] + share * Math.max(0, mean[s] - clean[s]);
      });
    }
  }

  function setFineEdges(): void {
    for (const layer of ['mixed', 'residual'] as const)
      eachEdge(fine.shape, fineEdges[layer], (x, y, out, offset) => {
        coarse.readInto(regional[layer], x, y, out, offset);
        for (let s = 0; s < speciesCount; s++) out[offset + s] += inflow[s];
      });
  }

  function cityMean(): number {
    const { mixed } = worlds[worlds.length - 1];
    let sum = 0;
    for (const cell of cityCells) {
      const k = cell * speciesCount;
      sum += mixed[k] + mixed[k + 2] + mixed[k + 3] + mixed[k + 4];
    }
    return sum / cityCells.length;
  }

  function stepWeather(ms: number, now: Weather): StepWeather {
    const shallow = 1 - feedback * Math.min(1, cityPm25 / 250);
    const height = Math.max(mixingMinM, Math.min(topM - 100, now.mixingM * shallow));
    // Turbidity and ozone of the stratosphere differ from day to day.
    const day = Math.floor((ms + 8 * 3_600_000) / dayMs);
    const sun =
      Math.max(0, now.sinElevation) * (1 - 0.65 * now.cloud) * Math.exp(0.15 * normal(seed, streamOf('sun of the day'), day));
    return { mixingM: height, tempC: now.tempC, rhPct: now.rhPct, rainMmH: now.rainMmH, sun };
  }

  return {
    fine,
    area,
    get mixingM() {
      return mixingM;
    },
    get cityPm25() {
      return cityPm25;
    },
    split() {
      const copy = fine.newAir(begin);
      fine.copyAir(worlds[0], copy);
      worlds.push(copy);
    },
    readInto: (world, x, y, out, offset) => fine.readInto(worlds[Math.min(world, worlds.length - 1)].mixed, x, y, out, offset),
    step(ms, given, account) {
      const now = weather.centre(ms + gridStepMs);
      const air = stepWeather(ms, now);
      setClean(ms);
      addInflow(ms);
      setWind(coarse.shape, coarseWind, (x, y, out) => weather.windInto(ms, x, y, out, 0));
      setWind(fine.shape, fineWind, (x, y, out) => weather.windInto(ms, x, y, out, 0));
      plain(plainEmission, ms, now);
      setCoarseEdges();
      const common = { stepS: gridStepMs / 1000, mixingBeforeM: mixingM, weather: air, count };
      coarse.step(regional, { ...common, ...coarseWind, emission: plainEmission, emissionAloft: nothing, edges: coarseEdges });
      setFineEdges();
      worlds.forEach((each, w) => {
        const { low, aloft, factors } = given[w];
        emission.set(low);
        area.addTo(emission, ms, now, factors);
        fine.step(
          each,
          { ...common, ...fineWind, emission, emissionAloft: aloft, edges: fineEdges },
          w === 0 ? account : undefined,
        );
      });
      mixingM = air.mixingM;
      cityPm25 = cityMean();
      count += 1;
    },
  };
}

function newEdges({ columns, rows }: Pick<GridShape, 'columns' | 'rows'>): Edges {
  const line = (cells: number) => new Float64Array(cells * speciesCount);
  return { west: line(rows), east: line(rows), south: line(columns), north: line(columns) };
}

/** Calls for the middle of every cell just outside. */
function eachEdge(
  { columns, rows, cellM, west, south }: GridShape,
  edges: Edges,
  set: (x: number, y: number, out: Float64Array, offset: number) => void,
): void {
  for (let j = 0; j < rows; j++) {
    const y = south + (j + 0.5) * cellM;
    set(west - cellM / 2, y, edges.west, j * speciesCount);
    set(west + (columns + 0.5) * cellM, y, edges.east, j * speciesCount);
  }
  for (let i = 0; i < columns; i++) {
    const x = west + (i + 0.5) * cellM;
    set(x, south - cellM / 2, edges.south, i * speciesCount);
    set(x, south + (rows + 0.5) * cellM, edges.north, i * speciesCount);
  }
}

const pair = new Float64Array(2);
function setWind(
  { columns, rows, cellM, west, south }: GridShape,
  { u, v }: { readonly u: Float64Array; readonly v: Float64Array },
  windInto: (x: number, y: number, out: Float64Array) => void,
): void {
  for (let cell = 0; cell < columns * rows; cell++) {
    windInto(west + ((cell % columns) + 0.5) * cellM, south + (Math.floor(cell / columns) + 0.5) * cellM, pair);
    u[cell] = pair[0];
    v[cell] = pair[1];
  }
}
