// Background air on a grid of two layers: advection, mixing, chemistry, deposition. µg/m³, every step conserves mass.

import { pow } from '../../engine/domain/pow.ts';
import { gridSpecies } from './episode.ts';

const speciesCount = gridSpecies.length;
const at = Object.fromEntries(gridSpecies.map((name, s) => [name, s])) as Readonly<Record<(typeof gridSpecies)[number], number>>;

export interface GridShape {
  readonly columns: number;
  readonly rows: number;
  readonly cellM: number;
  /** West and south edge, m from the city's centre. */
  readonly west: number;
  readonly south: number;
  /** Top of the residual layer, m. */
  readonly topM: number;
}

/** Concentrations, `species` by `species` per cell, cells west to east, rows south to north. */
export interface Air {
  readonly mixed: Float64Array;
  readonly residual: Float64Array;
}

/** What lies outside along each edge. */
export interface Edges {
  /** rows × species. */
  readonly west: Float64Array;
  readonly east: Float64Array;
  /** columns × species. */
  readonly south: Float64Array;
  readonly north: Float64Array;
}

/** Where mass went, µg per species: what came in or left through edges and top, was given off, deposited, made by chemistry. */
export interface MassAccount {
  readonly through: Float64Array;
  readonly emitted: Float64Array;
  readonly deposited: Float64Array;
  readonly made: Float64Array;
}

export interface StepWeather {
  /** Height of the mixed layer at the end of the step, m. */
  readonly mixingM: number;
  readonly tempC: number;
  readonly rhPct: number;
  readonly rainMmH: number;
  /** Sun on the ground, 0 to 1: sine of its elevation, less clouds. */
  readonly sun: number;
}

export interface GridStep {
  readonly stepS: number;
  /** Height of the mixed layer before the step, m. */
  readonly mixingBeforeM: number;
  readonly weather: StepWeather;
  /** Wind at 10 m per cell, m/s. */
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** µg/s per cell and species. */
  readonly emission: Float64Array;
  /** The same into the residual layer: plumes above the lid. */
  readonly emissionAloft: Float64Array;
  readonly edges: { readonly mixed: Edges; readonly residual: Edges };
  /** Number of the step: directions take turns. */
  readonly count: number;
}

/** The mixed layer moves with 1.6 times the wind at 10 m, the residual layer with 2.6 times (SIMULATION.md 2.4) [D]. */
const mixedTransport = 1.6;
const residualTransport = 2.6;

/** Dry deposition, m/s, by species (SIMULATION.md 2.4) [D]. */
const depositionMps = Float64Array.from([0.0012, 0.005, 0.0012, 0.0012, 0.0012, 0.004, 0.001, 0, 0, 0.001]);
/** What leaves take up of Ox on top in summer, m/s [D]: the nights of shallow air are low in ozone. */
const leafMps = 0.0035;
/** 0 at 8 °C and below, 1 at 28 °C and above. */
const warmth = (tempC: number) => Math.max(0, Math.min(1, (tempC - 8) / 20));
/** Wash-out against that of particles [D]. */
const washOut = Float64Array.from([1, 1.6, 1, 1, 1, 0.4, 0.1, 0, 0, 0]);

export interface Grid {
  readonly shape: GridShape;
  readonly cells: number;
  /** All of one composition. */
  newAir(values: Float64Array): Air;
  copyAir(from: Air, to: Air): void;
  /** Advances `air` in place; adds to `account` where one is given. */
  step(air: Air, step: GridStep, account?: MassAccount): void;
  /** Mass of a species in both layers, µg. */
  massOf(air: Air, species: number, mixingM: number): number;
  /** Bilinear between cell middles, all species of one layer. */
  readInto(layer: Float64Array, x: number, y: number, out: Float64Array, offset: number): void;
  /** Cell of a place; the nearest one for places outside. */
  cellOf(x: number, y: number): number;
}

export function newAccount(): MassAccount {
  const column = () => new Float64Array(speciesCount);
  return { through: column(), emitted: column(), deposited: column(), made: column() };
}

