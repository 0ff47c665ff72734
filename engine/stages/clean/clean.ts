// Judges rows and values: quality flags, refused times, future times, duplicates. The first stage.

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
}

/** Times outside are a broken clock or a wrong unit, not an observation. */
const earliestMs = 946_684_800_000; // 2000-01-01T00:00:00Z
const latestMs = 4_102_444_800_000; // 2100-01-01T00:00:00Z

const markNormal = 'N'.charCodeAt(0);
/** Over range: valid with a warning (domain report 3.4). */
const markOverRange = 'T'.charCodeAt(0);

interface KindState {
  readonly rows: SeenRows;
  readonly ids: SeenIds;
}

interface Saved {
  readonly nowMs: number;
  readonly kinds: readonly (readonly [Kind, ReturnType<SeenRows['save']>, ReturnType<SeenIds['save']>])[];
}

/**
 * Writes the columns `quality`, `bin` and `reason` of each batch in place. Rows that go on keep bin `pending`.
 * Never throws for bad data.
 */
export function cleanStage(options: CleanOptions): Stage<EngineItem, EngineItem> {
  const kinds = new Map<Kind, KindState>();
  let nowMs = Number.POSITIVE_INFINITY; // no clock yet: nothing is in the future

  function stateOf(kind: Kind): KindState {
    let state = kinds.get(kind);
    if (state === undefined) {
      state = { rows: seenRows(), ids: seenIds() };
      kinds.set(kind, state);
    }
    return state;
  }

  return {
    next(item) {
      if (item.type === 'rows') {
        flagValues(item.batch);
        binRows(item.batch, stateOf(item.batch.kind), nowMs + options.maxFutureMs);
      } else if (item.type === 'tick') nowMs = item.nowMs;
      return [item];
    },
    flush: () => [],
    save: (): Saved => ({
      nowMs,
      kinds: [...kinds].map(([kind, state]) => [kind, state.rows.save(), state.ids.save()] as const),
    }),
    restore(state) {
      const saved = state as Saved;
      nowMs = saved.nowMs;
      kinds.clear();
      for (const [kind, rows, ids] of saved.kinds) {
        const fresh = stateOf(kind);
        fresh.rows.restore(rows);
        fresh.ids.restore(ids);
      }
    },
  };
}

/** Gap, range and instrument mark of every value. */
function flagValues(batch: Batch): void {
  const metrics = catalog[batch.kind].metrics;
  for (let m = 0; m < metrics.length; m++) {
    const values = batch.values[m];
    const quality = batch.quality[m];
    const marks = batch.marks?.[m];
    const { resolution, scale, min, max } = metrics[m];
    const low = resolution < 1 ? min * scale : min / resolution;
    const high = resolution < 1 ? max * scale : max / resolution;
    for (let row = 0; row < batch.rows; row++) {
      const value = values[row];
      if (value >= low && value <= high) quality[row] = Quality.good;
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

function binRows(batch: Batch, state: KindState, futureMs: number): void {
  const spec = catalog[batch.kind];
  const mayBeEmpty = spec.event;
  for (let row = 0; row < batch.rows; row++) {
    const eventMs = batch.eventMs[row];
    if (!(eventMs >= earliestMs && eventMs < latestMs)) settle(batch, row, Bin.rejected, 'bad-time');
    else if (eventMs > futureMs) settle(batch, row, Bin.quarantined, 'future-time');
    else if (!mayBeEmpty && isEmpty(batch, row)) settle(batch, row, Bin.rejected, 'empty-row');
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
