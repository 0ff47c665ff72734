// The simulated city: weather, people, smoke and air in one pass, with a twin without orders. Gives the truth, step by step.

import type { Register } from '../../engine/schema/register.ts';
import { type Activity, makeActivity } from './activity/activity.ts';
import type { World as ActivityWorld } from './activity/world.ts';
import { gridIndex } from './area.ts';
import { gridStepMs, makeBackground, type WorldEmission } from './background.ts';
import type { CityState, Weather } from './cityState.ts';
import { plume, type Stability, stabilityOf, windExponent, windFloor } from './dispersion.ts';
import { type Episode, emittedSpecies, gridSpecies } from './episode.ts';
import { type Local, localOf } from './local.ts';
import { buoyancyFlux, type Emitter, makePlumes, type PlumeStep, plumeReachM } from './plumes.ts';
import { type ProcessRef, processesOf } from './processes.ts';
import { makePuffs } from './puffs.ts';
import { normal, streamOf } from './random.ts';
import { type AirColumns, factorCount, makePlaceFactors, mixInto, newAirColumns, photoRatio } from './stationAir.ts';
import { makeWeather, type WeatherModel } from './weather.ts';

const emittedCount = emittedSpecies.length;
const gridCount = gridSpecies.length;
const radians = Math.PI / 180;
/** Within this distance of the centre of a district's town the ground is rough [D]. */
const urbanM = 4_000;
/** Processes of one enterprise stand that far apart at most [D]. */
const yardM = 120;
const roofM = 6;
/**
 * Yards, doors and small workshops of the same enterprises give off as much again and more, spread out, and stop with them:
 * the grid is given so many times what the register has (SIMULATION.md 2.6: point sources times 2.5) [D].
 */
const diffuse = 2.5;
const siteHeightM = 3;
const siteWidthM = 120;
/** A monitor stands at the edge of its site, in air that the site's dust fills over this width and height [D]. */
const siteBox = { widthM: 110, heightM: 9, windMinMps: 0.8 };
/** TSP by PM10 of sites' dust and of the background [D]. */
const tspOfDust = 2.1;
const tspOfAir = 1.25;

export interface SimulatedCity {
  /** What is true at `eventMs`; steps follow each other without a gap from the start of the warm-up. */
  step(eventMs: number): CityState;
  readonly activity: Activity;
  readonly weather: WeatherModel;
  /** True air at the stations: as it is, and as it would be without the orders. */
  readonly air: AirColumns;
  readonly airNoOrders: AirColumns;
  /** Both worlds are one until an order has had an effect. */
  readonly diverged: boolean;
  readonly stations: readonly Local[];
  readonly emitters: readonly Emitter[];
  /** Where something of the activity leaves: a process's stack or roof, a site; undefined for fields and areas. */
  emitterAt(at: 'stack' | 'roof' | 'site' | 'field' | 'area', index: number): number | undefined;
  /** Which process or dust site an emitter is. */
  emitterOf(emitter: number): { readonly process?: number; readonly site?: number };
  /** PM2.5 that each emitter brings to a station now, µg/m³; unsorted. */
  contributions(station: number): readonly { readonly emitter: number; readonly pm25: number }[];
  /** What the plume of an emitter brings to a station now, g/m³ per g/s. */
  reach(emitter: number, station: number): number;
  /** Plumes and puffs as they were mixed in at this step, by event of `activity.fields`: g/m³ by station and species. */
  readonly puffShares: ReadonlyMap<number, Float64Array>;
  readonly mixingM: number;
}

export interface WorldOptions {
  /** Computes both worlds from the start, to prove that they are equal. */
  readonly forceTwin?: boolean;
  readonly scriptedFallback?: boolean;
}

