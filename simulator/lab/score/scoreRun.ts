// One run's findings against its answer key: what each finding is worth, and by what each cause was found.
//
// Matching (SIMULATION.md section 7, with what it leaves open):
// - Events are incidents and cheats with a target, and faults of sensors, networks and clocks, that begin after the warm-up.
//   What a careless network does to every row (duplicate, reorder, late) is no event, and excuses nothing. A network's fault that
//   the key tells kind by kind of source is one event.
// - An event is hit when a finding names its target, found inside [from, to + 90 min]. The target is named by enterprise and
//   process, by a source of its own (meter, monitor, site), for fires by a place within 1.5 km that cameras or complaints give,
//   for what complaints show by such a place too, or by one of the first three candidates.
// - One finding hits one event (as many pairs as there can be; earlier findings first).
// - A finding is true when it overlaps [from, to + 90 min] of a cause of what it is about, whether it hits it or not: several
//   findings of one cause (other rules, again in the next night) are not false. A station's finding is about all that the key
//   says reached this station. One that says `outside` or `unknown` is true during inflow, fireworks, and
//   what changes a whole sector.
// - All other findings are false. Faults and maintenance are causes for rules that find faults, and for no other: a fault that is
//   reported as an emission is false. Rules that find faults hit faults alone. A finding that was corrected hits nothing; without a cause it was a false alarm all the same.
// - Findings found in the warm-up, and rules of which the key knows nothing, are not judged.
// - Delay: foundMs - detectableFromMs, the first of all channels; by rule and by channel the channel's own, where it has one.

import type { Place } from '../../../engine/domain/geo.ts';
import type { Finding } from '../../../engine/schema/finding.ts';
import { ruleSpec } from '../../../engine/stages/correlate/ruleCatalog.ts';
import { type Channel, channels, type TruthRecord } from '../../world/truth/record.ts';
import { matched } from './matching.ts';
import { candidateRank, isDuring, overlaps, placesOf, rankMax, rankOf } from './naming.ts';

