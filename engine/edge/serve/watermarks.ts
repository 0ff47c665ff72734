// Who holds time back, and by how much: read from the outputs, for the operator.

import type { Output } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { catalog, type Kind } from '../../schema/catalog.ts';
import type { SourcesGone } from '../../schema/flow.ts';
import { Bin } from '../../schema/ledger.ts';
import type { WatermarksAnswer } from '../../schema/live.ts';
import type { Source } from '../../schema/register.ts';

export interface Watermarks {
  /** Marks move with its ticks, not when somebody asks. */
  publish(output: Output): void;
  /** Who is gone is not silent: as if it had never sent, until it sends again. */
  forget(gone: SourcesGone): void;
  /** With the names of the feeds that we hold back now. */
  answer(heldFeeds?: readonly string[]): WatermarksAnswer;
  /** A copy: who was silent before a restart is so after it, and no mark goes back. */
  save(): SavedWatermarks;
  restore(saved: SavedWatermarks): void;
}

export interface SavedWatermarks {
  readonly kinds: readonly (readonly [Kind, Clocks])[];
  readonly marks: readonly (readonly [Kind, number])[];
  readonly waiting: readonly Waiting[];
  readonly nowMs: number | null;
}

/** What is read of a batch. */
type Waiting = Pick<Batch, 'kind' | 'feed' | 'rows' | 'source' | 'eventMs' | 'periodMs' | 'bin'>;

export interface WatermarksOptions {
  /** Of the run's source table. */
  readonly source: (kind: Kind, index: number) => Source;
  readonly holdMs: number;
  readonly feedName: (index: number) => string;
}

