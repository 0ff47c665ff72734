// Named draws of the register: every use its own stream, so that one more draw moves no other.

import { normal, streamOf, uniform } from '../random.ts';

export interface Draws {
  /** In (0, 1). */
  share(tick: number): number;
  between(tick: number, low: number, high: number): number;
  /** Log-normal about 1; `gsd` its geometric standard deviation. Within gsd^±3.46. */
  factor(tick: number, gsd: number): number;
  /** One of the choices. */
  pick<Choice>(tick: number, choices: readonly Choice[]): Choice;
}

export function draws(seed: number, name: string): Draws {
  const stream = streamOf(`city ${name}`);
  const share = (tick: number) => uniform(seed, stream, tick);
  return {
    share,
    between: (tick, low, high) => low + (high - low) * share(tick),
    factor: (tick, gsd) => Math.exp(Math.log(gsd) * normal(seed, stream, tick)),
    pick: (tick, choices) => choices[Math.floor(share(tick) * choices.length)],
  };
}

/** Whole numbers that add up to `total`, by weight; the largest remainders are rounded up, the first of equals wins. */
export function apportioned(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((before, weight) => before + weight, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const counts = exact.map(Math.floor);
  const left = total - counts.reduce((before, count) => before + count, 0);
  const order = exact.map((_, i) => i).sort((a, b) => exact[b] - counts[b] - (exact[a] - counts[a]) || a - b);
  for (let i = 0; i < left; i++) counts[order[i]]++;
  return counts;
}

/** Position in `weights`, drawn by weight with `share` from (0, 1). */
export function weighted(share: number, weights: readonly number[]): number {
  let at = share * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    at -= weights[i];
    if (at < 0) return i;
  }
  return weights.length - 1;
}

export const padded = (number: number, width: number): string => String(number).padStart(width, '0');
