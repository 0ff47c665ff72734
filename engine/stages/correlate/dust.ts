// Dust sites by DB13/2934-2019: the site's hour minus the county's, and the third hour above the limit in a day.

import type { Kind } from '../../schema/catalog.ts';
import { catalog, metricIndex } from '../../schema/catalog.ts';
import type { Evidence } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import { type Detector, Judgement } from './detector.ts';
import type { DistrictHours } from './districtHours.ts';
import { atResolution, meanEvidence } from './evidence.ts';
import { medianOf } from './median.ts';
import { type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { siteDust, usualReach } from './siteDust.ts';
import { sourceIndex } from './sourceIndex.ts';

const pm10 = metricIndex('dust', 'pm10');
const countyPm10 = metricIndex('air', 'pm10');
const hourMs = 3_600_000;
const dayHours = 24;
const hourParts = 12;
/** Of an hour's parts so many must be known to tell spikes from dust [ours]. */
const partsMin = 6;
/** Beijing is eight hours ahead. */
const beijingHours = 8;
export interface DustSeries {
  /** Of 5 min. */
  readonly fives: Series;
  readonly hours: Series;
}

/** First hour of the Beijing day that this hour is of. */
const dayOf = (hour: number) => Math.floor((hour + beijingHours) / dayHours) * dayHours - beijingHours;

/** An hour above the limit that the site's own habits do not explain. */
export const dustExceedance = (series: DustSeries, districts: DistrictHours, rules: Rules): Detector =>
  dustDetector('dust-exceedance', series, districts, rules);

/** The third such hour of a day, and those behind it. */
export const dustViolation = (series: DustSeries, districts: DistrictHours, rules: Rules): Detector =>
  dustDetector('dust-violation', series, districts, rules);

function dustDetector(
  id: 'dust-exceedance' | 'dust-violation',
  { fives, hours }: DustSeries,
  districts: DistrictHours,
  rules: Rules,
): Detector {
  const { limit, countyMax, stormAbove, clearBelow, timesUsual, closeHours } = rules['dust-exceedance'];
  const { allowed } = rules['dust-violation'];
  const sites = sourceIndex('dust');
  const dust = siteDust(hours, districts, sites);

  const parts = new Float64Array(hourParts);

  /** Its middle part is below the limit: a few minutes made the hour. Where its parts are not kept any more, it is not. */
  function isSpikes(site: number, hour: number, level: number): boolean {
    let known = 0;
    for (let part = hour * hourParts; part < (hour + 1) * hourParts; part++) {
      const value = fives.mean('dust', pm10, site, part);
      if (!Number.isNaN(value)) parts[known++] = value;
    }
    return known >= partsMin && medianOf(parts, known) <= level;
  }

  function judgeHour(site: number, hour: number): Judgement {
    const excess = dust.excess(site, hour, countyMax);
    if (Number.isNaN(excess)) return Judgement.unknown;
    if (timesUsual > 0 && dust.county(site, hour) > stormAbove) return Judgement.unknown;
    if (excess <= clearBelow) return Judgement.no;
    if (excess <= limit) return Judgement.near;
    if (timesUsual === 0) return Judgement.yes;
    if (isSpikes(site, hour, limit + Math.min(countyMax, dust.county(site, hour)))) return Judgement.near;
    const times = dust.timesUsual(site, hour);
    return Number.isNaN(times) ? Judgement.unknown : times >= timesUsual ? Judgement.yes : Judgement.no;
  }

  /** Hours above the limit in the day, this one included. */
  function countInDay(site: number, hour: number): number {
    let count = 0;
    for (let each = dayOf(hour); each <= hour; each++) if (judgeHour(site, each) === Judgement.yes) count += 1;
    return count;
  }

  function countEvidence(site: number, hour: number): Evidence {
    return {
      kind: 'dust',
      source: sites.id(site),
      metric: catalog.dust.metrics[pm10].id,
      startMs: dayOf(hour) * hourMs,
      endMs: (hour + 1) * hourMs,
      value: countInDay(site, hour),
      unit: '1',
      limit: allowed,
      side: 'above',
      says: 'exceedancesOfDay',
    };
  }

  return {
    rule: id,
    ruleVersion: ruleCatalog[id].version,
    size: '1h',
    life: { openAfter: 1, openWithin: 1, closeAfter: closeHours },
    reach: usualReach + (id === 'dust-violation' ? dayHours - 1 : 0),
    setSources(kind: Kind, first: number, sources: readonly Source[]) {
      sites.set(kind, first, sources);
    },
    units: () => sites.all.length,
    unitId: sites.id,
    unitsOf: (kind, source) => (kind === 'dust' ? [source] : []),
    judge(unit, hour) {
      const judgement = judgeHour(unit, hour);
      if (id === 'dust-exceedance' || judgement !== Judgement.yes) return judgement;
      return countInDay(unit, hour) > allowed ? Judgement.yes : Judgement.no;
    },
    describe(unit, _fromHour, toHour) {
      const { district, lon, lat } = sites.all[unit];
      const county = dust.county(unit, toHour);
      const times = dust.timesUsual(unit, toHour);
      const of = {
        series: hours,
        kind: 'dust',
        metric: pm10,
        source: unit,
        sources: sites,
        fromStep: toHour,
        toStep: toHour,
      } as const;
      const site = meanEvidence(of, 'siteHour', { limit: Math.min(countyMax, county) + limit, side: 'above' });
      const { limit: _limit, side: _side, revision: _revision, ...bare } = site;
      const around = {
        ...bare,
        kind: 'air',
        source: district,
        value: atResolution('air', countyPm10, county),
        says: 'countyHour',
      } as const;
      const usual = {
        ...site,
        value: Math.round(times * 10) / 10,
        unit: '1',
        limit: timesUsual,
        says: 'timesUsualDust',
      } as const;
      return {
        severity: countInDay(unit, toHour) > allowed ? 'serious' : 'warning',
        place: { district, lon, lat },
        sources: [sites.id(unit)],
        evidence: [site, around, ...(Number.isNaN(times) ? [] : [usual]), countEvidence(unit, toHour)],
        candidates: [{ id: sites.id(unit), score: 1, reasons: ['ownMonitor'] }],
      };
    },
  };
}
