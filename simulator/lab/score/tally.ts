// Scores of one run or of several together: counts and figures, overall, by class, by channel and by rule.

import type { Finding } from '../../../engine/schema/finding.ts';
import { type Channel, channels } from '../../world/truth/record.ts';
import { quantileOf, sorted } from '../statistics/numbers.ts';
import type { Event, Judged, RunScore } from './scoreRun.ts';

/** Null where there is nothing to divide by. */
export type Share = number | null;

export interface Recall {
  readonly events: number;
  readonly hit: number;
  readonly recall: Share;
}

export interface Precision {
  readonly findings: number;
  readonly false: number;
  readonly precision: Share;
  readonly falsePerDay: Share;
}

/** In event time, minutes. */
export interface Delay {
  readonly medianMin: Share;
  readonly p90Min: Share;
  readonly count: number;
}

export interface Attribution {
  readonly count: number;
  readonly top1: Share;
  readonly top3: Share;
}

export interface ClassRow {
  readonly class: string;
  readonly kind: string;
  readonly all: Recall;
  readonly detectable: Recall;
  readonly air: Recall;
  readonly delay: Delay;
}

export interface ChannelRow extends Precision {
  readonly channel: Channel;
  /** Of what the channel can show: found by anything, and by findings of this channel. */
  readonly any: Recall;
  readonly own: Recall;
  readonly delay: Delay;
}

export interface RuleRow extends Precision {
  readonly rule: string;
  /** Events that it names in time. */
  readonly hits: number;
  readonly delay: Delay;
  readonly attribution: Attribution;
}

export interface Overall {
  readonly all: Recall;
  readonly detectable: Recall;
  readonly air: Recall;
  readonly precision: Precision;
  readonly delay: Delay;
  /** Of what rules about treatment devices hit, and of all else. */
  readonly treatmentDelay: Delay;
  readonly otherDelay: Delay;
  /** Of air-detectable events that a station has a finding about. */
  readonly airAttribution: Attribution;
}

export interface Score {
  readonly runs: number;
  readonly days: number;
  /** Emissions: incidents and cheats, and rules that do not find faults alone. */
  readonly overall: Overall;
  readonly faults: { readonly all: Recall; readonly precision: Precision };
  readonly classes: readonly ClassRow[];
  readonly channels: readonly ChannelRow[];
  readonly rules: readonly RuleRow[];
  readonly early: number;
  readonly unjudged: number;
}

const minuteMs = 60_000;

/** `findsFaults`: of a rule. */
export function tally(runs: readonly RunScore[], findsFaults: (rule: string) => boolean): Score {
  const days = daysOf(runs);
  const events = runs.flatMap((run) => run.events);
  const emissions = events.filter((event) => !event.isFault);
  const judged = runs.flatMap((run) => run.judged);
  const precision = (some: readonly Judged[]) => precisionOf(some, days);
  return {
    runs: runs.length,
    days,
    overall: overallOf(runs, findsFaults),
    faults: {
      all: recallOf(events.filter((event) => event.isFault)),
      precision: precision(judged.filter(({ finding }) => findsFaults(finding.rule))),
    },
    classes: classRows(events),
    channels: channels.flatMap((channel) => channelRow(channel, emissions, judged, precision)),
    rules: [...new Set(judged.map(({ finding }) => finding.rule))].sort().map((rule) => ruleRow(rule, events, judged, precision)),
    early: runs.reduce((sum, run) => sum + run.early, 0),
    unjudged: runs.reduce((sum, run) => sum + run.unjudged, 0),
  };
}

/** What is said of all emissions together. */
export function overallOf(runs: readonly RunScore[], findsFaults: (rule: string) => boolean): Overall {
  const events = runs.flatMap((run) => run.events).filter((event) => !event.isFault);
  const judged = runs.flatMap((run) => run.judged).filter(({ finding }) => !findsFaults(finding.rule));
  const isTreatment = ({ hit }: Event) => hit?.rule.startsWith('treatment-') === true;
  const delays = (some: readonly Event[]) => delayOf(some.map((event) => delayMs(event, event.hit)));
  return {
    all: recallOf(events),
    detectable: recallOf(events.filter(isDetectable)),
    air: recallOf(events.filter(isAirDetectable)),
    precision: precisionOf(judged, daysOf(runs)),
    delay: delays(events),
    treatmentDelay: delays(events.filter(isTreatment)),
    otherDelay: delays(events.filter((event) => !isTreatment(event))),
    airAttribution: attributionOf(events.map(({ airRank }) => airRank)),
  };
}

