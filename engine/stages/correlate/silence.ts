// Absence: sources, districts and kinds from which nothing comes any more, judged each minute by the run's clock.

import type { Kind } from '../../schema/catalog.ts';
import type { Finding } from '../../schema/finding.ts';
import { Bin } from '../../schema/ledger.ts';
import type { Source } from '../../schema/register.ts';
import type { Rules } from './ruleCatalog.ts';
import { describeSilence, type Silence } from './silenceDescription.ts';
import {
  type Count,
  countSilent,
  type Group,
  type Grouped,
  grouped,
  type Member,
  partMs,
  regularKinds,
  sourceOf,
} from './silenceGroups.ts';
import { type Draft, type SavedTold, told } from './told.ts';
import type { Watcher } from './watcher.ts';

const minuteMs = 60_000;

interface Saved {
  readonly seenMs: readonly (readonly [kind: Kind, seenMs: Float64Array])[];
  readonly tickMs: number;
  readonly heldUntilMs: number;
  readonly judgedMs: number;
  readonly silences: readonly Silence[];
  readonly told: SavedTold;
}

export interface SilenceWatcher extends Watcher {
  /** Nothing comes from most of the district, or from anywhere: that no camera sees a fire says nothing. */
  isDark(district: string): boolean;
}

/** A source that has never sent is not silent but not there yet. */
export function silenceWatcher(rules: Rules): SilenceWatcher {
  const sources = new Map<Kind, Source[]>(regularKinds.map((kind) => [kind, []]));
  const seenMs = new Map<Kind, Float64Array>(regularKinds.map((kind) => [kind, new Float64Array(0)]));
  const tellings = told((rule) => rules[rule].on);
  const isAnyOn = rules['silent-source'].on || rules['silent-district'].on || rules['silent-feed'].on;
  let inGroups: Grouped = { groups: [], tables: [] };
  /** Of the tick before the rows that come now. */
  let tickMs = Number.NEGATIVE_INFINITY;
  /** So long the run's clock waited for rows that we held back: silence counts from there. */
  let heldUntilMs = Number.NEGATIVE_INFINITY;
  let judgedMs = Number.NEGATIVE_INFINITY;
  let silences: readonly Silence[] = [];

  const seenOf = ({ kind, index }: Member) => seenMs.get(kind)?.[index] ?? Number.NaN;
  const quietOf = (member: Member, atMs: number) => atMs - Math.max(seenOf(member), heldUntilMs);
  const quietIn = (rule: Group['rule'], members: readonly Member[], atMs: number) =>
    members.filter((member) => quietOf(member, atMs) > partMs(rules, rule, sources, member));

  /** The last that was heard of them, in whole minutes. */
  const sinceOf = (members: readonly Member[]) =>
    Math.floor(members.reduce((last, member) => Math.max(last, seenOf(member)), Number.NEGATIVE_INFINITY) / minuteMs) * minuteMs;

  function isCovered(member: Member, open: readonly Silence[]): boolean {
    const { kind, index } = member;
    const district = sourceOf(sources, member)?.district ?? '';
    return open.some(({ rule, unit, members }) => {
      if (rule === 'silent-district') return unit === district;
      if (unit === 'all' || (rule === 'silent-feed' && unit === kind)) return true;
      return members.some((each) => each.kind === kind && each.index === index);
    });
  }

  /** Of what is open: whether it has come back, and for how long. */
  function followed(silence: Silence, atMs: number): Silence {
    const rule = silence.rule === 'silent-feed' ? silence.rule : 'silent-district';
    const quiet = quietIn(rule, silence.members, atMs).length;
    // Half of a group: some of it may have a fault of its own.
    if (quiet > silence.members.length / 2) return silence.backMs === null ? silence : { ...silence, backMs: null };
    const backMs = silence.backMs ?? atMs;
    const closeMs = rules[silence.rule as 'silent-source'].closeMinutes * minuteMs;
    return { ...silence, backMs, isOver: atMs - backMs >= closeMs };
  }

  function foundGroups(open: readonly Silence[], { known, silent }: Count, atMs: number): Silence[] {
    const found: Silence[] = [];
    for (const [g, group] of inGroups.groups.entries()) {
      const { rule, unit, district } = group;
      const { on, share, few } = rules[rule];
      if (!on || known[g] < few || silent[g] < share * known[g]) continue;
      const all = [...open, ...found];
      if (all.some((each) => (each.rule === rule && each.unit === unit) || each.unit === 'all')) continue;
      const members = quietIn(rule, group.members, atMs);
      // The larger group speaks for the smaller: kinds and districts come after the whole.
      if (members.every((member) => isCovered(member, all))) continue;
      found.push({ rule, unit, district, sinceMs: sinceOf(members), members, backMs: null, isOver: false });
    }
    return found;
  }

  /** What is silent alone; of one kind and since the same minute, it is one thing. */
  function foundSources(open: readonly Silence[], due: readonly Member[]): Silence[] {
    const since = new Map<string, Member[]>();
    for (const member of due) {
      if (isCovered(member, open)) continue;
      const key = `${member.kind}@${sinceOf([member])}`;
      since.set(key, [...(since.get(key) ?? []), member]);
    }
    return [...since].flatMap(([unit, members]): Silence[] => {
      const sinceMs = sinceOf(members);
      const rest = { sinceMs, backMs: null, isOver: false };
      if (members.length >= rules['silent-feed'].few && rules['silent-feed'].on)
        return [{ rule: 'silent-feed', unit, district: '', members, ...rest }];
      return members.map((member) => {
        const { id = '', district = '' } = sourceOf(sources, member) ?? {};
        return { rule: 'silent-source', unit: id, district, members: [member], ...rest };
      });
    });
  }

  /** Rows of the time before the first tick count from it. */
  function startAt(nowMs: number): void {
    for (const column of seenMs.values())
      for (let index = 0; index < column.length; index++) if (column[index] === Number.NEGATIVE_INFINITY) column[index] = nowMs;
  }

  function judge(atMs: number): void {
    const now = silences.map((silence) => followed(silence, atMs));
    const open = now.filter(({ isOver }) => !isOver);
    const counted = countSilent(inGroups, { seenMs, heldUntilMs, atMs });
    const withGroups = [...open, ...foundGroups(open, counted, atMs)];
    silences = [...now.filter(({ isOver }) => isOver), ...withGroups, ...foundSources(withGroups, counted.due)];
  }

  function draftOf(silence: Silence): Draft {
    const { rule, unit, sinceMs, backMs, isOver } = silence;
    return {
      rule,
      unit,
      openedMs: sinceMs,
      ...(isOver ? { closedMs: backMs ?? sinceMs } : {}),
      gist: '',
      describe: () => describeSilence(silence, { sources, seenOf }, judgedMs),
    };
  }

  return {
    rules: ['silent-source', 'silent-district', 'silent-feed'],
    kinds: regularKinds,
    isDark: (district) =>
      silences.some(({ rule, unit, isOver }) => !isOver && (unit === 'all' || (rule === 'silent-district' && unit === district))),
    setSources(kind, first, added) {
      const known = sources.get(kind);
      if (known === undefined) return;
      added.forEach((source, i) => {
        known[first + i] = source;
      });
      const before = seenMs.get(kind) ?? new Float64Array(0);
      if (known.length > before.length) {
        const longer = new Float64Array(known.length).fill(Number.NaN);
        longer.set(before);
        seenMs.set(kind, longer);
      }
      inGroups = grouped(sources, rules);
    },
    leave(kind, indices) {
      const gone = new Set(indices);
      for (const index of indices) seenMs.get(kind)?.fill(Number.NaN, index, index + 1);
      const left = silences.map((silence) => {
        const members = silence.members.filter((member) => member.kind !== kind || !gone.has(member.index));
        return members.length === silence.members.length ? silence : { ...silence, members };
      });
      const ended = new Set(left.filter(({ members }) => members.length === 0).map(({ rule, unit }) => `${rule}:${unit}`));
      silences = left.filter(({ members }) => members.length > 0);
      tellings.leave(({ rule, unit }) => ended.has(`${rule}:${unit}`));
    },
    take({ kind, rows, source, bin }) {
      const column = seenMs.get(kind);
      if (column === undefined) return;
      // Whatever it says, somebody sent it: a clock that was put back an hour makes an hour of duplicates, and no silence.
      for (let row = 0; row < rows; row++) if (bin[row] !== Bin.rejected) column[source[row]] = tickMs;
    },
    advance({ nowMs, aheadMs = 0 }): readonly Finding[] {
      if (!Number.isFinite(tickMs)) startAt(nowMs);
      tickMs = nowMs;
      const atMs = Math.floor(nowMs / minuteMs) * minuteMs;
      if (aheadMs > 0) heldUntilMs = nowMs;
      if (atMs <= judgedMs || aheadMs > 0) return [];
      judgedMs = atMs;
      if (isAnyOn || silences.length > 0) judge(atMs);
      const findings = tellings.update(silences.map(draftOf), { nowMs, settledMs: nowMs });
      silences = silences.filter(({ isOver }) => !isOver);
      return findings;
    },
    save: (): Saved => ({
      seenMs: [...seenMs].map(([kind, column]) => [kind, column.slice()]),
      tickMs,
      heldUntilMs,
      judgedMs,
      silences,
      told: tellings.save(),
    }),
    restore(state) {
      const saved = state as Saved;
      for (const [kind, column] of saved.seenMs) seenMs.set(kind, column.slice());
      ({ tickMs, heldUntilMs, judgedMs, silences } = saved);
      tellings.restore(saved.told);
    },
  };
}
