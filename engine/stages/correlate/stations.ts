// Stations: high against what their neighbours and their own habits let expect, or rising suddenly, and not the whole region with them.

import { type Kind, metricIndex } from '../../schema/catalog.ts';
import type { Evidence } from '../../schema/finding.ts';
import { Flag } from '../../schema/flags.ts';
import type { Source } from '../../schema/register.ts';
import { type Attribution, explainedHours, explainedReach, type Rise } from './attribution.ts';
import { type Detector, Judgement } from './detector.ts';
import { atResolution, meanEvidence } from './evidence.ts';
import { type Expected, expectedAt, expectedHours, expectedReach } from './expected.ts';
import { type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { type SourceIndex, sourceIndex } from './sourceIndex.ts';

export interface StationSeries {
  /** Of 5 min. */
  readonly fives: Series;
  readonly hours: Series;
}

const [pm25, pm10, so2, co] = ['pm25', 'pm10', 'so2', 'co'].map((id) => metricIndex('air', id));
/** CO and NO2 of single roads and hearths are as high on quiet days: they are evidence, not reasons [ours]. */
const judged = ['pm25', 'pm10', 'so2'] as const;
const told = ['pm25', 'pm10', 'so2', 'no2', 'co'] as const;
/** Values that are an instrument's affair. Fog is judged apart. */
const doubtful = Flag.flat | Flag.stuck | Flag.inversion | Flag.warmUp | Flag.unchecked;
/** Micro stations read particles too high in fog: then a rise must be twice as much (domain report 5) [P]. */
const fogTimes = 2;
const stepMinutes = 5;
/** A sudden rise is one of 15 min. */
const riseSteps = 3;

export function stationHigh(series: StationSeries, attribution: Attribution, rules: Rules): Detector {
  const rule = rules['station-high'];
  const { ratio, clearRatio } = rule;
  return stationDetector('station-high', series, attribution, {
    ...rule,
    life: { openAfter: 2, openWithin: 3 },
    isSure: (expected, fives, metric, station, step) =>
      metric === so2 && fives.mean('air', so2, station, step) - expected.value(so2, station, step) > rule.so2Sure,
    judgeMetric(expected, fives, metric, limit, station, step) {
      const value = fives.mean('air', metric, station, step);
      const median = expected.median(metric, station, step);
      if (Number.isNaN(value) || Number.isNaN(median)) return Judgement.unknown;
      const isClear = value <= clearRatio * median || value - median <= limit / 2;
      if (value <= limit) return isClear ? Judgement.no : Judgement.near;
      // Cheaper than what was usual: whether it was lower at all. That neighbours fall alone says nothing.
      const least = leastBefore(fives, metric, station, step);
      if (
        least * ratio < value &&
        value - least > limit &&
        isAbove(value, expected.recently(metric, station, step), ratio, limit) &&
        isAbove(value, expected.value(metric, station, step), ratio, limit)
      )
        return Judgement.yes;
      return isClear ? Judgement.no : Judgement.near;
    },
  });
}

export function stationRise(series: StationSeries, attribution: Attribution, rules: Rules): Detector {
  const rule = rules['station-rise'];
  const { ratio } = rule;
  return stationDetector('station-rise', series, attribution, {
    ...rule,
    levelTwo: Number.POSITIVE_INFINITY,
    life: { openAfter: 1, openWithin: 1 },
    // Plumes of works in order bring a little SO2 when the wind turns. Nothing of the place makes fine particles rise so fast, and no
    // fault of an optical sensor makes CO rise with them. Dust is of sites, which are asked.
    isSure: (_, fives, metric, station, step) =>
      (metric === so2 && risen(fives, so2, station, step) > rule.so2Sure) ||
      (metric === pm25 &&
        coarseShareOfRise(fives, station, step) < rule.dustShare &&
        riseOf(fives, co, station, step) > rule.coShare * riseOf(fives, pm25, station, step)),
    judgeMetric(expected, fives, metric, limit, station, step) {
      const value = lowerOfTwo(fives, metric, station, step);
      const before = valueBefore(fives, metric, station, step);
      if (Number.isNaN(value) || Number.isNaN(before)) return Judgement.unknown;
      if (value - before <= limit || value <= ratio * Math.max(1, before)) return Judgement.no;
      const around = expected.median(metric, station, step);
      const aroundBefore = expected.median(metric, station, step - riseSteps);
      if (Number.isNaN(around) || Number.isNaN(aroundBefore)) return Judgement.unknown;
      const theirs = Math.max(0, around - aroundBefore);
      const isOwn = value - before - theirs > limit && value / before > (ratio * Math.max(1, around)) / Math.max(1, aroundBefore);
      return isOwn ? Judgement.yes : Judgement.no;
    },
  });
}

interface Wanted {
  readonly pm25: number;
  readonly pm10: number;
  readonly so2: number;
  readonly levelTwo: number;
  readonly regionalShare: number;
  readonly regionalRise: number;
  readonly closeMinutes: number;
  readonly life: { readonly openAfter: number; readonly openWithin: number };
  judgeMetric(expected: Expected, fives: Series, metric: number, limit: number, station: number, step: number): Judgement;
  /** The metric alone says enough. */
  isSure(expected: Expected, fives: Series, metric: number, station: number, step: number): boolean;
}

function stationDetector(
  id: 'station-high' | 'station-rise',
  { fives, hours }: StationSeries,
  attribution: Attribution,
  wanted: Wanted,
): Detector {
  const stations = sourceIndex('air');
  const expected = expectedAt(fives, hours, stations);
  const limits = judged.map((name) => wanted[name]);

  function judgeMetric(i: number, station: number, step: number): Judgement {
    const metric = metricIndexes[i];
    const flags = fives.flags('air', metric, station, step);
    if ((flags & doubtful) !== 0) return Judgement.unknown;
    const limit = limits[i] * ((flags & Flag.fog) !== 0 ? fogTimes : 1);
    return wanted.judgeMetric(expected, fives, metric, limit, station, step);
  }

  function risesAt(station: number, step: number): readonly Rise[] {
    return judged.map((metric, i) => ({
      metric,
      rise: fives.mean('air', metricIndexes[i], station, step) - expected.value(metricIndexes[i], station, step),
    }));
  }

  /** Much SO2 comes of stacks. Particles differ from place to place for hours by themselves: somebody must be out of order upwind. */
  function isOwn(i: number, station: number, step: number): boolean {
    if (isRegional(station, step, metricIndexes[i])) return false;
    if (wanted.isSure(expected, fives, metricIndexes[i], station, step)) return true;
    return attribution.isExplained({ station, fromStep: step, toStep: step, rises: risesAt(station, step) });
  }

  function isRegional(station: number, step: number, metric: number): boolean {
    return expected.risingShare(metric, station, step, wanted.regionalRise) > wanted.regionalShare;
  }

  return {
    rule: id,
    ruleVersion: ruleCatalog[id].version,
    size: '5m',
    life: { ...wanted.life, closeAfter: Math.ceil(wanted.closeMinutes / stepMinutes) },
    reach: Math.max(expectedReach, explainedReach),
    hoursReach: [0, Math.max(expectedHours, explainedHours)],
    setSources(kind: Kind, first: number, sources: readonly Source[]) {
      stations.set(kind, first, sources);
      attribution.setSources(kind, first, sources);
      if (kind === 'air') expected.learn();
    },
    units: () => stations.all.length,
    unitId: stations.id,
    unitsOf: (kind, source) => (kind === 'air' ? expected.around(source) : []),
    besideOf: attribution.askedBy,
    judge(unit, step) {
      let most: Judgement = Judgement.unknown;
      for (let i = 0; i < judged.length; i++) {
        const judgement = judgeMetric(i, unit, step);
        if (judgement !== Judgement.yes) {
          if (judgement > most) most = judgement;
          continue;
        }
        if (isOwn(i, unit, step)) return Judgement.yes;
        most = Judgement.near;
      }
      return most;
    },
    describe(unit, fromStep, toStep) {
      const { district, lon, lat } = stations.all[unit];
      const evidence = told.flatMap((name) => evidenceOf(name, { fives, expected, stations, unit, fromStep, toStep }));
      const rises: readonly Rise[] = evidence.flatMap(({ metric, value, limit = 0 }) =>
        value > limit ? [{ metric: metric as Rise['metric'], rise: value - limit }] : [],
      );
      const isLevelTwo = evidence.some(
        ({ metric, value, limit = 0 }) =>
          judged.includes(metric as (typeof judged)[number]) &&
          value > wanted.levelTwo * limit &&
          value - limit > wanted[metric as (typeof judged)[number]],
      );
      return {
        severity: isLevelTwo ? 'warning' : 'notice',
        place: { district, lon, lat },
        sources: [stations.id(unit)],
        evidence,
        candidates: attribution.candidates({ station: unit, fromStep, toStep, rises }),
      };
    },
  };
}

function isAbove(value: number, usual: number, ratio: number, limit: number): boolean {
  return value > ratio * usual && value - usual > limit;
}

const metricIndexes = [pm25, pm10, so2];
/** Half an hour to two hours before. */
const before = [6, 9, 12, 18, 24];

function leastBefore(fives: Series, metric: number, station: number, step: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < before.length; i++) {
    const value = fives.mean('air', metric, station, step - before[i]);
    if (value < least) least = value;
  }
  return least;
}

