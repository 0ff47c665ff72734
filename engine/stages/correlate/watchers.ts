// All rules with a memory of their own, as the stage runs them.

import type { Batch } from '../../schema/batch.ts';
import type { Finding } from '../../schema/finding.ts';
import type { RegisterSources, SourcesGone, Tick } from '../../schema/flow.ts';
import type { CityPlaces } from './cityPlaces.ts';
import { complaintWatcher } from './complaints.ts';
import type { Rules } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { silenceWatcher } from './silence.ts';
import { strawFireWatcher } from './strawFire.ts';
import { vehicleWatcher } from './vehicleHigh.ts';
import type { Watcher } from './watcher.ts';

export interface WatchersOptions {
  readonly rules: Rules;
  readonly places?: CityPlaces;
  readonly minutes: Series;
  /** Minutes that old are known. */
  readonly settleMs: number;
}

export interface Watchers {
  learn(command: RegisterSources): void;
  leave(command: SourcesGone): void;
  take(batch: Batch): void;
  /** `others`: what detectors found at this tick. Answers what the watchers found beside. */
  advance(tick: Tick, others: readonly Finding[]): readonly Finding[];
  save(): SavedWatchers;
  restore(saved: SavedWatchers): void;
}

export type SavedWatchers = readonly unknown[];

/** In the order in which they hear of each other. */
export function watchersOf(options: WatchersOptions): Watchers {
  const silence = silenceWatcher(options.rules);
  const all: readonly Watcher[] = [
    silence,
    strawFireWatcher({ ...options, isDark: silence.isDark }),
    vehicleWatcher(options),
    complaintWatcher(options),
  ];
  return {
    learn({ kind, first, sources }) {
      for (const watcher of all) watcher.setSources(kind, first, sources);
    },
    leave({ kind, sources }) {
      for (const watcher of all) watcher.leave?.(kind, sources);
    },
    take(batch) {
      for (const watcher of all) if (watcher.kinds.includes(batch.kind)) watcher.take(batch);
    },
    advance(tick, others) {
      const found: Finding[] = [];
      for (const watcher of all) found.push(...watcher.advance(tick, [...others, ...found]));
      return found;
    },
    save: () => all.map((watcher) => watcher.save()),
    restore(saved) {
      all.forEach((watcher, i) => {
        watcher.restore(saved[i]);
      });
    },
  };
}
