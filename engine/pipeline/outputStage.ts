// Gathers what the stages made into what edges are given: rows as soon as they are decided, windows and places at the tick.

import type { EngineItem } from '../schema/flow.ts';
import type { Stage } from '../schema/stage.ts';
import type { PlaceBatch, WindowBatch } from '../schema/window.ts';
import type { Output } from './ports.ts';

export function outputStage(): Stage<EngineItem, Output> {
  let windows: WindowBatch[] = [];
  let places: PlaceBatch[] = [];

  function take(nowMs: number | null): Output[] {
    const output = { rows: [], windows, places, nowMs };
    windows = [];
    places = [];
    return [output];
  }

  return {
    next(item) {
      switch (item.type) {
        case 'rows':
          return [{ rows: [item.batch], windows: [], places: [], nowMs: null }];
        case 'windows':
          windows.push(item);
          return [];
        case 'places':
          places.push(item);
          return [];
        case 'tick':
          return take(item.nowMs);
        case 'command':
          return [];
      }
    },
    flush: () => take(null),
    save: () => ({ windows, places }),
    restore(state) {
      ({ windows, places } = state as { windows: WindowBatch[]; places: PlaceBatch[] });
    },
  };
}
