// Sources by index: known, unknown, gone, and back, as the flow is told of them.

import { expect, test } from 'vitest';
import { goneText, sourceTable } from '../../../engine/edge/ingest/sourceTable.ts';
import type { Register, Source } from '../../../engine/schema/register.ts';

const source = (id: string, kind: Source['kind'] = 'power'): Source => ({ kind, id, zh: `${id}号`, district: '1' });
const unknown = (id: string): Source => ({ kind: 'power', id, zh: id, district: '' });
const registerOf = (...sources: readonly Source[]) => ({ sources }) as unknown as Register;
const [a, b, c, d] = ['A', 'B', 'C', 'D'].map((id) => source(id));

function tableOf(register: Register, strict = false) {
  const table = sourceTable({ strict });
  table.addRegister(register);
  table.takeNew();
  return table;
}

test('what is gone keeps its index, and is told once', () => {
  const table = tableOf(registerOf(a, b, c, source('S', 'air')));
  expect(table.keepOnly(registerOf(b, source('S', 'air')))).toEqual([a, c]);
  expect(table.keepOnly(registerOf(b, source('S', 'air')))).toEqual([]);
  expect(table.takeNew()).toEqual([{ name: 'sources-gone', kind: 'power', sources: [0, 2] }]);
  expect(table.takeNew()).toEqual([]);
  expect(table.source('power', 0)).toEqual(a);
  expect(table.indexOf('power', 'B')).toBe(1);
});

test('what is gone and sends is unknown: refused when strict, else at its index without a district', () => {
  const strict = tableOf(registerOf(a, b), true);
  strict.keepOnly(registerOf(a));
  expect(strict.indexOf('power', 'B')).toBe(-1);
  const table = tableOf(registerOf(a, b));
  table.keepOnly(registerOf(a));
  expect([table.indexOf('power', 'B'), table.indexOf('power', 'B')]).toEqual([1, 1]);
  expect(table.source('power', 1), 'until the flow is told').toEqual(b);
  expect(table.takeNew()).toEqual([
    { name: 'sources-gone', kind: 'power', sources: [1] },
    { name: 'sources', kind: 'power', first: 1, sources: [unknown('B')] },
  ]);
  expect(table.source('power', 1)).toEqual(unknown('B'));
  expect(table.keepOnly(registerOf(a)), 'it was never in a register since').toEqual([]);
});

test('what the register has again, or has now, is what it says', () => {
  const table = tableOf(registerOf(a, b, c));
  expect(table.indexOf('power', 'D')).toBe(3);
  table.keepOnly(registerOf(a));
  table.takeNew();
  table.addRegister(registerOf(a, b, c, d, source('E')));
  expect(table.takeNew()).toEqual([
    { name: 'sources', kind: 'power', first: 1, sources: [b, c, d] },
    { name: 'sources', kind: 'power', first: 4, sources: [source('E')] },
  ]);
  table.addRegister(registerOf(a, b, c, d));
  expect(table.takeNew()).toEqual([]);
});

test('a recording, or a state, makes the same table', () => {
  const table = tableOf(registerOf(a, b, c));
  table.keepOnly(registerOf(c));
  const commands = [...table.announced(), ...table.takeNew()];
  table.indexOf('power', 'B');
  expect(table.announced(), 'what the flow was not told is not in it').toEqual([
    { name: 'sources', kind: 'power', first: 0, sources: [a, b, c] },
    { name: 'sources-gone', kind: 'power', sources: [0, 1] },
  ]);
  commands.push(...table.takeNew());
  const again = sourceTable({ strict: true });
  for (const command of commands) again.learn(command);
  expect(again.announced()).toEqual(table.announced());
  expect(['A', 'B', 'C'].map((id) => again.indexOf('power', id))).toEqual([-1, 1, 2]);
  expect(() => again.learn({ name: 'sources', kind: 'power', first: 4, sources: [d] })).toThrow('source 4, but 3 are known');
  expect(() => again.learn({ name: 'sources', kind: 'power', first: 0, sources: [d] })).toThrow('source 0, but 3 are known');
});

test('an operator is told how many are gone, and the first of them', () => {
  const rest = 'rows of theirs are those of unknown sources from here on';
  expect(goneText([a])).toBe(`no longer in the register: power A; ${rest}`);
  const many = Array.from({ length: 7 }, (_, i) => source(`P${i}`));
  expect(goneText(many)).toBe(`no longer in the register: power P0, power P1, power P2, power P3, power P4 and 2 more; ${rest}`);
});
