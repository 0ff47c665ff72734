// Rules that change while a run goes on: what is open goes on, what is off is closed, what was judged stays.

import { describe, expect, test } from 'vitest';
import { configFrom, pipelineOptions } from '../../../../engine/config.ts';
import type { Finding } from '../../../../engine/schema/finding.ts';
import type { EngineItem, RuleSettings } from '../../../../engine/schema/flow.ts';
import { cleanStage } from '../../../../engine/stages/clean/clean.ts';
import { correlateStage } from '../../../../engine/stages/correlate/correlate.ts';
import { type Detector, Judgement, type Life } from '../../../../engine/stages/correlate/detector.ts';
import { completeRules, defaultRules, ruleIds, sameSettings } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { stepRun } from '../../../../engine/stages/correlate/steps.ts';
import { windowStage } from '../../../../engine/stages/window/window.ts';
import { registerOf } from '../../../../simulator/lab/rules/testCity.ts';
import { type Cut, flowOf, runStages, type Script, type TestRow, whole } from '../../../harness/batches.ts';
import { oneWorks, storyOf } from '../../../harness/ruleCity.ts';
import { verifyStage } from '../../../harness/verifyStage.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 0, 5, 4);
const [production, treatment] = [0, 1];

const works = storyOf(`${oneWorks}    rows: [{ source: P, at: "00:00", values: { kw: 1 } }]
`);
const register = registerOf(works);
const options = pipelineOptions(configFrom({}), register);
const stages = () => [cleanStage(options.clean), windowStage(options.window), correlateStage(options.correlate)];
const meters: EngineItem = { type: 'command', command: { name: 'sources', kind: 'power', first: 0, sources: register.sources } };

/** Commands by the minute after whose tick they come. */
type Commands = Readonly<Record<number, Readonly<Record<string, RuleSettings>>>>;

/** The treatment is off where `isOff`; its rows come `lateBy` minutes late. Both meters tremble, as meters do. */
function run(
  minutes: number,
  isOff: (minute: number) => boolean,
  commands: Commands,
  lateBy: (minute: number) => number = () => 0,
) {
  const due = new Map<number, TestRow[]>();
  const add = (source: number, minute: number, kw: number, at: number) => {
    const row = { source, eventMs: startMs + minute * minuteMs, periodMs: minuteMs, values: { kw: kw + (minute % 3) * 7 } };
    due.set(at, [...(due.get(at) ?? []), row]);
  };
  for (let minute = 0; minute < minutes; minute++) {
    add(production, minute, 8000, minute + 1);
    add(treatment, minute, isOff(minute) ? 0 : 1500, minute + 1 + lateBy(minute));
  }
  const items = (cut: Cut) =>
    Array.from({ length: minutes + 20 }, (_, i): readonly EngineItem[] => {
      const script: Script = [due.get(i) ?? [], startMs + i * minuteMs];
      const rules = commands[i];
      const command: readonly EngineItem[] = rules === undefined ? [] : [{ type: 'command', command: { name: 'rules', rules } }];
      return [...flowOf('power', script, cut), ...command];
    }).flat();
  // Saving and restoring after each item takes seconds: one case of each kind is enough.
  const isVerified = Object.keys(commands).length > 1;
  const all = (cut: Cut) => [meters, ...items(cut)];
  return (isVerified ? verifyStage(stages, all) : runStages(stages(), all(whole)))
    .flatMap((item) => (item.type === 'findings' ? item.findings : []))
    .filter(({ rule }) => rule === 'treatment-off')
    .map(({ openedMs, foundMs, closedMs, state, closedBy, revision }) => ({
      opened: (openedMs - startMs) / minuteMs,
      found: (foundMs - startMs) / minuteMs,
      closed: closedMs === undefined ? null : (closedMs - startMs) / minuteMs,
      state,
      ...(closedBy === undefined ? {} : { closedBy }),
      revision,
    }));
}

const treatmentOff = (settings: RuleSettings) => ({ 'treatment-off': settings });
const from =
  (first: number, end = Number.POSITIVE_INFINITY) =>
  (minute: number) =>
    minute >= first && minute < end;

