import { describe, expect, it } from 'vitest';
import type { NetworkFault, SensorFault } from '../../../../simulator/world/episode.ts';
import { faultPlan } from '../../../../simulator/world/faults/faultPlan.ts';
import type { FaultPlan } from '../../../../simulator/world/faults/faultRecord.ts';
import { unknownSources } from '../../../../simulator/world/faults/namedSources.ts';
import { dayMs, episodeOf, hourMs, registerOf, startMs } from './faultCity.ts';

const register = registerOf({
  air: 150,
  cems: 100,
  voc: 30,
  dust: 100,
  power: 300,
  camera: 20,
  vehicle: 2,
  petition: 3,
  forecast: 1,
});
const stuck: SensorFault = {
  id: 'F1',
  kind: 'stuck',
  source: 'S012',
  sourceKind: 'air',
  metrics: ['pm25'],
  fromMs: hourMs,
  toMs: 9 * hourMs,
};
const outage: NetworkFault = { id: 'N1', kind: 'outage', scope: { district: '131125', share: 1 }, fromMs: 0, toMs: hourMs };
const realistic = { sensorFaultRate: 1, networkFaultRate: 1 };

describe('faults that a scenario orders', () => {
  it('stand at absolute times and name sources by number or id', () => {
    const byId: SensorFault = { ...stuck, id: 'F2', source: 'dust-7', sourceKind: 'dust', metrics: [] };
    const { records } = faultPlan(1, register, episodeOf({ sensorFaults: [stuck, byId] }));
    expect(records).toMatchObject([
      { id: 'F1', class: 'sensor_fault', sources: [11], fromMs: startMs + hourMs, toMs: startMs + 9 * hourMs, metrics: ['pm25'] },
      { id: 'F2', sourceKind: 'dust', sources: [7], isDefault: false },
    ]);
    expect(records[1].metrics).toHaveLength(6);
  });

  it('meet the sources of a district, one record a kind', () => {
    const { records } = faultPlan(1, register, episodeOf({ networkFaults: [outage] }));
    const meters = records.find(({ sourceKind }) => sourceKind === 'power')!;
    expect(records.map(({ sourceKind }) => sourceKind)).not.toContain('forecast');
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    expect(meters.sources).toEqual(Array.from({ length: 100 }, (_, index) => 3 * index + 1));
    expect(meters.backfill).toBe(true);
  });

  it('meet a share of a kind, drawn per source', () => {
    const skew: NetworkFault = { ...outage, kind: 'clock_skew', scope: { kind: 'power', share: 0.3 } };
    const [record, ...others] = faultPlan(1, register, episodeOf({ networkFaults: [skew] })).records;
    expect(others).toEqual([]);
    expect(record).toMatchObject({ id: 'N1', class: 'clock_fault', offsetMs: 480_000 });
    expect(record.sources.length).toBeGreaterThan(65);
    expect(record.sources.length).toBeLessThan(115);
    const longer = registerOf({ power: 400 });
    const [inLonger] = faultPlan(1, longer, episodeOf({ networkFaults: [skew] })).records;
    expect(inLonger.sources.filter((source) => source < 300)).toEqual(record.sources);
  });

  it('are told where they name a source that does not exist, and meet nothing', () => {
    const episode = episodeOf({
      sensorFaults: [stuck, { ...stuck, id: 'F3', source: 'S151' }, { ...stuck, id: 'F4', source: 'S000' }],
      networkFaults: [
        outage,
        { ...outage, id: 'N2', scope: { source: 'camera-99', share: 1 } },
        { ...outage, id: 'N3', scope: { source: 'camera-9', share: 1 } },
        { ...outage, id: 'N4', scope: { kind: 'voc', source: 'S031', share: 1 } },
      ],
    });
    expect(unknownSources(register, episode)).toEqual([
      { fault: 'F3', source: 'S151' },
      { fault: 'F4', source: 'S000' },
      { fault: 'N2', source: 'camera-99' },
      { fault: 'N4', source: 'S031' },
    ]);
    const ids = faultPlan(1, register, episode).records.map(({ id }) => id);
    expect(ids.filter((id) => /^(F[34]|N[24])/.test(id))).toEqual([]);
    expect(ids).toContain('N3');
  });
});

