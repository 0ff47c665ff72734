// Chance by counting: value = f(seed, stream, tick). No state, so speed and order of calls change nothing.

/** A 32-bit hash of a text (FNV-1a), to name streams. */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Mixes 32 bits (murmur3 finalizer). */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Uniform in (0, 1), 32 bits. `tick` is a whole number of any sign below 2^53. */
export function uniform(seed: number, stream: number, tick: number): number {
  const low = tick | 0;
  const high = Math.floor(tick / 4294967296) | 0;
  const h = mix(mix(mix(seed ^ stream) ^ low) ^ Math.imul(high, 0x9e3779b1) ^ stream);
  return (h + 0.5) / 4294967296;
}

/** Standard normal: the sum of four uniforms, scaled; bounded at 3.46, cheap, no logarithm. */
export function normal(seed: number, stream: number, tick: number): number {
  const at = tick * 4;
  const sum =
    uniform(seed, stream, at) + uniform(seed, stream, at + 1) + uniform(seed, stream, at + 2) + uniform(seed, stream, at + 3);
  return (sum - 2) * 1.7320508075688772;
}

/** Smooth noise over time: knots every `everyMs`, cosine between them; about standard normal at the knots. */
export function smooth(seed: number, stream: number, eventMs: number, everyMs: number): number {
  const knot = Math.floor(eventMs / everyMs);
  const share = eventMs / everyMs - knot;
  const weight = (1 - Math.cos(Math.PI * share)) / 2;
  return normal(seed, stream, knot) * (1 - weight) + normal(seed, stream, knot + 1) * weight;
}
