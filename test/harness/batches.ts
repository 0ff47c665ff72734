// Batches from plain rows, cut as a test likes, and stage output as plain objects.

import type { Batch } from '../../engine/schema/batch.ts';
import { catalog, type Kind } from '../../engine/schema/catalog.ts';
import type { EngineItem, FlowItem } from '../../engine/schema/flow.ts';
import type { Stage } from '../../engine/schema/stage.ts';

/** Values are in whole numbers of the resolution; a metric that is left out is a gap. */
export interface TestRow {
  readonly source: number;
  readonly eventMs: number;
  readonly periodMs?: number;
  readonly values: Readonly<Record<string, number>>;
  readonly id?: string;
}

export function batchOf(kind: Kind, rows: readonly TestRow[]): Batch {
  const { metrics } = catalog[kind];
  return {
    kind,
    feed: 0,
    rows: rows.length,
    source: Uint32Array.from(rows, (row) => row.source),
    eventMs: Float64Array.from(rows, (row) => row.eventMs),
    periodMs: Float64Array.from(rows, (row) => row.periodMs ?? 0),
    values: metrics.map(({ id }) => Float64Array.from(rows, (row) => row.values[id] ?? Number.NaN)),
    quality: metrics.map(() => new Uint8Array(rows.length)),
    ...(rows.some((row) => row.id !== undefined) ? { id: rows.map((row) => row.id ?? '') } : {}),
    bin: new Uint8Array(rows.length),
    reason: new Uint8Array(rows.length),
  };
}

/** A tick, or rows that arrive before the next tick. */
export type Script = readonly (number | readonly TestRow[])[];

/** How rows between ticks are cut into batches. */
export type Cut = (rows: readonly TestRow[]) => readonly (readonly TestRow[])[];

export const whole: Cut = (rows) => [rows];
export const single: Cut = (rows) => rows.map((row) => [row]);
export const every =
  (size: number): Cut =>
  (rows) =>
    Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));

export function flowOf(kind: Kind, script: Script, cut: Cut): FlowItem[] {
  return script.flatMap((step): FlowItem[] =>
    typeof step === 'number'
      ? [{ type: 'tick', nowMs: step }]
      : cut(step)
          .filter((rows) => rows.length > 0)
          .map((rows) => ({ type: 'rows', batch: batchOf(kind, rows) })),
  );
}

/** Runs items through stages one behind the other, and flushes. */
export function runStages(stages: readonly Stage<EngineItem, EngineItem>[], items: readonly EngineItem[]): EngineItem[] {
  const through = (from: number, item: EngineItem): readonly EngineItem[] =>
    from === stages.length ? [item] : stages[from].next(item).flatMap((next) => through(from + 1, next));
  const out = items.flatMap((item) => through(0, item));
  for (let i = 0; i < stages.length; i++) out.push(...stages[i].flush().flatMap((item) => through(i + 1, item)));
  return out;
}

/** Rows with their bin, and windows as text lines, in order of going out. Rows are joined: how they were cut does not show. */
export function seen(items: readonly EngineItem[]): { readonly bins: number[]; readonly windows: string[] } {
  const bins: number[] = [];
  const windows: string[] = [];
  for (const item of items) {
    if (item.type === 'rows') bins.push(...item.batch.bin);
    if (item.type !== 'windows') continue;
    for (let row = 0; row < item.rows; row++) {
      const columns = item.metrics.map(({ count, sum, mean, min, max, last, captureMs, flags }) =>
        [count, sum, mean, min, max, last, captureMs, flags].map((column) => column[row]),
      );
      const rolling = [item.rolling8h, item.rolling24h].map((each) => each?.map(({ sum, hours }) => [sum[row], hours[row]]));
      windows.push(
        JSON.stringify([item.kind, item.size, item.source[row], item.startMs[row], item.revision[row], columns, rolling]),
      );
    }
  }
  return { bins, windows };
}
