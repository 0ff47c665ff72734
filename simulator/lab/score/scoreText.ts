// A score as tables for people.

import { ruleSpec } from '../../../engine/stages/correlate/ruleCatalog.ts';
import { incidentNames, shortTime } from '../episodeText.ts';
import { textTable } from '../textTable.ts';
import type { Interval, Intervals } from './bootstrap.ts';
import type { RunScore } from './scoreRun.ts';
import type { Attribution, Delay, Recall, Score, Share } from './tally.ts';

/** Causes by kind, as people call them. */
const kindNames: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(incidentNames).map(([kind, { zh }]) => [kind, zh])),
  night_production: '夜间违规生产',
  control_off: '治理设施停运',
  meter_bypass: '绕表用电',
  idle_fan: '治理设施空转',
  stuck: '恒值',
  drift: '漂移',
  step: '跳变',
  spike: '尖峰',
  dropout: '缺数',
  saturate: '饱和',
  cross_interference: '交叉干扰',
  rh_runaway: '高湿失真',
  tamper: '人为干扰',
  swap: '设备更换',
  outage: '断网',
  disconnect: '断线',
  delay: '延迟',
  burst: '集中补传',
  late: '迟到',
  reorder: '乱序',
  duplicate: '重复',
  false_alarm: '误报',
  clock_skew: '时钟偏差',
  clock_jump: '时钟跳变',
  clock_zone: '时区错误',
};

const shareText = (value: Share) => (value === null ? '-' : value.toFixed(3));
const minutesText = (value: Share) => (value === null ? '-' : value.toFixed(1));
const ofText = ({ hit, events, recall }: Recall) => (events === 0 ? '-' : `${shareText(recall)} (${hit}/${events})`);
const delayTexts = ({ medianMin, p90Min }: Delay) => [minutesText(medianMin), minutesText(p90Min)];
const rankTexts = ({ count, top1, top3 }: Attribution) => [shareText(top1), shareText(top3), String(count)];

/** `intervals` of several runs. */
export function scoreText(score: Score, intervals?: Intervals): string {
  const { runs, days, overall, faults, early, unjudged } = score;
  const delay = (of: Delay) => delayTexts(of).join(' and ');
  const between = (of: Interval | undefined) => (of === undefined ? '' : `95 % ${of.map((end) => end.toFixed(3)).join('–')}`);
  const left = [
    ...(early > 0 ? [`${early} findings of the warm-up`] : []),
    ...(unjudged > 0 ? [`${unjudged} findings of rules that the answer key knows nothing of`] : []),
  ];
  return [
    `${runs} ${runs === 1 ? 'run' : 'runs'}, ${days.toFixed(2)} days${left.length > 0 ? `; not judged: ${left.join(', ')}` : ''}`,
    '',
    'Emissions (incidents and cheats)',
    ...textTable(
      [
        ['  recall, detectable on any channel', ofText(overall.detectable), between(intervals?.detectable)],
        ['  recall, detectable at air stations', ofText(overall.air), between(intervals?.air)],
        ['  recall, all', ofText(overall.all), between(intervals?.all)],
        ['  precision', precisionText(overall.precision), between(intervals?.precision)],
        ['  false alarms a day', minutesText(overall.precision.falsePerDay), between(intervals?.falsePerDay)],
        ['  delay, median and p90, min', delay(overall.delay), ''],
        ['  of treatment rules', delay(overall.treatmentDelay), ''],
        ['  of all others', delay(overall.otherDelay), ''],
        ['  attribution by air: top 1, top 3, of', rankTexts(overall.airAttribution).join(', '), between(intervals?.top1)],
      ],
      2,
    ),
    '',
    'Faults of sensors, networks and clocks',
    ...textTable(
      [
        ['  recall', ofText(faults.all)],
        ['  precision', precisionText(faults.precision)],
        ['  false alarms a day', minutesText(faults.precision.falsePerDay)],
      ],
      2,
    ),
    '',
    ...byRule(score),
    '',
    ...byClass(score),
    '',
    ...byChannel(score),
    '',
  ].join('\n');
}

/** One run's false findings, and the detectable causes that nothing found, a line each. */
export function listText({ judged, events }: RunScore): string {
  const time = (ms: number | null) => (ms === null ? '…' : shortTime(ms));
  const wrong = judged.filter(({ isTrue }) => !isTrue).map(({ finding }) => finding);
  const missed = events.filter(({ hit, detectableMs }) => hit === undefined && detectableMs !== undefined);
  return [
    `False findings (${wrong.length})`,
    ...textTable(
      [
        ['  rule', 'unit', 'opened', 'found', 'closed', 'state'],
        ...wrong.map(({ rule, unit, openedMs, foundMs, closedMs, state }) => [
          `  ${rule}`,
          unit,
          time(openedMs),
          time(foundMs),
          time(closedMs ?? null),
          state,
        ]),
      ],
      6,
    ),
    '',
    `Missed, though detectable (${missed.length})`,
    ...textTable(
      [
        ['  cause', 'id', 'where', 'from', 'to', 'detectable'],
        ...missed.map(({ record }) => [
          `  ${record.class} ${record.kind}`,
          record.id,
          record.enterprise === undefined ? (record.site ?? record.field ?? '') : `${record.enterprise}/${record.process ?? ''}`,
          time(record.fromMs),
          time(record.toMs),
          Object.entries(record.channels ?? {})
            .flatMap(([channel, { detectableFromMs }]) =>
              detectableFromMs === null ? [] : [`${channel} ${time(detectableFromMs)}`],
            )
            .join(', '),
        ]),
      ],
      6,
    ),
    '',
  ].join('\n');
}

function precisionText({ findings, false: wrong, precision }: Score['overall']['precision']): string {
  return findings === 0 ? '- (no findings)' : `${shareText(precision)} (${wrong} of ${findings} false)`;
}

function byRule({ rules }: Score): readonly string[] {
  return textTable(
    [
      ['By rule', '', 'findings', 'false', 'precision', 'false/d', 'causes', 'median min', 'p90', 'top 1', 'top 3'],
      ...rules.map(({ rule, findings, false: wrong, precision, falsePerDay, hits, delay, attribution }) => [
        `  ${rule}`,
        ruleSpec(rule)?.zh ?? '',
        String(findings),
        String(wrong),
        shareText(precision),
        shareText(falsePerDay),
        String(hits),
        ...delayTexts(delay),
        shareText(attribution.top1),
        shareText(attribution.top3),
      ]),
    ],
    2,
  );
}

function byClass({ classes }: Score): readonly string[] {
  return textTable(
    [
      ['By class', '', 'recall detectable', 'air', 'all', 'median min', 'p90'],
      ...classes.map(({ class: of, kind, detectable, air, all, delay }) => [
        `  ${of} ${kind}`,
        kindNames[kind] ?? '',
        ofText(detectable),
        ofText(air),
        ofText(all),
        ...delayTexts(delay),
      ]),
    ],
    2,
  );
}

function byChannel({ channels }: Score): readonly string[] {
  return textTable([
    ['By channel', 'found by any', 'by its own', 'median min', 'p90', 'findings', 'false', 'precision'],
    ...channels.map(({ channel, any, own, delay, findings, false: wrong, precision }) => [
      `  ${channel}`,
      ofText(any),
      ofText(own),
      ...delayTexts(delay),
      String(findings),
      String(wrong),
      shareText(precision),
    ]),
  ]);
}
