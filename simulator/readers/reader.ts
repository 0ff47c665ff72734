// What every reader of a file gives: steps of rows up to a tick, the same whatever the speed.

import type { Frame } from '../../engine/wire/frame.ts';
import type { FileProblem } from '../fileProblem.ts';

export interface Step {
  /** Rows of this step, in order. */
  readonly frames: readonly Frame[];
  /** The tick that follows them, whole seconds. */
  readonly nowMs: number;
  readonly problems: readonly FileProblem[];
  /** Part of the work that is done with this step, 0 to 1, where it is known. */
  readonly share?: number;
}

/** For drivers, which take the next step before they are done with the one before. */
export function iteratorOf(steps: AsyncIterable<Step> | Iterable<Step>): AsyncIterator<Step> | Iterator<Step> {
  return Symbol.asyncIterator in steps ? steps[Symbol.asyncIterator]() : steps[Symbol.iterator]();
}

export interface Reader {
  readonly format: 'cnemc' | 'cnemc-snapshot' | 'uci' | 'ndjson';
  steps(): AsyncIterable<Step>;
  /** Name of the feed that was recorded, where the file tells. */
  feed?(): Promise<string | undefined>;
  /** Published index by `station startMs`, for comparison only; complete when the steps have been read. */
  readonly published?: ReadonlyMap<string, { readonly aqi: number; readonly primary?: string }>;
}

export const hourMs = 3_600_000;

/**
 * Hourly files tick three minutes behind the hour: the default hold time (2 min) and grace (1 min) are over then,
 * so each hour goes out before the next one comes in.
 */
const afterHourMs = 180_000;

/** An hour as it comes in: the clock reaches its end (also over a gap in the file), the rows arrive, the hour goes out. */
export function hourSteps(startMs: number, frames: readonly Frame[], problems: readonly FileProblem[], share: number): Step[] {
  const endMs = startMs + hourMs;
  return [
    { frames: [], nowMs: endMs, problems: [] },
    { frames, nowMs: endMs + afterHourMs, problems, share },
  ];
}

/** One hour of several stations as a frame of kind air; stations without any value are left out. */
export function hourFrame(startMs: number, stations: readonly string[], columns: ReadonlyMap<string, Float64Array>): Frame {
  const rows: number[] = [];
  for (let station = 0; station < stations.length; station++) {
    for (const column of columns.values()) {
      if (station < column.length && !Number.isNaN(column[station])) {
        rows.push(station);
        break;
      }
    }
  }
  return {
    kind: 'air',
    rows: rows.length,
    periodMs: hourMs,
    // Only stations that have a row: a name in the list makes a source known.
    sources: rows.map((row) => stations[row]),
    source: Uint32Array.from(rows, (_, i) => i),
    time: new Float64Array(rows.length).fill(startMs),
    values: Object.fromEntries([...columns].map(([metric, column]) => [metric, Float64Array.from(rows, (row) => column[row])])),
  };
}
