// The windows of one kind and one size: for each window that is still alive, the cells of all sources.

import { cellFields } from './cell.ts';

/** State of one source in one window. */
export const PaneState = { empty: 0, open: 1, closed: 2 } as const;

/** One window of all sources. `index` = floor(startMs / sizeMs). */
export interface Pane {
  readonly index: number;
  cells: Float64Array;
  /** Flag masks, one per source and metric. */
  flags: Uint16Array;
  state: Uint8Array;
  /** Times the window went out, per source. */
  emissions: Uint16Array;
  /** 1 = changed since it last went out. */
  dirty: Uint8Array;
  openCount: number;
  dirtyCount: number;
}

export interface SavedPanes {
  readonly panes: readonly Pane[];
}

export interface Panes {
  readonly sizeMs: number;
  /** The window that contains `index`, made if needed, with room for `source`. */
  at(index: number, source: number): Pane;
  find(index: number): Pane | undefined;
  /** Alive windows, oldest first. */
  sorted(): readonly Pane[];
  drop(index: number): void;
  save(): SavedPanes;
  restore(saved: SavedPanes): void;
}

/** `capacity` is how many sources there are room for now; a window made for fewer grows when it must. */
export function panesOf(sizeMs: number, metrics: number, capacity: () => number): Panes {
  const alive = new Map<number, Pane>();
  let last: Pane | undefined;

  function grow(pane: Pane, sources: number): void {
    const cells = new Float64Array(sources * metrics * cellFields);
    cells.set(pane.cells);
    const flags = new Uint16Array(sources * metrics);
    flags.set(pane.flags);
    const state = new Uint8Array(sources);
    state.set(pane.state);
    const emissions = new Uint16Array(sources);
    emissions.set(pane.emissions);
    const dirty = new Uint8Array(sources);
    dirty.set(pane.dirty);
    Object.assign(pane, { cells, flags, state, emissions, dirty });
  }

  function make(index: number): Pane {
    const pane: Pane = {
      index,
      cells: new Float64Array(0),
      flags: new Uint16Array(0),
      state: new Uint8Array(0),
      emissions: new Uint16Array(0),
      dirty: new Uint8Array(0),
      openCount: 0,
      dirtyCount: 0,
    };
    alive.set(index, pane);
    return pane;
  }

  return {
    sizeMs,
    at(index, source) {
      const pane = last !== undefined && last.index === index ? last : (alive.get(index) ?? make(index));
      if (source >= pane.state.length) grow(pane, Math.max(source + 1, capacity()));
      last = pane;
      return pane;
    },
    find: (index) => alive.get(index),
    sorted: () => [...alive.values()].sort((a, b) => a.index - b.index),
    drop(index) {
      alive.delete(index);
      if (last?.index === index) last = undefined;
    },
    save: () => ({ panes: [...alive.values()].map(copy) }),
    restore(saved) {
      alive.clear();
      last = undefined;
      for (const pane of saved.panes) alive.set(pane.index, copy(pane));
    },
  };
}

function copy(pane: Pane): Pane {
  return {
    ...pane,
    cells: pane.cells.slice(),
    flags: pane.flags.slice(),
    state: pane.state.slice(),
    emissions: pane.emissions.slice(),
    dirty: pane.dirty.slice(),
  };
}

export function markDirty(pane: Pane, source: number): void {
  if (pane.dirty[source] === 0) {
    pane.dirty[source] = 1;
    pane.dirtyCount += 1;
  }
}
