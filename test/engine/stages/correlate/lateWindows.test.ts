// Windows in any order of arrival within their horizons: the same findings, for every rule that looks at windows.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configFrom, pipelineOptions } from '../../../../engine/config.ts';
import { intake } from '../../../../engine/edge/ingest/intake.ts';
import { sourceTable } from '../../../../engine/edge/ingest/sourceTable.ts';
import type { Finding } from '../../../../engine/schema/finding.ts';
import type { EngineItem, FlowItem } from '../../../../engine/schema/flow.ts';
import type { PlaceBatch, WindowBatch, WindowColumn } from '../../../../engine/schema/window.ts';
import { airStage } from '../../../../engine/stages/air/air.ts';
import { cleanStage } from '../../../../engine/stages/clean/clean.ts';
import { correlateStage } from '../../../../engine/stages/correlate/correlate.ts';
import { completeRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowStage } from '../../../../engine/stages/window/window.ts';
import { exampleTestFile, exampleTests } from '../../../../simulator/lab/rules/exampleTests.ts';
import { registerOf, stepsOf } from '../../../../simulator/lab/rules/testCity.ts';
import { parseRuleTests, type RuleTest } from '../../../../simulator/lab/rules/testFile.ts';

const minuteMs = 60_000;
/** Their findings are of rows: how late those may be is another matter. */
const ofRows = ['straw-fire', 'plant-smoke', 'complaints', 'vehicle-high', 'silent-source', 'silent-district', 'silent-feed'];
/** Judged by the hour: their windows may be two days late. The others look at hours beside, and judge no farther back than hours. */
const ofHours = ['stack-exceedance', 'voc-exceedance', 'stack-marks', 'dust-exceedance', 'dust-violation'];

const tests: readonly RuleTest[] = exampleTests().flatMap((name) => {
  const { tests: own = [] } = parseRuleTests(readFileSync(exampleTestFile(name), 'utf8'), name);
  return own.filter(({ only }) => only.some((rule) => !ofRows.includes(rule)));
});

const optionsOf = (rule: RuleTest) => pipelineOptions(configFrom({ clock: 'feed' }), registerOf(rule), completeRules(rule.rules));

/** What correlation gets, by tick, and the ticks. */
interface Story {
  readonly items: readonly (readonly EngineItem[])[];
  readonly ticks: readonly number[];
}

function storyOf(rule: RuleTest): Story {
  const options = optionsOf(rule);
  const stages = [cleanStage(options.clean), windowStage(options.window), airStage(options.air)];
  const through = (from: number, item: EngineItem): readonly EngineItem[] =>
    from === stages.length ? [item] : stages[from].next(item).flatMap((next) => through(from + 1, next));
  const sources = sourceTable({ strict: true });
  const door = intake({ sources, rowsMax: 100_000 });
  let waiting: EngineItem[] = [];
  const push = (item: FlowItem) => {
    waiting.push(...through(0, item));
  };
  sources.addRegister(registerOf(rule));
  const items: (readonly EngineItem[])[] = [];
  const ticks: number[] = [];
  for (const step of stepsOf(rule)) {
    for (const frame of step.frames) door.add(0, frame);
    for (const item of door.drain()) push(item);
    push({ type: 'tick', nowMs: step.nowMs });
    items.push(waiting.filter(({ type }) => type !== 'tick' && type !== 'rows'));
    ticks.push(step.nowMs);
    waiting = [];
  }
  return { items, ticks };
}

type Columns<Batch> = { readonly [Key in keyof Batch]: Batch[Key] };

/** One row of a batch, as a batch. */
function rowOf(batch: WindowBatch, row: number): WindowBatch {
  const one = <Column extends { slice(from: number, to: number): Column }>(column: Column) => column.slice(row, row + 1);
  const columnOf = (column: WindowColumn): WindowColumn =>
    Object.fromEntries(Object.entries(column as Columns<WindowColumn>).map(([name, each]) => [name, one(each)])) as never;
  return {
    type: 'windows',
    kind: batch.kind,
    size: batch.size,
    rows: 1,
    source: one(batch.source),
    startMs: one(batch.startMs),
    revision: one(batch.revision),
    captureMs: one(batch.captureMs),
    metrics: batch.metrics.map(columnOf),
  };
}

function rowsOf(item: EngineItem): readonly EngineItem[] {
  return item.type === 'windows' ? Array.from({ length: item.rows }, (_, row) => rowOf(item, row)) : [item];
}

