// What the viewer knows, and how each live message changes it.

import { isEnded } from '../../engine/domain/warningMoves.ts';
import type { AirHour, LiveColumns, LiveMessage } from '../../engine/schema/live.ts';
import type { Warning } from '../../engine/schema/warning.ts';

/** Newest raw values of one station. */
export interface Latest {
  readonly eventMs: number;
  readonly values: Readonly<Record<string, number | null>>;
}

export interface LiveState {
  readonly clock: 'wall' | 'feed';
  /** The engine's event time; null before its first tick. */
  readonly nowMs: number | null;
  /** Newest hour by `scope place`. */
  readonly hours: ReadonlyMap<string, AirHour>;
  readonly latest: ReadonlyMap<string, Latest>;
  /** Those that have not ended, in the order in which they came. */
  readonly warnings: readonly Warning[];
}

export const emptyState: LiveState = { clock: 'wall', nowMs: null, hours: new Map(), latest: new Map(), warnings: [] };

export const hourKey = (scope: AirHour['scope'], place: string) => `${scope} ${place}`;

/** A snapshot replaces everything: it is also what comes after a gap in the feed. */
export function reduce(state: LiveState, message: LiveMessage): LiveState {
  switch (message.type) {
    case 'snapshot':
      return {
        clock: message.clock,
        nowMs: message.nowMs,
        hours: withHours(new Map(), message.hours),
        latest: message.latest.filter((columns) => columns.kind === 'air').reduce(withLatest, new Map()),
        warnings: message.warnings,
      };
    case 'rows':
      return message.columns.kind === 'air' ? { ...state, latest: withLatest(new Map(state.latest), message.columns) } : state;
    case 'hours':
      return { ...state, hours: withHours(new Map(state.hours), message.hours) };
    case 'tick':
      return { ...state, nowMs: message.nowMs };
    case 'warnings':
      return { ...state, warnings: withWarnings(state.warnings, message.warnings) };
    case 'windows':
    case 'findings': // their rooms are still to be built
    case 'incidents':
    case 'orders':
      return state;
  }
}

/** The newest hour of each place; a revision of the same hour replaces it, an older hour does not. */
function withHours(hours: Map<string, AirHour>, fresh: readonly AirHour[]): Map<string, AirHour> {
  for (const hour of fresh) {
    const known = hours.get(hourKey(hour.scope, hour.place));
    if (known === undefined || hour.startMs >= known.startMs) hours.set(hourKey(hour.scope, hour.place), hour);
  }
  return hours;
}

function withWarnings(known: readonly Warning[], changed: readonly Warning[]): readonly Warning[] {
  const byId = new Map([...known, ...changed].map((warning) => [warning.id, warning]));
  return [...byId.values()].filter((warning) => !isEnded(warning));
}

function withLatest(latest: Map<string, Latest>, columns: LiveColumns): Map<string, Latest> {
  for (let row = 0; row < columns.sources.length; row++) {
    const source = columns.sources[row];
    const known = latest.get(source);
    if (known !== undefined && known.eventMs > columns.eventMs[row]) continue;
    const values = Object.fromEntries(Object.entries(columns.values).map(([metric, column]) => [metric, column[row]]));
    latest.set(source, { eventMs: columns.eventMs[row], values });
  }
  return latest;
}
