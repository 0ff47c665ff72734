// How far a source's smoke reaches: Gaussian plume and puff with Briggs' sigmas. SI units; g/s in, g/m³ out.

/** Pasquill's classes, very unstable to stable. */
export const stabilities = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
/** Position in `stabilities`. */
export type Stability = 0 | 1 | 2 | 3 | 4 | 5;

export type Terrain = 'rural' | 'urban';

/** Exponents of the wind profile, by stability (ISC3 user's guide vol. II, EPA-454/B-95-003b, section 1.1.3) [M]. */
const windExponents: Readonly<Record<Terrain, readonly number[]>> = {
  rural: [0.07, 0.07, 0.1, 0.15, 0.35, 0.55],
  urban: [0.15, 0.15, 0.2, 0.25, 0.3, 0.3],
};

/** Speed in a steady state never falls below this: a plume would not leave its stack. */
const windMinMps = 0.5;
const sqrt2Pi = 2.5066282746310002;

/**
 * Class from wind at 10 m, the sun's elevation and cloud: Turner's table, insolation 4 above 60°, 3 above 35°, 2 above
 * 15°, a step lower under clouds (Turner 1970, Workbook of Atmospheric Dispersion Estimates) [M].
 */
export function stabilityOf(windMps: number, sinElevation: number, cloud: number): Stability {
  const row = windMps < 2 ? 0 : windMps < 3 ? 1 : windMps < 4 ? 2 : windMps <= 6 ? 3 : 4;
  if (sinElevation <= 0) {
    if (row === 3 && windMps < 5 && cloud <= 0.5) return 4;
    return (cloud > 0.5 ? nightCloudy : nightClear)[row];
  }
  const high = sinElevation > sin60 ? 4 : sinElevation > sin35 ? 3 : sinElevation > sin15 ? 2 : 1;
  return byDay[row][Math.max(1, cloud > 0.5 ? high - 1 : high) - 1];
}

const sin60 = 0.8660254037844386;
const sin35 = 0.573576436351046;
const sin15 = 0.25881904510252074;
/** Wind < 2, 2–3, 3–4, 4–6, > 6 m/s; insolation 1 to 4. */
const byDay: readonly (readonly Stability[])[] = [
  [2, 1, 0, 0],
  [2, 2, 1, 0],
  [3, 2, 1, 1],
  [3, 3, 2, 2],
  [3, 3, 3, 2],
];
const nightClear: readonly Stability[] = [5, 5, 4, 3, 3];
const nightCloudy: readonly Stability[] = [4, 4, 3, 3, 3];

/** Exponent of the power law u(z) = u10 (z / 10 m)^p. */
export function windExponent(stability: Stability, terrain: Terrain): number {
  return windExponents[terrain][stability];
}

export const windFloor = (windMps: number): number => Math.max(windMps, windMinMps);

/** Ten-minute crosswind spread in m at `x` m downwind, 100 m to 10 km; nearer ones are used as they are (Briggs 1973, as in Vallero, Fundamentals of Air Pollution, tables 19-6, 19-7). */
export function sigmaY(stability: Stability, terrain: Terrain, x: number): number {
  return terrain === 'rural'
    ? (ruralY[stability] * x) / Math.sqrt(1 + 0.0001 * x)
    : (urbanY[stability] * x) / Math.sqrt(1 + 0.0004 * x);
}

const ruralY = [0.22, 0.16, 0.11, 0.08, 0.06, 0.04];
const urbanY = [0.32, 0.32, 0.22, 0.16, 0.11, 0.11];

/** Vertical spread in m at `x` m downwind; tables as for `sigmaY`. */
export function sigmaZ(stability: Stability, terrain: Terrain, x: number): number {
  return terrain === 'rural' ? ruralZ(stability, x) : urbanZ(stability, x);
}

function ruralZ(stability: Stability, x: number): number {
  switch (stability) {
    case 0:
      return 0.2 * x;
    case 1:
      return 0.12 * x;
    case 2:
      return (0.08 * x) / Math.sqrt(1 + 0.0002 * x);
    case 3:
      return (0.06 * x) / Math.sqrt(1 + 0.0015 * x);
    case 4:
      return (0.03 * x) / (1 + 0.0003 * x);
    case 5:
      return (0.016 * x) / (1 + 0.0003 * x);
  }
}

function urbanZ(stability: Stability, x: number): number {
  switch (stability) {
    case 0:
    case 1:
      return 0.24 * x * Math.sqrt(1 + 0.001 * x);
    case 2:
      return 0.2 * x;
    case 3:
      return (0.14 * x) / Math.sqrt(1 + 0.0003 * x);
    default:
      return (0.08 * x) / Math.sqrt(1 + 0.0015 * x);
  }
}

/**
 * Vertical factor in 1/m at height `z` above ground of a release at height `H`, spread `sz`, below a lid at `lid` m that
 * reflects as the ground does; z ≤ lid. A plume above the lid does not reach the ground: 0.
 */
export function vertical(z: number, H: number, sz: number, lid: number): number {
  if (H > lid) return 0;
  if (sz > 1.6 * lid) return 1 / lid;
  const twice = -1 / (2 * sz * sz);
  let sum = 0;
  for (let n = -3; n <= 3; n++) {
    const below = z - H - 2 * n * lid;
    const above = z + H - 2 * n * lid;
    sum += Math.exp(twice * below * below) + Math.exp(twice * above * above);
  }
  return sum / (sqrt2Pi * sz);
}

/** What the air does at one place and time. */
export interface Mixing {
  readonly stability: Stability;
  readonly terrain: Terrain;
  /** At the height of the plume, m/s. */
  readonly windMps: number;
  /** Mixing height, m. */
  readonly lid: number;
}

/** Concentration in g/m³ of 1 g/s from height `H`, `x` m downwind, `y` m aside, at height `z`; 0 upwind. */
export function plume({ stability, terrain, windMps, lid }: Mixing, H: number, x: number, y: number, z: number): number {
  if (x <= 0) return 0;
  const sy = sigmaY(stability, terrain, x);
  return (
    (Math.exp((-y * y) / (2 * sy * sy)) / (sqrt2Pi * sy * windFloor(windMps))) *
    vertical(z, H, sigmaZ(stability, terrain, x), lid)
  );
}

/** A cloud that was released at once, or in a short time, and drifts. */
export interface Puff {
  /** g. */
  readonly mass: number;
  /** Of its middle, m east, north and above ground. */
  readonly x: number;
  readonly y: number;
  readonly H: number;
  readonly sx: number;
  readonly sy: number;
  readonly sz: number;
}

/** Concentration of a puff in g/m³ at a place. */
export function puffAt({ mass, x, y, H, sx, sy, sz }: Puff, atX: number, atY: number, z: number, lid: number): number {
  const dx = (atX - x) / sx;
  const dy = (atY - y) / sy;
  return (mass / (2 * Math.PI * sx * sy)) * Math.exp(-0.5 * (dx * dx + dy * dy)) * vertical(z, H, sz, lid);
}

/** The distance at which a spread reaches `sigma`: where a puff goes on growing after the class has changed. m, to 1 mm. */
export function virtualDistance(spread: (x: number) => number, sigma: number): number {
  let low = 0;
  let high = 1;
  while (spread(high) < sigma && high < 1e6) high *= 2;
  while (high - low > 1e-3) {
    const middle = (low + high) / 2;
    if (spread(middle) < sigma) low = middle;
    else high = middle;
  }
  return high;
}
