// Does a level's plan reach the required cut of whole-society emissions, in the city and each county, and by which measures?

import type { Emission, Enterprise, EnterpriseProcess, Level, Register } from '../../schema/register.ts';
import type { Text } from '../../schema/says.ts';
import { assumptions } from './checkAssumptions.ts';
import {
  type CheckSettings,
  type CutEdition,
  type CutEditionId,
  checkSettings,
  type Pollutant,
  pollutants,
  type SectorId,
  sectorIds,
} from './checkSettings.ts';
import { type CurtailmentRules, curtailmentRules, judgePlan, type PlanProblem, planProblemsOf } from './rules.ts';

/** `traded`: reached together with the other of SO2 and NOx; `nothing`: none is given off. */
export type Reached = 'reached' | 'traded' | 'short' | 'nothing';

/** One sort of measure and what it takes off. */
export interface CutPart extends Text {
  readonly id: 'stop' | 'limit' | 'transport' | SectorId;
  /** Orders; absent: a measure of the sector. */
  readonly orders?: number;
  readonly cutKg: Emission;
  /** Of the area's whole emission. */
  readonly cutPct: Emission;
}

/** kg are of a usual working day. */
export interface AreaCheck extends Text {
  readonly code: string;
  readonly enterprises: number;
  /** Enterprises with an order to stop or limit. */
  readonly curtailed: number;
  readonly baseKg: Emission;
  /** What of it the enterprises give off, and small and micro ones among them. */
  readonly enterprisesKg: Emission;
  readonly smallMicroKg: Emission;
  readonly sectorsKg: Readonly<Record<SectorId, Emission>>;
  readonly cutKg: Emission;
  readonly cutPct: Emission;
  readonly reached: Readonly<Record<Pollutant, Reached>>;
  readonly isReached: boolean;
  readonly parts: readonly CutPart[];
}

export interface PlanCheck {
  readonly level: Level;
  readonly edition: CutEditionId;
  readonly requiredPct: Emission;
  readonly so2NoxTradable: boolean;
  readonly city: AreaCheck;
  /** In the register's order; a code that is not in it comes last. */
  readonly counties: readonly AreaCheck[];
  /** Of all levels. */
  readonly problems: readonly PlanProblem[];
  readonly assumed: readonly Text[];
}

export interface PlanCheckOptions {
  readonly register: Pick<Register, 'city' | 'districts' | 'townships' | 'inspectors' | 'enterprises'>;
  readonly level: Level;
  readonly edition: CutEditionId;
  readonly settings?: CheckSettings;
  readonly rules?: CurtailmentRules;
}

type Sum = Record<Pollutant, number>;
const zero = (): Sum => ({ so2: 0, nox: 0, pm: 0, voc: 0 });
function add(sum: Sum, kg: Emission, times = 1): void {
  for (const pollutant of pollutants) sum[pollutant] += kg[pollutant] * times;
}
const each = (value: (pollutant: Pollutant) => number): Emission => ({
  so2: value('so2'),
  nox: value('nox'),
  pm: value('pm'),
  voc: value('voc'),
});

/** What a process gives off on a usual working day, kg; nothing where it is said not to emit. */
export function usualKg({ emits, emission, shifts }: EnterpriseProcess, settings: CheckSettings = checkSettings): Emission {
  const hours = emits ? settings.usualHours[shifts] * settings.usualLoad : 0;
  return each((pollutant) => emission[pollutant] * hours);
}

/** What the enterprises of an area give off, and what orders would take off. */
interface Tally {
  readonly code: string;
  enterprises: number;
  curtailed: number;
  readonly emitted: Sum;
  readonly smallMicro: Sum;
  readonly stop: Sum;
  readonly limit: Sum;
  readonly orders: Record<'stop' | 'limit' | 'transport', number>;
}

const emptyTally = (code: string): Tally => ({
  code,
  enterprises: 0,
  curtailed: 0,
  emitted: zero(),
  smallMicro: zero(),
  stop: zero(),
  limit: zero(),
  orders: { stop: 0, limit: 0, transport: 0 },
});

