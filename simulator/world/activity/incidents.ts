// Turns the incidents of an episode into targets and effects: which process does what from when to when.

import type { Register } from '../../../engine/schema/register.ts';
import type { Nuisance, Visible } from '../cityState.ts';
import {
  type AreaFactor,
  type ControlFailure,
  type DustUncontrolled,
  type Episode,
  emittedSpecies,
  type Fires,
  type Fireworks,
  type Fugitive,
  type NightDischarge,
  type Target,
} from '../episode.ts';
import { namedIndex } from '../faults/namedSources.ts';
import { type Local, localOf } from '../local.ts';
import type { ProcessRef } from '../processes.ts';
import { inMinutes, minuteOfDay } from './beijingDay.ts';
import { type Field, fieldsOf, fireStrength } from './fires.ts';
import { type Account, account } from './labels.ts';
import { type Modifier, neutral, raise } from './modifier.ts';
import { type Rates, removalOf, speciesCount, treatedPollutants } from './rates.ts';
import type { Shifts } from './shifts.ts';
import {
  type Candidate,
  choose,
  isOfTarget,
  type Look,
  momentsOf,
  namesOf,
  processCandidates,
  siteCandidates,
} from './targets.ts';

interface Timed {
  readonly startMs: number;
  readonly endMs: number;
  /** Only in these minutes of the Beijing day; absent: always. */
  readonly windows?: readonly { readonly fromMinute: number; readonly toMinute: number }[];
}

/** What happens to one process for a while. */
export interface Effect extends Timed {
  readonly process: number;
  readonly modifier: Modifier;
  /** Where leaks leave, m. */
  readonly roofM: number;
  readonly account: Account;
}

export interface SiteEffect extends Timed {
  readonly site: number;
  readonly factor: number;
  readonly account: Account;
}

export interface SeenEffect extends Timed {
  readonly visible: Visible;
  readonly byDayOnly: boolean;
}

export interface FeltEffect extends Timed {
  readonly nuisance: Nuisance;
}

export interface Incidents {
  readonly effects: readonly Effect[];
  readonly siteEffects: readonly SiteEffect[];
  readonly fields: readonly Field[];
  readonly fieldAccounts: readonly Account[];
  readonly fireworks: readonly { readonly incident: Fireworks; readonly account: Account }[];
  readonly areaFactors: readonly { readonly incident: AreaFactor; readonly account: Account }[];
  readonly seen: readonly SeenEffect[];
  readonly felt: readonly FeltEffect[];
  /** Incidents without a target: nothing in the register fits. */
  readonly unresolved: readonly string[];
}

export interface Surroundings {
  readonly seed: number;
  readonly register: Register;
  readonly processes: readonly ProcessRef[];
  readonly rates: Rates;
  readonly shifts: Shifts;
  readonly look: Look;
}

/** Share of the exhaust that still leaves through the stack when the fan is off, by its own draught [D]. */
const captureWithoutFan = 0.1;
/** Of the treatment's rated power without its fan: pumps and pulses [D]. */
const treatmentWithoutFan = 0.2;
/** Production at night goes at this load [D]. */
export const nightLoad = 0.9;
/** Complaints an hour at waking hours, near a place [D]. */
const complaints = { leakSmell: 3, leakSmoke: 2, failureSmell: 1.5, failureSmoke: 0.8, dust: 1, burning: 1.5, fireworks: 5 };
/** Strength of smoke against a field of 5 mu [D]. */
const leakSmoke = 0.25;
const failureSmoke = 0.12;
/** From so many g/s of VOC in full leak it smells rather than smokes [D]. */
const smellsFromGps = 0.05;

export function inEffect(timed: Timed, ms: number): boolean {
  if (ms < timed.startMs || ms >= timed.endMs) return false;
  if (timed.windows === undefined) return true;
  const minute = minuteOfDay(ms);
  return timed.windows.some(({ fromMinute, toMinute }) => inMinutes(minute, fromMinute, toMinute));
}

