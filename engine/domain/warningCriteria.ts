// What the criteria for heavy-pollution warnings say of a series of observed and forecast hours, and why.

import { type Assessment, type CriteriaId, type DurationReading, type RollingHour, warningLevels } from '../schema/warning.ts';
import { type Condition, type Edition, editionOf, longestHours } from './warningEditions.ts';
import { assessmentReason, type Judged } from './warningReason.ts';
import { dayFromMs, endMs, type Series, seriesOf } from './warningSeries.ts';
import { type Counting, countings, type Gaps, stretchesOf } from './warningStretches.ts';

export interface AssessInput {
  /** The last full hour before it is the present one. Give the end of the newest hour that should be known, not the wall's minute. */
  readonly atMs: number;
  /** Contiguous and ascending, observed then forecast; `aqi24` NaN: cannot be told. Five days back are enough. */
  readonly hours: readonly RollingHour[];
  readonly criteria: CriteriaId;
  readonly reading: DurationReading;
}

/**
 * A level is met by a stretch that reaches the present hour or lies in the forecast; what is over starts nothing. The highest
 * one counts. What is unknown (gaps, and the time before the first hour) never meets anything, but if the worst in its place
 * would give a higher level than the one that is met, `cannotTell` is true: also beside a level, and then nothing may be
 * lowered or lifted. Behind the end of the series nothing is assumed.
 */
export function assess({ atMs, hours, criteria, reading }: AssessInput): Assessment {
  const edition = editionOf(criteria);
  const counting = countings[reading];
  const series = seriesOf(hours, atMs, longestHours(edition));
  const judged: Judged[] = [];
  for (const { level, conditions } of [...edition.levels].reverse()) {
    const known = conditions.map((condition) => reaching(series, condition, counting, 'known'));
    const possible = conditions.map((condition) => reaching(series, condition, counting, 'possible'));
    judged.push({ level, conditions: conditions.map((condition, i) => ({ condition, met: known[i], possible: possible[i] })) });
    if (known.some((stretch) => stretch !== undefined)) break;
  }
  const top = judged[judged.length - 1];
  const met = top.conditions.flatMap(({ met: stretch }) => stretch ?? []);
  const higher = met.length > 0 ? judged.slice(0, -1) : judged;
  const cannotTell = higher.some(({ conditions }) => conditions.some(({ possible }) => possible !== undefined));
  const belowForHours = hoursBelow(series, edition, counting);
  const level = met.length > 0 ? top.level : undefined;
  return {
    atMs,
    criteria,
    reading,
    level,
    cannotTell,
    ...(met.length > 0 && {
      fromMs: dayFromMs(series, Math.min(...met.map(({ first }) => first))),
      metMs: endMs(series, Math.min(...met.map(({ complete }) => complete))),
    }),
    ...(belowForHours !== undefined && { belowForHours }),
    reason: assessmentReason({ edition, reading, counting, series, judged, level, cannotTell, belowForHours }),
  };
}

/** The first stretch that has not ended before the present hour. */
function reaching({ values, now }: Series, condition: Condition, counting: Counting, gaps: Gaps) {
  return stretchesOf(values, condition, counting, gaps).find(({ last }) => last >= now);
}

/**
 * Hours behind the present one, in a row, that lie in no stretch that meets yellow or more, not even if gaps and the time
 * behind the series held the worst. 0: the present hour or the next lies in one. Undefined: whether it does is not known.
 */
function hoursBelow({ values, now }: Series, edition: Edition, counting: Counting): number | undefined {
  const padded = new Float64Array(values.length + longestHours(edition)).fill(Number.NaN);
  padded.set(values);
  const conditions = edition.levels.filter(({ level }) => level !== 'blue').flatMap((each) => each.conditions);
  const coverBy = (gaps: Gaps) => {
    const stretches = conditions.flatMap((condition) => stretchesOf(padded, condition, counting, gaps));
    return (i: number) => stretches.some(({ first, last }) => first <= i && i <= last);
  };
  const [isIn, mayBeIn] = [coverBy('known'), coverBy('possible')];
  if (isIn(now)) return 0;
  if (mayBeIn(now)) return undefined;
  let end = now + 1;
  while (end < values.length && !mayBeIn(end)) end += 1;
  return end === now + 1 && !isIn(end) ? undefined : end - now - 1;
}

/** Position in the order of levels; -1: none. */
export function levelRank(level: Assessment['level']): number {
  return level === undefined ? -1 : warningLevels.indexOf(level);
}
