// What people do in the city, minute by minute: production, treatment, cheating, incidents, obedience; with and without orders.

import type { Register } from '../../../engine/schema/register.ts';
import type { Nuisance, Visible } from '../cityState.ts';
import type { Episode } from '../episode.ts';
import { processesOf } from '../processes.ts';
import { dayNumber, minuteOfDay } from './beijingDay.ts';
import { makeCheats } from './cheats.ts';
import { makeEmissions } from './emissions.ts';
import { addFireworks, type Field } from './fires.ts';
import { type Effect, inEffect, resolveIncidents, type SiteEffect } from './incidents.ts';
import { type ActivityLabel, closeAccount } from './labels.ts';
import { expandScripted, makeOrderBook, type Order, type SectorOrder, scriptedApplies } from './orders.ts';
import { pollutantOfSpecies, ratesOf, speciesCount } from './rates.ts';
import { makeShifts } from './shifts.ts';
import { makeSites, siteFineShare } from './sites.ts';
import type { Look } from './targets.ts';
import { rhythmAt } from './traffic.ts';
import { type Excess, makeWorld, type SectorFactors, type World } from './world.ts';

export interface ActivityOptions {
  /** Computes both worlds from the start, to prove that they are equal. */
  readonly forceTwin?: boolean;
  /** In closed loop without an engine the scenario's own orders act. */
  readonly scriptedFallback?: boolean;
}

export interface Activity {
  /** Times never go back. State is that at `eventMs`; what is summed counts `stepMs`. */
  readonly step: (eventMs: number, stepMs: number) => void;
  readonly factual: World;
  /** The same object as `factual` until the first order takes effect. */
  readonly noOrders: () => World;
  readonly diverged: () => boolean;
  /** All fires of the episode; they burn from `startMs` to `endMs`. */
  readonly fields: readonly Field[];
  /** Over the built-up city now, g/s by `emittedSpecies`. */
  readonly fireworksGps: Float64Array;
  readonly sectorFactors: SectorFactors;
  readonly excesses: () => readonly Excess[];
  readonly visible: () => readonly Visible[];
  readonly nuisances: () => readonly Nuisance[];
  /** False: unknown enterprise or process, or an id that is known already. */
  readonly order: (order: Order) => boolean;
  readonly lift: (id: string, atMs: number) => boolean;
  readonly sectorOrder: (order: SectorOrder) => boolean;
  readonly labels: () => readonly ActivityLabel[];
  /** Ids of incidents that found no target. */
  readonly unresolved: readonly string[];
}

/** Smoke shows from 07 to 18 h [D]. */
const smokeFromMinute = 420;
const smokeToMinute = 1080;
const siteHeightM = 2;

