// Orders of curtailment from signed warnings: all of a level in one go, then the changes only; and exceptions from them.

import { amended, changesOf, ordersOf } from '../../domain/curtailment/orders.ts';
import type { EngineItem } from '../../schema/flow.ts';
import type { Order, PlannedEnterprise } from '../../schema/order.ts';
import type { Enterprise } from '../../schema/register.ts';
import type { Stage } from '../../schema/stage.ts';
import type { Proposal, Warning } from '../../schema/warning.ts';

export interface OrderOptions {
  /** With their plans, in the register's order. */
  readonly enterprises: readonly PlannedEnterprise[];
}

export function plannedOf(enterprise: Enterprise): PlannedEnterprise {
  const { id, zh, en, grade, district, smallMicro, guarantee, plan, mainMeter, processes } = enterprise;
  return {
    ...{ id, zh, en, grade, district, plan },
    ...(smallMicro === undefined ? {} : { smallMicro }),
    ...(guarantee === undefined ? {} : { guarantee }),
    ...(mainMeter === undefined ? {} : { mainMeter }),
    processes: processes.map(({ stack, treatment: _, ...process }) => ({
      ...process,
      ...(stack?.cems === undefined ? {} : { cems: stack.cems }),
    })),
  };
}

interface Saved {
  readonly orders: ReadonlyMap<string, ReadonlyMap<string, Order>>;
  readonly signed: readonly string[];
  readonly nowMs: number;
}

/** Passes everything on. Orders follow the warning that was issued, or the command that made an exception. */
export function orderStage({ enterprises }: OrderOptions): Stage<EngineItem, EngineItem> {
  /** Newest revisions by warning and id. */
  let orders = new Map<string, Map<string, Order>>();
  /** Proposals that have become orders. */
  let signed = new Set<string>();
  let nowMs = 0;

  function taken(warning: string, changed: readonly Order[]): EngineItem[] {
    if (changed.length === 0) return [];
    const known = orders.get(warning) ?? new Map<string, Order>();
    for (const order of changed) known.set(order.id, order);
    orders.set(warning, known);
    return [{ type: 'orders', orders: changed, compliance: [] }];
  }

  function signedOf({ id, proposal }: Warning): EngineItem[] {
    if (proposal?.state !== 'issued' || signed.has(proposal.id)) return [];
    signed.add(proposal.id);
    const before = [...(orders.get(id)?.values() ?? [])];
    return taken(id, changesOf(before, asked(id, proposal), proposal.effectiveMs));
  }

  /** Blue brings advice, and a lift asks for nothing. */
  function asked(warning: string, { action, level, effectiveMs, untilMs }: Proposal): Order[] {
    if (action === 'lift' || level === 'blue') return [];
    return ordersOf({ enterprises, warning, level, effectiveMs, untilMs });
  }

  function amend(command: Parameters<typeof amended>[1]): EngineItem[] {
    for (const [warning, known] of orders) {
      const order = known.get(command.order);
      const next = order && amended(order, command, nowMs);
      if (next !== undefined) return taken(warning, [next]);
    }
    return [];
  }

  return {
    next(item) {
      if (item.type === 'tick') nowMs = item.nowMs;
      if (item.type === 'warnings') return [item, ...item.warnings.flatMap(signedOf)];
      if (item.type === 'command' && item.command.name === 'order') return [item, ...amend(item.command)];
      return [item];
    },
    flush: () => [],
    save: (): Saved => ({
      orders: new Map([...orders].map(([id, known]) => [id, new Map(known)])),
      signed: [...signed],
      nowMs,
    }),
    restore(state) {
      const saved = state as Saved;
      orders = new Map([...saved.orders].map(([id, known]) => [id, new Map(known)]));
      signed = new Set(saved.signed);
      nowMs = saved.nowMs;
    },
  };
}
