// The warning engine on city hours and forecasts, with the criteria of 2024: a whole episode, missing data, dust, late revisions.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EngineItem } from '../../../../engine/schema/flow.ts';
import {
  type Assessment,
  type Reason,
  type Warning,
  type WarningCommand,
  warningLevels,
} from '../../../../engine/schema/warning.ts';
import type { WarningOptions } from '../../../../engine/stages/emergency/warningOptions.ts';
import { warningStage } from '../../../../engine/stages/emergency/warningStage.ts';
import { windowStage } from '../../../../engine/stages/window/window.ts';
import { batchOf, type Cut, runStages, type TestRow, whole } from '../../../harness/batches.ts';
import { testOptions } from '../../../harness/outputs.ts';
import { verifyStage } from '../../../harness/verifyStage.ts';
import { at, type CityRow, cityBatch, hourMs, issue, optionsWith, story, tick, warningsOf } from '../../../harness/warnings.ts';

const { window } = testOptions({}, '131100', []);
/** Rows get their bin in the window stage, as in a run. */
const stages = (options: Partial<WarningOptions> = {}) => [windowStage(window), warningStage(optionsWith(options))];

type Step = EngineItem | readonly TestRow[];
const itemsOf = (script: readonly Step[]) => (cut: Cut) =>
  script.flatMap((step): EngineItem[] =>
    'type' in step
      ? [step]
      : cut(step)
          .filter((rows) => rows.length > 0)
          .map((rows) => ({ type: 'rows', batch: batchOf('forecast', rows) })),
  );

interface World {
  readonly from: number;
  readonly to: number;
  /** Undefined: no row of this hour. */
  readonly seen: (hour: number) => Omit<CityRow, 'hour'> | undefined;
  /** Days from the day of the issue on; undefined: no issue. */
  readonly forecast?: (issueHour: number) => Parameters<typeof issue>[1] | undefined;
  readonly commands?: Readonly<Record<number, Partial<WarningCommand> & Pick<WarningCommand, 'action'>>>;
  readonly more?: (hour: number) => readonly Step[];
}

/** An hour's row comes three minutes after its end, issues at 07:00 and 16:00, ticks with both and on the hour. */
function scriptOf({ from, to, seen, forecast, commands = {}, more }: World): Step[] {
  const script: Step[] = [];
  for (let hour = from; hour < to; hour++) {
    const days = hour % 24 === 7 || hour % 24 === 16 ? forecast?.(hour) : undefined;
    if (days !== undefined) script.push(issue(hour, days));
    script.push(tick(at(hour)));
    const command = commands[hour];
    if (command !== undefined) script.push({ type: 'command', command: { name: 'warning', by: 'wang', ...command } });
    const row = seen(hour - 1);
    if (row !== undefined) script.push(cityBatch({ hour: hour - 1, ...row }));
    script.push(...(more?.(hour) ?? []), tick(at(hour) + 180_000), tick(at(hour) + 1_800_000));
  }
  return script;
}

const run = (world: World, options: Partial<WarningOptions> = { autoSign: true }) =>
  runStages(stages(options), itemsOf(scriptOf(world))(whole));

function assessments(items: readonly EngineItem[]): Assessment[] {
  return items.flatMap((item) => (item.type === 'warnings' && item.assessment !== undefined ? [item.assessment] : []));
}

const texts = ({ en, parts = [] }: Reason): string[] => [en, ...parts.flatMap(texts)];

/** Air by day; an hour's index is that of the 24 hours that end with it, as in the forecast. */
const daily = (days: readonly number[]) => (hour: number) => {
  const of = (each: number) => days[Math.min(days.length - 1, Math.max(0, Math.floor(each / 24)))];
  let sum = 0;
  for (let each = hour - 23; each <= hour; each++) sum += of(each);
  return { aqi24: sum / 24, pm25: pm25Of(of(hour)), pm10: pm25Of(of(hour)) * 1.2 };
};
/** Of the edition of 2012. */
function pm25Of(aqi: number): number {
  const [indices, values] = [
    [0, 50, 100, 150, 200, 300, 400, 500],
    [0, 35, 75, 115, 150, 250, 350, 500],
  ];
  const i = Math.max(
    1,
    indices.findIndex((index) => index >= aqi),
  );
  return values[i - 1] + ((values[i] - values[i - 1]) * (aqi - indices[i - 1])) / (indices[i] - indices[i - 1]);
}
const foretold = (days: readonly number[]) => (issueHour: number) =>
  Array.from({ length: 7 }, (_, i) => days[Math.min(days.length - 1, Math.floor(issueHour / 24) + i)]);

