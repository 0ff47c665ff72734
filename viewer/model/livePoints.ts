// What a live message adds to the lines on the chart.

import type { LiveColumns, LiveMessage } from '../../engine/schema/live.ts';
import { isWorthTelling } from './notes.ts';
import { type Point, type Series, type ShownSize, withPoints } from './plotColumns.ts';

export interface LivePoint extends Point {
  readonly source: string;
  readonly metric: string;
}

export interface Shown {
  readonly sources: readonly string[];
  readonly metrics: readonly string[];
  /** Of everything but `aqi`, which is always hourly. */
  readonly size: ShownSize;
}

export function livePoints(message: LiveMessage, shown: Shown): LivePoint[] {
  if (message.type === 'rows') return shown.size === 'raw' ? columnPoints(message.columns, shown) : [];
  if (message.type === 'windows')
    return message.size === shown.size ? columnPoints(message.columns, shown, message.revisions) : [];
  if (message.type !== 'hours' || !shown.metrics.includes('aqi')) return [];
  return message.hours
    .filter((hour) => hour.scope === 'station' && shown.sources.includes(hour.place))
    .map((hour) => ({ source: hour.place, metric: 'aqi', startMs: hour.startMs, value: hour.aqi, ...noteOf([], hour.revision) }));
}

function noteOf(flags: readonly string[], revision: number): Pick<Point, 'note'> {
  const note = { flags, revision };
  return isWorthTelling(note) ? { note } : {};
}

function columnPoints(
  { kind, sources, eventMs, values, flags }: LiveColumns,
  shown: Shown,
  revisions: readonly number[] = [],
): LivePoint[] {
  if (kind !== 'air') return [];
  const points: LivePoint[] = [];
  for (let row = 0; row < sources.length; row++) {
    if (!shown.sources.includes(sources[row])) continue;
    for (const metric of shown.metrics) {
      if (metric === 'aqi') continue;
      const value = values[metric]?.[row] ?? null;
      const note = noteOf(flags?.[metric]?.[row] ?? [], revisions[row] ?? 0);
      points.push({ source: sources[row], metric, startMs: eventMs[row], value, ...note });
    }
  }
  return points;
}

/** The same list when nothing belongs to it. */
export function withLivePoints(series: readonly Series[], points: readonly LivePoint[], pointsMax: number): readonly Series[] {
  if (points.length === 0) return series;
  return series.map((each) => {
    const own = points.filter(({ source, metric }) => source === each.source && metric === each.metric);
    return own.length === 0 ? each : withPoints(each, own, pointsMax);
  });
}
