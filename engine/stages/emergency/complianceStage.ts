// Whether orders are obeyed: a verdict an order from sub-meters and stack monitors, in event time, and again where windows came late.

import { processKey, type WatchedProcess } from '../../domain/curtailment/watched.ts';
import type { EngineItem } from '../../schema/flow.ts';
import type { Compliance, Order, ProcessActivity } from '../../schema/order.ts';
import type { Stage } from '../../schema/stage.ts';
import type { ComplianceOptions } from './complianceOptions.ts';
import { type OrderTrack, orderTrack, type SavedTrack } from './orderTrack.ts';
import { lookAt } from './processLook.ts';
import { type Quarter, quarterMs, quarterOf, sensorsOf, unitOf } from './quarters.ts';
import { fiveMs, recentFives } from './recentFives.ts';
import { usualWork } from './usualWork.ts';

export interface ComplianceStageOptions extends ComplianceOptions {
  /** In the register's order (`watchedOf`). */
  readonly watched: readonly WatchedProcess[];
}

interface Saved {
  readonly judged: number;
  readonly nowMs: number;
  readonly recent: unknown;
  readonly usual: unknown;
  readonly tracks: readonly SavedTrack[];
  readonly revisions: readonly (readonly [order: string, revision: number])[];
  readonly late: readonly string[];
}

const never = -1_000_000_000;
const fivesOfQuarter = quarterMs / fiveMs;

/**
 * Passes everything on. A quarter of an hour is judged a fixed wait after its end; verdicts that are new or have changed follow
 * before the tick. It reads windows of 5 min: those of a minute are not revised as long.
 */
