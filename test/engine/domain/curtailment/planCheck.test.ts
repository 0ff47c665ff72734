// Does a plan reach the required cut: hand-computed cases, editions, counties, rules that plans break.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CheckSettings,
  type CutEditionId,
  checkSettings,
  pollutants,
  type SectorId,
  sectorIds,
  settingsProblem,
} from '../../../../engine/domain/curtailment/checkSettings.ts';
import { checkPlan, usualKg } from '../../../../engine/domain/curtailment/planCheck.ts';
import { planProblemsOf } from '../../../../engine/domain/curtailment/rules.ts';
import type { Emission, Enterprise, Level } from '../../../../engine/schema/register.ts';
import { usualDayKg } from '../../../../simulator/world/city/plant.ts';
import {
  anyLevel,
  atEvery,
  enterpriseOf,
  limit,
  maliciousRegister,
  processOf,
  registerWith,
  stop,
  transport,
} from '../../../harness/planRegisters.ts';

const alike = (value: number): Emission => ({ so2: value, nox: value, pm: value, voc: value });

/** No sector gives off anything, but those that are named: share, cut at every level. */
function settingsWith(sectors: Partial<Record<SectorId, readonly [share: number, cut: number]>> = {}): CheckSettings {
  const all = Object.fromEntries(
    sectorIds.map((id) => {
      const [share, cut] = sectors[id] ?? [0, 0];
      return [id, { ...checkSettings.sectors[id], sharePct: alike(share), cutPct: { yellow: cut, orange: cut, red: cut } }];
    }),
  ) as unknown as CheckSettings['sectors'];
  return { ...checkSettings, sectors: all, trucksPct: alike(0) };
}

const check = (
  enterprises: readonly Enterprise[],
  { level = 'red' as Level, edition = 'mee-2024' as CutEditionId, settings = settingsWith() } = {},
) => checkPlan({ register: registerWith(enterprises), level, edition, settings });

/** 10 kg/h each. */
const two = (plan: Enterprise['plan'], fields: Partial<Enterprise> = {}) =>
  enterpriseOf('E1', { processes: [processOf('P1'), processOf('P2')], plan, ...fields });

describe('usual emission', () => {
  test('is that of the shifts at three quarters of the load', () => {
    expect(usualKg(processOf('P1')).nox).toBe(10 * 24 * 0.75);
    expect(usualKg(processOf('P1', { shifts: 'day' })).nox).toBe(10 * 8 * 0.75);
    expect(usualKg(processOf('P1', { emits: false, emission: alike(10) })).nox).toBe(0);
  });

  test.each(['continuous', 'day', 'two', 'three'] as const)('is what lantian city counts: %s', (shifts) => {
    const process = processOf('P1', { shifts });
    expect(usualKg(process)).toEqual(usualDayKg(process));
  });
});

