// Findings over time: when they open and close, and that late windows end in the same story as windows in time.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../engine/schema/finding.ts';
import { type Detector, Judgement, type Life } from '../../../../engine/stages/correlate/detector.ts';
import { type StepRun, stepRun } from '../../../../engine/stages/correlate/steps.ts';

const minuteMs = 60_000;
const life: Life = { openAfter: 2, openWithin: 3, closeAfter: 3 };
const letters = { '.': Judgement.unknown, n: Judgement.no, '~': Judgement.near, y: Judgement.yes } as const;

/** Judges what stands in `story`, one letter a step; changing it is a late window. */
function detectorOf(story: string[][], own: Life = life): Detector {
  return {
    rule: 'test',
    ruleVersion: 1,
    size: '1m',
    life: own,
    reach: 0,
    setSources: () => {},
    units: () => story.length,
    unitId: (unit) => `u${unit}`,
    unitsOf: (_, source) => [source],
    judge: (unit, step) => letters[(story[unit][step] ?? '.') as keyof typeof letters],
    describe: () => ({ severity: 'warning', place: { district: '' }, sources: [], evidence: [] }),
  };
}

const runOf = (story: string[][], own?: Life) => stepRun(detectorOf(story, own), { sizeMs: minuteMs, steps: 64 });

/** Every step in turn; the last revision of each finding. */
function told(run: StepRun, steps: number): Map<string, Finding> {
  const findings = new Map<string, Finding>();
  for (let step = 0; step < steps; step++)
    for (const each of run.advance(step, [], (step + 1) * minuteMs)) findings.set(each.id, each);
  return findings;
}

const spans = (findings: ReadonlyMap<string, Finding>) =>
  [...findings.values()]
    .filter(({ state }) => state !== 'corrected')
    .map(({ unit, openedMs, closedMs, state }) => ({
      unit,
      from: openedMs / minuteMs,
      to: closedMs === undefined ? null : closedMs / minuteMs,
      state,
    }))
    .sort((a, b) => a.from - b.from || (a.unit < b.unit ? -1 : 1));

const cases: readonly (readonly [story: string, want: readonly (readonly [from: number, to: number | null])[]])[] = [
  ['', []],
  ['nnnnnn', []],
  ['y', []], // one is not enough
  ['yy', [[0, null]]],
  ['yny', [[0, null]]], // two of three
  ['ynny', []],
  ['y..y', []], // unknown is no yes, and time goes on
  ['yy.......', [[0, null]]], // missing data closes nothing
  ['yynn', [[0, null]]],
  ['yynnn', [[0, 5]]],
  ['yyn.n.n', [[0, 7]]], // what is not known neither closes nor counts
  ['yynn~nnn', [[0, 8]]], // between the two levels it stays open
  ['~~~~', []], // and does not open
  ['yynnynnynnynnn', [[0, 14]]], // a noisy plateau is one finding
  ['yynnnyynnn', [[0, 5], [5, 10]]], // biome-ignore format: a row a case
];

