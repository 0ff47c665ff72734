import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EngineItem } from '../../../engine/schema/flow.ts';
import { Bin } from '../../../engine/schema/ledger.ts';
import { cleanStage } from '../../../engine/stages/clean/clean.ts';
import { windowStage } from '../../../engine/stages/window/window.ts';
import { every, flowOf, runStages, type Script, type TestRow, whole } from '../../harness/batches.ts';
import { testOptions } from '../../harness/outputs.ts';
import { verifyStage } from '../../harness/verifyStage.ts';

const minute = 60_000;
const hour = 60 * minute;
const year = 365 * 24 * hour;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');
const maxFutureMs = 5 * minute;

const stagesOf = (settings: Readonly<Record<string, unknown>> = {}) => {
  const options = testOptions(settings);
  const rememberMs = options.window.horizonMs['1h'] + hour + maxFutureMs;
  return [cleanStage({ ...options.clean, maxFutureMs, rememberMs }), windowStage(options.window)];
};

const row = (source: number, offsetMs: number, pm25 = 500): TestRow => ({ source, eventMs: t0 + offsetMs, values: { pm25 } });
const count = (items: readonly EngineItem[], bin: number) =>
  items.reduce((sum, item) => (item.type === 'rows' ? sum + item.batch.bin.filter((each) => each === bin).length : sum), 0);

function bins(script: Script, settings: Readonly<Record<string, unknown>> = {}) {
  const out = verifyStage(
    () => stagesOf(settings),
    (cut) => flowOf('air', script, cut),
  );
  return Object.fromEntries(Object.entries(Bin).flatMap(([name, bin]) => (count(out, bin) > 0 ? [[name, count(out, bin)]] : [])));
}

describe('before the first tick', () => {
  test('a source that is a year ahead is quarantined and takes the memory from nobody', () => {
    const again = [row(1, 0), row(0, year), row(1, minute)];
    expect(bins([[...again, ...again, ...again], t0 + 2 * minute, again, t0 + 3 * minute])).toEqual({
      onTime: 2,
      duplicate: 6,
      quarantined: 4,
    });
  });

  test('rows wait for the tick, and go before it', () => {
    const [clean] = stagesOf();
    expect(flowOf('air', [[row(0, 0)], [row(0, 1_000)]], whole).flatMap((item) => clean.next(item))).toEqual([]);
    const out = clean.next({ type: 'tick', nowMs: t0 + minute });
    expect(out.map(({ type }) => type)).toEqual(['rows', 'rows', 'tick']);
  });

  test('a flow without any tick loses none', () => {
    expect(bins([[row(0, 0), row(0, 0), row(0, year)]])).toEqual({ onTime: 2, duplicate: 1 });
  });
});

describe('memory for duplicates', () => {
  test('a source some minutes ahead over the full hour does not shorten it for the others', () => {
    const oldest = row(0, minute);
    const nowMs = t0 + 49 * hour - minute; // the first hour may still be revised
    expect(bins([t0 + 2 * minute, [oldest], nowMs, [row(1, 49 * hour + 3 * minute), oldest], nowMs + 1_000])).toEqual({
      onTime: 2,
      duplicate: 1,
    });
  });

  test('it reaches as far as the horizon of the hours', () => {
    const script: Script = [
      t0 + 2 * minute,
      [row(0, minute)],
      t0 + 160 * hour,
      [row(1, 160 * hour), row(0, minute)],
      t0 + 161 * hour,
    ];
    expect(bins(script, { horizon1hMs: 168 * hour })).toEqual({ onTime: 2, duplicate: 1 });
  });

  // Sources with any clock, rows sent again at any time: none that counts is counted twice.
  const script = fc
    .array(
      fc.tuple(
        fc.array(
          fc.record({
            source: fc.nat(3),
            // Back from now, or ahead of it.
            agoMs: fc
              .oneof(fc.integer({ min: -10, max: 70 * 60 }), fc.constantFrom(-525_600, 525_600))
              .map((minutes) => minutes * minute),
          }),
          { maxLength: 8 },
        ),
        fc.integer({ min: 0, max: 30 * 60 }),
        fc.boolean(),
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((blocks) => {
      const sent: TestRow[] = [];
      let nowMs = t0;
      return blocks.flatMap(([drawn, minutes, isAgain]): Script => {
        const fresh = drawn.map(({ source, agoMs }) => ({ source, eventMs: nowMs - agoMs, values: { pm25: 500 } }));
        const rows = isAgain ? [...fresh, ...sent] : fresh;
        sent.push(...fresh);
        nowMs += minutes * minute;
        return [rows, nowMs];
      });
    });

  test('whatever the clocks of sources say, no row counts twice, and no source decides for another', () => {
    fc.assert(
      fc.property(script, fc.constantFrom(48, 168), fc.integer({ min: 1, max: 5 }), (steps, hours, size) => {
        const settings = { horizon1hMs: hours * hour };
        const out = runStages(stagesOf(settings), flowOf('air', steps, every(size)));
        const counted = new Map<string, number>();
        const perSource = new Map<number, number[]>();
        for (const item of out) {
          if (item.type !== 'rows') continue;
          const { batch } = item;
          for (let i = 0; i < batch.rows; i++) {
            perSource.set(batch.source[i], [...(perSource.get(batch.source[i]) ?? []), batch.bin[i]]);
            if (batch.bin[i] !== Bin.onTime && batch.bin[i] !== Bin.lateRevised) continue;
            const key = `${batch.source[i]} ${batch.eventMs[i]}`;
            counted.set(key, (counted.get(key) ?? 0) + 1);
          }
        }
        expect([...counted].filter(([, times]) => times > 1)).toEqual([]);
        for (const [source, want] of perSource) {
          const own = steps.map((step) => (typeof step === 'number' ? step : step.filter((each) => each.source === source)));
          const alone = runStages(stagesOf(settings), flowOf('air', own, whole));
          expect(alone.flatMap((item) => (item.type === 'rows' ? [...item.batch.bin] : []))).toEqual(want);
        }
      }),
    );
  });
});