describe('the cut', () => {
  test('of one of two equal steps is a half, of a limit to 80 % a fifth of its step', () => {
    const { city } = check([two(atEvery(stop('P1'), limit('P2', 80)))]);
    expect(city.baseKg).toEqual(alike(360));
    expect(city.cutPct).toEqual(alike(60));
    expect(city.parts.map(({ id, orders, cutKg }) => [id, orders, cutKg.pm])).toEqual([
      ['stop', 1, 180],
      ['limit', 1, expect.closeTo(36, 9)],
      ['transport', 0, 0],
    ]);
  });

  test.each([
    [69.99, 'reached'],
    [70, 'reached'],
    [70.01, 'short'],
  ] as const)('a limit of everything to %d %% is %s at red', (toPct, want) => {
    const { city } = check([two(atEvery(limit('P1', toPct), limit('P2', toPct)))]);
    expect(city.reached).toEqual({ so2: want, nox: want, pm: want, voc: want });
    expect(city.isReached).toBe(want === 'reached');
  });

  test('counts what would be ordered, not what a plan says against the rules', () => {
    expect(check([two(atEvery(stop('P1'), stop('P2')), { grade: 'A' })]).city.cutPct).toEqual(alike(0));
    const heat = two(atEvery(stop('P1'), stop('P2')), { guarantee: { zh: '供暖', maxLoadPct: 75 } });
    expect(check([heat]).city.cutPct).toEqual(alike(25));
  });

  test('sectors by share are of the whole: 60 % sectors, 40 % enterprises', () => {
    const { city } = check([two(atEvery(stop('P1')))], { settings: settingsWith({ vehicles: [40, 25], sites: [20, 90] }) });
    expect(city.baseKg.pm).toBeCloseTo(900, 9);
    expect(city.sectorsKg.vehicles.pm).toBeCloseTo(360, 9);
    // 180 of stops, 90 of vehicles, 162 of sites.
    expect(city.cutPct.pm).toBeCloseTo(48, 9);
  });

  test('a sector of the inventory counts in t/d', () => {
    const settings = settingsWith({ vehicles: [0, 25] });
    const vehicles = { ...settings.sectors.vehicles, tpd: alike(0.36) };
    const { city } = check([two(atEvery())], { settings: { ...settings, sectors: { ...settings.sectors, vehicles } } });
    expect(city.baseKg.nox).toBe(720);
    expect(city.cutPct.nox).toBe(12.5);
  });

  test("enterprises' trucks count by who has the order, and never more than vehicles give off", () => {
    const base = settingsWith({ vehicles: [50, 95] });
    const enterprises = [two(atEvery(transport)), enterpriseOf('E2', { processes: [], district: '131121' })];
    const trucks = (trucksPct: Emission) => check(enterprises, { settings: { ...base, trucksPct } }).city.parts[2].cutPct.nox;
    expect(trucks(alike(4))).toBeCloseTo(50 * 0.5 * 0.04, 9);
    expect(trucks(alike(60))).toBeCloseTo(50 * 0.5 * 0.05, 9);
  });

  test('what nobody gives off need not be cut', () => {
    const only = processOf('P1', { emission: { so2: 0, nox: 10, pm: 0, voc: 0 } });
    const { city } = check([enterpriseOf('E1', { processes: [only], plan: atEvery(stop('P1')) })]);
    expect(city.reached).toEqual({ so2: 'nothing', nox: 'reached', pm: 'nothing', voc: 'nothing' });
    expect(city.cutPct.so2).toBe(0);
    expect(city.isReached).toBe(true);
    expect(check([]).city.isReached).toBe(true);
  });
});

describe('editions', () => {
  /** SO2 from P1 alone, the others half from each. */
  const uneven = (so2: number, nox: number) =>
    enterpriseOf('E1', {
      processes: [
        processOf('P1', { emission: { so2: 100, nox: 0, pm: 0, voc: 0 } }),
        processOf('P2', { emission: { so2: 0, nox: 100, pm: 0, voc: 0 } }),
      ],
      plan: atEvery(limit('P1', 100 - so2), limit('P2', 100 - nox)),
    });

  test.each([
    // 2018: 20 + 20 at orange may be shared otherwise.
    ['hebei-2018', 'orange', 10, 30, { so2: 'traded', nox: 'reached' }],
    ['hebei-2018', 'orange', 10, 29, { so2: 'short', nox: 'reached' }],
    ['hebei-2018', 'orange', 30, 10, { so2: 'reached', nox: 'traded' }],
    ['mee-2019', 'orange', 10, 30, { so2: 'short', nox: 'reached' }],
    ['mee-2024', 'orange', 20, 20, { so2: 'reached', nox: 'reached' }],
    ['mee-2024', 'yellow', 10, 9, { so2: 'reached', nox: 'short' }],
    ['mee-2024', 'red', 30, 29, { so2: 'reached', nox: 'short' }],
  ] as const)('%s at %s with SO2 %d, NOx %d', (edition, level, so2, nox, want) => {
    expect(check([uneven(so2, nox)], { edition, level }).city.reached).toMatchObject(want);
  });

  test.each([
    ['hebei-2018', [10, 15, 20]],
    ['mee-2019', [10, 20, 30]],
    ['mee-2024', [10, 20, 30]],
  ] as const)('%s asks %j %% of VOCs', (edition, want) => {
    expect((['yellow', 'orange', 'red'] as const).map((level) => check([], { edition, level }).requiredPct.voc)).toEqual(want);
  });

  test('what is required can be configured', () => {
    const editions = { ...checkSettings.editions };
    editions['mee-2024'] = { ...editions['mee-2024'], requiredPct: { yellow: alike(1), orange: alike(2), red: alike(60.5) } };
    expect(check([two(atEvery(stop('P1'), limit('P2', 80)))], { settings: { ...settingsWith(), editions } }).city.isReached).toBe(
      false,
    );
  });
});

