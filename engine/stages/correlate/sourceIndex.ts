// Names and numbers of the sources of one kind, as the flow makes them known.

import type { Kind } from '../../schema/catalog.ts';
import type { Source } from '../../schema/register.ts';

export interface SourceIndex {
  set(kind: Kind, first: number, sources: readonly Source[]): void;
  /** -1: not known. */
  index(id: string): number;
  /** '': not known. */
  id(index: number): string;
  readonly all: readonly Source[];
}

/** Sources of other kinds are passed over. */
export function sourceIndex(own: Kind): SourceIndex {
  const all: Source[] = [];
  const byId = new Map<string, number>();
  return {
    set(kind, first, sources) {
      if (kind !== own) return;
      sources.forEach((source, i) => {
        all[first + i] = source;
        byId.set(source.id, first + i);
      });
    },
    index: (id) => byId.get(id) ?? -1,
    id: (index) => all[index]?.id ?? '',
    all,
  };
}
