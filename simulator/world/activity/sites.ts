// Dust sites: when they work and how much dust they raise, with covering and spraying as it should be.

import type { Source } from '../../../engine/schema/register.ts';
import { lognormalFactor } from '../draw.ts';
import { streamOf, uniform } from '../random.ts';
import { dayNumber, daysFromNewYear, minuteMs, minuteOfDay, weekday } from './beijingDay.ts';

/** PM10 of a working site, g/s: median and spread (simulation report 2.6) [D]. */
const pm10Gps = 0.35;
const pm10Gsd = 2.2;
/** Share of PM2.5 in it: Beijing's sites give 9.6 of 31 µg/m³ city-wide (same place, S11); a little less at the source [D]. */
export const siteFineShare = 0.2;
/** Of the working emission, what the ground gives off at rest [D]. */
const restShare = 0.05;
/** Wind dust: 1 + c · (u - 3 m/s)², at most so many times (c and the limit [D]). */
const windFromMps = 3;
const windPer = 0.12;
const windMost = 8;
/** Work from 07 h to 18 h, a break at noon [D]. */
const workMinutes = [420, 1080] as const;
const spreadMinutes = 25;
const breakMinutes = [720, 780] as const;
const breakShare = 0.3;
/** Share of sites at work on a workday and on a day of the weekend; 10 days before to 15 after the lunar New Year: few [D]. */
const workdayShare = 0.9;
const weekendShare = 0.7;
const festivalShare = 0.03;
const knotMs = 20 * minuteMs;

export interface Sites {
  /** In the register's order. */
  readonly sources: readonly Source[];
  /** Work of each site, 0 to 1, without orders. */
  readonly work: Float32Array;
  readonly step: (ms: number) => void;
  /** PM10, g/s, at so much work, so much wind, `factor` times the dust of a site in order. */
  readonly pm10Gps: (site: number, work: number, windMps: number, factor: number) => number;
}

export function makeSites(seed: number, sources: readonly Source[]): Sites {
  const dust = sources.filter((source) => source.kind === 'dust');
  const rate = Float64Array.from(dust, ({ id }) => pm10Gps * lognormalFactor(pm10Gsd, seed, streamOf(`dust of ${id}`), 0));
  const shift = Float64Array.from(dust, ({ id }) => spreadMinutes * (2 * uniform(seed, streamOf(`hours of ${id}`), 0) - 1));
  const dayStreams = dust.map(({ id }) => streamOf(`work of ${id}`));
  const noiseStreams = dust.map(({ id }) => streamOf(`pace of ${id}`));
  const level = new Float64Array(dust.length);
  const noiseFrom = new Float64Array(dust.length);
  const noiseTo = new Float64Array(dust.length);
  const work = new Float32Array(dust.length);
  let plannedDay = Number.NaN;
  let plannedKnot = Number.NaN;

  function planDay(day: number): void {
    const fromNewYear = daysFromNewYear(day);
    const weekend = weekday(day) === 0 || weekday(day) === 6;
    const share = fromNewYear >= -10 && fromNewYear <= 15 ? festivalShare : weekend ? weekendShare : workdayShare;
    for (let s = 0; s < dust.length; s++) {
      level[s] = uniform(seed, dayStreams[s], day * 2) < share ? 0.5 + 0.5 * uniform(seed, dayStreams[s], day * 2 + 1) : 0;
    }
    plannedDay = day;
  }

  function planNoise(knot: number): void {
    for (let s = 0; s < dust.length; s++) {
      noiseFrom[s] = 0.7 + 0.3 * uniform(seed, noiseStreams[s], knot);
      noiseTo[s] = 0.7 + 0.3 * uniform(seed, noiseStreams[s], knot + 1);
    }
    plannedKnot = knot;
  }

  function step(ms: number): void {
    const day = dayNumber(ms);
    if (day !== plannedDay) planDay(day);
    const knot = Math.floor(ms / knotMs);
    if (knot !== plannedKnot) planNoise(knot);
    const share = ms / knotMs - knot;
    const now = minuteOfDay(ms);
    for (let s = 0; s < dust.length; s++) {
      const minute = now + shift[s];
      if (minute < workMinutes[0] || minute >= workMinutes[1]) {
        work[s] = 0;
        continue;
      }
      const pause = minute >= breakMinutes[0] && minute < breakMinutes[1] ? breakShare : 1;
      work[s] = level[s] * pause * (noiseFrom[s] + (noiseTo[s] - noiseFrom[s]) * share);
    }
  }

  return {
    sources: dust,
    work,
    step,
    pm10Gps: (site, at, windMps, factor) => {
      const over = Math.max(0, windMps - windFromMps);
      const wind = Math.min(windMost, 1 + windPer * over * over);
      return rate[site] * (restShare + (1 - restShare) * at) * wind * factor;
    },
  };
}
