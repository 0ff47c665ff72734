// One order under watch: what is settled of it, the verdict by the newest quarters, and what was told of it.

import type { Compliance, Order, ProcessActivity, Verdict } from '../../schema/order.ts';
import { type FoldState, foldQuarter, unseen } from './complianceFold.ts';
import type { ComplianceOptions } from './complianceOptions.ts';
import { evidenceOf, unmeteredEvidence } from './complianceTexts.ts';
import type { Look } from './processLook.ts';
import { quarterMs, type Unit } from './quarters.ts';
import { type Usual, usualLoad, usuallyOn } from './usualWork.ts';

export interface OrderTrack {
  /** -1: nothing watches its process. */
  readonly unitIndex: number;
  /** Other hours of its end, another text: the verdict goes on. */
  asksTheSame(order: Order): boolean;
  revise(order: Order): void;
  /** Without evidence: it has begun, and nothing was told. */
  isDueAt(nowMs: number): boolean;
  holdsIn(quarter: number): boolean;
  /** Quarters in their order, each once. Gives hours that are complete. */
  settle(quarter: number): readonly ProcessActivity[];
  /** Windows came late: what lies behind the settled quarters is to be judged again. */
  touch(): void;
  /** The verdict by all quarters up to this one; undefined: nothing new. */
  tell(quarter: number, nowMs: number): Compliance | undefined;
  /** Lifted, and nothing can change any more. */
  isOver(settled: number): boolean;
  /** Something else is asked from then on, or nothing any more: it is not told of after. */
  retire(atMs: number): void;
  save(): SavedTrack;
  restore(saved: SavedTrack): void;
}

export interface SavedTrack {
  readonly key: string;
  readonly order: Order;
  readonly isRetired: boolean;
  readonly from: number;
  readonly next: number;
  readonly usual: Usual | undefined;
  readonly settled: FoldState;
  readonly told: Told | undefined;
  readonly hour: Hour | undefined;
}

interface Told {
  readonly verdict: Verdict;
  readonly sinceMs: number;
  readonly ground: string;
}

/** Sums over its quarters. */
interface Hour {
  readonly startMs: number;
  readonly quarters: number;
  readonly load: number;
  readonly usualLoad: number;
  readonly untreated: number;
}

interface Watch {
  /** Undefined: nothing watches it. */
  readonly unit: Unit | undefined;
  readonly unitIndex: number;
  readonly options: ComplianceOptions;
  /** The first quarter that counts. */
  readonly from: number;
}

interface Sight {
  readonly usual: () => Usual;
  readonly look: (usual: Usual, quarter: number) => Look;
  /** Of what is told of the order, whoever tells it. */
  readonly nextRevision: () => number;
}

const hourMs = 3_600_000;

