// Every stage case in all the ways that must not show: one batch, row by row, random cuts, saved and restored, through RxJS.

import { from, type Observable, toArray } from 'rxjs';
import { expect } from 'vitest';
import { runStage } from '../../engine/pipeline/runStage.ts';
import type { EngineItem } from '../../engine/schema/flow.ts';
import type { Stage } from '../../engine/schema/stage.ts';
import { type Cut, runStages, seen, single, type TestRow, whole } from './batches.ts';

type Stages = readonly Stage<EngineItem, EngineItem>[];

/** `items` makes the flow anew each time, because stages write into batches. Returns what came out of whole batches. */
export function verifyStage(make: () => Stages, items: (cut: Cut) => readonly EngineItem[]): EngineItem[] {
  const out = runStages(make(), items(whole));
  const want = summary(out);
  expect(summary(runStages(make(), items(single))), 'row by row').toEqual(want);
  for (const seed of [1, 2, 3]) expect(summary(runStages(make(), items(randomCut(seed)))), `random cuts ${seed}`).toEqual(want);
  expect(summary(restoredAfterEach(make, items(whole))), 'saved and restored after each item').toEqual(want);
  expectCopies(make, items(whole));
  expect(summary(throughRxjs(make, items(whole))), 'through runStage').toEqual(want);
  return out;
}

function summary(items: readonly EngineItem[]) {
  const places = items.flatMap((item) =>
    item.type !== 'places'
      ? []
      : Array.from({ length: item.rows }, (_, row) =>
          JSON.stringify([
            item.place[row],
            item.startMs[row],
            item.revision[row],
            item.stations[row],
            item.stationsAll[row],
            item.mean.map((column) => column[row]),
            item.air.aqi[row],
            item.air.iaqi.map((column) => column[row]),
            item.air.primary[row],
            item.aqi24[row],
            item.primary24[row],
            item.valid24[row],
          ]),
        ),
  );
  const findings = items.flatMap((item) => (item.type === 'findings' ? item.findings.map((each) => JSON.stringify(each)) : []));
  const warnings = items.flatMap((item) =>
    item.type === 'warnings' ? [...item.warnings, item.assessment].map((each) => JSON.stringify(each)) : [],
  );
  const orders = items.flatMap((item) =>
    item.type === 'orders' ? [item.orders, item.compliance, item.activity ?? []].flat().map((each) => JSON.stringify(each)) : [],
  );
  return { ...seen(items), places, findings, warnings, orders };
}

function randomCut(seed: number): Cut {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return 1 + ((state >>> 16) % 7);
  };
  return (rows) => {
    const parts: TestRow[][] = [];
    for (let at = 0; at < rows.length; ) {
      const size = next();
      parts.push(rows.slice(at, at + size));
      at += size;
    }
    return parts;
  };
}

/** Between any two items the stages are others, made from the state of the ones before. */
function restoredAfterEach(make: () => Stages, items: readonly EngineItem[]): EngineItem[] {
  let stages = make();
  const out: EngineItem[] = [];
  const through = (at: number, item: EngineItem): readonly EngineItem[] =>
    at === stages.length ? [item] : stages[at].next(item).flatMap((next) => through(at + 1, next));
  for (const item of items) {
    out.push(...through(0, item));
    const states = stages.map((stage) => structuredClone(stage.save()));
    stages = make();
    stages.forEach((stage, i) => {
      stage.restore(states[i]);
    });
  }
  for (let i = 0; i < stages.length; i++) out.push(...stages[i].flush().flatMap((item) => through(i + 1, item)));
  return out;
}

/** A checkpoint is written while the flow goes on: what was saved must not change with it. */
function expectCopies(make: () => Stages, items: readonly EngineItem[]): void {
  let flow = items;
  for (const stage of make()) {
    const every = Math.ceil(flow.length / 4);
    const saved: { readonly state: unknown; readonly twin: unknown }[] = [];
    flow = flow.flatMap((item, i) => {
      const out = stage.next(item);
      if (i % every === every - 1) {
        const state = stage.save();
        saved.push({ state, twin: structuredClone(state) });
      }
      return out;
    });
    for (const { state, twin } of saved) expect(state, 'a saved state is a copy').toEqual(twin);
  }
}

function throughRxjs(make: () => Stages, items: readonly EngineItem[]): EngineItem[] {
  let flow: Observable<EngineItem> = from(items);
  for (const stage of make()) flow = flow.pipe(runStage(() => stage));
  let out: EngineItem[] = [];
  flow.pipe(toArray()).subscribe((all) => {
    out = all;
  });
  return out;
}