describe('a rule', () => {
  test('that is switched off closes what is open, at the next tick, and says why', () => {
    const found = run(60, from(20), { 40: treatmentOff({ on: false }) });
    expect(found).toMatchObject([
      { opened: 20, state: 'open', revision: 0 },
      { opened: 20, state: 'closed', closedBy: 'rule', revision: 1 },
    ]);
    // As far as it had been judged.
    expect(found[1].closed).toBeGreaterThan(35);
    expect(found[1].closed).toBeLessThanOrEqual(41);
  });

  test('that is switched on again finds what is still the case, as another finding', () => {
    const found = run(80, from(20), { 40: treatmentOff({ on: false }), 50: {} });
    expect(found.map(({ state }) => state)).toEqual(['open', 'closed', 'open']);
    expect(found[2].opened).toBeGreaterThanOrEqual(found[1].closed ?? 0);
    expect(found[2].opened).toBeLessThanOrEqual(50);
  });

  test('that is switched on when all were off begins with what comes then', () => {
    const allOff = Object.fromEntries(ruleIds.map((id) => [id, { on: false }]));
    const found = run(90, from(20), { 10: allOff, 50: {} });
    expect(found.map(({ state }) => state)).toEqual(['open']);
    // Ten minutes of production must be known first: nothing was kept while nobody looked.
    expect(found[0].opened).toBeGreaterThan(50);
    expect(found[0].opened).toBeLessThanOrEqual(61);
  });

  test('with other numbers keeps what is open, and closes it by the new ones', () => {
    const ended = run(100, from(20, 50), {});
    const sooner = run(100, from(20, 50), { 30: treatmentOff({ closeMinutes: 5 }) });
    expect(ended.map(({ opened, state, closed }) => [opened, state, closed])).toEqual([
      [20, 'open', null],
      [20, 'closed', 65],
    ]);
    expect(sooner.map(({ opened, state, closed }) => [opened, state, closed])).toEqual([
      [20, 'open', null],
      [20, 'closed', 55],
    ]);
  });

  test('that opens later from now on takes nothing back of what was found', () => {
    expect(run(60, from(20), { 35: treatmentOff({ offMinutes: 50 }) })).toMatchObject([{ opened: 20, state: 'open' }]);
  });

  test('is told to be as it is: nothing changes', () => {
    const told = run(60, from(20, 40), { 30: treatmentOff({ on: true }) });
    expect(told).toEqual(run(60, from(20, 40), {}));
  });
});

describe('rows that come late', () => {
  test('do not change what was judged by the rules before', () => {
    // Those of minutes 24 to 29, when the treatment ran for once, come when other rules count.
    const late = (minute: number) => (minute >= 24 && minute < 30 ? 12 : 0);
    const isOff = (minute: number) => minute >= 20 && !(minute >= 24 && minute < 30);
    expect(run(70, isOff, { 34: treatmentOff({ offMinutes: 6 }) }, late).filter(({ state }) => state === 'corrected')).toEqual(
      [],
    );
  });

  test('after a rule was switched on judge nothing from before', () => {
    const found = run(70, from(20), { 10: treatmentOff({ on: false }), 40: {} }, (minute) => (minute % 5 === 0 ? 8 : 0));
    expect(found).toHaveLength(1);
    expect(found[0].opened).toBeGreaterThanOrEqual(36);
  });
});

describe('steps', () => {
  const life: Life = { openAfter: 4, openWithin: 5, closeAfter: 3 };
  const detectorOf = (story: string): Detector => ({
    rule: 'test',
    ruleVersion: 1,
    size: '1m',
    life,
    reach: 2,
    setSources: () => {},
    units: () => 1,
    unitId: () => 'u',
    unitsOf: () => [0],
    judge: (_, step) => (story[step] === 'y' ? Judgement.yes : story[step] === 'n' ? Judgement.no : Judgement.unknown),
    describe: () => ({ severity: 'warning', place: { district: '' }, sources: [], evidence: [] }),
  });

  test.each([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])(
    'a late window does not take back a finding whose beginning is hardly kept any more: at %d',
    (end) => {
      const made = stepRun(detectorOf(`nn${'y'.repeat(30)}`), { sizeMs: minuteMs, steps: 12 });
      const found: Finding[] = [];
      for (let step = 0; step <= end; step++) found.push(...made.advance(step, [], step * minuteMs));
      found.push(...made.advance(end, [{ kind: 'air', source: 0, step: Math.max(0, end - 11) }], end * minuteMs));
      expect(found.map(({ id, state }) => [id, state])).toEqual([[`test:u:${2 * minuteMs}`, 'open']]);
    },
  );

  test('a late window before anything was judged is no reason to judge', () => {
    const made = stepRun(detectorOf('yyyyyyyy'), { sizeMs: minuteMs, steps: 12 });
    expect(made.advance(3, [{ kind: 'air', source: 0, step: 1 }], 0)).toEqual([]);
  });
});

describe('settings', () => {
  test('of a recording that knows less, or more, than we do are completed', () => {
    const rules = completeRules({ 'treatment-off': { offMinutes: 7, gone: 1 }, 'rule-of-yesterday': { on: true } });
    expect(rules['treatment-off']).toEqual({ ...defaultRules['treatment-off'], offMinutes: 7 });
    expect(Object.keys(rules)).toEqual(ruleIds);
  });

  test('are the same by value, whatever their order', () => {
    expect(sameSettings({ a: 1, b: true }, { b: true, a: 1 })).toBe(true);
    expect(sameSettings({ a: 1 }, { a: 2 })).toBe(false);
    expect(sameSettings({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  });
});
