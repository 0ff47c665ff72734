// What every history keeps of rows, windows and hours.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDuckdb } from '../../engine/edge/store/duckdb.ts';
import { memoryHistory } from '../../engine/edge/store/memory.ts';
import type { History } from '../../engine/pipeline/ports.ts';
import { hourMs, namesOf, outputsOf, t0 } from '../harness/outputs.ts';

const ids = ['HS-001', '站点 "二"; DROP TABLE air_1h'];
const sources = namesOf(ids);
const makers: readonly [string, () => Promise<History>][] = [
  ['duckdb', () => openDuckdb({ path: ':memory:', sources })],
  ['memory', async () => memoryHistory({ sources })],
];

describe.each(makers)('history: %s', (_, make) => {
  let history: History;
  beforeEach(async () => {
    history = await make();
  });
  afterEach(() => history.close());

  const series = (metrics: string[], size: 'raw' | '1h' = '1h', from = t0, to = t0 + 30 * hourMs) =>
    history.series({ kind: 'air', sources: ids, metrics, size, fromMs: from, toMs: to });
  const hours = (station: number, count: number, pm25 = 100) =>
    Array.from({ length: count }, (_, hour) => [{ station, hour, values: { pm25: pm25 + hour * 10 } }]);

  test('what is written is read back, in order of time, with unit', async () => {
    for (const output of outputsOf(ids, hours(0, 3))) await history.write(output);
    const answer = await series(['pm25', 'o3']);
    expect(answer.series[0]).toMatchObject({
      source: ids[0],
      metric: 'pm25',
      unit: 'µg/m³',
      startMs: [t0, t0 + hourMs, t0 + 2 * hourMs],
      mean: [10, 11, 12],
      min: [10, 11, 12],
      revision: [0, 0, 0],
    });
    expect(answer.series[1].mean).toEqual([null, null, null]);
    expect(answer.series[2].startMs).toEqual([]);
  });

  test('a revision replaces what was there', async () => {
    const rows = outputsOf(ids, [
      [{ station: 0, hour: 1, values: { pm25: 100 } }],
      [{ station: 0, hour: 0, values: { pm25: 900 } }],
    ]);
    for (const output of rows) await history.write(output);
    const { series: found } = await series(['pm25', 'pm25_24h']);
    expect(found[0].mean).toEqual([90, 10]);
    expect(found[0].revision).toEqual([0, 1]);
    expect(found[1].mean).toEqual([90, 50]);
  });

  test('the same output twice changes nothing', async () => {
    const outputs = outputsOf(ids, hours(0, 2));
    for (const output of [...outputs, ...outputs]) await history.write(output);
    expect((await series(['pm25'])).series[0].mean).toEqual([10, 11]);
  });

  test('the same key and revision written again with other values: the later one counts', async () => {
    for (const output of outputsOf(ids, hours(0, 1, 100))) await history.write(output);
    for (const output of outputsOf(ids, hours(0, 1, 500))) await history.write(output);
    expect((await series(['pm25'])).series[0].mean).toEqual([50]);
  });

  test('flags are kept with the window, by position; others have none', async () => {
    const outputs = outputsOf(ids, [
      [{ station: 0, hour: 0, values: { pm25: 100, co: 1000 } }],
      [{ station: 0, hour: 1, values: { pm25: 99_999, co: 300_000 } }],
    ]);
    for (const output of outputs) await history.write(output);
    const { series: found } = await series(['pm25', 'co', 'so2', 'pm25_24h']);
    expect(found[0].flags).toEqual({ 1: ['range'] });
    expect(found[1].flags).toEqual({ 1: ['range'] });
    expect(found[2].flags).toEqual({});
    expect((await series(['pm25', 'so2'], 'raw')).series.map(({ flags }) => flags).slice(0, 2)).toEqual([{ 1: ['range'] }, {}]);
  });

  test('the range is half-open', async () => {
    for (const output of outputsOf(ids, hours(0, 3))) await history.write(output);
    expect((await series(['pm25'], '1h', t0 + hourMs, t0 + 2 * hourMs)).series[0].mean).toEqual([11]);
  });

  test('any legal id is only a value', async () => {
    for (const output of outputsOf(ids, hours(1, 1))) await history.write(output);
    expect((await series(['pm25'])).series[1].mean).toEqual([10]);
    expect((await history.hours({ scope: 'station', place: ids[1], fromMs: t0, toMs: t0 + hourMs }))[0]).toMatchObject({
      place: ids[1],
      aqi: 15,
    });
  });

  test('places: district and city, with index and stations', async () => {
    for (const output of outputsOf(ids, [
      [
        { station: 0, hour: 0, values: { pm25: 1000 } },
        { station: 1, hour: 0, values: { pm25: 2000 } },
      ],
    ]))
      await history.write(output);
    const [city] = await history.hours({ scope: 'city', fromMs: t0, toMs: t0 + hourMs });
    expect(city).toMatchObject({
      place: '131100',
      aqi: 200,
      primary: ['pm25'],
      stations: 2,
      stationsAll: 2,
      mean: { pm25: 150 },
    });
    expect(await history.hours({ scope: 'district', fromMs: t0, toMs: t0 + hourMs })).toHaveLength(1);
  });

  test('raw rows are there, and go when they are dropped', async () => {
    for (const output of outputsOf(ids, hours(0, 3))) await history.write(output);
    expect((await series(['pm25'], 'raw')).series[0].mean).toEqual([10, 11, 12]);
    await history.dropRawBefore(t0 + 2 * hourMs);
    expect((await series(['pm25'], 'raw')).series[0].mean).toEqual([12]);
  });

  test('ten thousand rows at once, asked for a few sources of many', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `S${i}`);
    const large = await (history.name === 'duckdb'
      ? openDuckdb({ path: ':memory:', sources: namesOf(many) })
      : memoryHistory({ sources: namesOf(many) }));
    for (const output of outputsOf(many, [many.map((_, station) => ({ station, hour: 0, values: { pm25: station } }))]))
      await large.write(output);
    const answer = await large.series({
      kind: 'air',
      sources: ['S9999', 'nobody', 'S7'],
      metrics: ['pm25'],
      size: '1h',
      fromMs: t0,
      toMs: t0 + hourMs,
    });
    expect(answer.series.map(({ source, mean }) => [source, mean])).toEqual([
      ['S9999', [999.9]],
      ['nobody', []],
      ['S7', [0.7]],
    ]);
    await large.close();
  });

  test('rows that are in no window stand apart, the newest first, with the reason', async () => {
    const late = outputsOf(ids, [
      [{ station: 0, hour: 60, values: { pm25: 1 } }],
      [{ station: 0, hour: 1, values: { pm25: 123, co: 4567 } }],
      [{ station: 1, hour: 60, values: {} }],
    ]);
    for (const output of late) await history.write(output);
    const rows = await history.rowsApart({ limit: 10 });
    expect(rows).toMatchObject([
      { kind: 'air', source: ids[1], bin: 'rejected', problem: 'empty-row', values: { pm25: null } },
      {
        source: ids[0],
        eventMs: t0 + hourMs,
        periodMs: hourMs,
        bin: 'lateDiverted',
        problem: '',
        values: { pm25: 12.3, co: 4.567 },
      },
    ]);
    expect(await history.rowsApart({ limit: 10, bin: 'lateDiverted' })).toHaveLength(1);
    expect(await history.rowsApart({ limit: 1 })).toMatchObject([{ bin: 'rejected' }]);
    await history.keepApart(5);
    expect(await history.rowsApart({ limit: 10 })).toHaveLength(2);
    await history.keepApart(0);
    expect(await history.rowsApart({ limit: 10 })).toEqual([]);
  });

  test('a flood of refused rows does not push late ones out: each bin keeps its own newest', async () => {
    const outputs = outputsOf(ids, [
      [{ station: 0, hour: 60, values: { pm25: 1 } }],
      [1, 2, 3].map((hour) => ({ station: 0, hour, values: { pm25: hour } })),
      ...Array.from({ length: 5 }, (_, i) => Array.from({ length: 20 }, () => ({ station: 1, hour: 60 + i, values: {} }))),
    ]);
    for (const output of outputs) await history.write(output);
    await history.keepApart(2);
    expect((await history.rowsApart({ limit: 1_000 })).map(({ bin }) => bin)).toEqual([
      'rejected',
      'rejected',
      'lateDiverted',
      'lateDiverted',
    ]);
    expect((await history.rowsApart({ limit: 1_000, bin: 'lateDiverted' })).map(({ values }) => values.pm25)).toEqual([0.3, 0.2]);
    expect((await history.rowsApart({ limit: 1_000, bin: 'rejected' })).map(({ eventMs }) => eventMs)).toEqual(
      Array<number>(2).fill(t0 + 64 * hourMs),
    );
    expect(await history.rowsApart({ limit: 1_000, bin: 'quarantined' })).toEqual([]);
  });

  test('a time that is none is refused', async () => {
    await expect(series(['pm25'], '1h', Number.NaN)).rejects.toThrow(/allowed: epoch ms/);
    await expect(history.hours({ scope: 'city', fromMs: 0, toMs: 1e300 })).rejects.toThrow(/allowed: epoch ms/);
  });

  test('an unknown metric is refused by name', async () => {
    await expect(series(['pm25"; --'])).rejects.toThrow(/allowed for air at 1h: pm25/);
  });

  test('writes at the same time all arrive', async () => {
    await Promise.all(outputsOf(ids, hours(0, 24)).map((output) => history.write(output)));
    expect((await series(['aqi'])).series[0].mean).toHaveLength(24);
  });
});
