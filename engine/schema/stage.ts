// The one shape of a pure step: a state machine that is given items in order and answers with items.

/** Typed arrays and plain data, so that saving is a copy. */
export type StageState = unknown;

export interface Stage<In, Out> {
  next(item: In): readonly Out[];
  /** The input has ended: everything that is still held comes out. */
  flush(): readonly Out[];
  save(): StageState;
  restore(state: StageState): void;
}
