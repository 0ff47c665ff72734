import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Quality } from '../../../engine/schema/batch.ts';
import type { EngineItem } from '../../../engine/schema/flow.ts';
import { Bin } from '../../../engine/schema/ledger.ts';
import type { WindowBatch } from '../../../engine/schema/window.ts';
import { cleanStage } from '../../../engine/stages/clean/clean.ts';
import { windowStage } from '../../../engine/stages/window/window.ts';
import { every, flowOf, runStages, type Script, seen, single, type TestRow, whole } from '../../harness/batches.ts';
import { testOptions } from '../../harness/outputs.ts';
import { verifyStage } from '../../harness/verifyStage.ts';

const minute = 60_000;
const hour = 60 * minute;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');
const stages = (settings: Readonly<Record<string, unknown>> = {}) => [
  cleanStage({ ...testOptions().clean, maxFutureMs: 5 * minute }),
  windowStage(testOptions({ spike: 'flag', warmUp: 'flag', ...settings }).window),
];

function run(script: Script) {
  const out = verifyStage(
    () => stages(),
    (cut) => flowOf('air', script, cut),
  );
  const windows = out.filter((item): item is WindowBatch => item.type === 'windows');
  return {
    bins: out.flatMap((item) => (item.type === 'rows' ? [...item.batch.bin] : [])),
    of: (size: string) =>
      windows
        .filter((batch) => batch.size === size)
        .flatMap((batch) =>
          Array.from({ length: batch.rows }, (_, i) => ({
            source: batch.source[i],
            at: batch.startMs[i] - t0,
            revision: batch.revision[i],
            count: batch.metrics[0].count[i],
            mean: batch.metrics[0].mean[i],
          })),
        ),
  };
}

const row = (offsetMs: number, pm25: number, source = 0): TestRow => ({ source, eventMs: t0 + offsetMs, values: { pm25 } });