/** What counts is what would be ordered (`judgePlan`), not what the plan says. */
function count(enterprise: Enterprise, { level, settings = checkSettings, rules = curtailmentRules }: PlanCheckOptions): Tally {
  const tally = emptyTally(enterprise.district);
  tally.enterprises = 1;
  const byProcess = new Map(enterprise.processes.map((process) => [process.id, usualKg(process, settings)]));
  for (const process of enterprise.processes) add(tally.emitted, usualKg(process, settings));
  if (enterprise.smallMicro === true) add(tally.smallMicro, tally.emitted);
  for (const { process, action, toPct } of judgePlan(enterprise, level, rules).measures) {
    tally.orders[action] += 1;
    const kg = process === undefined ? undefined : byProcess.get(process);
    if (kg === undefined || action === 'transport') continue;
    tally.curtailed = 1;
    if (action === 'stop') add(tally.stop, kg);
    else add(tally.limit, kg, 1 - (toPct as number) / 100);
  }
  return tally;
}

function join(into: Tally, other: Tally): void {
  into.enterprises += other.enterprises;
  into.curtailed += other.curtailed;
  for (const key of ['emitted', 'smallMicro', 'stop', 'limit'] as const) add(into[key], other[key]);
  for (const action of ['stop', 'limit', 'transport'] as const) into.orders[action] += other.orders[action];
}

export function checkPlan(options: PlanCheckOptions): PlanCheck {
  const { register, level, edition, settings = checkSettings } = options;
  const city = emptyTally(register.city.code);
  const counties = new Map(register.districts.map(({ code }) => [code, emptyTally(code)]));
  for (const enterprise of register.enterprises) {
    const one = count(enterprise, options);
    const county = counties.get(enterprise.district) ?? emptyTally(enterprise.district);
    counties.set(enterprise.district, county);
    join(city, one);
    join(county, one);
  }
  const sectors = sectorsKg(city.emitted, settings);
  const weights = countyWeights(register);
  const rule = settings.editions[edition];
  const nameOf = new Map(register.districts.map((district) => [district.code, district]));
  /** Enterprises of one county have nothing to do with another one's vehicles: the city's trucks are the counties'. */
  const trucks = zero();
  const areas = [...counties.values()].map((tally) => {
    const own = scaled(sectors, weights.get(tally.code) ?? 0);
    const trucksKg = trucksOf(tally, own.vehicles, level, settings);
    add(trucks, trucksKg);
    const name = nameOf.get(tally.code) ?? { zh: tally.code, en: tally.code };
    return areaCheck({ tally, name, sectors: own, trucksKg, level, rule, settings });
  });
  return {
    level,
    edition,
    requiredPct: rule.requiredPct[level],
    so2NoxTradable: rule.so2NoxTradable,
    city: areaCheck({ tally: city, name: register.city, sectors, trucksKg: trucks, level, rule, settings }),
    counties: areas,
    problems: register.enterprises.flatMap(planProblemsOf),
    assumed: assumptions(settings, rule),
  };
}

/** Shares are of the whole, of which the enterprises and what is known absolutely are the rest. */
function sectorsKg(enterprises: Emission, { sectors }: CheckSettings): Record<SectorId, Emission> {
  const known = zero();
  add(known, enterprises);
  const shares = zero();
  for (const id of sectorIds) {
    const { tpd, sharePct } = sectors[id];
    if (tpd === undefined) add(shares, sharePct, 1 / 100);
    else add(known, tpd, 1000);
  }
  return bySector((id) => {
    const { tpd, sharePct } = sectors[id];
    return each((pollutant) =>
      tpd === undefined ? (known[pollutant] / (1 - shares[pollutant])) * (sharePct[pollutant] / 100) : tpd[pollutant] * 1000,
    );
  });
}

function bySector(value: (id: SectorId) => Emission): Record<SectorId, Emission> {
  return Object.fromEntries(sectorIds.map((id) => [id, value(id)])) as Record<SectorId, Emission>;
}

function scaled(sectors: Readonly<Record<SectorId, Emission>>, weight: number): Record<SectorId, Emission> {
  return bySector((id) => each((pollutant) => sectors[id][pollutant] * weight));
}

