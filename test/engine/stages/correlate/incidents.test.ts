// The life of incidents: what joins, who is sent, which clocks run out, how they end.

import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../../engine/schema/finding.ts';
import type { Incident, IncidentAction } from '../../../../engine/schema/incident.ts';
import type { IncidentOptions } from '../../../../engine/stages/correlate/incidentOptions.ts';
import { incidentKeeper } from '../../../../engine/stages/correlate/incidents.ts';

const minuteMs = 60_000;
const options: IncidentOptions = {
  dispatchMs: 5 * minuteMs,
  feedbackMs: 180 * minuteMs,
  joinMs: 60 * minuteMs,
  joinKm: 1.5,
  causeScore: 0.6,
  townships: [
    { code: 'T1', district: '131172', lon: 115.66, lat: 37.66, inspectors: ['I-1', 'I-2'] },
    { code: 'T2', district: '131172', lon: 115.7, lat: 37.7, inspectors: [] },
  ],
  townshipOf: { 'E-1': 'T1' },
};

const finding = (unit: string, change: Partial<Finding> = {}): Finding => ({
  id: `${change.rule ?? 'treatment-off'}:${unit}:${change.openedMs ?? 0}`,
  rule: 'treatment-off',
  ruleVersion: 1,
  unit,
  openedMs: 0,
  foundMs: 0,
  state: 'open',
  revision: 0,
  severity: 'warning',
  place: { district: '131172', lon: 115.66, lat: 37.66 },
  sources: [unit],
  evidence: [],
  candidates: [],
  ...change,
});
const own = (change: Partial<Finding> = {}) => finding('E-1/P1', { enterprise: 'E-1', process: 'P1', ...change });
const fire = (unit: string, lon: number, change: Partial<Finding> = {}) =>
  finding(unit, { rule: 'straw-fire', place: { district: '131172', lon, lat: 37.66 }, ...change });

const whats = ({ changes }: Incident) => changes.map(({ what, by }) => (by === undefined ? what : `${what} by ${by}`));
const at = (minutes: number) => minutes * minuteMs;

describe('what belongs together', () => {
  test('a finding opens an incident at its sub-centre and the township whose inspector has the turn', () => {
    const keeper = incidentKeeper(options);
    const [incident] = keeper.advance([own()], at(3));
    expect(incident).toMatchObject({
      id: 'incident:treatment-off:E-1/P1:0',
      state: 'open',
      revision: 0,
      foundMs: at(3),
      enterprise: 'E-1',
      process: 'P1',
      subCentre: '131172',
      township: 'T1',
      inspector: 'I-1',
      dispatchByMs: at(8),
    });
    const tomorrow = incidentKeeper(options).advance([own()], at(24 * 60));
    expect(tomorrow[0].inspector).toBe('I-2');
  });

  test('findings of one enterprise are one incident, its rule is that of the worst', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([own()], at(3));
    const [incident] = keeper.advance([own({ rule: 'stack-exceedance', severity: 'serious', openedMs: at(10) })], at(20));
    expect(incident).toMatchObject({ revision: 1, rule: 'stack-exceedance', severity: 'serious' });
    expect(incident.parts.map(({ rule }) => rule)).toEqual(['treatment-off', 'stack-exceedance']);
  });

  test('a station that names it joins it, one that is not sure does not', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([own()], at(3));
    const station = (score: number, unit: string) =>
      finding(unit, {
        rule: 'station-high',
        place: { district: '131172', lon: 115.9, lat: 37.9 },
        candidates: [{ id: 'E-1', score, reasons: [] }],
      });
    expect(keeper.advance([station(0.8, 'HS-1')], at(9)).map(({ parts }) => parts.length)).toEqual([2]);
    expect(keeper.advance([station(0.3, 'HS-2')], at(10)).map(({ parts }) => parts.length)).toEqual([1]);
  });

  test.each([
    ['a kilometre apart are one', 115.67, 1],
    ['four kilometres apart are two', 115.705, 2],
  ])('fires %s', (_, lon, count) => {
    const keeper = incidentKeeper(options);
    keeper.advance([fire('F1', 115.66)], at(1));
    keeper.advance([fire('F2', lon)], at(2));
    expect(keeper.save().incidents).toHaveLength(count);
  });

  test('what begins an hour after the end is another incident', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([own({ state: 'closed', closedMs: at(30) })], at(40));
    keeper.advance([own({ rule: 'treatment-idle', openedMs: at(100) })], at(110));
    expect(keeper.save().incidents).toHaveLength(2);
  });

  test('people merge and split', () => {
    const keeper = incidentKeeper(options);
    const [a] = keeper.advance([fire('F1', 115.66)], at(1));
    const [b] = keeper.advance([fire('F2', 115.8)], at(2));
    expect(
      keeper
        .act({ name: 'incident', id: b.id, action: 'merge', into: a.id, by: 'li' }, at(3))
        ?.map(({ state, parts }) => [state, parts.length]),
    ).toEqual([
      ['open', 2],
      ['dismissed', 0],
    ]);
    const split = keeper.act({ name: 'incident', id: a.id, action: 'split', findings: ['straw-fire:F1:0'], by: 'li' }, at(4));
    expect(split?.map(({ parts }) => parts.map(({ id }) => id))).toEqual([['straw-fire:F2:0'], ['straw-fire:F1:0']]);
  });

  test('what is split off again is another incident than the first time', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([fire('F1', 115.66), fire('F2', 115.665)], at(1));
    const split = { name: 'incident', id, action: 'split', findings: ['straw-fire:F2:0'], by: 'li' } as const;
    const [, first] = keeper.act(split, at(2)) ?? [];
    keeper.act({ name: 'incident', id: first.id, action: 'merge', into: id, by: 'li' }, at(3));
    const [, second] = keeper.act(split, at(4)) ?? [];
    expect([second.id, second.revision]).toEqual([`${first.id}@${at(4)}`, 0]);
  });
});

