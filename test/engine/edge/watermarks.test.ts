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
    feedName: () => 'feed',
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
    found.publish({ rows: [batch], windows: [], places: [], findings: [], incidents: [], nowMs: null, seq: ++seq });
    found.publish({ rows: [], windows: [], places: [], findings: [], incidents: [], nowMs, seq: ++seq });
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

test('a source of a feed that we hold back is not silent but held back', () => {
  const found = watermarks({
    source: (_, index) => ({ kind: 'air', id: names[index], zh: '', district: '', idleMs: 10 * minuteMs }),
    holdMs: 2 * minuteMs,
    feedName: (index) => ['held', 'read'][index],
  });
  const rows = [0, 1].map((feed) => ({
    ...batchOf('air', [{ source: feed, eventMs: t0, values: { pm25: 1 } }]),
    ...{ feed, bin: Uint8Array.of(Bin.onTime) },
  }));
  found.publish({ rows, windows: [], places: [], findings: [], incidents: [], nowMs: t0, seq: 1 });
  found.publish({ rows: [], windows: [], places: [], findings: [], incidents: [], nowMs: t0 + 30 * minuteMs, seq: 2 });
  expect(found.answer().kinds[0]).toMatchObject({ silent: 2, heldBack: [] });
  expect(found.answer(['held']).kinds[0]).toMatchObject({ silent: 1, heldBack: [{ feed: 'held', sources: 1 }] });
});

test('while the clock of the run waits, no clock of a source is taken for ahead', () => {
  const found = watermarks({
    source: (_, index) => ({ kind: 'air', id: names[index], zh: '', district: '' }),
    holdMs: 2 * minuteMs,
    feedName: () => 'feed',
  });
  const batch = batchOf('air', [{ source: 0, eventMs: t0 + 40 * minuteMs, values: { pm25: 1 } }]);
  batch.bin[0] = Bin.onTime;
  found.publish({
    rows: [batch],
    windows: [],
    places: [],
    findings: [],
    incidents: [],
    nowMs: t0,
    aheadMs: 40 * minuteMs,
    seq: 1,
  });
  expect(found.answer().kinds[0].wrongClocks).toBe(0);
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

test('no watermark ever goes back, whatever the clocks of the sources do, asked or not, over restarts', () => {
  const row = fc.record({
    source: fc.integer({ min: 0, max: 3 }),
    offsetMs: fc.integer({ min: -3 * 3_600_000, max: 3 * 3_600_000 }),
    bin: fc.constantFrom(Bin.onTime, Bin.lateRevised, Bin.lateDiverted, Bin.quarantined, Bin.duplicate, Bin.rejected),
  });
  const rows = fc.array(row, { maxLength: 8 });
  const tick = fc.record({
    rows,
    stepS: fc.integer({ min: 1, max: 1_800 }),
    restarts: fc.constantFrom('no', 'before', 'between'),
  });
  const made = () =>
    watermarks({
      source: (_, index) => ({ kind: 'air', id: String(index), zh: '', district: '' }),
      holdMs: 2 * minuteMs,
      feedName: String,
    });
  fc.assert(
    fc.property(fc.array(tick, { minLength: 2, maxLength: 40 }), (ticks) => {
      let found = made();
      const unasked = made();
      const restart = () => {
        const saved = structuredClone(found.save());
        found = made();
        found.restore(saved);
      };
      let nowMs = t0;
      let markMs = Number.NEGATIVE_INFINITY;
      ticks.forEach(({ rows, stepS, restarts }, i) => {
        nowMs += stepS * 1_000;
        const batch = batchOf(
          'air',
          rows.map(({ source, offsetMs }) => ({ source, eventMs: nowMs + offsetMs, values: { pm25: 1 } })),
        );
        batch.bin.set(rows.map(({ bin }) => bin));
        if (restarts === 'before') restart();
        const parts = [
          {
            rows: rows.length === 0 ? [] : [batch],
            windows: [],
            places: [],
            findings: [],
            incidents: [],
            nowMs: null,
            seq: 2 * i + 1,
          },
          { rows: [], windows: [], places: [], findings: [], incidents: [], nowMs, seq: 2 * i + 2 },
        ];
        for (const part of parts) {
          found.publish(part);
          unasked.publish(part);
          if (restarts === 'between') restart();
        }
        const air = found.answer().kinds[0];
        if (air === undefined) return;
        expect(air.watermarkMs).toBeGreaterThanOrEqual(markMs);
        expect(air.watermarkMs).toBeGreaterThanOrEqual(nowMs - 2 * minuteMs);
        expect(air.watermarkMs).toBeLessThanOrEqual(nowMs);
        markMs = air.watermarkMs;
      });
      expect(found.answer()).toEqual(unasked.answer());
    }),
  );
});
