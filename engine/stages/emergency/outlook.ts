// What the criteria say now, and what follows for a level: whether it may rise, sink or end, and when it would begin.

import { hourStart } from '../../domain/calendar.ts';
import { assess, levelRank } from '../../domain/warningCriteria.ts';
import { criteriaAt, type Edition, editionOf } from '../../domain/warningEditions.ts';
import type { Assessment, Reason } from '../../schema/warning.ts';
import { causeReason, type Lead, mostly } from './cause.ts';
import type { Joined, JoinedHour } from './joinedSeries.ts';
import { startFrom } from './startHours.ts';
import type { WarningOptions } from './warningOptions.ts';

/** The criteria as a function, so that tests can put others in their place. */
export type Assess = typeof assess;

/** One episode, judged. */
export interface View {
  readonly assessment: Assessment;
  /** Rank of the level that is met by what fine particles do; -1: none. What raises a level. */
  readonly metRank: number;
  /** Rank of the level that is met, whatever leads it; undefined: it cannot be told, or nothing new was observed. What lets one sink. */
  readonly lowerRank?: number;
  /** Below the yellow condition, and forecast to stay so. Only where it can be told. */
  readonly isClear: boolean;
  readonly isFastStart: boolean;
  /** When the air of what is met becomes heavy; may be past. */
  readonly beginMs: number;
  /** What begins from here on is not looked at. */
  readonly endMs: number;
  /** Expected end, at a start hour. */
  readonly untilMs?: number;
}

