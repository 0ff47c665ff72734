// Which (source, second) pairs have been seen, as far back as it is told to remember: a short list of seconds per source and hour, bits when it is full.

const hourMs = 3_600_000;
const wordsPerHour = 113; // 3600 bits in 32-bit words
/** A row a minute fits, with some again from a backlog; more than that become bits. */
const listMax = 64;
/** `counts` of a source whose seconds are bits. */
const isBits = 255;

/** One hour of all sources. */
interface Hour {
  /** Seconds in the source's list, or `isBits`. */
  counts: Uint8Array;
  /** `listMax` seconds of the hour per source. */
  lists: Uint16Array;
  /** Position in `bits` per source. */
  bitsAt: Uint32Array;
  bits: Uint32Array;
  bitsUsed: number;
}

interface SavedSeenRows {
  readonly newestMs: Float64Array;
  readonly hours: readonly (readonly [hour: number, seconds: Hour])[];
}

export interface SeenRows {
  /** True when this row was seen before; remembers it. */
  seen(source: number, eventMs: number): boolean;
  /** Hours before this one are forgotten; their rows must not be asked for any more. */
  forgetBefore(eventMs: number): void;
  save(): SavedSeenRows;
  restore(saved: SavedSeenRows): void;
}

/**
 * A row newer than everything seen from its source cannot be a duplicate, so several rows within one second
 * survive as long as they come in order.
 */
export function seenRows(): SeenRows {
  let newestMs: Float64Array = new Float64Array(0);
  let hours = new Map<number, Hour>();
  let lastHour = Number.NaN;
  let last: Hour = emptyHour(0);

  function grow(sources: number): void {
    const grown = new Float64Array(Math.max(64, sources, Math.ceil(newestMs.length * 1.25))).fill(Number.NEGATIVE_INFINITY);
    grown.set(newestMs);
    newestMs = grown;
  }

  function hourOf(index: number, source: number): Hour {
    let hour = hours.get(index);
    if (hour === undefined) {
      hour = emptyHour(newestMs.length);
      hours.set(index, hour);
    } else if (source >= hour.counts.length) {
      const { counts, lists, bitsAt } = hour;
      Object.assign(hour, emptyHour(newestMs.length), { bits: hour.bits, bitsUsed: hour.bitsUsed });
      hour.counts.set(counts);
      hour.lists.set(lists);
      hour.bitsAt.set(bitsAt);
    }
    lastHour = index;
    last = hour;
    return hour;
  }

  return {
    seen(source, eventMs) {
      if (source >= newestMs.length) grow(source + 1);
      const index = Math.floor(eventMs / hourMs);
      const hour = index === lastHour && source < last.counts.length ? last : hourOf(index, source);
      const second = Math.floor((eventMs - index * hourMs) / 1000);
      const isNewest = eventMs > newestMs[source];
      if (isNewest) newestMs[source] = eventMs;
      const isKnown = remember(hour, source, second, isNewest);
      return isKnown && !isNewest;
    },
    forgetBefore(eventMs) {
      for (const hour of hours.keys()) if (hour < eventMs / hourMs) hours.delete(hour);
      lastHour = Number.NaN;
    },
    save: () => ({
      newestMs: newestMs.slice(),
      hours: [...hours].map(([index, hour]) => [index, copy(hour)] as const),
    }),
    restore(saved) {
      newestMs = saved.newestMs.slice();
      hours = new Map(saved.hours.map(([index, hour]) => [index, copy(hour)]));
      lastHour = Number.NaN;
    },
  };
}

/** Whether the second was there. `isNewest`: it need not be looked for in the list. */
function remember(hour: Hour, source: number, second: number, isNewest: boolean): boolean {
  const count = hour.counts[source];
  if (count === isBits) return setBit(hour, source, second);
  const from = source * listMax;
  if (!isNewest) for (let i = from; i < from + count; i++) if (hour.lists[i] === second) return true;
  if (count < listMax) {
    hour.lists[from + count] = second;
    hour.counts[source] = count + 1;
    return false;
  }
  toBits(hour, source);
  return setBit(hour, source, second);
}

function setBit(hour: Hour, source: number, second: number): boolean {
  const word = hour.bitsAt[source] + (second >>> 5);
  const mask = 1 << (second & 31);
  const isKnown = (hour.bits[word] & mask) !== 0;
  hour.bits[word] |= mask;
  return isKnown;
}

function toBits(hour: Hour, source: number): void {
  if (hour.bitsUsed + wordsPerHour > hour.bits.length) {
    const larger = new Uint32Array(
      Math.max(64 * wordsPerHour, Math.min(hour.bits.length * 2, hour.counts.length * wordsPerHour)),
    );
    larger.set(hour.bits);
    hour.bits = larger;
  }
  hour.counts[source] = isBits;
  hour.bitsAt[source] = hour.bitsUsed;
  hour.bitsUsed += wordsPerHour;
  for (let i = source * listMax; i < (source + 1) * listMax; i++) setBit(hour, source, hour.lists[i]);
}

function emptyHour(sources: number): Hour {
  return {
    counts: new Uint8Array(sources),
    lists: new Uint16Array(sources * listMax),
    bitsAt: new Uint32Array(sources),
    bits: new Uint32Array(0),
    bitsUsed: 0,
  };
}

function copy({ counts, lists, bitsAt, bits, bitsUsed }: Hour): Hour {
  return {
    counts: counts.slice(),
    lists: lists.slice(),
    bitsAt: bitsAt.slice(),
    bits: bits.slice(0, bitsUsed),
    bitsUsed,
  };
}
