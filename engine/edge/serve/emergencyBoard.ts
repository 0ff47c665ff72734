// What the emergency office deals with: warnings and what waits for a signature, orders and what the evidence says of them.

import { isEnded, whyNot } from '../../domain/warningMoves.ts';
import type { Output } from '../../pipeline/ports.ts';
import type { Compliance, Order, OrderCommand } from '../../schema/order.ts';
import type { Warning, WarningCommand } from '../../schema/warning.ts';

export interface EmergencyBoard {
  publish(output: Output): void;
  /** The newest first. */
  warnings(): readonly Warning[];
  /** The warning that has this proposal, now or before. */
  warningOf(proposal: string): Warning | undefined;
  /** Of the newest warning, or of the one that is named; by id. */
  orders(warning?: string): readonly Order[];
  order(id: string): Order | undefined;
  compliance(order: string): Compliance | undefined;
  /** Why this cannot be done now; undefined: it can. */
  refusal(command: WarningCommand | OrderCommand): string | undefined;
  /** A copy. */
  save(): SavedEmergency;
  restore(saved: SavedEmergency): void;
}

export interface SavedEmergency {
  readonly warnings: readonly Warning[];
  readonly orders: ReadonlyMap<string, Order>;
  readonly compliance: ReadonlyMap<string, Compliance>;
}

/** Of the warnings that have ended, so many are kept, with their orders: files and history have all. */
const endedKept = 3;

export function emergencyBoard(): EmergencyBoard {
  let warnings = new Map<string, Warning>();
  let orders = new Map<string, Order>();
  let compliance = new Map<string, Compliance>();

  function forget(): void {
    const ended = [...warnings.values()].filter(isEnded);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - endedKept))) {
      warnings.delete(id);
      for (const order of orders.values()) {
        if (order.warning !== id) continue;
        orders.delete(order.id);
        compliance.delete(order.id);
      }
    }
  }

  function refusalOf({ action, order: id, why }: OrderCommand): string | undefined {
    const order = orders.get(id);
    if (order === undefined) return `there is no order ${id}`;
    if (why.trim() === '') return '"why" is missing: say what was approved, and on what ground';
    if (order.liftedMs !== undefined) return `the order is lifted already`;
    if (action === 'restore' && order.exemptBy === undefined) return 'the order has no exception that could end';
    return undefined;
  }

  return {
    publish(output) {
      for (const warning of output.warnings ?? []) warnings.set(warning.id, warning);
      for (const order of output.orders ?? []) orders.set(order.id, order);
      for (const each of output.compliance ?? []) compliance.set(each.order, each);
      if ((output.warnings ?? []).length > 0) forget();
    },
    warnings: () => [...warnings.values()].reverse(),
    warningOf: (proposal) => [...warnings.values()].find(({ changes }) => changes.some((change) => change.proposal === proposal)),
    orders(warning = [...warnings.keys()].at(-1)) {
      return [...orders.values()].filter((order) => order.warning === warning);
    },
    order: (id) => orders.get(id),
    compliance: (order) => compliance.get(order),
    refusal: (command) => (command.name === 'order' ? refusalOf(command) : whyNot([...warnings.values()], command)),
    save: () => ({ warnings: [...warnings.values()], orders: new Map(orders), compliance: new Map(compliance) }),
    restore(saved) {
      warnings = new Map(saved.warnings.map((warning) => [warning.id, warning]));
      orders = new Map(saved.orders);
      compliance = new Map(saved.compliance);
    },
  };
}