describe('faults that happen by themselves', () => {
  /** Those that come on a day and go, in the order of the plan. */
  const lasting = ({ records }: Pick<FaultPlan, 'records'>) =>
    records.filter(({ id, kind }) => /^default .* \d+( \w+)?$/.test(id) && kind !== 'rh_runaway' && kind !== 'swap');

  it('are none at rate 0', () => {
    expect(faultPlan(1, register, episodeOf()).records).toEqual([]);
  });

  it('are the same from the same seed and others from another', () => {
    const episode = episodeOf({ ...realistic, durationMs: 60 * dayMs });
    const ids = (seed: number) => faultPlan(seed, register, episode).records.map(({ id, fromMs }) => `${id} ${fromMs}`);
    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
  });

  it('depend neither on the length of the episode nor on its start nor on what is ordered', () => {
    const long = faultPlan(
      1,
      register,
      episodeOf({ ...realistic, durationMs: 60 * dayMs, sensorFaults: [stuck], networkFaults: [outage] }),
    );
    const short = episodeOf({ ...realistic, startMs: startMs + 20 * dayMs, durationMs: 10 * dayMs });
    const { records, fromMs, toMs } = faultPlan(1, register, short);
    const inside = lasting(long).filter((record) => record.fromMs < toMs && record.toMs > fromMs);
    expect(inside.length).toBeGreaterThan(30);
    expect(lasting({ records })).toEqual(inside);
  });

  // Tolerance: three sigma of the count.
  it.each([
    ['stuck', 'air', 0.3],
    ['drift', 'cems', 0.5],
    ['step', 'dust', 0.3],
    ['stuck', 'power', 0.03],
  ] as const)('%s comes to %s %f times a year', (kind, sourceKind, perYear) => {
    const many = registerOf({ air: 1, [sourceKind]: 1000 });
    const plan = faultPlan(3, many, episodeOf({ ...realistic, durationMs: 365 * dayMs }));
    const begun = plan.records.filter(
      (record) => record.kind === kind && record.sourceKind === sourceKind && record.fromMs >= startMs,
    );
    expect(Math.abs(begun.length - 1000 * perYear)).toBeLessThan(3 * Math.sqrt(1000 * perYear));
  });

  it.each([
    ['clock_skew', 0.01],
    ['clock_jump', 0.001],
    ['clock_zone', 0.0005],
  ] as const)('%s meets a share of %f of the sources at a time', (kind, share) => {
    const many = registerOf({ power: 20_000 });
    const plan = faultPlan(4, many, episodeOf({ networkFaultRate: 1, durationMs: dayMs }));
    const now = plan.records.filter((record) => record.kind === kind && record.fromMs <= startMs && record.toMs > startMs);
    expect(Math.abs(now.length - 20_000 * share)).toBeLessThan(3.5 * Math.sqrt(20_000 * share));
  });

  it('cut a county off about once a month, for 2 to 6 hours', () => {
    const plan = faultPlan(5, registerOf({ air: 30 }), episodeOf({ networkFaultRate: 1, durationMs: 365 * dayMs }));
    const outages = plan.records.filter(({ kind }) => kind === 'outage');
    expect(Math.abs(outages.length - 36)).toBeLessThan(18);
    for (const { fromMs, toMs, sources, batch, backfill } of outages) {
      expect(toMs - fromMs).toBeGreaterThanOrEqual(2 * hourMs);
      expect(toMs - fromMs).toBeLessThanOrEqual(6 * hourMs);
      expect(sources).toHaveLength(10);
      expect(batch).toBeGreaterThanOrEqual(200);
      expect(batch).toBeLessThanOrEqual(500);
      expect(backfill).toBe(true);
    }
  });

  it('come more often at a higher rate, and those of the lower rate stay', () => {
    const at = (rate: number) => faultPlan(6, register, episodeOf({ sensorFaultRate: rate, durationMs: 30 * dayMs }));
    const often = new Set(lasting(at(3)).map(({ id }) => id));
    const rare = lasting(at(1)).map(({ id }) => id);
    expect(rare.length).toBeGreaterThan(10);
    expect(rare.filter((id) => !often.has(id))).toEqual([]);
    expect(often.size).toBeGreaterThan(2 * rare.length);
  });
});
