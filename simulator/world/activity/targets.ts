// Which enterprise or site an incident hits: by id, by chance, by nearness, by the wind, by what can be seen.

import type { Register } from '../../../engine/schema/register.ts';
import type { Incident, Target } from '../episode.ts';
import { type Local, localOf } from '../local.ts';
import type { ProcessRef } from '../processes.ts';
import { streamOf, uniform } from '../random.ts';
import { hourMs } from './beijingDay.ts';

/** What the activity asks of weather and dispersion: pure functions of their arguments. */
export interface Look {
  readonly windAt: (ms: number) => { readonly windMps: number; readonly windFromDeg: number };
  /** Concentration in g/m³ per g/s at the ground; 0 upwind. */
  readonly reach: (from: Local, to: Local, heightM: number, ms: number) => number;
}

/** A process or a site that may be hit. `index` is its place among the processes or the dust sites. */
export interface Candidate extends Local {
  readonly index: number;
  /** Of the enterprise or site: at most one candidate each. */
  readonly id: string;
  /** All ids by which a scenario may name it. */
  readonly names: readonly string[];
  readonly heightM: number;
}

export interface Choice {
  readonly incident: Pick<Incident, 'id' | 'fromMs' | 'toMs'>;
  readonly startMs: number;
  readonly target: Target;
  readonly candidates: readonly Candidate[];
  readonly stations: readonly Local[];
  readonly look: Look;
  readonly seed: number;
  /** Whether a candidate gives anything off then; hours at rest are not looked at. */
  readonly isActive: (index: number, ms: number) => boolean;
}

/** A station counts as downwind between these distances, m. */
const downwindFromM = 500;
const downwindToM = 5000;
/** `seen` looks only at stations this near, and at so many moments of the event at most [D: cost]. */
const seenWithinM = 8000;
const momentsMost = 12;

/** The targets, best first; empty where nothing fits. */
export function choose(choice: Choice): readonly Candidate[] {
  const { target, candidates } = choice;
  if (target.id !== undefined) {
    const named = target.id;
    return candidates.filter(({ names }) => names.includes(named)).slice(0, 1);
  }
  const cost = costOf(choice);
  const chance = (id: string) => uniform(choice.seed, streamOf(`incident ${choice.incident.id} pick ${id}`), 0);
  return candidates
    .map((candidate) => ({ candidate, cost: cost(candidate), chance: chance(candidate.id) }))
    .sort((a, b) => a.cost - b.cost || a.chance - b.chance)
    .slice(target.rank - 1, target.rank - 1 + target.count)
    .map((each) => each.candidate);
}

/** Smaller is better; equal ones are told apart by chance. */
function costOf({ target, stations, look, incident, startMs, isActive }: Choice): (candidate: Candidate) => number {
  const moments = momentsOf(startMs + incident.fromMs, startMs + incident.toMs);
  if (target.pick === 'near_station') return (candidate) => least(stations, (station) => distanceM(candidate, station));
  if (target.pick === 'downwind_station') {
    const wind = meanWind(look, moments);
    return (candidate) => least(stations, (station) => crosswindM(candidate, station, wind));
  }
  if (target.pick !== 'seen') return () => 0;
  return (candidate) => {
    const near = stations.filter((station) => distanceM(candidate, station) <= seenWithinM);
    let best = 0;
    for (const ms of moments) {
      if (!isActive(candidate.index, ms)) continue;
      for (const station of near) best = Math.max(best, look.reach(candidate, station, candidate.heightM, ms));
    }
    return -best;
  };
}

/** Hourly, or fewer where the event is long. Middles of equal parts. */
export function momentsOf(fromMs: number, toMs: number): readonly number[] {
  const count = Math.max(1, Math.min(momentsMost, Math.round((toMs - fromMs) / hourMs)));
  return Array.from({ length: count }, (_, k) => fromMs + ((toMs - fromMs) * (k + 0.5)) / count);
}

function least(stations: readonly Local[], of: (station: Local) => number): number {
  return stations.reduce((best, station) => Math.min(best, of(station)), Number.MAX_VALUE);
}

export function distanceM(a: Local, b: Local): number {
  return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

/** Unit vector to where it blows, of the vector mean. */
function meanWind(look: Look, moments: readonly number[]): Local {
  let x = 0;
  let y = 0;
  for (const ms of moments) {
    const { windMps, windFromDeg } = look.windAt(ms);
    x -= windMps * Math.sin((windFromDeg * Math.PI) / 180);
    y -= windMps * Math.cos((windFromDeg * Math.PI) / 180);
  }
  const length = Math.sqrt(x * x + y * y);
  return length === 0 ? { x: 0, y: 0 } : { x: x / length, y: y / length };
}

/** How far a station is off the wind's line through the candidate; MAX_VALUE where it is not downwind in range. */
function crosswindM(candidate: Local, station: Local, wind: Local): number {
  const x = station.x - candidate.x;
  const y = station.y - candidate.y;
  const along = x * wind.x + y * wind.y;
  if (along < downwindFromM || along > downwindToM) return Number.MAX_VALUE;
  return Math.abs(x * wind.y - y * wind.x);
}

/** One candidate an enterprise: of its processes that pass, the one with the largest `weight`. */
export function processCandidates(
  processes: readonly ProcessRef[],
  passes: (ref: ProcessRef, index: number) => boolean,
  weight: (index: number) => number,
): readonly Candidate[] {
  const best = new Map<string, number>();
  processes.forEach((ref, index) => {
    if (!passes(ref, index)) return;
    const before = best.get(ref.enterprise.id);
    if (before === undefined || weight(index) > weight(before)) best.set(ref.enterprise.id, index);
  });
  return [...best.values()].map((index) => candidateOf(processes[index], index));
}

/** All ids by which a scenario may name a process: its enterprise and its sources. */
export function namesOf({ enterprise, process }: ProcessRef): readonly string[] {
  const { stack } = process;
  const names = [enterprise.id, stack?.cems, stack?.voc, process.productionMeter, process.treatmentMeter, enterprise.mainMeter];
  return names.filter((name) => name !== undefined);
}

function candidateOf(ref: ProcessRef, index: number): Candidate {
  const { enterprise, process } = ref;
  const heightM = process.stack?.heightM ?? 6;
  return { index, id: enterprise.id, names: namesOf(ref), heightM, ...localOf(enterprise) };
}

/** Whether a process is of the target's type, industry and district. */
export function isOfTarget({ enterprise, process }: ProcessRef, target: Target): boolean {
  if (target.industry !== undefined && enterprise.industry !== target.industry) return false;
  if (target.district !== undefined && enterprise.district !== target.district) return false;
  if (target.type === 'cems') return process.stack?.cems !== undefined;
  if (target.type === 'voc') return process.stack?.voc !== undefined;
  if (target.type === 'meter') return process.productionMeter !== undefined && process.treatmentMeter !== undefined;
  return target.type === 'gas' && process.emits;
}

export function siteCandidates(register: Pick<Register, 'sources'>, target: Target): readonly Candidate[] {
  return register.sources
    .filter(({ kind }) => kind === 'dust')
    .map((source, index) => ({ source, index }))
    .filter(({ source }) => source.lon !== undefined && source.lat !== undefined)
    .filter(({ source }) => target.district === undefined || source.district === target.district)
    .map(({ source, index }) => ({
      index,
      id: source.id,
      names: [source.id],
      heightM: 2,
      ...localOf({ lon: source.lon ?? 0, lat: source.lat ?? 0 }),
    }));
}
