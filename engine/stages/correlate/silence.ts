// Absence: sources, districts and kinds from which nothing comes any more, judged each minute by the run's clock.

import { catalog, type Kind } from '../../schema/catalog.ts';
import type { Evidence, Finding } from '../../schema/finding.ts';
import { Bin } from '../../schema/ledger.ts';
import type { Source } from '../../schema/register.ts';
import type { Description } from './detector.ts';
import type { RuleId, Rules } from './ruleCatalog.ts';
import { type Draft, type SavedTold, told } from './told.ts';
import type { Watcher } from './watcher.ts';

const minuteMs = 60_000;

/**
 * Cameras, complaints and forecasts are silent by nature: nothing to report is no fault. A vehicle passes every few seconds, so a
 * gate is watched.
 */
export const regularKinds = ['air', 'cems', 'voc', 'dust', 'power', 'vehicle'] as const satisfies readonly Kind[];
/** Of slower sources three missed rows are hours: they say nothing of a network now. */
const regularCadenceMs = 5 * minuteMs;
/** A finding names its sources one by one up to here, of more only the first. */
const namedMost = 500;

/** Why a group is one: a district, a kind, or sources of a kind that fell silent in the same minute. */
interface Group {
  readonly rule: 'silent-district' | 'silent-feed';
  readonly unit: string;
  readonly district: string;
  readonly members: readonly Member[];
}

interface Member {
  readonly kind: Kind;
  readonly index: number;
}

/** What is looked at each minute, by index of the source. */
interface Table {
  readonly kind: Kind;
  /** Number of the kind's group, and of the districts': 0 or less = none. */
  readonly group: number;
  readonly districts: Int32Array;
  readonly isRegular: Uint8Array;
  readonly feedMs: Float64Array;
  readonly districtMs: Float64Array;
  readonly ownMs: Float64Array;
}

/** By number of the group: sources that have ever sent, and those that are silent. `due`: silent for so long that they count alone. */
interface Count {
  readonly known: Int32Array;
  readonly silent: Int32Array;
  readonly due: readonly Member[];
}

/** Something silent, until it has come back for some time. Plain data. */
interface Silence {
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
  let tables: readonly Table[] = [];
  let groups: readonly Group[] = [];
  /** Of the tick before the rows that come now. */
  let tickMs = Number.NEGATIVE_INFINITY;
  /** So long the run's clock waited for rows that we held back: silence counts from there. */
  let heldUntilMs = Number.NEGATIVE_INFINITY;
  let judgedMs = Number.NEGATIVE_INFINITY;
  let silences: readonly Silence[] = [];

  const sourceOf = ({ kind, index }: Member): Source | undefined => sources.get(kind)?.[index];
  const seenOf = ({ kind, index }: Member) => seenMs.get(kind)?.[index] ?? Number.NaN;
  const quietOf = (member: Member, atMs: number) => atMs - Math.max(seenOf(member), heldUntilMs);
  const cadenceOf = (member: Member) => sourceOf(member)?.cadenceMs ?? catalog[member.kind].cadenceMs;
  const isRegular = (member: Member) => member.kind !== 'vehicle' && cadenceOf(member) <= regularCadenceMs;
  /** Longer is silence, as a part of a group (domain report 5 [P]: 3 missed intervals) and alone. */
  const partMs = (rule: Group['rule'], member: Member) => Math.max(rules[rule].silentMinutes * minuteMs, 3 * cadenceOf(member));
  const ownMs = (member: Member) => {
    const { silentMinutes, missedRows } = rules['silent-source'];
    const idleMs = sourceOf(member)?.idleMs ?? catalog[member.kind].idleMs;
    return Math.max(idleMs, silentMinutes * minuteMs, missedRows * cadenceOf(member));
  };
  const quietIn = (rule: Group['rule'], members: readonly Member[], atMs: number) =>
    members.filter((member) => quietOf(member, atMs) > partMs(rule, member));

