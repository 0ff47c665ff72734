// Every transition of a warning: what the engine proposes, what people do, what the clock does.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Assessment,
  type Warning,
  type WarningCommand,
  type WarningLevel,
  warningLevels,
} from '../../../../engine/schema/warning.ts';
import type { Outlook, View } from '../../../../engine/stages/emergency/outlook.ts';
import { rankOf } from '../../../../engine/stages/emergency/warningLife.ts';
import type { WarningOptions } from '../../../../engine/stages/emergency/warningOptions.ts';
import { warningKeeper } from '../../../../engine/stages/emergency/warnings.ts';
import { at, hourMs, optionsWith, story } from '../../../harness/warnings.ts';

interface Seen {
  /** Met by fine particles. */
  readonly met?: WarningLevel;
  /** Met by anything; by default what fine particles do. */
  readonly lower?: WarningLevel;
  readonly cannotTell?: boolean;
  readonly isClear?: boolean;
  readonly isFallback?: boolean;
  readonly isFastStart?: boolean;
  /** Hours after day 0. */
  readonly begin?: number;
  readonly until?: number;
  /** Another episode, behind this one. */
  readonly next?: { readonly met: WarningLevel; readonly begin: number };
}

function outlook(seen: Seen): Outlook {
  const { met, lower = met, cannotTell = false, isFallback = false, isFastStart = false, begin = -100, until } = seen;
  const assessment: Assessment = {
    atMs: 0,
    criteria: 'mee-2024',
    reading: 'blocks',
    level: lower,
    cannotTell,
    reason: { zh: '', en: '' },
  };
  const view: View = {
    assessment,
    metRank: rankOf(met),
    ...(!cannotTell && { lowerRank: rankOf(lower) }),
    isClear: seen.isClear ?? false,
    isFastStart,
    beginMs: at(begin),
    endMs: Number.POSITIVE_INFINITY,
    ...(until !== undefined && { untilMs: at(until) }),
  };
  const behind = seen.next && {
    ...view,
    assessment: { ...assessment, level: seen.next.met },
    metRank: rankOf(seen.next.met),
    beginMs: at(seen.next.begin),
  };
  return { views: [view, ...(behind === undefined ? [] : [behind])], isFallback, liftMs: 36 * hourMs, mergeMs: 36 * hourMs };
}

const clear: Seen = { isClear: true };

/** A keeper with a clock in hours; a look is one assessment. */
function city(options: Partial<WarningOptions> = {}) {
  const keeper = warningKeeper(optionsWith(options), () => 'mee-2024');
  let now = 0;
  let newest: Warning | undefined;
  const ids: string[] = [];
  const tell = () => {
    for (const warning of keeper.told()) {
      newest = warning;
      if (!ids.includes(warning.id)) ids.push(warning.id);
    }
  };
  const self = {
    look(hour: number, seen: Seen) {
      now = hour;
      keeper.advance(at(hour));
      keeper.consider(outlook(seen), at(hour));
      tell();
      return self;
    },
    /** An assessment an hour, `to` included. */
    hold(from: number, to: number, seen: Seen) {
      for (let hour = from; hour <= to; hour++) self.look(hour, seen);
      return self;
    },
    clock(hour: number) {
      now = hour;
      keeper.advance(at(hour));
      tell();
      return self;
    },
    act(action: WarningCommand['action'], more: Partial<WarningCommand> = {}) {
      const proposal = action === 'propose' ? undefined : newest?.proposal?.id;
      keeper.act({ name: 'warning', action, by: 'wang', why: 'because', proposal, ...more }, at(now));
      tell();
      return self;
    },
    sign() {
      return self.act('submit').act('issue', { by: 'li' });
    },
    get warning() {
      return newest as Warning;
    },
    get story() {
      return story(newest?.changes ?? []);
    },
    ids,
  };
  return self;
}

/** Orange, in force since 08:00 of the second day; last change at hour 32. */
const orange = (options?: Partial<WarningOptions>) => city(options).look(1, { met: 'orange' }).sign().clock(32);

