// Fires that the camera rules have told, for rules that ask what burns where.

import type { Finding } from '../../schema/finding.ts';
import type { Fire } from './attribution.ts';

export interface KnownFires {
  take(findings: readonly Finding[], nowMs: number): void;
  /** By id. */
  readonly all: readonly Fire[];
  save(): readonly Fire[];
  restore(saved: readonly Fire[]): void;
}

/** Smoke drifts for hours after a fire is out; then it is nobody's any more [ours]. */
const keepMs = 4 * 3_600_000;

export function knownFires(rule: string): KnownFires {
  let all: readonly Fire[] = [];
  return {
    take(findings, nowMs) {
      const changed = findings.filter((finding) => finding.rule === rule);
      const others = all.filter(({ id, toMs }) => toMs > nowMs - keepMs && !changed.some((finding) => finding.unit === id));
      if (changed.length === 0 && others.length === all.length) return;
      const burning = changed.flatMap(({ unit: id, state, place: { lon, lat }, openedMs: fromMs, closedMs }): readonly Fire[] =>
        state === 'corrected' || lon === undefined || lat === undefined
          ? []
          : [{ id, lon, lat, fromMs, toMs: closedMs ?? Number.MAX_SAFE_INTEGER }],
      );
      all = [...others, ...burning].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    get all() {
      return all;
    },
    save: () => all,
    restore(saved) {
      all = saved;
    },
  };
}
