// Findings against the answer key: what hits, what is true, what is false, how late; by table.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence, Finding } from '../../../../engine/schema/finding.ts';
import { intervalsOf } from '../../../../simulator/lab/score/bootstrap.ts';
import { matched } from '../../../../simulator/lab/score/matching.ts';
import { type ScoredRun, scoreRun } from '../../../../simulator/lab/score/scoreRun.ts';
import { listText, scoreText } from '../../../../simulator/lab/score/scoreText.ts';
import { tally } from '../../../../simulator/lab/score/tally.ts';
import type { Channel, TruthRecord } from '../../../../simulator/world/truth/record.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const at = (minute: number) => dayMs + minute * minuteMs;

const evidence = (kind: Evidence['kind']): Evidence => ({
  kind,
  source: '',
  metric: '',
  startMs: 0,
  endMs: 0,
  value: 0,
  unit: '',
  says: 'standsStill',
});

/** Times in minutes of the day that is scored. */
type Given = Partial<Omit<Finding, 'evidence'>> & {
  readonly found: number;
  readonly opened?: number;
  readonly closed?: number;
  readonly by?: readonly Evidence['kind'][];
};

let count = 0;
function finding({ found, opened = found - 5, closed, by = ['power'], ...rest }: Given): Finding {
  count += 1;
  return {
    id: `f${String(count).padStart(4, '0')}`,
    rule: 'treatment-off',
    ruleVersion: 1,
    unit: 'u',
    openedMs: at(opened),
    foundMs: at(found),
    ...(closed === undefined ? {} : { closedMs: at(closed) }),
    state: closed === undefined ? 'open' : 'closed',
    revision: 0,
    severity: 'warning',
    place: { district: '' },
    sources: [],
    evidence: by.map(evidence),
    candidates: [],
    ...rest,
  };
}

/** Detectable minute by channel; null: not. */
type Channels = Readonly<Partial<Record<Channel, number | null>>>;

function cause(
  given: Partial<TruthRecord> & {
    readonly from?: number;
    readonly to?: number | null;
    readonly on?: Channels;
    readonly air?: readonly string[];
  },
): TruthRecord {
  const { from = 60, to = 180, on = { power: 65 }, air = [], ...rest } = given;
  const channels = Object.fromEntries(
    Object.entries(on).map(([channel, minute]) => [
      channel,
      { sources: channel === 'air' ? air : [`${channel}-of-E1`], detectableFromMs: minute === null ? null : at(minute) },
    ]),
  );
  return {
    id: 'c',
    class: 'incident',
    kind: 'control_failure',
    enterprise: 'E1',
    process: 'P1',
    fromMs: at(from),
    toMs: to === null ? null : at(to),
    channels,
    ...rest,
  };
}

const field = { kind: 'fire', enterprise: undefined, process: undefined, field: 'F/1', id: 'F/1' } as const;
const fault = (rest: Parameters<typeof cause>[0] = {}) =>
  cause({
    id: 'x',
    class: 'network_fault',
    kind: 'outage',
    enterprise: undefined,
    process: undefined,
    sources: ['S1'],
    on: {},
    ...rest,
  });

const run = (findings: readonly Finding[], truth: readonly TruthRecord[], rest: Partial<ScoredRun> = {}) =>
  scoreRun({ findings, truth, fromMs: at(0), toMs: at(1440), ...rest });
const isHit = (found: Given, of: TruthRecord) => run([finding(found)], [of]).events[0].hit !== undefined;
const isTrue = (found: Given, ...truth: readonly TruthRecord[]) => run([finding(found)], truth).judged[0].isTrue;