describe('a start', () => {
  test.each([
    ['at least 24 h ahead, at the next start hour', 3, -100, 32],
    ['exactly 24 h ahead', 8, -100, 32],
    ['a second too late for it', 8 + 1 / 3600, -100, 36],
    ['across midnight', 19, -100, 48],
    ['not before the air is heavy: the start hour before', 3, 50, 48],
    ['at the start hour itself', 3, 48, 48],
  ])('%s', (_, hour, begin, effective) => {
    const { warning } = city().look(hour, { met: 'yellow', begin, until: 200 });
    expect(warning).toMatchObject({ id: 'warning:1', state: 'proposed', criteria: 'mee-2024', revision: 0 });
    expect(warning.level).toBeUndefined();
    expect(warning.proposal).toMatchObject({
      id: 'proposal:1',
      action: 'start',
      level: 'yellow',
      effectiveMs: at(effective),
      untilMs: at(200),
      isFastStart: false,
    });
    expect(warning.proposal?.by).toBeUndefined();
  });

  test('what begins in more than two days waits', () => {
    const one = city().hold(0, 11, { met: 'red', begin: 60 });
    expect(one.ids).toEqual([]);
    expect(one.look(12, { met: 'red', begin: 60 }).warning.proposal).toMatchObject({ effectiveMs: at(60) });
  });

  test('heavy already and no improvement: at once', () => {
    const one = city().look(3.5, { met: 'orange', isFastStart: true });
    expect(one.warning.proposal).toMatchObject({ isFastStart: true, effectiveMs: at(3.5) });
    expect(one.sign().clock(3.6).warning).toMatchObject({ state: 'in-force', level: 'orange', fromMs: at(3.5) });
  });

  test('dust and ozone start nothing', () => {
    expect(city().hold(0, 50, { lower: 'red' }).ids).toEqual([]);
  });

  test('signed, it is in force from its hour on, by the clock', () => {
    const one = city().look(3, { met: 'yellow' });
    one.act('submit');
    expect(one.warning).toMatchObject({ state: 'submitted', proposal: { state: 'submitted' } });
    one.act('issue', { by: 'li' });
    expect(one.warning).toMatchObject({ state: 'issued', level: 'yellow', fromMs: at(32), proposal: { state: 'issued' } });
    expect(one.clock(31.9).warning.state).toBe('issued');
    expect(one.clock(32).warning).toMatchObject({ state: 'in-force', level: 'yellow', proposal: undefined });
    expect(one.story).toEqual(['proposed yellow 3', 'submitted yellow 3', 'issued yellow 3', 'in-force yellow 32']);
    expect(one.warning.changes.map(({ by }) => by)).toEqual([undefined, 'wang', 'li', undefined]);
  });

  test('signed after its hour, it does not hold before it was signed', () => {
    const one = city().look(3, { met: 'yellow' }).act('submit').clock(40).act('issue');
    expect(one.clock(40).warning).toMatchObject({ state: 'in-force', fromMs: at(40) });
  });

  test('unsigned at its hour, it is proposed for a later one', () => {
    const one = city().hold(3, 32, { met: 'yellow' });
    expect(one.warning.proposal).toMatchObject({ id: 'proposal:1', revision: 1, effectiveMs: at(56) });
    expect(one.story).toEqual(['proposed yellow 3', 'proposed yellow 32']);
  });

  test('as long as nobody has touched it, it follows what is met: up at once, down and away after the hold', () => {
    const one = city().look(3, { met: 'yellow' }).look(4, { met: 'orange' });
    expect(one.warning.proposal).toMatchObject({ level: 'orange', revision: 1 });
    one.hold(5, 16, { met: 'yellow' });
    expect(one.warning.proposal).toMatchObject({ level: 'orange', revision: 1 });
    one.look(17, { met: 'yellow' });
    expect(one.warning.proposal).toMatchObject({ level: 'yellow', revision: 2 });
    one.hold(18, 30, {});
    expect(one.warning).toMatchObject({ state: 'withdrawn', proposal: undefined });
    expect(one.story).toEqual(['proposed yellow 3', 'proposed orange 4', 'proposed yellow 17', 'withdrawn yellow 30']);
  });

  test('what a person has edited or submitted is theirs', () => {
    const edited = city()
      .look(3, { met: 'yellow' })
      .act('edit', { effectiveMs: at(40) });
    expect(edited.hold(4, 39, { met: 'red' }).warning.proposal).toMatchObject({
      level: 'yellow',
      effectiveMs: at(40),
      revision: 1,
    });
    const sent = city().look(3, { met: 'yellow' }).act('submit');
    expect(sent.hold(4, 39, {}).warning).toMatchObject({ state: 'submitted', proposal: { level: 'yellow', revision: 0 } });
  });
});