export function resolveIncidents(episode: Pick<Episode, 'incidents' | 'startMs'>, around: Surroundings): Incidents {
  const out = {
    effects: [] as Effect[],
    siteEffects: [] as SiteEffect[],
    fields: [] as Field[],
    fieldAccounts: [] as Account[],
    fireworks: [] as { incident: Fireworks; account: Account }[],
    areaFactors: [] as { incident: AreaFactor; account: Account }[],
    seen: [] as SeenEffect[],
    felt: [] as FeltEffect[],
    unresolved: [] as string[],
  };
  const { register } = around;
  const stations = register.sources.filter(({ kind }) => kind === 'air').flatMap((source) => placed(source));
  const startMs = episode.startMs;

  for (const incident of episode.incidents) {
    const span = { startMs: startMs + incident.fromMs, endMs: startMs + incident.toMs };
    if (incident.kind === 'fire') addFires(incident);
    else if (incident.kind === 'fireworks') addFireworks(incident, span);
    else if (incident.kind === 'area_factor') {
      const label = { id: incident.id, class: 'incident', kind: incident.kind, pollutant: incident.sector, x: 0, y: 0 } as const;
      out.areaFactors.push({ incident, account: account({ ...label, fromMs: span.startMs, toMs: span.endMs }) });
    } else if (incident.kind === 'dust_no_control') addDust(incident, span);
    else addProcesses(incident, span);
  }
  return out;

  function pick(
    incident: ControlFailure | Fugitive | NightDischarge | DustUncontrolled,
    target: Target,
    candidates: readonly Candidate[],
    isActive: (index: number, ms: number) => boolean,
  ): readonly Candidate[] {
    const chosen = choose({ incident, startMs, target, candidates, stations, look: around.look, seed: around.seed, isActive });
    if (chosen.length === 0) out.unresolved.push(incident.id);
    return chosen;
  }

  function addProcesses(incident: ControlFailure | Fugitive | NightDischarge, span: { startMs: number; endMs: number }): void {
    const windows = incident.kind === 'night_discharge' ? incident.windows : undefined;
    const isActive = (i: number, ms: number) =>
      windows === undefined ? around.shifts.loadAt(i, ms) > 0 : inEffect({ ...span, windows }, ms);
    const chosen = pick(incident, incident.target, candidatesFor(incident, span, around), isActive);
    chosen.forEach((candidate, k) => {
      const { enterprise, process } = around.processes[candidate.index];
      const id = chosen.length === 1 ? incident.id : `${incident.id}-${k + 1}`;
      const pollutant = incident.kind === 'control_failure' ? incident.pollutant : 'all';
      const timed = windows === undefined ? span : { ...span, windows };
      const label = { id, class: 'incident', kind: incident.kind, incident: incident.id, pollutant } as const;
      const where = { enterprise: enterprise.id, process: process.id, x: candidate.x, y: candidate.y };
      const when = { fromMs: span.startMs, toMs: span.endMs, ...(windows === undefined ? {} : { windows }) };
      out.effects.push({
        ...timed,
        process: candidate.index,
        modifier: modifierOf(incident, candidate.index, around),
        roofM: incident.kind === 'fugitive' ? incident.heightM : defaultRoofM,
        account: account({ ...label, ...where, ...when }),
      });
      addSigns(incident, candidate, id, timed);
    });
  }

  function addSigns(
    incident: ControlFailure | Fugitive | NightDischarge,
    { index, x, y }: Candidate,
    id: string,
    timed: { readonly startMs: number; readonly endMs: number },
  ): void {
    const { startMs: from, endMs } = timed;
    const leak = incident.kind === 'fugitive';
    const voc = around.rates.raw[index * speciesCount + 5];
    const named = incident.kind === 'control_failure' ? incident.pollutant : 'all';
    const rubber = around.processes[index].enterprise.industry.includes('rubber');
    const smells = named === 'VOC' || (named === 'all' && (rubber || voc >= smellsFromGps));
    const ratePerH = leak
      ? smells
        ? complaints.leakSmell
        : complaints.leakSmoke
      : smells
        ? complaints.failureSmell
        : complaints.failureSmoke;
    const category = smells ? 'smell' : 'smoke';
    out.felt.push({ ...timed, nuisance: { id: `${id}/${category}`, category, ratePerH, x, y, startMs: from, endMs } });
    if (!leak && named !== 'PM' && named !== 'all') return;
    const strength = leak ? leakSmoke : failureSmoke;
    out.seen.push({
      ...timed,
      byDayOnly: true,
      visible: { id: `${id}/smoke`, type: 'smoke', strength, x, y, startMs: from, endMs },
    });
  }

  function addDust(incident: DustUncontrolled, span: { startMs: number; endMs: number }): void {
    const chosen = pick(incident, incident.target, siteCandidates(register, incident.target), () => true);
    chosen.forEach(({ index, id: site, x, y }, k) => {
      const id = chosen.length === 1 ? incident.id : `${incident.id}-${k + 1}`;
      const label = { id, class: 'incident', kind: incident.kind, incident: incident.id, pollutant: 'PM', site, x, y } as const;
      out.siteEffects.push({
        ...span,
        site: index,
        factor: incident.factor,
        account: account({ ...label, fromMs: span.startMs, toMs: span.endMs }),
      });
      out.felt.push({
        ...span,
        nuisance: { id: `${id}/dust`, category: 'dust', ratePerH: complaints.dust, x, y, ...span },
      });
    });
  }

  function addFires(incident: Fires): void {
    const seats = [...register.townships, ...register.districts].map((each) => localOf(each));
    const air = register.sources.filter(({ kind }) => kind === 'air');
    const station = (name: string) => {
      const index = namedIndex(air, name);
      return index < 0 ? undefined : placed(air[index])[0];
    };
    for (const field of fieldsOf(incident, around.seed, startMs, { seats, station, look: around.look })) {
      const { id, x, y, startMs: from, endMs } = field;
      const span = { startMs: from, endMs };
      const label = { id, class: 'incident', kind: 'fire', incident: incident.id, pollutant: 'PM', field: id, x, y } as const;
      out.fields.push(field);
      out.fieldAccounts.push(account({ ...label, fromMs: from, toMs: endMs }));
      const strength = fireStrength(field);
      const { detectShare, detectDelayMs } = incident;
      const seenAs = { x, y, ...span, strength, detectShare, detectDelayMs };
      out.seen.push({ ...span, byDayOnly: false, visible: { id: `${id}/fire`, type: 'fire', ...seenAs } });
      out.seen.push({ ...span, byDayOnly: true, visible: { id: `${id}/smoke`, type: 'smoke', ...seenAs } });
      const ratePerH = complaints.burning * strength;
      out.felt.push({ ...span, nuisance: { id: `${id}/burning`, category: 'burning', ratePerH, x, y, ...span } });
    }
  }

  function addFireworks(incident: Fireworks, span: { startMs: number; endMs: number }): void {
    const label = { id: incident.id, class: 'incident', kind: 'fireworks', pollutant: 'PM', x: 0, y: 0 } as const;
    out.fireworks.push({ incident, account: account({ ...label, fromMs: span.startMs, toMs: span.endMs }) });
    const nuisance = { id: `${incident.id}/noise`, category: 'noise', ratePerH: complaints.fireworks, x: 0, y: 0 } as const;
    out.felt.push({ ...span, nuisance: { ...nuisance, ...span } });
  }
}

