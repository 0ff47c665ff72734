// Who holds time back, and by how much: read from the outputs, for the operator.

import type { Output } from '../../pipeline/ports.ts';
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

interface SourceClock {
  /** Latest end of an accepted row. */
  newestMs: number;
  /** The run's clock when the last row came, accepted or not. */
  seenMs: number;
  /** Smallest delay of a row in this hour of the run's clock, and in the one before. */
  delayMs: number;
  delayBeforeMs: number;
  delayHour: number;
}

const hourMs = 3_600_000;
/** A clock further off than this is shown. */
const offsetShownMs = 60_000;
const shown = 20;

export function watermarks({ source, holdMs }: WatermarksOptions): Watermarks {
  const kinds = new Map<Kind, SourceClock[]>();
  /** Never goes back. */
  const marks = new Map<Kind, number>();
  let waiting: Output['rows'][number][] = [];
  let nowMs: number | null = null;

  function takeRows(batch: Output['rows'][number], tickMs: number): void {
    let clocks = kinds.get(batch.kind);
    if (clocks === undefined) {
      clocks = [];
      kinds.set(batch.kind, clocks);
    }
    const hour = Math.floor(tickMs / hourMs);
    for (let row = 0; row < batch.rows; row++) {
      if (batch.bin[row] === Bin.rejected || batch.bin[row] === Bin.duplicate) continue; // no time, or an old one again
      const index = batch.source[row];
      const endMs = batch.eventMs[row] + batch.periodMs[row];
      clocks[index] ??= {
        newestMs: Number.NEGATIVE_INFINITY,
        seenMs: tickMs,
        delayMs: Number.POSITIVE_INFINITY,
        delayBeforeMs: Number.POSITIVE_INFINITY,
        delayHour: hour,
      };
      const clock = clocks[index];
      clock.seenMs = tickMs;
      if (clock.delayHour !== hour) {
        clock.delayBeforeMs = clock.delayHour === hour - 1 ? clock.delayMs : Number.POSITIVE_INFINITY;
        clock.delayMs = Number.POSITIVE_INFINITY;
        clock.delayHour = hour;
      }
      clock.delayMs = Math.min(clock.delayMs, tickMs - endMs);
      if (batch.bin[row] !== Bin.quarantined) clock.newestMs = Math.max(clock.newestMs, endMs);
    }
  }

  function kindAnswer(kind: Kind, clocks: readonly (SourceClock | undefined)[], now: number): WatermarksAnswer['kinds'][number] {
    const spec = catalog[kind];
    const all = clocks.flatMap((clock, index) => {
      if (clock === undefined) return [];
      const { id, latenessMs = spec.latenessMs, idleMs = spec.idleMs } = source(kind, index);
      const behindMs = now - (clock.newestMs - latenessMs);
      const isIdle = now - clock.seenMs > idleMs;
      // A clock that is right gives at least one row an hour that comes at once.
      const offsetMs = -Math.min(clock.delayMs, clock.delayBeforeMs);
      return [{ source: id, behindMs, isIdle, isLagging: !isIdle && behindMs > holdMs + latenessMs, offsetMs }];
    });
    const active = all.filter(({ isIdle, isLagging }) => !isIdle && !isLagging);
    const slowest = active.reduce((most, { behindMs }) => Math.max(most, behindMs), 0);
    const mark = Math.max(
      marks.get(kind) ?? Number.NEGATIVE_INFINITY,
      now - Math.min(active.length > 0 ? slowest : holdMs, holdMs),
    );
    marks.set(kind, mark);
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
      clocksOff: all
        .filter(({ offsetMs, isIdle }) => !isIdle && Math.abs(offsetMs) > offsetShownMs)
        .sort((a, b) => Math.abs(b.offsetMs) - Math.abs(a.offsetMs))
        .slice(0, shown)
        .map(({ source: id, offsetMs }) => ({ source: id, offsetMs })),
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
