// Counts every received row into its bin, per feed and kind.

import { type Batch, qualityNames } from '../../schema/batch.ts';
import type { Kind } from '../../schema/catalog.ts';
import { Bin, type BinName, binNames, type Ledger } from '../../schema/ledger.ts';
import { type ProblemCode, problemCodes, problemIndex } from '../../schema/problem.ts';

export interface LedgerCounter {
  /** Index of a feed; it is made known by being asked for. */
  feed(name: string): { readonly index: number; readonly isNew: boolean };
  feedName(index: number): string;
  /** Rows on their way into the stages. */
  received(feed: number, kind: Kind, rows: number): void;
  /** Rows that went through the stages. */
  count(batch: Batch): void;
  /** Rows refused, or shed in an overload (code `shed`), before they became part of a batch. */
  refused(feed: number, kind: Kind, rows: number, code: ProblemCode): void;
  refusedFrame(feed: number, code: ProblemCode): void;
  ledger(): Ledger;
  /** Rows in one bin, over all feeds and kinds. */
  total(bin: number): number;
  /** `received` = sum of the bins, for every feed and kind, and no row is pending. */
  isBalanced(): boolean;
  save(): SavedLedger;
  restore(saved: SavedLedger): void;
}

export interface SavedLedger {
  readonly feeds: readonly string[];
  readonly counts: readonly (readonly [key: string, entry: Entry])[];
  readonly frames: readonly (readonly [feed: number, byCode: Float64Array])[];
}

interface Entry {
  readonly feed: number;
  readonly kind: Kind;
  readonly counts: Counts;
}

interface Counts {
  received: number;
  readonly bins: Float64Array;
  readonly reasons: Float64Array;
  readonly quality: Float64Array;
}

export function ledgerCounter(): LedgerCounter {
  const feeds: string[] = [];
  const counts = new Map<string, Entry>();
  /** Frames refused whole, by feed, per problem code. */
  const frames = new Map<number, Float64Array>();

  function of(feed: number, kind: Kind): Counts {
    const key = `${feed} ${kind}`;
    let entry = counts.get(key);
    if (entry === undefined) {
      entry = {
        feed,
        kind,
        counts: {
          received: 0,
          bins: new Float64Array(binNames.length),
          reasons: new Float64Array(problemCodes.length),
          quality: new Float64Array(qualityNames.length),
        },
      };
      counts.set(key, entry);
    }
    return entry.counts;
  }

  return {
    feed(name) {
      const known = feeds.indexOf(name);
      return known >= 0 ? { index: known, isNew: false } : { index: feeds.push(name) - 1, isNew: true };
    },
    feedName: (index) => feeds[index],
    received(feed, kind, rows) {
      of(feed, kind).received += rows;
    },
    count(batch) {
      const entry = of(batch.feed, batch.kind);
      for (let row = 0; row < batch.rows; row++) entry.bins[batch.bin[row]] += 1;
      for (let row = 0; row < batch.rows; row++) if (batch.reason[row] !== 0) entry.reasons[batch.reason[row]] += 1;
      for (const column of batch.quality) for (let row = 0; row < batch.rows; row++) entry.quality[column[row]] += 1;
    },
    refused(feed, kind, rows, code) {
      const entry = of(feed, kind);
      entry.received += rows;
      entry.bins[code === 'shed' ? Bin.shed : Bin.rejected] += rows;
      entry.reasons[problemIndex(code)] += rows;
    },
    refusedFrame(feed, code) {
      let byCode = frames.get(feed);
      if (byCode === undefined) {
        byCode = new Float64Array(problemCodes.length);
        frames.set(feed, byCode);
      }
      byCode[problemIndex(code)] += 1;
    },
    ledger() {
      const rows = [...counts.values()].sort((a, b) => a.feed - b.feed || (a.kind < b.kind ? -1 : 1));
      return {
        rows: rows.map(({ feed, kind, counts: entry }) => ({
          feed: feeds[feed],
          kind,
          received: entry.received,
          bins: Object.fromEntries(binNames.map((name, i) => [name, entry.bins[i]])) as Record<BinName, number>,
          reasons: used(problemCodes, entry.reasons),
          quality: used(qualityNames, entry.quality),
        })),
        refusedFrames: [...frames]
          .sort(([a], [b]) => a - b)
          .map(([feed, byCode]) => ({ feed: feeds[feed], codes: used(problemCodes, byCode) })),
      };
    },
    total: (bin) => [...counts.values()].reduce((sum, { counts: entry }) => sum + entry.bins[bin], 0),
    isBalanced() {
      return [...counts.values()].every(
        ({ counts: entry }) => entry.bins[Bin.pending] === 0 && entry.received === entry.bins.reduce((sum, bin) => sum + bin, 0),
      );
    },
    save: () => ({ feeds: [...feeds], counts: [...counts], frames: [...frames] }),
    restore(saved) {
      feeds.splice(0, feeds.length, ...saved.feeds);
      counts.clear();
      for (const [key, entry] of saved.counts) counts.set(key, entry);
      frames.clear();
      for (const [feed, byCode] of saved.frames) frames.set(feed, byCode);
    },
  };
}

function used(names: readonly string[], counts: Float64Array): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, counts[i]] as const).filter(([, count]) => count > 0));
}
