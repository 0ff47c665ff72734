// Which faults meet which source in an hour: looked up by time, made when an hour is first asked for.

import type { FaultRecord } from './faultRecord.ts';

const hourMs = 3_600_000;

/** Hours kept: the present one, one for hourly means, and some for clocks that are wrong. */
const hoursKept = 8;

/** Makes something of an hour (hours since the epoch) and keeps the newest few. Same hour, same thing: times may go back. */
export function keptByHour<Made>(make: (hour: number) => Made): (eventMs: number) => Made {
  const kept = new Map<number, Made>();
  return (eventMs) => {
    const hour = Math.floor(eventMs / hourMs);
    const known = kept.get(hour);
    if (known !== undefined) return known;
    const made = make(hour);
    if (kept.size >= hoursKept) kept.delete(kept.keys().next().value!);
    kept.set(hour, made);
    return made;
  };
}

export interface FaultsOfHour {
  /** Per source: 1 = any fault acts on it. */
  readonly marked: Uint8Array;
  readonly bySource: ReadonlyMap<number, readonly FaultRecord[]>;
}

/** Faults that act at any time of the hour on a kind's `count` sources, in the order of the records; null: none. */
export function faultsOfHour(records: readonly FaultRecord[], count: number, hour: number): FaultsOfHour | null {
  const acting = records.filter(({ fromMs, toMs }) => fromMs < (hour + 1) * hourMs && toMs > hour * hourMs);
  return acting.length === 0 ? null : faultsBySource(acting, count);
}

export function faultsBySource(records: readonly FaultRecord[], count: number): FaultsOfHour {
  const marked = new Uint8Array(count);
  const bySource = new Map<number, FaultRecord[]>();
  for (const record of records) {
    for (const source of record.sources) {
      const own = bySource.get(source);
      if (own === undefined) bySource.set(source, [record]);
      else own.push(record);
      marked[source] = 1;
    }
  }
  return { marked, bySource };
}
