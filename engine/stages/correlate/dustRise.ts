// A dust site that gives off many times its usual, minutes after it began: the standard's hours come later, and raise its incident.

import { distanceKm } from '../../domain/geo.ts';
import type { Kind } from '../../schema/catalog.ts';
import { catalog, metricIndex } from '../../schema/catalog.ts';
import type { Evidence } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import { type Detector, Judgement } from './detector.ts';
import type { DistrictHours } from './districtHours.ts';
import type { DustSeries } from './dust.ts';
import { atResolution, meanEvidence } from './evidence.ts';
import { type Rules, ruleCatalog } from './ruleCatalog.ts';
import { siteDust, usualReach } from './siteDust.ts';
import { sourceIndex } from './sourceIndex.ts';

const pm10 = metricIndex('dust', 'pm10');
const [airPm10, airPm25] = ['pm10', 'pm25'].map((id) => metricIndex('air', id));
const hourMs = 3_600_000;
const fivesInHour = 12;
const stepMinutes = 5;
/** Stations that would show a front too: as stations' neighbours, but none that stands in the site's own dust [ours]. */
const near = { most: 8, fromKm: 2, withinKm: 20 };

/** Judged against the county's hour before, and what that lets through against the stations around now. */
export function dustRise({ fives, hours }: DustSeries, districts: DistrictHours, rules: Rules): Detector {
  const { limit, countyMax, stormAbove, clearBelow } = rules['dust-exceedance'];
  const { timesUsual, clearTimes, overMinutes, withinMinutes, closeMinutes } = rules['dust-rise'];
  const sites = sourceIndex('dust');
  const stations = sourceIndex('air');
  const dust = siteDust(hours, districts, sites);
  const around = stationsAround(sites.all, stations.all);

  const hourBefore = (step: number) => Math.floor(step / fivesInHour) - 1;
  /** What the site may have where the county has so much. */
  const levelAt = (county: number) => Math.min(countyMax, county) + limit;

  const allOf = (station: number, step: number) => fives.mean('air', airPm10, station, step);
  const coarseOf = (station: number, step: number) => allOf(station, step) - fives.mean('air', airPm25, station, step);

  /** The station that shows most PM10 in these minutes, or coarse dust; -1: none shows any. */
  function highestAround(site: number, step: number, shown: typeof allOf): number {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (const station of around.of(site)) {
      const value = shown(station, step);
      if (!(value > most)) continue;
      best = station;
      most = value;
    }
    return best;
  }

  const timesNow = (site: number, step: number) =>
    dust.timesUsualIn(fives, site, step, coarseOf(highestAround(site, step, coarseOf), step));

  /** Not so when a front has come since the hour before: stations show it too, those first that it reached first. */
  function isAboveStations(site: number, step: number, value: number): boolean {
    const most = allOf(highestAround(site, step, allOf), step);
    return most <= stormAbove && value > levelAt(most) && timesNow(site, step) >= timesUsual;
  }

  function countyEvidence(site: number, hour: number): Evidence {
    const { id: metric, unit } = catalog.air.metrics[airPm10];
    return {
      kind: 'air',
      source: sites.all[site].district,
      metric,
      startMs: hour * hourMs,
      endMs: (hour + 1) * hourMs,
      value: atResolution('air', airPm10, dust.county(site, hour)),
      unit,
      says: 'countyHourBefore',
    };
  }

  return {
    rule: 'dust-rise',
    ruleVersion: ruleCatalog['dust-rise'].version,
    size: '5m',
    life: {
      openAfter: Math.ceil(overMinutes / stepMinutes),
      openWithin: Math.ceil(withinMinutes / stepMinutes),
      closeAfter: Math.ceil(closeMinutes / stepMinutes),
    },
    reach: 0,
    hoursReach: [1, usualReach + 1],
    setSources(kind: Kind, first: number, list: readonly Source[]) {
      sites.set(kind, first, list);
      stations.set(kind, first, list);
      around.forget();
    },
    units: () => sites.all.length,
    unitId: sites.id,
    unitsOf: (kind, source) => (kind === 'dust' ? [source] : []),
    besideOf: (kind, source) => (kind === 'air' ? around.sitesOf(source) : []),
    judge(unit, step) {
      const value = fives.mean('dust', pm10, unit, step);
      const county = dust.county(unit, hourBefore(step));
      if (Number.isNaN(value) || Number.isNaN(county)) return Judgement.unknown;
      if (county > stormAbove) return Judgement.unknown;
      if (value <= Math.min(countyMax, county) + clearBelow) return Judgement.no;
      if (value <= levelAt(county)) return Judgement.near;
      const times = dust.timesUsualIn(fives, unit, step, dust.coarseCounty(unit, hourBefore(step)));
      if (Number.isNaN(times)) return Judgement.unknown;
      if (times < timesUsual) return times < clearTimes ? Judgement.no : Judgement.near;
      return isAboveStations(unit, step, value) ? Judgement.yes : Judgement.near;
    },
    describe(unit, fromStep, toStep) {
      const { district, lon, lat } = sites.all[unit];
      const stretch = { series: fives, fromStep, toStep } as const;
      const before = hourBefore(toStep);
      const limits = { limit: levelAt(dust.county(unit, before)), side: 'above' } as const;
      const site = meanEvidence({ ...stretch, kind: 'dust', metric: pm10, source: unit, sources: sites }, 'siteMinutes', limits);
      const highest = highestAround(unit, toStep, allOf);
      const station = { ...stretch, kind: 'air', metric: airPm10, source: highest, sources: stations } as const;
      const times = Math.round(timesNow(unit, toStep) * 10) / 10;
      return {
        severity: 'notice',
        place: { district, lon, lat },
        sources: [sites.id(unit)],
        evidence: [
          site,
          countyEvidence(unit, before),
          meanEvidence(station, 'highestStation'),
          { ...site, value: times, unit: '1', limit: timesUsual, says: 'timesUsualDust' },
        ],
        candidates: [{ id: sites.id(unit), score: 1, reasons: ['ownMonitor'] }],
      };
    },
  };
}

/** The stations near each site, and the sites near each station; found when somebody asks, after sources became known. */
function stationsAround(sites: readonly Source[], stations: readonly Source[]) {
  let nearSites: number[][] = [];
  let nearStations: (readonly number[])[] | undefined;

  function find(): (readonly number[])[] {
    // National stations tell hours only.
    const placed = stations.map(({ national }, index) => ({ index, counts: national !== true }));
    nearSites = stations.map(() => []);
    return sites.map((site, of) => {
      const found = placed
        .flatMap(({ index, counts }) => {
          const km = counts ? kmBetween(site, stations[index]) : Number.POSITIVE_INFINITY;
          return km >= near.fromKm && km <= near.withinKm ? [{ index, km }] : [];
        })
        .sort((a, b) => a.km - b.km || a.index - b.index)
        .slice(0, near.most)
        .map(({ index }) => index);
      for (const index of found) nearSites[index].push(of);
      return found;
    });
  }

  return {
    of: (site: number): readonly number[] => (nearStations ??= find())[site] ?? [],
    sitesOf(station: number): readonly number[] {
      nearStations ??= find();
      return nearSites[station] ?? [];
    },
    forget(): void {
      nearStations = undefined;
    },
  };
}

function kmBetween(a: Source, b: Source): number {
  if (a.lon === undefined || a.lat === undefined || b.lon === undefined || b.lat === undefined) return Number.POSITIVE_INFINITY;
  return distanceKm({ lon: a.lon, lat: a.lat }, { lon: b.lon, lat: b.lat });
}
