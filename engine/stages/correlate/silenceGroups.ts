// Sources that fall silent together: of a district, of a kind, of the city; and how many of each are silent now.

import { catalog, type Kind } from '../../schema/catalog.ts';
import type { Source } from '../../schema/register.ts';
import type { Rules } from './ruleCatalog.ts';

const minuteMs = 60_000;

/**
 * Cameras, complaints and forecasts are silent by nature: nothing to report is no fault. A vehicle passes every few seconds, so a
 * gate is watched.
 */
export const regularKinds = ['air', 'cems', 'voc', 'dust', 'power', 'vehicle'] as const satisfies readonly Kind[];
/** Of slower sources three missed rows are hours: they say nothing of a network now. */
const regularCadenceMs = 5 * minuteMs;
/** Why a group is one: a district, a kind, or sources of a kind that fell silent in the same minute. */
export interface Group {
  readonly rule: 'silent-district' | 'silent-feed';
  readonly unit: string;
  readonly district: string;
  readonly members: readonly Member[];
}

export interface Member {
  readonly kind: Kind;
  readonly index: number;
}

/** What is looked at each minute, by index of the source. */
export interface Table {
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
export interface Count {
  readonly known: Int32Array;
  readonly silent: Int32Array;
  readonly due: readonly Member[];
}

/** By kind and index. */
export type WatchedSources = ReadonlyMap<Kind, readonly Source[]>;

export interface Grouped {
  readonly groups: readonly Group[];
  readonly tables: readonly Table[];
}

/** When each source was last heard, by kind and index: NaN = never. Silence counts from `heldUntilMs` at the earliest. */
export interface Heard {
  readonly seenMs: ReadonlyMap<Kind, Float64Array>;
  readonly heldUntilMs: number;
  readonly atMs: number;
}

export function grouped(sources: WatchedSources, rules: Rules): Grouped {
  const membersOf = (kind: Kind) => (sources.get(kind) ?? []).map((_, index): Member => ({ kind, index }));
  const regular = regularKinds.flatMap((kind) => membersOf(kind).filter((member) => isRegular(sources, member)));
  const districts = new Map<string, Member[]>();
  for (const member of regular) {
    const district = sourceOf(sources, member)?.district ?? '';
    if (district !== '') districts.set(district, [...(districts.get(district) ?? []), member]);
  }
  const groups: readonly Group[] = [
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
  const tables = regularKinds.map((kind): Table => {
    const members = membersOf(kind);
    return {
      kind,
      group: groupOf(kind),
      districts: Int32Array.from(members, (member) => groupOf(sourceOf(sources, member)?.district ?? '')),
      isRegular: Uint8Array.from(members, (member) => (isRegular(sources, member) ? 1 : 0)),
      feedMs: Float64Array.from(members, (member) => partMs(rules, 'silent-feed', sources, member)),
      districtMs: Float64Array.from(members, (member) => partMs(rules, 'silent-district', sources, member)),
      ownMs: Float64Array.from(members, (member) => ownMs(rules, sources, member)),
    };
  });
  return { groups, tables };
}

/** All sources each minute: so only numbers, and no objects but for what is silent. */
export function countSilent({ groups, tables }: Grouped, { seenMs, heldUntilMs, atMs }: Heard): Count {
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

export function sourceOf(sources: WatchedSources, { kind, index }: Member): Source | undefined {
  return sources.get(kind)?.[index];
}

function cadenceOf(sources: WatchedSources, member: Member): number {
  return sourceOf(sources, member)?.cadenceMs ?? catalog[member.kind].cadenceMs;
}

function isRegular(sources: WatchedSources, member: Member): boolean {
  return member.kind !== 'vehicle' && cadenceOf(sources, member) <= regularCadenceMs;
}

/** Longer is silence, as a part of a group (domain report 5 [P]: 3 missed intervals). */
export function partMs(rules: Rules, rule: Group['rule'], sources: WatchedSources, member: Member): number {
  return Math.max(rules[rule].silentMinutes * minuteMs, 3 * cadenceOf(sources, member));
}

/** And alone. */
function ownMs(rules: Rules, sources: WatchedSources, member: Member): number {
  const { silentMinutes, missedRows } = rules['silent-source'];
  const idleMs = sourceOf(sources, member)?.idleMs ?? catalog[member.kind].idleMs;
  return Math.max(idleMs, silentMinutes * minuteMs, missedRows * cadenceOf(sources, member));
}