/** Episodes are judged apart, so that the one in six days neither raises the level of today nor keeps it up. */
export interface Outlook {
  /** Up to the first clear gap from now on, to the second, ... to the end of the series. */
  readonly views: readonly View[];
  readonly isFallback: boolean;
  readonly liftMs: number;
  readonly mergeMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A mean over 24 hours passes a threshold about half of them after the air did: the index of an hour is that of the 24 that end with it. */
const behindMs = 11 * hourMs;

export function outlookOf(series: Joined, nowMs: number, options: WarningOptions, judge: Assess = assess): Outlook {
  const criteria = options.criteria === 'auto' ? criteriaAt(nowMs) : options.criteria;
  const edition = editionOf(criteria);
  const { hours, isFallback } = series;
  const ends = [...endsOfEpisodes(hours, nowMs, edition), hours.length];
  const said = ends.map((end) => judge({ atMs: nowMs, hours: hours.slice(0, end), criteria, reading: options.reading }));
  const whole = said[said.length - 1];
  return {
    views: said.map((of, i) => ({
      ...viewOf(of, whole, { series, nowMs, options, edition }),
      endMs: hours[ends[i]]?.hourMs ?? Number.POSITIVE_INFINITY,
    })),
    isFallback,
    liftMs: edition.liftHours * hourMs,
    mergeMs: edition.mergeHours * hourMs,
  };
}

/** The first episode that meets a level; without any the whole series. */
export function nextView({ views }: Outlook): View {
  return views.find(({ assessment }) => assessment.level !== undefined) ?? views[views.length - 1];
}

/** Everything up to the episode that a level beginning at `ms` is for. */
export function viewAt({ views }: Outlook, ms: number): View {
  return views.find(({ endMs }) => endMs > ms + dayMs) ?? views[views.length - 1];
}

/** Positions behind the gaps, from the present hour on, that are long enough to part two episodes. */
function endsOfEpisodes(hours: readonly JoinedHour[], nowMs: number, edition: Edition): number[] {
  const heavy = heavyFrom(edition);
  const presentMs = hourStart(nowMs) - hourMs;
  const ends: number[] = [];
  let clear = 0;
  hours.forEach(({ hourMs: each, aqi24 }, i) => {
    if (each < presentMs) return;
    if (aqi24 <= heavy) clear += 1;
    else {
      if (clear >= edition.mergeHours) ends.push(i);
      clear = 0;
    }
  });
  return ends;
}

interface Known {
  readonly series: Joined;
  readonly nowMs: number;
  readonly options: WarningOptions;
  readonly edition: Edition;
}

function viewOf(said: Assessment, whole: Assessment, known: Known): Omit<View, 'endMs'> {
  const { series, nowMs, options, edition } = known;
  const { hours, observedMs, isFallback } = series;
  const episode = episodeOf(said, hours, edition);
  const lead = mostly(episode.leads);
  const isKnown = !said.cannotTell && nowMs - observedMs - hourMs <= options.observedMaxAgeMs;
  const isFastStart = said.level !== undefined && isHeavyAndStays(series, nowMs, options);
  const rank = levelRank(said.level);
  return {
    assessment: { ...said, reason: wholeReason(said, series, lead, episode.leads.length, isFastStart) },
    metRank: lead === 'pm25' ? rank : -1,
    ...(isKnown && { lowerRank: rank }),
    // Carried on, nothing can be forecast to stay so: then it is for the hold to be as long (see `decide`).
    isClear: isKnown && rank === -1 && (isFallback || (whole.belowForHours ?? 0) >= edition.liftHours),
    isFastStart,
    beginMs: episode.beginMs - behindMs,
    ...(!isFallback && { untilMs: endOf(episode.lastMs, hours, edition, options) }),
  };
}

/** The lowest index that any of its conditions asks for. */
function heavyFrom({ levels }: Edition): number {
  return Math.min(...levels.flatMap(({ conditions }) => conditions.flatMap(({ clauses }) => clauses.map(({ aqi }) => aqi))));
}

interface Episode {
  readonly beginMs: number;
  /** Its last heavy hour. */
  readonly lastMs: number;
  /** What leads the heavy hours of the stretch that meets the level. */
  readonly leads: readonly Lead[];
}

/** Heavy hours around the stretch that meets the level; a shorter gap than the merging one does not end it. */
function episodeOf({ fromMs, metMs }: Assessment, hours: readonly JoinedHour[], edition: Edition): Episode {
  const heavy = heavyFrom(edition);
  const firstMs = (fromMs ?? Number.NaN) + 23 * hourMs;
  const index = hours.findIndex((hour) => hour.hourMs >= firstMs);
  if (index < 0) return { beginMs: Number.NaN, lastMs: Number.NaN, leads: [] };
  const edge = (step: 1 | -1) => {
    let found = index;
    for (let i = index; i >= 0 && i < hours.length && Math.abs(i - found) <= edition.mergeHours; i += step)
      if (hours[i].aqi24 > heavy) found = i;
    return hours[found].hourMs;
  };
  const stretch = hours.filter((hour) => hour.hourMs >= firstMs && hour.hourMs < (metMs ?? 0) && hour.aqi24 > heavy);
  return { beginMs: edge(-1), lastMs: edge(1), leads: stretch.map(({ lead }) => lead) };
}

/** Undefined where the forecast ends before one can be sure of it. */
function endOf(
  lastMs: number,
  hours: readonly JoinedHour[],
  { liftHours }: Edition,
  options: WarningOptions,
): number | undefined {
  const end = hours[hours.length - 1]?.hourMs ?? Number.NaN;
  return end - lastMs >= liftHours * hourMs ? startFrom(lastMs + hourMs, options.startHours) : undefined;
}

/** Monitoring: heavy in the newest hour, which is young, and the air of no hour of the next twelve is clearly better. */
function isHeavyAndStays({ hours, observedMs }: Joined, nowMs: number, options: WarningOptions): boolean {
  const newest = hours.find((hour) => hour.hourMs === observedMs);
  if (newest === undefined || !(newest.aqi24 > options.fastStartAqi)) return false;
  if (nowMs - observedMs - hourMs > options.observedMaxAgeMs) return false;
  const improved = newest.aqi24 * options.improvedShare;
  return !hours.some((hour) => hour.hourMs > observedMs && hour.hourMs < nowMs + options.fastStartMs && hour.airAqi <= improved);
}

const fast: Reason = {
  zh: '实测已达重度污染，近期无明显改善：可立即启动',
  en: 'heavy already, and no clear improvement in the next hours: it may begin at once',
  isMet: true,
};

function wholeReason(said: Assessment, { reason }: Joined, lead: Lead, hours: number, isFastStart: boolean): Reason {
  const parts = [
    said.reason,
    reason,
    ...(said.level === undefined ? [] : [causeReason(lead, hours)]),
    ...(isFastStart ? [fast] : []),
  ];
  return { ...said.reason, parts };
}