describe('a cause is hit', () => {
  const near = { lon: 115.66, lat: 37.735 };
  const cases: readonly (readonly [what: string, found: Given, of: TruthRecord, want: boolean])[] = [
    ['by enterprise and process', { found: 70, enterprise: 'E1', process: 'P1' }, cause({}), true],
    ['by the enterprise alone', { found: 70, enterprise: 'E1' }, cause({}), true],
    ['not by another process', { found: 70, enterprise: 'E1', process: 'P2' }, cause({}), false],
    [
      'by its own meter, though another process is named',
      { found: 70, enterprise: 'E1', process: 'P2', sources: ['power-of-E1'] },
      cause({}),
      true,
    ],
    ['not by another enterprise', { found: 70, enterprise: 'E2' }, cause({}), false],
    ['by a site', { found: 70, unit: 'D1', by: ['dust'] }, cause({ enterprise: undefined, site: 'D1', on: { dust: 90 } }), true],
    ['at its first moment', { found: 60, enterprise: 'E1' }, cause({}), true],
    ['not before it', { found: 59, enterprise: 'E1' }, cause({}), false],
    ['90 minutes after its end', { found: 270, enterprise: 'E1' }, cause({}), true],
    ['not later', { found: 271, enterprise: 'E1' }, cause({}), false],
    ['when it is still going on', { found: 1400, enterprise: 'E1' }, cause({ to: null }), true],
    ['though nothing could see it', { found: 70, enterprise: 'E1' }, cause({ on: { power: null } }), true],
    [
      'by the third candidate',
      { found: 70, candidates: ['a', 'b', 'E1'].map((id) => ({ id, score: 0, reasons: [] })) },
      cause({}),
      true,
    ],
    [
      'not by the fourth',
      { found: 70, candidates: ['a', 'b', 'c', 'E1'].map((id) => ({ id, score: 0, reasons: [] })) },
      cause({}),
      false,
    ],
    ['not by a finding that was corrected', { found: 70, enterprise: 'E1', state: 'corrected' }, cause({}), false],
    [
      'by a place 1.4 km from a fire',
      { found: 70, by: ['camera'], place: { district: '', lon: 115.66, lat: 37.7476 } },
      cause({ ...field, place: near }),
      true,
    ],
    [
      'not by one 1.6 km from it',
      { found: 70, by: ['camera'], place: { district: '', lon: 115.66, lat: 37.7494 } },
      cause({ ...field, place: near }),
      false,
    ],
    [
      'not by a station beside it',
      { found: 70, by: ['air'], place: { district: '', ...near } },
      cause({ ...field, place: near }),
      false,
    ],
    [
      'not by another enterprise beside it',
      { found: 70, enterprise: 'E2', by: ['camera'], place: { district: '', ...near } },
      cause({ ...field, place: near }),
      false,
    ],
    [
      'not by cameras beside a works that is no fire',
      { found: 70, by: ['camera'], place: { district: '', ...near } },
      cause({ place: near, on: { complaint: 70 } }),
      false,
    ],
    [
      'by complaints beside a works that smells',
      { found: 70, by: ['petition'], place: { district: '', ...near } },
      cause({ place: near, on: { complaint: 70 } }),
      true,
    ],
    ['not by an emission rule when it is a fault', { found: 70, sources: ['S1'] }, fault(), false],
    ['by a rule of faults', { found: 70, rule: 'silent-source', sources: ['S1'] }, fault(), true],
    [
      'by a rule of faults for all sources of a kind',
      { found: 70, rule: 'silent-feed', unit: 'air', by: ['air'] },
      fault({ sources: ['all air'] }),
      true,
    ],
    [
      'not by a rule of faults when it is an emission',
      { found: 70, rule: 'silent-source', sources: ['power-of-E1'] },
      cause({}),
      false,
    ],
  ];
  test.each(cases)('%s', (_, found, of, want) => {
    expect(isHit(found, of)).toBe(want);
  });

  test('by one finding only, and a finding hits one', () => {
    const both = [cause({ id: 'a' }), cause({ id: 'b' })];
    const one = run([finding({ found: 70, enterprise: 'E1' })], both);
    expect(one.events.map(({ hit }) => hit !== undefined)).toEqual([true, false]);
    const two = run([finding({ found: 70, enterprise: 'E1' }), finding({ found: 75, enterprise: 'E1', process: 'P1' })], both);
    expect(two.events.map(({ hit }) => hit !== undefined)).toEqual([true, true]);
  });
});

