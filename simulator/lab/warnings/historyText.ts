// The history of demanded levels, and its comparison with what was issued, as tables for people.

import { formatBeijing } from '../../../engine/domain/calendar.ts';
import { textTable } from '../textTable.ts';
import type { History, HistoryEpisode } from './history.ts';
import type { Compared } from './issued.ts';

const minute = (ms: number) => formatBeijing(ms).slice(0, 16).replace('T', ' ');
const short = (ms: number) => minute(ms).slice(5);

const monitoringText = (episode: HistoryEpisode) =>
  episode.monitoring.map(({ level, atMs }) => `${level} ${short(atMs)}`).join(', ') || 'none';

/** Two lines would not fit a terminal: the clause is the last column. */
export function episodesText({ episodes }: History): string {
  const rows = episodes.map((each) => [
    each.number === undefined ? '-' : String(each.number),
    each.level,
    minute(each.fromMs),
    minute(each.untilMs),
    `${short(each.wholeFromMs)} to ${short(each.wholeUntilMs)}`,
    String(each.peak),
    `${Math.round(100 * each.pm25Share)} %`,
    monitoringText(each),
    `${each.criteria}: ${each.en}`,
  ]);
  const head = ['no', 'level', 'from', 'until', 'any level', 'peak AQI24', 'PM2.5', 'by monitoring alone', 'clause'];
  return rows.length === 0 ? 'no level is demanded at any time\n' : `${textTable([head, ...rows], 9).join('\n')}\n`;
}

export function daysText({ days }: History): string {
  const rows = days.map(({ day, aqi, level, byMonitoring }) => [
    day,
    level ?? '-',
    byMonitoring ?? '-',
    aqi === null ? '-' : String(aqi),
  ]);
  return `${textTable([['day', 'level', 'by monitoring alone', 'AQI'], ...rows], 3).join('\n')}\n`;
}

export function comparedText(compared: readonly Compared[]): string {
  const rows = compared.map(({ issued, untilMs, isUntilKnown, computed, agrees }) => [
    issued.region.length > 24 ? `${issued.region.slice(0, 23)}…` : issued.region,
    `${issued.event} ${issued.level ?? 'not stated'}`,
    minute(issued.atMs),
    `${isUntilKnown ? '' : '~'}${short(untilMs)}`,
    agrees === 'no data' || computed === undefined
      ? '-'
      : `${computed.level} ${short(computed.fromMs)} to ${short(computed.untilMs)}`,
    agrees === 'no data' || computed === undefined ? '-' : monitoringText(computed),
    agrees,
  ]);
  const head = ['region', 'issued', 'from', 'until', 'computed', 'by monitoring alone', 'agree'];
  const told = compared.filter(({ agrees }) => agrees !== 'no data');
  const agreeing = told.filter(({ agrees }) => agrees === 'yes').length;
  return `${textTable([head, ...rows], 7).join('\n')}\n${agreeing} of ${told.length} agree; ${compared.length - told.length} without data\n`;
}