/** Sectors go where people are: by grid inspectors, else townships, else alike. Sums to 1. */
function countyWeights({ districts, townships, inspectors }: PlanCheckOptions['register']): ReadonlyMap<string, number> {
  const rows: readonly { readonly district: string }[] =
    inspectors.length > 0 ? inspectors : townships.length > 0 ? townships : districts.map(({ code }) => ({ district: code }));
  const weights = new Map<string, number>();
  for (const { district } of rows) weights.set(district, (weights.get(district) ?? 0) + 1 / rows.length);
  return weights;
}

interface Area {
  readonly tally: Tally;
  readonly name: Text;
  readonly sectors: Record<SectorId, Emission>;
  readonly trucksKg: Emission;
  readonly level: Level;
  readonly rule: CutEdition;
  readonly settings: CheckSettings;
}

function areaCheck({ tally, name, sectors, trucksKg, level, rule, settings }: Area): AreaCheck {
  const base = zero();
  add(base, tally.emitted);
  for (const id of sectorIds) add(base, sectors[id]);
  const pct = (kg: Emission) => each((pollutant) => (base[pollutant] === 0 ? 0 : (100 * kg[pollutant]) / base[pollutant]));
  const parts: CutPart[] = [];
  const part = (id: CutPart['id'], text: Text, cutKg: Emission, orders?: number) =>
    parts.push({ id, zh: text.zh, en: text.en, ...(orders === undefined ? {} : { orders }), cutKg, cutPct: pct(cutKg) });
  part('stop', { zh: '停产', en: 'stopped processes' }, tally.stop, tally.orders.stop);
  part('limit', { zh: '限产', en: 'limited processes' }, tally.limit, tally.orders.limit);
  part('transport', { zh: '企业运输管控', en: "enterprises' trucks" }, trucksKg, tally.orders.transport);
  for (const id of sectorIds) {
    const setting = settings.sectors[id];
    const share = setting.cutPct[level] / 100;
    if (share > 0)
      part(
        id,
        setting,
        each((pollutant) => sectors[id][pollutant] * share),
      );
  }
  const cut = zero();
  for (const { cutKg } of parts) add(cut, cutKg);
  const reached = reachedOf(base, pct(cut), rule, level);
  return {
    code: tally.code,
    zh: name.zh,
    en: name.en,
    enterprises: tally.enterprises,
    curtailed: tally.curtailed,
    baseKg: base,
    enterprisesKg: tally.emitted,
    smallMicroKg: tally.smallMicro,
    sectorsKg: sectors,
    cutKg: cut,
    cutPct: pct(cut),
    reached,
    isReached: pollutants.every((pollutant) => reached[pollutant] !== 'short'),
    parts,
  };
}

/** Of enterprises with a transport order, and not more than the vehicles' own measure has left. */
function trucksOf({ enterprises, orders }: Tally, vehicles: Emission, level: Level, settings: CheckSettings): Emission {
  const ordered = enterprises === 0 ? 0 : orders.transport / enterprises;
  const left = 100 - settings.sectors.vehicles.cutPct[level];
  return each((pollutant) => (vehicles[pollutant] * ordered * Math.min(settings.trucksPct[pollutant], left)) / 100);
}

/** Sums of thousands of products: what is exactly reached may come out a hair below. */
const tolerancePct = 1e-9;

function reachedOf(base: Emission, cutPct: Emission, rule: CutEdition, level: Level): Record<Pollutant, Reached> {
  const required = rule.requiredPct[level];
  const isEnough = (pollutant: Pollutant) => cutPct[pollutant] >= required[pollutant] - tolerancePct;
  const canTrade =
    rule.so2NoxTradable && base.so2 > 0 && base.nox > 0 && cutPct.so2 + cutPct.nox >= required.so2 + required.nox - tolerancePct;
  const one = (pollutant: Pollutant): Reached => {
    if (base[pollutant] === 0) return 'nothing';
    if (isEnough(pollutant)) return 'reached';
    return canTrade && (pollutant === 'so2' || pollutant === 'nox') ? 'traded' : 'short';
  };
  return { so2: one('so2'), nox: one('nox'), pm: one('pm'), voc: one('voc') };
}
