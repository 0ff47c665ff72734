// Orders and how they are obeyed: notice, ramp, target, lifting; who complies, cheats, refuses or does half.

import type { Level, Register } from '../../../engine/schema/register.ts';
import { drawn } from '../draw.ts';
import type { Episode, Response, ScriptedOrder } from '../episode.ts';
import { localOf } from '../local.ts';
import type { ProcessRef } from '../processes.ts';
import { streamOf, uniform } from '../random.ts';
import { inMinutes, minuteOfDay } from './beijingDay.ts';
import { nightLoad } from './incidents.ts';
import { type ActivityLabel, bySpecies, type Obedience } from './labels.ts';
import { type Modifier, neutral } from './modifier.ts';
import { speciesCount } from './rates.ts';
import type { World } from './world.ts';

const species = speciesCount; // an imported binding costs a call in loops where modules are transpiled

export interface Order {
  /** Sent twice it counts once. */
  readonly id: string;
  readonly enterprise: string;
  /** Within the enterprise; absent: all that emit. */
  readonly process?: string;
  readonly action: 'stop' | 'limit';
  /** `limit`: how much of the usual production stays, %. */
  readonly toPct?: number;
  readonly effectiveMs: number;
  readonly untilMs?: number;
}

/** Traffic and dust sites of the whole city. */
export interface SectorOrder {
  readonly id: string;
  readonly level: Level;
  readonly effectiveMs: number;
  readonly untilMs?: number;
  /** Share of traffic and of the sites' work that is cut; absent: the response's own at that level. */
  readonly trafficCut?: number;
  readonly dustStop?: number;
}

/** Part of the cut that a level asks of traffic and dust against red. */
const levelShare: Readonly<Record<Level, number>> = { red: 1, orange: 2 / 3, yellow: 1 / 3 };
/** Heavy trucks that stay off the roads by share of all traffic that is cut: most of the ban hits them; at most .9 [D]. */
const trucksByTraffic = 2.4;
const trucksMost = 0.9;
/** Cheats obey from 05 to 22 h (simulation report 6). */
const nightFromMinute = 1320;
const nightToMinute = 300;
/** Who obeys in part makes half of the cut. */
const partialShare = 0.5;

interface Rise {
  /** When the cut begins, how long it takes, how far it goes (0 to 1). */
  readonly startMs: number;
  readonly rampMs: number;
  readonly cut: number;
  /** When it is over, Infinity: open. */
  endMs: number;
}

/** Zero before, linear to the cut. */
function risenTo({ startMs, rampMs, cut }: Rise, ms: number): number {
  if (ms <= startMs) return 0;
  return ms >= startMs + rampMs ? cut : (cut * (ms - startMs)) / rampMs;
}

/** After the end back as slowly, from wherever it stood. */
function cutAt(rise: Rise, ms: number): number {
  if (ms < rise.endMs) return risenTo(rise, ms);
  const from = risenTo(rise, rise.endMs);
  return Math.max(0, from - (rise.rampMs > 0 ? (rise.cut * (ms - rise.endMs)) / rise.rampMs : from));
}

interface Live extends Rise {
  readonly order: Order;
  readonly processes: readonly number[];
  readonly obedience: Obedience;
  readonly style: Response['cheatStyles'][number] | undefined;
  readonly fromMs: number;
  /** When the cut changes next; before that nothing has to be looked at. */
  nextMs: number;
  now: number;
  /** What a cheat does at night, and its processes then. */
  readonly modifier: Modifier;
  readonly kg: Float64Array;
}

export interface OrderBook {
  /** False: there is no such enterprise or process, or the order is known already. */
  readonly order: (order: Order, receivedMs: number) => boolean;
  readonly sector: (order: SectorOrder, receivedMs: number) => boolean;
  /** False: no such order. */
  readonly lift: (id: string, atMs: number) => boolean;
  /** Brings `keep`, `keepSites`, traffic and trucks to a time; true as soon as any order has had any effect. */
  readonly step: (ms: number) => boolean;
  /** Share of production that is left, by process; exactly 1 without an order. */
  readonly keep: Float32Array;
  readonly keepSites: Float32Array;
  readonly keepTraffic: () => number;
  readonly truckBan: () => number;
  /** Processes of cheats while they cheat. */
  readonly cheating: () => readonly { readonly process: number; readonly modifier: Modifier }[];
  /** Adds the difference of both worlds over a step to the orders that made it. */
  readonly book: (without: World, withOrders: World, stepMs: number) => void;
  readonly labels: () => readonly ActivityLabel[];
}

