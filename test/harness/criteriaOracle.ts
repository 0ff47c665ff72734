// The criteria for warnings once more, slow and straight from their text, to compare the engine with.

import type { CriteriaId, DurationReading, WarningLevel } from '../../engine/schema/warning.ts';

/** Positions in a series of one index an hour, both ends included. */
type Run = readonly [first: number, last: number];

/**
 * Every run of hours that the words "AQI above X for n hours" can mean: n hours in a row (rolling), or n/24 days, each a mean of
 * its own 24 hours, one after the other, that begin at any hour (blocks).
 */
function runs(series: readonly number[], hours: number, reading: DurationReading, holds: (aqi: number) => boolean): Run[] {
  const found: Run[] = [];
  const [steps, apart] = reading === 'rolling' ? [hours, 1] : [hours / 24, 24];
  for (let first = 0; first < series.length; first++) {
    const last = first + (steps - 1) * apart;
    let isRun = last < series.length;
    for (let i = first; isRun && i <= last; i += apart) isRun = holds(series[i]);
    if (isRun) found.push([first, last]);
  }
  return found;
}

const once = (series: readonly number[], holds: (aqi: number) => boolean): Run[] =>
  series.flatMap((aqi, i) => (holds(aqi) ? [[i, i] as const] : []));

/** Episodes: runs of any of the lists that follow each other without an hour between; only those that hold one run of every list. */
export function episodes(...lists: readonly Run[][]): Run[] {
  const joined: [number, number][] = [];
  for (const [first, last] of lists.flat().sort((a, b) => a[0] - b[0])) {
    const before = joined.at(-1);
    if (before === undefined || first > before[1] + 1) joined.push([first, last]);
    else before[1] = Math.max(before[1], last);
  }
  return joined.filter(([first, last]) => lists.every((list) => list.some((run) => first <= run[0] && run[1] <= last)));
}

/** The episodes of each level, by the words of each edition (REPORT.md 2.1). */
export function demanded(series: readonly number[], criteria: CriteriaId, reading: DurationReading): Record<WarningLevel, Run[]> {
  const over = (x: number, hours: number) => runs(series, hours, reading, (aqi) => aqi > x);
  const some = (x: number) => once(series, (aqi) => aqi > x);
  switch (criteria) {
    case 'jjj-2016':
    case 'mep-2017':
      return {
        blue: episodes(some(200)),
        yellow: episodes(over(200, 48)),
        orange: episodes(over(200, 72), some(300)),
        red: [...episodes(over(200, 96), over(300, 48)), ...episodes(runs(series, 24, reading, (aqi) => aqi >= 500))],
      };
    case 'mee-2018':
      return {
        blue: [],
        yellow: episodes(over(200, 48)),
        orange: episodes(over(200, 72)),
        red: [...episodes(over(200, 96), over(300, 48)), ...episodes(once(series, (aqi) => aqi >= 500))],
      };
    case 'mee-2024':
      return {
        blue: [],
        yellow: [...episodes(over(200, 24)), ...episodes(over(150, 48))],
        orange: [...episodes(over(200, 48)), ...episodes(over(150, 72))],
        red: episodes(over(200, 72), over(300, 24)),
      };
  }
}

/** Highest level with an episode that has not ended before position `now`. */
export function demandedAt(
  series: readonly number[],
  now: number,
  criteria: CriteriaId,
  reading: DurationReading,
): WarningLevel | undefined {
  const found = demanded(series, criteria, reading);
  return (['red', 'orange', 'yellow', 'blue'] as const).find((level) => found[level].some(([, last]) => last >= now));
}