  function regroup(): void {
    const membersOf = (kind: Kind) => (sources.get(kind) ?? []).map((_, index): Member => ({ kind, index }));
    const regular = regularKinds.flatMap((kind) => membersOf(kind).filter(isRegular));
    const districts = new Map<string, Member[]>();
    for (const member of regular) {
      const district = sourceOf(member)?.district ?? '';
      if (district !== '') districts.set(district, [...(districts.get(district) ?? []), member]);
    }
    groups = [
      { rule: 'silent-feed', unit: 'all', district: '', members: regular },
      ...regularKinds.map((kind): Group => {
        const members = regular.filter((member) => member.kind === kind);
        return { rule: 'silent-feed', unit: kind, district: '', members };
      }),
      ...[...districts.keys()].sort().map((district): Group => {
        return { rule: 'silent-district', unit: district, district, members: districts.get(district) ?? [] };
      }),
    ];
    const groupOf = (unit: string) => groups.findIndex((group) => group.unit === unit);
    tables = regularKinds.map((kind): Table => {
      const members = membersOf(kind);
      return {
        kind,
        group: groupOf(kind),
        districts: Int32Array.from(members, (member) => groupOf(sourceOf(member)?.district ?? '')),
        isRegular: Uint8Array.from(members, (member) => (isRegular(member) ? 1 : 0)),
        feedMs: Float64Array.from(members, (member) => partMs('silent-feed', member)),
        districtMs: Float64Array.from(members, (member) => partMs('silent-district', member)),
        ownMs: Float64Array.from(members, ownMs),
      };
    });
  }

  /** All sources each minute: so only numbers, and no objects but for what is silent. */
  function count(atMs: number): Count {
    const known = new Int32Array(groups.length);
    const silent = new Int32Array(groups.length);
    const due: Member[] = [];
    for (const { kind, group, districts, isRegular: regular, feedMs, districtMs, ownMs: alone } of tables) {
      const column = seenMs.get(kind) ?? new Float64Array(0);
      for (let index = 0; index < alone.length; index++) {
        const quietMs = atMs - Math.max(column[index], heldUntilMs);
        if (Number.isNaN(quietMs)) continue; // it has never sent
        if (quietMs > alone[index]) due.push({ kind, index });
        if (regular[index] === 0) continue;
        const isSilent = quietMs > feedMs[index] ? 1 : 0;
        known[0] += 1;
        silent[0] += isSilent;
        known[group] += 1;
        silent[group] += isSilent;
        const district = districts[index];
        if (district <= 0) continue;
        known[district] += 1;
        if (quietMs > districtMs[index]) silent[district] += 1;
      }
    }
    return { known, silent, due };
  }

  /** The last that was heard of them, in whole minutes. */
  const sinceOf = (members: readonly Member[]) =>
    Math.floor(members.reduce((last, member) => Math.max(last, seenOf(member)), Number.NEGATIVE_INFINITY) / minuteMs) * minuteMs;

  function isCovered(member: Member, open: readonly Silence[]): boolean {
    const { kind, index } = member;
    const district = sourceOf(member)?.district ?? '';
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
    for (const [g, group] of groups.entries()) {
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
        const { id = '', district = '' } = sourceOf(member) ?? {};
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
    const counted = count(atMs);
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
      describe: () => describe(silence),
    };
  }

  function describe({ rule, district, members, sinceMs }: Silence): Description {
    const first = sourceOf(members[0]);
    const { lon, lat, enterprise } = rule === 'silent-source' && first !== undefined ? first : ({} as Partial<Source>);
    const place = { district, ...(lon === undefined || lat === undefined ? {} : { lon, lat }) };
    return {
      severity: rule === 'silent-source' ? 'notice' : 'warning',
      place,
      ...(enterprise === undefined ? {} : { enterprise }),
      sources: namesOf(members),
      evidence: evidenceOf(members, sinceMs),
      candidates: [],
    };
  }

  /** `all KIND` where a kind is silent as a whole, as everybody knows its sources. */
  function namesOf(members: readonly Member[]): readonly string[] {
    return regularKinds.flatMap((kind) => {
      const own = members.filter((member) => member.kind === kind);
      const all = sources.get(kind)?.length ?? 0;
      if (own.length > 1 && own.length >= 0.8 * all) return [`all ${kind}`];
      return own.slice(0, namedMost).map((member) => sourceOf(member)?.id ?? '');
    });
  }

  /** How many of each kind, and the one that was heard last. */
  function evidenceOf(members: readonly Member[], sinceMs: number): readonly Evidence[] {
    return regularKinds.flatMap((kind): Evidence[] => {
      const own = members.filter((member) => member.kind === kind);
      if (own.length === 0) return [];
      const last = own.reduce((a, b) => (seenOf(b) > seenOf(a) ? b : a));
      const source = sourceOf(last)?.id ?? '';
      const span = { startMs: sinceMs, endMs: Math.max(judgedMs, sinceMs) };
      return [{ kind, source, metric: 'rows', ...span, value: own.length, unit: '1', says: 'silentSources' }];
    });
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
      regroup();
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
      judge(atMs);
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