export function makeGrid(shape: GridShape): Grid {
  const { columns, rows, cellM, topM } = shape;
  const cells = columns * rows;
  const areaM2 = cellM * cellM;
  const longest = Math.max(columns, rows);
  /** Courant numbers at the faces of one line, and fluxes through them. */
  const courant = new Float64Array(longest + 1);
  const flux = new Float64Array((longest + 1) * speciesCount);
  /** Divergence of the layer's flow in this substep, share of the cell's volume. */
  const divergence = new Float64Array(cells);

  /** One line of cells, first to last; `low` and `high` hold the air outside its ends. */
  function advectLine(
    layer: Float64Array,
    first: number,
    stride: number,
    count: number,
    wind: Float64Array,
    scale: number,
    low: Float64Array,
    high: Float64Array,
    outside: number,
    through: Float64Array | undefined,
    volume: number,
  ): void {
    for (let face = 0; face <= count; face++) {
      const before = wind[first + Math.max(face - 1, 0) * stride];
      const after = wind[first + Math.min(face, count - 1) * stride];
      courant[face] = ((before + after) / 2) * scale;
    }
    for (let face = 0; face <= count; face++) {
      const c = courant[face];
      // The cell the air comes from, the one behind it, the one before it.
      const from = c >= 0 ? face - 1 : face;
      const behind = c >= 0 ? from - 1 : from + 1;
      const ahead = c >= 0 ? from + 1 : from - 1;
      const isInside = from >= 0 && from < count;
      const fromLayer = from < 0 ? low : from >= count ? high : layer;
      const fromAt = isInside ? (first + from * stride) * speciesCount : outside;
      if (!isInside || behind < -1 || behind > count) {
        for (let s = 0; s < speciesCount; s++) flux[face * speciesCount + s] = c * fromLayer[fromAt + s];
        continue;
      }
      const behindLayer = behind < 0 ? low : behind >= count ? high : layer;
      const behindAt = behind < 0 || behind >= count ? outside : (first + behind * stride) * speciesCount;
      const aheadLayer = ahead < 0 ? low : ahead >= count ? high : layer;
      const aheadAt = ahead < 0 || ahead >= count ? outside : (first + ahead * stride) * speciesCount;
      const rest = (1 - Math.abs(c)) / 2;
      for (let s = 0; s < speciesCount; s++) {
        const here = layer[fromAt + s];
        const up = here - behindLayer[behindAt + s];
        const down = aheadLayer[aheadAt + s] - here;
        // Van Leer's limiter: second order where it is smooth, no new extremes at edges.
        const slope = up * down > 0 ? (2 * up * down) / (up + down) : 0;
        flux[face * speciesCount + s] = c * (here + rest * slope);
      }
    }
    for (let i = 0; i < count; i++) {
      const cell = first + i * stride;
      divergence[cell] += courant[i + 1] - courant[i];
      const a = cell * speciesCount;
      const f = i * speciesCount;
      for (let s = 0; s < speciesCount; s++) layer[a + s] += flux[f + s] - flux[f + speciesCount + s];
    }
    if (through === undefined) return;
    for (let s = 0; s < speciesCount; s++) through[s] += (flux[s] - flux[count * speciesCount + s]) * volume;
  }

  function advect(
    layer: Float64Array,
    edges: Edges,
    { u, v }: GridStep,
    scale: number,
    isSouthFirst: boolean,
    through: Float64Array | undefined,
    volume: number,
    close: () => void,
  ): void {
    for (let pass = 0; pass < 2; pass++) {
      divergence.fill(0);
      if ((pass === 0) === isSouthFirst) {
        for (let i = 0; i < columns; i++)
          advectLine(layer, i, columns, rows, v, scale, edges.south, edges.north, i * speciesCount, through, volume);
      } else {
        for (let j = 0; j < rows; j++)
          advectLine(layer, j * columns, 1, columns, u, scale, edges.west, edges.east, j * speciesCount, through, volume);
      }
      close();
    }
  }

  /** Air that flows together rises into the layer above, what it leaves is filled from above; so that volumes stay. */
  function closeVolumes(air: Air, mixingM: number, isMixed: boolean, through: Float64Array | undefined): void {
    const { mixed, residual } = air;
    const ratio = mixingM / (topM - mixingM);
    for (let cell = 0; cell < cells; cell++) {
      const d = divergence[cell];
      if (d === 0) continue;
      const a = cell * speciesCount;
      for (let s = 0; s < speciesCount; s++) {
        if (isMixed) {
          if (d < 0) {
            // Rises: mixes into the residual layer, whose surplus leaves at the top.
            const share = -d;
            const m = mixed[a + s] / (1 + share);
            const lifted = m * share * ratio;
            const lost = ((residual[a + s] + lifted) * share * ratio) / (1 + share * ratio);
            mixed[a + s] = m;
            residual[a + s] += lifted - lost;
            if (through !== undefined) through[s] -= lost * areaM2 * (topM - mixingM);
          } else {
            const r = residual[a + s];
            const share = d;
            mixed[a + s] += r * share;
            // The residual layer is refilled from above with air like its own.
            if (through !== undefined) through[s] += r * share * areaM2 * mixingM;
          }
        } else {
          const before = residual[a + s];
          residual[a + s] = before / (1 - d);
          if (through !== undefined) through[s] += (residual[a + s] - before) * areaM2 * (topM - mixingM);
        }
      }
    }
  }

  /** The mixed layer grows into the residual one, or leaves air behind as it sinks. */
  function exchange({ mixed, residual }: Air, beforeM: number, afterM: number): void {
    if (beforeM === afterM) return;
    for (let k = 0; k < cells * speciesCount; k++) {
      if (afterM > beforeM) {
        mixed[k] = (mixed[k] * beforeM + residual[k] * (afterM - beforeM)) / afterM;
      } else {
        residual[k] = (residual[k] * (topM - beforeM) + mixed[k] * (beforeM - afterM)) / (topM - afterM);
      }
    }
  }

  function emit(layer: Float64Array, emission: Float64Array, stepS: number, depthM: number, emitted: Float64Array | undefined) {
    const perCell = stepS / (areaM2 * depthM);
    for (let cell = 0, k = 0; cell < cells; cell++)
      for (let s = 0; s < speciesCount; s++, k++) {
        layer[k] += emission[k] * perCell;
        if (emitted !== undefined) emitted[s] += emission[k] * stepS;
      }
  }

  function react(layer: Float64Array, rates: Rates, depthM: number, made: Float64Array | undefined): void {
    const volume = areaM2 * depthM;
    for (let cell = 0; cell < cells; cell++) {
      const k = cell * speciesCount;
      const so2 = layer[k + at.so2] * rates.so2;
      const nox = layer[k + at.nox] * rates.nox;
      const voc = layer[k + at.voc] * rates.voc;
      const so4 = so2 * sulfatePerSo2;
      const no3 = nox * nitratePerNox * rates.nitrateShare;
      const soa = voc * soaYield;
      const oxBefore = layer[k + at.ox];
      const fuel = 0.5 + layer[k + at.voc] / 40;
      const ox = oxBefore * (1 - rates.oxLoss) + rates.oxMade * Math.min(fuel, 1.6);
      layer[k + at.so2] -= so2;
      layer[k + at.nox] -= nox;
      layer[k + at.voc] -= voc;
      layer[k + at.so4] += so4;
      layer[k + at.no3] += no3;
      layer[k + at.soa] += soa;
      layer[k + at.ox] = ox;
      if (made === undefined) continue;
      made[at.so2] -= so2 * volume;
      made[at.nox] -= nox * volume;
      made[at.voc] -= voc * volume;
      made[at.so4] += so4 * volume;
      made[at.no3] += no3 * volume;
      made[at.soa] += soa * volume;
      made[at.ox] += (ox - oxBefore) * volume;
    }
  }

  const kept = new Float64Array(speciesCount);
  function remove(
    layer: Float64Array,
    stepS: number,
    { rainMmH, tempC }: StepWeather,
    isMixed: boolean,
    depthM: number,
    out?: Float64Array,
  ): void {
    // Λ = a P^b, a = 1e-4 /s, b = .7 for particles (SIMULATION.md 2.4, S5).
    const wet = rainMmH > 0 ? 1e-4 * pow(rainMmH, 0.7) : 0;
    for (let s = 0; s < speciesCount; s++)
      kept[s] = Math.exp(-stepS * ((isMixed ? depositionMps[s] / depthM : 0) + wet * washOut[s]));
    if (isMixed) kept[at.ox] *= Math.exp((-stepS * leafMps * warmth(tempC)) / depthM);
    for (let cell = 0, k = 0; cell < cells; cell++)
      for (let s = 0; s < speciesCount; s++, k++) {
        const before = layer[k];
        layer[k] = before * kept[s];
        if (out !== undefined) out[s] += (before - layer[k]) * areaM2 * depthM;
      }
  }

  return {
    shape,
    cells,
    newAir(values) {
      const layer = () => Float64Array.from({ length: cells * speciesCount }, (_, k) => values[k % speciesCount]);
      return { mixed: layer(), residual: layer() };
    },
    copyAir(from, to) {
      to.mixed.set(from.mixed);
      to.residual.set(from.residual);
    },
    step(air, step, account) {
      const { stepS, mixingBeforeM, weather } = step;
      const { mixingM } = weather;
      exchange(air, mixingBeforeM, mixingM);
      let fastest = 0.1;
      for (let cell = 0; cell < cells; cell++) fastest = Math.max(fastest, Math.abs(step.u[cell]), Math.abs(step.v[cell]));
      for (const isMixed of [true, false]) {
        const transport = isMixed ? mixedTransport : residualTransport;
        const parts = Math.ceil((transport * fastest * stepS) / cellM / 0.95);
        const depth = isMixed ? mixingM : topM - mixingM;
        for (let part = 0; part < parts; part++) {
          const layer = isMixed ? air.mixed : air.residual;
          const scale = (transport * stepS) / parts / cellM;
          // Directions take turns, so that neither is favoured.
          const isSouthFirst = ((step.count + part) & 1) === 0;
          advect(
            layer,
            isMixed ? step.edges.mixed : step.edges.residual,
            step,
            scale,
            isSouthFirst,
            account?.through,
            areaM2 * depth,
            () => closeVolumes(air, mixingM, isMixed, account?.through),
          );
        }
      }
      emit(air.mixed, step.emission, stepS, mixingM, account?.emitted);
      emit(air.residual, step.emissionAloft, stepS, topM - mixingM, account?.emitted);
      const rates = ratesOf(weather, stepS);
      react(air.mixed, rates, mixingM, account?.made);
      react(air.residual, { ...rates, oxLoss: rates.oxLoss * 0.2 }, topM - mixingM, account?.made);
      remove(air.mixed, stepS, weather, true, mixingM, account?.deposited);
      remove(air.residual, stepS, weather, false, topM - mixingM, account?.deposited);
    },
    massOf({ mixed, residual }, species, mixingM) {
      let mass = 0;
      for (let k = species; k < cells * speciesCount; k += speciesCount)
        mass += mixed[k] * mixingM + residual[k] * (topM - mixingM);
      return mass * areaM2;
    },
    readInto(layer, x, y, out, offset) {
      const gx = Math.min(within((x - shape.west) / cellM - 0.5, columns), columns - 1);
      const gy = Math.min(within((y - shape.south) / cellM - 0.5, rows), rows - 1);
      const i = Math.min(Math.floor(gx), columns - 2);
      const j = Math.min(Math.floor(gy), rows - 2);
      const fx = gx - i;
      const fy = gy - j;
      const k = (j * columns + i) * speciesCount;
      const north = k + columns * speciesCount;
      for (let s = 0; s < speciesCount; s++)
        out[offset + s] =
          (layer[k + s] * (1 - fx) + layer[k + speciesCount + s] * fx) * (1 - fy) +
          (layer[north + s] * (1 - fx) + layer[north + speciesCount + s] * fx) * fy;
    },
    cellOf(x, y) {
      const i = Math.floor(within((x - shape.west) / cellM, columns));
      const j = Math.floor(within((y - shape.south) / cellM, rows));
      return Math.min(j, rows - 1) * columns + Math.min(i, columns - 1);
    },
  };
}

