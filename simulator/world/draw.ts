// A value of a scenario's `Draw`: a number, or chance by a named stream.

import type { Draw } from './episode.ts';
import { normal, uniform } from './random.ts';

/** Same seed, stream and tick: same value. */
export function drawn(draw: Draw, seed: number, stream: number, tick: number): number {
  if (draw.kind === 'fixed') return draw.value;
  if (draw.kind === 'uniform') return draw.low + (draw.high - draw.low) * uniform(seed, stream, tick);
  return draw.median * lognormalFactor(draw.gsd, seed, stream, tick);
}

/** Half of what is drawn lies below. */
export function medianOf(draw: Draw): number {
  if (draw.kind === 'fixed') return draw.value;
  return draw.kind === 'uniform' ? (draw.low + draw.high) / 2 : draw.median;
}

/** Log-normal with median 1 and geometric standard deviation `gsd`. */
export function lognormalFactor(gsd: number, seed: number, stream: number, tick: number): number {
  return Math.exp(Math.log(gsd) * normal(seed, stream, tick));
}