export function makeActivity(
  seed: number,
  register: Register,
  episode: Episode,
  look: Look,
  options: ActivityOptions = {},
): Activity {
  const processes = processesOf(register);
  const rates = ratesOf(seed, processes);
  const shifts = makeShifts(seed, processes);
  const sites = makeSites(seed, register.sources);
  const incidents = resolveIncidents(episode, { seed, register, processes, rates, shifts, look });
  const cheats = makeCheats(seed, processes, shifts, episode.cheatRate);
  const orders = makeOrderBook(
    seed,
    episode.control.response,
    processes,
    sites.sources.map(({ id }) => id),
  );
  const scales = new Float64Array(speciesCount);
  const emissions = makeEmissions(processes, rates, shifts, scales);
  const factual = makeWorld(processes, sites.sources.length);
  let twin = options.forceTwin === true ? makeWorld(processes, sites.sources.length) : factual;
  const ones = new Float32Array(processes.length).fill(1);
  const onesSites = new Float32Array(sites.sources.length).fill(1);
  const sectorFactors: SectorFactors = { traffic: 1, heating: 1, industry: 1, dust: 1, voc: 1 };
  const fireworksGps = new Float64Array(speciesCount);
  let diverged = false;
  const cheatEffects: Effect[] = [];
  let openCheats: readonly Effect[] = [];
  let liveCheats: Effect[] = [];
  let cheatDay = Number.NaN;
  let nowMs = Number.NEGATIVE_INFINITY;
  let excesses: Excess[] = [];
  let pending = scriptedApplies(episode, options.scriptedFallback === true)
    ? episode.control.scripted.map((each) => expandScripted(each, episode.startMs, register))
    : [];

  function step(eventMs: number, stepMs: number): void {
    nowMs = eventMs;
    takeScripted(eventMs);
    shifts.step(eventMs);
    sites.step(eventMs);
    stepSectorFactors(eventMs);
    stepCheats(eventMs);
    const acting = orders.step(eventMs);
    diverged ||= acting;
    if (acting && twin === factual) twin = makeWorld(processes, sites.sources.length);
    const seconds = stepMs / 1000;
    excesses = [];
    const effects: readonly Effect[] = [...incidents.effects.filter((each) => inEffect(each, eventMs)), ...liveCheats];
    emissions.step(factual, orders.keep, [...effects, ...orders.cheating()], seconds, excesses);
    stepSites(factual, orders.keepSites, seconds);
    stepRhythm(factual, orders.keepTraffic(), orders.truckBan());
    stepFires(eventMs, seconds);
    if (twin === factual) return;
    emissions.step(twin, ones, effects, 0);
    stepSites(twin, onesSites, 0);
    stepRhythm(twin, 1, 0);
    if (acting) orders.book(twin, factual, stepMs);
  }

  function takeScripted(ms: number): void {
    if (pending.every(({ sector }) => ms < sector.effectiveMs)) return;
    for (const { orders: list, sector } of pending) {
      if (ms < sector.effectiveMs) continue;
      for (const each of list) orders.order(each, each.effectiveMs);
      orders.sector(sector, sector.effectiveMs);
    }
    pending = pending.filter(({ sector }) => ms < sector.effectiveMs);
  }

  function stepSectorFactors(ms: number): void {
    for (const sector of Object.keys(sectorFactors) as (keyof SectorFactors)[]) sectorFactors[sector] = 1;
    for (const { incident } of incidents.areaFactors) {
      const on = ms >= episode.startMs + incident.fromMs && ms < episode.startMs + incident.toMs;
      if (on) sectorFactors[incident.sector] *= incident.factor;
    }
    for (let k = 0; k < speciesCount; k++) {
      scales[k] = sectorFactors.industry * (pollutantOfSpecies[k] === 3 ? sectorFactors.voc : 1);
    }
  }

  function stepCheats(ms: number): void {
    const day = dayNumber(ms);
    if (day !== cheatDay) {
      // Yesterday's nights reach into today, where the run begins today.
      const found = day === cheatDay + 1 ? cheats.ofDay(day) : [...cheats.ofDay(day - 1), ...cheats.ofDay(day)];
      const open = found.filter((each) => each.endMs > ms);
      cheatEffects.push(...open);
      openCheats = [...openCheats.filter((each) => each.endMs > ms), ...open];
      cheatDay = day;
    }
    liveCheats = openCheats.filter((each) => inEffect(each, ms));
  }

  function addExcess(excess: Excess): void {
    if (excess.gps.some((value) => value !== 0)) excesses.push(excess);
  }

  function stepSites(world: World, keep: Float32Array, seconds: number): void {
    const { windMps } = look.windAt(nowMs);
    for (let s = 0; s < sites.sources.length; s++) {
      world.siteWork[s] = sites.work[s] * keep[s];
      writeSite(world, s, sites.pm10Gps(s, world.siteWork[s], windMps, sectorFactors.dust));
    }
    for (const each of incidents.siteEffects) if (inEffect(each, nowMs)) addSiteEffect(world, each, seconds);
  }

  function writeSite(world: World, s: number, pm10: number): void {
    world.siteGps[2 * s] = pm10 * siteFineShare;
    world.siteGps[2 * s + 1] = pm10 * (1 - siteFineShare);
  }

  function addSiteEffect(world: World, { site, factor, account }: SiteEffect, seconds: number): void {
    const fine = world.siteGps[2 * site];
    const coarse = world.siteGps[2 * site + 1];
    world.siteGps[2 * site] = fine * factor;
    world.siteGps[2 * site + 1] = coarse * factor;
    if (world !== factual) return;
    const gps = [fine * (factor - 1), coarse * (factor - 1), 0, 0, 0, 0];
    account.seconds += seconds;
    for (let k = 0; k < 2; k++) account.grams[k] += gps[k] * seconds;
    const { id, x, y } = account.label;
    addExcess({ id, at: 'site', index: site, x, y, heightM: siteHeightM, gps });
  }

  function stepRhythm(world: World, keepTraffic: number, truckBan: number): void {
    const rhythm = rhythmAt(seed, nowMs);
    world.traffic = rhythm.traffic * sectorFactors.traffic * keepTraffic;
    world.trucks = rhythm.trucks * sectorFactors.traffic * (1 - truckBan);
    world.truckBan = truckBan;
    world.heating = rhythm.heating * sectorFactors.heating;
  }

  function stepFires(ms: number, seconds: number): void {
    incidents.fields.forEach((field, index) => {
      if (ms < field.startMs || ms >= field.endMs) return;
      const { grams } = incidents.fieldAccounts[index];
      incidents.fieldAccounts[index].seconds += seconds;
      for (let k = 0; k < speciesCount; k++) grams[k] += field.gps[k] * seconds;
      addExcess({ id: field.id, at: 'field', index, x: field.x, y: field.y, heightM: 0, gps: field.gps });
    });
    fireworksGps.fill(0);
    for (const { incident, account } of incidents.fireworks) {
      const gps = new Float64Array(speciesCount);
      addFireworks(gps, incident, ms - episode.startMs);
      if (gps[0] === 0) continue;
      account.seconds += seconds;
      for (let k = 0; k < speciesCount; k++) {
        fireworksGps[k] += gps[k];
        account.grams[k] += gps[k] * seconds;
      }
      addExcess({ id: incident.id, at: 'area', index: -1, x: 0, y: 0, heightM: 0, gps: Array.from(gps) });
    }
  }

  function visible(): readonly Visible[] {
    const minute = minuteOfDay(nowMs);
    const day = minute >= smokeFromMinute && minute < smokeToMinute;
    return incidents.seen.filter((each) => (day || !each.byDayOnly) && inEffect(each, nowMs)).map((each) => each.visible);
  }

  function labels(): readonly ActivityLabel[] {
    const accounts = [
      ...incidents.effects.map(({ account }) => account),
      ...incidents.siteEffects.map(({ account }) => account),
      ...incidents.fieldAccounts,
      ...incidents.fireworks.map(({ account }) => account),
      ...incidents.areaFactors.map(({ account }) => account),
      ...cheatEffects.filter(({ startMs }) => startMs <= nowMs).map(({ account }) => account),
    ];
    return [...accounts.map(closeAccount), ...orders.labels()];
  }

  return {
    step,
    factual,
    noOrders: () => twin,
    diverged: () => diverged,
    fields: incidents.fields,
    fireworksGps,
    sectorFactors,
    excesses: () => excesses,
    visible,
    nuisances: () => incidents.felt.filter((each) => inEffect(each, nowMs)).map((each) => each.nuisance),
    order: (each) => orders.order(each, Math.max(nowMs, Number.MIN_SAFE_INTEGER)),
    lift: (id, atMs) => orders.lift(id, Math.max(atMs, nowMs)),
    sectorOrder: (each) => orders.sector(each, Math.max(nowMs, Number.MIN_SAFE_INTEGER)),
    labels,
    unresolved: incidents.unresolved,
  };
}
