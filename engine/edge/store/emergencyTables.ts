// The tables of warnings, orders and verdicts: every revision is a row, with the whole record as JSON.

import { isEnded } from '../../domain/warningMoves.ts';
import type { Compliance, Order } from '../../schema/order.ts';
import type { Warning } from '../../schema/warning.ts';
import { type Columns, column, type Table } from './table.ts';

/** `opened_ms`, `ended_ms`: first proposal, lifted or withdrawn. Numbers begin anew in each run: the key has the beginning too. */
export const warningTable: Table = {
  name: 'warning',
  columns: [
    column('id', 'VARCHAR'),
    column('criteria', 'VARCHAR'),
    column('level', 'VARCHAR'),
    column('state', 'VARCHAR'),
    column('opened_ms', 'BIGINT'),
    column('ended_ms', 'BIGINT'),
    column('from_ms', 'BIGINT'),
    column('until_ms', 'BIGINT'),
    column('revision', 'INTEGER'),
    column('record', 'VARCHAR'),
  ],
  key: ['id', 'opened_ms'],
};

/** `order` is a word of SQL. */
export const orderTable: Table = {
  name: 'curtailment_order',
  columns: [
    column('id', 'VARCHAR'),
    column('warning', 'VARCHAR'),
    column('level', 'VARCHAR'),
    column('enterprise', 'VARCHAR'),
    column('process', 'VARCHAR'),
    column('action', 'VARCHAR'),
    column('to_pct', 'DOUBLE'),
    column('effective_ms', 'BIGINT'),
    column('until_ms', 'BIGINT'),
    column('lifted_ms', 'BIGINT'),
    column('exempt_by', 'VARCHAR'),
    column('revision', 'INTEGER'),
    column('record', 'VARCHAR'),
  ],
  key: ['id'],
};

export const complianceTable: Table = {
  name: 'compliance',
  columns: [
    column('order_id', 'VARCHAR'),
    column('enterprise', 'VARCHAR'),
    column('process', 'VARCHAR'),
    column('verdict', 'VARCHAR'),
    column('since_ms', 'BIGINT'),
    column('revision', 'INTEGER'),
    column('record', 'VARCHAR'),
  ],
  key: ['order_id'],
};

/** When a warning was first heard of. */
export function openedMsOf({ changes, proposal, fromMs }: Warning): number {
  return changes[0]?.atMs ?? proposal?.proposedMs ?? fromMs ?? 0;
}

/** Undefined: it has not ended. */
export function endedMsOf(warning: Warning): number | undefined {
  return isEnded(warning) ? (warning.changes.at(-1)?.atMs ?? openedMsOf(warning)) : undefined;
}

/** Event times may have fractions. */
const whole = (ms: number | undefined) => (ms === undefined ? null : BigInt(Math.round(ms)));

export function warningCells(warnings: readonly Warning[]): Columns {
  return [
    warnings.map(({ id }) => id),
    warnings.map(({ criteria }) => criteria),
    warnings.map(({ level }) => level ?? null),
    warnings.map(({ state }) => state),
    warnings.map((warning) => whole(openedMsOf(warning))),
    warnings.map((warning) => whole(endedMsOf(warning))),
    warnings.map(({ fromMs }) => whole(fromMs)),
    warnings.map(({ untilMs }) => whole(untilMs)),
    warnings.map(({ revision }) => revision),
    warnings.map((warning) => JSON.stringify(warning)),
  ];
}

export function orderCells(orders: readonly Order[]): Columns {
  return [
    orders.map(({ id }) => id),
    orders.map(({ warning }) => warning),
    orders.map(({ level }) => level),
    orders.map(({ enterprise }) => enterprise),
    orders.map(({ process }) => process ?? null),
    orders.map(({ action }) => action),
    orders.map(({ toPct }) => toPct ?? Number.NaN),
    orders.map(({ effectiveMs }) => whole(effectiveMs)),
    orders.map(({ untilMs }) => whole(untilMs)),
    orders.map(({ liftedMs }) => whole(liftedMs)),
    orders.map(({ exemptBy }) => exemptBy ?? null),
    orders.map(({ revision }) => revision),
    orders.map((order) => JSON.stringify(order)),
  ];
}

export function complianceCells(all: readonly Compliance[]): Columns {
  return [
    all.map(({ order }) => order),
    all.map(({ enterprise }) => enterprise),
    all.map(({ process }) => process ?? null),
    all.map(({ verdict }) => verdict),
    all.map(({ sinceMs }) => whole(sinceMs)),
    all.map(({ revision }) => revision),
    all.map((compliance) => JSON.stringify(compliance)),
  ];
}
