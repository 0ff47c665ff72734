// Registers for tests of plans and orders: hand-made ones, and random ones whose plans keep to no rule.

import fc from 'fast-check';
import {
  type Enterprise,
  type EnterpriseProcess,
  grades,
  type Level,
  levels,
  type Measure,
  type Register,
} from '../../engine/schema/register.ts';

export const tenKg = { so2: 10, nox: 10, pm: 10, voc: 10 };
const noKg = { so2: 0, nox: 0, pm: 0, voc: 0 };

export function processOf(id: string, fields: Partial<EnterpriseProcess> = {}): EnterpriseProcess {
  const emits = fields.emits ?? true;
  return {
    id,
    zh: `工序${id}`,
    en: `step ${id}`,
    emits,
    ratedKw: 100,
    shifts: 'continuous',
    emission: emits ? tenKg : noKg,
    ...fields,
  };
}

export const noPlan: Enterprise['plan'] = { yellow: [], orange: [], red: [] };

/** P1 and P2 emit, P3 does not. */
export function enterpriseOf(id: string, fields: Partial<Enterprise> = {}): Enterprise {
  return {
    id,
    zh: `企业${id}`,
    en: `Works ${id}`,
    industry: 'casting',
    grade: 'C',
    district: '131102',
    township: '131102001',
    lon: 115.7,
    lat: 37.7,
    processes: [processOf('P1'), processOf('P2'), processOf('P3', { emits: false })],
    plan: noPlan,
    ...fields,
  };
}

export function registerWith(enterprises: readonly Enterprise[]): Register {
  return {
    city: { code: '131100', zh: '衡水市', en: 'Hengshui' },
    districts: [
      { code: '131102', zh: '桃城区', en: 'Taocheng', lon: 115.7, lat: 37.7 },
      { code: '131121', zh: '枣强县', en: 'Zaoqiang', lon: 115.7, lat: 37.5 },
    ],
    sources: [],
    enterprises,
    townships: [],
    inspectors: [],
  };
}

export const stop = (process: string): Measure => ({ process, action: 'stop' });
export const limit = (process: string, toPct: number): Measure => ({ process, action: 'limit', toPct });
export const transport: Measure = { action: 'transport' };
export const atEvery = (...measures: readonly Measure[]): Enterprise['plan'] => ({
  yellow: measures,
  orange: measures,
  red: measures,
});

const ids = ['P1', 'P2', 'P3', '-', 'a:b', 'a%3Ab', '工/序', 'P9'];
const awkward = fc.constantFrom('', '=SUM(A1)', '@x', '+1', '-2', "'q", 'a,"b"', '两\n行', '𠮷', '①Ω', '，；', ' 空 ', '\t');

const anyMeasure: fc.Arbitrary<Measure> = fc.record(
  {
    process: fc.option(fc.constantFrom(...ids), { nil: undefined }),
    action: fc.constantFrom('stop', 'limit', 'transport', 'close' as 'stop'),
    toPct: fc.option(fc.oneof(fc.integer({ min: -20, max: 150 }), fc.constantFrom(Number.NaN, 0, 100)), { nil: undefined }),
  },
  { requiredKeys: ['action'] },
);
const anyMeasures = fc.array(anyMeasure, { maxLength: 8 });

const kg = fc.integer({ min: 0, max: 500 }).map((tenths) => tenths / 10);
const processArbitrary = (id: string): fc.Arbitrary<EnterpriseProcess> =>
  fc
    .record({
      emits: fc.boolean(),
      shifts: fc.constantFrom('continuous', 'day', 'two', 'three'),
      emission: fc.record({ so2: kg, nox: kg, pm: kg, voc: kg }),
      tail: awkward,
    })
    .map(({ tail, ...fields }) => processOf(id, { ...fields, zh: `工序${id}${tail}` }));

const enterpriseFields = fc.record({
  name: awkward,
  grade: fc.constantFrom(...grades),
  district: fc.constantFrom('131102', '131121'),
  smallMicro: fc.boolean(),
  guarantee: fc.option(
    fc.integer({ min: 0, max: 100 }).map((maxLoadPct) => ({ zh: '供暖', maxLoadPct })),
    { nil: undefined },
  ),
  processes: fc.subarray(ids.slice(0, 7)).chain((chosen) => fc.tuple(...chosen.map(processArbitrary))),
  plan: fc.record({ yellow: anyMeasures, orange: anyMeasures, red: anyMeasures }),
});

/** Any enterprises with any plans: exempt ones that are stopped, shares out of range, steps that do not exist, twice the same. */
export const maliciousRegister: fc.Arbitrary<Register> = fc.array(enterpriseFields, { maxLength: 12 }).map((all) =>
  registerWith(
    all.map(({ name, smallMicro, guarantee, ...fields }, i) =>
      enterpriseOf(['E', 'E:', 'E%', 'E/'][i % 4] + i, {
        ...fields,
        zh: `${name}企业${i}`,
        ...(smallMicro ? { smallMicro } : {}),
        ...(guarantee === undefined ? {} : { guarantee }),
      }),
    ),
  ),
);

export const anyLevel: fc.Arbitrary<Level> = fc.constantFrom(...levels);
