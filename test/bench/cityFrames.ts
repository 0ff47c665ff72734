// Rounds of the whole measuring city as frames: every source of air, cems, voc, dust and power once a second.

import { catalog, type Kind } from '../../engine/schema/catalog.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { makeRegister } from '../../simulator/world/city.ts';
import { uniform } from '../../simulator/world/random.ts';

const measured: readonly Kind[] = ['air', 'cems', 'voc', 'dust', 'power'];
const register = makeRegister(1);

/** Frames of one round; `rowsPerFrame` cuts each kind. Values stay within the valid range. */
export function cityRoundFrames(rowsPerFrame: number): Frame[] {
  return measured.flatMap((kind) => {
    const ids = register.sources.filter((source) => source.kind === kind).map((source) => source.id);
    return Array.from({ length: Math.ceil(ids.length / rowsPerFrame) }, (_, part) => {
      const sources = ids.slice(part * rowsPerFrame, (part + 1) * rowsPerFrame);
      const values = catalog[kind].metrics.map(({ id, min, max }, m) => {
        const low = Math.max(min, 0);
        const high = Math.min(max, low + 120);
        return [id, Float32Array.from(sources, (_name, i) => low + (high - low) * uniform(part, m, i))] as const;
      });
      return {
        kind,
        rows: sources.length,
        periodMs: 0,
        sources,
        source: Uint16Array.from(sources, (_name, i) => i),
        time: new Float64Array(sources.length),
        values: Object.fromEntries(values),
      };
    });
  });
}

export function valuesOf(frames: readonly Frame[]): number {
  return frames.reduce((sum, frame) => sum + frame.rows * Object.keys(frame.values).length, 0);
}