export function orderTrack(first: Order, { unit, unitIndex, options, from: begin }: Watch, sight: Sight): OrderTrack {
  let order = first;
  let isRetired = false;
  let from = begin;
  /** The next quarter to settle. */
  let next = begin;
  let usual: Usual | undefined;
  let settled = unseen;
  let told: Told | undefined;
  let hour: Hour | undefined;
  /** What follows from the settled quarters: made again where windows came late. */
  let ahead: { readonly next: number; readonly state: FoldState } | undefined;

  const isBefore = (quarter: number) => order.liftedMs === undefined || (quarter + 1) * quarterMs <= order.liftedMs;
  const holdsIn = (quarter: number) => quarter >= from && isBefore(quarter);

  function folded(state: FoldState, quarter: number, look: Look): FoldState {
    return foldQuarter(state, { order, unit: unit as Unit, usual: usualOf(), options }, quarter, look);
  }

  function foldedTo(quarter: number): FoldState {
    let { next: each, state } = ahead !== undefined && ahead.next >= next ? ahead : { next, state: settled };
    for (; each <= quarter && isBefore(each); each++) state = folded(state, each, sight.look(usualOf(), each));
    ahead = { next: each, state };
    return state;
  }

  /** As it was when the order began: what is learned later must not change what was said. */
  function usualOf(): Usual {
    usual ??= sight.usual();
    return usual;
  }

  function tellUnmetered(nowMs: number): Compliance | undefined {
    if (told !== undefined || nowMs < order.effectiveMs || (order.liftedMs ?? Number.POSITIVE_INFINITY) <= order.effectiveMs)
      return undefined;
    return tellAs({ verdict: 'cannot-tell', sinceMs: order.effectiveMs, ground: 'unmetered' }, unmeteredEvidence());
  }

  function tellAs(what: Told, evidence: Compliance['evidence']): Compliance {
    told = what;
    const { verdict, sinceMs } = what;
    const { id, enterprise, process } = order;
    return {
      order: id,
      enterprise,
      ...(process === undefined ? {} : { process }),
      verdict,
      sinceMs,
      revision: sight.nextRevision(),
      evidence,
    };
  }

  return {
    unitIndex,
    asksTheSame: ({ action, toPct, effectiveMs, liftedMs }) =>
      action === order.action &&
      toPct === order.toPct &&
      // Lifted only: which hour it began at is no news.
      (liftedMs !== undefined || (effectiveMs === order.effectiveMs && order.liftedMs === undefined)),
    touch() {
      ahead = undefined;
    },
    revise(changed) {
      ahead = undefined;
      order = { ...changed, effectiveMs: order.effectiveMs };
    },
    isDueAt: (nowMs) => unit === undefined && told === undefined && nowMs >= order.effectiveMs,
    holdsIn,
    settle(quarter) {
      if (unit === undefined || quarter < next || !holdsIn(quarter)) return [];
      const look = sight.look(usualOf(), quarter);
      settled = folded(settled, quarter, look);
      next = quarter + 1;
      const complete = addToHour(quarter, look);
      // Its last quarter.
      return isBefore(quarter + 1) ? complete : [...complete, ...closeHour()];
    },
    tell(quarter, nowMs) {
      if (isRetired && nowMs >= (order.liftedMs ?? nowMs)) return undefined;
      if (unit === undefined) return tellUnmetered(nowMs);
      const state = foldedTo(quarter);
      const { verdict, sinceMs, ground } = state;
      if (verdict === undefined) return undefined;
      const endMs = Math.min((quarter + 1) * quarterMs, order.liftedMs ?? Number.POSITIVE_INFINITY);
      const isNoData = verdict === 'cannot-tell' && ground === 'silent' && endMs - sinceMs >= options.noDataMs;
      const what: Told = { verdict, sinceMs, ground: isNoData ? 'no-data' : ground };
      if (told?.verdict === verdict && told.sinceMs === sinceMs && told.ground === what.ground) return undefined;
      return tellAs(what, evidenceOf({ ...options, order, unit, usual: usualOf(), state, isNoData }));
    },
    isOver: (quarter) => order.liftedMs !== undefined && !isBefore(quarter + 1) && (unit === undefined || quarter + 1 >= from),
    retire(atMs) {
      ahead = undefined;
      order = { ...order, liftedMs: Math.min(atMs, order.liftedMs ?? Number.POSITIVE_INFINITY) };
      isRetired = true;
    },
    save: () => ({ key: '', order, isRetired, from, next, usual, settled, told, hour }),
    restore(saved) {
      ({ order, isRetired, from, next, usual, settled, told, hour } = saved);
    },
  };

  function addToHour(quarter: number, { runs, load, isUntreated }: Look): readonly ProcessActivity[] {
    const startMs = Math.floor((quarter * quarterMs) / hourMs) * hourMs;
    const complete = hour !== undefined && hour.startMs !== startMs ? closeHour() : [];
    hour ??= { startMs, quarters: 0, load: 0, usualLoad: 0, untreated: 0 };
    const own = usualOf();
    const on = usuallyOn(own, quarter);
    const usually = on === 0 ? 0 : on * usualLoad(own, quarter);
    if (runs === undefined || Number.isNaN(load) || Number.isNaN(usually)) return complete;
    hour = {
      startMs,
      quarters: hour.quarters + 1,
      load: hour.load + load,
      usualLoad: hour.usualLoad + usually,
      untreated: hour.untreated + (isUntreated ? load : 0),
    };
    return complete;
  }

  function closeHour(): readonly ProcessActivity[] {
    const closed = hour;
    hour = undefined;
    if (closed === undefined || closed.quarters === 0 || order.process === undefined) return [];
    const { startMs, quarters, load, usualLoad: usually, untreated } = closed;
    return [
      {
        ...{ order: order.id, enterprise: order.enterprise, process: order.process, startMs, knownMs: quarters * quarterMs },
        ...{ load: load / quarters, usualLoad: usually / quarters, untreated: load > 0 ? untreated / load : 0 },
      },
    ];
  }
}