const daysOf = (runs: readonly RunScore[]) => runs.reduce((sum, run) => sum + run.days, 0);

const isDetectable = ({ detectableMs }: Event) => detectableMs !== undefined;
const detectableOn = (channel: Channel) => (event: Event) =>
  (event.record.channels?.[channel]?.detectableFromMs ?? null) !== null;
const isAirDetectable = detectableOn('air');

function classRows(events: readonly Event[]): readonly ClassRow[] {
  const names = [...new Set(events.map(({ record }) => `${record.class} ${record.kind}`))].sort();
  return names.map((name) => {
    const own = events.filter(({ record }) => `${record.class} ${record.kind}` === name);
    return {
      class: own[0].record.class,
      kind: own[0].record.kind,
      all: recallOf(own),
      detectable: recallOf(own.filter(isDetectable)),
      air: recallOf(own.filter(isAirDetectable)),
      delay: delayOf(own.map((event) => delayMs(event, event.hit))),
    };
  });
}

function channelRow(
  channel: Channel,
  events: readonly Event[],
  judged: readonly Judged[],
  precision: (some: readonly Judged[]) => Precision,
): readonly ChannelRow[] {
  const shown = events.filter(detectableOn(channel));
  const own = judged.filter((each) => each.channels.includes(channel));
  if (shown.length === 0 && own.length === 0) return [];
  const found = (event: Event) => event.byChannel.get(channel);
  return [
    {
      channel,
      any: recallOf(shown),
      own: recallOf(shown, found),
      delay: delayOf(shown.map((event) => delayMs(event, found(event), channel))),
      ...precision(own),
    },
  ];
}

function ruleRow(
  rule: string,
  events: readonly Event[],
  judged: readonly Judged[],
  precision: (some: readonly Judged[]) => Precision,
): RuleRow {
  const own = judged.filter(({ finding }) => finding.rule === rule);
  const named = events.filter(({ byRule }) => byRule.has(rule));
  const channelOf = new Map(own.map(({ finding, channels: [first] }) => [finding.id, first]));
  return {
    rule,
    ...precision(own),
    hits: named.length,
    delay: delayOf(
      named.map((event) => {
        const finding = event.byRule.get(rule);
        return delayMs(event, finding, channelOf.get(finding?.id ?? ''));
      }),
    ),
    attribution: attributionOf(own.map(({ rank }) => rank)),
  };
}

function share(part: number, whole: number): Share {
  return whole === 0 ? null : part / whole;
}

function recallOf(events: readonly Event[], found: (event: Event) => Finding | undefined = ({ hit }) => hit): Recall {
  const hit = events.filter((event) => found(event) !== undefined).length;
  return { events: events.length, hit, recall: share(hit, events.length) };
}

function precisionOf(judged: readonly Judged[], days: number): Precision {
  const wrong = judged.filter(({ isTrue }) => !isTrue).length;
  return {
    findings: judged.length,
    false: wrong,
    precision: share(judged.length - wrong, judged.length),
    falsePerDay: share(wrong, days),
  };
}

/** From when the channel shows it, or, where it does not, any; undefined: not found, or not detectable. */
function delayMs({ record, detectableMs }: Event, finding: Finding | undefined, channel?: Channel): number | undefined {
  const own = channel === undefined ? undefined : record.channels?.[channel]?.detectableFromMs;
  const fromMs = own ?? detectableMs;
  return finding === undefined || fromMs === undefined ? undefined : finding.foundMs - fromMs;
}

function delayOf(delays: readonly (number | undefined)[]): Delay {
  const ascending = sorted(delays.filter((ms) => ms !== undefined));
  const minutes = (at: number) => (ascending.length === 0 ? null : quantileOf(ascending, at) / minuteMs);
  return { medianMin: minutes(0.5), p90Min: minutes(0.9), count: ascending.length };
}

function attributionOf(ranks: readonly (number | undefined)[]): Attribution {
  const known = ranks.filter((rank) => rank !== undefined);
  return {
    count: known.length,
    top1: share(known.filter((rank) => rank === 1).length, known.length),
    top3: share(known.filter((rank) => rank > 0).length, known.length),
  };
}
