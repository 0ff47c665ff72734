// What other rules change: findings that come, go, move.

import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../engine/schema/finding.ts';
import { textTable, widthOf } from '../../../simulator/lab/textTable.ts';
import { changesOf } from '../../../simulator/lab/whatIf.ts';
import { changesText } from '../../../simulator/lab/whatIfText.ts';

/** `opened-closed`, in minutes; no end: open. */
function findings(...spans: readonly string[]): readonly Finding[] {
  return spans.map((span) => {
    const [unit, times] = span.includes(':') ? span.split(':') : ['u', span];
    const [openedMs, closedMs] = times.split('-').map((text) => (text === '' ? undefined : Number(text) * 60_000));
    return {
      id: `treatment-off:${unit}:${openedMs}`,
      rule: 'treatment-off',
      ruleVersion: 1,
      unit,
      openedMs: openedMs as number,
      foundMs: (openedMs as number) + 60_000,
      ...(closedMs === undefined ? {} : { closedMs }),
      state: closedMs === undefined ? 'open' : 'closed',
      revision: 0,
      severity: 'warning',
      place: { district: '' },
      sources: [],
      evidence: [],
      candidates: [],
    };
  });
}

describe('changes', () => {
  test.each([
    [['10-20'], ['10-20'], ['same']],
    [['10-20'], [], ['goes']],
    [[], ['10-20'], ['comes']],
    [['10-20'], ['12-20'], ['moves']],
    [['10-20'], ['10-25'], ['moves']],
    [['10-20'], ['10-'], ['moves']],
    [['10-20'], ['20-30'], ['goes', 'comes']], // half-open: they share no time
    [['10-20'], ['10-14', '15-20'], ['moves', 'comes']], // one becomes two
    [['10-14', '15-20'], ['10-20'], ['moves', 'goes']],
    [['10-'], ['50-'], ['moves']],
    [['a:10-20'], ['b:10-20'], ['goes', 'comes']],
  ])('from %j to %j: %j', (before, after, want) => {
    expect(changesOf(findings(...before), findings(...after)).map(({ change }) => change)).toEqual(want);
  });

  test('are told by rule, and listed but for the same', () => {
    const text = changesText(changesOf(findings('10-20', '30-40', 'x:5-9'), findings('10-20', '32-40')), false);
    expect(text).toMatch(/treatment-off +生产时治理设施未开启 +3 +2 +0 +1 +1 +1/);
    expect(text).toMatch(/moves +treatment-off +u /);
    expect(text).not.toMatch(/^same/m);
    expect(changesText(changesOf(findings('10-20'), findings('10-20')), false)).toContain('Nothing changes.');
  });

  test('that are many are counted, not listed', () => {
    const many = findings(...Array.from({ length: 60 }, (_, i) => `u${i}:${i}-${i + 1}`));
    expect(changesText(changesOf(many, []), false)).toContain('… and 20 more');
    expect(changesText(changesOf(many, []), true)).not.toContain('more (');
  });
});

test('tables are straight with wide characters in them', () => {
  expect(widthOf('PM2.5倒挂')).toBe(9);
  expect(
    textTable([
      ['a', '1'],
      ['中文', '10'],
    ]),
  ).toEqual(['a      1', '中文  10']);
});
