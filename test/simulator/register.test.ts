// The register of the simulated Hengshui: exact counts, links in both directions, plausible places, plans by grade, the same from a seed.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distanceKm } from '../../engine/domain/geo.ts';
import { kinds } from '../../engine/schema/catalog.ts';
import { type Enterprise, type EnterpriseProcess, type Grade, levels, type Source } from '../../engine/schema/register.ts';
import { apportioned } from '../../simulator/world/city/draws.ts';
import { meteredEnterprises } from '../../simulator/world/city/enterprises.ts';
import { type Industry, industries } from '../../simulator/world/city/industries.ts';
import { planOf } from '../../simulator/world/city/plans.ts';
import { cityCounts, makeRegister } from '../../simulator/world/city.ts';

const register = makeRegister(1);
const { enterprises, sources, townships, inspectors, districts } = register;
const ofKind = (kind: Source['kind']) => sources.filter((source) => source.kind === kind);
const sourceOf = new Map(sources.map((source) => [`${source.kind} ${source.id}`, source]));
const processes = enterprises.flatMap((enterprise) => enterprise.processes.map((process) => ({ enterprise, process })));
const pollutants = ['so2', 'nox', 'pm', 'voc'] as const;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const place = ({ lon, lat }: { readonly lon?: number; readonly lat?: number }) => ({ lon: lon as number, lat: lat as number });

describe('counts', () => {
  test.each([
    ['air', 162, 'HS-159'],
    ['cems', 184, 'CEMS-184'],
    ['voc', 51, 'VOC-051'],
    ['dust', 313, 'DUST-313'],
    ['power', 5100, 'P-1700-T'],
    ['camera', 261, 'CAM-261'],
    ['vehicle', 4, 'VEH-004'],
    ['petition', 22, 'PET-022'],
    ['forecast', 1, 'FC-1'],
  ] as const)('%s has %d sources, the last is %s', (kind, count, last) => {
    const ids = ofKind(kind).map(({ id }) => id);
    expect(new Set(ids).size).toBe(count);
    expect(ids).toHaveLength(count);
    expect(ids.at(-1)).toBe(last);
  });

  test('the kinds come one after the other, as in the catalog', () => {
    const order = [...new Set(sources.map(({ kind }) => kind))];
    expect(order).toEqual(kinds);
    expect(Object.keys(cityCounts)).toHaveLength(kinds.length - 1);
  });

  test('three national stations come first and report once an hour, the others by the minute', () => {
    const air = ofKind('air');
    expect(air.slice(0, 3).map(({ id, cadenceMs }) => [id, cadenceMs])).toEqual([
      ['1074A', 3_600_000],
      ['1075A', 3_600_000],
      ['1076A', 3_600_000],
    ]);
    expect(air.filter(({ national }) => national)).toHaveLength(3);
    expect(air.slice(3).every(({ cadenceMs }) => cadenceMs === undefined)).toBe(true);
  });

  test('5,013 enterprises, 1,700 of them metered, with names of their own', () => {
    expect(enterprises).toHaveLength(5013);
    expect(enterprises.filter(({ mainMeter }) => mainMeter !== undefined)).toHaveLength(meteredEnterprises);
    expect(new Set(enterprises.map(({ zh }) => zh)).size).toBe(5013);
    expect(enterprises[5012].id).toBe('E-5013');
  });

  test('A, B and leading are 161, the positive list 238', () => {
    const count = (...grades: Grade[]) => enterprises.filter(({ grade }) => grades.includes(grade)).length;
    expect(count('A', 'B', 'leading')).toBe(161);
    expect(count('positive')).toBe(238);
    for (const grade of ['B-', 'C', 'D'] as const) expect(count(grade)).toBeGreaterThan(200);
  });

  test('5,500 inspectors, some in each of the townships, more in towns', () => {
    expect(inspectors).toHaveLength(5500);
    const counts = townships.map(({ code }) => inspectors.filter(({ township }) => township === code).length);
    expect(Math.min(...counts)).toBeGreaterThan(20);
    expect(Math.max(...counts)).toBeGreaterThan(2 * median(counts));
    expect(inspectors.every(({ zh }) => /^\p{Script=Han}{2,3}$/u.test(zh))).toBe(true);
    expect(new Set(inspectors.map(({ id }) => id)).size).toBe(5500);
  });

  test('every district has stations, stacks, sites, meters, cameras, a desk, enterprises and townships', () => {
    expect(districts).toHaveLength(13);
    for (const { code } of districts) {
      for (const kind of ['air', 'cems', 'dust', 'power', 'camera', 'petition'] as const)
        expect([code, kind, ofKind(kind).some(({ district }) => district === code)]).toEqual([code, kind, true]);
      expect(enterprises.some(({ district }) => district === code)).toBe(true);
    }
    expect(townships.length).toBeGreaterThanOrEqual(100);
    expect(townships.length).toBeLessThanOrEqual(120);
  });
});