/** Clear until day 4, two and a half heavy days, clear. */
const haze = [60, 60, 60, 60, 170, 230, 240, 180, 50, 50, 50, 50, 50, 50, 50];
const whatIs = { from: 0, to: 24 * 13, seen: daily(haze) };

describe('an episode that is forecast', () => {
  const out = verifyStage(() => stages({ autoSign: true }), itemsOf(scriptOf({ ...whatIs, forecast: foretold(haze) })));
  const [warning, ...more] = warningsOf(out);

  test('is proposed a day or more ahead, in force before the air is heavy, and lifted when it is clear to stay', () => {
    expect(more).toEqual([]);
    expect(story(warning.changes)).toEqual([
      'proposed orange 56.05',
      'submitted orange 56.05',
      'issued orange 56.05',
      'in-force orange 104',
      'proposed orange 201.05',
      'submitted orange 201.05',
      'issued orange 201.05',
      'lifted orange 204',
    ]);
    expect(warning).toMatchObject({ id: 'warning:1', criteria: 'mee-2024', state: 'lifted' });
  });

  test('the proposal says on what it rests', () => {
    const first = out.flatMap((item) => (item.type === 'warnings' ? item.warnings : []))[0];
    const said = texts(first.proposal?.assessment?.reason as Reason);
    expect(said.some((each) => /forecast up to 2026-01/.test(each))).toBe(true);
    expect(said.some((each) => /led by PM2.5: warnings are for this/.test(each))).toBe(true);
    expect(said.some((each) => /fallback/.test(each))).toBe(false);
  });

  test('the criteria are applied once an hour, and to each issue', () => {
    const times = assessments(out).map(({ atMs }) => atMs);
    expect(times.length).toBeLessThanOrEqual(24 * 13 + 2 * 13);
    expect(new Set(times.map((ms) => Math.floor(ms / hourMs))).size).toBe(24 * 13);
  });
});

test('unsigned, nothing comes into force', () => {
  const found = warningsOf(run({ ...whatIs, forecast: foretold(haze) }, {}));
  expect(found.map(({ state, level }) => [state, level])).toEqual([['withdrawn', undefined]]);
});

test('people sign: each step with who and why, and impossible ones leave no trace', () => {
  const proposal = 'proposal:1';
  const out = verifyStage(
    () => stages(),
    itemsOf(
      scriptOf({
        ...whatIs,
        to: 100,
        forecast: foretold(haze),
        commands: {
          58: { action: 'issue', proposal },
          59: { action: 'edit', proposal, level: 'yellow', why: 'the office says so' },
          60: { action: 'submit', proposal },
          61: { action: 'submit', proposal },
          62: { action: 'issue', proposal, by: 'li' },
          63: { action: 'withdraw', proposal, why: 'too late' },
        },
      }),
    ),
  );
  const [{ changes }] = warningsOf(out);
  expect(changes.map(({ what, level, by, why }) => [what, level, by, why]).slice(0, 4)).toEqual([
    ['proposed', 'orange', undefined, undefined],
    ['edited', 'yellow', 'wang', 'the office says so'],
    ['submitted', 'yellow', 'wang', undefined],
    ['issued', 'yellow', 'li', undefined],
  ]);
  // What the office would not have: the engine says it again as an upgrade.
  expect(changes[4]).toMatchObject({ what: 'proposed', level: 'orange' });
});

test('heavy already, and nobody foretold it: at once', () => {
  const out = run({ from: 0, to: 48, seen: (hour) => ({ aqi24: hour < 24 ? 120 : 230 }) });
  const [{ changes }] = warningsOf(out);
  expect(story(changes).slice(0, 4)).toEqual([
    'proposed yellow 25.05',
    'submitted yellow 25.05',
    'issued yellow 25.05',
    'in-force yellow 25.5',
  ]);
  expect(texts(assessments(out).at(-1)?.reason as Reason).some((each) => /fallback: persistence/.test(each))).toBe(true);
});

test('heavy, but the front comes: what would be over before it begins is not proposed', () => {
  const days = [240, 40, 40, 40, 40, 40, 40];
  const out = run({ from: 16, to: 20, seen: () => ({ aqi24: 230 }), forecast: () => days }, {});
  expect(warningsOf(out)).toEqual([]);
});

