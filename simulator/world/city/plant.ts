// The processes of one enterprise: power, emission, treatment and stack, drawn about its industry's.

import type { Emission, EnterpriseProcess, Permit, Stack, Treatment } from '../../../engine/schema/register.ts';
import { type Draws, draws, padded } from './draws.ts';
import { type Gps, type Industry, type ProcessKind, usualHours, usualLoad } from './industries.ts';
import { type TreatmentKind, treatments } from './treatments.ts';

/** Spread of emissions: monitored stacks 2.4, small plants 3 in all (simulation guide 2.6) [D]. */
const monitoredGsd = 2.4;
const sizeGsd = 2.6;
const processGsd = 1.55;
const pollutantGsd = 1.2;
const monitoredPollutantGsd = 1.3;
/** Rated power of a monitored process against an ordinary plant's [P]. */
const monitoredKw = 2.5;
/** Small plants have fewer of the steps that not all have [P]. */
const thinning = 0.55;
/** Neither a hundred times nor a hundredth of the usual: logarithms beyond this are cut. */
const sizeLogMax = 1.9;
/** Metered plants are the larger ones; monitored ones larger still also where they have no monitor [P]. */
const sizes = { monitored: 4, metered: 1.6, other: 0.85 };
/** Concentration at full load against the limit, of the pollutant nearest to it; standard state. */
const limitShareMin = 0.36;
const limitShareMax = 0.62;
const flowMinM3S = 0.5;
const normalK = 273;

/** Nothing above 100 kg a year: one reading of 小微, from memory [M]. */
const smallMicroKgYear = 100;
const workingDays = 300;

const pollutants = ['so2', 'nox', 'pm', 'voc'] as const;
const limitOf = (limits: Permit['limits'], p: number): number | undefined =>
  p === 3 ? limits.nmhc : limits[(['so2', 'nox', 'pm'] as const)[p]];

/** How many stacks are monitored, and the numbers of the first `cems` and `voc` source. */
export interface Plant {
  readonly cems: number;
  readonly voc: number;
  readonly cemsFrom: number;
  readonly vocFrom: number;
}

/** Ticks of an enterprise's draws: 32 a process, at most 15 processes. */
const perProcess = 32;
const perPlant = 512;

export interface PlantOptions {
  /** Counts enterprises from 1. */
  readonly number: number;
  readonly plant: Plant;
  readonly industry: Industry;
  /** Its sub-meters are at its first monitored process, or else at its first. */
  readonly metered: boolean;
  /** No chance: sizes as usual in the industry. */
  readonly isUsual: boolean;
}

/** The chance of `makeProcesses`; one for all enterprises. */
export const plantDraws = (seed: number): Draws => draws(seed, 'plant');

/** At least one emits. */
export function makeProcesses(draw: Draws, options: PlantOptions): EnterpriseProcess[] {
  const { number, plant, industry, metered, isUsual } = options;
  const monitor = plant.cems > 0 ? 'cems' : plant.voc > 0 ? 'voc' : undefined;
  const first = number * perPlant;
  const size =
    (monitor !== undefined ? sizes.monitored : metered ? sizes.metered : sizes.other) *
    (isUsual ? 1 : kept(draw.factor(first + 1, sizeGsd)));
  const shifts = shiftsOf(draw.share(first));
  const kinds = chosenKinds(draw, first + 2, options, monitor);
  const monitoredFrom = kinds.findIndex(({ isMonitored }) => isMonitored);
  const meterAt = metered ? Math.max(0, monitoredFrom) : -1;
  return kinds.map(({ kind, isMonitored, zh, en }, k) => {
    const tick = first + (k + 1) * perProcess;
    const emits = kind.gps !== undefined;
    const kwFactor = (isMonitored ? monitoredKw : Math.exp(0.4 * Math.log(size))) * (isUsual ? 1 : draw.factor(tick + 7, 1.4));
    const process: Building<EnterpriseProcess> = {
      id: `P${k + 1}`,
      zh,
      en,
      emits,
      ratedKw: Math.max(3, Math.round(kind.kw * kwFactor)),
      shifts: kind.shifts ?? shifts,
      emission: nothing,
    };
    if (!emits) return process;
    const gps = gpsOf(kind, isMonitored, size, isUsual ? undefined : draw, tick);
    const flow = kind.fugitive
      ? undefined
      : normalFlow(gps, industry.limits, draw.between(tick + 5, limitShareMin, limitShareMax));
    process.emission = emissionOf(gps);
    if (kind.treatment !== undefined)
      process.treatment = treatmentOf(treatments[kind.treatment], gps, flow ?? flowMinM3S, draw, tick + 8);
    if (flow !== undefined)
      process.stack = stackOf(kind, flow, draw, tick + 13, isMonitored ? monitor : undefined, industry.guarantee !== undefined);
    if (process.stack !== undefined && isMonitored) {
      if (monitor === 'cems') process.stack = { ...process.stack, cems: `CEMS-${padded(plant.cemsFrom + k - monitoredFrom, 3)}` };
      else process.stack = { ...process.stack, voc: `VOC-${padded(plant.vocFrom + k - monitoredFrom, 3)}` };
    }
    if (k === meterAt) {
      process.productionMeter = `P-${padded(number, 4)}-P`;
      process.treatmentMeter = `P-${padded(number, 4)}-T`;
    }
    return process;
  });
}

