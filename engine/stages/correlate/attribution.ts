// Whose smoke a station's rise may be: what stood upwind at the right time, what it did then, and whether the mixture fits it.

import type { Place } from '../../domain/geo.ts';
import { type Kind, metricIndex } from '../../schema/catalog.ts';
import type { Candidate } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import { activityAt, activityReach, unwatched } from './activity.ts';
import { askedBy } from './askedBy.ts';
import { type CityPlaces, noPlaces } from './cityPlaces.ts';
import type { DistrictHours } from './districtHours.ts';
import type { ProcessLink } from './links.ts';
import { type Neighbour, neighboursOf } from './neighbours.ts';
import { planeAt } from './plane.ts';
import type { Series } from './series.ts';
import { siteDust, usualReach } from './siteDust.ts';
import { sourceIndex } from './sourceIndex.ts';
import { type Sort, type Suspect, surroundings } from './surroundings.ts';
import { type Waypoint, wayOfAir } from './wind.ts';

/** How much a metric stands above what was expected, in its unit. */
export interface Rise {
  readonly metric: 'pm25' | 'pm10' | 'so2' | 'no2' | 'co';
  readonly rise: number;
}

export interface Question {
  /** Number of the air source. */
  readonly station: number;
  /** It stood high in [fromStep, toStep]. */
  readonly fromStep: number;
  readonly toStep: number;
  readonly rises: readonly Rise[];
}

