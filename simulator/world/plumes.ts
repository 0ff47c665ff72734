// Tier two: steady plumes of all stacks and roofs to the air stations, with the time that smoke takes to come.

import { pow } from '../../engine/domain/pow.ts';
import { type Stability, sigmaY, sigmaZ, type Terrain, windExponent, windFloor } from './dispersion.ts';
import { emittedSpecies } from './episode.ts';
import type { Local } from './local.ts';

const speciesCount = emittedSpecies.length;
/** Plumes reach that far, and last that long; what lies behind is the grid's. */
export const plumeReachM = 15_000;
export const plumeStepMs = 300_000;
const lagSlots = 13;
const sqrt2Pi = 2.5066282746310002;

/** Something that gives off smoke from one place. */
export interface Emitter extends Local {
  readonly heightM: number;
  /** Buoyancy flux of the exhaust, m⁴/s³; 0: none. */
  readonly buoyancy: number;
  readonly terrain: Terrain;
  /** Of a source with an area, m; 0: a point. */
  readonly widthM: number;
}

/** g vs ds²/4 (Ts−Ta)/Ts, with a mean of the year as the air's temperature (Briggs, as in ISC3) [K]. */
export function buoyancyFlux(flowM3S: number, flueTempC: number): number {
  const stackK = flueTempC + 273.15;
  const airK = 287;
  return stackK <= airK ? 0 : (9.81 * (flowM3S / Math.PI) * (stackK - airK)) / stackK;
}

/** dθ/dz of classes E and F, K/m [K]. */
const stableLapse = [0, 0, 0, 0, 0.02, 0.035];
const cubeRoot = (value: number) => pow(value, 1 / 3);

/**
 * Rise of a plume, m: `factor / us` in classes A to D, `factor / us^(1/3)` in E and F (SIMULATION.md 2.3; stable form S2).
 */
export function riseFactor(buoyancy: number, stability: Stability): number {
  if (buoyancy <= 0) return 0;
  if (stability < 4) return buoyancy < 55 ? 21.425 * pow(buoyancy, 0.75) : 38.71 * pow(buoyancy, 0.6);
  const s = (9.81 / 287) * stableLapse[stability];
  return 2.6 * cubeRoot(buoyancy / s);
}

/** Height above which a plume rises no further than twice, so that a calm does not send it away [D]. */
const riseMax = 3;

export function effectiveHeight(heightM: number, factor: number, windMps: number, stability: Stability): number {
  if (factor === 0) return heightM;
  const rise = stability < 4 ? factor / windMps : factor / cubeRoot(windMps);
  return heightM + Math.min(rise, riseMax * heightM + 60);
}

export interface PlumeStep {
  readonly stability: Stability;
  readonly lidM: number;
  /** Wind at 10 m at each receptor, m/s towards east and north. */
  readonly wind: Float64Array;
}

export interface Plumes {
  /** Keeps what the emitters give off from now on: g/s per emitter and species; slot of the newest. */
  remember(gps: Float32Array, world: 0 | 1): void;
  /** Both worlds gave off the same until now: the second takes over the first's history. */
  split(): void;
  /** Moves to the next step of five minutes. */
  advance(): void;
  /** g/m³ at each receptor and species, into `out`. */
  receive(step: PlumeStep, world: 0 | 1, out: Float64Array): void;
  /** Which emitters rise above the lid in this step: their smoke goes to the residual layer. */
  isAloft(emitter: number, windMps: number, stability: Stability, lidM: number): boolean;
  /** g/m³ per g/s at a receptor of an emitter in the wind of now; also the smoke's travel time, s. */
  reach(emitter: number, receptor: number, step: PlumeStep): { readonly perGps: number; readonly travelS: number };
  /** What each emitter brings to a receptor now, of one species, in g/m³; unsorted. */
  contributions(
    receptor: number,
    step: PlumeStep,
    species: number,
  ): readonly { readonly emitter: number; readonly value: number }[];
  readonly pairs: number;
}

