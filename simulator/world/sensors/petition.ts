// Complaints: people notice a nuisance or the haze, wait, and tell one of the channels, often with a wrong place.

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { CityState, Nuisance } from '../cityState.ts';
import type { Columns } from '../columns.ts';
import { drawn } from '../draw.ts';
import type { Complaints, Episode } from '../episode.ts';
import { type Local, localOf, placeOf } from '../local.ts';
import { normal, streamOf, uniform } from '../random.ts';
import { hourOf } from '../weather.ts';
import { hourMs, minuteMs, poisson, quantise, type Sensors, sourcesOf, tickOf } from './instrument.ts';
import { type ComplaintCategory, complaintCategories, complaintText } from './texts.ts';

export const petitionOptions = {
  /** Complaints an hour in waking hours that have no cause in the simulated air [D]. */
  backgroundPerH: 0.5,
  /** Of the background, in the order of `complaintCategories` [D]. */
  backgroundShares: [0.2, 0.08, 0.15, 0.25, 0.03, 0.02, 0.27],
  /** PM2.5 above which people complain of haze, µg/m³ (SIMULATION section 8). */
  hazeFromUgM3: 75,
  /** A complaint goes to a channel of the place's own district so often; else to any [D]. */
  ownDistrictShare: 0.6,
  /** Places of complaints without one: around the seat of a township, m [D]. */
  aroundTownM: 1200,
  /** Nobody names an enterprise further away, m. */
  nearEnterpriseM: 2500,
} as const;

/** A complaint before it is told. */
interface Notice extends Local {
  /** Names the streams of its details. */
  readonly cause: string;
  readonly tick: number;
  readonly category: ComplaintCategory;
  readonly eventMs: number;
  readonly startMs?: number;
  /** m, standard deviation each way. */
  readonly wrongPlaceM: number;
}

interface Report {
  readonly source: number;
  readonly timeMs: number;
  readonly id: string;
  readonly lon: number;
  readonly lat: number;
  readonly category: ComplaintCategory;
  readonly text: string;
}

interface Town extends Local {
  readonly zh: string;
  readonly district: string;
}

const [lonMetric, latMetric] = catalog.petition.metrics;

/** A row a complaint, at the time when it is told. */
export function petitionSensors(seed: number, register: Register, episode: Episode): Sensors {
  const tell = teller(seed, register, episode.complaints);
  const notices = noticing(seed, register, episode.complaints);
  let waiting: readonly Report[] = [];
  return (state) => {
    const noticed = notices(state);
    if (noticed.length > 0) waiting = [...waiting, ...noticed.flatMap(tell)].sort(byTime);
    const untilMs = state.eventMs + state.stepMs;
    if (waiting.length === 0 || waiting[0].timeMs >= untilMs) return [];
    const due = waiting.filter(({ timeMs }) => timeMs < untilMs);
    waiting = waiting.slice(due.length);
    return [columnsOf(due)];
  };
}

function byTime(a: Report, b: Report): number {
  return a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1);
}

function columnsOf(reports: readonly Report[]): Columns {
  return {
    kind: 'petition',
    rows: reports.length,
    periodMs: 0,
    source: Uint32Array.from(reports, ({ source }) => source),
    time: Float64Array.from(reports, ({ timeMs }) => timeMs),
    values: {
      lon: Float64Array.from(reports, ({ lon }) => quantise(lon, lonMetric)),
      lat: Float64Array.from(reports, ({ lat }) => quantise(lat, latMetric)),
    },
    id: reports.map(({ id }) => id),
    text: { category: reports.map(({ category }) => category), text: reports.map(({ text }) => text) },
  };
}

/** How many of those who are annoyed speak up at this hour, 0 to 1: few by night, but noise and stench wake some [D]. */
export function wakingShare(category: ComplaintCategory, hour: number): number {
  const night = category === 'noise' || category === 'smell' || category === 'burning' ? 0.35 : 0.08;
  if (hour < 6) return night;
  if (hour < 7) return Math.max(0.5, night);
  return hour < 22 ? 1 : 0.6;
}

/** Who notices what in a step. */
function noticing(seed: number, register: Register, complaints: Complaints): (state: CityState) => Notice[] {
  const haze = hazeNotices(seed, register, complaints);
  const background = backgroundNotices(seed, register);
  return (state) => [
    ...state.nuisances.flatMap((nuisance) => nuisanceNotices(seed, state, nuisance, complaints)),
    ...haze(state),
    ...background(state),
  ];
}

/** Counts of one cause in one step, each with its tick and its moment. */
function moments(seed: number, cause: string, { eventMs, stepMs }: CityState, perH: number): { tick: number; eventMs: number }[] {
  if (perH <= 0) return [];
  const second = tickOf(eventMs);
  const count = poisson((perH * stepMs) / hourMs, uniform(seed, streamOf(`complaints ${cause}`), second));
  return Array.from({ length: Math.min(count, 64) }, (_, k) => {
    const tick = second * 64 + k;
    return {
      tick,
      eventMs: eventMs + Math.floor((uniform(seed, streamOf(`complaint moment ${cause}`), tick) * stepMs) / 1000) * 1000,
    };
  });
}

/** What a nuisance is expected to bring at this hour, complaints an hour; noticed, not yet told. */
export function complaintsPerH({ category, ratePerH }: Nuisance, { smellBias }: Complaints, eventMs: number): number {
  return ratePerH * (category === 'smell' ? smellBias : 1) * wakingShare(category, hourOf(eventMs));
}

