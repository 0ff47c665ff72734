// Makes clocks wrong: a source's time drifts, jumps, or stands in another zone.

import { type Kind, kinds } from '../../../engine/schema/catalog.ts';
import type { Columns } from '../columns.ts';
import type { FaultPlan, FaultRecord } from './faultRecord.ts';
import { type FaultsOfHour, faultsOfHour, keptByHour } from './hourlyFaults.ts';

const hourMs = 3_600_000;
/** Protocols of devices carry whole seconds (HJ 212 DataTime). */
const instantMs = 1_000;

/** How far a clock is ahead of true time, ms; whole seconds, or whole periods where a logger stamps its own means. */
function offsetAt({ fromMs, toMs, offsetMs = 0, grows }: FaultRecord, eventMs: number, periodMs: number): number {
  if (eventMs < fromMs || eventMs >= toMs) return 0;
  const unit = periodMs > 0 ? periodMs : instantMs;
  const offset = grows ? (offsetMs * (eventMs - fromMs)) / (toMs - fromMs) : offsetMs;
  return Math.round(offset / unit) * unit;
}

/**
 * Changes rows' times from true time to that of the source's own clock. Changes `time` in place and gives the same object back.
 * Several faults of one clock add up.
 */
export function applyClocks(plan: FaultPlan): (columns: Columns) => Columns {
  const hours = new Map<Kind, (eventMs: number) => FaultsOfHour | null>();
  for (const kind of kinds) {
    const records = plan.records.filter((record) => record.sourceKind === kind && record.kind.startsWith('clock_'));
    const count = plan.sourceStreams[kind].length;
    if (records.length > 0)
      hours.set(
        kind,
        keptByHour((hour) => faultsOfHour(records, count, hour)),
      );
  }
  return (columns) => {
    const faultsAt = hours.get(columns.kind);
    if (faultsAt !== undefined) shift(columns, faultsAt);
    return columns;
  };
}

function shift(columns: Columns, faultsAt: (eventMs: number) => FaultsOfHour | null): void {
  const { rows, source, time, periodMs } = columns;
  let faults: FaultsOfHour | null = null;
  let startMs = 0;
  let endMs = 0;
  for (let row = 0; row < rows; row++) {
    const eventMs = time[row];
    if (eventMs >= endMs || eventMs < startMs) {
      startMs = Math.floor(eventMs / hourMs) * hourMs;
      endMs = startMs + hourMs;
      faults = faultsAt(eventMs);
    }
    if (faults === null || faults.marked[source[row]] === 0) continue;
    for (const record of faults.bySource.get(source[row])!) time[row] += offsetAt(record, eventMs, periodMs);
  }
}