describe('links', () => {
  test('an enterprise lies in a township of its district, and so does an inspector', () => {
    const home = new Map(townships.map(({ code, district }) => [code, district]));
    for (const { district, township } of [...enterprises, ...inspectors]) expect(home.get(township)).toBe(district);
  });

  test('each stack monitor belongs to the enterprise and stack that name it', () => {
    for (const kind of ['cems', 'voc'] as const) {
      const named = processes.filter(({ process }) => process.stack?.[kind] !== undefined);
      expect(named.map(({ process }) => process.stack?.[kind])).toEqual(ofKind(kind).map(({ id }) => id));
      for (const { enterprise, process } of named) {
        const source = sourceOf.get(`${kind} ${process.stack?.[kind]}`) as Source;
        expect(source.enterprise).toBe(enterprise.id);
        expect(source.zh).toBe(`${enterprise.zh}${process.zh}排口`);
      }
    }
  });

  test('each circuit belongs to the enterprise whose meter it is; production and treatment are of one process', () => {
    const named = new Map<string, string>();
    for (const { id, mainMeter, processes: own } of enterprises) {
      if (mainMeter !== undefined) named.set(mainMeter, `${id} main`);
      const metered = own.filter(({ productionMeter }) => productionMeter !== undefined);
      expect(metered).toHaveLength(mainMeter === undefined ? 0 : 1);
      for (const { productionMeter, treatmentMeter, treatment, emits } of metered) {
        expect([emits, treatment !== undefined]).toEqual([true, true]);
        named.set(productionMeter as string, `${id} production`);
        named.set(treatmentMeter as string, `${id} treatment`);
      }
    }
    expect(Object.fromEntries(named)).toEqual(
      Object.fromEntries(ofKind('power').map(({ id, enterprise, circuit }) => [id, `${enterprise} ${circuit}`])),
    );
  });

  test('key enterprises are metered: whoever has a stack or VOC monitor has sub-meters', () => {
    for (const { enterprise, process } of processes)
      if (process.stack?.cems !== undefined || process.stack?.voc !== undefined) expect(enterprise.mainMeter).toBeDefined();
  });

  test('every CEMS is on a stack with a treatment, every VOC monitor on a process that gives off VOC', () => {
    for (const { process } of processes) {
      if (process.stack?.cems !== undefined) expect(process.treatment).toBeDefined();
      if (process.stack?.voc !== undefined) expect(process.emission.voc).toBeGreaterThan(0);
    }
  });
});

