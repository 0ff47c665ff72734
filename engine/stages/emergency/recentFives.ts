// The newest 5-min means of meters and stack monitors that watch processes: a ring of steps, one column a value.

import { type Kind, metricIndex } from '../../schema/catalog.ts';
import type { Source } from '../../schema/register.ts';
import { type WindowBatch, windowMs } from '../../schema/window.ts';

export const fiveMs = windowMs['5m'];

/** What is read of a kind. Positions in what `column` gives for a sensor, plus these. */
export const readMetrics = {
  power: ['kw'],
  cems: ['flowM3S', 'so2', 'nox', 'pm', 'o2Pct'],
  voc: ['flowM3S', 'nmhc'],
} as const satisfies Partial<Record<Kind, readonly string[]>>;
export type WatchedKind = keyof typeof readMetrics;

export interface Sensor {
  readonly kind: WatchedKind;
  readonly id: string;
}

export interface RecentFives {
  /** First column of a sensor; -1: it is not watched. */
  column(kind: WatchedKind, id: string | undefined): number;
  set(kind: Kind, first: number, sources: readonly Source[]): void;
  /** Calls `touched` with each value that came behind `judgedStep`: the sensor's first column, and the step. */
  take(batch: WindowBatch, judgedStep: number, touched: (column: number, step: number) => void): void;
  mean(column: number, step: number): number;
  low(column: number, step: number): number;
  high(column: number, step: number): number;
  save(): SavedFives;
  restore(saved: SavedFives): void;
}

interface SavedFives {
  readonly newest: number;
  readonly names: Readonly<Record<WatchedKind, readonly string[]>>;
  readonly ids: readonly string[];
  readonly columns: readonly Float32Array[];
}

const never = -1_000_000_000;
const copyOf = ({ power, cems, voc }: Record<WatchedKind, string[]>) => ({ power: [...power], cems: [...cems], voc: [...voc] });
const keyOf = (kind: Kind, id: string) => `${kind} ${id}`;

export function recentFives(sensors: readonly Sensor[], steps: number): RecentFives {
  const columns = new Map<string, number>();
  let width = 0;
  for (const { kind, id } of sensors) {
    if (columns.has(keyOf(kind, id))) continue;
    columns.set(keyOf(kind, id), width);
    width += readMetrics[kind].length;
  }
  const metrics = Object.fromEntries(
    (Object.keys(readMetrics) as WatchedKind[]).map((kind) => [kind, readMetrics[kind].map((id) => metricIndex(kind, id))]),
  ) as Record<WatchedKind, number[]>;
  /** First column by source, and its name; by kind. */
  const bySource: Record<WatchedKind, number[]> = { power: [], cems: [], voc: [] };
  const names: Record<WatchedKind, string[]> = { power: [], cems: [], voc: [] };
  const empty = (): Float32Array => new Float32Array(width * steps).fill(Number.NaN);
  let means = empty();
  let lows = empty();
  let highs = empty();
  let newest = never;

  const slotOf = (step: number) => ((step % steps) + steps) % steps;
  const isKept = (step: number) => step > newest - steps && step <= newest;
  const isWatched = (kind: Kind): kind is WatchedKind => kind in readMetrics;

  function advance(step: number): void {
    for (let each = Math.max(newest + 1, step - steps + 1); each <= step; each++) {
      const at = slotOf(each) * width;
      for (const column of [means, lows, highs]) column.fill(Number.NaN, at, at + width);
    }
    newest = step;
  }

  const at = (of: Float32Array, column: number, step: number) =>
    column < 0 || !isKept(step) ? Number.NaN : of[slotOf(step) * width + column];

  return {
    column: (kind, id) => (id === undefined ? -1 : (columns.get(keyOf(kind, id)) ?? -1)),
    set(kind, first, sources) {
      if (!isWatched(kind)) return;
      sources.forEach(({ id }, i) => {
        names[kind][first + i] = id;
        bySource[kind][first + i] = columns.get(keyOf(kind, id)) ?? -1;
      });
    },
    take(batch, judgedStep, touched) {
      const { kind, size, rows, source, startMs } = batch;
      if (size !== '5m' || !isWatched(kind)) return;
      const firsts = bySource[kind];
      const own = metrics[kind];
      for (let row = 0; row < rows; row++) {
        const column = firsts[source[row]] ?? -1;
        if (column < 0) continue;
        const step = startMs[row] / fiveMs;
        if (step > newest) advance(step);
        if (!isKept(step)) continue;
        const to = slotOf(step) * width + column;
        for (let m = 0; m < own.length; m++) {
          const { mean, min, max } = batch.metrics[own[m]];
          means[to + m] = mean[row];
          lows[to + m] = min[row];
          highs[to + m] = max[row];
        }
        if (step < judgedStep) touched(column, step);
      }
    },
    mean: (column, step) => at(means, column, step),
    low: (column, step) => at(lows, column, step),
    high: (column, step) => at(highs, column, step),
    save: () => ({
      newest,
      names: copyOf(names),
      ids: [...columns.keys()],
      columns: [means.slice(), lows.slice(), highs.slice()],
    }),
    restore(saved) {
      newest = saved.newest;
      for (const kind of Object.keys(names) as WatchedKind[]) {
        names[kind] = [...saved.names[kind]];
        bySource[kind] = names[kind].map((id) => columns.get(keyOf(kind, id)) ?? -1);
      }
      [means, lows, highs] = saved.columns.map((column) => placed(column, saved.ids));
    },
  };

  /** Under another register each sensor keeps what is known of it. */
  function placed(saved: Float32Array, ids: readonly string[]): Float32Array {
    const savedWidth = saved.length / steps;
    const placedIn = new Float32Array(width * steps).fill(Number.NaN);
    let from = 0;
    for (const id of ids) {
      const count = readMetrics[id.slice(0, id.indexOf(' ')) as WatchedKind].length;
      const to = columns.get(id);
      for (let slot = 0; to !== undefined && slot < steps; slot++)
        placedIn.set(saved.subarray(slot * savedWidth + from, slot * savedWidth + from + count), slot * width + to);
      from += count;
    }
    return placedIn;
  }
}
