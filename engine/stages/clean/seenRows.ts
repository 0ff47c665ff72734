// Which (source, second) pairs have been seen in the last 48 hours: one bit each, in chunks of an hour.

const hourMs = 3_600_000;
const wordsPerHour = 113; // 3600 bits in 32-bit words
const hoursKept = 48;

interface SavedSeenRows {
  readonly newestMs: Float64Array;
  readonly newestHour: number;
  readonly hours: readonly (readonly [hour: number, bits: Uint32Array])[];
}

export interface SeenRows {
  /** True when this row was seen before; remembers it. Rows older than 48 h before the newest are never duplicates here. */
  seen(source: number, eventMs: number): boolean;
  save(): SavedSeenRows;
  restore(saved: SavedSeenRows): void;
}

/**
 * A row newer than everything seen from its source cannot be a duplicate, so several rows within one second
 * survive as long as they come in order.
 */
export function seenRows(): SeenRows {
  let newestMs: Float64Array = new Float64Array(0);
  let newestHour = Number.NEGATIVE_INFINITY;
  let hours = new Map<number, Uint32Array>();
  let lastHour = Number.NaN;
  let lastBits: Uint32Array = new Uint32Array(0);

  function grow(sources: number): void {
    const size = Math.max(64, 1 << (32 - Math.clz32(sources)));
    const grown = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    grown.set(newestMs);
    newestMs = grown;
  }

  function bitsOf(hour: number, source: number): Uint32Array {
    let bits: Uint32Array | undefined = hours.get(hour);
    const words = (source + 1) * wordsPerHour;
    if (bits === undefined || bits.length < words) {
      const larger = new Uint32Array(Math.max(words, newestMs.length * wordsPerHour));
      if (bits !== undefined) larger.set(bits);
      bits = larger;
      hours.set(hour, bits);
    }
    lastHour = hour;
    lastBits = bits;
    return bits;
  }

  function forget(): void {
    for (const hour of hours.keys()) if (hour < newestHour - hoursKept) hours.delete(hour);
  }

  return {
    seen(source, eventMs) {
      if (source >= newestMs.length) grow(source + 1);
      const hour = Math.floor(eventMs / hourMs);
      if (hour > newestHour) {
        newestHour = hour;
        forget();
      } else if (hour < newestHour - hoursKept) return false;
      const bits = hour === lastHour && lastBits.length >= (source + 1) * wordsPerHour ? lastBits : bitsOf(hour, source);
      const second = Math.floor((eventMs - hour * hourMs) / 1000);
      const word = source * wordsPerHour + (second >>> 5);
      const mask = 1 << (second & 31);
      if (eventMs > newestMs[source]) {
        newestMs[source] = eventMs;
        bits[word] |= mask;
        return false;
      }
      if ((bits[word] & mask) !== 0) return true;
      bits[word] |= mask;
      return false;
    },
    save: () => ({
      newestMs: newestMs.slice(),
      newestHour,
      hours: [...hours].map(([hour, bits]) => [hour, bits.slice()] as const),
    }),
    restore(saved) {
      newestMs = saved.newestMs.slice();
      newestHour = saved.newestHour;
      hours = new Map(saved.hours.map(([hour, bits]) => [hour, bits.slice()]));
      lastHour = Number.NaN;
    },
  };
}
