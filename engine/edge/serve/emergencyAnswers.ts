// Warnings and orders of any time: the board's word counts for those that it holds, the history has the others.

import type { History, JudgedOrder, OrdersQuery } from '../../pipeline/ports.ts';
import type { Order } from '../../schema/order.ts';
import type { Warning } from '../../schema/warning.ts';
import { openedMsOf } from '../store/emergencyTables.ts';
import { everMs, latestFirst, orderMatches, warningMatches } from '../store/matches.ts';
import type { EmergencyBoard } from './emergencyBoard.ts';
import { limitDefault } from './incidentAnswers.ts';

export interface AskedWarnings {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit?: number;
}

export interface AskedOrders extends Pick<OrdersQuery, 'warning' | 'enterprises'> {
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly offset?: number;
  readonly limit?: number;
}

export interface EmergencyAnswers {
  /** The newest first. Without a time: what the board holds. */
  warnings(asked: AskedWarnings): Promise<readonly Warning[]>;
  warning(id: string): Promise<Warning | undefined>;
  /** Without a time: all of one warning, the newest if none is named, in the register's order where the board has them. */
  orders(asked: AskedOrders): Promise<readonly Order[]>;
  /** A page of them with their verdicts; with a time those of the latest hour first, and it is not counted how many there are. */
  page(asked: AskedOrders): Promise<{ readonly total?: number; readonly orders: readonly JudgedOrder[] }>;
  order(id: string): Promise<JudgedOrder | undefined>;
}

/** Another run counts from 1 again. */
const keyOf = (warning: Warning) => `${warning.id} ${openedMsOf(warning)}`;
/** Of one warning: more than any plan has. */
const ordersMax = 200_000;

export function emergencyAnswers(board: EmergencyBoard, history: History): EmergencyAnswers {
  const judged = (order: Order): JudgedOrder => {
    const compliance = board.compliance(order.id);
    return compliance === undefined ? order : { ...order, compliance };
  };

  async function ordersOfOne({ warning, enterprises }: AskedOrders): Promise<readonly JudgedOrder[]> {
    if (warning === undefined || board.warnings().some(({ id }) => id === warning))
      return board
        .orders(warning)
        .filter((order) => orderMatches({ ...everMs, enterprises }, order))
        .map(judged);
    return history.orders({ ...everMs, warning, enterprises, limit: ordersMax });
  }

  /** The board has all orders of its warnings, so the history is asked about other warnings only. */
  async function ordersThen({ fromMs, toMs, warning, enterprises, offset = 0, limit = limitDefault }: AskedOrders) {
    const query = { fromMs: fromMs ?? everMs.fromMs, toMs: toMs ?? everMs.toMs, warning, enterprises };
    const notOf = board.warnings().map(({ id }) => id);
    const held = notOf.flatMap((id) => board.orders(id).filter((order) => orderMatches(query, order))).map(judged);
    // Only now: meanwhile the board may forget.
    const stored = await history.orders({ ...query, notOf, limit: offset + limit });
    return latestFirst([...held, ...stored], ({ effectiveMs }) => effectiveMs).slice(offset, offset + limit);
  }

  return {
    async warnings({ fromMs, toMs, limit = limitDefault }) {
      const held = board.warnings();
      if (fromMs === undefined && toMs === undefined) return held.slice(0, limit);
      const query = { fromMs: fromMs ?? everMs.fromMs, toMs: toMs ?? everMs.toMs };
      // What the history says of those that the board holds may be old.
      const stored = await history.warnings({ ...query, limit: limit + held.length });
      const matching = held.filter((warning) => warningMatches(query, warning));
      const keys = new Set(held.map(keyOf));
      const others = stored.filter((warning) => !keys.has(keyOf(warning)));
      return latestFirst([...matching, ...others], openedMsOf).slice(0, limit);
    },
    async warning(id) {
      return (
        board.warnings().find((warning) => warning.id === id) ?? (await history.warnings({ ...everMs, ids: [id], limit: 1 }))[0]
      );
    },
    orders: ordersOfOne,
    async page(asked) {
      if (asked.fromMs !== undefined || asked.toMs !== undefined) return { orders: await ordersThen(asked) };
      const { offset = 0, limit = limitDefault } = asked;
      const all = await ordersOfOne(asked);
      return { total: all.length, orders: all.slice(offset, offset + limit) };
    },
    async order(id) {
      const held = board.order(id);
      return held === undefined ? (await history.orders({ ...everMs, ids: [id], limit: 1 }))[0] : judged(held);
    },
  };
}
