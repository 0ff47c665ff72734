// Noise over places and time: knots every 50 km, bilinear between them, each smooth in time.

import { smooth, streamOf } from './random.ts';

const latticeM = 50_000;
/** Knots from 400 km west and south of the centre to 400 km east and north. */
const from = -8;
const size = 17;
/** Knots are worked out once in so many ms. */
const holdMs = 300_000;

/** Writes `components` values at a place (m from the centre), each about standard normal at the knots, which change over `everyMs`. */
export type Lattice = (ms: number, x: number, y: number, out: Float64Array, offset: number) => void;

export function makeLattice(seed: number, name: string, components: number, everyMs: number): Lattice {
  const streams = Array.from({ length: size * size * components }, (_, i) => streamOf(`${name} ${i}`));
  const knots = new Float64Array(streams.length);
  let knotsMs = Number.NaN;
  return (ms, x, y, out, offset) => {
    const held = Math.floor(ms / holdMs) * holdMs;
    if (held !== knotsMs) {
      knotsMs = held;
      for (let k = 0; k < knots.length; k++) knots[k] = smooth(seed, streams[k], held, everyMs);
    }
    const gx = position(x);
    const gy = position(y);
    const i = Math.floor(gx);
    const j = Math.floor(gy);
    const fx = gx - i;
    const fy = gy - j;
    const south = (j * size + i) * components;
    const north = south + size * components;
    for (let c = 0; c < components; c++)
      out[offset + c] =
        (knots[south + c] * (1 - fx) + knots[south + components + c] * fx) * (1 - fy) +
        (knots[north + c] * (1 - fx) + knots[north + components + c] * fx) * fy;
  };
}

const position = (metres: number) => Math.min(Math.max(metres / latticeM - from, 0), size - 1.001);
