import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEntry, encodeEntry, type JournalEntry, journalVersion } from '../../../../engine/edge/journal/entries.ts';
import type { Batch } from '../../../../engine/schema/batch.ts';
import { catalog, type Kind, kinds } from '../../../../engine/schema/catalog.ts';
import { testOptions } from '../../../harness/outputs.ts';

const value = fc.oneof(
  fc.constant(Number.NaN),
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, -0x80000000, 0x7fffffff, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)),
  fc.integer({ min: -5, max: 5 }).map((each) => 1_767_571_200_000 + each * 0x3fffffff),
);

const batchOf = (kind: Kind, rows: number) => {
  const column = fc.oneof(
    fc.array(value, { minLength: rows, maxLength: rows }),
    value.map((each) => Array<number>(rows).fill(each)),
  );
  const { metrics, text, event } = catalog[kind];
  const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: rows, maxLength: rows });
  return fc.record({
    source: fc.array(fc.nat(100_000), { minLength: rows, maxLength: rows }).map((each) => Uint32Array.from(each)),
    eventMs: column.map((each) => Float64Array.from(each)),
    periodMs: column.map((each) => Float64Array.from(each)),
    values: fc.tuple(...metrics.map(() => column.map((each) => Float64Array.from(each)))),
    marks: fc.option(
      fc.tuple(...metrics.map(() => fc.option(fc.uint8Array({ minLength: rows, maxLength: rows }), { nil: undefined }))),
      { nil: undefined },
    ),
    id: event ? texts : fc.constant(undefined),
    text: fc.tuple(...text.map(() => texts)).map((columns) => Object.fromEntries(text.map((name, i) => [name, columns[i]]))),
  });
};

test('every batch comes back bit by bit, with empty quality and bins', () => {
  const given = fc
    .tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 12 }))
    .chain(([kind, rows]) => fc.tuple(fc.constant(kind), fc.constant(rows), batchOf(kind, rows)));
  fc.assert(
    fc.property(given, ([kind, rows, { marks, id, text, ...columns }]) => {
      const batch = {
        kind,
        feed: 3,
        rows,
        ...columns,
        quality: catalog[kind].metrics.map(() => new Uint8Array(rows)),
        ...(marks === undefined ? {} : { marks }),
        ...(id === undefined ? {} : { id }),
        ...(Object.keys(text).length === 0 ? {} : { text }),
        bin: new Uint8Array(rows),
        reason: new Uint8Array(rows),
      };
      const decoded = decodeEntry(encodeEntry({ type: 'rows', batch }));
      expect(decoded).toEqual({ type: 'rows', batch });
      // toEqual does not tell -0 from 0, nor one NaN from another.
      const bits = (array: Float64Array) => Array.from(array, (each) => (Object.is(each, -0) ? '-0' : String(each)));
      const again = (decoded as { batch: Batch }).batch;
      expect(again.values.map(bits)).toEqual(batch.values.map(bits));
    }),
  );
});

test.each<JournalEntry>([
  { type: 'tick', nowMs: 1_767_571_200_000 },
  { type: 'feed', index: 2, name: '网关 7' },
  { type: 'refused', feed: 0, kind: 'air', rows: 12, code: 'bad-time' },
  {
    type: 'command',
    command: { name: 'sources', kind: 'air', first: 0, sources: [{ kind: 'air', id: 'A', zh: '甲', district: '', lon: 115.5 }] },
  },
])('%j comes back', (entry) => {
  expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
});

test('another version is refused with both numbers', () => {
  const pipeline = testOptions();
  const begin = (version: number) => encodeEntry({ type: 'begin', version, pipeline });
  expect(decodeEntry(begin(journalVersion))).toEqual({ type: 'begin', version: journalVersion, pipeline });
  expect(() => decodeEntry(begin(9))).toThrow('of version 9; this Lantian reads version 3');
});
