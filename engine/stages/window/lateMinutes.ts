// Minutes of rows that came too late for a minute window: gathered for a while, so that they can be judged in the order of event time.

import { cellFields } from './cell.ts';

export interface LateMinute {
  readonly minute: number;
  /** Position of the smallest window size that its first row still reached. */
  readonly level: number;
  /** The run's clock when its first row came. */
  readonly sinceMs: number;
  readonly cells: Float64Array;
  readonly flags: Uint16Array;
}

export type SavedLateMinutes = readonly (readonly [source: number, minutes: readonly LateMinute[]])[];

export interface LateMinutes {
  /** Of all sources. */
  readonly count: number;
  /** The one that is gathered, or a new one like `like`. */
  at(source: number, like: Pick<LateMinute, 'minute' | 'level' | 'sinceMs'>): LateMinute;
  /** Takes out a source's minutes that wait since this time or longer, in order of event time. */
  take(source: number, sinceMs: number): LateMinute[];
  /** Who has any. */
  sources(): number[];
  save(): SavedLateMinutes;
  restore(saved: SavedLateMinutes): void;
}

export function lateMinutes(metrics: number): LateMinutes {
  const bySource = new Map<number, Map<number, LateMinute>>();
  let count = 0;

  return {
    get count() {
      return count;
    },
    at(source, { minute, level, sinceMs }) {
      let own = bySource.get(source);
      if (own === undefined) {
        own = new Map();
        bySource.set(source, own);
      }
      let found = own.get(minute);
      if (found === undefined) {
        found = {
          minute,
          level,
          sinceMs,
          cells: new Float64Array(metrics * cellFields),
          flags: new Uint16Array(metrics),
        };
        own.set(minute, found);
        count += 1;
      }
      return found;
    },
    take(source, sinceMs) {
      const own = bySource.get(source);
      if (own === undefined) return [];
      const taken = [...own.values()].filter((each) => each.sinceMs <= sinceMs).sort((a, b) => a.minute - b.minute);
      for (const { minute } of taken) own.delete(minute);
      if (own.size === 0) bySource.delete(source);
      count -= taken.length;
      return taken;
    },
    sources: () => [...bySource.keys()],
    save: () => [...bySource].map(([source, own]) => [source, [...own.values()].map(copy)] as const),
    restore(saved) {
      bySource.clear();
      count = 0;
      for (const [source, minutes] of saved) {
        bySource.set(source, new Map(minutes.map((each) => [each.minute, copy(each)])));
        count += minutes.length;
      }
    },
  };
}

function copy(each: LateMinute): LateMinute {
  return { ...each, cells: each.cells.slice(), flags: each.flags.slice() };
}
