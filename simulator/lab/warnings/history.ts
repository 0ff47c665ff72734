// What the criteria would have demanded of past air: with the observed future as forecast, and by monitoring alone.

import { formatBeijing } from '../../../engine/domain/calendar.ts';
import { levelRank } from '../../../engine/domain/warningCriteria.ts';
import {
  type Condition,
  conditionText,
  criteriaAt,
  type Edition,
  editionOf,
  editions,
} from '../../../engine/domain/warningEditions.ts';
import { countings, dailyCounting, stretchesOf } from '../../../engine/domain/warningStretches.ts';
import { type CriteriaId, type DurationReading, type WarningLevel, warningLevels } from '../../../engine/schema/warning.ts';
import { type AqiSeries, dayMs, hourMs } from './aqiSeries.ts';

export interface HistoryEpisode {
  /** Episodes of yellow and more whose gap is shorter than the merging time share a number; none: blue only. */
  readonly number?: number;
  readonly criteria: CriteriaId;
  /** Highest level, and the stretch that meets it: from the first of its 24 hours to the last. */
  readonly level: WarningLevel;
  readonly fromMs: number;
  readonly untilMs: number;
  /** All of it, also where only lower levels are met. */
  readonly wholeFromMs: number;
  readonly wholeUntilMs: number;
  readonly peak: number;
  /** Conditions of the highest level that are met. */
  readonly zh: string;
  readonly en: string;
  /** Share of the indices of the highest level's stretch that PM2.5 leads. */
  readonly pm25Share: number;
  /** By monitoring alone: when each level was first met. */
  readonly monitoring: readonly { readonly level: WarningLevel; readonly atMs: number }[];
}

export interface HistoryDay {
  /** Beijing day, `2015-12-20`. */
  readonly day: string;
  /** Index of the calendar day; null: cannot be told. */
  readonly aqi: number | null;
  /** Level of the stretch that the day's index lies in, with the future known; and by what was measured until its end. */
  readonly level: WarningLevel | null;
  readonly byMonitoring: WarningLevel | null;
}

export interface History {
  readonly episodes: readonly HistoryEpisode[];
  readonly days: readonly HistoryDay[];
}

export interface HistoryOptions {
  /** `auto`: the edition that held for Hengshui when a stretch began. */
  readonly criteria: CriteriaId | 'auto';
  readonly reading: DurationReading;
}

interface Found {
  readonly edition: Edition;
  readonly rank: number;
  readonly condition: Condition;
  readonly first: number;
  readonly last: number;
}

export function historyOf(series: AqiSeries, options: HistoryOptions): History {
  const found = allStretches(series, options);
  const groups = joined(found);
  const levels = new Int8Array(series.aqi.length).fill(-1);
  const alone = new Int8Array(series.aqi.length).fill(-1);
  for (const { rank, first, last } of found) for (let i = first; i <= last; i++) levels[i] = Math.max(levels[i], rank);
  const episodes = groups.map((group) => {
    const monitored = monitor(series, group, options);
    alone.set(monitored.levels, monitored.first);
    return episodeOf(series, group, monitored);
  });
  return { episodes: numbered(episodes, groups, series), days: daysOf(series, levels, alone) };
}

function allStretches({ aqi, startMs, everyMs }: AqiSeries, { criteria, reading }: HistoryOptions): Found[] {
  const counting = everyMs === dayMs ? dailyCounting : countings[reading];
  return (criteria === 'auto' ? editions : [editionOf(criteria)]).flatMap((edition) =>
    edition.levels.flatMap(({ level, conditions }) =>
      conditions.flatMap((condition) =>
        stretchesOf(aqi, condition, counting, 'known')
          .filter(({ first }) => criteria !== 'auto' || criteriaAt(startMs + first * everyMs) === edition.id)
          .map(({ first, last }) => ({ edition, rank: levelRank(level), condition, first, last })),
      ),
    ),
  );
}

/** Stretches of any level that touch are one episode. */
function joined(found: readonly Found[]): Found[][] {
  const groups: Found[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const each of [...found].sort((a, b) => a.first - b.first || a.rank - b.rank)) {
    if (each.first > last + 1) groups.push([each]);
    else groups[groups.length - 1].push(each);
    last = Math.max(last, each.last);
  }
  return groups;
}

