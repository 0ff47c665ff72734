// The newest windows of every source, by step of time: what detectors look at. Rings, one slot a step.

import { catalog, type Kind, kinds } from '../../schema/catalog.ts';
import { type WindowBatch, type WindowSize, windowMs } from '../../schema/window.ts';

/** A window that came, or came again, when its step had been judged already. `step` = startMs / size. */
export interface Touched {
  readonly kind: Kind;
  readonly source: number;
  readonly step: number;
  /** Several of one source: the last of them. */
  readonly lastStep?: number;
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
  /** Mask of `Flag`; 0 where there is no window. Only of kinds whose flags are kept, as all that follow. */
  flags(kind: Kind, metric: number, source: number, step: number): number;
  /** Time covered by good values of the best-covered metric; 0 where there is no window. */
  captureMs(kind: Kind, source: number, step: number): number;
  /** The same of one metric. */
  metricCaptureMs(kind: Kind, metric: number, source: number, step: number): number;
  /** How often the window has been corrected, up to 255; 0 where there is none. */
  revision(kind: Kind, source: number, step: number): number;
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

/** Columns by metric; none of what is not kept. Position of a value: slot * capacity + source. */
interface Ring {
  readonly capacity: number;
  readonly means: readonly Float32Array[];
  readonly flags: readonly Uint16Array[];
  readonly captures: readonly Float32Array[];
  /** One column or none. */
  readonly capture: readonly Float32Array[];
  readonly revision: Uint8Array;
}

export interface SeriesOptions {
  readonly size: WindowSize;
  readonly steps: number;
  /** Windows of other kinds are not kept. */
  readonly kinds: readonly Kind[];
  /** Kinds of which more than means is kept; absent: of all. Whoever asks for what is not kept is a bug. */
  readonly flags?: readonly Kind[];
  readonly capture?: readonly Kind[];
  readonly metricCapture?: readonly Kind[];
}

type Column = Float32Array | Uint16Array | Uint8Array;

/** What a byte holds. */
const revisionMost = 255;

/** No step yet: far before all. A whole number, so that no look has to reckon with infinity. */
const never = -1_000_000_000;

export function windowSeries(options: SeriesOptions): Series {
  const { size, steps, kinds: kept } = options;
  const sizeMs = windowMs[size];
  const rings = new Map<Kind, Ring>();
  let newest = never;
  let newestSlot = 0;
  let filled = new Uint8Array(steps);
  /** Whose ring was asked for last: detectors ask for the same kind again and again. */
  let askedKind: Kind | undefined;
  let asked: Ring | undefined;

  const isKept = (step: number) => step > newest - steps && step <= newest;

  /** Of a step that is kept. A division would be most of what a look costs. */
  function slotOf(step: number): number {
    const slot = newestSlot + step - newest;
    return slot < 0 ? slot + steps : slot;
  }

  function ringOf(kind: Kind): Ring | undefined {
    if (kind === askedKind) return asked;
    askedKind = kind;
    asked = rings.get(kind);
    return asked;
  }

  function setRing(kind: Kind, ring: Ring): void {
    rings.set(kind, ring);
    askedKind = undefined;
  }

  function empty(kind: Kind, capacity: number): Ring {
    const { metrics } = catalog[kind];
    const zeros = () => new Float32Array(capacity * steps);
    const isWanted = (wanted: readonly Kind[] = kept) => wanted.includes(kind);
    return {
      capacity,
      means: metrics.map(() => zeros().fill(Number.NaN)),
      flags: isWanted(options.flags) ? metrics.map(() => new Uint16Array(capacity * steps)) : [],
      captures: isWanted(options.metricCapture) ? metrics.map(zeros) : [],
      capture: isWanted(options.capture) ? [zeros()] : [],
      revision: new Uint8Array(capacity * steps),
    };
  }

  /** Sources that nobody has announced come with half as much room again. */
  function ringFor(kind: Kind, source: number): Ring {
    const known = ringOf(kind);
    return known !== undefined && source < known.capacity ? known : grow(kind, Math.ceil((source + 1) * 1.5));
  }

  function grow(kind: Kind, sources: number): Ring {
    const known = rings.get(kind);
    const grown = empty(kind, Math.ceil(sources / 16) * 16);
    if (known !== undefined) {
      const before = columnsOf(known);
      columnsOf(grown).forEach((column, i) => {
        for (let slot = 0; slot < steps; slot++)
          column.set(before[i].subarray(slot * known.capacity, (slot + 1) * known.capacity), slot * grown.capacity);
      });
    }
    setRing(kind, grown);
    return grown;
  }

  function moveTo(step: number): void {
    newestSlot = ((step % steps) + steps) % steps;
    newest = step;
  }

  function advance(step: number): void {
    const from = Math.max(newest + 1, step - steps + 1);
    moveTo(step);
    for (const { capacity, means, flags, captures, capture, revision } of rings.values()) {
      for (let each = from; each <= step; each++) {
        const at = slotOf(each) * capacity;
        for (const column of means) column.fill(Number.NaN, at, at + capacity);
        for (const column of flags) column.fill(0, at, at + capacity);
        for (const column of captures) column.fill(0, at, at + capacity);
        for (const column of capture) column.fill(0, at, at + capacity);
        revision.fill(0, at, at + capacity);
      }
    }
    for (let each = from; each <= step; each++) filled[slotOf(each)] = 0;
  }

  /** What one column holds; `none` where there is no window. */
  function valueAt(column: Column, capacity: number, source: number, step: number, none: number): number {
    if (source < 0 || source >= capacity || !isKept(step)) return none;
    return column[slotOf(step) * capacity + source];
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
      const { kind, metrics, source: sources, startMs } = batch;
      const touched: Touched[] = [];
      for (let row = 0; row < batch.rows; row++) {
        const step = startMs[row] / sizeMs;
        if (step > newest) advance(step);
        if (!isKept(step)) continue;
        const slot = slotOf(step);
        filled[slot] = 1;
        const source = sources[row];
        const ring = ringFor(kind, source);
        const at = slot * ring.capacity + source;
        for (let m = 0; m < metrics.length; m++) ring.means[m][at] = metrics[m].mean[row];
        for (let m = 0; m < ring.flags.length; m++) ring.flags[m][at] = metrics[m].flags[row];
        for (let m = 0; m < ring.captures.length; m++) ring.captures[m][at] = metrics[m].captureMs[row];
        if (ring.capture.length > 0) ring.capture[0][at] = batch.captureMs[row];
        ring.revision[at] = Math.min(revisionMost, batch.revision[row]);
        if (step <= judged) touched.push({ kind, source, step });
      }
      return touched;
    },
    hasWindows: (step) => isKept(step) && filled[slotOf(step)] === 1,
    mean(kind, metric, source, step) {
      const ring = ringOf(kind);
      if (ring === undefined || source < 0 || source >= ring.capacity || !isKept(step)) return Number.NaN;
      return ring.means[metric][slotOf(step) * ring.capacity + source];
    },
    flags(kind, metric, source, step) {
      const ring = ringOf(kind);
      return ring === undefined ? 0 : valueAt(keptOf(ring.flags, metric, 'flags'), ring.capacity, source, step, 0);
    },
    captureMs(kind, source, step) {
      const ring = ringOf(kind);
      return ring === undefined ? 0 : valueAt(keptOf(ring.capture, 0, 'capture'), ring.capacity, source, step, 0);
    },
    metricCaptureMs(kind, metric, source, step) {
      const ring = ringOf(kind);
      return ring === undefined ? 0 : valueAt(keptOf(ring.captures, metric, 'metricCapture'), ring.capacity, source, step, 0);
    },
    revision(kind, source, step) {
      const ring = ringOf(kind);
      return ring === undefined ? 0 : valueAt(ring.revision, ring.capacity, source, step, 0);
    },
    save: () => ({
      newest,
      filled: filled.slice(),
      rings: kinds.flatMap((kind) => {
        const ring = rings.get(kind);
        return ring === undefined ? [] : [[kind, copied(ring)] as const];
      }),
    }),
    restore(saved) {
      moveTo(saved.newest);
      filled = Uint8Array.from(saved.filled);
      rings.clear();
      for (const [kind, ring] of saved.rings) setRing(kind, ring);
    },
  };