describe('enterprises', () => {
  test('all emit in at least one process; what does not emit gives off nothing and has neither stack nor treatment', () => {
    for (const { processes: own } of enterprises) expect(own.some(({ emits }) => emits)).toBe(true);
    for (const { process } of processes) {
      const sum = pollutants.reduce((total, pollutant) => total + process.emission[pollutant], 0);
      expect(sum > 0).toBe(process.emits);
      if (!process.emits) expect([process.stack, process.treatment]).toEqual([undefined, undefined]);
    }
    expect(processes.filter(({ process }) => !process.emits).length).toBeGreaterThan(5013);
  });

  test('the first is the rubber works of the High-tech Zone, with fan, baghouse, CEMS and meters, whatever the seed', () => {
    for (const seed of [1, 2, 77]) {
      const works = makeRegister(seed).enterprises[0];
      expect(works).toMatchObject({
        id: 'E-0001',
        district: '131171',
        industry: 'engineering-rubber',
        grade: 'C',
        mainMeter: 'P-0001-M',
      });
      expect(works.zh).toMatch(/橡胶有限公司$/);
      expect(works.processes[0]).toMatchObject({
        zh: '密炼',
        treatment: { zh: '引风机+布袋除尘器' },
        stack: { cems: 'CEMS-001' },
        productionMeter: 'P-0001-P',
        treatmentMeter: 'P-0001-T',
      });
      expect(works.processes[0].treatment?.removes.pm).toBeGreaterThanOrEqual(0.98);
    }
  });

  test.each([
    ['casting', '131103', 0.8],
    ['frp', '131121', 0.7],
    ['wire-mesh', '131125', 1],
    ['rubber-hose', '131127', 1],
    ['fur', '131121', 0.9],
    ['safe', '131122', 1],
    ['instrument', '131123', 1],
    ['polyester', '131124', 1],
    ['sealing', '131128', 1],
  ] as const)('%s is at home in %s', (industry, district, share) => {
    const all = enterprises.filter((enterprise) => enterprise.industry === industry);
    expect(all.filter((enterprise) => enterprise.district === district).length / all.length).toBeGreaterThanOrEqual(share);
  });

  test('a cluster is dense: its plants lie nearer to each other than the county is wide', () => {
    const daying = enterprises.filter(({ industry, township }) => industry === 'fur' && township === '131121102');
    expect(daying.length).toBeGreaterThan(100);
    for (const each of daying) expect(distanceKm(each, daying[0])).toBeLessThan(5);
  });

  test('a permit limits whatever the industry gives off', () => {
    for (const [code, { processes: own, limits }] of Object.entries(industries) as [string, Industry][])
      for (const { gps, key } of own)
        for (const [p, limit] of [limits.so2, limits.nox, limits.pm, limits.nmhc].entries())
          if ((gps?.[p] ?? 0) + (key?.[p] ?? 0) > 0) expect([code, p, limit]).toEqual([code, p, expect.any(Number)]);
  });

  /** Highest share of a limit at full load: measured, and at standard state. */
  function limitShares({ permit }: Enterprise, { emission, stack }: EnterpriseProcess): [number, number] {
    const limits = { so2: permit?.limits.so2, nox: permit?.limits.nox, pm: permit?.limits.pm, voc: permit?.limits.nmhc };
    const measured = Math.max(
      ...pollutants.map((pollutant) => {
        const limit = limits[pollutant];
        return limit === undefined ? 0 : ((emission[pollutant] / 3.6) * (1000 / (stack?.flowM3S as number))) / limit;
      }),
    );
    return [measured, measured * ((273 + (stack?.tempC as number)) / 273)];
  }

  test('at full load a stack stays below its permit, typically at 20 to 60 % of it', () => {
    const shares = processes
      .filter(({ enterprise, process }) => enterprise.permit !== undefined && process.stack !== undefined)
      .map(({ enterprise, process }) => limitShares(enterprise, process));
    expect(shares.length).toBeGreaterThan(3000);
    for (const [, standard] of shares) expect(standard).toBeLessThan(0.7);
    const usual = shares.filter(([measured]) => measured >= 0.2 && measured <= 0.6);
    expect(usual.length / shares.length).toBeGreaterThan(0.75);
  });

  test('stacks are as high and wide as they should be', () => {
    for (const { process } of processes) {
      const { stack } = process;
      if (stack === undefined) continue;
      const [low, high] = stack.cems !== undefined ? [25, 80] : [15, 30];
      expect(stack.heightM).toBeGreaterThanOrEqual(low);
      expect(stack.heightM).toBeLessThanOrEqual(high);
      expect(stack.flowM3S).toBeGreaterThanOrEqual(0.5);
      const velocity = stack.flowM3S / ((Math.PI * stack.diameterM * stack.diameterM) / 4);
      expect(velocity).toBeGreaterThan(5);
      expect(velocity).toBeLessThan(26);
    }
  });

  /** Medians of simulation guide 2.6, g/s, within a factor of 1.6. */
  test.each([
    ['SO2 of CEMS stacks', 0.55, () => cemsGps('so2')],
    ['NOx of CEMS stacks', 0.9, () => cemsGps('nox')],
    ['PM2.5 of CEMS stacks', 0.15, () => cemsGps('pm', true)],
    [
      'VOC of VOC outlets',
      0.25,
      () => processes.filter(({ process }) => process.stack?.voc).map(({ process }) => process.emission.voc / 3.6),
    ],
    ['PM of small plants', 0.006, () => plantGps('pm')],
    ['NOx of small plants', 0.015, () => plantGps('nox')],
    ['VOC of small plants', 0.02, () => plantGps('voc')],
  ] as const)('%s: %d g/s', (_, want, values) => {
    const found = median(values());
    expect(found / want).toBeGreaterThan(1 / 1.6);
    expect(found / want).toBeLessThan(1.6);
  });

  function cemsGps(pollutant: 'so2' | 'nox' | 'pm', isFine = false): number[] {
    return processes
      .filter(({ process }) => process.stack?.cems !== undefined && process.emission[pollutant] > 0)
      .map(
        ({ enterprise, process }) =>
          (process.emission[pollutant] / 3.6) *
          (isFine ? (industries as Record<string, Industry>)[enterprise.industry].pm25Share : 1),
      );
  }

  function plantGps(pollutant: 'nox' | 'pm' | 'voc'): number[] {
    return enterprises
      .filter(({ processes: own }) => own.every(({ stack }) => stack?.cems === undefined && stack?.voc === undefined))
      .map(({ processes: own }) => own.reduce((sum, { emission }) => sum + emission[pollutant] / 3.6, 0))
      .filter((gps) => gps > 0);
  }
});

