// Complaints: clusters against the usual rate, what others have found, haze and fireworks.

import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../engine/schema/finding.ts';
import type { Source } from '../../../../engine/schema/register.ts';
import type { CityPlaces } from '../../../../engine/stages/correlate/cityPlaces.ts';
import { complaintWatcher } from '../../../../engine/stages/correlate/complaints.ts';
import { defaultRules } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { type EventRow, eventBatch, latest, type WatchCase, watch } from '../../../harness/events.ts';

const minute = 60_000;
const startMs = Date.UTC(2026, 2, 10, 2);
const channels: readonly Source[] = [{ kind: 'petition', id: 'PET-1', zh: '', district: '131102' }];
const places: CityPlaces = {
  enterprises: [
    { id: 'E-smelly', lon: 115.61, lat: 37.72, district: '131102', pm: 0, voc: 2 },
    { id: 'E-dusty', lon: 115.61, lat: 37.72, district: '131102', pm: 2, voc: 0 },
    { id: 'E-far', lon: 115.9, lat: 37.9, district: '131122', pm: 5, voc: 5 },
  ],
  townships: [
    { code: '131102001', district: '131102', lon: 115.6, lat: 37.7 },
    { code: '131122001', district: '131122', lon: 115.9, lat: 37.9 },
  ],
};

/** East and north of the first town in km. */
function complaint(at: number, category = 'smell', [east, north]: readonly [number, number] = [0, 0], late = 0): EventRow {
  const eventMs = startMs + at * minute;
  return {
    source: 0,
    eventMs,
    arrivesMs: eventMs + late * minute,
    values: { lon: 115.6 + east / 88.1, lat: 37.7 + north / 111.2 },
    text: { category },
    id: `${at} ${east} ${north}`,
  };
}

function caseOf(rows: readonly EventRow[], minutes: number, rest: Partial<WatchCase> = {}): WatchCase {
  const make = () => complaintWatcher({ rules: defaultRules, places });
  const sources = { petition: channels };
  return { make, sources, kind: 'petition', rows, fromMs: startMs, toMs: startMs + minutes * minute, ...rest };
}
const found = (rows: readonly EventRow[], minutes = 400) => latest(watch(caseOf(rows, minutes)));

describe('what is a cluster', () => {
  test.each<readonly [string, readonly EventRow[], number]>([
    ['one', [complaint(10)], 0],
    ['two of a smell within 2 km and 3 h', [complaint(10), complaint(100, 'smell', [1.5, 1])], 1],
    ['two that are 5 km apart', [complaint(10), complaint(100, 'smell', [5, 0])], 0],
    ['two that are two hours apart', [complaint(10), complaint(130)], 1],
    ['two that are more than three hours apart', [complaint(10), complaint(191)], 0],
    ['a smell and dust', [complaint(10), complaint(20, 'dust')], 0],
    ['smoke and burning', [complaint(10, 'smoke'), complaint(20, 'burning')], 1],
    ['noise of fireworks', [complaint(10, 'noise'), complaint(20, 'noise'), complaint(30, 'noise')], 0],
    ['haze', [complaint(10, 'haze'), complaint(20, 'haze'), complaint(30, 'haze')], 0],
    ['something else', [complaint(10, 'other'), complaint(20, 'toString')], 0],
  ])('%s', (_, rows, count) => {
    expect(found(rows).length).toBe(count);
  });

  test('where smells come up everywhere two are no cluster, four are', () => {
    const everywhere = Array.from({ length: 8 }, (_, i) => complaint(5 + i, 'smell', [20 + 12 * i, 30]));
    const here = [complaint(20), complaint(30, 'smell', [0.5, 0])];
    expect(found([...everywhere, ...here])).toEqual([]);
    const more = [complaint(40, 'smell', [0, 0.5]), complaint(50), complaint(55)];
    expect(found([...everywhere, ...here, ...more]).length).toBe(1);
  });
});

test('many complaints are one finding, told again when they have doubled, and one end', () => {
  const rows = Array.from({ length: 9 }, (_, i) => complaint(10 + 10 * i, 'smell', [0.2 * (i % 3), 0]));
  const findings = watch(caseOf(rows, 400));
  expect(findings.map(({ state, revision, evidence }) => [state, revision, evidence[0].value])).toEqual([
    ['open', 0, 2],
    ['open', 1, 4],
    ['open', 2, 8],
    ['closed', 3, 9],
  ]);
  expect(findings[3]).toMatchObject({ openedMs: startMs + 10 * minute, closedMs: startMs + 90 * minute });
});