describe('a finding is true', () => {
  const cases: readonly (readonly [what: string, found: Given, truth: readonly TruthRecord[], want: boolean])[] = [
    ['not without any cause', { found: 70, enterprise: 'E1' }, [], false],
    ['not when its cause is another day', { found: 1000, opened: 990, enterprise: 'E1' }, [cause({})], false],
    ['when it was open before and still is', { found: 50, opened: 40, closed: 61, enterprise: 'E1' }, [cause({})], true],
    ['not when it closed before', { found: 50, opened: 40, closed: 59, enterprise: 'E1' }, [cause({})], false],
    ['when it is another rule’s of the same cause', { found: 200, rule: 'stack-flow', enterprise: 'E1' }, [cause({})], true],
    [
      'at a station that the smoke reached',
      { found: 70, by: ['air'], sources: ['S7'] },
      [cause({ on: { air: null }, air: ['S7'] })],
      true,
    ],
    ['not at another station', { found: 70, by: ['air'], sources: ['S8'] }, [cause({ on: { air: null }, air: ['S7'] })], false],
    ['not of a fault, as an emission', { found: 70, sources: ['S1'] }, [fault()], false],
    ['of a fault, by a rule of faults', { found: 70, rule: 'silent-source', sources: ['S1'] }, [fault()], true],
    [
      'of maintenance, by a rule of faults',
      { found: 70, rule: 'station-constant', sources: ['S1'] },
      [fault({ class: 'maintenance', kind: 'swap' })],
      true,
    ],
    [
      'not of what the network does to every row',
      { found: 70, rule: 'silent-feed', by: ['air'] },
      [fault({ kind: 'late', isDefault: true, sources: ['all air'] })],
      false,
    ],
    [
      'of cheating, by a rule of faults',
      { found: 70, rule: 'stack-drop', sources: ['cems-of-E1'] },
      [cause({ class: 'cheat', on: { cems: null } })],
      true,
    ],
    [
      'when it says outside during inflow',
      { found: 70, by: ['air'], sources: ['S8'], candidates: [{ id: 'outside', score: 1, reasons: [] }] },
      [cause({ class: 'weather', kind: 'inflow', enterprise: undefined })],
      true,
    ],
    [
      'not when it names somebody then',
      { found: 70, by: ['air'], sources: ['S8'], candidates: [{ id: 'E9', score: 1, reasons: [] }] },
      [cause({ class: 'weather', kind: 'inflow', enterprise: undefined })],
      false,
    ],
    ['not because of an order', { found: 70, enterprise: 'E1' }, [cause({ class: 'order' })], false],
  ];
  test.each(cases)('%s', (_, found, truth, want) => {
    expect(isTrue(found, ...truth)).toBe(want);
  });
});

describe('what is not judged', () => {
  test('the warm-up: findings of it, and causes that began in it', () => {
    const { early, judged, events } = run(
      [finding({ found: -10, enterprise: 'E1' }), finding({ found: 20, enterprise: 'E1' })],
      [cause({ from: -30, to: 40 })],
    );
    expect([early, judged.length, events.length]).toEqual([1, 1, 0]);
    expect(judged[0].isTrue).toBe(true);
  });

  test('rules of which the key knows nothing, the whole city, and maintenance', () => {
    const { unjudged, judged, events } = run(
      [finding({ found: 20, rule: 'vehicle-high' })],
      [cause({ kind: 'area_factor', enterprise: undefined }), fault({ class: 'maintenance' }), cause({ class: 'order' })],
    );
    expect([unjudged, judged.length, events.length]).toEqual([1, 0, 0]);
  });
});