function nuisanceNotices(seed: number, state: CityState, nuisance: Nuisance, complaints: Complaints): Notice[] {
  const { id, category, x, y, startMs, endMs } = nuisance;
  if (state.eventMs < startMs || state.eventMs >= endMs) return [];
  const perH = complaintsPerH(nuisance, complaints, state.eventMs);
  const { wrongPlaceM } = complaints;
  return moments(seed, id, state, perH).map((moment) => ({ ...moment, cause: id, category, x, y, startMs, wrongPlaceM }));
}

/** By the mean of each district's stations. */
function hazeNotices(seed: number, register: Register, { ratePer10UgM3H }: Complaints): (state: CityState) => Notice[] {
  const air = sourcesOf(register, 'air');
  const districts = register.districts.map((district) => ({
    cause: `haze ${district.code}`,
    stations: Uint32Array.from(air.flatMap((source, i) => (source.district === district.code ? [i] : []))),
    towns: townsOf(register).filter((town) => town.district === district.code),
  }));
  return (state) =>
    districts.flatMap(({ cause, stations, towns }) => {
      let sum = 0;
      for (const station of stations) sum += state.air.pm25[station];
      const above = sum / stations.length - petitionOptions.hazeFromUgM3;
      if (!(above > 0)) return [];
      const perH = (ratePer10UgM3H * above * wakingShare('haze', hourOf(state.eventMs))) / 10;
      return moments(seed, cause, state, perH).map((moment) => inTown(seed, cause, 'haze', moment, towns));
    });
}

function backgroundNotices(seed: number, register: Register): (state: CityState) => Notice[] {
  const towns = townsOf(register);
  const cause = 'background';
  return (state) =>
    moments(seed, cause, state, petitionOptions.backgroundPerH * wakingShare('other', hourOf(state.eventMs))).map((moment) => {
      const category = byShares(petitionOptions.backgroundShares, uniform(seed, streamOf('complaint category'), moment.tick));
      return inTown(seed, cause, complaintCategories[category], moment, towns);
    });
}

function byShares(shares: readonly number[], chance: number): number {
  let left = chance;
  const found = shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
  return found < 0 ? shares.length - 1 : found;
}

function inTown(
  seed: number,
  cause: string,
  category: ComplaintCategory,
  moment: { readonly tick: number; readonly eventMs: number },
  towns: readonly Town[],
): Notice {
  const town = towns[Math.floor(uniform(seed, streamOf(`complaint town ${cause}`), moment.tick) * towns.length)];
  return { ...moment, cause, category, x: town?.x ?? 0, y: town?.y ?? 0, wrongPlaceM: petitionOptions.aroundTownM };
}

/** Townships with their district's name; the districts where the register has none. */
function townsOf({ townships, districts }: Register): readonly Town[] {
  if (townships.length === 0)
    return districts.map((district) => ({ ...localOf(district), zh: district.zh, district: district.code }));
  const names = new Map(districts.map(({ code, zh }) => [code, zh]));
  return townships.map((town) => ({
    ...localOf(town),
    zh: `${names.get(town.district) ?? ''}${town.zh}`,
    district: town.district,
  }));
}

/** From a notice to what a channel takes down. Nothing where the register has no channels. */
function teller(seed: number, register: Register, { delayMs }: Complaints): (notice: Notice) => Report[] {
  const channels = sourcesOf(register, 'petition');
  const towns = townsOf(register);
  const enterprises = register.enterprises.map((enterprise) => ({ ...localOf(enterprise), zh: enterprise.zh }));
  const channelOf = channelPicker(register);
  return (notice) => {
    if (channels.length === 0) return [];
    const chance = (use: string) => uniform(seed, streamOf(`complaint ${use} ${notice.cause}`), notice.tick);
    const off = (use: string) => notice.wrongPlaceM * normal(seed, streamOf(`complaint ${use} ${notice.cause}`), notice.tick);
    const told: Local = { x: notice.x + off('east'), y: notice.y + off('north') };
    const waited = Math.max(0, drawn(delayMs, seed, streamOf(`complaint delay ${notice.cause}`), notice.tick));
    const timeMs = notice.eventMs + Math.round(waited / 1000) * 1000;
    const town = nearest(towns, told);
    const enterprise = nearest(enterprises, told);
    const isNear = enterprise !== undefined && distanceM(enterprise, told) < petitionOptions.nearEnterpriseM;
    const source = channelOf(town?.district ?? '', chance);
    const text = complaintText({
      category: notice.category,
      place: town?.zh ?? register.city.zh,
      ...(isNear ? { enterprise: enterprise.zh } : {}),
      eventMs: notice.eventMs,
      ...(notice.startMs === undefined ? {} : { startMs: notice.startMs }),
      reportedMs: timeMs,
      chance,
    });
    const mark = Math.floor(chance('id') * 4294967296).toString(36);
    const id = `${channels[source].id}-${Math.floor(timeMs / minuteMs)}-${mark}`;
    return [{ source, timeMs, id, ...placeOf(told), category: notice.category, text }];
  };
}

function distanceM(a: Local, b: Local): number {
  return Math.sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

function nearest<Where extends Local>(places: readonly Where[], to: Local): Where | undefined {
  let best: Where | undefined;
  let bestM = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const metres = distanceM(place, to);
    if (metres >= bestM) continue;
    best = place;
    bestM = metres;
  }
  return best;
}

/** Index of a channel: the district's own, or any; the first ones of a list are the busiest. */
function channelPicker(register: Register): (district: string, chance: (use: string) => number) => number {
  const channels = sourcesOf(register, 'petition');
  const all = channels.map((_, i) => i);
  return (district, chance) => {
    const own = all.filter((i) => channels[i].district === district);
    const list = own.length > 0 && chance('own channel') < petitionOptions.ownDistrictShare ? own : all;
    const share = chance('channel');
    return list[Math.floor(share * share * list.length)];
  };
}
