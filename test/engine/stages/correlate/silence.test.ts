// Absence: one source, a district, a kind, everything; gaps, copies, wrong clocks and a clock of the run that waits are none.

import { describe, expect, test } from 'vitest';
import type { Kind } from '../../../../engine/schema/catalog.ts';
import type { Finding } from '../../../../engine/schema/finding.ts';
import { Bin } from '../../../../engine/schema/ledger.ts';
import type { Source } from '../../../../engine/schema/register.ts';
import { defaultRules, type Rules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { silenceWatcher } from '../../../../engine/stages/correlate/silence.ts';
import { type EventRow, eventBatch, latest, type WatchCase, watch } from '../../../harness/events.ts';

const minute = 60_000;
const startMs = Date.UTC(2026, 0, 5, 4);

/** An hour, so that tests are short. */
const rules: Rules = { ...defaultRules, 'silent-source': { ...defaultRules['silent-source'], silentMinutes: 60 } };

/** Twenty meters in two districts, by turns. */
const meters: readonly Source[] = Array.from({ length: 20 }, (_, i) => ({
  kind: 'power',
  id: `P-${i}`,
  zh: '',
  district: i % 2 === 0 ? 'A' : 'B',
}));

/** A row a minute, where `sends` says so. */
function rowsOf(minutes: number, sends: (source: number, at: number) => boolean, rest: Partial<EventRow> = {}): EventRow[] {
  return Array.from({ length: minutes }, (_, at) =>
    meters.flatMap((__, source) =>
      sends(source, at) ? [{ source, eventMs: startMs + at * minute, values: { kw: 1 }, ...rest }] : [],
    ),
  ).flat();
}

function found(minutes: number, rows: readonly EventRow[], rest: Partial<WatchCase> = {}) {
  const sources: Partial<Record<Kind, readonly Source[]>> = { power: meters };
  const make = () => silenceWatcher(rules);
  const findings = watch({ make, sources, kind: 'power', rows, fromMs: startMs, toMs: startMs + minutes * minute, ...rest });
  const minuteOf = (ms: number) => (ms - startMs) / minute;
  return latest(findings).map(({ rule, unit, state, openedMs, foundMs, closedMs = Number.NaN }) => ({
    what: `${rule} ${unit}`,
    state,
    at: [minuteOf(openedMs), minuteOf(foundMs), minuteOf(closedMs)],
  }));
}
/** Minute of the last row before a silence that begins after it: rows count from the tick before them. */
const heard = (last: number) => last - 1;

describe('one source', () => {
  const silent = (from: number, to: number) => rowsOf(120, (source, at) => source !== 3 || at < from || at >= to);
  test('an hour without anything is silence', () => {
    expect(found(100, silent(10, 200))).toEqual([
      { what: 'silent-source P-3', state: 'open', at: [heard(9), heard(9) + 61, Number.NaN] },
    ]);
  });
  test('a minute less is none', () => {
    expect(found(110, silent(10, 69))).toEqual([]);
  });
  test('it is over when rows have come again for ten minutes', () => {
    const [finding] = found(115, silent(10, 90));
    expect(finding).toEqual({ what: 'silent-source P-3', state: 'closed', at: [heard(9), heard(9) + 61, 90] });
  });
  test('one row in between does not make two of it', () => {
    const rows = rowsOf(160, (source, at) => source !== 3 || at < 10 || at === 80 || at >= 100);
    expect(found(130, rows)).toEqual([{ what: 'silent-source P-3', state: 'closed', at: [heard(9), heard(9) + 61, 100] }]);
  });
  test('a source that has never sent is not there yet', () => {
    expect(
      found(
        110,
        rowsOf(110, (source) => source !== 3),
      ),
    ).toEqual([]);
  });
  test('copies and rows of a wrong clock show that somebody sends', () => {
    const others = rowsOf(120, (source) => source !== 3);
    const odd = (bin: number) => rowsOf(120, (source) => source === 3).map((row, at) => (at < 10 ? row : { ...row, bin }));
    for (const bin of [Bin.duplicate, Bin.quarantined, Bin.lateDiverted])
      expect(found(110, [...others, ...odd(bin)])).toEqual([]);
    expect(found(110, [...others, ...odd(Bin.rejected)]).length).toBe(1);
  });
});

describe('many at once', () => {
  test('a district is one finding after five minutes, and its sources are none', () => {
    const rows = rowsOf(150, (source, at) => source % 2 === 0 || at < 10 || at >= 90);
    expect(found(140, rows)).toEqual([{ what: 'silent-district B', state: 'closed', at: [heard(9), heard(9) + 5, 90] }]);
  });
  test('everything is one finding', () => {
    expect(
      found(
        100,
        rowsOf(10, () => true),
      ),
    ).toEqual([{ what: 'silent-feed all', state: 'open', at: [heard(9), heard(9) + 5, Number.NaN] }]);
  });
  test('four of five sources are most of a district, three of four are not', () => {
    const most = rowsOf(60, (source, at) => source % 2 === 0 || source >= 16 || at < 10);
    expect(found(50, most).map(({ what }) => what)).toEqual(['silent-district B']);
    const many = rowsOf(60, (source, at) => source % 2 === 0 || source >= 14 || at < 10);
    expect(found(50, many)).toEqual([]);
  });
  test('those of a kind that fall silent in one minute, here and there, are one finding', () => {
    const rows = rowsOf(120, (source, at) => source >= 6 || at < 10);
    expect(found(100, rows).map(({ what, at }) => [what.split('@')[0], at[0]])).toEqual([['silent-feed power', heard(9)]]);
  });
  test('what stays silent when its district is back is silent alone', () => {
    const rows = rowsOf(200, (source, at) => source % 2 === 0 || at < 10 || (at >= 90 && source !== 3));
    expect(found(190, rows).map(({ what, state }) => [what, state])).toEqual([
      ['silent-district B', 'closed'],
      ['silent-source P-3', 'open'],
    ]);
  });
  test('gaps of some minutes in one source in ten are nothing', () => {
    expect(
      found(
        110,
        rowsOf(110, (source, at) => (source + Math.floor(at / 6)) % 10 !== 0),
      ),
    ).toEqual([]);
  });
});

describe('what we hold back', () => {
  test('is not silence while the clock of the run waits, nor at once afterwards', () => {
    const rows = rowsOf(200, (_, at) => at < 10 || at >= 64);
    const aheadMs = (nowMs: number) => (nowMs >= startMs + 10 * minute && nowMs <= startMs + 63 * minute ? minute : 0);
    expect(found(100, rows, { aheadMs })).toEqual([]);
  });
  test('is silence when it goes on without a reason', () => {
    const rows = rowsOf(200, (_, at) => at < 10);
    const aheadMs = (nowMs: number) => (nowMs >= startMs + 10 * minute && nowMs <= startMs + 30 * minute ? minute : 0);
    expect(found(100, rows, { aheadMs }).map(({ what, at }) => [what, at[1]])).toEqual([['silent-feed all', 35]]);
  });
});

describe('what leaves the register', () => {
  /** Minutes without rows behind ten with them; `leaving` go at minute 80. */
  function foundWithout(leaving: readonly number[]) {
    const watcher = silenceWatcher(rules);
    watcher.setSources('power', 0, meters);
    const findings: Finding[] = [];
    for (let at = 0; at < 100; at++) {
      const all = rowsOf(1, (source) => at < 10 || source < 4 || (at >= 70 && source < 9));
      watcher.take(eventBatch('power', all));
      if (at === 80) watcher.leave?.('power', leaving);
      findings.push(...watcher.advance({ type: 'tick', nowMs: startMs + at * minute }, []));
    }
    return latest(findings).map(({ unit, state, closedBy }) => [unit.split('@')[0], state, closedBy]);
  }
  test('is not missed: what is silent together is back when the rest of it is', () => {
    expect(foundWithout([])).toEqual([['all', 'open', undefined]]);
    expect(foundWithout([15, 16, 17, 18, 19])[0]).toEqual(['all', 'open', undefined]);
    expect(foundWithout([9, 10, 11, 12, 13, 14, 15])[0]).toEqual(['all', 'closed', undefined]);
  });
  test('ends the silence that is its own alone', () => {
    expect(foundWithout([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])).toEqual([['all', 'closed', 'register']]);
  });
});
