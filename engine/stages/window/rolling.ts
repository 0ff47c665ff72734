// Means over the 8 and 24 hours that end with an hour, from the hour windows of the same source.

import type { Metric } from '../../schema/catalog.ts';
import type { RollingColumn } from '../../schema/window.ts';
import { Cell, cellFields } from './cell.ts';
import { PaneState, type Panes } from './panes.ts';

/** An hour mean counts from 45 minutes of data (GB 3095-2026 table 4; the same for PM is our proposal). */
export const hourCaptureMs = 45 * 60_000;

export const rollingHours = 24;

/** Half to even of sum / count in thousandths: exact while sum * 1000 < 2^53. */
export function thousandths(sum: number, count: number): number {
  const scaled = sum * 1000;
  const quotient = Math.floor(scaled / count);
  const rest = scaled - quotient * count;
  const twice = rest * 2;
  if (twice > count) return quotient + 1;
  if (twice < count) return quotient;
  return quotient % 2 === 0 ? quotient : quotient + 1;
}

export interface RollingRow {
  readonly source: number;
  readonly hour: number;
}

/** One column per metric, one entry per row. Directions have no rolling mean: their columns stay empty. */
export function rollingColumns(
  panes: Panes,
  metrics: readonly Metric[],
  rows: readonly RollingRow[],
  hours: number,
): RollingColumn[] {
  const columns = metrics.map(() => ({ sum: new Float64Array(rows.length), hours: new Uint8Array(rows.length) }));
  for (let i = 0; i < rows.length; i++) {
    const { source, hour } = rows[i];
    for (let index = hour - hours + 1; index <= hour; index++) {
      const pane = panes.find(index);
      if (pane === undefined || pane.state[source] !== PaneState.closed) continue;
      for (let m = 0; m < metrics.length; m++) {
        if (metrics[m].aggregate === 'direction') continue;
        const at = (source * metrics.length + m) * cellFields;
        if (pane.cells[at + Cell.captureMs] < hourCaptureMs) continue;
        columns[m].sum[i] += thousandths(pane.cells[at + Cell.sum], pane.cells[at + Cell.count]);
        columns[m].hours[i] += 1;
      }
    }
  }
  return columns;
}
