// What is to be said about single points of a line: flags of the checks, and that a value was corrected.

import type { SeriesAnswer } from '../../engine/schema/live.ts';

export interface Note {
  readonly flags: readonly string[];
  readonly revision: number;
}

/** By start of the point; most points have none. */
export type Notes = ReadonlyMap<number, Note>;

export function notesOf({ startMs, revision, flags }: SeriesAnswer['series'][number]): Notes {
  const notes = new Map<number, Note>();
  startMs.forEach((ms, i) => {
    const note = { flags: flags[i] ?? [], revision: revision[i] ?? 0 };
    if (isWorthTelling(note)) notes.set(ms, note);
  });
  return notes;
}

/** Fog may last for nights: it is told, but not marked. */
export function isRemarkable(note: Note | undefined): boolean {
  return note !== undefined && (note.revision > 0 || note.flags.some((name) => name !== 'fog'));
}

export function isWorthTelling({ flags, revision }: Note): boolean {
  return flags.length > 0 || revision > 0;
}