describe('an upgrade', () => {
  test('as soon as it is met, for the next start hour; the old level holds until then', () => {
    const one = orange().look(33, { met: 'red' });
    expect(one.warning).toMatchObject({ state: 'in-force', level: 'orange' });
    expect(one.warning.proposal).toMatchObject({ id: 'proposal:2', action: 'upgrade', level: 'red', effectiveMs: at(36) });
    expect(one.sign().warning).toMatchObject({ state: 'in-force', level: 'orange', proposal: { state: 'issued', level: 'red' } });
    expect(one.clock(36).warning).toMatchObject({ state: 'in-force', level: 'red', fromMs: at(36), proposal: undefined });
    expect(one.story.slice(-4)).toEqual(['proposed red 33', 'submitted red 33', 'issued red 33', 'upgraded red 36']);
  });

  test('at once where it is heavy and stays so', () => {
    const one = orange().look(33, { met: 'red', isFastStart: true }).sign().clock(33.01);
    expect(one.warning).toMatchObject({ level: 'red', fromMs: at(33) });
  });

  test('of what is issued and has not begun: from its own hour on, and nothing lower before', () => {
    const one = city().look(3, { met: 'yellow' }).sign().look(5, { met: 'orange' }).sign();
    expect(one.warning).toMatchObject({ state: 'issued', level: 'orange', fromMs: at(32) });
    expect(one.clock(32).story.at(-1)).toBe('in-force orange 32');
  });

  test('a second one does not wait for the first to take effect', () => {
    const one = city()
      .look(3, { met: 'yellow' })
      .sign()
      .clock(32)
      .look(37, { met: 'orange' })
      .sign()
      .look(38, { met: 'red' })
      .sign();
    expect(one.clock(42).story.slice(-2)).toEqual(['issued red 38', 'upgraded red 42']);
  });

  test('that is no longer met before anybody signs it goes away; the warning stays', () => {
    const one = orange().look(33, { met: 'red' }).hold(34, 46, { met: 'orange' });
    expect(one.warning).toMatchObject({ state: 'in-force', level: 'orange', proposal: undefined });
    expect(one.story.at(-1)).toBe('withdrawn red 46');
  });
});

