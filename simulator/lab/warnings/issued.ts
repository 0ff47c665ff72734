// Warnings that were really issued (a CSV gathered from the press), beside what the criteria demanded.

import { fromBeijing } from '../../../engine/domain/calendar.ts';
import { levelRank } from '../../../engine/domain/warningCriteria.ts';
import { shown } from '../../../engine/schema/problem.ts';
import { type WarningLevel, warningLevels } from '../../../engine/schema/warning.ts';
import { FileError, type FileProblem } from '../../fileProblem.ts';
import { csvOf } from '../../readers/textFile.ts';
import { type AqiSeries, dayMs } from './aqiSeries.ts';
import type { HistoryEpisode } from './history.ts';

export interface Issued {
  readonly region: string;
  readonly event: string;
  /** Undefined: not stated. */
  readonly level?: WarningLevel;
  readonly atMs: number;
  readonly untilMs?: number;
  readonly confidence: string;
}

export interface Compared {
  readonly issued: Issued;
  /** End that was used: as issued, by the next event of the list, or three days. */
  readonly untilMs: number;
  readonly isUntilKnown: boolean;
  /** The highest that was demanded while it was in force. */
  readonly computed?: HistoryEpisode;
  readonly agrees: 'yes' | 'computed higher' | 'computed lower' | 'none computed' | 'no data';
}

const columns = ['region', 'event', 'level', 'at_local', 'until_local', 'confidence'] as const;
/** A warning without an end and without a next event is compared over so many days. */
const assumedDays = 3;
/** An event that follows later than this ends nothing. */
const nextWithinDays = 10;

/** In order of time; `region` is a part of the name, in any case. */
export async function readIssued(
  file: string,
  region: string,
): Promise<{ readonly issued: readonly Issued[]; readonly problems: readonly FileProblem[] }> {
  const issued: Issued[] = [];
  const problems: FileProblem[] = [];
  let header: readonly string[] = [];
  for await (const { line, cells } of csvOf(file)) {
    if (header.length === 0) {
      header = cells;
      const missing = columns.filter((name) => !header.includes(name));
      if (missing.length > 0) throw new FileError(`${file} has no column ${missing.join(', ')}; found: ${header.join(', ')}`);
      continue;
    }
    const cell = (name: (typeof columns)[number]) => cells[header.indexOf(name)] ?? '';
    if (!cell('region').toLowerCase().includes(region.toLowerCase())) continue;
    const atMs = timeOf(cell('at_local'));
    if (atMs === undefined) {
      problems.push({
        file,
        line,
        message: 'not a time',
        value: shown(cell('at_local')),
        allowed: 'YYYY-MM-DD or YYYY-MM-DDTHH:MM, Beijing time',
      });
      continue;
    }
    issued.push({
      region: cell('region'),
      event: cell('event'),
      level: warningLevels.find((level) => level === cell('level')),
      atMs,
      untilMs: timeOf(cell('until_local')),
      confidence: cell('confidence'),
    });
  }
  return { issued: issued.sort((a, b) => a.atMs - b.atMs), problems };
}

/** Midnight may be written as 24:00; a date alone is its beginning. */
function timeOf(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute] = match.slice(1).map((part) => Number(part ?? 0));
  return fromBeijing(year, month, day, hour) + minute * 60_000;
}

/** A row for each warning that began, changed or was foretold; ends, and other levels, only end the one before. */
export function compareIssued(issued: readonly Issued[], episodes: readonly HistoryEpisode[], series: AqiSeries): Compared[] {
  return issued.flatMap((each, i) => {
    if (each.event === 'end') return [];
    const next = issued
      .slice(i + 1)
      .find(
        ({ atMs, event, level }) =>
          (event === 'end' || level !== each.level) && atMs > each.atMs && atMs < each.atMs + nextWithinDays * dayMs,
      );
    const knownMs = each.untilMs ?? next?.atMs;
    const untilMs = knownMs ?? each.atMs + assumedDays * dayMs;
    const computed = highest(episodes.filter((episode) => episode.wholeFromMs < untilMs && episode.wholeUntilMs > each.atMs));
    return [
      {
        issued: each,
        untilMs,
        isUntilKnown: knownMs !== undefined,
        computed,
        agrees: agreement(each, untilMs, computed, series),
      },
    ];
  });
}

function highest(episodes: readonly HistoryEpisode[]): HistoryEpisode | undefined {
  return episodes.reduce<HistoryEpisode | undefined>(
    (best, each) => (levelRank(each.level) > levelRank(best?.level) ? each : best),
    undefined,
  );
}

function agreement(issued: Issued, untilMs: number, computed: HistoryEpisode | undefined, series: AqiSeries): Compared['agrees'] {
  const first = Math.max(0, Math.floor((issued.atMs - series.startMs) / series.everyMs));
  const end = Math.max(first, Math.ceil((untilMs - series.startMs) / series.everyMs));
  const known = series.aqi.subarray(first, end).filter((aqi) => !Number.isNaN(aqi)).length;
  // Half of the time must be known, or the table would judge a warning by what nobody measured.
  if (issued.level === undefined || known * 2 < (untilMs - issued.atMs) / series.everyMs) return 'no data';
  if (computed === undefined) return 'none computed';
  const difference = levelRank(computed.level) - levelRank(issued.level);
  if (difference === 0) return 'yes';
  return difference > 0 ? 'computed higher' : 'computed lower';
}