/** `receptors` stand near the ground. */
export function makePlumes(emitters: readonly Emitter[], receptors: readonly Local[]): Plumes {
  const count = emitters.length;
  const urban = Uint8Array.from(emitters, ({ terrain }) => (terrain === 'urban' ? 1 : 0));
  const height = Float64Array.from(emitters, ({ heightM }) => heightM);
  /** A volume source starts with its width / 4.3 (SIMULATION.md 2.2). */
  const initial = Float64Array.from(emitters, ({ widthM }) => widthM / 4.3);
  /** Wind at the emitter's height by wind at 10 m, and rise factors, by stability. */
  const profile = new Float64Array(count * 6);
  const rise = new Float64Array(count * 6);
  for (let e = 0; e < count; e++)
    for (let k = 0; k < 6; k++) {
      const { heightM, buoyancy, terrain } = emitters[e];
      profile[e * 6 + k] = pow(Math.max(heightM, 10) / 10, windExponent(k as Stability, terrain));
      rise[e * 6 + k] = riseFactor(buoyancy, k as Stability);
    }
  const { start, far, emitter, bearing, dx, dy } = neighbours(emitters, receptors);

  const history = [new Float32Array(lagSlots * count * speciesCount), new Float32Array(0)];
  let slot = 0;

  /** What one emitter brings to a place `x` downwind and `y` aside, per g/s; 0 when the plume is aloft. */
  function kernel(e: number, x: number, y: number, windMps: number, stability: Stability, lid: number): number {
    const terrain: Terrain = urban[e] === 1 ? 'urban' : 'rural';
    let sy = sigmaY(stability, terrain, x);
    if (initial[e] > 0) sy = Math.sqrt(sy * sy + initial[e] * initial[e]);
    if (y * y > 16 * sy * sy) return 0;
    const us = windFloor(windMps * profile[e * 6 + stability]);
    const H = effectiveHeight(height[e], rise[e * 6 + stability], us, stability);
    if (H > lid) return 0;
    let sz = sigmaZ(stability, terrain, x);
    if (initial[e] > 0) sz = Math.sqrt(sz * sz + (initial[e] * initial[e]) / 9);
    return (Math.exp((-y * y) / (2 * sy * sy)) / (sqrt2Pi * sy * us)) * ground(H, sz, lid);
  }

  /** What `gatherUpwind` has found. */
  const emitterAt = new Uint32Array(count);
  const perGpsAt = new Float64Array(count);
  const lagAt = new Uint8Array(count);

  /** Emitters whose plume is over a receptor: how many; each with its concentration per g/s and how many steps its smoke takes. */
  function gatherUpwind(receptor: number, { stability, lidM, wind }: PlumeStep): number {
    const u = wind[receptor * 2];
    const v = wind[receptor * 2 + 1];
    const windMps = Math.sqrt(u * u + v * v);
    if (windMps < 1e-6) return 0;
    let found = 0;
    const ux = u / windMps;
    const uy = v / windMps;
    const upwind = Math.atan2(-uy, -ux);
    const half = halfAngle[stability];
    const from = far[receptor];
    const to = start[receptor + 1];
    const take = (p: number): void => {
      const x = -(dx[p] * ux + dy[p] * uy);
      if (x <= 1) return;
      const e = emitter[p];
      const us = windFloor(windMps * profile[e * 6 + stability]);
      const travelS = x / us;
      if (travelS > 3600) return;
      const y = dx[p] * uy - dy[p] * ux;
      const perGps = kernel(e, x, y, windMps, stability, lidM);
      if (perGps === 0) return;
      emitterAt[found] = e;
      perGpsAt[found] = perGps;
      // Rounded up: no value comes before its cause.
      lagAt[found] = Math.min(lagSlots - 1, Math.ceil(travelS / 300));
      found += 1;
    };
    for (let p = start[receptor]; p < from; p++) take(p);
    for (let turn = -1; turn <= 1; turn++) {
      const low = upwind - half + turn * 2 * Math.PI;
      const high = upwind + half + turn * 2 * Math.PI;
      if (high < -Math.PI || low > Math.PI) continue;
      for (let p = firstAtLeast(bearing, from, to, low); p < to && bearing[p] <= high; p++) take(p);
    }
    return found;
  }

  return {
    pairs: emitter.length,
    remember(gps, world) {
      history[world].set(gps, slot * count * speciesCount);
    },
    split() {
      history[1] = history[0].slice();
    },
    advance() {
      slot = (slot + 1) % lagSlots;
    },
    receive(step, world, out) {
      const past = history[world];
      for (let r = 0; r < receptors.length; r++) {
        const o = r * speciesCount;
        for (let s = 0; s < speciesCount; s++) out[o + s] = 0;
        const found = gatherUpwind(r, step);
        for (let f = 0; f < found; f++) {
          const k = (((slot - lagAt[f] + lagSlots) % lagSlots) * count + emitterAt[f]) * speciesCount;
          const perGps = perGpsAt[f];
          for (let s = 0; s < speciesCount; s++) out[o + s] += perGps * past[k + s];
        }
      }
    },
    contributions(receptor, step, species) {
      const found = gatherUpwind(receptor, step);
      return Array.from({ length: found }, (_, f) => {
        const k = (((slot - lagAt[f] + lagSlots) % lagSlots) * count + emitterAt[f]) * speciesCount;
        return { emitter: emitterAt[f], value: perGpsAt[f] * history[0][k + species] };
      }).filter(({ value }) => value > 0);
    },
    isAloft(e, windMps, stability, lidM) {
      const us = windFloor(windMps * profile[e * 6 + stability]);
      return effectiveHeight(height[e], rise[e * 6 + stability], us, stability) > lidM;
    },
    reach(e, receptor, { stability, lidM, wind }) {
      const u = wind[receptor * 2];
      const v = wind[receptor * 2 + 1];
      const windMps = Math.max(1e-6, Math.sqrt(u * u + v * v));
      const ex = emitters[e].x - receptors[receptor].x;
      const ey = emitters[e].y - receptors[receptor].y;
      const x = -(ex * u + ey * v) / windMps;
      if (x <= 1 || x > plumeReachM) return { perGps: 0, travelS: 0 };
      const travelS = x / windFloor(windMps * profile[e * 6 + stability]);
      if (travelS > 3600) return { perGps: 0, travelS };
      return { perGps: kernel(e, x, (ex * v - ey * u) / windMps, windMps, stability, lidM), travelS };
    },
  };
}