/** Something that burns, as the camera rules know it. */
export interface Fire extends Place {
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Attribution {
  setSources(kind: Kind, first: number, sources: readonly Source[]): void;
  /** The best first, their scores together at most 1; `outside` and `unknown` among them. */
  candidates(question: Question): readonly Candidate[];
  /** Something upwind that fits the mixture is out of order by its own meters and monitors. From windows alone: fires do not count. */
  isExplained(question: Question): boolean;
  /** Stations whose `isExplained` looks at windows of this source, of other kinds than air. */
  askedBy(kind: Kind, source: number): readonly number[];
}

export interface AttributionOptions {
  readonly links: readonly ProcessLink[];
  readonly places?: CityPlaces;
  /** Windows of 5 min. */
  readonly fives: Series;
  readonly hours: Series;
  readonly districts: DistrictHours;
  /** Fires that are known now. */
  readonly fires?: () => readonly Fire[];
}

/** Farther than this nothing is asked (domain report 4.3: 3 km to 10 km) [P]. */
const reachKm = 8;
/** Back so far in time. */
const backSteps = 24;
/** How far back `isExplained` looks, in steps of five minutes, and in hours: what left then, and a site's usual dust before that. */
export const explainedReach = backSteps + activityReach;
export const explainedHours = 2 + 1 + usualReach;
/** The wind is that of so many stations around. */
const windOf = { most: 8, withinKm: 20 };
/** Width of the way that air may have come: as a share of its length, more in a calm, and at its end [ours]. */
const spread = { share: 0.13, calmShare: 0.5, calmMps: 0.5, endKm: 0.12 };
/** Near things need to give off less for the same rise: (1 + km / L)^-1.3, as plumes near the ground thin out [ours]. */
const nearKm = 0.4;
const thinningPower = 1.3;
/** What stands for nobody we know, and for air from outside of the city [ours]. */
const unknownWeight = 0.004;
const outsideWeight = 0.001;
/** So many are named, and the two that are nobody beside them. */
const most = 5;
const arrivalsMax = 4;
const hourSteps = 12;
const hourMs = 3_600_000;
/** Something is wrong there; it lay so near to the air's way; and it gives such things off [ours]. */
const explains = { activity: 0.5, upwind: 0.3, mixture: 0.35, km: 5 };
/** A site's dust by what is usual there, and its own monitor, µg/m³, that make it one [ours]. */
const dustyTimes = 3.2;
const dustyUgM3 = 250;
const sitePm10 = metricIndex('dust', 'pm10');

interface Doing {
  readonly score: number;
  readonly says: string;
}

export function attributionOf(options: AttributionOptions): Attribution {
  const { links, places = noPlaces, fives, hours, districts, fires = () => [] } = options;
  const air = sourceIndex('air');
  const sites = sourceIndex('dust');
  const plants = { power: sourceIndex('power'), cems: sourceIndex('cems'), voc: sourceIndex('voc') };
  const dust = siteDust(hours, districts, sites);
  const around = surroundings({ links, places, air, sites, reachKm });
  const asked = askedBy({ links, air, sites, plants, withinKm: explains.km });
  let neighbours: readonly (readonly Neighbour[])[] = [];

  function plantDoing({ links: own, pm }: Suspect, step: number): Doing {
    if (own.length === 0) return { ...unwatched, score: unwatched.score * Math.min(1, pm) };
    let best = activityAt(own[0], fives, plants, step);
    for (let i = 1; i < own.length; i++) {
      const each = activityAt(own[i], fives, plants, step);
      if (each.score > best.score) best = each;
    }
    return best;
  }

  /** Its own monitor at the time, and whether the hour or the one before was beyond its habits. */
  function siteDoing({ site }: Suspect, step: number): Doing {
    const pm10 = fives.mean('dust', sitePm10, site, step);
    if (Number.isNaN(pm10)) return unwatched;
    if (pm10 <= dustyUgM3) return { score: 0.01, says: 'clean' };
    const hour = Math.floor(step / hourSteps);
    const isBeyond = dust.timesUsual(site, hour) >= dustyTimes || dust.timesUsual(site, hour - 1) >= dustyTimes;
    return isBeyond ? { score: 1, says: 'dustBeyondUsual' } : { score: 0.15, says: 'dusty' };
  }

  const doingOf = (suspect: Suspect, step: number) => (suspect.site < 0 ? plantDoing(suspect, step) : siteDoing(suspect, step));

  function waysOf({ station, fromStep, toStep }: Question): readonly Arrival[] {
    const at = { station, neighbours: neighbours[station] ?? [] };
    return arrivalsOf(fromStep, toStep).map((step) => ({ step, way: wayOfAir(fives, at, { step, steps: backSteps }) }));
  }

  function firesAround(station: number): readonly (Suspect & { readonly fire: Fire })[] {
    const { lon, lat } = air.all[station] ?? {};
    if (lon === undefined || lat === undefined) return [];
    const plane = planeAt({ lon, lat });
    return fires().map((fire) => {
      const { x, y } = plane.pointOf(fire);
      return { id: fire.id, sort: 'fire', x, y, km: Math.sqrt(x * x + y * y), links: [], site: -1, pm: 0, fire };
    });
  }

  function fireDoing({ fromMs, toMs }: Fire, step: number): Doing {
    const atMs = step * fives.sizeMs;
    return atMs >= fromMs - hourMs && atMs <= toMs + hourMs ? { score: 1, says: 'burns' } : { score: 0.01, says: 'burntOut' };
  }

  function weighed(
    suspect: Suspect,
    ways: readonly Arrival[],
    mixture: Mixture,
    doing: (step: number) => Doing,
  ): Weighed | undefined {
    const { id, km, sort } = suspect;
    const { upwind, weight, ageMs, step } = passingOf(suspect, ways);
    const fit = fits(sort, mixture);
    const { score, says } = doing(step);
    if (weight * fit * score < unknownWeight / 1000) return undefined;
    const reasons = [
      says,
      `km=${km.toFixed(1)}`,
      `minutes=${Math.round(ageMs / 60_000)}`,
      `upwind=${upwind.toFixed(2)}`,
      `mixture=${fit.toFixed(2)}`,
    ];
    return { id, weight: weight * fit * score, reasons };
  }

  return {
    setSources(kind, first, sources) {
      for (const index of [air, sites, plants.power, plants.cems, plants.voc]) index.set(kind, first, sources);
      around.learn();
      asked.learn();
      if (kind === 'air') neighbours = neighboursOf(air.all, { ...windOf, counts: ({ national }) => national !== true });
    },
    candidates(question) {
      const ways = waysOf(question);
      const mixture = mixtureOf(question.rises);
      const found = [
        ...around.of(question.station).map((each) => weighed(each, ways, mixture, (step) => doingOf(each, step))),
        ...firesAround(question.station).map((each) => weighed(each, ways, mixture, (step) => fireDoing(each.fire, step))),
      ].filter((each) => each !== undefined);
      return ranked(found);
    },
    askedBy: asked.of,
    isExplained(question) {
      const mixture = mixtureOf(question.rises);
      let ways: readonly Arrival[] | undefined;
      for (const suspect of around.of(question.station)) {
        if (suspect.links.length === 0 && suspect.site < 0) continue;
        if (suspect.km > explains.km || fits(suspect.sort, mixture) < explains.mixture) continue;
        // Only few are worth the way of the air.
        if (doingOf(suspect, question.toStep).score < explains.activity) continue;
        ways ??= waysOf(question);
        const { upwind, step } = passingOf(suspect, ways);
        if (upwind >= explains.upwind && doingOf(suspect, step).score >= explains.activity) return true;
      }
      return false;
    },
  };
}

interface Weighed {
  readonly id: string;
  readonly weight: number;
  readonly reasons: readonly string[];
}

interface Arrival {
  readonly step: number;
  readonly way: readonly Waypoint[];
}

/** Some of the steps, the first and the last among them. */
function arrivalsOf(fromStep: number, toStep: number): readonly number[] {
  const count = Math.min(arrivalsMax, toStep - fromStep + 1);
  if (count === 1) return [toStep];
  return Array.from({ length: count }, (_, i) => fromStep + Math.round(((toStep - fromStep) * i) / (count - 1)));
}

interface Passing {
  /** Of all arrivals, and of the distance. */
  readonly weight: number;
  /** Of the best arrival. */
  readonly upwind: number;
  /** Under way. */
  readonly ageMs: number;
  /** When it left. */
  readonly step: number;
}

function passingOf({ x, y, km }: Suspect, ways: readonly Arrival[]): Passing {
  let sum = 0;
  let best = { upwind: 0, ageMs: 0, step: ways[ways.length - 1].step };
  for (const { step, way } of ways) {
    const { upwind, ageMs } = passing(x, y, km, way);
    sum += upwind;
    if (upwind > best.upwind) best = { upwind, ageMs, step: step - Math.round(ageMs / way[1].ageMs) };
  }
  const thinning = Math.exp(-thinningPower * Math.log(1 + km / nearKm));
  return { weight: (sum / ways.length) * thinning, ...best };
}

/** How near a way passed: 1 on its middle, by a bell curve whose width grows with the distance and in calms. */
function passing(
  x: number,
  y: number,
  km: number,
  way: readonly Waypoint[],
): { readonly upwind: number; readonly ageMs: number } {
  let upwind = 0;
  let ageMs = 0;
  for (let i = 0; i + 1 < way.length; i++) {
    const [near, far] = [way[i], way[i + 1]];
    const dx = far.x - near.x;
    const dy = far.y - near.y;
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - near.x) * dx + (y - near.y) * dy) / length));
    const offX = x - near.x - along * dx;
    const offY = y - near.y - along * dy;
    const width = spread.endKm + km * (spread.share + spread.calmShare * Math.exp(-near.mps / spread.calmMps));
    const each = Math.exp((-0.5 * (offX * offX + offY * offY)) / (width * width));
    if (each <= upwind) continue;
    upwind = each;
    ageMs = near.ageMs + along * (far.ageMs - near.ageMs);
  }
  return { upwind, ageMs };
}