describe('plans', () => {
  const own = [
    { id: 'P1', emits: true },
    { id: 'P2', emits: false },
    { id: 'P3', emits: true },
  ];
  const text = (grade: Grade, guarantee?: Enterprise['guarantee']) =>
    levels.map((level) =>
      planOf(grade, own, guarantee)
        [level].map(({ process, action, toPct }) => [process, action, toPct].filter((part) => part !== undefined).join(' '))
        .join(', '),
    );

  test.each([
    ['A', ['transport', 'transport', 'transport']],
    ['leading', ['transport', 'transport', 'transport']],
    ['positive', ['transport', 'transport', 'transport']],
    ['B', ['transport', 'P1 limit 80, P3 limit 80, transport', 'P1 limit 50, P3 limit 50, transport']],
    ['B-', ['P1 limit 80, P3 limit 80, transport', 'P1 limit 50, P3 limit 50, transport', 'P1 limit 30, P3 limit 30, transport']],
    ['C', ['P1 limit 50, P3 limit 50, transport', 'P1 stop, P3 stop, transport', 'P1 stop, P3 stop, transport']],
    ['D', ['P1 stop, P3 stop, transport', 'P1 stop, P3 stop, transport', 'P1 stop, P3 stop, transport']],
  ] as const)('grade %s', (grade, want) => {
    expect(text(grade)).toEqual(want);
  });

  test('a guarantee enterprise keeps its certified load at every level, unless its grade spares it', () => {
    const guarantee = { zh: '民生供热', maxLoadPct: 85 };
    const kept = 'P1 limit 85, P3 limit 85, transport';
    expect(text('D', guarantee)).toEqual([kept, kept, kept]);
    expect(text('A', guarantee)).toEqual(['transport', 'transport', 'transport']);
  });

  test('in the city only processes that emit are stopped or limited, and heat and waste are guaranteed', () => {
    for (const { plan, processes: all } of enterprises)
      for (const level of levels)
        for (const { process } of plan[level])
          if (process !== undefined) expect(all.find(({ id }) => id === process)?.emits).toBe(true);
    const guaranteed = enterprises.filter(({ guarantee }) => guarantee !== undefined);
    expect([...new Set(guaranteed.map(({ industry }) => industry))].sort()).toEqual(['heat', 'power', 'waste']);
    for (const { plan } of guaranteed) expect(plan.red.some(({ action }) => action === 'stop')).toBe(false);
  });
});

