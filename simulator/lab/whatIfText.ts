// What-if changes, and two scores side by side, for people.

import type { Finding } from '../../engine/schema/finding.ts';
import { ruleIds, ruleSpec } from '../../engine/stages/correlate/ruleCatalog.ts';
import { shortTime } from './episodeText.ts';
import type { Score, Share } from './score/tally.ts';
import { textTable } from './textTable.ts';
import type { Change } from './whatIf.ts';

/** Lines of a list; the rest is counted. */
const shownMost = 40;

export function changesText(changes: readonly Change[], isAll: boolean): string {
  const known: readonly string[] = ruleIds;
  const rules = [...new Set(changes.map(({ rule }) => rule))].sort((a, b) => known.indexOf(a) - known.indexOf(b));
  const count = (some: readonly Change[], change: Change['change']) => some.filter((each) => each.change === change).length;
  const row = (name: string, zh: string, some: readonly Change[]) => [
    name,
    zh,
    String(some.filter(({ before }) => before !== undefined).length),
    String(some.filter(({ after }) => after !== undefined).length),
    ...(['comes', 'goes', 'moves', 'same'] as const).map((change) => String(count(some, change))),
  ];
  const others = changes.filter(({ change }) => change !== 'same');
  const listed = isAll ? others : others.slice(0, shownMost);
  return [
    ...textTable(
      [
        ['Findings', '', 'before', 'after', 'come', 'go', 'move', 'same'],
        ...rules.map((rule) =>
          row(
            `  ${rule}`,
            ruleSpec(rule)?.zh ?? '',
            changes.filter((each) => each.rule === rule),
          ),
        ),
        row('  all', '', changes),
      ],
      2,
    ),
    '',
    ...(others.length === 0
      ? ['Nothing changes.']
      : textTable(
          [
            ['Change', 'rule', 'unit', 'before', 'after'],
            ...listed.map(({ change, rule, unit, before, after }) => [change, rule, unit, timesText(before), timesText(after)]),
          ],
          5,
        )),
    ...(listed.length < others.length ? [`… and ${others.length - listed.length} more (--all, --out DIR)`] : []),
    '',
  ].join('\n');
}

function timesText(finding: Finding | undefined): string {
  if (finding === undefined) return '-';
  const { openedMs, foundMs, closedMs, state } = finding;
  const end = closedMs === undefined ? 'open' : `to ${shortTime(closedMs)}`;
  return `${shortTime(openedMs)} (found ${shortTime(foundMs).slice(6)}) ${end}${state === 'corrected' ? ', corrected' : ''}`;
}

export function scoresText(before: Score, after: Score): string {
  const row = (name: string, value: (score: Score) => Share, digits = 3) => {
    const text = (share: Share) => (share === null ? '-' : share.toFixed(digits));
    return [`  ${name}`, text(value(before)), text(value(after))];
  };
  return [
    ...textTable([
      ['Score', 'before', 'after'],
      row('recall, detectable on any channel', ({ overall }) => overall.detectable.recall),
      row('recall, detectable at air stations', ({ overall }) => overall.air.recall),
      row('recall, all', ({ overall }) => overall.all.recall),
      row('precision', ({ overall }) => overall.precision.precision),
      row('false alarms a day', ({ overall }) => overall.precision.falsePerDay, 1),
      row('delay, median, min', ({ overall }) => overall.delay.medianMin, 1),
      row('delay, p90, min', ({ overall }) => overall.delay.p90Min, 1),
      row('attribution by air, top 1', ({ overall }) => overall.airAttribution.top1),
      row('attribution by air, top 3', ({ overall }) => overall.airAttribution.top3),
      row('faults: recall', ({ faults }) => faults.all.recall),
      row('faults: precision', ({ faults }) => faults.precision.precision),
    ]),
    '',
  ].join('\n');
}
