// What is told of a silence: where it is, whose sources are silent, how many of each kind.

import type { Evidence } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import type { Description } from './detector.ts';
import type { RuleId } from './ruleCatalog.ts';
import { type Member, regularKinds, sourceOf, type WatchedSources } from './silenceGroups.ts';

/** A finding names its sources one by one up to here, of more only the first. */
const namedMost = 500;

/** Something silent, until it has come back for some time. Plain data. */
export interface Silence {
  readonly rule: RuleId;
  readonly unit: string;
  readonly district: string;
  readonly sinceMs: number;
  /** Silent when it was found. */
  readonly members: readonly Member[];
  /** Since when its sources come again; null: they do not. */
  readonly backMs: number | null;
  readonly isOver: boolean;
}

/** The sources, and when each was last heard. */
interface Sources {
  readonly sources: WatchedSources;
  readonly seenOf: (member: Member) => number;
}

/** `judgedMs`: until when it is known to be so. */
export function describeSilence({ rule, district, members, sinceMs }: Silence, heard: Sources, judgedMs: number): Description {
  const first = sourceOf(heard.sources, members[0]);
  const { lon, lat, enterprise } = rule === 'silent-source' && first !== undefined ? first : ({} as Partial<Source>);
  const place = { district, ...(lon === undefined || lat === undefined ? {} : { lon, lat }) };
  return {
    severity: rule === 'silent-source' ? 'notice' : 'warning',
    place,
    ...(enterprise === undefined ? {} : { enterprise }),
    sources: namesOf(members, heard.sources),
    evidence: evidenceOf(members, { sinceMs, judgedMs }, heard),
    candidates: [],
  };
}

/** `all KIND` where a kind is silent as a whole, as everybody knows its sources. */
function namesOf(members: readonly Member[], sources: WatchedSources): readonly string[] {
  return regularKinds.flatMap((kind) => {
    const own = members.filter((member) => member.kind === kind);
    const all = sources.get(kind)?.filter(({ id }) => id !== '').length ?? 0; // without those that are gone
    if (own.length > 1 && own.length >= 0.8 * all) return [`all ${kind}`];
    return own.slice(0, namedMost).map((member) => sourceOf(sources, member)?.id ?? '');
  });
}

/** How many of each kind, and the one that was heard last. */
function evidenceOf(
  members: readonly Member[],
  { sinceMs, judgedMs }: { readonly sinceMs: number; readonly judgedMs: number },
  { sources, seenOf }: Sources,
): readonly Evidence[] {
  return regularKinds.flatMap((kind): Evidence[] => {
    const own = members.filter((member) => member.kind === kind);
    if (own.length === 0) return [];
    const last = own.reduce((a, b) => (seenOf(b) > seenOf(a) ? b : a));
    const source = sourceOf(sources, last)?.id ?? '';
    const span = { startMs: sinceMs, endMs: Math.max(judgedMs, sinceMs) };
    return [{ kind, source, metric: 'rows', ...span, value: own.length, unit: '1', says: 'silentSources' }];
  });
}