export function complianceStage({ watched, ...options }: ComplianceStageOptions): Stage<EngineItem, EngineItem> {
  const lateQuarters = Math.ceil(options.lateMs / quarterMs);
  const hangQuarters = Math.ceil(options.hangMs / quarterMs);
  const steps = (lateQuarters + hangQuarters + 2 + Math.ceil(options.judgeDelayMs / quarterMs)) * fivesOfQuarter;
  const recent = recentFives(watched.flatMap(sensorsOf), steps);
  const units = watched.map((each) => unitOf(each, recent));
  const ids = watched.map(({ enterprise, process }) => processKey(enterprise, process));
  const unitById = new Map(ids.map((id, unit) => [id, unit]));
  const unitsByColumn = byColumn();
  const usual = usualWork(units, ids, options);
  /** By order; of what it asked before, with the revision that changed it behind. */
  let tracks = new Map<string, OrderTrack>();
  /** Newest revision of what was told of each order. */
  let revisions = new Map<string, number>();
  /** Units of which windows came behind the quarters that are judged. */
  let late = new Set<number>();
  /** The newest quarter that is judged. */
  let judged = never;
  let nowMs = Number.NEGATIVE_INFINITY;

  function byColumn(): ReadonlyMap<number, readonly number[]> {
    const found = new Map<number, number[]>();
    units.forEach(({ production, treatment, main, monitor }, unit) => {
      for (const column of [production, treatment, main, monitor])
        if (column >= 0) found.set(column, [...(found.get(column) ?? []), unit]);
    });
    return found;
  }

  /** Quarters that were looked at; what late windows touch is forgotten. */
  const remembered = units.map(() => new Map<number, Quarter>());

  function quarterAt(unit: number, quarter: number): Quarter {
    const known = remembered[unit].get(quarter);
    if (known !== undefined) return known;
    const made = quarterOf(units[unit], recent, quarter);
    remembered[unit].set(quarter, made);
    return made;
  }

  function trackOf(order: Order): OrderTrack {
    const unit = unitById.get(processKey(order.enterprise, order.process ?? '')) ?? -1;
    return orderTrack(
      order,
      { unit: units[unit], unitIndex: unit, options, from: Math.max(firstQuarter(order), oldest()) },
      {
        nextRevision: () => nextRevision(order.id),
        usual: () => usual.usual(unit),
        look: (of, quarter) => {
          const before = Array.from({ length: hangQuarters - 1 }, (_, i) => quarterAt(unit, quarter - hangQuarters + 1 + i));
          return lookAt(units[unit], of, quarter, quarterAt(unit, quarter), before, options);
        },
      },
    );
  }

  function nextRevision(id: string): number {
    const revision = (revisions.get(id) ?? -1) + 1;
    revisions.set(id, revision);
    return revision;
  }

  const firstQuarter = ({ effectiveMs }: Order) => Math.ceil(effectiveMs / quarterMs);
  const oldest = () => judged - lateQuarters + 1;

  function takeOrder(order: Order): void {
    if (order.action === 'transport' || order.process === undefined) return;
    const known = tracks.get(order.id);
    const isExempt = order.exemptBy !== undefined;
    if (known?.asksTheSame(order) === true && !isExempt) {
      known.revise(order);
      return;
    }
    if (known !== undefined) {
      known.retire(isExempt ? nowMs : order.effectiveMs);
      tracks.delete(order.id);
      tracks.set(`${order.id}@${order.revision}`, known);
    }
    if (!isExempt && order.liftedMs === undefined) tracks.set(order.id, trackOf(order));
  }

  /** All that becomes due by a tick. */
  function judge(): readonly EngineItem[] {
    const due = Math.floor((nowMs - options.judgeDelayMs) / quarterMs) - 1;
    if (judged === never) judged = due - 1;
    const compliance: Compliance[] = [];
    const activity: ProcessActivity[] = [];
    const isDue = due > judged;
    while (judged < due) {
      judged += 1;
      settle(judged - lateQuarters, activity);
    }
    for (const track of tracks.values()) {
      if (!isDue && !track.isDueAt(nowMs) && !late.has(track.unitIndex)) continue;
      if (late.has(track.unitIndex)) track.touch();
      const told = track.tell(judged, nowMs);
      if (told !== undefined) compliance.push(told);
    }
    late.clear();
    for (const [key, track] of tracks) if (track.isOver(judged - lateQuarters)) tracks.delete(key);
    if (compliance.length === 0 && activity.length === 0) return [];
    return [{ type: 'orders', orders: [], compliance, ...(activity.length === 0 ? {} : { activity }) }];
  }

  /** No late window reaches this quarter any more. Days under an order are not usual. */
  function settle(quarter: number, activity: ProcessActivity[]): void {
    const ordered = new Set<number>();
    for (const track of tracks.values()) {
      if (!track.holdsIn(quarter)) continue;
      ordered.add(track.unitIndex);
      activity.push(...track.settle(quarter));
    }
    for (let unit = 0; unit < units.length; unit++) {
      if (!ordered.has(unit)) usual.add(unit, quarter, quarterAt(unit, quarter));
      remembered[unit].delete(quarter - hangQuarters);
    }
  }

  return {
    next(item) {
      switch (item.type) {
        case 'windows':
          recent.take(item, (judged + 1) * fivesOfQuarter, (column) => {
            for (const unit of unitsByColumn.get(column) ?? []) {
              late.add(unit);
              remembered[unit].clear();
            }
          });
          return [item];
        case 'orders':
          for (const order of item.orders) takeOrder(order);
          return [item];
        case 'command':
          if (item.command.name === 'sources') recent.set(item.command.kind, item.command.first, item.command.sources);
          return [item];
        case 'tick':
          nowMs = item.nowMs;
          return [...judge(), item];
        default:
          return [item];
      }
    },
    flush: () => [],
    save: (): Saved => ({
      judged,
      nowMs,
      recent: recent.save(),
      usual: usual.save(),
      tracks: [...tracks].map(([key, track]) => ({ ...track.save(), key })),
      revisions: [...revisions],
      late: [...late].map((unit) => ids[unit]),
    }),
    restore(state) {
      const saved = state as Saved;
      ({ judged, nowMs } = saved);
      for (const each of remembered) each.clear();
      recent.restore(saved.recent as Parameters<typeof recent.restore>[0]);
      usual.restore(saved.usual);
      revisions = new Map(saved.revisions);
      late = new Set(saved.late.flatMap((id) => unitById.get(id) ?? []));
      tracks = new Map(
        saved.tracks.map((each) => {
          const track = trackOf(each.order);
          track.restore(each);
          return [each.key, track] as const;
        }),
      );
    },
  };
}