interface Monitored {
  readonly first: number;
  readonly levels: Int8Array;
}

/** What was met at the end of each element, had nothing been forecast: stretches of the past that reach the present. */
function monitor({ aqi, everyMs }: AqiSeries, group: readonly Found[], { reading }: HistoryOptions): Monitored {
  const counting = everyMs === dayMs ? dailyCounting : countings[reading];
  const { first, last } = spanOf(group);
  const levels = new Int8Array(last - first + 1).fill(-1);
  for (let now = first; now <= last; now++) {
    const known = aqi.subarray(first, now + 1);
    for (const { level, conditions } of group[0].edition.levels) {
      const isMet = conditions.some((condition) =>
        stretchesOf(known, condition, counting, 'known').some((stretch) => stretch.last === now - first),
      );
      if (isMet) levels[now - first] = Math.max(levels[now - first], levelRank(level));
    }
  }
  return { first, levels };
}

function spanOf(group: readonly Found[]) {
  return { first: Math.min(...group.map(({ first }) => first)), last: Math.max(...group.map(({ last }) => last)) };
}

/** The index of an element is that of the 24 hours that end with it. */
const fromOf = ({ startMs, everyMs }: AqiSeries, first: number) => startMs + (first + 1) * everyMs - dayMs;
const untilOf = ({ startMs, everyMs }: AqiSeries, last: number) => startMs + (last + 1) * everyMs;

function episodeOf(series: AqiSeries, group: readonly Found[], monitored: Monitored): HistoryEpisode {
  const rank = Math.max(...group.map((each) => each.rank));
  const top = group.filter((each) => each.rank === rank);
  const { first, last } = spanOf(top);
  const whole = spanOf(group);
  const conditions = [...new Set(top.map(({ condition }) => condition))].map(conditionText);
  let [peak, pm25, known] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = first; i <= last; i++) {
    if (Number.isNaN(series.aqi[i])) continue;
    peak = Math.max(peak, series.aqi[i]);
    pm25 += series.byPm25[i];
    known += 1;
  }
  const monitoring = warningLevels.flatMap((level, each) => {
    const at = monitored.levels.findIndex((value) => value >= each);
    return at < 0 || !group[0].edition.levels.some((own) => own.level === level)
      ? []
      : [{ level, atMs: untilOf(series, monitored.first + at) }];
  });
  return {
    criteria: top[0].edition.id,
    level: warningLevels[rank],
    fromMs: fromOf(series, first),
    untilMs: untilOf(series, last),
    wholeFromMs: fromOf(series, whole.first),
    wholeUntilMs: untilOf(series, whole.last),
    peak,
    zh: conditions.map(({ zh }) => zh).join('；或'),
    en: conditions.map(({ en }) => en).join('; or '),
    pm25Share: pm25 / known,
    monitoring,
  };
}

/** The gap is the time in which the index lies in no stretch of yellow or more. */
function numbered(
  episodes: readonly HistoryEpisode[],
  groups: readonly (readonly Found[])[],
  series: AqiSeries,
): HistoryEpisode[] {
  let number = 0;
  let before = Number.NEGATIVE_INFINITY;
  return episodes.map((episode, i) => {
    const counting = groups[i].filter(({ rank }) => rank >= levelRank('yellow'));
    if (counting.length === 0) return episode;
    const { first, last } = spanOf(counting);
    const gapHours = ((first - before - 1) * series.everyMs) / hourMs;
    if (gapHours >= groups[i][0].edition.mergeHours) number += 1;
    before = last;
    return { number, ...episode };
  });
}

function daysOf({ aqi, startMs, everyMs }: AqiSeries, levels: Int8Array, alone: Int8Array): HistoryDay[] {
  const days: HistoryDay[] = [];
  for (let i = 0; i < aqi.length; i++) {
    const endMs = startMs + (i + 1) * everyMs;
    const date = formatBeijing(endMs - dayMs);
    if (date.slice(11, 16) !== '00:00') continue;
    days.push({
      day: date.slice(0, 10),
      aqi: Number.isNaN(aqi[i]) ? null : aqi[i],
      level: warningLevels[levels[i]] ?? null,
      byMonitoring: warningLevels[alone[i]] ?? null,
    });
  }
  return days;
}
