// Which event ids of a kind have been seen in the last 48 hours of event time.

const hourMs = 3_600_000;
const hoursKept = 48;

type SavedSeenIds = readonly (readonly [hour: number, keys: readonly string[]])[];

export interface SeenIds {
  /** True when the key was seen before; remembers it. */
  seen(key: string, eventMs: number): boolean;
  save(): SavedSeenIds;
  restore(saved: SavedSeenIds): void;
}

export function seenIds(): SeenIds {
  let hours = new Map<number, Set<string>>();
  let newestHour = Number.NEGATIVE_INFINITY;

  return {
    seen(key, eventMs) {
      const hour = Math.floor(eventMs / hourMs);
      for (const keys of hours.values()) if (keys.has(key)) return true;
      if (hour > newestHour) {
        newestHour = hour;
        for (const old of hours.keys()) if (old < newestHour - hoursKept) hours.delete(old);
      }
      if (hour < newestHour - hoursKept) return false;
      const keys = hours.get(hour);
      if (keys === undefined) hours.set(hour, new Set([key]));
      else keys.add(key);
      return false;
    },
    save: () => [...hours].map(([hour, keys]) => [hour, [...keys]] as const),
    restore(saved) {
      hours = new Map(saved.map(([hour, keys]) => [hour, new Set(keys)]));
      newestHour = Math.max(Number.NEGATIVE_INFINITY, ...hours.keys());
    },
  };
}