describe('a finding over time', () => {
  test.each(cases)('%s', (story, want) => {
    const findings = told(runOf([[...story]]), story.length);
    expect(spans(findings).map(({ from, to }) => [from, to])).toEqual(want);
  });

  test('a plateau of a day around the limit is one finding, opened and closed once', () => {
    const noisy = Array.from({ length: 1440 }, (_, i) => (i % 7 < 3 ? 'y' : i % 2 === 0 ? '~' : 'n'));
    const run = runOf([[...noisy, ...'nnnnn']], { openAfter: 2, openWithin: 3, closeAfter: 5 });
    const all: Finding[] = [];
    for (let step = 0; step < 1445; step++) all.push(...run.advance(step, [], step * minuteMs));
    expect(all.map(({ state }) => state)).toEqual(['open', 'closed']);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  });

  test('units that have other numbers after a restart keep what is theirs; those that are gone are closed', () => {
    const before = runOf([[...'yy~~'], [...'nyyn'], [...'nnnn']]);
    told(before, 4);
    const saved = structuredClone(before.save());
    const named = (ids: readonly string[], story: string[][]) =>
      stepRun({ ...detectorOf(story), unitId: (unit) => ids[unit] }, { sizeMs: minuteMs, steps: 64 });
    // u0 is gone, u1 is the last, `new` is first.
    const after = named(['new', 'u2', 'u1'], [[...'....yynnn'], [...'nnnnnyynn'], [...'nyynnnnnn']]);
    const closed = after.restore(saved, { settled: true, closedBy: 'register' });
    expect(closed).toMatchObject([{ unit: 'u0', state: 'closed', closedBy: 'register', closedMs: 4 * minuteMs, revision: 1 }]);
    const findings = new Map<string, Finding>();
    for (let step = 4; step < 9; step++)
      for (const each of after.advance(step, [], (step + 1) * minuteMs)) findings.set(each.id, each);
    expect(spans(findings).map(({ unit, from, to }) => [unit, from, to])).toEqual([
      ['u1', 1, 6], // opened before, closed after
      ['new', 4, 9],
      ['u2', 5, null],
    ]);
    expect(after.save().units).toEqual(['new', 'u2', 'u1']);
  });

  test('what was open stays open over a gap that is longer than what is kept', () => {
    const run = runOf([[...'yy']]);
    run.advance(0, [], 0);
    run.advance(1, [], 0);
    expect(run.advance(500, [], 0)).toEqual([]);
    expect(run.advance(501, [], 0)).toEqual([]);
  });

  test('a step in which nothing came from anywhere changes nothing, and nobody is asked', () => {
    const run = stepRun(detectorOf([[...'yyyyynnnnn']]), {
      sizeMs: minuteMs,
      steps: 64,
      hasWindows: (step) => step < 2 || step > 6,
    });
    expect(spans(told(run, 10)).map(({ from, to }) => [from, to])).toEqual([[0, 10]]);
  });

  test('a late window that takes the cause away makes the finding corrected, and keeps what was known', () => {
    const story = [[...'yynn']];
    const run = runOf(story);
    const [opened] = [...told(run, 4).values()];
    story[0][1] = 'n';
    const [corrected] = run.advance(3, [{ kind: 'air', source: 0, step: 1 }], 9 * minuteMs);
    expect(corrected).toEqual({ ...opened, state: 'corrected', closedMs: 9 * minuteMs, revision: 1 });
  });

  test('what was corrected does not come back when late windows change what followed', () => {
    const story = [[...'n.yyyyyyyyyyyyyyyyyy']];
    const run = stepRun(detectorOf(story), { sizeMs: minuteMs, steps: 12 });
    const findings = told(run, 4);
    story[0][1] = 'y';
    const late = (step: number, judged: number) => {
      for (const each of run.advance(judged, [{ kind: 'air', source: 0, step }], 0)) findings.set(each.id, each);
    };
    late(1, 3); // it began a step sooner: another finding
    for (let step = 4; step < 14; step++) run.advance(step, [], 0);
    story[0][13] = 'n'; // when the steps of its beginning are just not kept any more
    late(13, 13);
    expect([...findings.values()].map(({ state, openedMs }) => [state, openedMs / minuteMs])).toEqual([
      ['corrected', 2],
      ['open', 1],
    ]);
  });
});

describe('late windows', () => {
  const steps = 24;
  const letter = fc.constantFrom('.', 'n', '~', 'y');
  const stories = fc.array(fc.array(letter, { minLength: steps, maxLength: steps }), { minLength: 1, maxLength: 3 });
  /** Which of them come late, and how many steps. */
  const delays = fc.array(fc.array(fc.nat(6), { minLength: steps, maxLength: steps }), { minLength: 3, maxLength: 3 });

  /** Windows that are late are unknown until they come. */
  function late(story: readonly string[][], delay: readonly number[][], end: number, cut?: number): Map<string, Finding> {
    const shown = story.map((unit) => unit.map(() => '.'));
    let run = runOf(shown);
    const findings = new Map<string, Finding>();
    for (let step = 0; step < end; step++) {
      const touched = [];
      for (let unit = 0; unit < story.length; unit++)
        for (let each = 0; each < steps; each++) {
          if (each + delay[unit][each] !== step) continue;
          shown[unit][each] = story[unit][each];
          if (each < step) touched.push({ kind: 'air' as const, source: unit, step: each });
        }
      for (const each of run.advance(step, touched, step * minuteMs)) {
        expect(each.revision, each.id).toBe((findings.get(each.id)?.revision ?? -1) + 1);
        findings.set(each.id, each);
      }
      if (step !== cut) continue;
      const saved = structuredClone(run.save());
      run = runOf(shown);
      run.restore(saved);
    }
    return findings;
  }

  test('end in the same findings as windows in time', () => {
    fc.assert(
      fc.property(stories, delays, (story, delay) => {
        const inTime = told(runOf(story.map((unit) => [...unit])), steps + 6);
        expect(spans(late(story, delay, steps + 6))).toEqual(spans(inTime));
      }),
    );
  });

  test('and the same over a saved and restored state', () => {
    fc.assert(
      fc.property(stories, delays, fc.nat(steps), (story, delay, cut) => {
        expect([...late(story, delay, steps + 6, cut)]).toEqual([...late(story, delay, steps + 6)]);
      }),
    );
  });
});
