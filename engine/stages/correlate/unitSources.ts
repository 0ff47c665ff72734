// Which sources a rule's units look at: names of the register, numbers of the flow, and back from a source to its units.

import type { Kind } from '../../schema/catalog.ts';
import type { Source } from '../../schema/register.ts';
import { type SourceIndex, sourceIndex } from './sourceIndex.ts';

/** Of one unit, by role; undefined where it has none. */
export type Roles<Role extends string> = Readonly<Record<Role, { readonly kind: Kind; readonly id: string } | undefined>>;

export interface UnitSources<Role extends string> {
  set(kind: Kind, first: number, sources: readonly Source[]): void;
  /** By role, one number a unit; -1: it has none, or it is not known yet. */
  readonly of: Readonly<Record<Role, Int32Array>>;
  unitsOf(kind: Kind, source: number): readonly number[];
  /** Names of a kind. */
  names(kind: Kind): SourceIndex;
}

const none: readonly number[] = [];

export function unitSources<Role extends string>(units: readonly Roles<Role>[], roles: readonly Role[]): UnitSources<Role> {
  const of = Object.fromEntries(roles.map((role) => [role, new Int32Array(units.length).fill(-1)])) as Record<Role, Int32Array>;
  const indices = new Map<Kind, SourceIndex>();
  for (const unit of units)
    for (const role of roles) {
      const kind = unit[role]?.kind;
      if (kind !== undefined && !indices.has(kind)) indices.set(kind, sourceIndex(kind));
    }
  const byKind = new Map<Kind, Map<number, number[]>>();

  function resolve(kind: Kind, index: SourceIndex): void {
    const unitsBySource = new Map<number, number[]>();
    units.forEach((unit, u) => {
      for (const role of roles) {
        const named = unit[role];
        if (named?.kind !== kind) continue;
        const source = index.index(named.id);
        of[role][u] = source;
        if (source < 0) continue;
        const known = unitsBySource.get(source);
        if (known === undefined) unitsBySource.set(source, [u]);
        else if (!known.includes(u)) known.push(u);
      }
    });
    byKind.set(kind, unitsBySource);
  }

  return {
    set(kind, first, sources) {
      const index = indices.get(kind);
      if (index === undefined) return;
      index.set(kind, first, sources);
      resolve(kind, index);
    },
    of,
    unitsOf: (kind, source) => byKind.get(kind)?.get(source) ?? none,
    names: (kind) => indices.get(kind) ?? sourceIndex(kind),
  };
}
