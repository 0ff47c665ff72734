// Gathers rows into event-time windows and decides the bin of each row. Windows leave on ticks only.

import type { Batch } from '../../schema/batch.ts';
import { catalog, type Kind, kinds } from '../../schema/catalog.ts';
import type { EngineItem } from '../../schema/flow.ts';
import { Bin } from '../../schema/ledger.ts';
import type { Stage } from '../../schema/stage.ts';
import type { WindowBatch } from '../../schema/window.ts';
import { type KindWindows, type KindWindowsOptions, kindWindows, type SavedKindWindows } from './kindWindows.ts';

export type WindowOptions = KindWindowsOptions;

interface Saved {
  readonly nowMs: number;
  readonly windowed: readonly (readonly [Kind, SavedKindWindows])[];
  readonly newestEventMs: readonly (readonly [Kind, readonly (readonly [source: number, ms: number])[]])[];
}

/**
 * A window of a source closes when the source's watermark (latest row end - its lateness) passes its end, judged
 * row by row; at the latest at the tick at end + lateness + `holdMs`. A row whose window has closed revises it
 * within the size's horizon (counted from the later of the tick clock and the source's newest row), and still
 * revises the larger ones when the small one is past. So how rows are batched never changes a result.
 */
export function windowStage(options: WindowOptions): Stage<EngineItem, EngineItem> {
  const windowed = new Map<Kind, KindWindows>();
  const newestEventMs = new Map<Kind, Map<number, number>>();
  let nowMs = Number.NEGATIVE_INFINITY;

  function windowsOf(kind: Kind): KindWindows {
    let windows = windowed.get(kind);
    if (windows === undefined) {
      windows = kindWindows(kind, options);
      windows.tick(nowMs); // its first rows may come long after the first tick
      windowed.set(kind, windows);
    }
    return windows;
  }

  /** Kinds in catalog order, so that the order of arrival does not show. */
  function fromAll(take: (windows: KindWindows) => WindowBatch[]): EngineItem[] {
    return kinds.flatMap((kind) => {
      const windows = windowed.get(kind);
      return windows === undefined ? [] : take(windows);
    });
  }

  /** Kinds without windows: too late is what would be too late for an hour. */
  function binEvents(batch: Batch): void {
    let newest = newestEventMs.get(batch.kind);
    if (newest === undefined) {
      newest = new Map();
      newestEventMs.set(batch.kind, newest);
    }
    for (let row = 0; row < batch.rows; row++) {
      if (batch.bin[row] !== Bin.pending) continue;
      const known = newest.get(batch.source[row]) ?? Number.NEGATIVE_INFINITY;
      const eventMs = batch.eventMs[row];
      batch.bin[row] = eventMs < Math.max(known, nowMs) - options.horizonMs['1h'] ? Bin.lateDiverted : Bin.onTime;
      if (eventMs > known) newest.set(batch.source[row], eventMs);
    }
  }

  return {
    next(item) {
      switch (item.type) {
        case 'rows':
          if (catalog[item.batch.kind].windowed) windowsOf(item.batch.kind).addRows(item.batch);
          else binEvents(item.batch);
          return [item];
        case 'tick':
          nowMs = item.nowMs;
          return [...fromAll((windows) => windows.tick(item.nowMs)), item];
        case 'command':
          if (item.command.name === 'sources' && catalog[item.command.kind].windowed)
            windowsOf(item.command.kind).addSources(item.command.first, item.command.sources);
          return [item];
        default:
          return [item];
      }
    },
    flush: () => fromAll((windows) => windows.flush()),
    save: (): Saved => ({
      nowMs,
      windowed: [...windowed].map(([kind, windows]) => [kind, windows.save()] as const),
      newestEventMs: [...newestEventMs].map(([kind, newest]) => [kind, [...newest]] as const),
    }),
    restore(state) {
      const saved = state as Saved;
      nowMs = saved.nowMs;
      windowed.clear();
      for (const [kind, windows] of saved.windowed) windowsOf(kind).restore(windows);
      newestEventMs.clear();
      for (const [kind, newest] of saved.newestEventMs) newestEventMs.set(kind, new Map(newest));
    },
  };
}
