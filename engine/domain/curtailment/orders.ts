// Orders of a warning's level in one go; what an upgrade, a downgrade or a lift changes of them; exceptions.

import type { Order, OrderCommand, PlannedEnterprise, PlannedProcess } from '../../schema/order.ts';
import type { Level, Measure } from '../../schema/register.ts';
import { type OrderFields, type OrderTexts, orderTexts } from './orderTexts.ts';
import { type CurtailmentRules, curtailmentRules, judgePlan } from './rules.ts';

export interface OrdersOptions {
  readonly enterprises: readonly PlannedEnterprise[];
  /** `warning:1`. */
  readonly warning: string;
  readonly level: Level;
  readonly effectiveMs: number;
  /** Expected end; absent: until it is lifted. */
  readonly untilMs?: number;
  readonly rules?: CurtailmentRules;
}

/**
 * Every order of a level, in the register's order. What the rules do not permit (`rules.ts`) never becomes one, whatever a plan
 * says: nothing but transport for an exempt grade, nothing for a process that does not emit, no guarantee enterprise below its
 * certified load.
 */
export function ordersOf({ enterprises, warning, level, effectiveMs, untilMs, rules }: OrdersOptions): Order[] {
  const orders: Order[] = [];
  const texts = orderTexts();
  const prefix = `order:${part(warning.replace(/^warning:/, ''))}:`;
  for (const enterprise of enterprises) {
    const before = `${prefix}${part(enterprise.id)}:`;
    for (const measure of judgePlan(enterprise, level, rules ?? curtailmentRules).measures) {
      const process = enterprise.processes.find(({ id }) => id === measure.process);
      orders.push(
        orderOf({ enterprise, process, measure, id: before + processPart(process), warning, level, effectiveMs, untilMs, texts }),
      );
    }
  }
  return orders;
}

interface OrderParts extends Pick<OrderFields, 'id' | 'warning' | 'level' | 'effectiveMs' | 'untilMs'> {
  readonly enterprise: PlannedEnterprise;
  readonly process: PlannedProcess | undefined;
  readonly measure: Measure;
  readonly texts: OrderTexts;
}

function orderOf({ enterprise, process, measure, id, warning, level, effectiveMs, untilMs, texts }: OrderParts): Order {
  const { action, toPct } = measure;
  const fields: OrderFields = {
    id,
    warning,
    level,
    enterprise: enterprise.id,
    ...(process === undefined ? {} : { process: process.id }),
    action,
    ...(toPct === undefined ? {} : { toPct }),
    effectiveMs,
    ...(untilMs === undefined ? {} : { untilMs }),
    revision: 0,
  };
  return texts.told(fields, enterprise, process, measure);
}

/** Ids of a register are any text: what parts an order's id, or a path, is written as in an address. */
function part(id: string): string {
  return /[%:/]/.test(id) ? id.replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll('/', '%2F') : id;
}

/** `-` stands for transport. */
function processPart(process: PlannedProcess | undefined): string {
  if (process === undefined) return '-';
  return process.id === '-' ? '%2D' : part(process.id);
}

/**
 * Changes only, as revisions: first what is no longer asked, lifted at `atMs`, then what is asked anew, otherwise, or for other
 * hours. Who has to go on as before gets nothing, and its order keeps the level and the hour from which it holds: a new level does
 * not give it its notice and grace again. Exceptions stay. `before`: the newest revisions, lifted ones too, or all; `after`: what
 * `ordersOf` gives for the new level, nothing for a lift.
 */
export function changesOf(before: readonly Order[], after: readonly Order[], atMs: number): Order[] {
  const known = newest(before);
  const texts = orderTexts();
  const asked = new Set(after.map(({ id }) => id));
  const changes: Order[] = [];
  for (const order of known.values())
    if (order.liftedMs === undefined && !asked.has(order.id))
      changes.push(texts.retold(order, { ...order, liftedMs: atMs, revision: order.revision + 1 }));
  for (const order of after) {
    const held = known.get(order.id);
    const next = held === undefined ? order : revised(held, order, texts);
    if (next !== undefined) changes.push(next);
  }
  return changes;
}

/** Undefined: nothing that it asks has changed. */
function revised(held: Order, order: Order, texts: OrderTexts): Order | undefined {
  const isSame = held.liftedMs === undefined && held.action === order.action && held.toPct === order.toPct;
  // Who is bound already stays bound since then; the new level may only come sooner.
  const effectiveMs = isSame ? Math.min(held.effectiveMs, order.effectiveMs) : order.effectiveMs;
  if (isSame && effectiveMs === held.effectiveMs && order.untilMs === held.untilMs) return undefined;
  const { exemptBy, exemptWhy } = held;
  const exception = exemptBy === undefined ? {} : { exemptBy, exemptWhy };
  return texts.retold(order, { ...order, effectiveMs, revision: held.revision + 1, ...exception });
}

/** The newest revision of each order, in the order in which they first came. */
function newest(orders: readonly Order[]): Map<string, Order> {
  const found = new Map<string, Order>();
  for (const order of orders) {
    const before = found.get(order.id);
    if (before === undefined || order.revision >= before.revision) found.set(order.id, order);
  }
  return found;
}

/** The newest revisions after changes. */
export function afterChanges(before: readonly Order[], changes: readonly Order[]): Order[] {
  return [...newest([...before, ...changes]).values()];
}

/** The order binds at that time: begun, not lifted, no exception. Its expected end does not end it. */
export function holdsAt({ effectiveMs, liftedMs, exemptBy }: Order, ms: number): boolean {
  return exemptBy === undefined && ms >= effectiveMs && (liftedMs === undefined || ms < liftedMs);
}

/**
 * A signed exception, or its end; who is bound again is so from then on. Undefined: it changes nothing (another order, lifted, the
 * same exception already, none to end).
 */
export function amended(order: Order, command: OrderCommand, atMs: number): Order | undefined {
  if (command.order !== order.id || order.liftedMs !== undefined) return undefined;
  const { exemptBy, exemptWhy, ...rest } = order;
  const revision = order.revision + 1;
  if (command.action === 'exempt') {
    if (exemptBy === command.by && exemptWhy === command.why) return undefined;
    return orderTexts().retold(order, { ...rest, revision, exemptBy: command.by, exemptWhy: command.why });
  }
  if (exemptBy === undefined) return undefined;
  return orderTexts().retold(order, {
    ...rest,
    revision,
    effectiveMs: Math.max(order.effectiveMs, atMs),
    restoredBy: command.by,
    restoredWhy: command.why,
  });
}
