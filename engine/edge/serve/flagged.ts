// What is flagged now: the newest closed minute of each source, and the newest hour for what is judged by hours.

import type { Output } from '../../pipeline/ports.ts';
import { catalog, type Kind } from '../../schema/catalog.ts';
import { Flag, flagNames, flagsOf } from '../../schema/flags.ts';
import type { FlagsAnswer } from '../../schema/live.ts';

export interface Flagged {
  publish(output: Output): void;
  answer(): FlagsAnswer;
  /** A copy. */
  save(): SavedFlagged;
  restore(saved: SavedFlagged): void;
}

type NewestByKey = readonly (readonly [key: number, newest: Newest])[];

export interface SavedFlagged {
  readonly kinds: readonly (readonly [kind: Kind, minutes: NewestByKey, hours: NewestByKey])[];
  readonly nowMs: number | null;
}

/** Newest window of a source in which a metric was judged. */
interface Newest {
  readonly startMs: number;
  readonly mask: number;
}

export function flagged(id: (kind: Kind, index: number) => string): Flagged {
  /** By kind, then by (source, metric), for minutes and for hours. */
  const kinds = new Map<Kind, Map<number, Newest>[]>();
  let nowMs: number | null = null;

  return {
    publish(output) {
      if (output.nowMs !== null) nowMs = output.nowMs;
      for (const { kind, size, rows, source, startMs, metrics } of output.windows) {
        if (size === '5m') continue;
        const isHour = size === '1h';
        const known = kinds.get(kind) ?? [new Map(), new Map()];
        kinds.set(kind, known);
        for (let m = 0; m < metrics.length; m++) {
          for (let row = 0; row < rows; row++) {
            const key = source[row] * metrics.length + m;
            const mask = metrics[m].flags[row] & (isHour ? Flag.drift | Flag.unchecked : ~Flag.drift);
            const before = known[isHour ? 1 : 0].get(key);
            if (before === undefined ? mask === 0 : before.startMs > startMs[row]) continue;
            known[isHour ? 1 : 0].set(key, { startMs: startMs[row], mask });
          }
        }
      }
    },
    answer() {
      const values = [...kinds].flatMap(([kind, both]) => {
        const { metrics } = catalog[kind];
        return both.flatMap((entries) =>
          [...entries].flatMap(([key, { startMs, mask }]) =>
            mask === 0
              ? []
              : [
                  {
                    kind,
                    source: id(kind, Math.floor(key / metrics.length)),
                    metric: metrics[key % metrics.length].id,
                    flags: flagsOf(mask),
                    startMs,
                  },
                ],
          ),
        );
      });
      const counts = flagNames.map((name) => [name, values.filter(({ flags }) => flags.includes(name)).length] as const);
      return { nowMs, counts: Object.fromEntries(counts.filter(([, count]) => count > 0)), values };
    },
    save: () => ({ kinds: [...kinds].map(([kind, [minutes, hours]]) => [kind, [...minutes], [...hours]] as const), nowMs }),
    restore(saved) {
      kinds.clear();
      for (const [kind, minutes, hours] of saved.kinds) kinds.set(kind, [new Map(minutes), new Map(hours)]);
      nowMs = saved.nowMs;
    },
  };
}
