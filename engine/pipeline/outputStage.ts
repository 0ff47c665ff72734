// Gathers what the stages made into what edges are given: rows as soon as they are decided, windows and places at the tick.

import type { Finding } from '../schema/finding.ts';
import type { EngineItem } from '../schema/flow.ts';
import type { Incident } from '../schema/incident.ts';
import type { Compliance, Order } from '../schema/order.ts';
import type { Stage } from '../schema/stage.ts';
import type { Warning } from '../schema/warning.ts';
import type { PlaceBatch, WindowBatch } from '../schema/window.ts';
import type { Output } from './ports.ts';

/** What waits for the tick. */
interface Gathered {
  readonly windows: WindowBatch[];
  readonly places: PlaceBatch[];
  readonly findings: Finding[];
  readonly incidents: Incident[];
  readonly warnings: Warning[];
  readonly orders: Order[];
  readonly compliance: Compliance[];
}

interface State extends Gathered {
  readonly seq: number;
}

const nothing = (): Gathered => ({
  windows: [],
  places: [],
  findings: [],
  incidents: [],
  warnings: [],
  orders: [],
  compliance: [],
});

export function outputStage(): Stage<EngineItem, Output> {
  let gathered = nothing();
  let seq = 0;

  function take(nowMs: number | null, aheadMs?: number): Output[] {
    seq += 1;
    const output = { rows: [], ...gathered, nowMs, ...(aheadMs === undefined ? {} : { aheadMs }), seq };
    gathered = nothing();
    return [output];
  }

  return {
    next(item) {
      switch (item.type) {
        case 'rows':
          seq += 1;
          return [{ ...nothing(), rows: [item.batch], nowMs: null, seq }];
        case 'windows':
          gathered.windows.push(item);
          return [];
        case 'places':
          gathered.places.push(item);
          return [];
        case 'findings':
          gathered.findings.push(...item.findings);
          return [];
        case 'incidents':
          gathered.incidents.push(...item.incidents);
          return [];
        case 'warnings':
          gathered.warnings.push(...item.warnings);
          return [];
        case 'orders':
          for (const order of item.orders) gathered.orders.push(order);
          for (const each of item.compliance) gathered.compliance.push(each);
          return [];
        case 'tick':
          return take(item.nowMs, item.aheadMs);
        case 'command':
          return [];
      }
    },
    flush: () => take(null),
    save: (): State => ({ ...gathered, seq }),
    restore(state) {
      ({ seq, ...gathered } = state as State);
    },
  };
}