export function makeWorld(seed: number, register: Register, episode: Episode, options: WorldOptions = {}): SimulatedCity {
  const weather = makeWeather(seed, episode);
  const background = makeBackground(seed, episode, weather, register.districts);
  const activity = makeActivity(seed, register, episode, lookOf(weather), options);
  const refs = processesOf(register);
  const stations = placesOf(register, 'air');
  const sites = placesOf(register, 'dust');
  /** Processes that give something off: the first emitters. */
  const emitting = refs.flatMap(({ process }, i) => (process.emits ? [i] : []));
  const hasStack = Uint8Array.from(emitting, (i) => (refs[i].process.stack === undefined ? 0 : 1));
  const leaks = leaksOf(activity, refs);
  const emitters = emittersOf(seed, register, refs, emitting, leaks, sites);
  const firstLeak = emitting.length;
  const firstSite = firstLeak + leaks.length;
  const plumes = makePlumes(emitters, stations);
  const { fine } = background;
  const homeCell = Uint32Array.from(emitters, ({ x, y }) => fine.cellOf(x, y));
  const puffs = makePuffs(stations, (x, y) => {
    const { west, south, columns, rows, cellM } = fine.shape;
    return x > west && y > south && x < west + columns * cellM && y < south + rows * cellM;
  });
  const placeFactors = makePlaceFactors(seed, stations);

  const count = stations.length;
  const nodes = [newNode(count, sites.length), newNode(count, sites.length)];
  const gps = [new Float32Array(emitters.length * emittedCount), new Float32Array(emitters.length * emittedCount)];
  const emissions = [newEmission(fine.cells), newEmission(fine.cells)];
  const handedOver = new Float64Array(fine.cells * emittedCount);
  const air = newAirColumns(count);
  let airNoOrders = air;
  const local = {
    tempC: new Float64Array(count),
    rhPct: new Float64Array(count),
    pressureHpa: new Float64Array(count),
    windMps: new Float64Array(count),
    windFromDeg: new Float64Array(count),
  };
  const siteAir = {
    pm25: new Float64Array(sites.length),
    pm10: new Float64Array(sites.length),
    tsp: new Float64Array(sites.length),
  };
  const siteWork = new Float64Array(sites.length);
  const blended = { background: new Float64Array(count * gridCount), plumes: new Float64Array(count * emittedCount) };
  const puffSum = new Float64Array(count * emittedCount);
  const puffShares = new Map<number, Float64Array>();
  let isSplit = false;
  let physicsMs = Number.NaN;
  let plumeStep: PlumeStep = { stability: 3, lidM: 500, wind: new Float64Array(count * 2) };
  const takeOver = new Uint32Array(fine.cells);
  /** In how many steps the smoke of a cell is where its plumes end. */
  const takeOverLag = new Uint8Array(fine.cells);
  /** Smoke on its way to the grid, by step of arrival and cell: µg/s. */
  const underway = [newUnderway(fine.cells), newUnderway(fine.cells)];
  let arrival = 0;

  function split(): void {
    isSplit = true;
    background.split();
    plumes.split();
    for (const [k, slot] of underway[1].low.entries()) slot.set(underway[0].low[k]);
    for (const [k, slot] of underway[1].aloft.entries()) slot.set(underway[0].aloft[k]);
    for (const node of nodes) {
      node.background[1].set(node.background[0]);
      node.plumes[1].set(node.plumes[0]);
    }
    airNoOrders = newAirColumns(count);
  }

  /** Every five minutes: the next node of everything that is interpolated to the step. */
  function physics(ms: number): void {
    nodes.push(nodes.shift() as Node);
    const next = nodes[1];
    const now = weather.centre(ms);
    const stability = stabilityOf(now.windMps, now.sinElevation, now.cloud);
    const wind = new Float64Array(count * 2);
    readWeather(ms + gridStepMs, next, wind);
    plumeStep = { stability, lidM: background.mixingM, wind };
    setTakeOver(ms, stability);
    plumes.advance();
    arrival = (arrival + 1) % takeOverSlots;
    const worlds = isSplit ? 2 : 1;
    for (let w = 0; w < worlds; w++) {
      const world = w === 0 ? activity.factual : activity.noOrders();
      gather(world, gps[w]);
      plumes.remember(gps[w], w as 0 | 1);
      intoGrid(world, gps[w], emissions[w], underway[w], stability);
      plumes.receive(plumeStep, w as 0 | 1, next.plumes[w]);
    }
    handedOver.fill(0);
    background.step(ms, emissions.slice(0, worlds));
    for (let w = 0; w < worlds; w++)
      for (let i = 0; i < count; i++)
        background.readInto(w as 0 | 1, stations[i].x, stations[i].y, next.background[w], i * gridCount);
    for (let i = 0; i < sites.length; i++) background.readInto(0, sites[i].x, sites[i].y, next.sites, i * gridCount);
    placeFactors(ms + gridStepMs, next.factors);
  }

  function readWeather(ms: number, node: Node, wind: Float64Array): void {
    for (let i = 0; i < count; i++) {
      const here = weather.at(ms, stations[i].x, stations[i].y);
      node.weather[i * 3] = here.tempC;
      node.weather[i * 3 + 1] = here.rhPct;
      node.weather[i * 3 + 2] = here.pressureHpa;
      weather.windInto(ms, stations[i].x, stations[i].y, wind, i * 2);
    }
    node.wind.set(wind);
  }

  /** Smoke of a cell comes down to the grid where its plumes end. */
  function setTakeOver(ms: number, stability: Stability): void {
    const { west, south, columns, cellM } = fine.shape;
    const wind = new Float64Array(2);
    for (let cell = 0; cell < fine.cells; cell++) {
      const x = west + ((cell % columns) + 0.5) * cellM;
      const y = south + (Math.floor(cell / columns) + 0.5) * cellM;
      weather.windInto(ms, x, y, wind, 0);
      const mps = Math.sqrt(wind[0] * wind[0] + wind[1] * wind[1]);
      // At the height of a middling stack; plumes end after an hour.
      const seconds = Math.min(3600, plumeReachM / windFloor(mps * Math.exp(windExponent(stability, 'rural') * Math.log(4))));
      takeOver[cell] = fine.cellOf(x + wind[0] * seconds, y + wind[1] * seconds);
      // Rounded up: no value comes before its cause.
      takeOverLag[cell] = Math.ceil(seconds / (gridStepMs / 1000));
    }
  }

  /** g/s of all emitters: processes, leaks, sites. */
  function gather(world: ActivityWorld, out: Float32Array): void {
    for (let e = 0; e < emitting.length; e++) {
      const from = hasStack[e] === 1 ? world.stackGps : world.roofGps;
      const at = emitting[e] * emittedCount;
      for (let s = 0; s < emittedCount; s++) out[e * emittedCount + s] = from[at + s];
    }
    leaks.forEach(({ process }, k) => {
      const at = (firstLeak + k) * emittedCount;
      for (let s = 0; s < emittedCount; s++) out[at + s] = world.roofGps[process * emittedCount + s];
    });
    for (let s = 0; s < sites.length; s++) {
      out[(firstSite + s) * emittedCount] = world.siteGps[s * 2];
      out[(firstSite + s) * emittedCount + 1] = world.siteGps[s * 2 + 1];
    }
  }

  function intoGrid(world: ActivityWorld, from: Float32Array, to: MutableEmission, late: Underway, stability: Stability): void {
    const mps = Math.max(0.3, weather.centre(physicsMs).windMps);
    for (let e = 0; e < emitters.length; e++) {
      const at = e * emittedCount;
      let any = false;
      for (let s = 0; s < emittedCount; s++) any ||= from[at + s] > 0;
      if (!any) continue;
      const slot = (arrival + takeOverLag[homeCell[e]]) % takeOverSlots;
      const target = (plumes.isAloft(e, mps, stability, background.mixingM) ? late.aloft : late.low)[slot];
      const cell = takeOver[homeCell[e]] * gridCount;
      const scale = (e < firstSite ? diffuse : 1) * 1e6;
      for (let s = 0; s < emittedCount; s++) target[cell + gridIndex[s]] += from[at + s] * scale;
    }
    to.low.set(late.low[arrival]);
    to.aloft.set(late.aloft[arrival]);
    late.low[arrival].fill(0);
    late.aloft[arrival].fill(0);
    for (let cell = 0; cell < fine.cells; cell++)
      for (let s = 0; s < emittedCount; s++)
        to.low[cell * gridCount + gridIndex[s]] += (handedOver[cell * emittedCount + s] * 1e6) / (gridStepMs / 1000);
    addFireworks(to.low);
    to.factors = {
      traffic: world.traffic,
      heating: world.heating,
      solvent: activity.sectorFactors.voc,
      dust: activity.sectorFactors.dust,
    };
  }

  function addFireworks(low: Float64Array): void {
    const { fireworksGps } = activity;
    if (fireworksGps[0] === 0) return;
    const { towns } = background.area;
    for (let cell = 0; cell < fine.cells; cell++)
      for (let s = 0; s < emittedCount; s++) low[cell * gridCount + gridIndex[s]] += towns[cell] * fireworksGps[s] * 1e6;
  }

  function stepPuffs(eventMs: number, stepMs: number): void {
    const now = weather.centre(eventMs);
    const stability = stabilityOf(now.windMps, now.sinElevation, now.cloud);
    puffs.advance(
      { stepMs, stability, lidM: background.mixingM, windInto: (x, y, out) => weather.windInto(eventMs, x, y, out, 0) },
      (x, y, mass) => {
        const cell = fine.cellOf(x, y) * emittedCount;
        for (let s = 0; s < emittedCount; s++) handedOver[cell + s] += mass[s];
      },
    );
    activity.fields.forEach((field, event) => {
      if (eventMs < field.startMs || eventMs >= field.endMs) return;
      const mass = Float64Array.from(field.gps, (each) => (each * stepMs) / 1000);
      puffs.release({ event, x: field.x, y: field.y, heightM: 8, widthM: Math.sqrt(field.areaM2), mass });
    });
    puffSum.fill(0);
    puffShares.clear();
    if (puffs.count === 0) return;
    puffs.addTo(puffSum, background.mixingM, (event, station, species, value) => {
      let share = puffShares.get(event);
      if (share === undefined) {
        share = new Float64Array(count * emittedCount);
        puffShares.set(event, share);
      }
      share[station * emittedCount + species] += value;
    });
  }

  function mixAir(share: number, now: Weather): void {
    const [a, b] = nodes;
    const ratio = photoRatio(now.sinElevation, now.cloud, now.tempC);
    const factors = blend(a.factors, b.factors, share, new Float64Array(a.factors.length));
    for (let w = 0; w < (isSplit ? 2 : 1); w++) {
      blend(a.background[w], b.background[w], share, blended.background);
      blend(a.plumes[w], b.plumes[w], share, blended.plumes);
      for (let k = 0; k < puffSum.length; k++) blended.plumes[k] += puffSum[k];
      mixInto(w === 0 ? air : airNoOrders, blended.background, blended.plumes, factors, ratio);
    }
  }

  function mixWeather(share: number): void {
    const [a, b] = nodes;
    for (let i = 0; i < count; i++) {
      local.tempC[i] = a.weather[i * 3] + (b.weather[i * 3] - a.weather[i * 3]) * share;
      local.rhPct[i] = a.weather[i * 3 + 1] + (b.weather[i * 3 + 1] - a.weather[i * 3 + 1]) * share;
      local.pressureHpa[i] = a.weather[i * 3 + 2] + (b.weather[i * 3 + 2] - a.weather[i * 3 + 2]) * share;
      const u = a.wind[i * 2] + (b.wind[i * 2] - a.wind[i * 2]) * share;
      const v = a.wind[i * 2 + 1] + (b.wind[i * 2 + 1] - a.wind[i * 2 + 1]) * share;
      local.windMps[i] = Math.sqrt(u * u + v * v);
      local.windFromDeg[i] = (Math.atan2(-u, -v) / radians + 360) % 360;
    }
  }

  function mixSites(share: number, now: Weather): void {
    const [a, b] = nodes;
    const { siteGps, siteWork: work } = activity.factual;
    const u = Math.max(siteBox.windMinMps, now.windMps);
    for (let i = 0; i < sites.length; i++) {
      const k = i * gridCount;
      const value = (s: number) => a.sites[k + s] + (b.sites[k + s] - a.sites[k + s]) * share;
      const own = 1e6 / (u * siteBox.widthM * siteBox.heightM);
      const fineDust = siteGps[i * 2] * own;
      const dust = fineDust + siteGps[i * 2 + 1] * own;
      const pm25 = value(0) + value(2) + value(3) + value(4);
      const pm10 = pm25 + value(1);
      siteAir.pm25[i] = pm25 + fineDust;
      siteAir.pm10[i] = pm10 + dust;
      siteAir.tsp[i] = pm10 * tspOfAir + dust * tspOfDust;
      siteWork[i] = work[i];
    }
  }

  return {
    activity,
    weather,
    air,
    get airNoOrders() {
      return airNoOrders;
    },
    get diverged() {
      return isSplit;
    },
    stations,
    emitters,
    puffShares,
    get mixingM() {
      return background.mixingM;
    },
    emitterAt(at, index) {
      if (at === 'site') return firstSite + index;
      if (at === 'field' || at === 'area') return undefined;
      if (at === 'stack' || refs[index].process.stack === undefined) {
        const emitter = emitting.indexOf(index);
        return emitter < 0 ? undefined : emitter;
      }
      const leak = leaks.findIndex(({ process }) => process === index);
      return leak < 0 ? undefined : firstLeak + leak;
    },
    emitterOf(emitter) {
      if (emitter < firstLeak) return { process: emitting[emitter] };
      return emitter < firstSite ? { process: leaks[emitter - firstLeak].process } : { site: emitter - firstSite };
    },
    contributions: (station) =>
      plumes.contributions(station, plumeStep, 0).map(({ emitter, value }) => ({ emitter, pm25: value * 1e6 })),
    reach: (emitter, station) => plumes.reach(emitter, station, plumeStep).perGps,
    step(eventMs) {
      const { stepMs } = episode;
      activity.step(eventMs, stepMs);
      if (!isSplit && (activity.diverged() || (options.forceTwin === true && Number.isNaN(physicsMs)))) split();
      const nodeMs = Math.floor(eventMs / gridStepMs) * gridStepMs;
      if (Number.isNaN(physicsMs)) {
        physicsMs = nodeMs - gridStepMs;
        physics(physicsMs);
      }
      while (physicsMs < nodeMs) {
        physicsMs += gridStepMs;
        physics(physicsMs);
      }
      stepPuffs(eventMs, stepMs);
      const now = weather.centre(eventMs);
      const share = (eventMs - nodeMs) / gridStepMs;
      mixAir(share, now);
      mixWeather(share);
      mixSites(share, now);
      const { factual } = activity;
      return {
        eventMs,
        stepMs,
        weather: { ...now, mixingM: background.mixingM },
        air: { ...air, ...local },
        sites: { ...siteAir, work: siteWork },
        processes: factual.processes,
        visible: activity.visible(),
        nuisances: activity.nuisances(),
        traffic: factual.traffic,
        truckBan: factual.truckBan,
      };
    },
  };
}

