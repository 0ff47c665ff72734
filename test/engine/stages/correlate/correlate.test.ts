// The stage as a whole: rows in, findings out, whatever the batches, and again after late rows.

import { expect, test } from 'vitest';
import { configFrom, pipelineOptions } from '../../../../engine/config.ts';
import type { Finding } from '../../../../engine/schema/finding.ts';
import type { EngineItem } from '../../../../engine/schema/flow.ts';
import type { Enterprise, Source } from '../../../../engine/schema/register.ts';
import { airStage } from '../../../../engine/stages/air/air.ts';
import { cleanStage } from '../../../../engine/stages/clean/clean.ts';
import { correlateStage } from '../../../../engine/stages/correlate/correlate.ts';
import { completeRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { windowStage } from '../../../../engine/stages/window/window.ts';
import { batchOf, type Cut, flowOf, type Script, type TestRow } from '../../../harness/batches.ts';
import { verifyStage } from '../../../harness/verifyStage.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 0, 5, 4);
const none = { so2: 0, nox: 0, pm: 0, voc: 0 };

const works: Enterprise = {
  id: 'E-1',
  zh: '滨湖橡胶厂',
  en: 'Binhu Rubber Works',
  industry: 'engineering-rubber',
  grade: 'C',
  district: '131172',
  township: '131172001',
  lon: 115.66,
  lat: 37.66,
  mainMeter: 'M',
  plan: { yellow: [], orange: [], red: [] },
  processes: [
    {
      id: 'P1',
      zh: '炼胶',
      en: 'mixing',
      emits: true,
      ratedKw: 200,
      shifts: 'two',
      emission: none,
      treatment: { zh: '布袋除尘', en: 'bag filter', removes: none, ratedKw: 40 },
      productionMeter: 'P',
      treatmentMeter: 'T',
    },
  ],
};
const meter = (id: string, circuit: Source['circuit']): Source => ({
  kind: 'power',
  id,
  zh: id,
  district: '131172',
  enterprise: 'E-1',
  circuit,
});
const meters: EngineItem = {
  type: 'command',
  command: {
    name: 'sources',
    kind: 'power',
    first: 0,
    sources: [meter('M', 'main'), meter('P', 'production'), meter('T', 'treatment')],
  },
};
const city = { code: '131100', zh: '', en: '' };
const options = pipelineOptions(configFrom({}), { city, districts: [], enterprises: [works], townships: [], inspectors: [] });
const stages = () => [cleanStage(options.clean), windowStage(options.window), correlateStage(options.correlate)];

/** kW of the two circuits in a minute; undefined: no row. */
type Load = (minute: number) => { readonly production?: number; readonly treatment?: number; readonly lateBy?: number };

/** Each minute: the rows whose time it is, then the tick. */
function scriptOf(minutes: number, load: Load): Script {
  const waiting = new Map<number, TestRow[]>();
  for (let minute = 0; minute < minutes; minute++) {
    const { production, treatment, lateBy = 0 } = load(minute);
    const at = (source: number, kw: number | undefined, late: number) => {
      if (kw === undefined) return;
      const due = minute + 1 + late;
      const row = { source, eventMs: startMs + minute * minuteMs, periodMs: minuteMs, values: { kw: kw * 100 } };
      waiting.set(due, [...(waiting.get(due) ?? []), row]);
    };
    at(0, (production ?? 0) + (treatment ?? 0) + 5, 0);
    at(1, production, 0);
    at(2, treatment, lateBy);
  }
  return Array.from({ length: minutes + 30 }, (_, i) => [waiting.get(i) ?? [], startMs + i * minuteMs] as const).flat();
}

const run = (load: Load, minutes = 60) =>
  verifyStage(stages, (cut: Cut) => [meters, ...flowOf('power', scriptOf(minutes, load), cut)]).flatMap((item) =>
    item.type === 'findings' ? item.findings : [],
  );
const treatmentOff = (findings: readonly Finding[]) => findings.filter(({ rule }) => rule === 'treatment-off');
const minuteOf = (ms: number) => (ms - startMs) / minuteMs;

test('a fan that stops while production runs is found within three minutes of the rule', () => {
  const found = treatmentOff(run((minute) => ({ production: 150, treatment: minute < 30 ? 30 : 0.2 })));
  expect(found.map(({ state, openedMs, foundMs }) => [state, minuteOf(openedMs), minuteOf(foundMs)])).toEqual([['open', 30, 38]]);
  expect(found[0]).toMatchObject({
    unit: 'E-1/P1',
    enterprise: 'E-1',
    process: 'P1',
    place: { district: '131172' },
    sources: ['P', 'T'],
  });
  expect(found[0].evidence.map(({ source, value, limit, side }) => [source, value, limit, side])).toEqual([
    ['P', 150, 20, 'above'],
    ['T', 0.2, 2, 'below'],
  ]);
});

test('and closed once it has run again for a while', () => {
  const found = treatmentOff(run((minute) => ({ production: 150, treatment: minute >= 20 && minute < 30 ? 0 : 30 })));
  expect(found.map(({ state }) => state)).toEqual(['open', 'closed']);
  expect(minuteOf(found[1].closedMs ?? 0)).toBe(45);
});

test.each([
  ['production stands', () => ({ production: 10, treatment: 0 })],
  ['production has just begun', (minute: number) => ({ production: minute % 12 < 6 ? 150 : 5, treatment: 0 })],
  ['the treatment meter is silent', () => ({ production: 150 })],
  ['the production meter is silent', () => ({ treatment: 0 })],
] satisfies readonly (readonly [string, Load])[])('nothing is said when %s', (_, load) => {
  expect(treatmentOff(run(load))).toEqual([]);
});

test('rows that come eight minutes late end in the same finding', () => {
  const load =
    (lateBy: number): Load =>
    (minute) => ({ production: 150, treatment: minute < 30 ? 30 : 0, lateBy });
  const [inTime, late] = [0, 8].map((lateBy) => treatmentOff(run(load(lateBy))).map(({ foundMs: _, ...rest }) => rest));
  expect(late).toEqual(inTime);
});

test('a site above its county is found, and taken back when the county was as dusty: its hour came late', () => {
  const at = (kind: 'air' | 'dust', id: string): Source => ({ kind, id, zh: id, district: '131172', lon: 115.66, lat: 37.66 });
  const dusty = pipelineOptions(
    configFrom({}),
    {
      city,
      districts: [{ code: '131172', zh: '', en: '', lon: 115.66, lat: 37.66 }],
      enterprises: [],
      townships: [],
      inspectors: [],
    },
    completeRules({ 'dust-exceedance': { timesUsual: 0 } }),
  );
  const all = () => [cleanStage(dusty.clean), windowStage(dusty.window), airStage(dusty.air), correlateStage(dusty.correlate)];
  const known = (kind: 'air' | 'dust', sources: readonly Source[]): EngineItem => ({
    type: 'command',
    command: { name: 'sources', kind, first: 0, sources },
  });
  const every = 5 * minuteMs;
  const parts = 12;
  /** Rows of five minutes; those of the second station come two hours late. */
  function items(cut: Cut): EngineItem[] {
    const rows = (source: number, part: number, pm10: number): TestRow[] =>
      part < 0 || part >= parts
        ? []
        : [{ source, eventMs: startMs + part * every, periodMs: every, values: { pm10: pm10 * 10 } }];
    return Array.from({ length: 3 * parts + 4 }, (_, part): EngineItem[] => [
      ...cut([...rows(0, part - 1, 50 + (part % 3)), ...rows(1, part - 1 - 2 * parts, 250 + (part % 3))])
        .filter((each) => each.length > 0)
        .map((each): EngineItem => ({ type: 'rows', batch: batchOf('air', each) })),
      ...cut(rows(0, part - 1, 200 + (part % 3)))
        .filter((each) => each.length > 0)
        .map((each): EngineItem => ({ type: 'rows', batch: batchOf('dust', each) })),
      { type: 'tick', nowMs: startMs + part * every },
    ]).flat();
  }
  const sources = [known('air', [at('air', 'A1'), at('air', 'A2')]), known('dust', [at('dust', 'D')])];
  const out = verifyStage(all, (cut) => [...sources, ...items(cut)]);
  expect(out.some(({ type }) => type === 'places')).toBe(true);
  const found = out
    .flatMap((item) => (item.type === 'findings' ? item.findings : []))
    .filter(({ rule }) => rule === 'dust-exceedance'); // beside those who are silent in the end
  expect(found.map(({ rule, unit, state, openedMs }) => [rule, unit, state, minuteOf(openedMs)])).toEqual([
    ['dust-exceedance', 'D', 'open', 0],
    ['dust-exceedance', 'D', 'corrected', 0],
  ]);
});
