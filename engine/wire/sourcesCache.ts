// Lists of sources that a feed repeats byte for byte, found again without decoding them.

/** How many bytes tell most lists apart. */
const keyBytes = 40;
/** Lists with the same beginning that are kept. */
const candidatesMax = 4;

interface Entry {
  readonly bytes: Buffer;
  readonly sources: readonly string[];
}

export interface SourcesCache {
  /** The list whose bytes stand at `from`, and how many they are. */
  find(frame: Uint8Array, from: number): { readonly sources: readonly string[]; readonly length: number } | undefined;
  put(bytes: Uint8Array, sources: readonly string[]): void;
}

/** Forgets everything when it holds more than `bytesMax`: a feed that never repeats itself gains nothing from it. */
export function sourcesCache(bytesMax: number): SourcesCache {
  let entries = new Map<string, Entry[]>();
  let held = 0;

  const keyOf = (frame: Uint8Array, from: number) =>
    Buffer.from(frame.buffer, frame.byteOffset + from, Math.min(keyBytes, frame.length - from)).toString('latin1');

  return {
    find(frame, from) {
      for (const { bytes, sources } of entries.get(keyOf(frame, from)) ?? []) {
        if (bytes.length <= frame.length - from && bytes.compare(frame, from, from + bytes.length) === 0) {
          return { sources, length: bytes.length };
        }
      }
      return undefined;
    },
    put(list, sources) {
      // A shorter list than the key would be followed by other bytes next time.
      if (list.length < keyBytes) return;
      if (held + list.length > bytesMax) {
        entries = new Map();
        held = 0;
      }
      const bytes = Buffer.from(list);
      const key = keyOf(bytes, 0);
      const same = entries.get(key) ?? [];
      if (same.length >= candidatesMax) held -= (same.pop() as Entry).bytes.length;
      same.unshift({ bytes, sources });
      entries.set(key, same);
      held += bytes.length;
    },
  };
}
