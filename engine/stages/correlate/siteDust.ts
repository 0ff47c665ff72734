// How much dust a site gives off, against what it usually gives off at this work and this wind: from its own monitor, by the hour.

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
  /** Strength in this hour by the usual strength of the days before; NaN: it is at rest, or nothing to compare with. */
  timesUsual(site: number, hour: number): number;
}

const [pm10, pm25, tsp, noise, wind] = ['pm10', 'pm25', 'tsp', 'noiseDb', 'windMps'].map((id) => metricIndex('dust', id));
const [countyPm10, countyPm25] = (['pm10', 'pm25'] as const).map((id) => pollutantIds.indexOf(id));
/** An hour counts with 45 minutes, as everywhere (domain report 3.4) [C]. */
const hourMs = 45 * 60_000;
/** Of the days before so many hours are looked at, and so many of work are needed [ours]. */
const usualHours = 70;
/** Hours that `timesUsual` looks back. */
export const usualReach = usualHours - 1;
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
  const isValid = (site: number, hour: number) => hours.metricCaptureMs('dust', pm10, site, hour) >= hourMs;

  /** Coarse dust, since water swells the fine particles in the monitors; times its own wind, which dilutes: what fences take of that cancels. */
  function strength(site: number, hour: number, work: number): number {
    // A part is not more than the whole: such an hour is an instrument's.
    if (!isValid(site, hour) || hours.mean('dust', pm10, site, hour) > hours.mean('dust', tsp, site, hour)) return Number.NaN;
    const coarse = hours.mean('dust', pm10, site, hour) - hours.mean('dust', pm25, site, hour);
    const district = sites.all[site]?.district ?? '';
    const around = districts.mean(countyPm10, district, hour) - districts.mean(countyPm25, district, hour);
    const mps = Math.max(calmMps, hours.mean('dust', wind, site, hour));
    const gust = Math.max(0, mps - gustFromMps);
    return ((coarse - around) * mps) / (rest + (1 - rest) * work) / (1 + gustPer * gust * gust);
  }

  /** Sound grows with the root of the work: share of the loudest hour's; NaN: no work to hear. */
  function workAt(site: number, hour: number, quietDb: number, loudDb: number): number {
    const louder = hours.mean('dust', noise, site, hour) - quietDb;
    if (!(louder >= workDb)) return Number.NaN;
    const share = louder / (loudDb - quietDb);
    return share * share;
  }

  return {
    county,
    excess(site, hour, countyMax) {
      if (!isValid(site, hour)) return Number.NaN;
      return hours.mean('dust', pm10, site, hour) - Math.min(countyMax, county(site, hour));
    },
    timesUsual(site, hour) {
      let heard = 0;
      for (let each = hour - usualHours + 1; each <= hour; each++) {
        const db = hours.mean('dust', noise, site, each);
        if (!Number.isNaN(db)) sound[heard++] = db;
      }
      const sorted = sound.subarray(0, heard).sort();
      const quietDb = sorted[Math.floor(quietShare * heard)];
      const loudDb = sorted[heard - 1];
      const now = workAt(site, hour, quietDb, loudDb);
      if (Number.isNaN(now)) return Number.NaN;
      let known = 0;
      for (let each = hour - usualHours + 1; each < hour; each++) {
        const work = workAt(site, each, quietDb, loudDb);
        if (Number.isNaN(work)) continue;
        const before = strength(site, each, work);
        if (!Number.isNaN(before)) strengths[known++] = before;
      }
      if (known < workHoursMin) return Number.NaN;
      return strength(site, hour, now) / Math.max(leastUsual, medianOf(strengths, known));
    },
  };
}
