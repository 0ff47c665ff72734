// Rows of event kinds in order of event time while late ones may still come between; then they are settled, once and for all.

/** What every held event says of its order. */
export interface LoggedEvent {
  readonly eventMs: number;
  readonly source: string;
  readonly id: string;
}

export interface EventLog<Event extends LoggedEvent> {
  /** Events that are settled already are passed over: false. */
  add(event: Event): boolean;
  /** By (eventMs, source, id). */
  readonly held: readonly Event[];
  readonly settledMs: number;
  /** Takes out what is no later than this time, and more where more are held than there may be. */
  settle(toMs: number): readonly Event[];
  save(): SavedLog<Event>;
  restore(saved: SavedLog<Event>): void;
}

export interface SavedLog<Event> {
  readonly settledMs: number;
  readonly held: readonly Event[];
}

/** `most` events are held after a settling. */
export function eventLog<Event extends LoggedEvent>(most: number): EventLog<Event> {
  let held: Event[] = [];
  let settledMs = Number.NEGATIVE_INFINITY;

  return {
    add(event) {
      if (event.eventMs <= settledMs) return false;
      // Most come in order.
      let at = held.length;
      while (at > 0 && isBefore(event, held[at - 1])) at -= 1;
      held.splice(at, 0, event);
      return true;
    },
    get held() {
      return held;
    },
    get settledMs() {
      return settledMs;
    },
    settle(toMs) {
      const upToMs = Math.max(toMs, held.length > most ? held[held.length - most - 1].eventMs : toMs);
      settledMs = Math.max(settledMs, upToMs);
      let count = 0;
      while (count < held.length && held[count].eventMs <= settledMs) count += 1;
      if (count === 0) return [];
      const settled = held.slice(0, count);
      held = held.slice(count);
      return settled;
    },
    save: () => ({ settledMs, held: [...held] }),
    restore(saved) {
      settledMs = saved.settledMs;
      held = [...saved.held];
    },
  };
}

function isBefore(a: LoggedEvent, b: LoggedEvent): boolean {
  if (a.eventMs !== b.eventMs) return a.eventMs < b.eventMs;
  if (a.source !== b.source) return a.source < b.source;
  return a.id < b.id;
}
