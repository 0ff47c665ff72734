// How much dust a site gives off, against what it usually gives off in an hour at this work and this wind: from its own monitor.

import { metricIndex } from '../../schema/catalog.ts';
import { pollutantIds } from '../../schema/window.ts';
import type { DistrictHours } from './districtHours.ts';
import { medianOf } from './median.ts';
import type { Series } from './series.ts';
import type { SourceIndex } from './sourceIndex.ts';

export interface SiteDust {
  /** Site minus county, the county at most `countyMax`, µg/m³; NaN: cannot tell. */
  excess(site: number, hour: number, countyMax: number): number;
  county(site: number, hour: number): number;
  /** Coarse dust of the county. */
  coarseCounty(site: number, hour: number): number;
  /** Strength in this hour by the usual strength of the days before; NaN: it is at rest, or nothing to compare with. */
  timesUsual(site: number, hour: number): number;
  /**
   * The same of five minutes, at least: at rest as if there were as much work as one just does not hear. `around`: coarse dust of
   * the county meanwhile, µg/m³. NaN: nothing to compare with.
   */
  timesUsualIn(fives: Series, site: number, five: number, around: number): number;
}

const [pm10, pm25, tsp, noise, wind] = ['pm10', 'pm25', 'tsp', 'noiseDb', 'windMps'].map((id) => metricIndex('dust', id));
const [countyPm10, countyPm25] = (['pm10', 'pm25'] as const).map((id) => pollutantIds.indexOf(id));
/** An hour counts with 45 minutes, as everywhere (domain report 3.4) [C]. */
const hourMs = 45 * 60_000;
/** Of the days before so many hours are looked at, and so many of work are needed [ours]. */
const usualHours = 70;
/** Hours that `timesUsual` looks back; `timesUsualIn` one more. */
export const usualReach = usualHours - 1;
const fivesInHour = 12;
const workHoursMin = 5;
/** Work is so much louder than the site's quiet hours, dB: streets by day are 9 louder than nights [ours]. */
const workDb = 11;
/** So many of the hours are quieter than the quiet hours [ours]. */
const quietShare = 0.1;
/** A site that hardly gave off anything: any dust would be many times as much. µg/m³ at 1 m/s [ours]. */
const leastUsual = 25;
/** What the ground gives off at rest, of full work [ours]. */
const rest = 0.05;
/** Wind raises dust by itself: 1 + c (u - 2 m/s between fences)² [ours]. */
const gustFromMps = 2;
const gustPer = 0.2;
/** A calm does not dilute less than this, m/s between fences [ours]. */
const calmMps = 0.55;

export function siteDust(hours: Series, districts: DistrictHours, sites: SourceIndex): SiteDust {
  const strengths = new Float64Array(usualHours);
  const sound = new Float64Array(usualHours);

  const county = (site: number, hour: number) => districts.mean(countyPm10, sites.all[site]?.district ?? '', hour);
  const coarseCounty = (site: number, hour: number) =>
    county(site, hour) - districts.mean(countyPm25, sites.all[site]?.district ?? '', hour);
  const isValid = (site: number, hour: number) => hours.metricCaptureMs('dust', pm10, site, hour) >= hourMs;

  /** Coarse dust, since water swells the fine particles in the monitors; times its own wind, which dilutes: what fences take of that cancels. */
  function strength(of: Series, site: number, step: number, around: number, work: number): number {
    // A part is not more than the whole: such a value is an instrument's.
    if (of.mean('dust', pm10, site, step) > of.mean('dust', tsp, site, step)) return Number.NaN;
    const coarse = of.mean('dust', pm10, site, step) - of.mean('dust', pm25, site, step);
    const mps = Math.max(calmMps, of.mean('dust', wind, site, step));
    const gust = Math.max(0, mps - gustFromMps);
    return ((coarse - around) * mps) / (rest + (1 - rest) * work) / (1 + gustPer * gust * gust);
  }

  function strengthOfHour(site: number, hour: number, work: number): number {
    if (!isValid(site, hour)) return Number.NaN;
    return strength(hours, site, hour, coarseCounty(site, hour), work);
  }

  /** Sound grows with the root of the work: share of the loudest hour's; NaN: no work to hear. */
  function workAt(db: number, quietDb: number, loudDb: number): number {
    const louder = db - quietDb;
    if (!(louder >= workDb)) return Number.NaN;
    const share = louder / (loudDb - quietDb);
    return share * share;
  }

  const soundOf = (site: number, hour: number) => hours.mean('dust', noise, site, hour);

  /** What its quiet hours and its loudest hour sound like, of those up to `lastHour`. */
  function soundsOf(site: number, fromHour: number, lastHour: number): readonly [quietDb: number, loudDb: number] {
    let heard = 0;
    for (let each = fromHour; each <= lastHour; each++) {
      const db = soundOf(site, each);
      if (!Number.isNaN(db)) sound[heard++] = db;
    }
    const sorted = sound.subarray(0, heard).sort();
    return [sorted[Math.floor(quietShare * heard)], sorted[heard - 1]];
  }

  /** Median strength of the hours of work before; NaN: too few. */
  function usualStrength(site: number, hour: number, quietDb: number, loudDb: number): number {
    let known = 0;
    for (let each = hour - usualHours + 1; each < hour; each++) {
      const work = workAt(soundOf(site, each), quietDb, loudDb);
      if (Number.isNaN(work)) continue;
      const before = strengthOfHour(site, each, work);
      if (!Number.isNaN(before)) strengths[known++] = before;
    }
    return known < workHoursMin ? Number.NaN : Math.max(leastUsual, medianOf(strengths, known));
  }

  return {
    county,
    coarseCounty,
    excess(site, hour, countyMax) {
      if (!isValid(site, hour)) return Number.NaN;
      return hours.mean('dust', pm10, site, hour) - Math.min(countyMax, county(site, hour));
    },
    timesUsual(site, hour) {
      const [quietDb, loudDb] = soundsOf(site, hour - usualHours + 1, hour);
      const work = workAt(soundOf(site, hour), quietDb, loudDb);
      return Number.isNaN(work) ? work : strengthOfHour(site, hour, work) / usualStrength(site, hour, quietDb, loudDb);
    },
    timesUsualIn(fives, site, five, around) {
      const hour = Math.floor(five / fivesInHour);
      const [quietDb, loudDb] = soundsOf(site, hour - usualHours + 1, hour - 1);
      // Work that nobody hears (at noon, under the noise of streets) is less than this.
      const work = workAt(Math.max(quietDb + workDb, fives.mean('dust', noise, site, five)), quietDb, loudDb);
      return strength(fives, site, five, around, work) / usualStrength(site, hour, quietDb, loudDb);
    },
  };
}
