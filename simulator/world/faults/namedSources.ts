// Which sources a scenario means: by id, by number (S012), by district, kind and share.

import { type Kind, kinds } from '../../../engine/schema/catalog.ts';
import type { Register, Source } from '../../../engine/schema/register.ts';
import type { Episode, Scope } from '../episode.ts';
import { streamOf, uniform } from '../random.ts';

export type SourcesByKind = Readonly<Record<Kind, readonly Source[]>>;

/** The register's sources by kind, in its order: the indices of columns. */
export function sourcesByKind(register: Pick<Register, 'sources'>): SourcesByKind {
  const byKind = Object.fromEntries(kinds.map((kind) => [kind, [] as Source[]])) as Record<Kind, Source[]>;
  for (const source of register.sources) byKind[source.kind].push(source);
  return byKind;
}

/** Index of the source with that id, else of the n-th of the kind where the name is S and a number; -1: there is none. */
export function namedIndex(sources: readonly Source[], name: string): number {
  const index = sources.findIndex(({ id }) => id === name);
  if (index >= 0) return index;
  const number = /^S(\d+)$/.exec(name);
  const position = number === null ? 0 : Number(number[1]);
  return position >= 1 && position <= sources.length ? position - 1 : -1;
}

/** Kinds that a scope meets. A numbered source without a kind is an air station, as in the scenario's sensor faults. */
function kindsOf(byKind: SourcesByKind, { kind, source }: Scope): readonly Kind[] {
  if (kind !== undefined) return [kind];
  if (source === undefined) return kinds;
  const owner = kinds.find((each) => byKind[each].some(({ id }) => id === source));
  return [owner ?? 'air'];
}

/** Indices by kind, ascending; kinds without any are left out. The share is drawn per source, by the fault's id. */
export function scopedSources(
  byKind: SourcesByKind,
  scope: Scope,
  { seed, id }: { readonly seed: number; readonly id: string },
): readonly { readonly kind: Kind; readonly sources: readonly number[] }[] {
  const found: { kind: Kind; sources: number[] }[] = [];
  for (const kind of kindsOf(byKind, scope)) {
    const named = scope.source === undefined ? undefined : namedIndex(byKind[kind], scope.source);
    const sources: number[] = [];
    for (const [index, { id: sourceId, district }] of byKind[kind].entries()) {
      if (named !== undefined && index !== named) continue;
      if (scope.district !== undefined && district !== scope.district) continue;
      if (scope.share < 1 && uniform(seed, streamOf(`scope ${id} ${kind} ${sourceId}`), 0) >= scope.share) continue;
      sources.push(index);
    }
    if (sources.length > 0) found.push({ kind, sources });
  }
  return found;
}

/** Faults of the scenario that name a source which the register does not have, in the scenario's order. */
export function unknownSources(
  register: Pick<Register, 'sources'>,
  episode: Pick<Episode, 'sensorFaults' | 'networkFaults'>,
): readonly { readonly fault: string; readonly source: string }[] {
  const byKind = sourcesByKind(register);
  const unknown: { fault: string; source: string }[] = [];
  for (const { id, source, sourceKind } of episode.sensorFaults) {
    if (namedIndex(byKind[sourceKind], source) < 0) unknown.push({ fault: id, source });
  }
  for (const { id, scope } of episode.networkFaults) {
    if (scope.source === undefined) continue;
    const [kind] = kindsOf(byKind, scope);
    if (namedIndex(byKind[kind], scope.source) < 0) unknown.push({ fault: id, source: scope.source });
  }
  return unknown;
}