/** One value alone is a spike. */
function lowerOfTwo(fives: Series, metric: number, station: number, step: number): number {
  return Math.min(fives.mean('air', metric, station, step), fives.mean('air', metric, station, step - 1));
}

/** What it rose from. One value below both before it is a zero that an instrument made. */
function valueBefore(fives: Series, metric: number, station: number, step: number): number {
  const at = step - riseSteps;
  const value = fives.mean('air', metric, station, at);
  const older = Math.min(fives.mean('air', metric, station, at - 1), fives.mean('air', metric, station, at - 2));
  return Number.isNaN(older) ? value : Math.max(older, value);
}

function risen(fives: Series, metric: number, station: number, step: number): number {
  return lowerOfTwo(fives, metric, station, step) - valueBefore(fives, metric, station, step);
}

/** In the last 15 min. */
function riseOf(fives: Series, metric: number, station: number, step: number): number {
  return fives.mean('air', metric, station, step) - fives.mean('air', metric, station, step - riseSteps);
}

function coarseShareOfRise(fives: Series, station: number, step: number): number {
  const all = riseOf(fives, pm10, station, step);
  return all > 0 ? Math.max(0, all - riseOf(fives, pm25, station, step)) / all : 0;
}

/** A mean beside what was expected; none where either is not known. */
function evidenceOf(
  name: (typeof told)[number],
  at: {
    readonly fives: Series;
    readonly expected: Expected;
    readonly stations: SourceIndex;
    readonly unit: number;
    readonly fromStep: number;
    readonly toStep: number;
  },
): readonly Evidence[] {
  const { fives, expected, stations, unit, fromStep, toStep } = at;
  const metric = metricIndex('air', name);
  let sum = 0;
  let known = 0;
  for (let step = fromStep; step <= toStep; step++) {
    const value = expected.value(metric, unit, step);
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
  }
  const of = { series: fives, kind: 'air', metric, source: unit, sources: stations, fromStep, toStep } as const;
  const evidence = meanEvidence(of, 'stationMean');
  if (known === 0 || Number.isNaN(evidence.value)) return [];
  return [
    { ...evidence, limit: atResolution('air', metric, sum / known), side: evidence.value > sum / known ? 'above' : 'below' },
  ];
}