describe('faults of a network', () => {
  test('told kind by kind in the key, they are one event', () => {
    const outage = { class: 'network_fault', kind: 'outage', from: 60, to: 180 } as const;
    const { events } = run(
      [finding({ found: 90, rule: 'silent-district', sources: ['CEMS-1'] })],
      [
        fault({ ...outage, id: 'N1 air', sources: ['HS-1'] }),
        fault({ ...outage, id: 'N1 cems', sources: ['CEMS-1'] }),
        fault({ ...outage, id: 'N2', from: 61, sources: ['HS-2'] }),
      ],
    );
    expect(events.map(({ record, hit }) => [record.sources, hit !== undefined])).toEqual([
      [['HS-1', 'CEMS-1'], true],
      [['HS-2'], false],
    ]);
  });
});

describe('other runs would give', () => {
  const found = () => run([finding({ found: 70, enterprise: 'E1' })], [cause({})]);
  const missed = () => run([finding({ found: 300, enterprise: 'E9' })], [cause({})]);
  const none = () => false;

  test('nothing that few runs can tell', () => {
    expect(intervalsOf([found(), found(), missed(), missed()], none)).toBeUndefined();
  });

  test('figures around those of these runs, the same ones again', () => {
    const runs = [found(), found(), found(), missed(), missed(), missed()];
    const intervals = intervalsOf(runs, none);
    const [low, high] = intervals?.detectable ?? [];
    expect([low, high]).toEqual([1 / 6, 5 / 6]);
    expect(intervalsOf(runs, none)).toEqual(intervals);
    expect(scoreText(tally(runs, none), intervals)).toMatch(/on any channel +0\.500 \(3\/6\) +95 % 0\.167–0\.833/);
  });

  test('one figure where all runs agree', () => {
    expect(intervalsOf([found(), found(), found(), found(), found()], none)).toMatchObject({
      detectable: [1, 1],
      precision: [1, 1],
      falsePerDay: [0, 0],
    });
  });
});

