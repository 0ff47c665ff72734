// Fires that rules may ask for.

import { expect, test } from 'vitest';
import type { Finding } from '../../../../engine/schema/finding.ts';
import { knownFires } from '../../../../engine/stages/correlate/knownFires.ts';

const hourMs = 3_600_000;
const fire = (unit: string, change: Partial<Finding> = {}): Finding => ({
  id: `straw-fire:${unit}:0`,
  rule: 'straw-fire',
  ruleVersion: 1,
  unit,
  openedMs: 0,
  foundMs: 0,
  state: 'open',
  revision: 0,
  severity: 'warning',
  place: { district: '131102', lon: 115.7, lat: 37.7 },
  sources: [],
  evidence: [],
  candidates: [],
  ...change,
});
const idsAfter = (findings: readonly Finding[], nowMs = hourMs) => {
  const fires = knownFires('straw-fire');
  fires.take([fire('a')], 0);
  fires.take(findings, nowMs);
  return fires.all.map(({ id }) => id);
};

test.each<[string, readonly Finding[], readonly string[]]>([
  ['nothing new', [], ['a']],
  ['another, by id', [fire('A')], ['A', 'a']],
  ['it moves', [fire('a', { place: { district: '', lon: 115.8, lat: 37.7 } })], ['a']],
  ['it was none', [fire('a', { state: 'corrected' })], []],
  ['of another rule', [fire('b', { rule: 'plant-smoke' })], ['a']],
  ['without a place', [fire('b', { place: { district: '131102' } })], ['a']],
])('what is known after: %s', (_, findings, want) => {
  expect(idsAfter(findings)).toEqual(want);
});

test('a fire that is out is kept for its smoke, and then forgotten', () => {
  const out = fire('a', { state: 'closed', closedMs: hourMs });
  const fires = knownFires('straw-fire');
  fires.take([out], hourMs);
  fires.take([], 5 * hourMs - 1);
  expect(fires.all).toHaveLength(1);
  fires.take([], 5 * hourMs);
  expect(fires.all).toEqual([]);
});
