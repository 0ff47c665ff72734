// Which event ids of a kind have been seen, as far back as it is told to remember.

const hourMs = 3_600_000;

type SavedSeenIds = readonly (readonly [hour: number, keys: readonly string[]])[];

export interface SeenIds {
  /** True when the key was seen before; remembers it. */
  seen(key: string, eventMs: number): boolean;
  /** Hours before this one are forgotten. */
  forgetBefore(eventMs: number): void;
  save(): SavedSeenIds;
  restore(saved: SavedSeenIds): void;
}

export function seenIds(): SeenIds {
  let hours = new Map<number, Set<string>>();

  return {
    seen(key, eventMs) {
      const hour = Math.floor(eventMs / hourMs);
      for (const keys of hours.values()) if (keys.has(key)) return true;
      const keys = hours.get(hour);
      if (keys === undefined) hours.set(hour, new Set([key]));
      else keys.add(key);
      return false;
    },
    forgetBefore(eventMs) {
      for (const hour of hours.keys()) if (hour < eventMs / hourMs) hours.delete(hour);
    },
    save: () => [...hours].map(([hour, keys]) => [hour, [...keys]] as const),
    restore(saved) {
      hours = new Map(saved.map(([hour, keys]) => [hour, new Set(keys)]));
    },
  };
}
