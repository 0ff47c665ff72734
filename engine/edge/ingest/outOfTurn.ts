// Counts frames that were not taken because of their number.

import type { OutOfTurn } from '../../schema/ledger.ts';

type Counts = { -readonly [Key in keyof OutOfTurn]: OutOfTurn[Key] };

export interface OutOfTurnCounter {
  /** Taken before. */
  resent(feed: string, rows: number): void;
  /** A frame before it has not come. */
  gap(feed: string, rows: number): void;
  counts(): readonly OutOfTurn[];
}

export function outOfTurnCounter(): OutOfTurnCounter {
  const feeds = new Map<string, Counts>();

  function of(feed: string): Counts {
    let counts = feeds.get(feed);
    if (counts === undefined) {
      counts = { feed, resentFrames: 0, resentRows: 0, gapFrames: 0, gapRows: 0 };
      feeds.set(feed, counts);
    }
    return counts;
  }

  return {
    resent(feed, rows) {
      const counts = of(feed);
      counts.resentFrames += 1;
      counts.resentRows += rows;
    },
    gap(feed, rows) {
      const counts = of(feed);
      counts.gapFrames += 1;
      counts.gapRows += rows;
    },
    counts: () => [...feeds.values()].map((counts) => ({ ...counts })),
  };
}