describe('places', () => {
  const nearestKm = (at: Source, others: readonly { readonly lon?: number; readonly lat?: number }[]) =>
    Math.min(...others.filter((other) => other !== at).map((other) => distanceKm(place(at), place(other))));

  test('cameras stand some 5 km apart, in the fields', () => {
    const cameras = ofKind('camera');
    const gaps = cameras.map((camera) => nearestKm(camera, cameras));
    expect(median(gaps)).toBeGreaterThan(3.5);
    expect(median(gaps)).toBeLessThan(6);
    expect(Math.max(...gaps)).toBeLessThan(9);
    const seats = districts.slice(0, 11);
    for (const camera of cameras) expect(nearestKm(camera, seats)).toBeGreaterThan(1.5);
  });

  test('dust sites are in built-up areas, enterprises and stations near a township', () => {
    for (const site of ofKind('dust')) expect(nearestKm(site, townships)).toBeLessThan(3.3);
    for (const station of ofKind('air').slice(3)) expect(nearestKm(station, [...townships, ...districts])).toBeLessThan(4.1);
    for (const enterprise of enterprises) {
      const home = townships.find(({ code }) => code === enterprise.township);
      expect(distanceKm(enterprise, place(home ?? {}))).toBeLessThan(6);
    }
  });

  test('townships are apart from each other', () => {
    for (const township of townships)
      for (const other of townships) if (other !== township) expect(distanceKm(township, other)).toBeGreaterThan(1.5);
  });
});

describe('seeds', () => {
  test('the same seed gives the same city', () => {
    expect(JSON.stringify(makeRegister(5))).toBe(JSON.stringify(makeRegister(5)));
  });

  test('another seed gives other names, places and grades, but the same ids', () => {
    const other = makeRegister(2);
    const ids = (from: typeof register) => ({
      sources: from.sources.map(({ kind, id }) => `${kind} ${id}`),
      enterprises: from.enterprises.map(({ id }) => id),
      townships: from.townships,
      inspectors: from.inspectors.map(({ id }) => id),
    });
    expect(ids(other)).toEqual(ids(register));
    const differing = (is: (a: Enterprise, b: Enterprise) => boolean) =>
      enterprises.filter((enterprise, i) => is(enterprise, other.enterprises[i])).length;
    expect(differing((a, b) => a.zh !== b.zh)).toBeGreaterThan(4500);
    expect(differing((a, b) => a.lon !== b.lon)).toBeGreaterThan(4500);
    expect(differing((a, b) => a.grade !== b.grade)).toBeGreaterThan(1000);
  });

  test('apportioned numbers add up, and none is a whole one away from its share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (total, weights) => {
          const counts = apportioned(total, weights);
          const sum = weights.reduce((before, weight) => before + weight, 0);
          expect(counts.reduce((before, count) => before + count, 0)).toBe(total);
          for (const [i, count] of counts.entries()) expect(Math.abs(count - (total * weights[i]) / sum)).toBeLessThan(1);
        },
      ),
    );
  });
});
