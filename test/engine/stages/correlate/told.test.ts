// What is told: once, again where it changed, corrected where it does not follow any more.

import { expect, test } from 'vitest';
import { type Draft, told } from '../../../../engine/stages/correlate/told.ts';

const minute = 60_000;
const draft = (unit: string, openedMs: number, rest: Partial<Draft> = {}): Draft => ({
  rule: 'straw-fire',
  unit,
  openedMs,
  gist: '',
  describe: () => ({ severity: 'warning', place: { district: 'D' }, sources: [], evidence: [], candidates: [] }),
  ...rest,
});
const at = (nowMs: number) => ({ nowMs, settledMs: 0 });
const said = (findings: readonly { readonly id: string; readonly state: string; readonly revision: number }[]) =>
  findings.map(({ id, state, revision }) => `${id} ${state} ${revision}`);

test('what stays as it is is told once', () => {
  const tellings = told();
  expect(said(tellings.update([draft('A', minute)], at(2 * minute)))).toEqual(['straw-fire:A:60000 open 0']);
  expect(tellings.update([draft('A', minute)], at(3 * minute))).toEqual([]);
});

test('a change of what matters, the end, and the end of the end are told', () => {
  const tellings = told();
  tellings.update([draft('A', minute)], at(2 * minute));
  expect(said(tellings.update([draft('A', minute, { gist: 'more' })], at(3 * minute)))).toEqual(['straw-fire:A:60000 open 1']);
  const over = draft('A', minute, { gist: 'more', closedMs: 3 * minute });
  expect(said(tellings.update([over], at(4 * minute)))).toEqual(['straw-fire:A:60000 closed 2']);
  const [again] = tellings.update([draft('A', minute, { gist: 'more' })], at(5 * minute));
  expect(again).toMatchObject({ state: 'open', revision: 3, foundMs: 2 * minute });
  expect(again).not.toHaveProperty('closedMs');
});

test('what does not follow any more is corrected once, and may come back', () => {
  const tellings = told();
  tellings.update([draft('A', minute)], at(2 * minute));
  expect(said(tellings.update([], at(3 * minute)))).toEqual(['straw-fire:A:60000 corrected 1']);
  expect(tellings.update([], at(4 * minute))).toEqual([]);
  expect(said(tellings.update([draft('A', minute)], at(5 * minute)))).toEqual(['straw-fire:A:60000 open 2']);
});

test('what closed before the rows that are held is forgotten, not corrected', () => {
  const tellings = told();
  tellings.update([draft('A', minute, { closedMs: 2 * minute })], at(3 * minute));
  expect(tellings.update([], { nowMs: 9 * minute, settledMs: 2 * minute + 1 })).toEqual([]);
  expect(tellings.save()).toEqual([]);
});

test('findings about what is no longer in the register close, and are told no more', () => {
  const before = told();
  before.update([draft('A', minute), draft('B', minute), draft('C', minute, { closedMs: 2 * minute })], at(2 * minute));
  before.leave(({ unit }) => unit !== 'B');
  const tellings = told();
  tellings.restore(before.save());
  const gone = tellings.update([draft('B', minute)], at(3 * minute));
  expect(gone).toMatchObject([{ unit: 'A', state: 'closed', closedBy: 'register', closedMs: 3 * minute, revision: 1 }]);
  expect(tellings.update([draft('B', minute)], at(4 * minute))).toEqual([]);
});

test('findings of a rule that is switched off close', () => {
  const tellings = told();
  tellings.update([draft('A', minute)], at(2 * minute));
  const off = told(() => false);
  off.restore(tellings.save());
  expect(said(off.update([draft('A', minute)], at(3 * minute)))).toEqual(['straw-fire:A:60000 closed 1']);
  expect(off.update([draft('A', minute)], at(4 * minute))).toEqual([]);
});
