// Gathers what the stages made into what edges are given: rows as soon as they are decided, windows and places at the tick.

import type { EngineItem } from '../schema/flow.ts';
import type { Stage } from '../schema/stage.ts';
import type { PlaceBatch, WindowBatch } from '../schema/window.ts';
import type { Output } from './ports.ts';

export function outputStage(): Stage<EngineItem, Output> {
  let windows: WindowBatch[] = [];
  let places: PlaceBatch[] = [];
  let seq = 0;

  function take(nowMs: number | null, aheadMs?: number): Output[] {
    seq += 1;
    const output = { rows: [], windows, places, nowMs, ...(aheadMs === undefined ? {} : { aheadMs }), seq };
    windows = [];
    places = [];
    return [output];
  }

  return {
    next(item) {
      switch (item.type) {
        case 'rows':
          seq += 1;
          return [{ rows: [item.batch], windows: [], places: [], nowMs: null, seq }];
        case 'windows':
          windows.push(item);
          return [];
        case 'places':
          places.push(item);
          return [];
        case 'tick':
          return take(item.nowMs, item.aheadMs);
        case 'command':
          return [];
      }
    },
    flush: () => take(null),
    save: () => ({ windows, places, seq }),
    restore(state) {
      ({ windows, places, seq } = state as { windows: WindowBatch[]; places: PlaceBatch[]; seq: number });
    },
  };
}