interface Mixture {
  /** Coarse share of the particles that came. */
  readonly coarse: number;
  readonly hasSo2: boolean;
  readonly hasCo: boolean;
}

/** PM2.5 / PM10 under 0.3 is dust, above 0.8 burning; SO2 beside particles a stack (domain report 4.3) [P]; the limits are ours. */
function mixtureOf(rises: readonly Rise[]): Mixture {
  const of = (metric: Rise['metric']) => rises.find((each) => each.metric === metric)?.rise ?? 0;
  const [fine, all] = [of('pm25'), of('pm10')];
  return { coarse: all > 0 ? Math.max(0, all - fine) / all : 0.5, hasSo2: of('so2') > 15, hasCo: of('co') > 0.15 };
}

/** How well a mixture fits what such a source gives off, 0 to 1 [ours]. */
function fits(sort: Sort, { coarse, hasSo2, hasCo }: Mixture): number {
  switch (sort) {
    case 'site':
      return hasSo2 ? 0.05 : coarse > 0.65 ? 1 : coarse > 0.5 ? 0.4 : 0.05;
    case 'plant':
      return hasSo2 ? 1 : coarse > 0.75 ? 0.2 : coarse > 0.35 ? 0.7 : 0.4;
    case 'vocPlant':
      // Fumes and mists are fine; dust is none of theirs.
      return hasSo2 ? 0.1 : coarse > 0.5 ? 0.1 : 0.4;
    case 'fire':
      return hasSo2 ? 0.1 : coarse < 0.35 ? (hasCo ? 1 : 0.7) : 0.1;
  }
}

function ranked(found: readonly Weighed[]): readonly Candidate[] {
  const byWeight = (a: Weighed, b: Weighed) => b.weight - a.weight || (a.id < b.id ? -1 : 1);
  const nobody: readonly Weighed[] = [
    { id: 'unknown', weight: unknownWeight, reasons: ['nobodyKnown'] },
    { id: 'outside', weight: outsideWeight, reasons: ['inflow'] },
  ];
  const total = [...found, ...nobody].reduce((sum, { weight }) => sum + weight, 0);
  return [...[...found].sort(byWeight).slice(0, most), ...nobody]
    .sort(byWeight)
    .map(({ id, weight, reasons }) => ({ id, score: Math.round((weight / total) * 1000) / 1000, reasons }));
}
