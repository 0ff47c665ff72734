// The findings of a run, the last revision of each, without files.

import type { LiveEdge } from '../../engine/run.ts';
import type { Finding } from '../../engine/schema/finding.ts';

export interface FindingKeeper {
  /** For the run's option `live`. */
  readonly live: () => LiveEdge;
  /** By (openedMs, id), as in `findings.ndjson`. */
  all(): readonly Finding[];
}

export function findingKeeper(): FindingKeeper {
  const byId = new Map<string, Finding>();
  return {
    live: () => ({
      publish({ findings }) {
        for (const finding of findings) byId.set(finding.id, finding);
      },
      save: () => [...byId],
      restore(saved) {
        for (const [id, finding] of (saved ?? []) as readonly (readonly [string, Finding])[]) byId.set(id, finding);
      },
    }),
    all: () => [...byId.values()].sort((a, b) => a.openedMs - b.openedMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
  };
}