describe('a downgrade', () => {
  test('one level, when only a lower one has been met for twelve hours', () => {
    const one = city().look(1, { met: 'red' }).sign().clock(32).hold(33, 44, { met: 'yellow' });
    expect(one.warning.proposal).toBeUndefined();
    expect(one.look(45, { met: 'yellow' }).warning.proposal).toMatchObject({
      action: 'downgrade',
      level: 'orange',
      effectiveMs: at(48),
    });
    expect(one.sign().clock(48).warning).toMatchObject({ state: 'in-force', level: 'orange' });
    one.hold(49, 59, { met: 'yellow' });
    expect(one.warning.proposal).toBeUndefined();
    expect(one.hold(60, 61, { met: 'yellow' }).warning.proposal).toMatchObject({ action: 'downgrade', level: 'yellow' });
    expect(one.sign().clock(66).story.slice(-1)).toEqual(['downgraded yellow 66']);
  });

  test('an hour of the level in between begins the hold anew', () => {
    const one = orange().hold(33, 44, { met: 'yellow' }).look(45, { met: 'orange' }).hold(46, 57, { met: 'yellow' });
    expect(one.warning.proposal).toBeUndefined();
    expect(one.look(58, { met: 'yellow' }).warning.proposal).toMatchObject({ action: 'downgrade' });
  });

  test('an hour that cannot be told, too', () => {
    const one = orange().hold(33, 44, { met: 'yellow' }).look(45, { cannotTell: true }).hold(46, 57, { met: 'yellow' });
    expect(one.warning.proposal).toBeUndefined();
  });

  test('what dust keeps up stays', () => {
    expect(orange().hold(33, 80, { lower: 'orange' }).warning.proposal).toBeUndefined();
  });

  test('not below yellow, where no lower level is met', () => {
    const one = city().look(1, { met: 'yellow' }).sign().clock(32).hold(33, 90, {});
    expect(one.warning.proposal).toBeUndefined();
  });

  test('to blue, in an edition that has it, where it is met', () => {
    const one = city().look(1, { met: 'yellow' }).sign().clock(32).hold(33, 45, { met: 'blue' });
    expect(one.warning.proposal).toMatchObject({ action: 'downgrade', level: 'blue' });
  });

  test('is taken back when the level is met again, also from the approver', () => {
    const one = orange().hold(33, 45, { met: 'yellow' }).act('submit').look(46, { met: 'orange' });
    expect(one.warning).toMatchObject({ state: 'in-force', level: 'orange', proposal: undefined });
    expect(one.warning.changes.at(-1)).toMatchObject({ what: 'withdrawn', why: 'the level is met again' });
  });

  test('of a person gives way to an upgrade only', () => {
    const one = orange().act('propose', { kind: 'downgrade', level: 'yellow' }).look(33, { met: 'orange' });
    expect(one.warning.proposal).toMatchObject({ action: 'downgrade', by: 'wang' });
    expect(one.look(34, { met: 'red' }).warning.proposal).toMatchObject({ action: 'upgrade', level: 'red' });
    expect(one.story.slice(-2)).toEqual(['withdrawn yellow 34', 'proposed red 34']);
  });

  test('without a forecast only what was seen for as long as a lift asks for', () => {
    const seen = { met: 'yellow', isFallback: true } as const;
    const one = orange().hold(33, 68, seen);
    expect(one.warning.proposal).toBeUndefined();
    expect(one.look(69, seen).warning.proposal).toMatchObject({ action: 'downgrade' });
  });
});

describe('a signature', () => {
  test('counts for what was seen: an edit in the same tick leaves nothing signed', () => {
    const one = city().look(3, { met: 'yellow' }).act('submit');
    const seen = one.warning.proposal?.revision;
    one.act('edit', { level: 'red' }).act('submit').act('issue', { by: 'li', seen });
    expect(one.warning.proposal).toMatchObject({ state: 'submitted', level: 'red' });
    expect(one.act('issue', { by: 'li', seen: one.warning.proposal?.revision }).warning.proposal).toMatchObject({
      state: 'issued',
    });
  });
});