/** Widest angle at which four sigmas of a class still reach, rad. */
const halfAngle = [0.92, 0.92, 0.73, 0.58, 0.42, 0.42];

/** Vertical factor at the ground, 1/m: images of the ground and the lid (as `vertical` of dispersion.ts at z = 0). */
function ground(H: number, sz: number, lid: number): number {
  if (sz > 1.6 * lid) return 1 / lid;
  const twice = -1 / (2 * sz * sz);
  let sum = Math.exp(twice * H * H);
  for (let n = 1; n <= 3; n++) {
    const low = 2 * n * lid - H;
    const exponent = twice * low * low;
    if (exponent < -30) break;
    const high = 2 * n * lid + H;
    sum += Math.exp(exponent) + Math.exp(twice * high * high);
  }
  return (2 * sum) / (sqrt2Pi * sz);
}

/** Nearer than so many times its initial spread, a wide source is seen outside its class's window too. */
const nearWidths = 60;

/** Pairs within reach, receptor by receptor, sorted by the bearing (atan2 of north, east) from the receptor to the emitter. */
function neighbours(emitters: readonly Emitter[], receptors: readonly Local[]) {
  const start = new Uint32Array(receptors.length + 1);
  const far = new Uint32Array(receptors.length);
  const lists = receptors.map(({ x, y }) => {
    const list: { readonly e: number; readonly bearing: number; readonly isNear: boolean }[] = [];
    for (let e = 0; e < emitters.length; e++) {
      const ex = emitters[e].x - x;
      const ey = emitters[e].y - y;
      if (ex * ex + ey * ey <= plumeReachM * plumeReachM) {
        const wide = (nearWidths * emitters[e].widthM) / 4.3;
        list.push({ e, bearing: Math.atan2(ey, ex), isNear: ex * ex + ey * ey < wide * wide });
      }
    }
    return list.sort((a, b) => Number(b.isNear) - Number(a.isNear) || a.bearing - b.bearing || a.e - b.e);
  });
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  const emitter = new Uint32Array(total);
  const bearing = new Float64Array(total);
  const dx = new Float64Array(total);
  const dy = new Float64Array(total);
  let p = 0;
  lists.forEach((list, r) => {
    start[r] = p;
    far[r] = p + list.filter(({ isNear }) => isNear).length;
    for (const each of list) {
      emitter[p] = each.e;
      bearing[p] = each.bearing;
      dx[p] = emitters[each.e].x - receptors[r].x;
      dy[p] = emitters[each.e].y - receptors[r].y;
      p += 1;
    }
  });
  start[receptors.length] = total;
  return { start, far, emitter, bearing, dx, dy };
}

function firstAtLeast(sorted: Float64Array, from: number, to: number, value: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
