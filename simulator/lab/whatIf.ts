// What other rules would have found in the same data: findings that come, go, and are at other times.

import type { Finding } from '../../engine/schema/finding.ts';

export interface Change {
  readonly change: 'comes' | 'goes' | 'moves' | 'same';
  readonly rule: string;
  readonly unit: string;
  readonly before?: Finding;
  readonly after?: Finding;
}

/**
 * Of equal rule and unit, findings that share time are one; of several the nearest by opening. A finding moves when it opens, is
 * found, or closes at another time, or ends in another state. By (opening, rule, unit).
 */
export function changesOf(before: readonly Finding[], after: readonly Finding[]): readonly Change[] {
  const olds = grouped(before);
  const news = grouped(after);
  const changes = [...new Set([...olds.keys(), ...news.keys()])].flatMap((key) =>
    changesOfUnit(olds.get(key) ?? [], news.get(key) ?? []),
  );
  return changes.sort((a, b) => openedOf(a) - openedOf(b) || byText(a.rule, b.rule) || byText(a.unit, b.unit));
}

const openedOf = ({ before, after }: Change) => (before ?? after)?.openedMs ?? 0;

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function grouped(findings: readonly Finding[]): Map<string, Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.unit}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return groups;
}

function changesOfUnit(olds: readonly Finding[], news: readonly Finding[]): readonly Change[] {
  const pairs = olds
    .flatMap((before) => news.filter((after) => shareTime(before, after)).map((after) => ({ before, after })))
    .sort((a, b) => apart(a) - apart(b) || byText(a.before.id, b.before.id) || byText(a.after.id, b.after.id));
  const taken = new Set<Finding>();
  const joined: Change[] = [];
  for (const { before, after } of pairs) {
    if (taken.has(before) || taken.has(after)) continue;
    taken.add(before).add(after);
    joined.push({ change: isSame(before, after) ? 'same' : 'moves', rule: before.rule, unit: before.unit, before, after });
  }
  const rest = (findings: readonly Finding[]) => findings.filter((finding) => !taken.has(finding));
  return [
    ...joined,
    ...rest(olds).map((before): Change => ({ change: 'goes', rule: before.rule, unit: before.unit, before })),
    ...rest(news).map((after): Change => ({ change: 'comes', rule: after.rule, unit: after.unit, after })),
  ];
}

const apart = ({ before, after }: { readonly before: Finding; readonly after: Finding }) =>
  Math.abs(before.openedMs - after.openedMs);
const endOf = ({ closedMs }: Finding) => closedMs ?? Number.POSITIVE_INFINITY;

function shareTime(a: Finding, b: Finding): boolean {
  return a.id === b.id || (a.openedMs < endOf(b) && b.openedMs < endOf(a));
}

function isSame(a: Finding, b: Finding): boolean {
  return a.openedMs === b.openedMs && a.foundMs === b.foundMs && a.closedMs === b.closedMs && a.state === b.state;
}