describe('counties', () => {
  test('have their own enterprises, and sectors by grid inspectors', () => {
    const inspector = (id: string, district: string) => ({ id, zh: id, township: '', district });
    const register = {
      ...registerWith([two(atEvery(stop('P1'))), two(atEvery(), { id: 'E2', district: '131121' })]),
      inspectors: [inspector('1', '131102'), inspector('2', '131121'), inspector('3', '131121'), inspector('4', '131121')],
    };
    const { city, counties } = checkPlan({
      register,
      level: 'red',
      edition: 'mee-2024',
      settings: settingsWith({ sites: [50, 0] }),
    });
    expect(city.baseKg.pm).toBeCloseTo(1440, 9);
    expect(
      counties.map(({ code, enterprises, curtailed, baseKg }) => [code, enterprises, curtailed, Math.round(baseKg.pm)]),
    ).toEqual([
      ['131102', 1, 1, 360 + 180],
      ['131121', 1, 0, 360 + 540],
    ]);
    expect(counties[0].cutPct.pm).toBeCloseTo((100 * 180) / 540, 9);
  });

  test('sum to the city over random registers, and nothing is cut that is not given off', () => {
    fc.assert(
      fc.property(maliciousRegister, anyLevel, (register, level) => {
        const { city, counties } = checkPlan({ register, level, edition: 'hebei-2018' });
        for (const pollutant of pollutants) {
          for (const key of ['baseKg', 'enterprisesKg', 'cutKg'] as const)
            expect(counties.reduce((sum, county) => sum + county[key][pollutant], 0)).toBeCloseTo(city[key][pollutant], 5);
          expect(city.parts.reduce((sum, { cutKg }) => sum + cutKg[pollutant], 0)).toBeCloseTo(city.cutKg[pollutant], 5);
          for (const area of [city, ...counties]) {
            expect(area.cutPct[pollutant]).toBeGreaterThanOrEqual(0);
            expect(area.cutPct[pollutant]).toBeLessThanOrEqual(100 + 1e-9);
          }
        }
      }),
      { numRuns: 200, seed: 8 },
    );
  });
});

describe('what is wrong in plans', () => {
  const heat = { guarantee: { zh: '供暖', maxLoadPct: 70 } };
  test.each([
    ['exempt-grade', { grade: 'A' }, atEvery(stop('P1')), 'nothing'],
    ['exempt-grade', { grade: 'positive' }, atEvery(limit('P1', 80)), 'nothing'],
    ['below-certified', heat, atEvery(stop('P1')), 'certified-load'],
    ['above-certified', heat, atEvery(limit('P1', 80)), 'as-planned'],
    ['not-emitting', {}, atEvery(stop('P3')), 'nothing'],
    ['unknown-process', {}, atEvery(stop('P9')), 'nothing'],
    ['no-share', {}, atEvery({ process: 'P1', action: 'limit' as const }), 'nothing'],
    ['process-of-transport', {}, atEvery({ process: 'P1', action: 'transport' as const }), 'nothing'],
    ['twice', {}, atEvery(stop('P1'), limit('P1', 80)), 'nothing'],
  ] as const)('%s %j', (code, fields, plan, becomes) => {
    const found = planProblemsOf(enterpriseOf('E1', { ...fields, plan }));
    expect(found.map(({ level, ...each }) => [level, each.code, each.becomes])).toEqual(
      ['yellow', 'orange', 'red'].map((level) => [level, code, becomes]),
    );
  });

  test('a higher level that asks less', () => {
    const plan = { yellow: [limit('P1', 50), transport], orange: [limit('P1', 60)], red: [stop('P1')] };
    expect(
      planProblemsOf(enterpriseOf('E1', { plan })).map(({ level, code, process, value }) => [level, code, process, value]),
    ).toEqual([
      ['orange', 'weaker', 'P1', 'limit to 60 %'],
      ['orange', 'weaker', undefined, 'none'],
    ]);
  });

  test('a plan by the rules has none', () => {
    const plan = {
      yellow: [limit('P1', 50), transport],
      orange: [stop('P1'), transport],
      red: [stop('P1'), stop('P2'), transport],
    };
    expect(planProblemsOf(enterpriseOf('E1', { plan }))).toEqual([]);
    expect(planProblemsOf(enterpriseOf('E1', { ...heat, plan: atEvery(limit('P1', 70), transport) }))).toEqual([]);
  });
});

test('the shares of the sectors leave something to the enterprises', () => {
  expect(settingsProblem(checkSettings)).toBeUndefined();
  expect(settingsProblem(settingsWith({ vehicles: [60, 0], sites: [40, 0] }))).toMatch(/^sharePct.so2 of the sectors is 100 %/);
});
