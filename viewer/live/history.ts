// History for the chart: the right resolution for what is looked at, never more points than the chart keeps.

import type { SeriesAnswer } from '../../engine/schema/live.ts';
import { notesOf } from '../model/notes.ts';
import { earliestMs, type Series, type ShownSize, sizeFor } from '../model/plotColumns.ts';
import { getSeries } from './api.ts';

export const pointsMax = 20_000;

export interface Wanted {
  readonly sources: readonly string[];
  readonly metrics: readonly string[];
  readonly size: ShownSize | 'auto';
  /** null = from the first value there is. */
  readonly fromMs: number | null;
  readonly toMs: number;
  /** What is looked at, without the margins that are loaded beside it; decides the size. */
  readonly spanMs: number;
  readonly pixels: number;
}

export interface History {
  readonly size: ShownSize;
  readonly series: readonly Series[];
}

export async function loadHistory(wanted: Wanted, signal: AbortSignal): Promise<History> {
  const { fromMs, toMs } = wanted;
  if (fromMs !== null) {
    const size = wanted.size === 'auto' ? sizeFor(wanted.spanMs, wanted.pixels) : wanted.size;
    const series = await load(wanted, size, fromMs, signal);
    if (wanted.size !== 'auto' || size === '1h' || series.some(({ startMs }) => startMs.length > 0)) return { size, series };
    // A national station sends hours only.
    return { size: '1h', series: await load(wanted, '1h', fromMs, signal) };
  }
  // Nobody tells where the history begins: the hours do, then a finer size may fit.
  const size = wanted.size === 'auto' ? '1h' : wanted.size;
  const series = await load(wanted, size, 0, signal);
  const firstMs = Math.min(...series.map(({ startMs }) => startMs[0] ?? toMs));
  if (wanted.size !== 'auto' || firstMs >= toMs || sizeFor(toMs - firstMs, wanted.pixels) === '1h') return { size, series };
  return loadHistory({ ...wanted, fromMs: firstMs, spanMs: toMs - firstMs }, signal);
}

/** The index is hourly whatever the size of the others. */
async function load({ sources, metrics, toMs }: Wanted, size: ShownSize, fromMs: number, signal: AbortSignal) {
  const ask = (ids: readonly string[], shown: ShownSize): Promise<Pick<SeriesAnswer, 'series'>> | Pick<SeriesAnswer, 'series'> =>
    ids.length === 0
      ? { series: [] }
      : getSeries(
          { sources, metric: ids.join(','), size: shown, fromMs: Math.max(fromMs, earliestMs(shown, toMs, pointsMax), 0), toMs },
          signal,
        );
  const [values, index] = await Promise.all([
    ask(
      metrics.filter((id) => id !== 'aqi'),
      size,
    ),
    ask(
      metrics.filter((id) => id === 'aqi'),
      '1h',
    ),
  ]);
  return [...values.series, ...index.series].map((series) => ({ ...series, notes: notesOf(series) }));
}