const within = (value: number, count: number) => (value < 0 ? 0 : Math.min(value, count - 1e-9));

/** (NH4)2SO4 by SO2, NH4NO3 by NO2, organic aerosol by VOC (SIMULATION.md 2.4). */
const sulfatePerSo2 = 2.06;
const nitratePerNox = 1.74;
const soaYield = 0.24;

interface Rates {
  /** Shares that react within the step. */
  readonly so2: number;
  readonly nox: number;
  readonly voc: number;
  readonly nitrateShare: number;
  readonly oxLoss: number;
  /** µg/m³ within the step. */
  readonly oxMade: number;
}

/** SIMULATION.md 2.4, table of rates [D]. */
function ratesOf({ tempC, rhPct, sun }: StepWeather, stepS: number): Rates {
  const hours = stepS / 3600;
  const humid = Math.max(0, (rhPct - 50) / 50);
  const share = (perHour: number) => 1 - Math.exp(-perHour * hours);
  const cold = 1 - warmth(tempC);
  return {
    so2: share(0.006 + 0.05 * sun + 0.16 * humid * Math.sqrt(humid)),
    nox: share(0.008 + 0.02 * sun + 0.045 * humid),
    voc: share(0.012 + 0.07 * sun),
    nitrateShare: 0.25 + 0.65 * cold,
    oxLoss: share(0.018 + 0.05 * (1 - cold)),
    // Above 33 °C there is no more of it [D].
    oxMade: 19 * sun * Math.exp(0.07 * (Math.min(tempC, 33) - 22)) * hours,
  };
}