export function makeOrderBook(
  seed: number,
  response: Response,
  processes: readonly ProcessRef[],
  siteIds: readonly string[],
): OrderBook {
  const byEnterprise = new Map<string, number[]>();
  processes.forEach(({ enterprise }, i) => {
    const known = byEnterprise.get(enterprise.id);
    if (known === undefined) byEnterprise.set(enterprise.id, [i]);
    else known.push(i);
  });
  const all = new Map<string, Live>();
  let live: Live[] = [];
  /** Live orders by process: several may overlap, the largest cut counts. */
  const onProcess = new Map<number, Live[]>();
  /** The order that a process's cut is booked on. */
  const holder: (Live | undefined)[] = new Array(processes.length).fill(undefined);
  /** Booked by process and species, not yet on its holder. */
  const owedKg = new Float64Array(processes.length * species);
  const cheaters = new Set<Live>();
  let soonestMs = Number.POSITIVE_INFINITY;
  const keep = new Float32Array(processes.length).fill(1);
  const sectors: {
    readonly order: SectorOrder;
    readonly traffic: Rise;
    readonly dust: readonly Rise[];
    readonly kg: Float64Array;
  }[] = [];
  const keepSites = new Float32Array(siteIds.length).fill(1);
  let keepTraffic = 1;
  let truckBan = 0;
  let acted = false;
  let cheating: { process: number; modifier: Modifier }[] = [];

  const obedienceOf = (id: string): Obedience => obedienceAt(response, uniform(seed, streamOf(`obedience ${id}`), 0));

  function order(each: Order, receivedMs: number): boolean {
    const known = byEnterprise.get(each.enterprise);
    if (known === undefined || all.has(each.id)) return false;
    const own = known.filter((i) => {
      const { process } = processes[i];
      return each.process === undefined ? process.emits : process.id === each.process;
    });
    if (own.length === 0) return false;
    const obedience = obedienceOf(each.enterprise);
    const styles = response.cheatStyles;
    const turn = Math.floor(uniform(seed, streamOf(`cheat style ${each.enterprise}`), 0) * styles.length);
    const style = obedience === 'cheat' ? styles[turn] : undefined;
    const stream = streamOf(`response to ${each.id}`);
    const asked = each.action === 'stop' ? 1 : 1 - Math.min(100, Math.max(0, each.toPct ?? 100)) / 100;
    const made: Live = {
      order: each,
      processes: own,
      obedience,
      style,
      fromMs: each.effectiveMs,
      startMs: Math.max(each.effectiveMs, receivedMs + drawn(response.notifyMs, seed, stream, 0)),
      rampMs: drawn(response.rampMs, seed, stream, 1),
      cut: asked * shareOf(obedience),
      endMs: each.untilMs ?? Number.POSITIVE_INFINITY,
      nextMs: Number.NEGATIVE_INFINITY,
      now: 0,
      modifier: modifierOf(style),
      kg: new Float64Array(species),
    };
    all.set(each.id, made);
    live.push(made);
    for (const i of own) {
      const others = onProcess.get(i);
      if (others === undefined) onProcess.set(i, [made]);
      else others.push(made);
      holder[i] ??= made;
    }
    if (style !== undefined) cheaters.add(made);
    soonestMs = Number.NEGATIVE_INFINITY;
    return true;
  }

  function sector(each: SectorOrder, receivedMs: number): boolean {
    if (sectors.some((known) => known.order.id === each.id)) return false;
    const share = levelShare[each.level];
    const rise = (name: string, cut: number): Rise => {
      const stream = streamOf(`response to ${each.id} ${name}`);
      return {
        startMs: Math.max(each.effectiveMs, receivedMs + drawn(response.notifyMs, seed, stream, 0)),
        rampMs: drawn(response.rampMs, seed, stream, 1),
        cut,
        endMs: each.untilMs ?? Number.POSITIVE_INFINITY,
      };
    };
    const dustStop = each.dustStop ?? response.dustStop * share;
    sectors.push({
      order: each,
      traffic: rise('traffic', each.trafficCut ?? response.trafficCut * share),
      dust: siteIds.map((id) => rise(id, dustStop * shareOf(obedienceOf(id)))),
      kg: new Float64Array(species),
    });
    return true;
  }

  function lift(id: string, atMs: number): boolean {
    const found = all.get(id);
    const of = sectors.find((known) => known.order.id === id);
    const rises: readonly Rise[] = found !== undefined ? [found] : of !== undefined ? [of.traffic, ...of.dust] : [];
    for (const rise of rises) rise.endMs = Math.min(rise.endMs, atMs);
    if (found !== undefined) found.nextMs = Number.NEGATIVE_INFINITY;
    soonestMs = Number.NEGATIVE_INFINITY;
    return rises.length > 0;
  }

  function step(ms: number): boolean {
    if (ms >= soonestMs) stepLive(ms);
    cheating = [];
    const night = inMinutes(minuteOfDay(ms), nightFromMinute, nightToMinute);
    for (const each of cheaters) if (ms >= each.startMs && ms < each.endMs) addCheating(each, night);
    if (cheating.length > 0) acted = true;
    stepSectors(ms);
    return acted;
  }

  function stepLive(ms: number): void {
    let ended = false;
    soonestMs = Number.POSITIVE_INFINITY;
    for (const each of live) {
      if (ms >= each.nextMs) {
        const before = each.now;
        each.now = cutAt(each, ms);
        each.nextMs = nextChange(each, ms);
        ended ||= isOver(each, ms);
        if (each.now !== before) for (const i of each.processes) settle(i);
        if (each.now > 0) acted = true;
      }
      soonestMs = Math.min(soonestMs, each.nextMs);
    }
    if (ended) forget(ms);
  }

  /** The largest cut counts, the first of equals. */
  function settle(i: number): void {
    const holders = onProcess.get(i) as Live[];
    const most = holders.reduce((best, each) => (each.now > best.now ? each : best));
    if (holder[i] !== most) payOut(i);
    holder[i] = most;
    keep[i] = 1 - most.now;
  }

  function forget(ms: number): void {
    for (const each of live.filter((other) => isOver(other, ms))) {
      cheaters.delete(each);
      for (const i of each.processes) {
        const others = (onProcess.get(i) ?? []).filter((other) => other !== each);
        onProcess.set(i, others);
        payOut(i);
        holder[i] = undefined;
        if (others.length > 0) settle(i);
        else onProcess.delete(i);
      }
    }
    live = live.filter((each) => !isOver(each, ms));
  }

  function addCheating(each: Live, night: boolean): void {
    // A bypassed meter stays bypassed by day.
    if (!night && each.style !== 'meter_bypass') return;
    const modifier = night ? each.modifier : bypassed;
    for (const process of each.processes) cheating.push({ process, modifier });
  }

  function stepSectors(ms: number): void {
    if (sectors.length === 0) return;
    let traffic = 0;
    keepSites.fill(1);
    for (const each of sectors) {
      traffic = Math.max(traffic, cutAt(each.traffic, ms));
      each.dust.forEach((rise, s) => {
        keepSites[s] = Math.min(keepSites[s], 1 - cutAt(rise, ms));
      });
    }
    keepTraffic = 1 - traffic;
    truckBan = Math.min(trucksMost, traffic * trucksByTraffic);
    if (traffic > 0 || keepSites.some((share) => share < 1)) acted = true;
  }

  function book(without: World, withOrders: World, stepMs: number): void {
    const scale = stepMs / 1e6; // g/s for so many ms in kg
    const [after, before] = [withOrders.processes, without.processes];
    for (let i = 0; i < holder.length; i++) {
      if (holder[i] === undefined) continue;
      if (after.load[i] === before.load[i] && after.removal[i] === before.removal[i]) continue;
      // Whole exhaust through the stack: nothing at the roof in either world. None: nothing in the stack.
      const capture = after.capture[i];
      if (capture > 0) owe(i, without.stackGps, withOrders.stackGps, scale);
      if (capture < 1) owe(i, without.roofGps, withOrders.roofGps, scale);
    }
    bookSites(without.siteGps, withOrders.siteGps, scale);
  }

  function owe(i: number, before: Float32Array, after: Float32Array, scale: number): void {
    const end = (i + 1) * species;
    for (let at = i * species; at < end; at++) owedKg[at] += (before[at] - after[at]) * scale;
  }

  function payOut(i: number): void {
    const kg = holder[i]?.kg;
    for (let k = 0, at = i * species; k < species; k++, at++) {
      if (kg !== undefined) kg[k] += owedKg[at];
      owedKg[at] = 0;
    }
  }

  /** The newest order over the sites takes it all. */
  function bookSites(without: Float32Array, withOrders: Float32Array, scale: number): void {
    const newest = sectors.at(-1);
    if (newest === undefined) return;
    for (let at = 0; at < without.length; at++) newest.kg[at % 2] += (without[at] - withOrders[at]) * scale;
  }

  function labels(): readonly ActivityLabel[] {
    for (let i = 0; i < holder.length; i++) payOut(i);
    const nothing = bySpecies(new Float64Array(species), 0);
    const orders = [...all.values()].map((each): ActivityLabel => {
      const { enterprise, process } = processes[each.processes[0]];
      return {
        id: each.order.id,
        class: 'order',
        kind: each.order.action,
        enterprise: enterprise.id,
        ...(each.order.process === undefined ? {} : { process: process.id }),
        ...localOf(enterprise),
        fromMs: each.fromMs,
        toMs: each.endMs,
        pollutant: 'all',
        excessGps: nothing,
        order: {
          obedience: each.obedience,
          ...(each.style === undefined ? {} : { style: each.style }),
          cutKg: bySpecies(each.kg, 1),
        },
      };
    });
    const ofSectors = sectors.map(({ order: each, traffic, kg }): ActivityLabel => {
      const when = { fromMs: each.effectiveMs, toMs: traffic.endMs };
      const obeyed = { obedience: 'comply', cutKg: bySpecies(kg, 1) } as const;
      return {
        id: each.id,
        class: 'order',
        kind: 'sector',
        x: 0,
        y: 0,
        ...when,
        pollutant: 'PM',
        excessGps: nothing,
        order: obeyed,
      };
    });
    return [...orders, ...ofSectors];
  }

  return {
    order,
    sector,
    lift,
    step,
    keep,
    keepSites,
    keepTraffic: () => keepTraffic,
    truckBan: () => truckBan,
    cheating: () => cheating,
    book,
    labels,
  };
}