test.each([
  ['dust', { primary: ['pm10'], pm25: 60, pm10: 500 }, /led by dust.*no warning is proposed/],
  ['ozone', { primary: ['o3'] }, /led by ozone: health advice/],
] as const)('%s: advice in the reason, and no warning', (_, row, want) => {
  const out = run({ from: 0, to: 60, seen: () => ({ aqi24: 330, ...row }) });
  expect(warningsOf(out)).toEqual([]);
  expect(texts(assessments(out).at(-1)?.reason as Reason).some((each) => want.test(each))).toBe(true);
});

test('an index without PM2.5 is not clear: it cannot be told', () => {
  const valid = ['so2', 'no2', 'pm10', 'co', 'o3'] as const;
  const world: World = {
    ...whatIs,
    forecast: foretold(haze),
    seen: (hour) => ({ ...daily(haze)(hour), ...(hour >= 140 && { aqi24: 40, valid }) }),
  };
  const [warning] = warningsOf(run(world));
  expect(warning).toMatchObject({ state: 'in-force', level: 'orange' });
});

test('the worse episode in six days neither raises the level of today nor keeps it up', () => {
  const days = [60, 60, 230, 60, 60, 60, 60, 330, 340, 350, 340, 60, 60, 60, 60];
  const out = run({ from: 0, to: 24 * 6, seen: daily(days), forecast: foretold(days) });
  const found = warningsOf(out).map(({ changes }) => story(changes).filter((each) => !each.startsWith('submitted')));
  expect(found).toEqual([
    [
      'proposed yellow 7',
      'issued yellow 7',
      'in-force yellow 48',
      'proposed yellow 80.05',
      'issued yellow 80.05',
      'lifted yellow 84',
    ],
    ['proposed red 117.05', 'issued red 117.05'],
  ]);
});

describe('a late revision', () => {
  const heavyFrom = 30;
  const world = (more?: World['more']): World => ({
    from: 0,
    to: 24 * 6,
    seen: (hour) => ({ aqi24: hour >= heavyFrom && hour < 60 ? 230 : 80 }),
    more,
  });
  /** At hour 50 it turns out that it never was heavy. */
  const revised = (hour: number): Step[] =>
    hour === 50 ? [cityBatch(...Array.from({ length: 20 }, (_, i) => ({ hour: heavyFrom + i, aqi24: 80, revision: 1 })))] : [];
  const quiet = (hour: number) => (hour >= heavyFrom && hour < 50 ? 230 : 80);

  test('that takes the cause away leads to a proposal to lift; what was decided stays as it was', () => {
    const before = warningsOf(run({ ...world(), to: 50 }))[0].changes;
    const [{ changes, state }] = warningsOf(run({ ...world(revised), seen: (hour) => ({ aqi24: quiet(hour) }) }));
    expect(before.length).toBeGreaterThan(3);
    expect(changes.slice(0, before.length)).toEqual(before);
    expect(story(changes.slice(before.length)).map((each) => each.split(' ')[0])).toContain('lifted');
    expect(state).toBe('lifted');
  });
});

/** Random worlds: days of air, a forecast that may err, hours that are missing. */
const air = fc.array(fc.constantFrom(40, 90, 140, 160, 190, 210, 260, 320, 420), { minLength: 6, maxLength: 6 });
const errors = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 16, maxLength: 16 });
const hours = 24 * 6;
const worldOf = (
  days: readonly number[],
  error: readonly number[],
  isMissing: (hour: number) => boolean = () => false,
): World => ({
  from: 0,
  to: hours,
  seen: (hour) => (isMissing(hour) ? undefined : daily(days)(hour)),
  forecast: (issueHour) =>
    foretold(days)(issueHour).map((aqi, i) =>
      Math.min(500, Math.max(10, aqi + error[(Math.floor(issueHour / 8) + 3 * i) % error.length])),
    ),
});

/** The rank in force at each change of it. */
function ranks(warnings: readonly Warning[]): { readonly atMs: number; readonly rank: number }[] {
  return warnings
    .flatMap(({ changes }) => changes)
    .filter(({ what }) => ['in-force', 'upgraded', 'downgraded', 'lifted'].includes(what))
    .map(({ what, level, atMs }) => ({ atMs, rank: what === 'lifted' ? -1 : warningLevels.indexOf(level) }));
}

