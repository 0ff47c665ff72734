// Rows that are missing in bursts: a Gilbert channel, good or bad minute by minute.

import { uniform } from '../random.ts';

/** Mean length of a burst, minutes [D]. */
const meanBurst = 5;

/** Draws of one hour: one for its first minute, one a change of state; more than 63 changes cannot be. */
const ticksPerHour = 64;

/**
 * Sets, in the two words at `at`, the bits of the hour's bad minutes (minute m: bit m % 32 of word m / 32). `share` is that of bad
 * minutes in the long run, 0 to 1. Each hour begins anew at that share, so that no hour depends on the ones before; a burst over
 * the full hour is cut in two independent ones. Bits that are set stay set.
 */
export function addBadMinutes(
  words: Uint32Array,
  at: number,
  {
    share,
    seed,
    stream,
    hour,
  }: { readonly share: number; readonly seed: number; readonly stream: number; readonly hour: number },
): void {
  let tick = hour * ticksPerHour;
  let isBad = uniform(seed, stream, tick++) < share;
  // Shares above 5/6 need longer bursts: then every good minute is followed by a bad one.
  const fall = Math.min(1, share / (1 - share) / meanBurst);
  const rise = fall < 1 ? 1 / meanBurst : (1 - share) / share;
  for (let minute = 0; minute < 60; ) {
    const change = isBad ? rise : fall;
    const lasts =
      change >= 1 ? 1 : change <= 0 ? 60 : 1 + Math.floor(Math.log(uniform(seed, stream, tick++)) / Math.log(1 - change));
    const end = Math.min(60, minute + lasts);
    if (isBad) for (let m = minute; m < end; m++) words[at + (m >>> 5)] |= 1 << (m & 31);
    minute = end;
    isBad = !isBad;
  }
}
