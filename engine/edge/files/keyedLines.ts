// Lines of a file that are held until their hour is final: the last line of each key counts, and they leave sorted.

/** Lines by hour and key; final hours are written out in order. */
export interface Keyed {
  put(startMs: number, key: string, line: string): void;
  /** One that is held nowhere is none. */
  drop(startMs: number, key: string): void;
  takeBefore(startMs: number): string[];
  /** A copy of what is held, an hour at a time. */
  save(): Generator<KeyedHour>;
}

export interface KeyedHour {
  readonly startMs: number;
  readonly lines: ReadonlyMap<string, string>;
}

export function keyed(saved: readonly KeyedHour[]): Keyed {
  const hours = new Map<number, Map<string, string>>(saved.map(({ startMs, lines }) => [startMs, new Map(lines)]));
  return {
    *save() {
      for (const [startMs, lines] of hours) yield { startMs, lines: new Map(lines) };
    },
    put(startMs, key, line) {
      let lines = hours.get(startMs);
      if (lines === undefined) {
        lines = new Map();
        hours.set(startMs, lines);
      }
      lines.set(key, line);
    },
    drop(startMs, key) {
      hours.get(startMs)?.delete(key);
    },
    takeBefore(startMs) {
      const due = [...hours.keys()].filter((hour) => hour < startMs).sort((a, b) => a - b);
      return due.flatMap((hour) => {
        const lines = hours.get(hour) as Map<string, string>;
        hours.delete(hour);
        return [...lines.keys()].sort(byText).map((key) => lines.get(key) as string);
      });
    },
  };
}

/** By code units: the same everywhere. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
