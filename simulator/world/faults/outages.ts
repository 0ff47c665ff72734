// When a row gets through to the engine although its source's line is down at times.

import type { Kind } from '../../../engine/schema/catalog.ts';
import type { FaultPlan, FaultRecord } from './faultRecord.ts';

const portionEveryMs = 60_000;

interface Outage {
  readonly record: FaultRecord;
  /** Rows of this source that it has held so far. */
  held: number;
}

/**
 * `arrival(source, atMs)`: when a row of the source that would arrive at `atMs` does so: at once; after the outage, in portions, the
 * first held first; or never (Infinity), where an outage keeps nothing. Counts rows, so ask once a row, in order.
 * A row arrives within an outage if fromMs < atMs <= toMs: a step's rows stand for the time before its end.
 */
export function outagesOf(plan: FaultPlan, kind: Kind): { arrival(source: number, atMs: number): number } {
  const bySource: (Outage[] | undefined)[] = new Array(plan.sourceStreams[kind].length);
  for (const record of plan.records) {
    if (record.sourceKind !== kind || (record.kind !== 'outage' && record.kind !== 'disconnect')) continue;
    for (const source of record.sources) (bySource[source] ??= []).push({ record, held: 0 });
  }
  return {
    arrival(source, atMs) {
      const outages = bySource[source];
      if (outages === undefined) return atMs;
      let dueMs = atMs;
      // A backfill may run into the next outage: then it waits for that one's end as well.
      for (let met = meeting(outages, dueMs); met !== undefined; met = meeting(outages, dueMs)) {
        if (met.record.backfill === false) return Number.POSITIVE_INFINITY;
        dueMs = met.record.toMs + 1 + Math.floor(met.held++ / (met.record.batch ?? 1)) * portionEveryMs;
      }
      return dueMs;
    },
  };
}

function meeting(outages: readonly Outage[], atMs: number): Outage | undefined {
  for (const outage of outages) if (outage.record.fromMs < atMs && atMs <= outage.record.toMs) return outage;
  return undefined;
}
