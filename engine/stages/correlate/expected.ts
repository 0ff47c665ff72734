// What a station should show: the median of its neighbours, times its own usual ratio to them.

import { medianOf } from './median.ts';
import { type Neighbour, neighboursOf } from './neighbours.ts';
import type { Series } from './series.ts';
import type { SourceIndex } from './sourceIndex.ts';

export interface Expected {
  /** After sources became known. */
  learn(): void;
  neighbours(station: number): readonly Neighbour[];
  /** Stations whose neighbours it is one of, and itself. */
  around(station: number): readonly number[];
  /** Median of the neighbours; NaN: too few are known. */
  median(metric: number, station: number, step: number): number;
  /** The median times the recent ratio: never more than `value`, and cheaper. */
  recently(metric: number, station: number, step: number): number;
  /** The median times the usual ratio, the recent one or that of this hour on other days; NaN: cannot tell. */
  value(metric: number, station: number, step: number): number;
  /** Share of the neighbours that are `times` what they were an hour before; NaN: too few are known. */
  risingShare(metric: number, station: number, step: number, times: number): number;
}

/** k = 8 nearest (domain report 4.3) [P]; farther than its 5 km, since most townships have none as near [ours]. */
const near = { most: 8, withinKm: 20 };
/** Of fewer a median says nothing [ours]. */
const knownMin = 3;
/** The usual ratio: the median from 2 h to 35 min ago, so that what rises now is not in it [ours]. */
const usualFrom = 24;
const usualTo = 7;
/** Of every third step: neighbours change slowly. */
const usualEvery = 3;
const usualMin = 3;
/** And of the days before at this hour and those beside it, from so many known hours on [ours]. */
const days = 3;
const sameHourMin = 5;
const stepsInHour = 12;
const hoursInDay = 24;
/** How far back a judgement looks, in steps of `fives`; and after which hours it may look at one: the same hour of other days. */
export const expectedReach = usualFrom;
export const expectedHours = days * hoursInDay + 1;

/** `fives`: windows of 5 min; a ratio of three days needs as many hours. */
export function expectedAt(fives: Series, hours: Series, stations: SourceIndex): Expected {
  let neighbours: readonly (readonly Neighbour[])[] = [];
  let around: number[][] = [];
  const scratch = new Float64Array(near.most);
  const ratios = new Float64Array(usualFrom + days * 3);

  function median(series: Series, metric: number, station: number, step: number): number {
    const list = neighbours[station] ?? [];
    let known = 0;
    for (let i = 0; i < list.length; i++) {
      const value = series.mean('air', metric, list[i].index, step);
      if (!Number.isNaN(value)) scratch[known++] = value;
    }
    return known < knownMin ? Number.NaN : medianOf(scratch, known);
  }

  /** Of the floor of what instruments can tell apart, so that clean air makes no ratios. */
  function ratio(series: Series, metric: number, station: number, step: number): number {
    return series.mean('air', metric, station, step) / Math.max(1, median(series, metric, station, step));
  }

  function recent(metric: number, station: number, step: number): number {
    let known = 0;
    for (let each = step - usualFrom; each <= step - usualTo; each += usualEvery) {
      const value = ratio(fives, metric, station, each);
      if (!Number.isNaN(value)) ratios[known++] = value;
    }
    return known < usualMin ? Number.NaN : medianOf(ratios, known);
  }

  /** What comes every day at this hour is usual: shifts, traffic, heating. */
  function sameHour(metric: number, station: number, step: number): number {
    const hour = Math.floor(step / stepsInHour);
    let known = 0;
    for (let day = 1; day <= days; day++)
      for (let each = hour - day * hoursInDay - 1; each <= hour - day * hoursInDay + 1; each++) {
        const value = ratio(hours, metric, station, each);
        if (!Number.isNaN(value)) ratios[known++] = value;
      }
    return known < sameHourMin ? Number.NaN : medianOf(ratios, known);
  }

  return {
    learn() {
      // National stations tell hours only.
      neighbours = neighboursOf(stations.all, { ...near, counts: ({ national }) => national !== true });
      around = stations.all.map((_, station) => [station]);
      neighbours.forEach((list, station) => {
        for (const { index } of list) around[index].push(station);
      });
    },
    neighbours: (station) => neighbours[station] ?? [],
    around: (station) => around[station] ?? [],
    median: (metric, station, step) => median(fives, metric, station, step),
    recently: (metric, station, step) => Math.max(1, median(fives, metric, station, step)) * recent(metric, station, step),
    value(metric, station, step) {
      const now = median(fives, metric, station, step);
      const before = recent(metric, station, step);
      const daily = sameHour(metric, station, step);
      return Math.max(1, now) * (Number.isNaN(daily) ? before : Math.max(daily, before));
    },
    risingShare(metric, station, step, times) {
      const list = neighbours[station] ?? [];
      let known = 0;
      let rising = 0;
      for (let i = 0; i < list.length; i++) {
        const now = fives.mean('air', metric, list[i].index, step);
        const before = fives.mean('air', metric, list[i].index, step - stepsInHour);
        if (Number.isNaN(now) || Number.isNaN(before)) continue;
        known += 1;
        if (now > times * Math.max(1, before)) rising += 1;
      }
      return known < knownMin ? Number.NaN : rising / known;
    },
  };
}
