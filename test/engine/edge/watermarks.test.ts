import fc from 'fast-check';
import { expect, test } from 'vitest';
import { watermarks } from '../../../engine/edge/serve/watermarks.ts';
import { Bin } from '../../../engine/schema/ledger.ts';
import { batchOf } from '../../harness/batches.ts';

const t0 = Date.parse('2026-01-05T08:00:00+08:00');
const minuteMs = 60_000;
const names = ['right', 'slow clock', 'day ahead', 'goes silent', 'lags'];

/** Two hours of minutes: each source with its own clock. */
function after(minutes: number) {
  const found = watermarks({
    source: (_, index) => ({ kind: 'air', id: names[index], zh: '', district: '', idleMs: 10 * minuteMs }),
    holdMs: 2 * minuteMs,
  });
  let seq = 0;
  for (let i = 1; i <= minutes; i++) {
    const nowMs = t0 + i * minuteMs;
    const eventMs = [nowMs - 1_000, nowMs - 8 * minuteMs, nowMs + 24 * 60 * minuteMs, nowMs, t0 + i * 30_000];
    const sources = i > 60 ? [0, 1, 2, 4] : [0, 1, 2, 3, 4];
    const batch = batchOf(
      'air',
      sources.map((source) => ({ source, eventMs: eventMs[source], values: { pm25: 1 } })),
    );
    sources.forEach((source, row) => {
      batch.bin[row] = source === 2 ? Bin.quarantined : Bin.onTime;
    });
    found.publish({ rows: [batch], windows: [], places: [], nowMs: null, seq: ++seq });
    found.publish({ rows: [], windows: [], places: [], nowMs, seq: ++seq });
  }
  return found.answer();
}

test('the right clock holds time back by its lateness only; the others are named for what they are', () => {
  const [air] = after(120).kinds;
  expect(air).toMatchObject({ kind: 'air', behindMs: 31_000, active: 1, silent: 1 });
  expect(air.heldBackBy).toEqual([{ source: 'right', behindMs: 31_000 }]);
  expect(air.laggingSources).toEqual([
    { source: 'day ahead', behindMs: null },
    { source: 'lags', behindMs: 60 * minuteMs + 30_000 },
    { source: 'slow clock', behindMs: 8 * minuteMs + 30_000 },
  ]);
  const off = Object.fromEntries(air.clocksOff.map(({ source, offsetMs }) => [source, offsetMs]));
  expect(off['day ahead']).toBe(24 * 60 * minuteMs);
  expect(off['slow clock']).toBe(-8 * minuteMs);
  expect(off.right).toBeUndefined();
});

test('nothing is known before the first tick', () => {
  expect(after(0)).toEqual({ nowMs: null, holdMs: 2 * minuteMs, kinds: [] });
});

test('the mark of a kind never goes back, and is never further behind than the hold time', () => {
  const found = Array.from({ length: 90 }, (_, i) => after(i + 1).kinds[0]);
  for (const { behindMs } of found) expect(behindMs).toBeLessThanOrEqual(2 * minuteMs);
  const marks = found.map(({ watermarkMs }) => watermarkMs);
  expect(marks).toEqual([...marks].sort((a, b) => a - b));
});

test('no watermark ever goes back, whatever the clocks of the sources do', () => {
  const row = fc.record({
    source: fc.integer({ min: 0, max: 3 }),
    offsetMs: fc.integer({ min: -3 * 3_600_000, max: 3 * 3_600_000 }),
    bin: fc.constantFrom(Bin.onTime, Bin.lateRevised, Bin.lateDiverted, Bin.quarantined, Bin.duplicate, Bin.rejected),
  });
  const tick = fc.record({ rows: fc.array(row, { maxLength: 8 }), stepS: fc.integer({ min: 1, max: 1_800 }) });
  fc.assert(
    fc.property(fc.array(tick, { minLength: 2, maxLength: 40 }), (ticks) => {
      const found = watermarks({
        source: (_, index) => ({ kind: 'air', id: String(index), zh: '', district: '' }),
        holdMs: 2 * minuteMs,
      });
      let nowMs = t0;
      let markMs = Number.NEGATIVE_INFINITY;
      ticks.forEach(({ rows, stepS }, i) => {
        nowMs += stepS * 1_000;
        const batch = batchOf(
          'air',
          rows.map(({ source, offsetMs }) => ({ source, eventMs: nowMs + offsetMs, values: { pm25: 1 } })),
        );
        batch.bin.set(rows.map(({ bin }) => bin));
        found.publish({ rows: rows.length === 0 ? [] : [batch], windows: [], places: [], nowMs, seq: i + 1 });
        const air = found.answer().kinds[0];
        if (air === undefined) return;
        expect(air.watermarkMs).toBeGreaterThanOrEqual(markMs);
        expect(air.watermarkMs).toBeGreaterThanOrEqual(nowMs - 2 * minuteMs);
        expect(air.watermarkMs).toBeLessThanOrEqual(nowMs);
        markMs = air.watermarkMs;
      });
    }),
  );
});
