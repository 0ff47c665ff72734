// Judges rows and values: quality flags, refused times, future times, duplicates. The first stage.

import { isInRange, type Range } from '../../domain/quality.ts';
import { type Batch, Quality } from '../../schema/batch.ts';
import { catalog, type Kind, metricIndex } from '../../schema/catalog.ts';
import type { EngineItem } from '../../schema/flow.ts';
import { Bin } from '../../schema/ledger.ts';
import { type ProblemCode, problemIndex } from '../../schema/problem.ts';
import type { Stage } from '../../schema/stage.ts';
import { type SeenIds, seenIds } from './seenIds.ts';
import { type SeenRows, seenRows } from './seenRows.ts';

export interface CleanOptions {
  /** Rows further ahead of the run's clock are quarantined. */
  readonly maxFutureMs: number;
  /** Rows are known again that long behind the run's clock: as long as any window may take them. Older ones are too late for all. */
  readonly rememberMs: number;
  /** By `kind.metric`, in the metric's unit, where they are not the catalog's. */
  readonly ranges: Readonly<Record<string, readonly [min: number, max: number]>>;
}

/** Times outside are a broken clock or a wrong unit, not an observation. */
const earliestMs = 946_684_800_000; // 2000-01-01T00:00:00Z
const latestMs = 4_102_444_800_000; // 2100-01-01T00:00:00Z

const hourMs = 3_600_000;

const markNormal = 'N'.charCodeAt(0);
/** Over range: valid with a warning (domain report 3.4). */
const markOverRange = 'T'.charCodeAt(0);

interface KindState {
  /** Per metric, in whole numbers of its resolution. */
  readonly ranges: readonly Range[];
  readonly rows: SeenRows;
  readonly ids: SeenIds;
}

interface Saved {
  readonly nowMs: number | undefined;
  readonly aheadMs: number;
  readonly oldestMs: number;
  readonly waiting: readonly Batch[];
  readonly kinds: readonly (readonly [Kind, ReturnType<SeenRows['save']>, ReturnType<SeenIds['save']>])[];
}

/**
 * Writes the columns `quality`, `bin` and `reason` of each batch in place. Rows that go on keep bin `pending`.
 * Rows that come before the first tick wait for it: without a clock nobody can tell which of them are in the future.
 * Never throws for bad data.
 */
export function cleanStage(options: CleanOptions): Stage<EngineItem, EngineItem> {
  const kinds = new Map<Kind, KindState>();
  let nowMs: number | undefined;
  /** Where the run's clock waits the present is that much later: its rows are not in the future. */
  let aheadMs = 0;
  /** Full hour; what was before it is forgotten. It goes by the ticks alone, so no source decides for another. */
  let oldestMs = Number.NEGATIVE_INFINITY;
  let waiting: Batch[] = [];

  function stateOf(kind: Kind): KindState {
    let state = kinds.get(kind);
    if (state === undefined) {
      state = { ranges: rangesOf(kind, options.ranges), rows: seenRows(), ids: seenIds() };
      kinds.set(kind, state);
    }
    return state;
  }

  function judged(batch: Batch): EngineItem {
    const state = stateOf(batch.kind);
    flagValues(batch, state.ranges);
    const futureMs = (nowMs ?? Number.POSITIVE_INFINITY) + aheadMs + options.maxFutureMs;
    binRows(batch, state, { oldestMs, futureMs });
    return { type: 'rows', batch };
  }

  /** Never goes back: with a longer memory than before it grows to its length. */
  function forgetBefore(eventMs: number): void {
    const hour = Math.floor(eventMs / hourMs) * hourMs;
    if (hour <= oldestMs) return;
    oldestMs = hour;
    for (const { rows, ids } of kinds.values()) {
      rows.forgetBefore(oldestMs);
      ids.forgetBefore(oldestMs);
    }
  }

  function released(): EngineItem[] {
    const batches = waiting;
    waiting = [];
    return batches.map(judged);
  }

  return {
    next(item) {
      if (item.type === 'rows') {
        if (nowMs !== undefined) return [judged(item.batch)];
        waiting.push(item.batch);
        return [];
      }
      if (item.type !== 'tick') return [item];
      nowMs = item.nowMs;
      aheadMs = item.aheadMs ?? 0;
      forgetBefore(nowMs - options.rememberMs);
      return [...released(), item];
    },
    // Without any tick there is no clock: nothing is in the future.
    flush: released,
    save: (): Saved => ({
      nowMs,
      aheadMs,
      oldestMs,
      waiting: waiting.map(unjudged),
      kinds: [...kinds].map(([kind, state]) => [kind, state.rows.save(), state.ids.save()] as const),
    }),
    restore(state) {
      const saved = state as Saved;
      nowMs = saved.nowMs;
      aheadMs = saved.aheadMs;
      oldestMs = saved.oldestMs;
      waiting = saved.waiting.map(unjudged);
      kinds.clear();
      for (const [kind, rows, ids] of saved.kinds) {
        const fresh = stateOf(kind);
        fresh.rows.restore(rows);
        fresh.ids.restore(ids);
      }
    },
  };
}

