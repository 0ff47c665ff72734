// Orders on their way out: what feeds that obey them are told, each revision once, and what holds for one that comes anew.

import { stated } from '../domain/stated.ts';
import type { Output } from '../pipeline/ports.ts';
import type { OrderNews } from '../schema/messages.ts';
import type { Order } from '../schema/order.ts';
import type { Warning } from '../schema/warning.ts';

export interface OrderDesk {
  publish(output: Output): void;
  /** News since the last time, in order. */
  take(): readonly OrderNews[];
  /** Everything that holds, for a feed that comes anew. */
  holding(): readonly OrderNews[];
  /** A copy. */
  save(): SavedDesk;
  restore(saved: SavedDesk): void;
}

/** What was told and still holds, by the order's own id, or the warning's. */
export interface SavedDesk {
  readonly told: ReadonlyMap<string, Extract<OrderNews, { readonly order: unknown }>>;
}

/**
 * A revision goes out under an id of its own, and the one before it is lifted when the new one takes effect: nobody is without an
 * order in between. Transport is asked of the enterprise, not of a process: it goes by webhook and list only.
 */
export function orderDesk(): OrderDesk {
  let told: Map<string, Extract<OrderNews, { readonly order: unknown }>> = new Map();
  let news: OrderNews[] = [];

  function tell(key: string, message: Extract<OrderNews, { readonly order: unknown }>): void {
    const before = told.get(key);
    told.set(key, message);
    news.push(message);
    if (before !== undefined && before.order.id !== message.order.id)
      news.push({ type: 'lift', id: before.order.id, atMs: message.order.effectiveMs });
  }

  function lift(key: string, atMs: number): void {
    const before = told.get(key);
    if (before === undefined) return;
    told.delete(key);
    news.push({ type: 'lift', id: before.order.id, atMs });
  }

  function takeOrder(order: Order, nowMs: number): void {
    const { id, revision, enterprise, process, action, toPct, effectiveMs, untilMs, liftedMs, exemptBy } = order;
    if (action === 'transport') return;
    const endMs = liftedMs ?? (exemptBy === undefined ? undefined : nowMs);
    if (endMs !== undefined) {
      lift(id, endMs);
      return;
    }
    const message = { id: `${id}@${revision}`, enterprise, process, action, toPct, effectiveMs, untilMs };
    tell(id, { type: 'order', order: stated(message) });
  }

  function takeWarning({ id, proposal }: Warning): void {
    if (proposal?.state !== 'issued') return;
    const { action, level, effectiveMs, untilMs } = proposal;
    if (action === 'lift' || level === 'blue') {
      lift(id, effectiveMs);
      return;
    }
    const message = stated({ id: `${id}@${proposal.id}`, level, effectiveMs, untilMs });
    if (told.get(id)?.order.id !== message.id) tell(id, { type: 'sector', order: message });
  }

  return {
    publish({ warnings = [], orders = [], nowMs }) {
      for (const warning of warnings) takeWarning(warning);
      for (const order of orders) takeOrder(order, nowMs ?? order.effectiveMs);
    },
    take() {
      const taken = news;
      news = [];
      return taken;
    },
    holding: () => [...told.values()],
    save: () => ({ told: new Map(told) }),
    restore(saved) {
      told = new Map(saved.told);
    },
  };
}