describe('faults', () => {
  const fault = (rule: string, unit: string, change: Partial<Finding> = {}) =>
    finding(unit, { rule, severity: 'notice', ...change });
  const hangs = (change: Partial<Finding> = {}) =>
    fault('stack-constant', 'E-1/P1', {
      enterprise: 'E-1',
      process: 'P1',
      candidates: [
        { id: 'instrument', score: 0.5, reasons: [] },
        { id: 'E-1', score: 0.5, reasons: [] },
      ],
      ...change,
    });
  const over = (minute: number) => ({ state: 'closed', closedMs: at(minute), revision: 1 }) as const;

  test.each([
    ['station-constant', [], 'maintenance'],
    ['sensor-spikes', [], 'maintenance'],
    ['sensor-gaps', [], 'maintenance'],
    ['silent-source', [], 'maintenance'],
    ['silent-district', [], 'maintenance'],
    ['meter-fault', [{ id: 'instrument', score: 0.8, reasons: [] }], 'maintenance'],
    ['stack-marks', [{ id: 'instrument', score: 0.8, reasons: [] }], 'maintenance'],
    ['stack-marks', [{ id: 'E-1', score: 0.7, reasons: [] }], 'emission'], // every night, and never by day
    ['station-spray', [], 'emission'], // no device sprays itself
    ['stack-drop', [], 'emission'],
    ['dust-exceedance', [], 'emission'],
    ['a rule of tomorrow', [], 'emission'],
  ] as const)('%s, candidates %j: %s', (rule, candidates, kind) => {
    const [incident] = incidentKeeper(options).advance([fault(rule, 'x', { candidates })], at(1));
    expect(incident.kind).toBe(kind);
  });

  test('go to who keeps the device, with a day for the repair, and to no inspector', () => {
    const keeper = incidentKeeper(options);
    const [station] = keeper.advance([fault('sensor-spikes', 'HS-1')], at(1));
    expect(station).toMatchObject({ kind: 'maintenance', operator: 'city', subCentre: '', township: '', inspector: '' });
    expect(station).toMatchObject({ severity: 'notice', repairByMs: at(1 + 24 * 60), dispatchByMs: undefined });
    const [monitor] = keeper.advance([hangs()], at(2));
    expect(monitor).toMatchObject({ kind: 'maintenance', operator: 'E-1', enterprise: 'E-1', inspector: '' });
    expect(incidentKeeper({ ...options, repairMs: at(60) }).advance([hangs()], at(2))[0].repairByMs).toBe(at(62));
  });

  test('only the clock of the repair runs, whoever is sent', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([hangs()], 0);
    expect(keeper.advance([], at(24 * 60))).toEqual([]);
    expect(keeper.act({ name: 'incident', id, action: 'dispatch', by: 'li' }, at(24 * 60))?.[0].feedbackByMs).toBeUndefined();
    expect(keeper.advance([], at(24 * 60 + 1)).map(({ overdue }) => overdue)).toEqual([['repair']]);
    expect(keeper.advance([], at(48 * 60))).toEqual([]);
  });

  test.each([
    ['of one enterprise are one', [hangs(), fault('meter-fault', 'E-1/P2', { enterprise: 'E-1' })], 1],
    ['of one station are one', [fault('sensor-spikes', 'HS-1'), fault('sensor-gaps', 'HS-1')], 1],
    ['of two stations side by side are two', [fault('sensor-spikes', 'HS-1'), fault('sensor-spikes', 'HS-2')], 2],
    ['beside a fire are no part of it', [fire('F1', 115.66), fault('silent-source', 'HS-1')], 2],
    ['of a station that rises are no part of it', [finding('HS-1', { rule: 'station-rise' }), fault('sensor-spikes', 'HS-1')], 2],
  ])('%s', (_, findings, count) => {
    const keeper = incidentKeeper(options);
    keeper.advance(findings, at(1));
    expect(keeper.save().incidents).toHaveLength(count);
  });

  const dark = (unit: string, sources: readonly string[], change: Partial<Finding> = {}) =>
    finding(unit, { rule: 'silent-district', place: { district: unit }, sources, ...change });
  const all = (unit: string, sources: readonly string[], change: Partial<Finding> = {}) =>
    dark(unit, sources, { rule: 'silent-feed', place: { district: '' }, ...change });

  test('a kind that falls silent, then all of the city with it, is one; and so is a district', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([all('power', ['all power'], { openedMs: at(0) })], at(5));
    keeper.advance([all('all', ['all air', 'all power'], { openedMs: at(30) })], at(35));
    expect(keeper.save().incidents).toHaveLength(1);
    const other = incidentKeeper(options);
    other.advance([dark('131172', ['HS-1', 'HS-2'], { openedMs: at(0) })], at(5));
    other.advance([all('all', ['all air', 'all power'], { openedMs: at(3) })], at(8));
    expect(other.save().incidents).toMatchObject([{ kind: 'maintenance', operator: 'city', parts: [{}, {}] }]);
  });

  test('two districts, and a station with a fault of its own in one of them, are three', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([dark('131172', ['HS-1']), dark('131102', ['HS-2']), fault('sensor-spikes', 'HS-1')], at(5));
    expect(keeper.save().incidents).toHaveLength(3);
  });

  test('of a monitor at an enterprise with an incident are evidence in it', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([own()], at(3));
    const [incident, ...others] = keeper.advance([hangs()], at(5));
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ kind: 'emission', inspector: 'I-1', rule: 'treatment-off', dispatchByMs: at(8) });
    expect(incident.parts.map(({ kind }) => kind).sort()).toEqual(['emission', 'maintenance']);
  });

  test('become an emission with the first finding of one: the inspector is sent, with the clock from the beginning', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([hangs()], at(3));
    keeper.act({ name: 'incident', id, action: 'dispatch', by: 'li' }, at(4));
    const [incident] = keeper.advance([own({ openedMs: at(100) })], at(108));
    expect(incident).toMatchObject({
      id,
      kind: 'emission',
      state: 'open',
      rule: 'treatment-off',
      severity: 'warning',
      subCentre: '131172',
      inspector: 'I-1',
      dispatchByMs: at(113),
    });
    expect([incident.operator, incident.repairByMs]).toEqual([undefined, undefined]);
    expect(whats(incident)).toEqual(['opened', 'dispatch by li', 'joined', 'became-emission']);
    expect(incident.changes.at(-1)?.why).toBe('treatment-off:E-1/P1:6000000');
  });

  test('that outlast the emission go on as maintenance, and the case of the inspectors is over', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([hangs()], at(3));
    keeper.advance([own({ openedMs: at(100) })], at(108));
    const [ended, rest] = keeper.advance([own({ openedMs: at(100), ...over(150) })], at(160));
    expect([ended.kind, ended.state, whats(ended).slice(-2)]).toEqual(['emission', 'closed', ['split', 'cause-gone']]);
    expect(rest).toMatchObject({
      id: 'incident:stack-constant:E-1/P1:0@9600000',
      kind: 'maintenance',
      state: 'open',
      revision: 0,
      rule: 'stack-constant',
      severity: 'notice',
      operator: 'E-1',
      repairByMs: at(160 + 24 * 60),
    });
    // It is known where it went.
    expect(keeper.advance([hangs(over(170))], at(180)).map(({ id, state }) => [id, state])).toEqual([[rest.id, 'closed']]);
  });

  test('are corrected apart from the emission that never was', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([own(), hangs()], at(3));
    const found = keeper.advance([own({ state: 'corrected', closedMs: at(5), revision: 1 })], at(6));
    expect(found.map(({ kind, state }) => [kind, state])).toEqual([
      ['maintenance', 'open'],
      ['emission', 'corrected'],
    ]);
  });

  test('split off by a person are maintenance, merged into an emission they are evidence', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([own(), hangs()], at(3));
    keeper.act({ name: 'incident', id, action: 'dispatch', by: 'li' }, at(4));
    const findings = ['stack-constant:E-1/P1:0'];
    const [stays, leaves] = keeper.act({ name: 'incident', id, action: 'split', findings, by: 'li' }, at(5)) ?? [];
    expect([stays.kind, stays.state, stays.feedbackByMs]).toEqual(['emission', 'dispatched', at(184)]);
    expect(leaves).toMatchObject({
      kind: 'maintenance',
      state: 'open',
      operator: 'E-1',
      rule: 'stack-constant',
      severity: 'notice',
    });
    const [back] =
      keeper
        .act({ name: 'incident', id, action: 'merge', into: leaves.id, by: 'li' }, at(6))
        ?.filter(({ parts }) => parts.length > 0) ?? [];
    expect(back).toMatchObject({ id: leaves.id, kind: 'emission', state: 'dispatched', inspector: 'I-1', feedbackByMs: at(184) });
  });
});