describe('laws', () => {
  test('no level goes down within the hold of its last change, and never by two unless it ends', () => {
    fc.assert(
      fc.property(air, errors, (days, error) => {
        const options = optionsWith({ autoSign: true });
        const levels = ranks(warningsOf(run(worldOf(days, error))));
        levels.slice(1).forEach(({ atMs, rank }, i) => {
          const before = levels[i];
          if (rank >= before.rank) return;
          expect(atMs - before.atMs).toBeGreaterThanOrEqual(options.downgradeHoldMs);
          if (rank >= 0) expect(before.rank - rank).toBe(1);
        });
      }),
      { numRuns: 12 },
    );
  });

  test('from where data are missing on, no level goes down', () => {
    fc.assert(
      fc.property(air, errors, fc.integer({ min: 30, max: 110 }), fc.boolean(), (days, error, from, isPmOnly) => {
        const world = worldOf(days, error);
        const gone = { aqi24: 30, valid: ['so2', 'no2', 'co', 'o3'] } as const;
        const seen = (hour: number) => (hour < from ? world.seen(hour) : isPmOnly ? gone : undefined);
        const levels = ranks(warningsOf(run({ ...world, seen })));
        const signedMs = at(from + 3) + 12 * hourMs; // what was proposed before may still take effect, at its start hour
        levels.slice(1).forEach(({ atMs, rank }, i) => {
          if (atMs > signedMs) expect(rank).toBeGreaterThanOrEqual(levels[i].rank);
        });
      }),
      { numRuns: 12 },
    );
  });

  test('hours that are missing here and there let no level sink sooner', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(210, 260, 330),
        fc.array(fc.integer({ min: 60, max: 190 }), { maxLength: 30 }),
        (heavy, missing) => {
          // One heavy episode, then clear: whatever is missing, it is lifted no sooner than with all hours.
          const days = [60, 60, heavy, heavy, heavy, 50, 50, 50];
          const end = (isMissing: (hour: number) => boolean) => {
            const world = worldOf(days, [0], isMissing);
            const changes = warningsOf(run({ ...world, to: 24 * 8 }))[0].changes;
            return changes.find(({ what }) => what === 'downgraded' || what === 'lifted')?.atMs ?? Number.POSITIVE_INFINITY;
          };
          expect(end((hour) => missing.includes(hour))).toBeGreaterThanOrEqual(end(() => false));
        },
      ),
      { numRuns: 8 },
    );
  });

  test('late revisions never change what was decided before', () => {
    const revision = fc.record({
      hour: fc.integer({ min: 24, max: 110 }),
      after: fc.integer({ min: 2, max: 48 }),
      aqi24: fc.integer({ min: 20, max: 450 }),
    });
    fc.assert(
      fc.property(air, errors, fc.array(revision, { minLength: 1, maxLength: 12 }), (days, error, revisions) => {
        const world = worldOf(days, error);
        const firstMs = Math.min(...revisions.map(({ hour, after }) => at(hour + after)));
        const more = (now: number) =>
          revisions
            .filter(({ hour, after }) => hour + after === now)
            .map(({ hour, aqi24 }) => cityBatch({ hour, aqi24, revision: 1 }));
        const decided = (found: readonly Warning[]) =>
          found.flatMap(({ changes }) => changes).filter(({ atMs }) => atMs < firstMs);
        const revised = run({ ...world, more });
        expect(decided(warningsOf(revised))).toEqual(decided(warningsOf(run(world))));
        // Whatever is told later begins with what was told sooner.
        const told = new Map<string, Warning>();
        for (const item of revised)
          for (const warning of item.type === 'warnings' ? item.warnings : []) {
            const known = told.get(warning.id)?.changes ?? [];
            expect(warning.changes.slice(0, known.length)).toEqual(known);
            expect(warning.revision).toBe((told.get(warning.id)?.revision ?? -1) + 1);
            told.set(warning.id, warning);
          }
      }),
      { numRuns: 8 },
    );
  });

  test('batching, order within a tick, saving and restoring change nothing', () => {
    fc.assert(
      fc.property(air, errors, (days, error) => {
        verifyStage(() => stages({ autoSign: true }), itemsOf(scriptOf({ ...worldOf(days, error), to: 100 })));
        const reversed: Cut = (rows) => [[...rows].reverse()];
        const summary = (cut: Cut) =>
          warningsOf(runStages(stages({ autoSign: true }), itemsOf(scriptOf(worldOf(days, error)))(cut)));
        expect(summary(reversed)).toEqual(summary(whole));
      }),
      { numRuns: 2 },
    );
  });
});