function isOver({ nextMs, endMs }: Live, ms: number): boolean {
  return nextMs === Number.POSITIVE_INFINITY && ms >= endMs;
}

function obedienceAt({ comply, cheat, refuse }: Response, at: number): Obedience {
  if (at < comply) return 'comply';
  if (at < comply + cheat) return 'cheat';
  return at < comply + cheat + refuse ? 'refuse' : 'partial';
}

function shareOf(obedience: Obedience): number {
  if (obedience === 'refuse') return 0;
  return obedience === 'partial' ? partialShare : 1;
}

/** When the cut moves again: at once while it ramps. */
function nextChange(each: Live, ms: number): number {
  if (ms >= each.endMs) return each.now === 0 ? Number.POSITIVE_INFINITY : ms;
  if (each.cut === 0) return each.endMs;
  if (ms < each.startMs) return Math.min(each.startMs, each.endMs);
  return ms < each.startMs + each.rampMs ? ms : each.endMs;
}

const bypassed: Modifier = { ...neutral(), bypass: 1 };

function modifierOf(style: Live['style']): Modifier {
  const modifier = neutral();
  if (style === undefined) return modifier;
  modifier.floor = nightLoad;
  if (style === 'control_off') modifier.treatment = 0;
  if (style === 'meter_bypass') modifier.bypass = 1;
  if (style === 'control_off' || style === 'idle_fan') modifier.removal.fill(0);
  return modifier;
}