describe('figures', () => {
  const isFault = (rule: string) => rule.startsWith('silent');
  const scored = tally(
    [
      run(
        [
          finding({ found: 70, enterprise: 'E1' }),
          finding({ found: 80, rule: 'stack-flow', enterprise: 'E1', by: ['cems'] }),
          finding({ found: 300, enterprise: 'E9' }),
          finding({ found: 400, rule: 'silent-source', sources: ['S1'] }),
        ],
        [
          cause({ id: 'a', on: { power: 65, cems: 120, complaint: null } }),
          cause({ id: 'b', enterprise: 'E2', on: { complaint: 90 } }),
          cause({ id: 'c', class: 'cheat', kind: 'idle_fan', enterprise: 'E3', on: { power: null } }),
          fault({ from: 390, to: 420 }),
        ],
      ),
    ],
    isFault,
  );

  test('recall by what can be seen, precision, false alarms a day', () => {
    expect(scored.overall.all).toEqual({ events: 3, hit: 1, recall: 1 / 3 });
    expect(scored.overall.detectable).toEqual({ events: 2, hit: 1, recall: 1 / 2 });
    expect(scored.overall.air).toEqual({ events: 0, hit: 0, recall: null });
    expect(scored.overall.precision).toEqual({ findings: 3, false: 1, precision: 2 / 3, falsePerDay: 1 });
    expect(scored.faults).toMatchObject({ all: { events: 1, hit: 1 }, precision: { findings: 1, false: 0 } });
  });

  test('delay from the first channel, and from its own by rule and channel', () => {
    expect(scored.overall.delay).toEqual({ medianMin: 5, p90Min: 5, count: 1 });
    expect(scored.rules.map(({ rule, hits, delay }) => [rule, hits, delay.medianMin])).toEqual([
      ['silent-source', 1, null],
      ['stack-flow', 1, -40],
      ['treatment-off', 1, 5],
    ]);
    expect(
      scored.channels.map(({ channel, any, own, delay }) => [channel, any.hit, any.events, own.hit, delay.medianMin]),
    ).toEqual([
      ['cems', 1, 1, 1, -40],
      ['power', 1, 1, 1, 5],
      ['complaint', 0, 1, 0, null],
    ]);
  });

  test('by class', () => {
    expect(
      scored.classes.map(({ class: of, kind, all, detectable }) => [of, kind, all.hit, all.events, detectable.events]),
    ).toEqual([
      ['cheat', 'idle_fan', 0, 1, 0],
      ['incident', 'control_failure', 1, 2, 2],
      ['network_fault', 'outage', 1, 1, 0],
    ]);
  });

  test('attribution of what the air shows: the first finding at one of its stations counts', () => {
    const candidates = (...ids: readonly string[]) => ids.map((id) => ({ id, score: 0, reasons: [] }));
    const air = (id: string, station: string) => cause({ id, enterprise: id, on: { air: 70 }, air: [station] });
    const high = (found: number, station: string, ...ids: readonly string[]) =>
      finding({ found, rule: 'station-high', by: ['air'], sources: [station], candidates: candidates(...ids) });
    const { overall, rules } = tally(
      [
        run(
          [high(75, 'S1', 'A', 'x'), high(76, 'S2', 'x', 'y', 'B'), high(77, 'S3', 'unknown'), high(78, 'S3', 'C')],
          [air('A', 'S1'), air('B', 'S2'), air('C', 'S3'), air('D', 'S4')],
        ),
      ],
      isFault,
    );
    expect(overall.airAttribution).toEqual({ count: 3, top1: 1 / 3, top3: 2 / 3 });
    expect(overall.air).toMatchObject({ events: 4, hit: 3 });
    expect(rules[0].attribution).toEqual({ count: 4, top1: 2 / 4, top3: 3 / 4 });
  });

  test('of several runs are pooled', () => {
    const one = run([finding({ found: 70, enterprise: 'E1' })], [cause({})]);
    const two = run([finding({ found: 70, enterprise: 'E9' })], [cause({})], { toMs: at(2880) });
    expect(tally([one, two], isFault)).toMatchObject({
      runs: 2,
      days: 3,
      overall: { all: { events: 2, hit: 1 }, precision: { findings: 2, false: 1, falsePerDay: 1 / 3 } },
    });
  });

  test('of nothing are nothing, not zero', () => {
    const { overall, rules, channels } = tally([run([], [])], isFault);
    expect(overall).toMatchObject({ all: { recall: null }, precision: { precision: null }, delay: { medianMin: null } });
    expect([rules, channels]).toEqual([[], []]);
  });

  test('are told in tables, with names in Chinese', () => {
    const text = scoreText(scored);
    expect(text).toContain('1 run, 1.00 days');
    expect(text).toMatch(/recall, detectable on any channel +0\.500 \(1\/2\)/);
    expect(text).toMatch(/treatment-off +生产时治理设施未开启 +2 +1 +0\.500/);
    expect(text).toMatch(/incident control_failure +治理设施失效 +0\.500 \(1\/2\)/);
    const list = listText(run([finding({ found: 70, enterprise: 'E9' })], [cause({})]));
    expect(list).toContain('False findings (1)');
    expect(list).toMatch(/incident control_failure +c +E1\/P1 .*power/);
  });
});

describe('pairs', () => {
  test.each([
    [
      [[0], [0]],
      [0, undefined],
    ],
    [
      [[0, 1], [0]],
      [1, 0],
    ],
    [
      [[0, 1], [0, 2], [0]],
      [1, 2, 0],
    ],
    [
      [[], [1]],
      [undefined, 1],
    ],
    [[], []],
  ])('%j: %j', (choices, want) => {
    expect(matched(choices)).toEqual(want);
  });

  test('are as many as there can be', () => {
    const choices = fc.array(fc.uniqueArray(fc.nat(5)), { maxLength: 6 });
    const most = (all: readonly (readonly number[])[], i = 0, taken: readonly number[] = []): number =>
      i === all.length
        ? 0
        : Math.max(
            most(all, i + 1, taken),
            ...all[i].filter((each) => !taken.includes(each)).map((each) => 1 + most(all, i + 1, [...taken, each])),
          );
    fc.assert(
      fc.property(choices, (all) => {
        const found = matched(all).filter((each) => each !== undefined);
        expect(new Set(found).size).toBe(found.length);
        expect(found.length).toBe(most(all));
      }),
    );
  });
});