/** Minutes that the newest of an hour's rows comes late, for each size: what is late in a minute is late in what it is part of. */
type Delay = (item: WindowBatch | PlaceBatch) => number;

function delayed({ items, ticks }: Story, delay: Delay, extraTicks: number): Story {
  const late: EngineItem[][] = Array.from({ length: ticks.length + extraTicks }, () => []);
  items.forEach((list, i) => {
    for (const item of list.flatMap(rowsOf)) {
      const by = item.type === 'windows' || item.type === 'places' ? delay(item) : 0;
      late[i + Math.min(by, extraTicks)].push(item);
    }
  });
  const last = ticks[ticks.length - 1];
  const more = Array.from({ length: extraTicks }, (_, i) => last + (i + 1) * minuteMs);
  return { items: late, ticks: [...ticks, ...more] };
}

/** What stands at the end: not when it was found, nor what was said of it then. */
function findingsOf(rule: RuleTest, { items, ticks }: Story, isAsked: (finding: Finding) => boolean) {
  const stage = correlateStage(optionsOf(rule).correlate);
  const newest = new Map<string, Finding>();
  items.forEach((list, i) => {
    for (const item of [...list, { type: 'tick', nowMs: ticks[i] } as const])
      for (const out of stage.next(item))
        if (out.type === 'findings') for (const finding of out.findings) newest.set(finding.id, finding);
  });
  return [...newest.values()]
    .filter((finding) => isAsked(finding) && finding.state !== 'corrected')
    .map(({ id, state, closedMs }) => `${id} ${state} ${closedMs ?? ''}`)
    .sort();
}

/** A number in [0, 1) of a few others. */
function chance(...parts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts)
    for (const half of [part % 65_536, Math.floor(part / 65_536)]) {
      hash = Math.imul(hash ^ half, 0x01000193);
      hash ^= hash >>> 15;
    }
  return (hash >>> 0) / 4_294_967_296;
}

const sizes = { '1m': 1, '5m': 5, '1h': 60 } as const;

/** Of some sources some hours come late; `most`: by size, in minutes. */
function delays(seed: number, most: Readonly<Record<'1m' | '5m' | '1h', number>>): Delay {
  const own = (size: '1m' | '5m' | '1h', source: number, minute: number) =>
    chance(seed, source, Math.floor(minute / 60)) < 0.5
      ? 0
      : Math.floor(chance(seed, source, minute, sizes[size]) * (most[size] + 1));
  function within(size: '1m' | '5m' | '1h', source: number, minute: number): number {
    if (size === '1m') return own(size, source, minute);
    const [part, length] = size === '5m' ? (['1m', 1] as const) : (['5m', 5] as const);
    let by = own(size, source, minute);
    for (let each = minute; each < minute + sizes[size]; each += length) by = Math.max(by, within(part, source, each));
    return by;
  }
  return (item) => {
    const minute = item.startMs[0] / minuteMs;
    if (item.type === 'places') return own('1h', 1_000, minute);
    return within(item.size, item.source[0], minute);
  };
}

const seeds = fc.integer({ min: 0, max: 1_000_000 });

describe('windows that come late', () => {
  test.each(tests.map((each) => ({ name: `${each.only.join(', ')}: ${each.name}`, each })))('$name', ({ each }) => {
    const story = storyOf(each);
    const isOfWindows = ({ rule }: Finding) => !ofRows.includes(rule);
    const hours = (days: number) => 24 * 60 * days;
    fc.assert(
      fc.property(seeds, (seed) => {
        const soon = { '1m': 14, '5m': 100, '1h': 100 };
        const inTime = findingsOf(
          each,
          delayed(story, () => 0, 240),
          isOfWindows,
        );
        expect(findingsOf(each, delayed(story, delays(seed, soon), 240), isOfWindows), 'within two hours').toEqual(inTime);
      }),
      { numRuns: 2 },
    );
    if (!each.only.some((rule) => ofHours.includes(rule))) return;
    const isOfHours = ({ rule }: Finding) => ofHours.includes(rule);
    fc.assert(
      fc.property(seeds, (seed) => {
        const twoDays = { '1m': 14, '5m': 100, '1h': hours(2) - 60 };
        const inTime = findingsOf(
          each,
          delayed(story, () => 0, hours(2)),
          isOfHours,
        );
        expect(findingsOf(each, delayed(story, delays(seed, twoDays), hours(2)), isOfHours), 'hours within two days').toEqual(
          inTime,
        );
      }),
      { numRuns: 2 },
    );
  });
});