export interface ScoredRun {
  /** The last revision of each. */
  readonly findings: readonly Finding[];
  readonly truth: readonly TruthRecord[];
  /** The episode without its warm-up. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A finding, and what it was worth. */
export interface Judged {
  readonly finding: Finding;
  readonly channels: readonly Channel[];
  readonly isTrue: boolean;
  /** At which it names a cause that it has: 1 to 3; 0: it does not; undefined: it has no cause. */
  readonly rank?: number;
}

/** An event, and by what it was found. */
export interface Event {
  readonly record: TruthRecord;
  readonly isFault: boolean;
  /** First time at which any channel shows it; undefined: none does. */
  readonly detectableMs?: number;
  readonly hit?: Finding;
  /** The first finding of each rule that names it in time, whether it is the hit or not. */
  readonly byRule: ReadonlyMap<string, Finding>;
  /** The first finding whose evidence is of the channel. */
  readonly byChannel: ReadonlyMap<Channel, Finding>;
  /** Air-detectable: the rank of the target among the candidates of the first finding at one of its stations. */
  readonly airRank?: number;
}

export interface RunScore {
  readonly days: number;
  readonly judged: readonly Judged[];
  readonly events: readonly Event[];
  /** Left out: found in the warm-up; of rules that the key knows nothing of. */
  readonly early: number;
  readonly unjudged: number;
}

/** The key has no single vehicles, and no marks that instruments set in ordinary service. */
const notInKey: ReadonlySet<string> = new Set(['vehicle-high', 'stack-marks']);
const dayMs = 86_400_000;
const faultClasses: ReadonlySet<TruthRecord['class']> = new Set(['sensor_fault', 'network_fault', 'clock_fault', 'maintenance']);
const emissionClasses: ReadonlySet<TruthRecord['class']> = new Set(['incident', 'cheat']);
const ordinaryKinds: ReadonlySet<string> = new Set(['duplicate', 'reorder', 'late']);
/** Of the whole city or from outside of it. */
const wideKinds: ReadonlySet<string> = new Set(['inflow', 'fireworks', 'area_factor']);
const wideAnswers: ReadonlySet<string> = new Set(['outside', 'unknown']);

const channelOf: Readonly<Partial<Record<string, Channel>>> = {
  air: 'air',
  cems: 'cems',
  voc: 'voc',
  power: 'power',
  dust: 'dust',
  camera: 'camera',
  petition: 'complaint',
};

export function scoreRun({ findings, truth: lines, fromMs, toMs }: ScoredRun): RunScore {
  const truth = joinedFaults(lines);
  const shown = findings.filter(({ foundMs }) => foundMs >= fromMs);
  const inKey = shown.filter(({ rule }) => !notInKey.has(rule)).sort((a, b) => a.foundMs - b.foundMs || (a.id < b.id ? -1 : 1));
  const places = placesOf(findings);
  const causes = truth.filter(({ class: of, kind, isDefault }) => of !== 'order' && !(isDefault && ordinaryKinds.has(kind)));
  return {
    days: (toMs - fromMs) / dayMs,
    judged: inKey.map((finding) => judge(finding, causes, places)),
    events: eventsOf(
      inKey,
      causes.filter((record) => isEvent(record, fromMs)),
      places,
    ),
    early: findings.length - shown.length,
    unjudged: shown.length - inKey.length,
  };
}

/** The key tells a network's fault kind by kind of source; it is one event. */
function joinedFaults(truth: readonly TruthRecord[]): readonly TruthRecord[] {
  const joined = new Map<string, TruthRecord>();
  for (const record of truth) {
    const isJoined = record.class === 'network_fault' && !ordinaryKinds.has(record.kind);
    const key = isJoined ? `${record.kind} ${record.fromMs} ${record.toMs}` : record.id;
    const first = joined.get(key);
    const sources = [...(first?.sources ?? []), ...(record.sources ?? [])];
    joined.set(key, first === undefined ? record : { ...first, sources });
  }
  return [...joined.values()];
}

function isEvent({ class: of, kind, fromMs }: TruthRecord, startMs: number): boolean {
  if (fromMs < startMs || of === 'maintenance') return false;
  return (emissionClasses.has(of) && !wideKinds.has(kind)) || faultClasses.has(of);
}

const findsFaults = ({ rule }: Finding) => ruleSpec(rule)?.findsFaults === true;

/** What a rule that finds faults says of an enterprise that cheats may come of the cheating; it is no find of it. */
function mayCause({ class: of }: TruthRecord, finding: Finding): boolean {
  return emissionClasses.has(of) || (findsFaults(finding) && faultClasses.has(of));
}

function mayHit({ class: of }: TruthRecord, finding: Finding): boolean {
  return findsFaults(finding) ? faultClasses.has(of) : emissionClasses.has(of);
}

export function channelsOf({ evidence }: Finding): readonly Channel[] {
  const found = new Set(evidence.map(({ kind }) => channelOf[kind]));
  return channels.filter((channel) => found.has(channel));
}

function judge(finding: Finding, causes: readonly TruthRecord[], places: ReadonlyMap<string, Place>): Judged {
  const now = causes.filter((record) => overlaps(finding, record));
  const own = now.filter((record) => mayCause(record, finding) && isCause(record, finding, places));
  const [best] = finding.candidates;
  const isWide = now.some(({ kind }) => wideKinds.has(kind)) && wideAnswers.has(best?.id ?? 'unknown');
  const isWideTrue = isWide && channelsOf(finding).includes('air');
  const ranks = own.map((record) => rankOf(finding, record, places)).filter((rank) => rank > 0);
  const rank =
    own.length > 0 ? Math.min(...ranks, rankMax + 1) % (rankMax + 1) : isWideTrue && best?.id === 'outside' ? 1 : undefined;
  return {
    finding,
    channels: channelsOf(finding),
    isTrue: own.length > 0 || isWideTrue,
    ...(rank === undefined ? {} : { rank }),
  };
}

function isCause(record: TruthRecord, finding: Finding, places: ReadonlyMap<string, Place>): boolean {
  const reached = record.channels?.air?.sources ?? [];
  return finding.sources.some((id) => reached.includes(id)) || rankOf(finding, record, places) > 0;
}

function eventsOf(findings: readonly Finding[], records: readonly TruthRecord[], places: ReadonlyMap<string, Place>): Event[] {
  const standing = findings.filter(({ state }) => state !== 'corrected');
  const naming = records.map((record) =>
    standing.flatMap((finding, i) =>
      isDuring(finding.foundMs, record) && mayHit(record, finding) && rankOf(finding, record, places) > 0 ? [i] : [],
    ),
  );
  const partners = matched(naming);
  return records.map((record, r) => {
    const own = naming[r].map((i) => standing[i]);
    const partner = partners[r];
    const airRank = airRankOf(record, standing, places);
    const detectableMs = firstMs(record);
    return {
      record,
      isFault: faultClasses.has(record.class),
      ...(detectableMs === undefined ? {} : { detectableMs }),
      ...(partner === undefined ? {} : { hit: standing[partner] }),
      byRule: firstBy(own, ({ rule }) => [rule]),
      byChannel: firstBy(own, channelsOf),
      ...(airRank === undefined ? {} : { airRank }),
    };
  });
}

function firstMs({ channels: shown = {} }: TruthRecord): number | undefined {
  const times = Object.values(shown).flatMap(({ detectableFromMs }) => (detectableFromMs === null ? [] : [detectableFromMs]));
  return times.length === 0 ? undefined : Math.min(...times);
}

function firstBy<Key>(findings: readonly Finding[], keysOf: (finding: Finding) => readonly Key[]): Map<Key, Finding> {
  const first = new Map<Key, Finding>();
  for (const finding of findings) for (const key of keysOf(finding)) if (!first.has(key)) first.set(key, finding);
  return first;
}

/** Undefined: not air-detectable, or no station has a finding about it. */
function airRankOf(record: TruthRecord, findings: readonly Finding[], places: ReadonlyMap<string, Place>): number | undefined {
  const air = record.channels?.air;
  if (air === undefined || air.detectableFromMs === null) return undefined;
  const first = findings.find(
    (finding) =>
      isDuring(finding.foundMs, record) && finding.sources.some((id) => air.sources.includes(id)) && !findsFaults(finding),
  );
  return first === undefined ? undefined : candidateRank(first, record, places);
}