  function keptOf<Of>(columns: readonly Of[], at: number, what: string): Of {
    const column = columns[at];
    if (column === undefined) throw new Error(`BUG: a rule asks for ${what} of ${size} windows that are not kept: add the kind`);
    return column;
  }
}

/** In a fixed order. */
function columnsOf({ means, flags, captures, capture, revision }: Ring): readonly Column[] {
  return [...means, ...flags, ...captures, ...capture, revision];
}

function copied({ capacity, means, flags, captures, capture, revision }: Ring): Ring {
  const copyOf = (column: Float32Array) => column.slice();
  return {
    capacity,
    means: means.map(copyOf),
    flags: flags.map((column) => column.slice()),
    captures: captures.map(copyOf),
    capture: capture.map(copyOf),
    revision: revision.slice(),
  };
}

/** One for each source: what touches a unit once is looked at once. */
export function bySource(touched: readonly Touched[]): readonly Touched[] {
  if (touched.length < 2) return touched;
  const byKind = new Map<Kind, Map<number, { kind: Kind; source: number; step: number; lastStep: number }>>();
  for (const { kind, source, step } of touched) {
    let sources = byKind.get(kind);
    if (sources === undefined) byKind.set(kind, (sources = new Map()));
    const known = sources.get(source);
    if (known === undefined) sources.set(source, { kind, source, step, lastStep: step });
    else {
      if (step < known.step) known.step = step;
      if (step > known.lastStep) known.lastStep = step;
    }
  }
  return [...byKind.values()].flatMap((sources) => [...sources.values()]);
}
