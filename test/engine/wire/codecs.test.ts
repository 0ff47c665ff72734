import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { pack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { columnsDecoder } from '../../../engine/wire/columns.ts';
import { decodeText } from '../../../engine/wire/control.ts';
import { encodeColumns } from '../../../engine/wire/encodeColumns.ts';
import type { Frame } from '../../../engine/wire/frame.ts';
import { decodeJson, encodeJson } from '../../../engine/wire/json.ts';
import { defaultWireLimits } from '../../../engine/wire/limits.ts';

const limits = { ...defaultWireLimits, rowsMax: 1000 };
const decode = (bytes: Uint8Array) => columnsDecoder(limits).decode(bytes);

const value = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.constant(Number.NaN));
const frame: fc.Arbitrary<Frame> = fc.integer({ min: 1, max: 30 }).chain((rows) =>
  fc.record({
    kind: fc.constant('air' as const),
    seq: fc.nat(),
    rows: fc.constant(rows),
    periodMs: fc.constantFrom(0, 60_000, 3_600_000),
    sources: fc.uniqueArray(
      fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((id) => id.length <= 64),
      { minLength: 3, maxLength: 3 },
    ),
    source: fc.array(fc.nat(2), { minLength: rows, maxLength: rows }).map((cells) => Uint16Array.from(cells)),
    time: fc
      .array(fc.integer({ min: 0, max: 4e12 }), { minLength: rows, maxLength: rows })
      .map((cells) => Float64Array.from(cells)),
    values: fc.record({ pm25: fc.array(value, { minLength: rows, maxLength: rows }).map((cells) => Float64Array.from(cells)) }),
    marks: fc.record({
      pm25: fc.array(fc.constantFrom(0, 78, 67), { minLength: rows, maxLength: rows }).map((cells) => Uint8Array.from(cells)),
    }),
  }),
);

describe('columns', () => {
  test('what is encoded is decoded again', () => {
    fc.assert(
      fc.property(frame, (given) => {
        expect(decode(encodeColumns(given))).toEqual({ frames: [given], problems: [], rowsRefused: 0 });
      }),
    );
  });

  test('a decoder reuses the list of sources while its bytes repeat, and takes a new one when they differ', () => {
    const decoder = columnsDecoder(limits);
    const make = (sources: string[]) =>
      encodeColumns({
        kind: 'air',
        rows: 1,
        periodMs: 0,
        sources,
        source: Uint16Array.of(0),
        time: Float64Array.of(1e12),
        values: { pm25: Float32Array.of(1) },
      });
    const names = (count: number) => Array.from({ length: count }, (_, i) => `station-${i}`);
    const [first, second, third] = [names(9), names(9), [...names(8), 'C']].map(
      (sources) => decoder.decode(make(sources)).frames[0].sources,
    );
    expect(second).toBe(first);
    expect(third).toEqual([...names(8), 'C']);
  });

  const good = {
    v: 1,
    kind: 'air',
    sources: ['A'],
    source: Buffer.from([0, 0]),
    time: Buffer.from(Float64Array.of(1e12).buffer),
    values: { pm25: Buffer.from(Float32Array.of(1).buffer) },
  };
  test.each([
    ['version', { ...good, v: 2 }, 'bad-version', 'v'],
    ['kind', { ...good, kind: 'smell' }, 'unknown-kind', 'kind'],
    ['metric', { ...good, values: { pm99: good.values.pm25 } }, 'unknown-metric', 'pm99'],
    ['field', { ...good, extra: 1 }, 'unknown-field', 'extra'],
    ['column length', { ...good, values: { pm25: Buffer.alloc(3) } }, 'bad-length', 'pm25'],
    ['time length', { ...good, time: Buffer.alloc(9) }, 'bad-length', 'time'],
    ['no time', { ...good, time: undefined }, 'bad-msgpack', undefined],
    ['source index', { ...good, source: Buffer.from([1, 0]) }, 'bad-source', 'source'],
    ['NaN time', { ...good, time: Buffer.from(Float64Array.of(Number.NaN).buffer) }, 'bad-time', 'time'],
    ['empty source', { ...good, sources: [''] }, 'bad-source', 'sources'],
    ['rows', { ...good, time: Buffer.alloc(8 * 1001), source: Buffer.alloc(2002), values: {} }, 'too-many-rows', 'time'],
    ['period', { ...good, periodMs: -1 }, 'bad-period', 'periodMs'],
    ['camera without id', { ...good, kind: 'camera', values: {} }, 'missing-id', 'id'],
  ])('a bad %s is refused by name', (_, map, code, field) => {
    const { frames, problems } = decode(pack(map));
    expect(frames).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code, ...(field === undefined ? {} : { field }) });
    expect(problems[0].allowed).toBeTruthy();
  });

  test('counts that lie are refused before anything is made', () => {
    for (const bytes of [
      [0xdf, 255, 255, 255, 255],
      [0x81, 0xa7, ...Buffer.from('sources'), 0xdd, 255, 255, 255, 255],
      [0x81, 0xa4, ...Buffer.from('time'), 0xc6, 255, 255, 255, 255],
    ]) {
      expect(decode(Uint8Array.from(bytes)).problems[0].code).toBe('bad-msgpack');
    }
  });

  test('any bytes give an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { frames, problems } = decode(bytes);
        expect(frames.length + problems.length).toBe(1);
      }),
      { numRuns: 2000 },
    );
  });

  test('changed and cut frames, in a process of their own: no death, none over 50 ms', () => {
    const fuzz = fileURLToPath(new URL('fuzzDecoder.ts', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', fuzz, '20000'], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ frames: 20000 });
  });
});