describe('a lift', () => {
  test('from any level, when it has been clear for three hours, and never within the hold of the last change', () => {
    const one = orange().hold(33, 43, clear);
    expect(one.warning.proposal).toBeUndefined();
    one.look(44, clear);
    expect(one.warning.proposal).toMatchObject({ action: 'lift', level: 'orange', effectiveMs: at(48) });
    expect(one.sign().warning).toMatchObject({
      state: 'in-force',
      level: 'orange',
      proposal: { action: 'lift', state: 'issued' },
    });
    expect(one.clock(48).warning).toMatchObject({ state: 'lifted', level: undefined, untilMs: at(48), proposal: undefined });
    const short = orange().hold(33, 50, { met: 'orange' }).hold(51, 53, clear);
    expect(short.warning.proposal).toBeUndefined();
    expect(short.look(54, clear).warning.proposal).toMatchObject({ action: 'lift' });
  });

  test('not between two episodes that the merging time makes one', () => {
    const gap = (hours: number): Seen => ({ ...clear, next: { met: 'yellow', begin: 48 + hours } });
    expect(orange().hold(37, 47, gap(35)).warning.proposal?.action).not.toBe('lift');
    expect(orange().hold(37, 47, gap(36)).warning.proposal).toMatchObject({ action: 'lift', effectiveMs: at(48) });
  });

  test('not of what is issued and has not begun, while what it is for is forecast, also for later', () => {
    const issued = () => city().look(0, { met: 'orange', begin: 30 }).sign();
    const later = (begin: number): Seen => ({ ...clear, next: { met: 'yellow', begin } });
    expect(issued().hold(1, 20, later(55)).warning).toMatchObject({ state: 'issued' });
    expect(issued().hold(1, 20, later(55)).warning.proposal?.action).not.toBe('lift');
    expect(issued().hold(1, 20, later(90)).warning.proposal).toMatchObject({ action: 'lift' });
  });

  test('missing data lift nothing, however long', () => {
    expect(orange().hold(33, 300, { cannotTell: true }).warning).toMatchObject({
      state: 'in-force',
      level: 'orange',
      proposal: undefined,
    });
  });

  test('the expected end passes and lifts nothing', () => {
    const one = city().look(1, { met: 'yellow', until: 40 }).sign().clock(32).hold(33, 60, { met: 'yellow' });
    expect(one.warning).toMatchObject({ state: 'in-force', untilMs: at(40), proposal: undefined });
  });

  test('without a forecast only after it was seen for as long', () => {
    const one = orange().hold(33, 68, { ...clear, isFallback: true });
    expect(one.story.at(-1)).toBe('in-force orange 32');
    expect(one.look(69, { ...clear, isFallback: true }).warning.proposal).toMatchObject({ action: 'lift' });
  });

  test('of what has not begun ends it before it does', () => {
    const one = city().look(1, { met: 'yellow', begin: 40 }).sign().hold(2, 13, clear);
    expect(one.warning.proposal).toMatchObject({ action: 'lift', effectiveMs: at(18) });
    expect(one.sign().clock(32).warning.state).toBe('lifted');
    expect(one.story.filter((each) => each.startsWith('in-force'))).toEqual([]);
  });

  test('is taken back when a level is met, and a downgrade may follow', () => {
    const one = orange().hold(33, 44, clear).look(45, { met: 'yellow' });
    expect(one.story.slice(-3)).toEqual(['proposed orange 44', 'withdrawn orange 45', 'proposed yellow 45']);
    expect(one.warning.proposal).toMatchObject({ action: 'downgrade', level: 'yellow' });
  });

  test('that was signed gives way to a start that begins before it', () => {
    const one = orange().hold(33, 44, clear).sign().look(45, { met: 'orange', isFastStart: true });
    expect(one.warning.proposal).toMatchObject({ action: 'start' });
    one.sign().clock(46).clock(60);
    expect(one.warning).toMatchObject({ id: 'warning:1', state: 'in-force', level: 'orange', fromMs: at(45) });
  });

  test('and a start that begins after it is the same episode', () => {
    const one = orange().hold(33, 44, clear).sign().look(45, { met: 'yellow' });
    expect(one.clock(48).warning).toMatchObject({ state: 'proposed', level: undefined, proposal: { action: 'start' } });
    expect(one.sign().warning).toMatchObject({ id: 'warning:1', state: 'issued', level: 'yellow', fromMs: at(72) });
    expect(one.clock(72).warning.state).toBe('in-force');
  });
});

describe('episodes', () => {
  /** Lifted at hour 48. */
  const over = () => orange().hold(33, 44, clear).sign().clock(48);

  test.each([
    ['a gap just below 36 h is one warning', 59, 'warning:1'],
    ['36 h are two', 60, 'warning:2'],
  ])('%s', (_, begin, id) => {
    // Start hours are 0, 8, 12 and 18; a person names any.
    const effectiveMs = at(begin + 24);
    const one = over().clock(50).act('propose', { kind: 'start', level: 'yellow', effectiveMs });
    expect(one.warning).toMatchObject({ id, state: 'proposed' });
    expect(one.warning.changes.length > 1).toBe(id === 'warning:1');
  });

  test('a second start that nobody wants leaves the first as it was', () => {
    const one = over().look(50, { met: 'yellow' }).act('withdraw');
    expect(one.warning).toMatchObject({ id: 'warning:1', state: 'lifted', untilMs: at(48) });
  });

  test('withdrawn before it began, and again a day later, is one too', () => {
    const one = city().look(1, { met: 'yellow' }).act('withdraw').hold(2, 25, { met: 'yellow' });
    expect([one.ids, one.warning.state, one.warning.proposal?.id]).toEqual([['warning:1'], 'proposed', 'proposal:2']);
  });
});

