// Warnings, orders, verdicts and the outputs that bring them, for tests of what comes behind the emergency stages.

import type { Output } from '../../engine/pipeline/ports.ts';
import type { Compliance, Order } from '../../engine/schema/order.ts';
import type { Warning } from '../../engine/schema/warning.ts';

/** Proposed then, by the engine. */
export function warningOf(number: number, proposedMs: number, change: Partial<Warning> = {}): Warning {
  const proposal = `proposal:${number}`;
  return {
    id: `warning:${number}`,
    criteria: 'mee-2024',
    revision: 0,
    state: 'proposed',
    proposal: {
      id: proposal,
      action: 'start',
      level: 'orange',
      effectiveMs: proposedMs + 7_200_000,
      state: 'proposed',
      revision: 0,
      proposedMs,
      isFastStart: false,
    },
    changes: [{ atMs: proposedMs, what: 'proposed', level: 'orange', proposal }],
    ...change,
  };
}

export function orderOf(warning: number, enterprise: string, process: string, change: Partial<Order> = {}): Order {
  return {
    id: `order:${warning}:${enterprise}:${process}`,
    warning: `warning:${warning}`,
    level: 'orange',
    enterprise,
    process,
    action: 'stop',
    effectiveMs: 0,
    revision: 0,
    zh: `${enterprise} 停产`,
    en: `${enterprise} stops`,
    ...change,
  };
}

export function complianceOf({ id, enterprise, process }: Order, change: Partial<Compliance> = {}): Compliance {
  return {
    order: id,
    enterprise,
    process,
    verdict: 'obeying',
    sinceMs: 0,
    revision: 0,
    evidence: [{ kind: 'power', source: `M-${enterprise}`, zh: '停', en: 'off' }],
    ...change,
  };
}

export interface Decided extends Pick<Output, 'warnings' | 'orders' | 'compliance'> {
  readonly nowMs: number;
}

/** An output a tick. */
export function emergencyOutputs(ticks: readonly Decided[]): Output[] {
  return ticks.map((tick, i) => ({ rows: [], windows: [], places: [], findings: [], incidents: [], seq: i + 1, ...tick }));
}