describe('its life', () => {
  const actions: readonly (readonly [IncidentAction, string])[] = [
    ['dispatch', 'dispatched'],
    ['on-site', 'on-site'],
    ['feedback', 'feedback'],
    ['close', 'closed'],
  ];

  test('goes from open to closed, each step with who and why', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([own()], at(3));
    for (const [i, [action, state]] of actions.entries()) {
      const [after] = keeper.act({ name: 'incident', id, action, by: 'wang', why: 'fan is on' }, at(4 + i)) ?? [];
      expect(after.state).toBe(state);
    }
    const [incident] = keeper.save().incidents;
    expect(whats(incident)).toEqual(['opened', 'dispatch by wang', 'on-site by wang', 'feedback by wang', 'close by wang']);
    expect(incident.endedMs).toBe(at(7));
    expect(keeper.act({ name: 'incident', id, action: 'dispatch', by: 'wang' }, at(9))).toBeUndefined();
  });

  test('nobody acts on what is not there, or before its turn', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([own()], at(3));
    expect(keeper.act({ name: 'incident', id: 'x', action: 'close', by: 'li' }, at(4))).toBeUndefined();
    expect(keeper.act({ name: 'incident', id, action: 'on-site', by: 'li' }, at(4))).toBeUndefined();
  });

  test('clocks that run out are told once, and only while nobody has acted', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([own()], at(0));
    expect(keeper.advance([], at(5))).toEqual([]);
    expect(keeper.advance([], at(6)).map(({ overdue }) => overdue)).toEqual([['dispatch']]);
    expect(keeper.advance([], at(7))).toEqual([]);
    keeper.act({ name: 'incident', id, action: 'dispatch', by: 'li' }, at(8));
    expect(keeper.advance([], at(188))).toEqual([]);
    expect(keeper.advance([], at(189)).map(({ overdue }) => overdue)).toEqual([['dispatch', 'feedback']]);
  });

  test('ends by itself when every cause is gone and nobody is on the way', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([own()], at(3));
    const [incident] = keeper.advance([own({ state: 'closed', closedMs: at(20), revision: 1 })], at(22));
    expect([incident.state, whats(incident)]).toEqual(['closed', ['opened', 'finding-closed', 'cause-gone']]);
  });

  test('waits for the feedback of who is on the way', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([own()], at(3));
    keeper.act({ name: 'incident', id, action: 'dispatch', by: 'li' }, at(4));
    expect(keeper.advance([own({ state: 'closed', closedMs: at(20), revision: 1 })], at(22))[0].state).toBe('dispatched');
    keeper.act({ name: 'incident', id, action: 'feedback', by: 'li', why: 'belt replaced' }, at(40));
    expect(keeper.advance([], at(41))[0].state).toBe('closed');
  });

  test('is corrected when late data takes every cause away, and open again when it gives one back', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([own()], at(3));
    const [corrected] = keeper.advance([own({ state: 'corrected', closedMs: at(5), revision: 1 })], at(5));
    expect([corrected.state, whats(corrected)]).toEqual(['corrected', ['opened', 'finding-corrected', 'finding-corrected']]);
    expect(keeper.advance([own({ revision: 2 })], at(6))[0].state).toBe('open');
  });

  test('what a person dismissed stays dismissed', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([own()], at(3));
    keeper.act({ name: 'incident', id, action: 'dismiss', by: 'li', why: 'meter swap' }, at(4));
    keeper.advance([own({ state: 'closed', closedMs: at(5), revision: 1 })], at(5));
    expect(keeper.advance([own({ revision: 2 })], at(6))[0].state).toBe('dismissed');
  });

  test('is forgotten three days after its end', () => {
    const keeper = incidentKeeper(options);
    keeper.advance([own({ state: 'closed', closedMs: at(20) })], at(22));
    keeper.advance([], at(22 + 3 * 24 * 60));
    expect(keeper.save().incidents).toHaveLength(1);
    keeper.advance([], at(23 + 3 * 24 * 60));
    expect(keeper.save().incidents).toEqual([]);
  });

  test('goes on after a restart', () => {
    const keeper = incidentKeeper(options);
    const [{ id }] = keeper.advance([own()], at(3));
    const other = incidentKeeper(options);
    other.restore(structuredClone(keeper.save()));
    const act = { name: 'incident', id, action: 'dispatch', by: 'li' } as const;
    expect(other.act(act, at(4))).toEqual(keeper.act(act, at(4)));
  });
});
