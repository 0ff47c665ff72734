// Stretches of a series of 24-hour indices that meet a condition, in either reading of "for 48 hours".

import type { DurationReading } from '../schema/warning.ts';
import type { Clause, Condition } from './warningEditions.ts';

/** How a duration is counted: links of a chain lie `stride` elements apart, and each stands for `hours` hours. */
export interface Counting {
  readonly stride: number;
  readonly hours: number;
}

/** Of an hourly series. A: R(h), R(h+24), …; B: R(h), R(h+1), … (domain report 2.2). */
export const countings: Readonly<Record<DurationReading, Counting>> = {
  blocks: { stride: 24, hours: 24 },
  rolling: { stride: 1, hours: 1 },
};

/** Of a series with one index a calendar day both readings are the same. */
export const dailyCounting: Counting = { stride: 1, hours: 24 };

/** What a gap (NaN) counts as: `known`: it meets nothing; `possible`: it meets anything. */
export type Gaps = 'known' | 'possible';

/** Positions in the series, both ends included. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
  /** Where the last missing clause was first met in full. */
  readonly complete: number;
}

export function meets({ relation, aqi }: Clause, value: number, gaps: Gaps): boolean {
  if (Number.isNaN(value)) return gaps === 'possible';
  return relation === 'above' ? value > aqi : value >= aqi;
}

/** Links that a clause needs; 1 where it names no duration. */
export function linksNeeded(clause: Clause, counting: Counting): number {
  return clause.hours === undefined ? 1 : clause.hours / counting.hours;
}

/** Length of the chain that ends at each position, 0 = the clause is not met there. */
function chainsOf(values: ArrayLike<number>, clause: Clause, { stride }: Counting, gaps: Gaps): Int32Array {
  const links = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++)
    if (meets(clause, values[i], gaps)) links[i] = 1 + (i >= stride ? links[i - stride] : 0);
  return links;
}

/** One where a chain that is long enough begins before or here, and ends here or later. */
function coverOf(links: Int32Array, needed: number, stride: number): Uint8Array {
  const cover = new Uint8Array(links.length);
  let start = Number.POSITIVE_INFINITY;
  for (let i = links.length - 1; i >= 0; i--) {
    if (links[i] >= needed) start = Math.min(start, i - stride * (needed - 1));
    if (start <= i) cover[i] = 1;
  }
  return cover;
}

/**
 * A stretch is elements in a row each of which lies within a chain of one of the clauses; it meets the condition if every
 * clause has a chain in it. So ">200 for 4 days and >300 for 2 days" is asked of one episode, not of two.
 * More pollution never makes fewer or shorter stretches: filling every gap with the worst tells what is possible at all.
 */
export function stretchesOf(values: ArrayLike<number>, { clauses }: Condition, counting: Counting, gaps: Gaps): Stretch[] {
  const parts = clauses.map((clause) => {
    const links = chainsOf(values, clause, counting, gaps);
    const needed = linksNeeded(clause, counting);
    return { links, needed, cover: coverOf(links, needed, counting.stride) };
  });
  const found: Stretch[] = [];
  for (let first = 0; first < values.length; first++) {
    if (!parts.some(({ cover }) => cover[first] === 1)) continue;
    let last = first;
    while (last + 1 < values.length && parts.some(({ cover }) => cover[last + 1] === 1)) last += 1;
    const complete = Math.max(...parts.map(({ links, needed }) => firstComplete(links, needed, first, last)));
    if (complete <= last) found.push({ first, last, complete });
    first = last;
  }
  return found;
}

/** Infinite: none. */
function firstComplete(links: Int32Array, needed: number, first: number, last: number): number {
  for (let i = first; i <= last; i++) if (links[i] >= needed) return i;
  return Number.POSITIVE_INFINITY;
}

export interface BestChain {
  readonly first: number;
  readonly last: number;
  /** The least value in it: the clause is met when this is above (reaches) its index. */
  readonly least: number;
}

/** The chain of known values with the greatest least one among those that end in [from, to] and begin no earlier than `start`; the first of equals. */
export function bestChain(
  values: ArrayLike<number>,
  clause: Clause,
  { stride, hours }: Counting,
  { start, from, to }: { readonly start: number; readonly from: number; readonly to: number },
): BestChain | undefined {
  const back = stride * (linksNeeded(clause, { stride, hours }) - 1);
  let best: BestChain | undefined;
  for (let last = from; last <= to; last++) {
    const first = last - back;
    if (first < start) continue;
    let least = Number.POSITIVE_INFINITY;
    for (let i = first; i <= last; i += stride)
      least = Number.isNaN(values[i]) ? Number.NEGATIVE_INFINITY : Math.min(least, values[i]);
    if (least > (best?.least ?? Number.NEGATIVE_INFINITY)) best = { first, last, least };
  }
  return best;
}

/** Links of the longest chain among those that end in [from, to]. */
export function longestChain(
  values: ArrayLike<number>,
  clause: Clause,
  counting: Counting,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  return Math.max(0, ...chainsOf(values, clause, counting, 'known').subarray(from, to + 1));
}
