// What was told before, against what follows now: which findings are new, have changed, or were a mistake.

import type { Finding } from '../../schema/finding.ts';
import type { Description } from './detector.ts';
import { type RuleId, ruleCatalog } from './ruleCatalog.ts';

/** A finding as it follows from the rows that are held now. */
export interface Draft {
  readonly rule: RuleId;
  readonly unit: string;
  readonly openedMs: number;
  readonly closedMs?: number;
  /** What of it is worth telling again, as text; beside that it opens and closes. */
  readonly gist: string;
  /** Only asked for where something is told. */
  readonly describe: () => Description;
}

export interface Told {
  /**
   * What to tell now. What was told and does not follow any more is corrected, unless it closed before `settledMs`: rows that old
   * may be forgotten.
   */
  update(drafts: readonly Draft[], time: { readonly nowMs: number; readonly settledMs: number }): readonly Finding[];
  /** What these are about is no longer in the register: the next update closes those that are open and do not follow any more. */
  leave(isOf: (finding: Finding) => boolean): void;
  save(): SavedTold;
  restore(saved: SavedTold): void;
}

export type SavedTold = readonly (readonly [id: string, entry: Entry])[];

interface Entry {
  readonly gist: string;
  readonly finding: Finding;
  readonly hasLeft?: true;
}

/** Findings of rules that are off close at the next update. */
export function told(isOn: (rule: RuleId) => boolean = () => true): Told {
  let entries = new Map<string, Entry>();

  function first(id: string, draft: Draft, nowMs: number): Finding {
    const { rule, unit, openedMs, closedMs } = draft;
    return {
      id,
      rule,
      ruleVersion: ruleCatalog[rule].version,
      unit,
      openedMs,
      foundMs: nowMs,
      ...(closedMs === undefined ? {} : { closedMs }),
      state: closedMs === undefined ? 'open' : 'closed',
      revision: 0,
      candidates: [],
      ...draft.describe(),
    };
  }

  function again({ finding }: Entry, { closedMs, describe }: Draft): Finding {
    const { closedMs: _, closedBy: __, ...rest } = finding;
    return {
      ...rest,
      ...describe(),
      ...(closedMs === undefined ? {} : { closedMs }),
      state: closedMs === undefined ? 'open' : 'closed',
      revision: finding.revision + 1,
    };
  }

  const isSame = (entry: Entry, { gist, closedMs }: Draft) =>
    entry.gist === gist && entry.finding.closedMs === closedMs && entry.finding.state !== 'corrected';

  return {
    update(drafts, { nowMs, settledMs }) {
      const changed: Finding[] = [];
      const next = new Map<string, Entry>();
      for (const draft of drafts) {
        if (!isOn(draft.rule)) continue;
        const id = `${draft.rule}:${draft.unit}:${draft.openedMs}`;
        const entry = entries.get(id);
        if (entry !== undefined && isSame(entry, draft)) {
          next.set(id, entry);
          continue;
        }
        const finding = entry === undefined ? first(id, draft, nowMs) : again(entry, draft);
        next.set(id, { gist: draft.gist, finding });
        changed.push(finding);
      }
      for (const [id, entry] of entries) {
        if (next.has(id)) continue;
        const { finding } = entry;
        if (finding.closedMs !== undefined && finding.closedMs < settledMs) continue;
        if (finding.state === 'corrected') {
          next.set(id, entry);
          continue;
        }
        const closedBy = entry.hasLeft ? 'register' : isOn(finding.rule as RuleId) ? undefined : 'rule';
        if (closedBy !== undefined && finding.state === 'closed') continue;
        const why = closedBy === undefined ? ({ state: 'corrected' } as const) : ({ state: 'closed', closedBy } as const);
        const corrected: Finding = { ...finding, ...why, closedMs: finding.closedMs ?? nowMs, revision: finding.revision + 1 };
        next.set(id, { ...entry, finding: corrected });
        changed.push(corrected);
      }
      entries = next;
      return changed;
    },
    leave(isOf) {
      for (const [id, entry] of entries) if (isOf(entry.finding)) entries.set(id, { ...entry, hasLeft: true });
    },
    save: () => [...entries],
    restore(saved) {
      entries = new Map(saved);
    },
  };
}
