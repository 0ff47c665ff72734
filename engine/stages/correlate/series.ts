// The newest windows of every source, by step of time: what detectors look at. Rings, one slot a step.

import { catalog, type Kind, kinds } from '../../schema/catalog.ts';
import { type WindowBatch, type WindowSize, windowMs } from '../../schema/window.ts';

/** A window that came, or came again, when its step had been judged already. `step` = startMs / size. */
export interface Touched {
  readonly kind: Kind;
  readonly source: number;
  readonly step: number;
}

export interface Series {
  readonly size: WindowSize;
  readonly sizeMs: number;
  /** Steps that are kept, the newest included. */
  readonly steps: number;
  /** There will be so many sources of a kind: no more room than they need is kept. */
  reserve(kind: Kind, sources: number): void;
  /** `judged`: the newest step that detectors have looked at. Says which windows came behind them. */
  take(batch: WindowBatch, judged: number): readonly Touched[];
  /** Mean of a metric (position in the catalog); NaN where there is none, or the step is not kept. */
  mean(kind: Kind, metric: number, source: number, step: number): number;
  /** Mask of `Flag`; 0 where there is no window. */
  flags(kind: Kind, metric: number, source: number, step: number): number;
  /** Time covered by good values of the best-covered metric; 0 where there is no window. */
  captureMs(kind: Kind, source: number, step: number): number;
  /** The same of one metric; of hours only: a shorter window's is not kept. */
  metricCaptureMs(kind: Kind, metric: number, source: number, step: number): number;
  /** Any source had a window in this step. */
  hasWindows(step: number): boolean;
  save(): SavedSeries;
  restore(saved: SavedSeries): void;
}

export interface SavedSeries {
  readonly newest: number;
  /** By slot: 1 where there are windows. */
  readonly filled: Uint8Array;
  readonly rings: readonly (readonly [kind: Kind, ring: Ring])[];
}

/** Position of a value: slot * capacity + source. */
interface Ring {
  readonly capacity: number;
  readonly means: readonly Float32Array[];
  readonly flags: readonly Uint16Array[];
  readonly capture: Float32Array;
  /** By metric, of hours; else empty. */
  readonly captures: readonly Float32Array[];
}

export interface SeriesOptions {
  readonly size: WindowSize;
  readonly steps: number;
  /** Windows of other kinds are not kept. */
  readonly kinds: readonly Kind[];
}