describe('what a person refused', () => {
  test.each(['withdraw', 'reject'] as const)('%s: not again for a day, but at once for more', (action) => {
    const refused = () => {
      const one = city().look(1, { met: 'yellow' });
      if (action === 'reject') one.act('submit');
      return one.act(action);
    };
    const what = action === 'reject' ? 'rejected' : 'withdrawn';
    expect(refused().warning).toMatchObject({ state: 'withdrawn', proposal: undefined });
    expect(refused().hold(2, 24, { met: 'yellow' }).story.at(-1)).toBe(`${what} yellow 1`);
    expect(refused().hold(2, 25, { met: 'yellow' }).story.at(-1)).toBe('proposed yellow 25');
    expect(refused().look(2, { met: 'orange' }).story.at(-1)).toBe('proposed orange 2');
  });

  test('a downgrade: not again for a day; a lift, which is more, is', () => {
    const refused = () => orange().hold(33, 45, { met: 'yellow' }).act('withdraw');
    expect(refused().hold(46, 68, { met: 'yellow' }).warning.proposal).toBeUndefined();
    expect(refused().hold(46, 69, { met: 'yellow' }).warning.proposal).toMatchObject({ action: 'downgrade' });
    expect(refused().hold(46, 49, clear).warning.proposal).toMatchObject({ action: 'lift' });
  });
});

describe('people', () => {
  test('an officer begins without the engine', () => {
    const one = city()
      .clock(3)
      .act('propose', { kind: 'start', level: 'red', effectiveMs: at(4), untilMs: at(80) });
    expect(one.warning.proposal).toMatchObject({
      by: 'wang',
      action: 'start',
      level: 'red',
      effectiveMs: at(4),
      untilMs: at(80),
    });
    expect(one.warning.changes).toMatchObject([{ what: 'proposed', by: 'wang', why: 'because' }]);
    expect(one.sign().clock(4).warning).toMatchObject({ state: 'in-force', level: 'red' });
  });

  test('without an hour it begins as the engine would have it', () => {
    expect(city().clock(3).act('propose', { kind: 'start', level: 'red' }).warning.proposal?.effectiveMs).toBe(at(32));
    expect(orange().clock(37).act('propose', { kind: 'lift' }).warning.proposal).toMatchObject({
      level: 'orange',
      effectiveMs: at(42),
    });
  });

  test('what was edited has to be submitted again', () => {
    const one = city().look(3, { met: 'yellow' }).act('submit').act('edit', { level: 'orange' });
    expect(one.warning).toMatchObject({
      state: 'proposed',
      proposal: { state: 'proposed', level: 'orange', by: 'wang', revision: 1 },
    });
    expect(one.act('issue').warning.state).toBe('proposed');
    expect(one.sign().warning).toMatchObject({ state: 'issued', level: 'orange' });
  });

  test('what cannot be done changes nothing', () => {
    const one = city().look(3, { met: 'yellow' });
    const before = one.warning;
    one.act('issue').act('reject').act('propose', { kind: 'start', level: 'red' }).act('withdraw', { why: '' });
    expect(one.warning).toBe(before);
  });
});

describe('signed automatically', () => {
  test('at once, and it says so', () => {
    const one = city({ autoSign: true }).look(1, { met: 'orange' });
    expect(one.warning).toMatchObject({ state: 'issued', level: 'orange', revision: 0 });
    expect(one.warning.changes.map(({ what, by }) => [what, by])).toEqual([
      ['proposed', undefined],
      ['submitted', 'auto'],
      ['issued', 'auto'],
    ]);
    expect(one.warning.changes[1].why).toMatch(/replays and drills only/);
    one.hold(2, 32, { met: 'orange' }).hold(33, 46, clear).clock(48);
    expect(one.story.slice(3)).toEqual([
      'in-force orange 32',
      'proposed orange 44',
      'submitted orange 44',
      'issued orange 44',
      'lifted orange 48',
    ]);
  });

  test('what a person proposes waits for people', () => {
    expect(city({ autoSign: true }).act('propose', { kind: 'start', level: 'red' }).warning.state).toBe('proposed');
  });
});