/** One entry per source of a kind; rows come by the million, so columns. */
interface Clocks {
  /** Latest end of an accepted row. */
  newestMs: Float64Array;
  /** The run's clock when the last row came, accepted or not; NaN = none yet. */
  seenMs: Float64Array;
  /** Index of the feed that it came from. */
  feed: Float64Array;
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

export function watermarks({ source, holdMs, feedName }: WatermarksOptions): Watermarks {
  const kinds = new Map<Kind, Clocks>();
  /** Never goes back. */
  const marks = new Map<Kind, number>();
  /** Rows since the last tick. */
  let waiting: Waiting[] = [];
  let nowMs: number | null = null;

  function clocksOf(batch: Waiting, hour: number): Clocks {
    let clocks = kinds.get(batch.kind);
    if (clocks === undefined) {
      const none = new Float64Array(0);
      clocks = { newestMs: none, seenMs: none, feed: none, delayMs: none, delayBeforeMs: none, hour };
      kinds.set(batch.kind, clocks);
    }
    const last = batch.source.reduce((most, index) => Math.max(most, index), 0);
    if (last >= clocks.seenMs.length) {
      const size = Math.max(64, last + 1, 2 * clocks.seenMs.length);
      clocks.newestMs = longer(clocks.newestMs, size, Number.NEGATIVE_INFINITY);
      clocks.seenMs = longer(clocks.seenMs, size, Number.NaN);
      clocks.feed = longer(clocks.feed, size, 0);
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

  /** `aheadMs`: the present is that much later than the run's clock. */
  function takeRows(batch: Waiting, tickMs: number, aheadMs: number): void {
    const { newestMs, seenMs, feed, delayMs } = clocksOf(batch, Math.floor(tickMs / hourMs));
    const { bin, eventMs, periodMs } = batch;
    for (let row = 0; row < batch.rows; row++) {
      if (bin[row] === Bin.rejected || bin[row] === Bin.duplicate) continue; // no time, or an old one again
      const index = batch.source[row];
      const endMs = eventMs[row] + periodMs[row];
      seenMs[index] = tickMs;
      feed[index] = batch.feed;
      // A mean is published when it is ready: coming later than its end says nothing about the clock.
      const delay = periodMs[row] > 0 ? Math.min(0, tickMs + aheadMs - endMs) : tickMs + aheadMs - endMs;
      if (delay < delayMs[index]) delayMs[index] = delay;
      if (endMs > newestMs[index] && bin[row] !== Bin.quarantined) newestMs[index] = endMs;
    }
  }

  /** A source with a cadence of its own is due that much later. */
  const behind = (now: number, newestMs: number, latenessMs: number, cadenceMs: number) =>
    now - (newestMs + cadenceMs - latenessMs);
  const isIdle = (now: number, seenMs: number, idleMs: number) => now - seenMs > idleMs;
  const isLagging = (behindMs: number, latenessMs: number) => behindMs > holdMs + latenessMs;

  function moveMark(kind: Kind, { newestMs, seenMs }: Clocks, now: number): void {
    const spec = catalog[kind];
    let slowestMs = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < seenMs.length; index++) {
      if (Number.isNaN(seenMs[index])) continue;
      const { latenessMs = spec.latenessMs, idleMs = spec.idleMs, cadenceMs = 0 } = source(kind, index);
      const behindMs = behind(now, newestMs[index], latenessMs, cadenceMs);
      if (isIdle(now, seenMs[index], idleMs) || isLagging(behindMs, latenessMs)) continue;
      slowestMs = Math.max(slowestMs, behindMs, 0);
    }
    const behindMs = slowestMs === Number.NEGATIVE_INFINITY ? holdMs : Math.min(slowestMs, holdMs);
    marks.set(kind, Math.max(marks.get(kind) ?? Number.NEGATIVE_INFINITY, now - behindMs));
  }

  function kindAnswer(kind: Kind, clocks: Clocks, now: number, held: readonly string[]): WatermarksAnswer['kinds'][number] {
    const spec = catalog[kind];
    const all = Array.from(clocks.seenMs).flatMap((seenMs, index) => {
      if (Number.isNaN(seenMs)) return [];
      const { id, latenessMs = spec.latenessMs, idleMs = spec.idleMs, cadenceMs = 0 } = source(kind, index);
      const behindMs = behind(now, clocks.newestMs[index], latenessMs, cadenceMs);
      const isSilent = isIdle(now, seenMs, idleMs);
      // A clock that is right gives at least one row an hour that comes at once.
      const offsetMs = -Math.min(clocks.delayMs[index], clocks.delayBeforeMs[index]);
      const feed = feedName(clocks.feed[index]);
      const isBehind = !isSilent && isLagging(behindMs, latenessMs);
      return [{ source: id, feed, behindMs, isSilent, isHeld: isSilent && held.includes(feed), isBehind, offsetMs }];
    });
    const active = all.filter(({ isSilent, isBehind }) => !isSilent && !isBehind);
    const mark = marks.get(kind) as number;
    const wrongClocks = all
      .filter(({ offsetMs, isSilent }) => !isSilent && Math.abs(offsetMs) > offsetShownMs)
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
      lagging: all.filter(({ isBehind }) => isBehind).length,
      silent: all.filter(({ isSilent, isHeld }) => isSilent && !isHeld).length,
      heldBack: [...new Set(held)]
        .map((feed) => ({ feed, sources: all.filter((each) => each.isHeld && each.feed === feed).length }))
        .filter(({ sources }) => sources > 0),
      heldBackBy: worst(active).slice(0, 5),
      laggingSources: worst(all.filter(({ isBehind }) => isBehind)),
      wrongClocks: wrongClocks.length,
      clocksOff: wrongClocks.slice(0, shown).map(({ source: id, offsetMs }) => ({ source: id, offsetMs })),
    };
  }

  return {
    publish(output) {
      waiting.push(...output.rows);
      if (output.nowMs === null) return;
      nowMs = output.nowMs;
      for (const batch of waiting) takeRows(batch, nowMs, output.aheadMs ?? 0);
      waiting = [];
      for (const [kind, clocks] of kinds) moveMark(kind, clocks, nowMs);
    },
    forget({ kind, sources }) {
      for (const index of sources) kinds.get(kind)?.seenMs.fill(Number.NaN, index, index + 1);
    },
    answer(heldFeeds = []) {
      const now = nowMs;
      return {
        nowMs,
        holdMs,
        kinds: now === null ? [] : [...kinds].map(([kind, clocks]) => kindAnswer(kind, clocks, now, heldFeeds)),
      };
    },
    save: () => ({
      kinds: [...kinds].map(([kind, clocks]) => [kind, copy(clocks)] as const),
      marks: [...marks],
      waiting: waiting.map(({ kind, feed, rows, source: of, eventMs, periodMs, bin }) => ({
        kind,
        feed,
        rows,
        source: of,
        eventMs,
        periodMs,
        bin,
      })),
      nowMs,
    }),
    restore(saved) {
      kinds.clear();
      marks.clear();
      for (const [kind, clocks] of saved.kinds) kinds.set(kind, copy(clocks));
      for (const [kind, mark] of saved.marks) marks.set(kind, mark);
      waiting = [...saved.waiting];
      nowMs = saved.nowMs;
    },
  };
}

function copy({ newestMs, seenMs, feed, delayMs, delayBeforeMs, hour }: Clocks): Clocks {
  return {
    newestMs: newestMs.slice(),
    seenMs: seenMs.slice(),
    feed: feed.slice(),
    delayMs: delayMs.slice(),
    delayBeforeMs: delayBeforeMs.slice(),
    hour,
  };
}

function longer(column: Float64Array, size: number, fill: number): Float64Array {
  const larger = new Float64Array(size).fill(fill);
  larger.set(column);
  return larger;
}
