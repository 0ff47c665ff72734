import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AirHour, HealthAnswer, LiveMessage, WatermarksAnswer } from '../../engine/schema/live.ts';
import type { Warning } from '../../engine/schema/warning.ts';
import { clockText, durationText, inkOn } from '../../viewer/model/format.ts';
import { livePoints, withLivePoints } from '../../viewer/model/livePoints.ts';
import { notesOf } from '../../viewer/model/notes.ts';
import { plotColumns, sizeFor, withPoints } from '../../viewer/model/plotColumns.ts';
import { emptyState, hourKey, reduce } from '../../viewer/model/state.ts';
import { stationRows } from '../../viewer/model/stations.ts';
import { noteText } from '../../viewer/panels/noteText.ts';
import { troublesOf } from '../../viewer/panels/troubles.ts';
import { texts } from '../../viewer/text.ts';
import { orderOf, warningOf } from '../harness/emergencies.ts';

const hour = (place: string, startMs: number, aqi: number | null, revision = 0): AirHour => ({
  place,
  scope: 'station',
  startMs,
  revision,
  aqi,
  iaqi: {},
  primary: [],
  mean: {},
});

describe('state', () => {
  test('a revision of the newest hour replaces it, an older hour does not', () => {
    const messages: LiveMessage[] = [
      { type: 'hours', seq: 1, hours: [hour('A', 2, 50)] },
      { type: 'hours', seq: 2, hours: [hour('A', 1, 99)] },
      { type: 'hours', seq: 3, hours: [hour('A', 2, 60, 1)] },
    ];
    expect(messages.reduce(reduce, emptyState).hours.get(hourKey('station', 'A'))).toMatchObject({ aqi: 60, revision: 1 });
  });

  test('a snapshot replaces everything', () => {
    const before = reduce(emptyState, { type: 'hours', seq: 1, hours: [hour('A', 2, 50)] });
    const warned = reduce(before, { type: 'warnings', seq: 2, warnings: [warningOf(1, 5)] });
    const after = reduce(warned, { type: 'snapshot', seq: 3, nowMs: 5, clock: 'feed', hours: [], latest: [], warnings: [] });
    expect([after.hours.size, after.warnings]).toEqual([0, []]);
  });

  test('a warning stays until it ends, in its newest revision; a snapshot brings those that go on', () => {
    const [first, second] = [warningOf(1, 5), warningOf(2, 9)];
    const told = (...warnings: readonly Warning[]) => ({ type: 'warnings', seq: 1, warnings }) as const;
    const later = { ...first, state: 'in-force', revision: 1 } as const;
    const both = reduce(reduce(emptyState, told(first)), told(later, second));
    expect(both.warnings).toEqual([later, second]);
    expect(reduce(both, told({ ...later, state: 'lifted', revision: 2 })).warnings).toEqual([second]);
    const snapshot = { type: 'snapshot', seq: 3, nowMs: 5, clock: 'feed', hours: [], latest: [], warnings: [second] } as const;
    expect(reduce(emptyState, snapshot).warnings).toEqual([second]);
  });

  test('orders change nothing here: their room asks the API', () => {
    const order = orderOf(1, 'E', 'P');
    const message = { type: 'orders', seq: 1, count: 1, ids: [order.id], orders: [order], compliance: [] } as const;
    expect(reduce(emptyState, message)).toBe(emptyState);
  });
});

test('stations: filtered by text and district, the worst first, those without an index last', () => {
  const stations = [
    { id: 'A', zh: '甲', district: '1' },
    { id: 'B', zh: '乙', district: '2' },
    { id: 'C', zh: '丙', district: '1' },
  ];
  const hours = new Map([
    ['A', hour('A', 0, 50)],
    ['C', hour('C', 0, 80)],
  ]);
  const ids = (text: string, district: string) =>
    stationRows(stations, (id) => hours.get(id), { text, district }).map((row) => row.station.id);
  expect(ids('', '')).toEqual(['C', 'A', 'B']);
  expect(ids('', '1')).toEqual(['C', 'A']);
  expect(ids('乙', '')).toEqual(['B']);
});

describe('plot columns', () => {
  test('series with different times are aligned, a hole in one is a null', () => {
    const columns = plotColumns([
      { startMs: [0, 60_000, 240_000], mean: [1, null, 3], gapMs: 90_000 },
      { startMs: [60_000], mean: [9], gapMs: 90_000 },
    ]);
    expect(columns).toEqual([
      [0, 60, 150, 240],
      [1, null, null, 3],
      [undefined, 9, undefined, undefined],
    ]);
  });

  test('all columns have one length, times rise, and no NaN gets through', () => {
    const series = fc.uniqueArray(fc.nat(500), { maxLength: 40 }).map((steps) => {
      const startMs = steps.sort((a, b) => a - b).map((step) => step * 60_000);
      return { startMs, mean: startMs.map((ms, i) => (i % 5 === 0 ? Number.NaN : ms)), gapMs: 90_000 };
    });
    fc.assert(
      fc.property(fc.array(series, { maxLength: 4 }), (given) => {
        const [xs, ...columns] = plotColumns(given);
        expect(xs.every((x, i) => i === 0 || x > xs[i - 1])).toBe(true);
        for (const column of columns) {
          expect(column).toHaveLength(xs.length);
          expect(column.some((value) => Number.isNaN(value))).toBe(false);
        }
      }),
    );
  });

  test('a point with a known start replaces, the oldest give way', () => {
    const series = {
      source: 'A',
      metric: 'pm25',
      unit: '',
      startMs: [0, 1],
      mean: [1, 2],
      min: [],
      max: [],
      revision: [],
      flags: {},
    };
    expect(
      withPoints(
        series,
        [
          { startMs: 1, value: 5 },
          { startMs: 2, value: 6 },
        ],
        2,
      ),
    ).toMatchObject({ startMs: [1, 2], mean: [5, 6] });
  });

  test.each([
    [3_600_000, 800, '1m'],
    [24 * 3_600_000, 800, '5m'],
    [30 * 24 * 3_600_000, 800, '1h'],
  ] as const)('%d ms on %d pixels is drawn from %s windows', (span, pixels, size) => {
    expect(sizeFor(span, pixels)).toBe(size);
  });
});

