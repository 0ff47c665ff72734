// CSV as Excel reads and writes it: encodings, quotes, formulas.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvBytes, csvEncodings, csvRows, decodeCsv, unguarded } from '../../../../engine/edge/plans/csvFile.ts';
import { encodeGb18030 } from '../../../../engine/edge/plans/gb18030.ts';

const gb = (text: string) => [...encodeGb18030(text)].map((byte) => byte.toString(16)).join(' ');

describe('GB18030', () => {
  test.each([
    ['A1', '41 31'],
    ['衡水', 'ba e2 cb ae'],
    ['ß', '81 30 89 38'],
    ['㐀', '81 39 ee 39'],
    ['𠮷', '95 34 b2 35'],
    ['\ud800', '3f'],
  ])('%s is %s', (text, want) => {
    expect(gb(text)).toBe(want);
  });

  test('is read back as it was by the decoder, whatever the text', () => {
    // Private use is not in the decoder's table.
    const char = fc.oneof(
      fc.integer({ min: 0x20, max: 0xd7ff }),
      fc.integer({ min: 0xf900, max: 0xffff }),
      fc.integer({ min: 0x10000, max: 0x10ffff }),
    );
    const text = fc.array(char, { maxLength: 50 }).map((codes) => String.fromCodePoint(...codes));
    const decoder = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(text, (each) => {
        expect(decoder.decode(encodeGb18030(each))).toBe(each);
      }),
      { numRuns: 300, seed: 9 },
    );
  });
});

describe('encodings are told from the bytes', () => {
  const text = '企业编号,县市区\r\nE1,桃城区\r\n';
  test.each([
    ['UTF-8', new TextEncoder().encode(text), 'utf-8'],
    ['UTF-8 with a mark', new TextEncoder().encode(`\ufeff${text}`), 'utf-8'],
    ['GB18030', encodeGb18030(text), 'gb18030'],
    ['UTF-16, Excel’s Unicode text', Uint8Array.from(Buffer.from(`\ufeff${text.replaceAll(',', '\t')}`, 'utf16le')), 'utf-16le'],
  ] as const)('%s', (_, bytes, encoding) => {
    const read = decodeCsv(bytes);
    expect(read?.encoding).toBe(encoding);
    expect(csvRows(read?.text ?? '')).toEqual([
      ['企业编号', '县市区'],
      ['E1', '桃城区'],
    ]);
  });

  test('what is none of them, or not what it is said to be, is not read', () => {
    expect(decodeCsv(Uint8Array.of(0x41, 0xff, 0xff))).toBeUndefined();
    expect(decodeCsv(encodeGb18030(text), 'utf-8')).toBeUndefined();
  });
});

describe('what is written', () => {
  test('has CR LF, a mark in UTF-8, quotes where they are needed, and no formulas', () => {
    const bytes = csvBytes(
      [
        ['a', '=1+1', 'x"y,z'],
        ['两\n行', -3, '@SUM(A1)'],
      ],
      'utf-8',
    );
    expect(Buffer.from(bytes).toString('utf8')).toBe('\ufeffa,\'=1+1,"x""y,z"\r\n"两\n行",-3,\'@SUM(A1)\r\n');
  });

  test.each(csvEncodings)('comes back in %s, and no cell of a text begins a formula', (encoding) => {
    const cell = fc.oneof(
      fc.constantFrom('=A1', '+1', '-1', '@x', '\t=1', '\r', '＝1', "'=1", "'", '"', '两\n行', 'a,b', ' x ', '𠮷', ''),
      fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => !/[\ud800-\udfff\ue000-\uf8ff\ufeff]/.test(text)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constant('k'), cell, cell, fc.constant('k')), { minLength: 1, maxLength: 6 }), (rows) => {
        const read = csvRows(decodeCsv(csvBytes(rows, encoding), encoding)?.text ?? '');
        expect(read.map((cells) => cells.map(unguarded))).toEqual(rows.map((cells) => cells.map(unguarded)));
        expect(read.flat().filter((each) => /^[=+\-@\t\r＝＋－＠]/.test(each))).toEqual([]);
      }),
      { numRuns: 200, seed: 10 },
    );
  });
});