/** Leaks leave at roof level, m (simulation report 2.6). */
export const defaultRoofM = 6;

function placed(source: { readonly lon?: number; readonly lat?: number }): readonly Local[] {
  return source.lon === undefined || source.lat === undefined ? [] : [localOf({ lon: source.lon, lat: source.lat })];
}

const pollutantIndex = { SO2: 0, NOx: 1, PM: 2, VOC: 3 } as const;

/** Those of the type that the incident fits, of them those at work during it, if any is. A named one is hit even if nothing fits. */
function candidatesFor(
  incident: ControlFailure | Fugitive | NightDischarge,
  span: { readonly startMs: number; readonly endMs: number },
  { processes, rates, shifts }: Surroundings,
): readonly Candidate[] {
  const { target } = incident;
  const { id } = target;
  const moments = momentsOf(span.startMs, span.endMs);
  const works = (i: number) => incident.kind === 'night_discharge' || moments.some((ms) => shifts.loadAt(i, ms) > 0);
  const isMeant = (ref: ProcessRef) => (id === undefined ? isOfTarget(ref, target) : namesOf(ref).includes(id));
  const isFit = (ref: ProcessRef) => isMeant(ref) && fits(ref, incident);
  const search = (passes: (ref: ProcessRef, i: number) => boolean) =>
    processCandidates(processes, passes, (i) => weightOf(rates, i, incident));
  let found = search((ref, i) => isFit(ref) && works(i));
  if (found.length === 0) found = search(isFit);
  if (found.length === 0 && id !== undefined) found = search(isMeant);
  return incident.kind === 'fugitive' ? found.map((each) => ({ ...each, heightM: incident.heightM })) : found;
}