/** A batch of the same rows whose columns to write are its own. */
function unjudged(batch: Batch): Batch {
  return {
    ...batch,
    quality: batch.quality.map((column) => column.slice()),
    bin: batch.bin.slice(),
    reason: batch.reason.slice(),
  };
}

function rangesOf(kind: Kind, given: CleanOptions['ranges']): Range[] {
  return catalog[kind].metrics.map((metric) => {
    const [min, max] = given[`${kind}.${metric.id}`] ?? [metric.min, metric.max];
    const { resolution, scale } = metric;
    return resolution < 1 ? { min: min * scale, max: max * scale } : { min: min / resolution, max: max / resolution };
  });
}

/** Gap, range and instrument mark of every value. */
function flagValues(batch: Batch, ranges: readonly Range[]): void {
  for (let m = 0; m < ranges.length; m++) {
    const values = batch.values[m];
    const quality = batch.quality[m];
    const marks = batch.marks?.[m];
    const range = ranges[m];
    for (let row = 0; row < batch.rows; row++) {
      const value = values[row];
      if (isInRange(value, range)) quality[row] = Quality.good;
      else quality[row] = Number.isNaN(value) ? Quality.gap : Quality.range;
    }
    if (marks !== undefined) applyMarks(marks, quality);
  }
}

function applyMarks(marks: Uint8Array, quality: Uint8Array): void {
  for (let row = 0; row < marks.length; row++) {
    const mark = marks[row];
    if (mark !== 0 && mark !== markNormal && mark !== markOverRange && quality[row] === Quality.good) {
      quality[row] = Quality.mark;
    }
  }
}

interface Limits {
  readonly oldestMs: number;
  readonly futureMs: number;
}

function binRows(batch: Batch, state: KindState, { oldestMs, futureMs }: Limits): void {
  const spec = catalog[batch.kind];
  const mayBeEmpty = spec.event;
  for (let row = 0; row < batch.rows; row++) {
    const eventMs = batch.eventMs[row];
    if (!(eventMs >= earliestMs && eventMs < latestMs)) settle(batch, row, Bin.rejected, 'bad-time');
    else if (eventMs > futureMs) settle(batch, row, Bin.quarantined, 'future-time');
    else if (!mayBeEmpty && isEmpty(batch, row)) settle(batch, row, Bin.rejected, 'empty-row');
    else if (eventMs < oldestMs) batch.bin[row] = Bin.lateDiverted;
    else if (isDuplicate(batch, row, state)) batch.bin[row] = Bin.duplicate;
  }
}

function settle(batch: Batch, row: number, bin: number, code: ProblemCode): void {
  batch.bin[row] = bin;
  batch.reason[row] = problemIndex(code);
}

function isEmpty(batch: Batch, row: number): boolean {
  for (let m = 0; m < batch.quality.length; m++) if (batch.quality[m][row] !== Quality.gap) return false;
  return true;
}

const targetIndex = metricIndex('forecast', 'targetMs');

function isDuplicate(batch: Batch, row: number, state: KindState): boolean {
  const source = batch.source[row];
  const eventMs = batch.eventMs[row];
  if (batch.kind === 'forecast') return state.ids.seen(`${source} ${eventMs} ${batch.values[targetIndex][row]}`, eventMs);
  if (batch.id !== undefined) return state.ids.seen(`${source} ${batch.id[row]}`, eventMs);
  return state.rows.seen(source, eventMs);
}