/** Objects are built field by field: spreading costs as much again in a register of 16,000 processes. */
type Building<Built> = { -readonly [Field in keyof Built]: Built[Field] };

const nothing: Emission = { so2: 0, nox: 0, pm: 0, voc: 0 };

function shiftsOf(share: number): EnterpriseProcess['shifts'] {
  return share < 0.58 ? 'day' : share < 0.88 ? 'two' : 'three';
}

interface Chosen {
  readonly kind: ProcessKind;
  readonly isMonitored: boolean;
  readonly zh: string;
  readonly en: string;
}

/** The industry's processes that this plant has; a plant with two monitored lines has the monitored one twice. */
function chosenKinds(
  draw: Draws,
  tick: number,
  { industry, plant, metered }: PlantOptions,
  monitor: 'cems' | 'voc' | undefined,
): Chosen[] {
  const all = stepsOf(industry);
  const chosen: Chosen[] = [];
  for (let k = 0; k < all.length; k++) {
    const { kind, zh, en } = all[k];
    const isMonitored = monitor !== undefined && kind.monitor === monitor;
    const share = kind.share === undefined ? 1 : metered ? kind.share : thinning * kind.share;
    if (!isMonitored && k > 0 && share < 1 && draw.share(tick + k) >= share) continue;
    if (!isMonitored) chosen.push(all[k]);
    else if (plant.cems < 2) chosen.push({ kind, isMonitored, zh, en });
    else for (const line of [1, 2]) chosen.push({ kind, isMonitored, zh: `${line}号${zh}`, en: `${en} ${line}` });
  }
  return chosen;
}

const steps = new Map<Industry, readonly Chosen[]>();

/** Shared among the plants: one object a kind. */
function stepsOf(industry: Industry): readonly Chosen[] {
  const before = steps.get(industry);
  if (before !== undefined) return before;
  const all = industry.processes.map((kind) => ({ kind, isMonitored: false, zh: kind.zh, en: kind.en }));
  steps.set(industry, all);
  return all;
}

/** One factor for the plant's size and a smaller one for each pollutant, so that a stack's pollutants go together. */
function gpsOf(kind: ProcessKind, isMonitored: boolean, size: number, draw: Draws | undefined, tick: number): Gps {
  const median = isMonitored ? kind.key : kind.gps;
  if (median === undefined) return [0, 0, 0, 0];
  if (draw === undefined) return isMonitored ? median : [median[0] * size, median[1] * size, median[2] * size, median[3] * size];
  const scale = isMonitored ? kept(draw.factor(tick + 4, monitoredGsd)) : size * draw.factor(tick + 4, processGsd);
  const gsd = isMonitored ? monitoredPollutantGsd : pollutantGsd;
  const out: [number, number, number, number] = [0, 0, 0, 0];
  for (let p = 0; p < 4; p++) if (median[p] > 0) out[p] = median[p] * scale * draw.factor(tick + p, gsd);
  return out;
}