describe('laws', () => {
  const level = fc.constantFrom(undefined, ...warningLevels);
  /** A stretch of hours in which the criteria say the same; with nothing met it may be clear. */
  const stretch = fc.record({
    hours: fc.integer({ min: 1, max: 30 }),
    met: level,
    cannotTell: fc.boolean(),
    isClear: fc.boolean(),
    isFallback: fc.boolean(),
    isFastStart: fc.boolean(),
  });
  const course = fc.array(stretch, { minLength: 1, maxLength: 20 });
  type Stretches = readonly (Seen & { readonly hours: number })[];
  const hourly = (stretches: Stretches): Seen[] =>
    stretches.flatMap(({ hours, ...seen }) =>
      Array.from({ length: hours }, () => ({ ...seen, isClear: seen.isClear && seen.met === undefined && !seen.cannotTell })),
    );

  /** Yellow is met again when the lift of red is signed, and has not come. */
  const metAgain = [
    { hours: 9, met: 'red', isFastStart: true },
    { hours: 5, isClear: true },
    { hours: 1, met: 'yellow', isFastStart: true },
    { hours: 6 },
  ].map(
    (each) => ({ cannotTell: false, isClear: false, isFallback: false, isFastStart: false, met: undefined, ...each }) as never,
  );

  test('no level in force goes down within the hold of its last change, whatever the criteria say', () => {
    fc.assert(
      fc.property(course, (stretches) => {
        const one = city({ autoSign: true });
        let known = { rank: -1, sinceHour: Number.NEGATIVE_INFINITY };
        hourly(stretches).forEach((seen, hour) => {
          one.look(hour, seen);
          const rank = one.warning?.state === 'in-force' ? rankOf(one.warning.level) : -1;
          if (rank < known.rank) expect(hour - known.sinceHour).toBeGreaterThanOrEqual(12);
          if (rank < known.rank && rank >= 0) expect(known.rank - rank).toBe(1);
          if (rank !== known.rank) known = { rank, sinceHour: hour };
        });
      }),
      { numRuns: 300, examples: [[metAgain]] },
    );
  });

  test('nothing that lowers is proposed in an hour that cannot be told', () => {
    fc.assert(
      fc.property(course, (stretches) => {
        const one = city();
        hourly(stretches).forEach((seen, hour) => {
          const before = one.warning?.proposal?.id;
          one.look(hour, seen);
          const proposal = one.warning?.proposal;
          if (proposal?.state === 'proposed' && proposal.id !== before && seen.cannotTell)
            expect(['start', 'upgrade']).toContain(proposal.action);
          if (proposal?.state === 'proposed') one.sign();
        });
      }),
      { numRuns: 300 },
    );
  });

  test('whatever people do, histories only grow, and each proposal is signed before it holds', () => {
    const act = fc.record({
      action: fc.constantFrom('propose', 'edit', 'submit', 'issue', 'withdraw', 'reject'),
      kind: fc.constantFrom('start', 'upgrade', 'downgrade', 'lift'),
      level: fc.constantFrom(...warningLevels),
    });
    fc.assert(
      fc.property(course, fc.array(act, { minLength: 1, maxLength: 60 }), (stretches, acts) => {
        const one = city();
        const told = new Map<string, Warning>();
        hourly(stretches).forEach((seen, hour) => {
          one.look(hour, seen);
          const { action, kind, level: to } = acts[hour % acts.length];
          one.act(action, action === 'propose' ? { kind, level: to } : { level: to });
          if (one.warning === undefined) return;
          const { id, changes } = one.warning;
          const known = told.get(id)?.changes ?? [];
          expect(changes.slice(0, known.length)).toEqual(known);
          told.set(id, one.warning);
        });
        for (const { changes } of told.values())
          changes.forEach(({ what, proposal }, i) => {
            if (!['in-force', 'upgraded', 'downgraded', 'lifted'].includes(what)) return;
            const signed = changes.slice(0, i).filter((each) => each.proposal === proposal);
            expect(signed.map((each) => each.what)).toEqual(expect.arrayContaining(['submitted', 'issued']));
          });
      }),
      { numRuns: 200 },
    );
  });
});
