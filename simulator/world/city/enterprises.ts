// The 5,013 enterprises of the simulated Hengshui: which there are, which are metered and monitored, how they are graded.

import type { Place } from '../../../engine/domain/geo.ts';
import type { Enterprise, Grade } from '../../../engine/schema/register.ts';
import { clusters } from './clusters.ts';
import { type Draws, draws, padded, weighted } from './draws.ts';
import { type Industry, type IndustryCode, industries } from './industries.ts';
import { enterpriseName } from './names.ts';
import { around } from './places.ts';
import { planOf } from './plans.ts';
import { makeProcesses, plantDraws, smallMicroOf } from './plant.ts';
import { hengshuiTownships, townshipsOf, townshipWeights } from './townships.ts';

/** Enterprises with sub-meters, the first ones by id (design section 2). */
export const meteredEnterprises = 1700;

/** Exact numbers of grades; the rest is B-, C and D. A, B and leading are 161, the positive list 238 (design section 2). */
export const gradeCounts = { A: 14, leading: 35, B: 112, positive: 238 } as const;
const monitoredBest = 60;
const restGrades = ['B-', 'C', 'D'] as const;
/** Of monitored, other metered and other enterprises: our estimate [P]. */
const restWeights = { monitored: [0.4, 0.55, 0.05], metered: [0.14, 0.62, 0.24], other: [0.06, 0.62, 0.32] } as const;

/** An enterprise before it is built. */
interface Slot {
  readonly industry: IndustryCode;
  readonly district: string;
  readonly township: string;
  readonly centre: Place;
  readonly reachKm: number;
  /** Monitored stacks. */
  readonly cems: number;
  readonly voc: number;
}

/** Where lines or boilers stand in pairs. */
const paired: readonly IndustryCode[] = ['heat', 'power', 'waste'];

export function makeEnterprises(seed: number): Enterprise[] {
  const slots = ordered(seed, makeSlots(seed));
  const grades = gradesOf(seed, slots);
  const name = draws(seed, 'enterprise name');
  const place = draws(seed, 'enterprise place');
  const other = draws(seed, 'enterprise');
  const permit = draws(seed, 'permit');
  const process = plantDraws(seed);
  const used = new Set<string>();
  let [cemsFrom, vocFrom] = [1, 1];
  return slots.map((slot, i) => {
    const industry: Industry = industries[slot.industry];
    const number = i + 1;
    // The rubber works of the city's own story is a usual one, whatever the seed.
    const isStory = i === 0;
    const monitored = slot.cems + slot.voc > 0;
    const metered = i < meteredEnterprises;
    const plant = { cems: slot.cems, voc: slot.voc, cemsFrom, vocFrom };
    const processes = makeProcesses(process, { number, plant, industry, metered, isUsual: isStory });
    cemsFrom += slot.cems;
    vocFrom += slot.voc;
    const smallMicro = !metered && smallMicroOf(processes);
    const guarantee =
      industry.guarantee === undefined
        ? undefined
        : { zh: industry.guarantee, maxLoadPct: 60 + 5 * Math.floor(8 * other.share(4 * number)) };
    const hasPermit = metered || (!smallMicro && other.share(4 * number + 1) < 0.5);
    const options = { district: slot.district, products: industry.products, company: monitored || slot.industry === 'chemical' };
    const enterprise: Building<Enterprise> = {
      id: `E-${padded(number, 4)}`,
      ...enterpriseName(name, number, isStory ? { ...options, products: [industry.products[0]] } : options, used),
      industry: slot.industry,
      grade: grades[i],
      district: slot.district,
      township: slot.township,
      ...around(place, number, slot.centre, 0, slot.reachKm),
      processes,
      plan: planOf(grades[i], processes, guarantee),
    };
    if (smallMicro) enterprise.smallMicro = true;
    if (guarantee !== undefined) enterprise.guarantee = guarantee;
    if (hasPermit) enterprise.permit = { number: permitNumber(permit, number, slot.district), limits: industry.limits };
    if (metered) enterprise.mainMeter = `P-${padded(number, 4)}-M`;
    return enterprise;
  });
}

type Building<Built> = { -readonly [Field in keyof Built]: Built[Field] };

const codeLetters = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** In the form of a unified social credit code and the number of the permit; check digits are not computed. */
function permitNumber(draw: Draws, number: number, district: string): string {
  let code = '';
  for (let i = 0; i < 7; i++) code += codeLetters[Math.floor(codeLetters.length * draw.share(8 * number + i))];
  return `91${district}MA0${code}001P`;
}

