// What may be done to a warning, and the sentence that says why not.

import { describe, expect, test } from 'vitest';
import { whyNot } from '../../../engine/domain/warningMoves.ts';
import type {
  Proposal,
  ProposalAction,
  Warning,
  WarningCommand,
  WarningLevel,
  WarningState,
} from '../../../engine/schema/warning.ts';

const proposal = (action: ProposalAction, level: WarningLevel, state: Proposal['state']): Proposal => ({
  id: 'proposal:1',
  action,
  level,
  effectiveMs: 10,
  state,
  revision: 0,
  proposedMs: 0,
  isFastStart: false,
});
const warning = (state: WarningState, level?: WarningLevel, waits?: Proposal): Warning => ({
  id: 'warning:1',
  criteria: 'mee-2024',
  revision: 0,
  state,
  level,
  proposal: waits,
  changes: [],
});
const inForce = warning('in-force', 'orange');
const waiting = warning('proposed', undefined, proposal('start', 'yellow', 'proposed'));
const submitted = warning('submitted', undefined, proposal('start', 'yellow', 'submitted'));
const upgrading = warning('in-force', 'yellow', proposal('upgrade', 'orange', 'issued'));
const lifting = warning('in-force', 'yellow', proposal('lift', 'yellow', 'issued'));

type Given = Partial<WarningCommand> & Pick<WarningCommand, 'action'>;
const ask = (warnings: readonly Warning[], command: Given) => whyNot(warnings, { name: 'warning', by: 'wang', ...command });

describe('what can be done', () => {
  test.each<[string, readonly Warning[], Given]>([
    ['a start where nothing is', [], { action: 'propose', kind: 'start', level: 'red' }],
    ['a start after one that was lifted', [warning('lifted')], { action: 'propose', kind: 'start', level: 'red' }],
    ['a start while one is about to be lifted', [lifting], { action: 'propose', kind: 'start', level: 'yellow' }],
    ['an upgrade', [inForce], { action: 'propose', kind: 'upgrade', level: 'red' }],
    ['an upgrade beyond one that is about to be', [upgrading], { action: 'propose', kind: 'upgrade', level: 'red' }],
    ['a downgrade by two', [warning('in-force', 'red')], { action: 'propose', kind: 'downgrade', level: 'yellow' }],
    ['a lift', [inForce], { action: 'propose', kind: 'lift', level: 'orange' }],
    ['a lift without naming what ends', [inForce], { action: 'propose', kind: 'lift' }],
    ['a lift before it has begun', [warning('issued', 'orange')], { action: 'propose', kind: 'lift' }],
    ['an edit', [waiting], { action: 'edit', proposal: 'proposal:1', level: 'orange', why: 'x' }],
    ['an edit of what was submitted', [submitted], { action: 'edit', proposal: 'proposal:1', effectiveMs: 5, why: 'x' }],
    ['a submission', [waiting], { action: 'submit', proposal: 'proposal:1' }],
    ['an issue', [submitted], { action: 'issue', proposal: 'proposal:1' }],
    ['a rejection', [submitted], { action: 'reject', proposal: 'proposal:1', why: 'x' }],
    ['a withdrawal', [waiting], { action: 'withdraw', proposal: 'proposal:1', why: 'x' }],
    ['a withdrawal of what was submitted', [submitted], { action: 'withdraw', proposal: 'proposal:1', why: 'x' }],
  ])('%s', (_, warnings, command) => {
    expect(ask(warnings, command)).toBeUndefined();
  });
});

describe('what cannot be done', () => {
  const one = { proposal: 'proposal:1' };
  test.each<[string, readonly Warning[], Given, RegExp]>([
    ['nobody', [], { action: 'propose', kind: 'start', level: 'red', by: ' ' }, /"by" is missing/],
    ['an edit without a reason', [waiting], { action: 'edit', ...one, level: 'red' }, /"why" is missing: needed to edit/],
    ['a rejection without a reason', [submitted], { action: 'reject', ...one }, /"why" is missing/],
    ['a withdrawal with an empty reason', [waiting], { action: 'withdraw', ...one, why: ' ' }, /"why" is missing/],
    ['no kind', [], { action: 'propose', level: 'red' }, /"kind" is missing/],
    ['no level', [], { action: 'propose', kind: 'start' }, /"level" is missing/],
    [
      'a time that is none',
      [],
      { action: 'propose', kind: 'start', level: 'red', effectiveMs: Number.NaN },
      /"effectiveMs" is NaN/,
    ],
    [
      'an end before the beginning',
      [],
      { action: 'propose', kind: 'start', level: 'red', effectiveMs: 9, untilMs: 9 },
      /"untilMs" is 9/,
    ],
    ['an id with propose', [], { action: 'propose', ...one, kind: 'start', level: 'red' }, /no id yet/],
    ['a second proposal', [waiting], { action: 'propose', kind: 'start', level: 'red' }, /proposal:1 is proposed: edit it/],
    ['a start of what is in force', [inForce], { action: 'propose', kind: 'start', level: 'red' }, /warning:1 is at orange/],
    ['an upgrade of nothing', [], { action: 'propose', kind: 'upgrade', level: 'red' }, /nothing to upgrade/],
    ['a lift of what was lifted', [warning('lifted')], { action: 'propose', kind: 'lift' }, /nothing to lift/],
    ['a lift of what is about to be lifted', [lifting], { action: 'propose', kind: 'lift' }, /nothing to lift/],
    ['an upgrade to the same', [inForce], { action: 'propose', kind: 'upgrade', level: 'orange' }, /from orange to a higher one/],
    ['an upgrade to what is about to be', [upgrading], { action: 'propose', kind: 'upgrade', level: 'orange' }, /from orange/],
    ['a downgrade upwards', [inForce], { action: 'propose', kind: 'downgrade', level: 'red' }, /to a lower one/],
    ['a lift of another level', [inForce], { action: 'propose', kind: 'lift', level: 'red' }, /a lift ends orange/],
    ['no proposal', [waiting], { action: 'submit' }, /"proposal" is missing/],
    [
      'a proposal that never was',
      [waiting],
      { action: 'submit', proposal: 'proposal:9' },
      /proposal:9 does not wait.*proposal:1 is proposed/,
    ],
    ['one that was issued', [upgrading], { action: 'withdraw', ...one, why: 'x' }, /proposal:1 is issued/],
    ['anything where nothing is', [], { action: 'issue', ...one }, /does not wait/],
    ['a second submission', [submitted], { action: 'submit', ...one }, /is submitted already/],
    ['an issue without a submission', [waiting], { action: 'issue', ...one }, /is proposed; allowed for issue: submitted/],
    ['a rejection without a submission', [waiting], { action: 'reject', ...one, why: 'x' }, /allowed for reject: submitted/],
    ['an edit of nothing', [waiting], { action: 'edit', ...one, why: 'x' }, /nothing to edit/],
    [
      'an edit to another kind',
      [waiting],
      { action: 'edit', ...one, kind: 'lift', level: 'red', why: 'x' },
      /withdraw it and propose/,
    ],
    [
      'an edit that makes a downgrade of an upgrade',
      [warning('in-force', 'orange', proposal('upgrade', 'red', 'proposed'))],
      { action: 'edit', ...one, level: 'yellow', why: 'x' },
      /from orange to a higher one/,
    ],
  ])('%s', (_, warnings, command, want) => {
    expect(ask(warnings, command)).toMatch(want);
  });
});
