import { expect, test } from 'vitest';
import { decodeText } from '../../../engine/wire/control.ts';

const hello = (more: object) => decodeText(JSON.stringify({ type: 'hello', feed: 'f', ...more }));

test('a hello may ask for orders', () => {
  expect(hello({ orders: true })).toMatchObject({ control: { type: 'hello', orders: true } });
  expect(hello({})).toEqual({ control: { type: 'hello', feed: 'f' } });
});

test.each([false, 1, 'yes', null])('orders may not be %j', (orders) => {
  expect(hello({ orders })).toMatchObject({ problem: { code: 'bad-hello', field: 'orders', value: String(orders) } });
});

test('a field that nobody knows does no harm', () => {
  expect(hello({ later: 1 })).toEqual({ control: { type: 'hello', feed: 'f' } });
});