describe('JSON', () => {
  test('what is encoded is decoded again', () => {
    fc.assert(
      fc.property(frame, (given) => {
        const { frames, problems } = decodeJson(encodeJson(given), limits);
        expect(problems).toEqual([]);
        expect(frames.flatMap((each) => Array.from(each.values.pm25 ?? []))).toEqual(
          [...given.values.pm25].map((each) => (Object.is(each, -0) ? 0 : each)),
        );
        expect(frames.flatMap((each) => Array.from(each.time))).toEqual([...given.time]);
      }),
    );
  });

  const good = { kind: 'air', source: 'HS-001', time: '2026-01-05T08:00:00+08:00', pm25: 88.1 };
  test('a row for a person to type', () => {
    const { frames } = decodeJson(JSON.stringify(good), limits);
    expect(frames[0]).toMatchObject({ kind: 'air', rows: 1, sources: ['HS-001'], periodMs: 0 });
    expect(frames[0].time[0]).toBe(Date.parse(good.time));
  });

  test.each([
    ['time without offset', { ...good, time: '2026-01-05T08:00:00' }, 'bad-time', 'time'],
    ['text for a number', { ...good, pm25: '88' }, 'bad-value', 'pm25'],
    ['unknown field', { ...good, pm1: 3 }, 'unknown-field', 'pm1'],
    ['no source', { ...good, source: 5 }, 'bad-source', 'source'],
    ['unknown kind', { ...good, kind: 'x' }, 'unknown-kind', 'kind'],
    ['bad mark', { ...good, marks: { pm25: 'NN' } }, 'bad-value', 'marks.pm25'],
  ])('%s: the row is refused by name, its neighbour is taken', (_, row, code, field) => {
    const { frames, problems, rowsRefused } = decodeJson(JSON.stringify([row, good]), limits);
    expect(problems[0]).toMatchObject({ code, field, row: 0 });
    expect(rowsRefused).toBe(1);
    expect(frames[0].rows).toBe(1);
  });

  test('__proto__ and constructor are unknown fields, nothing more', () => {
    for (const field of ['__proto__', 'constructor', 'toString']) {
      expect(decodeJson(`{"kind":"air","source":"A","time":1e12,"${field}":{"a":1}}`, limits).problems[0].code).toBe(
        'unknown-field',
      );
    }
  });

  test('any text gives an answer', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        decodeJson(text, limits);
        decodeText(text);
      }),
      { numRuns: 2000 },
    );
  });
});