export function windowSeries({ size, steps, kinds: kept }: SeriesOptions): Series {
  const sizeMs = windowMs[size];
  const rings = new Map<Kind, Ring>();
  let newest = Number.NEGATIVE_INFINITY;
  let filled = new Uint8Array(steps);

  const slotOf = (step: number) => ((step % steps) + steps) % steps;
  const isKept = (step: number) => step > newest - steps && step <= newest;

  function empty(kind: Kind, capacity: number): Ring {
    const { metrics } = catalog[kind];
    return {
      capacity,
      means: metrics.map(() => new Float32Array(capacity * steps).fill(Number.NaN)),
      flags: metrics.map(() => new Uint16Array(capacity * steps)),
      capture: new Float32Array(capacity * steps),
      captures: size === '1h' ? metrics.map(() => new Float32Array(capacity * steps)) : [],
    };
  }

  /** Sources that nobody has announced come with half as much room again. */
  function ringFor(kind: Kind, source: number): Ring {
    const known = rings.get(kind);
    return known !== undefined && source < known.capacity ? known : grow(kind, Math.ceil((source + 1) * 1.5));
  }

  function grow(kind: Kind, sources: number): Ring {
    const known = rings.get(kind);
    const grown = empty(kind, Math.ceil(sources / 16) * 16);
    if (known !== undefined) {
      for (let slot = 0; slot < steps; slot++) {
        const [from, to] = [slot * known.capacity, slot * grown.capacity];
        known.means.forEach((column, m) => {
          grown.means[m].set(column.subarray(from, from + known.capacity), to);
        });
        known.flags.forEach((column, m) => {
          grown.flags[m].set(column.subarray(from, from + known.capacity), to);
        });
        grown.capture.set(known.capture.subarray(from, from + known.capacity), to);
        known.captures.forEach((column, m) => {
          grown.captures[m].set(column.subarray(from, from + known.capacity), to);
        });
      }
    }
    rings.set(kind, grown);
    return grown;
  }

  function advance(step: number): void {
    const from = Math.max(newest + 1, step - steps + 1);
    for (const { capacity, means, flags, capture, captures } of rings.values()) {
      for (let each = from; each <= step; each++) {
        const at = slotOf(each) * capacity;
        for (const column of means) column.fill(Number.NaN, at, at + capacity);
        for (const column of flags) column.fill(0, at, at + capacity);
        capture.fill(0, at, at + capacity);
        for (const column of captures) column.fill(0, at, at + capacity);
      }
    }
    for (let each = from; each <= step; each++) filled[slotOf(each)] = 0;
    newest = step;
  }

  return {
    size,
    sizeMs,
    steps,
    reserve(kind, sources) {
      if (kept.includes(kind) && sources > (rings.get(kind)?.capacity ?? 0)) grow(kind, sources);
    },
    take(batch, judged) {
      if (batch.size !== size || !kept.includes(batch.kind)) return [];
      const { kind, metrics } = batch;
      const touched: Touched[] = [];
      for (let row = 0; row < batch.rows; row++) {
        const step = batch.startMs[row] / sizeMs;
        if (step > newest) advance(step);
        if (!isKept(step)) continue;
        filled[slotOf(step)] = 1;
        const source = batch.source[row];
        const ring = ringFor(kind, source);
        const at = slotOf(step) * ring.capacity + source;
        for (let m = 0; m < metrics.length; m++) {
          ring.means[m][at] = metrics[m].mean[row];
          ring.flags[m][at] = metrics[m].flags[row];
        }
        ring.capture[at] = batch.captureMs[row];
        for (let m = 0; m < ring.captures.length; m++) ring.captures[m][at] = metrics[m].captureMs[row];
        if (step <= judged) touched.push({ kind, source, step });
      }
      return touched;
    },
    hasWindows: (step) => isKept(step) && filled[slotOf(step)] === 1,
    mean(kind, metric, source, step) {
      const ring = rings.get(kind);
      if (ring === undefined || source < 0 || source >= ring.capacity || !isKept(step)) return Number.NaN;
      return ring.means[metric][slotOf(step) * ring.capacity + source];
    },
    flags(kind, metric, source, step) {
      const ring = rings.get(kind);
      if (ring === undefined || source < 0 || source >= ring.capacity || !isKept(step)) return 0;
      return ring.flags[metric][slotOf(step) * ring.capacity + source];
    },
    captureMs(kind, source, step) {
      const ring = rings.get(kind);
      if (ring === undefined || source < 0 || source >= ring.capacity || !isKept(step)) return 0;
      return ring.capture[slotOf(step) * ring.capacity + source];
    },
    metricCaptureMs(kind, metric, source, step) {
      const ring = rings.get(kind);
      if (ring === undefined || source < 0 || source >= ring.capacity || !isKept(step)) return 0;
      return ring.captures[metric]?.[slotOf(step) * ring.capacity + source] ?? 0;
    },
    save: () => ({
      newest,
      filled: filled.slice(),
      rings: kinds.flatMap((kind) => {
        const ring = rings.get(kind);
        if (ring === undefined) return [];
        const copy = {
          ...ring,
          means: ring.means.map((each) => each.slice()),
          flags: ring.flags.map((each) => each.slice()),
          capture: ring.capture.slice(),
          captures: ring.captures.map((each) => each.slice()),
        };
        return [[kind, copy] as const];
      }),
    }),
    restore(saved) {
      newest = saved.newest;
      filled = Uint8Array.from(saved.filled);
      rings.clear();
      for (const [kind, ring] of saved.rings) rings.set(kind, ring);
    },
  };
}