test('every text has both languages', () => {
  for (const [key, [zh, en]] of Object.entries(texts)) {
    expect(zh, key).not.toBe('');
    expect(en, key).not.toBe('');
  }
});

test('times are Beijing times, ink is readable', () => {
  expect(clockText(Date.parse('2026-01-05T00:05:00Z'))).toBe('2026-01-05 08:05');
  expect(inkOn('#FFFF00')).toBe('#000');
  expect(inkOn('#7E0023')).toBe('#fff');
});

test('durations are in the largest unit of which there are two', () => {
  const texts = [0, 1_000, 119_000, 120_000, 7_199_000, 7_200_000, 86_400_000, 172_800_000].map((ms) => durationText(ms, 'en'));
  expect(texts).toEqual(['0 sec', '1 sec', '119 sec', '2 min', '120 min', '2 hr', '24 hr', '2 days']);
  expect(durationText(180_000, 'zh')).toBe('3分钟');
});

test('what is wrong with the engine is told in both languages, a whole one says nothing', () => {
  const health: HealthAnswer = {
    live: true,
    ready: true,
    why: [],
    clock: 'wall',
    nowMs: 0,
    diskFull: [],
    cutBytes: 0,
    ingest: { heldBack: 0, shed: [] },
    stores: [
      { name: 'duckdb', ok: true, written: 9, queued: 1, failed: 0 },
      { name: 'influx1', ok: true, written: 9, queued: 0, failed: 0, spoolBytes: 10, oldestMs: 5 },
    ],
  };
  const air = { kind: 'air', watermarkMs: 0, behindMs: 0, active: 3, heldBackBy: [], laggingSources: [], clocksOff: [] } as const;
  const watermarks = (lagging: number, silent: number, wrongClocks: number): WatermarksAnswer => ({
    nowMs: 0,
    holdMs: 0,
    kinds: [{ ...air, lagging, silent, wrongClocks }],
  });
  expect(troublesOf(health, watermarks(0, 0, 0), 'en')).toEqual([]);
  const broken: HealthAnswer = {
    ...health,
    diskFull: ['/data/journal'],
    ingest: { heldBack: 2, shed: ['meters'] },
    stores: [
      { name: 'duckdb', ok: false, written: 9, queued: 1, failed: 1, lastError: 'gone' },
      {
        name: 'influx1',
        ok: false,
        written: 9,
        queued: 0,
        failed: 3,
        spoolBytes: 2_500_000,
        oldestMs: 600_000,
        lastError: 'influx1: 503',
      },
    ],
  };
  expect(troublesOf(broken, watermarks(1, 2, 3), 'en').map(({ level, text }) => `${level}: ${text}`)).toEqual([
    'error: Disk full: /data/journal. Feeds wait, nothing acknowledged is lost; it goes on by itself when there is room',
    'error: Overload: rows of meters are counted and thrown away',
    'error: Store duckdb failed: gone',
    'warning: Mirror down: influx1: 503; 2.5 MB wait, the oldest for 10 min',
    'warning: Mirror influx1 refused 3 points: see dead-letter.ndjson',
    'warning: 2 feeds wait for the engine, and the clock with them',
    'warning: Air station: 2 silent',
    'warning: Air station: 1 lag, their rows revise',
    'warning: Air station: 3 clocks more than a minute off',
  ]);
  expect(troublesOf(broken, watermarks(1, 2, 3), 'zh')[3].text).toBe('镜像中断：influx1: 503；2.5 MB 待补写，最早 10分钟 前');
});

test('notes follow revisions and flags, from history and live', () => {
  const answer = {
    ...{ source: 'A', metric: 'pm25', unit: 'µg/m³', min: [], max: [] },
    ...{ startMs: [0, 60_000, 120_000], mean: [1, 2, 3], revision: [0, 1, 0], flags: { 2: ['spike'] } },
  };
  const notes = notesOf(answer);
  expect([...notes]).toEqual([
    [60_000, { flags: [], revision: 1 }],
    [120_000, { flags: ['spike'], revision: 0 }],
  ]);
  const message: LiveMessage = {
    type: 'windows',
    seq: 1,
    size: '1m',
    revisions: [2, 0],
    columns: {
      kind: 'air',
      sources: ['A', 'A'],
      eventMs: [120_000, 180_000],
      values: { pm25: [30, 40] },
      flags: { pm25: { 1: ['fog'] } },
    },
  };
  const points = livePoints(message, { sources: ['A'], metrics: ['pm25'], size: '1m' });
  const [series] = withLivePoints([{ ...answer, notes }], points, 100);
  expect(series.mean).toEqual([1, 2, 30, 40]);
  expect(series.notes?.get(120_000)).toEqual({ flags: [], revision: 2 });
  expect(noteText(series.notes?.get(180_000), 'zh')).toBe(' (高湿)');
  expect(noteText({ flags: ['spike', 'fog'], revision: 1 }, 'en')).toBe(' (spike, fog, corrected)');
  expect(noteText(undefined, 'en')).toBe('');
});