/** The orders that a scenario's own order means: by the register's plans, or a limit of all targets of its kinds. */
export function expandScripted(
  scripted: ScriptedOrder,
  startMs: number,
  register: Pick<Register, 'enterprises'>,
): { readonly orders: readonly Order[]; readonly sector: SectorOrder } {
  const when = { effectiveMs: startMs + scripted.fromMs, untilMs: startMs + scripted.toMs };
  const { cut } = scripted;
  const orders = register.enterprises.flatMap((enterprise): Order[] => {
    const common = { enterprise: enterprise.id, ...when };
    if (cut === undefined) {
      return enterprise.plan[scripted.level].flatMap(({ process, action, toPct }) =>
        process === undefined || action === 'transport'
          ? []
          : [
              {
                id: `${scripted.id}/${enterprise.id}/${process}`,
                ...common,
                process,
                action,
                ...(toPct === undefined ? {} : { toPct }),
              },
            ],
      );
    }
    return enterprise.processes
      .filter(({ emits, stack }) => {
        if (scripted.kinds.includes('gas') && emits) return true;
        if (scripted.kinds.includes('cems') && stack?.cems !== undefined) return true;
        return scripted.kinds.includes('voc') && stack?.voc !== undefined;
      })
      .map(({ id }) => ({
        id: `${scripted.id}/${enterprise.id}/${id}`,
        ...common,
        process: id,
        action: 'limit',
        toPct: 100 * (1 - cut),
      }));
  });
  const stopsDust = cut === undefined || scripted.kinds.includes('site');
  return {
    orders,
    sector: { id: `${scripted.id}/sectors`, level: scripted.level, ...when, ...(stopsDust ? {} : { dustStop: 0 }) },
  };
}

/** In closed loop the scenario's own orders act only where no engine gives any (`fallback`). */
export function scriptedApplies({ control }: Pick<Episode, 'control'>, fallback: boolean): boolean {
  return control.mode === 'scripted' || (control.mode === 'closed_loop' && fallback);
}