/** What is known every five minutes; between two of them everything is linear. A pair of columns: with and without orders. */
interface Node {
  readonly background: readonly [Float64Array, Float64Array];
  readonly plumes: readonly [Float64Array, Float64Array];
  readonly sites: Float64Array;
  readonly factors: Float64Array;
  /** tempC, rhPct, pressureHpa by station. */
  readonly weather: Float64Array;
  readonly wind: Float64Array;
}

function newNode(stations: number, sites: number): Node {
  const column = (size: number) => new Float64Array(size);
  return {
    background: [column(stations * gridCount), column(stations * gridCount)],
    plumes: [column(stations * emittedCount), column(stations * emittedCount)],
    sites: column(sites * gridCount),
    factors: column(stations * factorCount),
    weather: column(stations * 3),
    wind: column(stations * 2),
  };
}

type MutableEmission = { -readonly [K in keyof WorldEmission]: WorldEmission[K] };

/** An hour of steps, and now. */
const takeOverSlots = 13;
interface Underway {
  readonly low: readonly Float64Array[];
  readonly aloft: readonly Float64Array[];
}

function newUnderway(cells: number): Underway {
  const slots = () => Array.from({ length: takeOverSlots }, () => new Float64Array(cells * gridCount));
  return { low: slots(), aloft: slots() };
}

