// From series of the API and the live feed to what uPlot draws: aligned columns in which a gap is null.

import type { SeriesAnswer } from '../../engine/schema/live.ts';
import { type WindowSize, windowMs } from '../../engine/schema/window.ts';
import type { Note, Notes } from './notes.ts';

export type Series = Pick<SeriesAnswer['series'][number], 'source' | 'metric' | 'startMs' | 'mean'> & { readonly notes?: Notes };
export type ShownSize = WindowSize | 'raw';

export interface PlotLine {
  /** Rising. */
  readonly startMs: readonly number[];
  readonly mean: readonly (number | null)[];
  /** Points further apart than this are not joined. */
  readonly gapMs: number;
}

/** null = gap; undefined = only another line has a point here, this one is drawn across. */
export type Cell = number | null | undefined;

/** Seconds first, then one column per line; all of one length. NaN never appears: uPlot knows gaps only as null. */
export type PlotColumns = [number[], ...Cell[][]];

export function plotColumns(lines: readonly PlotLine[]): PlotColumns {
  const own = lines.map(withHoles);
  const xs = union(own.map(({ startMs }) => startMs));
  const columns = own.map(({ startMs, mean }) => {
    const column = new Array<Cell>(xs.length).fill(undefined);
    let at = 0;
    for (let i = 0; i < xs.length && at < startMs.length; i++) {
      if (xs[i] === startMs[at]) column[i] = mean[at++];
    }
    return column;
  });
  return [xs.map((ms) => ms / 1000), ...columns];
}

/** A null stands in each hole, half-way or one gap after its start, whichever comes first. */
function withHoles({ startMs, mean, gapMs }: PlotLine): { startMs: number[]; mean: (number | null)[] } {
  const times: number[] = [];
  const values: (number | null)[] = [];
  for (let i = 0; i < startMs.length; i++) {
    const span = i === 0 ? 0 : startMs[i] - startMs[i - 1];
    if (span > gapMs) {
      times.push(startMs[i - 1] + Math.min(gapMs, span / 2));
      values.push(null);
    }
    const value = mean[i];
    times.push(startMs[i]);
    values.push(value === null || value === undefined || Number.isNaN(value) ? null : value);
  }
  return { startMs: times, mean: values };
}

/** All times of rising lists, rising, each once. */
function union(lists: readonly (readonly number[])[]): number[] {
  const at = lists.map(() => 0);
  const all: number[] = [];
  for (;;) {
    let next = Number.POSITIVE_INFINITY;
    for (let k = 0; k < lists.length; k++) if (lists[k][at[k]] < next) next = lists[k][at[k]];
    if (next === Number.POSITIVE_INFINITY) return all;
    all.push(next);
    for (let k = 0; k < lists.length; k++) if (lists[k][at[k]] === next) at[k]++;
  }
}

/** The longest step that is still joined: 1.5 windows; raw rows: three times their usual step. */
export function gapMsOf(size: ShownSize, startMs: readonly number[]): number {
  if (size !== 'raw') return windowMs[size] * 1.5;
  const steps = startMs.slice(-500).map((ms, i, all) => (i === 0 ? 0 : ms - all[i - 1]));
  const usual = steps.slice(1).sort((a, b) => a - b)[(steps.length - 1) >> 1] ?? 0;
  return Math.max(5_000, usual * 3);
}

/** Points between two gaps: no line reaches them, so they need a dot. */
export function lonePoints(column: readonly Cell[], fromIndex: number, toIndex: number): number[] {
  const found: number[] = [];
  let before: Cell = null;
  let candidate = -1;
  for (let i = fromIndex; i <= toIndex; i++) {
    const value = column[i];
    if (value === undefined) continue;
    if (value === null && candidate >= 0) found.push(candidate);
    candidate = value !== null && before === null ? i : -1;
    before = value;
  }
  if (candidate >= 0) found.push(candidate);
  return found;
}

/** Raw rows up to a quarter of an hour, then the finest windows that give at most about one and a half points per pixel. */
export function sizeFor(spanMs: number, pixels: number): ShownSize {
  if (spanMs <= 900_000) return 'raw';
  const points = Math.max(200, pixels * 1.5);
  if (spanMs / windowMs['1m'] <= points) return '1m';
  return spanMs / windowMs['5m'] <= points ? '5m' : '1h';
}

/** The earliest time that `pointsMax` points of a size reach back from `toMs`; raw rows are taken as one a second. */
export function earliestMs(size: ShownSize, toMs: number, pointsMax: number): number {
  return toMs - pointsMax * (size === 'raw' ? 1_000 : windowMs[size]);
}

export interface Point {
  readonly startMs: number;
  readonly value: number | null;
  readonly note?: Note;
}

/** A series with points added or replaced (a revision comes with the same start), the newest `pointsMax` kept. */
export function withPoints(series: Series, points: readonly Point[], pointsMax: number): Series {
  const startMs = [...series.startMs];
  const mean = [...series.mean];
  const notes = new Map(series.notes);
  for (const point of points) {
    let at = startMs.length;
    while (at > 0 && startMs[at - 1] >= point.startMs) at--; // almost always the end, or a step before it
    const replaced = startMs[at] === point.startMs ? 1 : 0;
    startMs.splice(at, replaced, point.startMs);
    mean.splice(at, replaced, point.value);
    if (point.note === undefined) notes.delete(point.startMs);
    else notes.set(point.startMs, point.note);
  }
  return { ...series, notes, startMs: startMs.slice(-pointsMax), mean: mean.slice(-pointsMax) };
}
