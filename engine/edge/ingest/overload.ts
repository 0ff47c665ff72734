// What happens when rows come faster than the machine can do: first feeds wait, then whole feeds of the lowest priority are shed.

export interface OverloadOptions {
  /** Feeds wait for us that long without a break before one is shed, and again before the next; 0 = never. */
  readonly shedAfterMs: number;
  /** Nobody waits that long before a shed feed is taken back. */
  readonly takeBackAfterMs: number;
}

export interface Candidate {
  readonly name: string;
  /** 0 is shed first, 9 last. */
  readonly priority: number;
  /** Sent since a feed was last shed or taken back. */
  readonly rows: number;
}

export interface Overload {
  /**
   * From time to time: whether a feed had to wait since the last call. Sheds the feed of the lowest priority, among
   * equals the one that sent most, but never the last; takes back in the reverse order. Returns what changed.
   */
  judge(nowMs: number, isHeldBack: boolean, feeds: readonly Candidate[]): { readonly shed?: string; readonly back?: string };
  isShed(feed: string): boolean;
  /** Names, the first shed first. */
  shed(): readonly string[];
}

export function overload({ shedAfterMs, takeBackAfterMs }: OverloadOptions): Overload {
  const shed: string[] = [];
  let wasHeldBack = false;
  let sinceMs = Number.NaN;

  function lowest(feeds: readonly Candidate[]): Candidate | undefined {
    const taken = feeds.filter(({ name }) => !shed.includes(name));
    if (new Set(taken.map(({ name }) => name)).size < 2) return undefined;
    return taken.reduce((worst, each) =>
      each.priority < worst.priority || (each.priority === worst.priority && each.rows > worst.rows) ? each : worst,
    );
  }

  return {
    judge(nowMs, isHeldBack, feeds) {
      if (isHeldBack !== wasHeldBack || Number.isNaN(sinceMs)) {
        wasHeldBack = isHeldBack;
        sinceMs = nowMs;
        return {};
      }
      if (isHeldBack && shedAfterMs > 0 && nowMs - sinceMs >= shedAfterMs) {
        sinceMs = nowMs;
        const next = lowest(feeds);
        if (next === undefined) return {};
        shed.push(next.name);
        return { shed: next.name };
      }
      if (!isHeldBack && shed.length > 0 && nowMs - sinceMs >= takeBackAfterMs) {
        sinceMs = nowMs;
        return { back: shed.pop() };
      }
      return {};
    },
    isShed: (feed) => shed.includes(feed),
    shed: () => [...shed],
  };
}