function fits({ process }: ProcessRef, incident: ControlFailure | Fugitive | NightDischarge): boolean {
  if (incident.kind === 'fugitive') return process.stack !== undefined && process.emits;
  if (process.treatment === undefined || !process.emits) return false;
  if (incident.kind === 'night_discharge' || incident.pollutant === 'all') return true;
  const pollutant = treatedPollutants[pollutantIndex[incident.pollutant]];
  return process.emission[pollutant] > 0 && removalOf(process, pollutant) > 0;
}

/** Raw emission of what it is about, g/s. */
function weightOf(rates: Rates, i: number, incident: ControlFailure | Fugitive | NightDischarge): number {
  const raw = (k: number) => rates.raw[i * speciesCount + k];
  const named = incident.kind === 'control_failure' ? incident.pollutant : 'all';
  if (named === 'SO2') return raw(2);
  if (named === 'NOx') return raw(3);
  if (named === 'VOC') return raw(5);
  const particles = raw(0) + raw(1);
  return named === 'PM' ? particles : particles + raw(2) + raw(3) + raw(5);
}

function modifierOf(
  incident: ControlFailure | Fugitive | NightDischarge,
  i: number,
  { processes, rates }: Surroundings,
): Modifier {
  const modifier = neutral();
  if (incident.kind === 'fugitive') {
    modifier.capture = captureWithoutFan;
    modifier.treatment = treatmentWithoutFan;
    emittedSpecies.forEach((species, k) => {
      modifier.roof[k] = incident.emissionGps?.[species] ?? Number.NaN;
    });
    return modifier;
  }
  if (incident.kind === 'night_discharge') {
    modifier.floor = nightLoad;
    modifier.treatment = 0;
    raiseAll(modifier, rates, i, incident.factor, processes[i]);
    return modifier;
  }
  modifier.treatment = incident.power === 'control_off' ? 0 : Number.NaN;
  if (incident.pollutant === 'all') raiseAll(modifier, rates, i, incident.factor, processes[i]);
  else raise(modifier, rates, i, pollutantIndex[incident.pollutant], incident.factor);
  return modifier;
}

/** All that the treatment removes; all at all, where there is none. */
function raiseAll(modifier: Modifier, rates: Rates, i: number, factor: number, { process }: ProcessRef): void {
  treatedPollutants.forEach((pollutant, q) => {
    if (process.treatment === undefined || removalOf(process, pollutant) > 0) raise(modifier, rates, i, q, factor);
  });
}