test('who gives off what people complain of is named, by nearness and amount', () => {
  const at: readonly [number, number] = [0.7, 2];
  const [smell] = found([complaint(10, 'smell', at), complaint(20, 'smell', at)]);
  expect(smell.candidates[0]).toEqual({ id: 'E-smelly', score: 1, reasons: ['place', 'emission'] });
  const [smoke] = found([complaint(10, 'smoke', at), complaint(20, 'smoke', at)]);
  expect(smoke.candidates[0].id).toBe('E-dusty');
  expect(smoke.place).toMatchObject({ district: '131102', township: '131102001' });
});

describe('near what another rule has found', () => {
  const finding = (rest: Partial<Finding> = {}): Finding => ({
    id: 'treatment-off:E-9/P1:1',
    rule: 'treatment-off',
    ruleVersion: 1,
    unit: 'E-9/P1',
    openedMs: startMs,
    foundMs: startMs,
    state: 'open',
    revision: 0,
    severity: 'warning',
    place: { district: '131102', lon: 115.61, lat: 37.7 },
    enterprise: 'E-9',
    sources: [],
    evidence: [],
    candidates: [],
    ...rest,
  });
  const withOthers = (rows: readonly EventRow[], ...all: readonly (readonly [at: number, finding: Finding])[]) =>
    watch(caseOf(rows, 400, { others: new Map(all.map(([at, each]) => [startMs + at * minute, [each]])) }));

  test('one complaint is enough, and it names the cause', () => {
    expect(withOthers([complaint(40)], [5, finding()])).toMatchObject([
      { state: 'open', candidates: [{ id: 'E-9', score: 0.9, reasons: ['openFinding', 'treatment-off'] }] },
      { state: 'closed' },
    ]);
  });
  test('not one of what the rule gives no reason for', () => {
    expect(withOthers([complaint(40, 'dust')], [5, finding()])).toEqual([]);
  });
  test('not one from 4 km away', () => {
    expect(withOthers([complaint(40, 'smell', [-3, 0])], [5, finding()])).toEqual([]);
  });
  test('one that comes two hours after the end still counts, three hours after it does not', () => {
    const closed = finding({ state: 'closed', closedMs: startMs + 20 * minute });
    expect(withOthers([complaint(140)], [5, closed]).length).toBe(2);
    expect(withOthers([complaint(200)], [5, closed])).toEqual([]);
  });
  test('when the finding is corrected, so is this', () => {
    const findings = withOthers([complaint(40)], [5, finding()], [60, finding({ state: 'corrected', revision: 1 })]);
    expect(findings.map(({ state }) => state)).toEqual(['open', 'corrected']);
  });
});

test('a complaint that comes four hours late finds its place', () => {
  const findings = watch(caseOf([complaint(10), complaint(20, 'smell', [0, 0], 240)], 300));
  expect(findings).toMatchObject([{ openedMs: startMs + 10 * minute, foundMs: startMs + 260 * minute, state: 'closed' }]);
});

test('what is known stays where it is when the register has another first town', () => {
  const rows = [complaint(10), complaint(100, 'smell', [1.5, 1])];
  const made = (of: CityPlaces) => {
    const watcher = complaintWatcher({ rules: defaultRules, places: of });
    watcher.setSources('petition', 0, channels);
    return watcher;
  };
  const goOn = (of: CityPlaces) => {
    const before = made(places);
    before.take(eventBatch('petition', rows.slice(0, 1)));
    before.advance({ type: 'tick', nowMs: startMs + 50 * minute }, []);
    const after = made(of);
    after.restore(structuredClone(before.save()));
    after.take(eventBatch('petition', rows.slice(1)));
    return after.advance({ type: 'tick', nowMs: startMs + 101 * minute }, []);
  };
  const moved = { ...places, townships: [...places.townships].reverse() };
  expect(goOn(places)).toHaveLength(1);
  expect(goOn(moved)).toEqual(goOn(places));
});