function newEmission(cells: number): MutableEmission {
  const column = () => new Float64Array(cells * gridCount);
  return { low: column(), aloft: column(), factors: { traffic: 1, heating: 1, solvent: 1, dust: 1 } };
}

function blend(a: Float64Array, b: Float64Array, share: number, out: Float64Array): Float64Array {
  for (let k = 0; k < out.length; k++) out[k] = a[k] + (b[k] - a[k]) * share;
  return out;
}

/** Sources of a kind in the register's order; those without a place stand in the centre. */
function placesOf(register: Register, kind: 'air' | 'dust'): readonly Local[] {
  return register.sources
    .filter((source) => source.kind === kind)
    .map(({ lon, lat }) => (lon === undefined || lat === undefined ? { x: 0, y: 0 } : localOf({ lon, lat })));
}

interface Leak {
  readonly process: number;
  readonly heightM: number;
}

/** Roofs of stacked processes whose fan will be off. */
function leaksOf(activity: Activity, refs: readonly ProcessRef[]): readonly Leak[] {
  const found = activity
    .labels()
    .filter(({ kind }) => kind === 'fugitive')
    .map(({ enterprise, process }) => refs.findIndex((ref) => ref.enterprise.id === enterprise && ref.process.id === process))
    .filter((index) => index >= 0 && refs[index].process.stack !== undefined);
  return [...new Set(found)].map((process) => ({ process, heightM: roofM }));
}

