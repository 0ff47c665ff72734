// What the writer writes is what any reader of MessagePack reads, in the shortest form.

import { pack } from 'msgpackr';
import { expect, test } from 'vitest';
import { MsgpackWriter } from '../../../engine/wire/msgpackWriter.ts';

const writer = new MsgpackWriter();

function written(write: (to: MsgpackWriter) => void): Buffer {
  writer.clear();
  write(writer);
  return Buffer.from(writer.since(0));
}

test.each([0, 1, 10, 11, 31, 32, 255, 256, 65_535, 65_536])('a text of %d bytes, and bytes of that length', (length) => {
  const text = 'a'.repeat(length);
  expect(written((to) => to.text(text)).equals(pack(text))).toBe(true);
  const bytes = Buffer.alloc(length, 7);
  expect(written((to) => to.bin(bytes)).equals(pack(bytes))).toBe(true);
});

test.each(['蓝天', '一二三', '一二三四五六七八九十', '一二三四五六七八九十一', '🏭'.repeat(9)])(
  'the text %s, longer in bytes than in characters',
  (text) => {
    expect(written((to) => to.text(text)).equals(Buffer.from(pack(text)))).toBe(true);
  },
);

test('half a character is written as the replacement character, which is UTF-8', () => {
  expect(written((to) => to.text('\ud800')).equals(pack('\ufffd'))).toBe(true);
});

test.each([0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER])('the number %d', (value) => {
  expect(written((to) => to.uint(value)).equals(pack(value))).toBe(true);
});

test.each([0, 15, 16, 65_535, 65_536])('an array and a map of %d entries', (size) => {
  const zeros = new Array(size).fill(0);
  const array = written((to) => {
    to.array(size);
    for (const zero of zeros) to.uint(zero);
  });
  expect(array.equals(pack(zeros))).toBe(true);
  const head = written((to) => to.map(size));
  expect(head.toString('hex')).toBe({ 0: '80', 15: '8f', 16: 'de0010', 65535: 'deffff', 65536: 'df00010000' }[size]);
});

test('a message that was given away stays as it is when the next one is written, also in a larger buffer', () => {
  const first = written((to) => to.text('first'));
  written((to) => to.bin(Buffer.alloc(1_000_000)));
  expect(first.toString('latin1')).toBe('\xa5first');
});
