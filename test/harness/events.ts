// Rows of event kinds as batches, and a watcher run over them in all the ways that must not show.

import { expect } from 'vitest';
import type { Batch } from '../../engine/schema/batch.ts';
import { catalog, type Kind } from '../../engine/schema/catalog.ts';
import type { Finding } from '../../engine/schema/finding.ts';
import type { Tick } from '../../engine/schema/flow.ts';
import { Bin } from '../../engine/schema/ledger.ts';
import type { Source } from '../../engine/schema/register.ts';
import type { Watcher } from '../../engine/stages/correlate/watcher.ts';

/** Values in the metric's unit. */
export interface EventRow {
  readonly source: number;
  readonly eventMs: number;
  /** When it comes; absent: at once. */
  readonly arrivesMs?: number;
  readonly values: Readonly<Record<string, number>>;
  readonly id?: string;
  readonly text?: Readonly<Record<string, string>>;
  readonly bin?: number;
}

export function eventBatch(kind: Kind, rows: readonly EventRow[]): Batch {
  const { metrics, text } = catalog[kind];
  return {
    kind,
    feed: 0,
    rows: rows.length,
    source: Uint32Array.from(rows, ({ source }) => source),
    eventMs: Float64Array.from(rows, ({ eventMs }) => eventMs),
    periodMs: new Float64Array(rows.length),
    values: metrics.map(({ id, scale }) =>
      Float64Array.from(rows, ({ values }) => Math.round((values[id] ?? Number.NaN) * scale)),
    ),
    quality: metrics.map(() => new Uint8Array(rows.length)),
    id: rows.map(({ id, source, eventMs }) => id ?? `${source}-${eventMs}`),
    text: Object.fromEntries(text.map((name) => [name, rows.map((row) => row.text?.[name] ?? '')])),
    bin: Uint8Array.from(rows, ({ bin }) => bin ?? Bin.onTime),
    reason: new Uint8Array(rows.length),
  };
}

export interface WatchCase {
  readonly make: () => Watcher;
  readonly sources: Readonly<Partial<Record<Kind, readonly Source[]>>>;
  readonly kind: Kind;
  readonly rows: readonly EventRow[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly everyMs?: number;
  /** What other rules find, by the tick at which they do. */
  readonly others?: ReadonlyMap<number, readonly Finding[]>;
  readonly aheadMs?: (nowMs: number) => number;
}

/** Ticks at minutes. Whole batches, row by row, backwards within a tick, and saved and restored after each tick: the same. */
export function watch(of: WatchCase): readonly Finding[] {
  const want = run(of, (rows) => [rows], false);
  const single = run(of, (rows) => rows.map((row) => [row]), false);
  expect(single, 'row by row').toEqual(want);
  const backwards = run(of, (rows) => [[...rows].reverse()], false);
  expect(backwards, 'in another order').toEqual(want);
  expect(
    run(of, (rows) => [rows], true),
    'saved and restored after each tick',
  ).toEqual(want);
  return want;
}

/** The newest revision of each. */
export function latest(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [finding.id, finding])).values()];
}

function run(of: WatchCase, cut: (rows: readonly EventRow[]) => readonly (readonly EventRow[])[], restores: boolean): Finding[] {
  const { make, sources, kind, rows, fromMs, toMs, everyMs = 60_000, others, aheadMs } = of;
  const made = () => {
    const watcher = make();
    for (const [each, list] of Object.entries(sources)) watcher.setSources(each as Kind, 0, list);
    return watcher;
  };
  let watcher = made();
  const out: Finding[] = [];
  const middle: { saved?: unknown; copy?: unknown } = {};
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += everyMs) {
    const isDue = ({ eventMs, arrivesMs = eventMs }: EventRow) => arrivesMs <= nowMs && arrivesMs > nowMs - everyMs;
    for (const part of cut(rows.filter(isDue))) if (part.length > 0) watcher.take(eventBatch(kind, part));
    const ahead = aheadMs?.(nowMs) ?? 0;
    const tick: Tick = { type: 'tick', nowMs, ...(ahead > 0 ? { aheadMs: ahead } : {}) };
    out.push(...watcher.advance(tick, others?.get(nowMs) ?? []));
    const isMiddle = middle.copy === undefined && nowMs >= (fromMs + toMs) / 2;
    if (!restores && !isMiddle) continue;
    const saved = watcher.save();
    const copy = structuredClone(saved);
    if (isMiddle) Object.assign(middle, { saved, copy });
    if (!restores) continue;
    watcher = made();
    watcher.restore(copy);
  }
  expect(middle.saved, 'a saved state does not change with what comes after it').toEqual(middle.copy);
  return out;
}