function kept(factor: number): number {
  return Math.min(Math.exp(sizeLogMax), Math.max(Math.exp(-sizeLogMax), factor));
}

/** So much air at standard state, m³/s, that the pollutant nearest to its limit has this share of it. */
function normalFlow(gps: Gps, limits: Permit['limits'], share: number): number {
  let flow = 0;
  for (let p = 0; p < 4; p++) {
    const limit = limitOf(limits, p);
    if (limit !== undefined) flow = Math.max(flow, (gps[p] * 1000) / (share * limit));
  }
  return Math.max(flow, flowMinM3S);
}

/** g/s to kg/h, to 0.1 g/h, never rounded to nothing. */
function emissionOf(gps: Gps): Emission {
  const kgH = (value: number) => (value === 0 ? 0 : Math.max(1e-4, Math.round(value * 3.6 * 1e4) / 1e4));
  return { so2: kgH(gps[0]), nox: kgH(gps[1]), pm: kgH(gps[2]), voc: kgH(gps[3]) };
}

/** Takes five ticks. */
function treatmentOf(device: TreatmentKind, gps: Gps, flow: number, draw: Draws, tick: number): Treatment {
  return {
    zh: device.zh,
    en: device.en,
    removes: {
      so2: removed(device.so2, gps[0], draw, tick),
      nox: removed(device.nox, gps[1], draw, tick + 1),
      pm: removed(device.pm, gps[2], draw, tick + 2),
      voc: removed(device.voc, gps[3], draw, tick + 3),
    },
    ratedKw: Math.max(2, Math.round(flow * device.kwPerM3S * draw.between(tick + 4, 0.8, 1.25) * 10) / 10),
  };
}

function removed(range: readonly [number, number] | undefined, gps: number, draw: Draws, tick: number): number {
  return range === undefined || gps === 0 ? 0 : Math.round(draw.between(tick, range[0], range[1]) * 1e4) / 1e4;
}

/** Takes three ticks. 25–80 m where there is a CEMS (boilers from 45 m), 15–25 m at small plants (simulation guide 2.6). */
function stackOf(
  kind: ProcessKind,
  normalM3S: number,
  draw: Draws,
  tick: number,
  monitor: 'cems' | 'voc' | undefined,
  isBoiler: boolean,
): Stack {
  const tempC = Math.round((kind.tempC ?? ambientC) + draw.between(tick, -4, 4));
  const flowM3S = Math.ceil(((normalM3S * (normalK + tempC)) / normalK) * 100) / 100;
  const [low, high] = monitor === 'cems' ? (isBoiler ? boilerM : stackM) : monitor === 'voc' ? outletM : smallM;
  const velocity = draw.between(tick + 1, 8, monitor === 'cems' ? 16 : 13);
  const stack: Building<Stack> = {
    heightM: Math.round(draw.between(tick + 2, low, high)),
    diameterM: Math.max(0.2, Math.round(Math.sqrt((4 * flowM3S) / (Math.PI * velocity)) * 20) / 20),
    tempC,
    flowM3S,
  };
  if (kind.o2RefPct !== undefined) stack.o2RefPct = kind.o2RefPct;
  return stack;
}

const ambientC = 30;
const boilerM = [45, 80] as const;
const stackM = [25, 55] as const;
const outletM = [15, 30] as const;
const smallM = [15, 25] as const;

/** What a process gives off on a usual working day, kg. */
export function usualDayKg({ emission, shifts }: Pick<EnterpriseProcess, 'emission' | 'shifts'>): Emission {
  const hours = usualHours[shifts] * usualLoad;
  return { so2: emission.so2 * hours, nox: emission.nox * hours, pm: emission.pm * hours, voc: emission.voc * hours };
}

export function smallMicroOf(processes: readonly EnterpriseProcess[]): boolean {
  return pollutants.every(
    (pollutant) => processes.reduce((sum, process) => sum + usualDayKg(process)[pollutant], 0) * workingDays < smallMicroKgYear,
  );
}
