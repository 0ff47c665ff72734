// Who holds time back, and by how much: read from the outputs, for the operator.

import type { Output } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { catalog, type Kind } from '../../schema/catalog.ts';
import { Bin } from '../../schema/ledger.ts';
import type { WatermarksAnswer } from '../../schema/live.ts';
import type { Source } from '../../schema/register.ts';

export interface Watermarks {
  publish(output: Output): void;
  answer(): WatermarksAnswer;
}

export interface WatermarksOptions {
  /** Of the run's source table. */
  readonly source: (kind: Kind, index: number) => Source;
  readonly holdMs: number;
}

/** One entry per source of a kind; rows come by the million, so columns. */
interface Clocks {
  /** Latest end of an accepted row. */
  newestMs: Float64Array;
  /** The run's clock when the last row came, accepted or not; NaN = none yet. */
  seenMs: Float64Array;
  /** Smallest delay of a row in this hour of the run's clock, and in the one before. */
  delayMs: Float64Array;
  delayBeforeMs: Float64Array;
  /** The hour that the delays are of. */
  hour: number;
}

const hourMs = 3_600_000;
/** A clock further off than this is shown. */
const offsetShownMs = 60_000;
const shown = 20;

export function watermarks({ source, holdMs }: WatermarksOptions): Watermarks {
  const kinds = new Map<Kind, Clocks>();
  /** Never goes back. */
  const marks = new Map<Kind, number>();
  let waiting: Batch[] = [];
  let nowMs: number | null = null;

  function clocksOf(batch: Batch, hour: number): Clocks {
    let clocks = kinds.get(batch.kind);
    if (clocks === undefined) {
      const none = new Float64Array(0);
      clocks = { newestMs: none, seenMs: none, delayMs: none, delayBeforeMs: none, hour };
      kinds.set(batch.kind, clocks);
    }
    const last = batch.source.reduce((most, index) => Math.max(most, index), 0);
    if (last >= clocks.seenMs.length) {
      const size = Math.max(64, last + 1, 2 * clocks.seenMs.length);
      clocks.newestMs = longer(clocks.newestMs, size, Number.NEGATIVE_INFINITY);
      clocks.seenMs = longer(clocks.seenMs, size, Number.NaN);
      clocks.delayMs = longer(clocks.delayMs, size, Number.POSITIVE_INFINITY);
      clocks.delayBeforeMs = longer(clocks.delayBeforeMs, size, Number.POSITIVE_INFINITY);
    }
    if (hour !== clocks.hour) {
      const isNext = hour === clocks.hour + 1;
      clocks.delayBeforeMs = isNext ? clocks.delayMs : clocks.delayBeforeMs.fill(Number.POSITIVE_INFINITY);
      clocks.delayMs = new Float64Array(clocks.delayMs.length).fill(Number.POSITIVE_INFINITY);
      clocks.hour = hour;
    }
    return clocks;
  }

  function takeRows(batch: Batch, tickMs: number): void {
    const { newestMs, seenMs, delayMs } = clocksOf(batch, Math.floor(tickMs / hourMs));
    const { bin, eventMs, periodMs } = batch;
    for (let row = 0; row < batch.rows; row++) {
      if (bin[row] === Bin.rejected || bin[row] === Bin.duplicate) continue; // no time, or an old one again
      const index = batch.source[row];
      const endMs = eventMs[row] + periodMs[row];
      seenMs[index] = tickMs;
      if (tickMs - endMs < delayMs[index]) delayMs[index] = tickMs - endMs;
      if (endMs > newestMs[index] && bin[row] !== Bin.quarantined) newestMs[index] = endMs;
    }
  }

  function kindAnswer(kind: Kind, clocks: Clocks, now: number): WatermarksAnswer['kinds'][number] {
    const spec = catalog[kind];
    const all = Array.from(clocks.seenMs).flatMap((seenMs, index) => {
      if (Number.isNaN(seenMs)) return [];
      const { id, latenessMs = spec.latenessMs, idleMs = spec.idleMs } = source(kind, index);
      const behindMs = now - (clocks.newestMs[index] - latenessMs);
      const isIdle = now - seenMs > idleMs;
      // A clock that is right gives at least one row an hour that comes at once.
      const offsetMs = -Math.min(clocks.delayMs[index], clocks.delayBeforeMs[index]);
      return [{ source: id, behindMs, isIdle, isLagging: !isIdle && behindMs > holdMs + latenessMs, offsetMs }];
    });
    const active = all.filter(({ isIdle, isLagging }) => !isIdle && !isLagging);
    const slowest = active.reduce((most, { behindMs }) => Math.max(most, behindMs), 0);
    const mark = Math.max(
      marks.get(kind) ?? Number.NEGATIVE_INFINITY,
      now - Math.min(active.length > 0 ? slowest : holdMs, holdMs),
    );
    marks.set(kind, mark);
    const wrongClocks = all
      .filter(({ offsetMs, isIdle }) => !isIdle && Math.abs(offsetMs) > offsetShownMs)
      .sort((a, b) => Math.abs(b.offsetMs) - Math.abs(a.offsetMs));
    const worst = (list: typeof all) =>
      [...list]
        .sort((a, b) => b.behindMs - a.behindMs)
        .slice(0, shown)
        .map(({ source: id, behindMs }) => ({ source: id, behindMs: Number.isFinite(behindMs) ? behindMs : null }));
    return {
      kind,
      watermarkMs: mark,
      behindMs: now - mark,
      active: active.length,
      lagging: all.filter(({ isLagging }) => isLagging).length,
      silent: all.filter(({ isIdle }) => isIdle).length,
      heldBackBy: worst(active).slice(0, 5),
      laggingSources: worst(all.filter(({ isLagging }) => isLagging)),
      wrongClocks: wrongClocks.length,
      clocksOff: wrongClocks.slice(0, shown).map(({ source: id, offsetMs }) => ({ source: id, offsetMs })),
    };
  }

  return {
    publish(output) {
      waiting.push(...output.rows);
      if (output.nowMs === null) return;
      nowMs = output.nowMs;
      for (const batch of waiting) takeRows(batch, nowMs);
      waiting = [];
    },
    answer() {
      const now = nowMs;
      return {
        nowMs,
        holdMs,
        kinds: now === null ? [] : [...kinds].map(([kind, clocks]) => kindAnswer(kind, clocks, now)),
      };
    },
  };
}

function longer(column: Float64Array, size: number, fill: number): Float64Array {
  const larger = new Float64Array(size).fill(fill);
  larger.set(column);
  return larger;
}