function emittersOf(
  seed: number,
  register: Register,
  refs: readonly ProcessRef[],
  emitting: readonly number[],
  leaks: readonly Leak[],
  sites: readonly Local[],
): readonly Emitter[] {
  const towns = register.districts.map(localOf);
  const terrainOf = ({ x, y }: Local) =>
    towns.some((town) => (town.x - x) * (town.x - x) + (town.y - y) * (town.y - y) < urbanM * urbanM) ? 'urban' : 'rural';
  const ofProcess = (i: number): Emitter => {
    const { enterprise, process } = refs[i];
    const middle = localOf(enterprise);
    const place = {
      x: middle.x + yardM * 0.5 * normal(seed, streamOf('yard east'), i),
      y: middle.y + yardM * 0.5 * normal(seed, streamOf('yard north'), i),
    };
    const { stack } = process;
    return {
      ...place,
      heightM: stack?.heightM ?? roofM,
      buoyancy: stack === undefined ? 0 : buoyancyFlux(stack.flowM3S, stack.tempC),
      terrain: terrainOf(place),
      widthM: stack === undefined ? 30 : 0,
    };
  };
  return [
    ...emitting.map(ofProcess),
    ...leaks.map(({ process, heightM }) => ({ ...ofProcess(process), heightM, buoyancy: 0, widthM: 30 })),
    ...sites.map(
      (site): Emitter => ({ ...site, heightM: siteHeightM, buoyancy: 0, terrain: terrainOf(site), widthM: siteWidthM }),
    ),
  ];
}

/** What people's plans look at: the wind to come, and how far smoke would reach in it. */
function lookOf(weather: WeatherModel) {
  return {
    windAt: (ms: number) => weather.centre(ms),
    reach: (from: Local, to: Local, heightM: number, ms: number): number => {
      const now = weather.centre(ms);
      const stability = stabilityOf(now.windMps, now.sinElevation, now.cloud);
      const towards = (now.windFromDeg + 180) * radians;
      const dx = to.x - from.x;
      const dy = to.y - from.y;
      const x = dx * Math.sin(towards) + dy * Math.cos(towards);
      const y = dx * Math.cos(towards) - dy * Math.sin(towards);
      const rise = Math.exp(windExponent(stability, 'rural') * Math.log(Math.max(heightM, 10) / 10));
      const windMps = windFloor(now.windMps * rise);
      return plume({ stability, terrain: 'rural', windMps, lid: Math.max(60, now.mixingM) }, heightM, x, y, 0);
    },
  };
}