function makeSlots(seed: number): Slot[] {
  const place = draws(seed, 'cluster');
  const pick = draws(seed, 'cluster township');
  const weightOf = new Map(hengshuiTownships.map(({ code }, i) => [code, townshipWeights[i]]));
  const townshipOf = new Map(hengshuiTownships.map((township) => [township.code, township]));
  const weights = new Map(
    Object.entries(townshipsOf).map(([district, list]) => [district, list.map(({ code }) => weightOf.get(code) as number)]),
  );
  const slots: Slot[] = [];
  for (const [c, cluster] of clusters.entries()) {
    const { industry, district } = cluster;
    const named = cluster.township === undefined ? undefined : townshipOf.get(cluster.township);
    // The industrial zone of a seat of government lies at its edge, a village's near its main street.
    const zoneKm = named !== undefined && (weightOf.get(named.code) as number) > 2 ? seatZoneKm : villageZoneKm;
    const zone = named === undefined ? undefined : around(place, c, named, zoneKm[0], zoneKm[1]);
    const perPlant = paired.includes(industry) ? 2 : 1;
    let [cems, voc] = [cluster.cems, cluster.voc];
    for (let i = 0; i < cluster.count; i++) {
      const township = named ?? townshipsOf[district][weighted(pick.share(slots.length), weights.get(district) as number[])];
      const stacks = Math.min(cems, perPlant);
      cems -= stacks;
      const outlets = stacks === 0 ? Math.min(voc, 1) : 0;
      voc -= outlets;
      slots.push({
        industry,
        district,
        township: township.code,
        centre: zone ?? township,
        reachKm: zone === undefined ? spreadKm : clusterKm,
        cems: stacks,
        voc: outlets,
      });
    }
    if (cems + voc > 0) throw new Error(`BUG: ${cems} cems and ${voc} voc of ${industry} in ${district} have no enterprise`);
  }
  return slots;
}

// How far zones lie from the township's centre and plants spread about, km [P].
const seatZoneKm = [1.5, 3.5] as const;
const villageZoneKm = [0.2, 1.2] as const;
const clusterKm = 2;
const spreadKm = 3.5;

/** The rubber works of the High-tech Zone first, then those with stack monitors, VOC monitors, sub-meters, the rest. */
function ordered(seed: number, slots: readonly Slot[]): Slot[] {
  const draw = draws(seed, 'metered');
  const keys = slots.map((slot, i) => draw.share(i) / (industries[slot.industry] as Industry).metered);
  const others = slots
    .map((_, i) => i)
    .filter((i) => slots[i].cems + slots[i].voc === 0)
    .sort((a, b) => keys[a] - keys[b] || a - b)
    .map((i) => slots[i]);
  return [...slots.filter(({ cems }) => cems > 0), ...slots.filter(({ voc }) => voc > 0), ...others];
}

function gradesOf(seed: number, slots: readonly Slot[]): Grade[] {
  const draw = draws(seed, 'grade');
  const positive = draws(seed, 'positive list');
  const grades: (Grade | undefined)[] = slots.map(() => undefined);
  const monitored = slots.filter(({ cems, voc }) => cems + voc > 0).length;
  const industryAt = (i: number): Industry => industries[slots[i].industry];
  const free = (from: number, to: number) =>
    slots
      .map((_, i) => i)
      .filter((i) => i >= from && i < to && i > 0 && grades[i] === undefined && industryAt(i).guarantee === undefined);
  const lowest = (candidates: number[], count: number, key: (i: number) => number) =>
    candidates
      .map((i) => [key(i), i] as const)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .slice(0, count)
      .map(([, i]) => i);
  const bests: Grade[] = (['A', 'leading', 'B'] as const).flatMap((grade) => Array<Grade>(gradeCounts[grade]).fill(grade));
  const best = [
    ...lowest(free(0, monitored), monitoredBest, draw.share),
    ...lowest(free(monitored, meteredEnterprises), bests.length - monitoredBest, draw.share),
  ];
  // Grades are shuffled among them, so that A is not only where there are monitors.
  for (const [rank, i] of lowest(best, best.length, positive.share).entries()) grades[i] = bests[rank];
  for (const i of lowest(
    free(monitored, slots.length),
    gradeCounts.positive,
    (at) => positive.share(at) / industryAt(at).positive,
  ))
    grades[i] = 'positive';
  return grades.map((grade, i) => {
    if (grade !== undefined) return grade;
    // The city's own story: the rubber works has a plan that stops it.
    if (i === 0) return 'C';
    const group = i < monitored ? 'monitored' : i < meteredEnterprises ? 'metered' : 'other';
    return restGrades[weighted(draw.share(i + slots.length), restWeights[group])];
  });
}