describe('windows', () => {
  test('a row exactly on the edge belongs to the later window', () => {
    const { of } = run([[row(0, 100), row(59_999, 300), row(60_000, 500)], t0 + 10 * minute]);
    expect(of('1m')).toEqual([
      { source: 0, at: 0, revision: 0, count: 2, mean: 20 },
      { source: 0, at: minute, revision: 0, count: 1, mean: 50 },
    ]);
  });

  test('larger windows are the merge of the smaller', () => {
    const { of } = run([Array.from({ length: 120 }, (_, i) => row(i * minute, i)), t0 + 3 * hour]);
    expect(of('5m')).toHaveLength(24);
    expect(of('1h').map(({ count, mean }) => [count, mean])).toEqual([
      [60, 2.95],
      [60, 8.95],
    ]);
  });

  test('a window of a silent source closes at the tick at end + lateness + hold, not before', () => {
    const due = t0 + minute + 30_000 + 2 * minute;
    const before = runStages(stages(), flowOf('air', [[row(0, 10)], due - 1000], whole));
    expect(before.findIndex((item) => item.type === 'windows')).toBeGreaterThan(before.findIndex((item) => item.type === 'tick'));
    const at = runStages(stages(), flowOf('air', [[row(0, 10)], due], whole));
    expect(at.findIndex((item) => item.type === 'windows')).toBeLessThan(at.findIndex((item) => item.type === 'tick'));
  });

  test('a late row revises: the same key again with the next revision, counted as late', () => {
    const { of, bins } = run([[row(0, 100), row(5 * minute, 100)], t0 + 6 * minute, [row(30_000, 300)], t0 + 7 * minute]);
    expect(bins).toEqual([Bin.onTime, Bin.onTime, Bin.lateRevised]);
    expect(of('1m').filter(({ at }) => at === 0)).toEqual([
      { source: 0, at: 0, revision: 0, count: 1, mean: 10 },
      { source: 0, at: 0, revision: 1, count: 2, mean: 20 },
    ]);
  });

  test('a row too late for the small window still revises the large one', () => {
    const { of, bins } = run([[row(0, 100), row(90 * minute, 100)], t0 + 91 * minute, [row(minute, 300)], t0 + 92 * minute]);
    expect(bins[2]).toBe(Bin.lateRevised);
    expect(of('1m').filter(({ at }) => at === minute)).toEqual([]);
    expect(
      of('1h')
        .filter(({ at }) => at === 0)
        .map(({ revision, count }) => [revision, count]),
    ).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  test('a row behind every horizon is diverted and changes nothing', () => {
    const { of, bins } = run([
      [row(0, 100)],
      t0 + 50 * hour,
      [row(50 * hour, 100)],
      t0 + 50 * hour,
      [row(minute, 900)],
      t0 + 51 * hour,
    ]);
    expect(bins).toEqual([Bin.onTime, Bin.onTime, Bin.lateDiverted]);
    expect(of('1h').filter(({ at }) => at === 0)).toHaveLength(1);
  });

  test('hourly rows go into hours only, and count as full hours', () => {
    const out = runStages(stages(), flowOf('air', [[{ ...row(0, 100), periodMs: hour }], t0 + 3 * hour], whole));
    const windows = out.filter((item): item is WindowBatch => item.type === 'windows');
    expect(windows.map(({ size, captureMs }) => [size, captureMs[0]])).toEqual([['1h', hour]]);
  });

  test('a revised hour sends the hours behind it again, with their new running means', () => {
    const hourly = (h: number, pm25: number): TestRow => ({
      source: 0,
      eventMs: t0 + h * hour,
      periodMs: hour,
      values: { pm25 },
    });
    const out = runStages(
      stages(),
      flowOf('air', [[hourly(1, 100), hourly(2, 200)], t0 + 4 * hour, [hourly(0, 600)], t0 + 5 * hour], whole),
    );
    const last = out.filter((item): item is WindowBatch => item.type === 'windows').at(-1) as WindowBatch;
    expect([...last.startMs].map((ms) => (ms - t0) / hour)).toEqual([0, 1, 2]);
    expect([...last.revision]).toEqual([0, 1, 1]);
    expect(last.rolling24h?.[0].sum[2]).toBe((100 + 200 + 600) * 1000);
    expect(last.rolling24h?.[0].hours[2]).toBe(3);
  });

  test('north-west and north-east wind average to north, not to south', () => {
    const wind = (offset: number, deg: number): TestRow => ({
      source: 0,
      eventMs: t0 + offset,
      values: { windMps: 20, windFromDeg: deg },
    });
    const out = runStages(stages(), flowOf('air', [[wind(0, 350), wind(1000, 10)], t0 + 10 * minute], whole));
    const batch = out.find((item): item is WindowBatch => item.type === 'windows') as WindowBatch;
    expect(batch.metrics[10].mean[0]).toBe(0);
  });
});

describe('refused rows', () => {
  test('a duplicate, a future row, an empty row and an absurd time end in their bins', () => {
    const { bins } = run([
      t0,
      [
        row(0, 10),
        row(0, 10),
        row(6 * minute, 10),
        { source: 0, eventMs: t0 + 1000, values: {} },
        { source: 0, eventMs: 5, values: { pm25: 1 } },
      ],
      t0 + minute,
    ]);
    expect(bins).toEqual([Bin.onTime, Bin.duplicate, Bin.quarantined, Bin.rejected, Bin.rejected]);
  });
});

// The laws, on random rows of a few sources over three hours, out of order, late, twice.
const randomRow = fc.record({
  source: fc.nat(3),
  eventMs: fc.integer({ min: 0, max: 3 * 3600 }).map((seconds) => t0 + seconds * 1000),
  periodMs: fc.constantFrom(0, 0, 0, minute, 5 * minute, hour),
  values: fc.record(
    { pm25: fc.integer({ min: -60, max: 12_000 }), o3: fc.nat(3000), windMps: fc.nat(100), windFromDeg: fc.nat(359) },
    { requiredKeys: [] },
  ),
});
/** Arrival: rows in blocks, each followed by a tick that goes on by some minutes. */
const script = fc
  .array(fc.tuple(fc.array(randomRow, { maxLength: 12 }), fc.integer({ min: 0, max: 40 })), { minLength: 1, maxLength: 12 })
  .map((blocks) => {
    let nowMs = t0;
    return blocks.flatMap(([rows, minutes]): Script => {
      nowMs += minutes * minute;
      return [rows, nowMs];
    });
  });

describe('laws', () => {
  test('how rows are batched never changes a result', () => {
    fc.assert(
      fc.property(script, fc.integer({ min: 1, max: 7 }), fc.constantFrom(0, 2, 30_000), (steps, size, lateMinutesMax) => {
        const of = () => stages({ lateMinutesMax });
        const want = seen(runStages(of(), flowOf('air', steps, whole)));
        expect(seen(runStages(of(), flowOf('air', steps, single)))).toEqual(want);
        expect(seen(runStages(of(), flowOf('air', steps, every(size))))).toEqual(want);
      }),
    );
  });

  test('a saved and restored stage goes on as if nothing had happened', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const items = flowOf('air', steps, every(3));
        const want = seen(runStages(stages(), flowOf('air', steps, every(3))));
        let [clean, window] = stages();
        const out: EngineItem[] = [];
        for (const item of items) {
          const saved = [clean.save(), window.save()];
          [clean, window] = stages();
          clean.restore(structuredClone(saved[0]));
          window.restore(structuredClone(saved[1]));
          for (const cleaned of clean.next(item)) out.push(...window.next(cleaned));
        }
        out.push(...window.flush());
        expect(seen(out)).toEqual(want);
      }),
      { numRuns: 40 },
    );
  });

  test('the last revision of every hour is what sorting everything and adding it up gives', () => {
    fc.assert(
      fc.property(script, (steps) => {
        const out = runStages(stages(), flowOf('air', steps, every(4)));
        const hours = new Map<string, { count: number; sum: number }>();
        for (const item of out) {
          if (item.type !== 'windows' || item.size !== '1h') continue;
          for (let i = 0; i < item.rows; i++)
            hours.set(`${item.source[i]} ${item.startMs[i]}`, { count: item.metrics[0].count[i], sum: item.metrics[0].sum[i] });
        }
        // Slow and obvious: every accepted row once, by hour. All rows lie within the horizon of an hour here.
        const want = new Map<string, { count: number; sum: number }>();
        for (const item of out) {
          if (item.type !== 'rows') continue;
          const { batch } = item;
          for (let i = 0; i < batch.rows; i++) {
            if (batch.bin[i] !== Bin.onTime && batch.bin[i] !== Bin.lateRevised) continue;
            const key = `${batch.source[i]} ${Math.floor(batch.eventMs[i] / hour) * hour}`;
            const entry = want.get(key) ?? { count: 0, sum: 0 };
            if (batch.quality[0][i] === 0) {
              entry.count += 1;
              entry.sum += batch.values[0][i];
            }
            want.set(key, entry);
          }
        }
        expect(hours).toEqual(want);
      }),
    );
  });

  test('every row ends in exactly one bin: as many come out as went in, each decided, each where it belongs', () => {
    const wild = fc.record({
      source: fc.nat(3),
      eventMs: fc.oneof(
        fc.integer({ min: -60 * 3600, max: 4 * 3600 }).map((seconds) => t0 + seconds * 1000),
        fc.constantFrom(Number.NaN, -1, 0, t0 + 900 * hour, 5e12),
      ),
      periodMs: fc.constantFrom(0, minute, hour),
      values: fc.record({ pm25: fc.integer({ min: -60, max: 12_000 }) }, { requiredKeys: [] }),
    });
    const blocks = fc.array(fc.tuple(fc.array(wild, { maxLength: 12 }), fc.integer({ min: 0, max: 40 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(blocks, fc.boolean(), (drawn, isAgain) => {
        let nowMs = t0;
        const steps = drawn.flatMap(([rows, minutes]): Script => {
          nowMs += minutes * minute;
          return isAgain ? [rows, nowMs, rows] : [rows, nowMs];
        });
        const sent = steps.flatMap((step) => (typeof step === 'number' ? [] : step));
        const out = runStages(stages(), flowOf('air', steps, every(5)));
        const got = out.flatMap((item) =>
          item.type !== 'rows'
            ? []
            : Array.from({ length: item.batch.rows }, (_, i) => ({
                source: item.batch.source[i],
                eventMs: item.batch.eventMs[i],
                bin: item.batch.bin[i],
                isEmpty: item.batch.quality.every((column) => column[i] === Quality.gap),
              })),
        );
        expect(got.map(({ source, eventMs }) => ({ source, eventMs }))).toEqual(
          sent.map(({ source, eventMs }) => ({ source, eventMs })),
        );
        const allowed = ({ eventMs, isEmpty }: (typeof got)[number]): readonly number[] => {
          if (!(eventMs >= 946_684_800_000 && eventMs < 4_102_444_800_000)) return [Bin.rejected];
          if (eventMs > nowMs + 5 * minute) return [Bin.quarantined];
          if (isEmpty) return [Bin.rejected, Bin.quarantined];
          return [Bin.onTime, Bin.lateRevised, Bin.lateDiverted, Bin.duplicate, Bin.quarantined];
        };
        for (const row of got) expect(allowed(row)).toContain(row.bin);
        // What counts is in the hours, once; what does not is in none.
        const counting = new Set<string>();
        for (const { source, eventMs, bin } of got) {
          if (bin !== Bin.onTime && bin !== Bin.lateRevised) continue;
          const key = `${source} ${eventMs}`;
          expect(counting.has(key)).toBe(false);
          counting.add(key);
        }
        const hours = new Set([...counting].map((key) => `${key.split(' ')[0]} ${Math.floor(Number(key.split(' ')[1]) / hour)}`));
        const found = out.flatMap((item) =>
          item.type !== 'windows' || item.size !== '1h'
            ? []
            : Array.from({ length: item.rows }, (_, i) => `${item.source[i]} ${item.startMs[i] / hour}`),
        );
        expect(new Set(found)).toEqual(hours);
      }),
    );
  });
});
