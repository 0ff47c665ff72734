// Sources by index: the register first, then whoever sends without being in it.

import type { SourceNames } from '../../pipeline/ports.ts';
import { catalog, type Kind, kinds } from '../../schema/catalog.ts';
import type { RegisterSources, SourcesGone } from '../../schema/flow.ts';
import type { Register, Source } from '../../schema/register.ts';

export interface SourceTable extends SourceNames {
  /** Index of a source; one that is unknown, or gone, is added without a district, or -1 when strict. */
  indexOf(kind: Kind, id: string): number;
  /** As it was, where it is gone. */
  source(kind: Kind, index: number): Source;
  /** Commands for what changed since the last call; the first call gives the register. */
  takeNew(): (RegisterSources | SourcesGone)[];
  /** Commands for everything announced so far. */
  announced(): readonly (RegisterSources | SourcesGone)[];
  /** Sources as a recording announces them. */
  learn(command: RegisterSources | SourcesGone): void;
  /** Sources of the register that are not known yet, or only by their rows, or that were gone. */
  addRegister(register: Register): void;
  /** Sources that were in a register and are not in this one are gone; answers which. */
  keepOnly(register: Register): readonly Source[];
}

interface KindSources {
  readonly sources: Source[];
  readonly index: Map<string, number>;
  announced: number;
  /** By index, as it was announced. */
  readonly gone: Set<number>;
  /** Not announced yet: gone since, and what others are now. */
  readonly leaving: Set<number>;
  readonly coming: Map<number, Source>;
}

export function sourceTable(options: { readonly strict: boolean }): SourceTable {
  const tables = new Map<Kind, KindSources>(
    kinds.map((kind) => [
      kind,
      { sources: [], index: new Map(), announced: 0, gone: new Set(), leaving: new Set(), coming: new Map() },
    ]),
  );
  const of = (kind: Kind) => tables.get(kind) as KindSources;
  const isGone = ({ gone, leaving, coming }: KindSources, index: number) =>
    (gone.has(index) || leaving.has(index)) && !coming.has(index);

  function add(source: Source): number {
    const table = of(source.kind);
    const index = table.index.get(source.id) ?? table.sources.length;
    if (index < table.announced) {
      table.coming.set(index, source);
      return index;
    }
    table.sources[index] = source;
    table.index.set(source.id, index);
    return index;
  }

  function takeLeaving(kind: Kind, { gone, leaving }: KindSources): SourcesGone[] {
    if (leaving.size === 0) return [];
    const sources = [...leaving].sort((a, b) => a - b);
    for (const index of sources) gone.add(index);
    leaving.clear();
    return [{ name: 'sources-gone', kind, sources }];
  }

  /** Those that stand side by side are one command. */
  function takeComing(kind: Kind, { sources, gone, coming }: KindSources): RegisterSources[] {
    const commands: { readonly first: number; readonly sources: Source[] }[] = [];
    for (const [index, source] of [...coming].sort(([a], [b]) => a - b)) {
      sources[index] = source;
      gone.delete(index);
      const last = commands.at(-1);
      if (last !== undefined && last.first + last.sources.length === index) last.sources.push(source);
      else commands.push({ first: index, sources: [source] });
    }
    coming.clear();
    return commands.map((command) => ({ name: 'sources', kind, ...command }));
  }

  function takeAdded(kind: Kind, table: KindSources): RegisterSources[] {
    const { announced: first, sources } = table;
    if (first === sources.length) return [];
    table.announced = sources.length;
    return [{ name: 'sources', kind, first, sources: sources.slice(first) }];
  }

  function learnSources({ kind, first, sources }: RegisterSources): void {
    const table = of(kind);
    const isOther = sources.some(({ id }, i) => (table.sources[first + i]?.id ?? id) !== id);
    if (first > table.sources.length || table.announced !== table.sources.length || isOther)
      throw new Error(`the recording announces ${kind} source ${first}, but ${table.sources.length} are known`);
    sources.forEach((source, i) => {
      table.sources[first + i] = source;
      table.index.set(source.id, first + i);
      table.gone.delete(first + i);
    });
    table.announced = table.sources.length;
  }

  return {
    indexOf(kind, id) {
      const table = of(kind);
      const known = table.index.get(id);
      if (known !== undefined && !isGone(table, known)) return known;
      return options.strict ? -1 : add(unregistered(kind, id));
    },
    takeNew: () =>
      [...tables].flatMap(([kind, table]) => [
        ...takeLeaving(kind, table),
        ...takeComing(kind, table),
        ...takeAdded(kind, table),
      ]),
    announced: () =>
      [...tables].flatMap(([kind, { sources, announced, gone }]): (RegisterSources | SourcesGone)[] => [
        ...(announced === 0 ? [] : [{ name: 'sources', kind, first: 0, sources: sources.slice(0, announced) } as const]),
        ...(gone.size === 0 ? [] : [{ name: 'sources-gone', kind, sources: [...gone].sort((a, b) => a - b) } as const]),
      ]),
    learn(command) {
      if (command.name === 'sources') learnSources(command);
      else for (const index of command.sources) of(command.kind).gone.add(index);
    },
    addRegister(register) {
      for (const source of register.sources) {
        const table = of(source.kind);
        const index = table.index.get(source.id);
        if (index === undefined || isGone(table, index)) add(source);
        else if (isUnregistered(table.sources[index]) && !isUnregistered(source)) add(source);
      }
    },
    keepOnly(register) {
      const kept = new Set(register.sources.map(({ kind, id }) => `${kind} ${id}`));
      return [...tables.values()].flatMap((table) =>
        table.sources.filter((source, index) => {
          if (kept.has(`${source.kind} ${source.id}`) || isUnregistered(source) || isGone(table, index)) return false;
          table.leaving.add(index);
          return true;
        }),
      );
    },
    source: (kind, index) => of(kind).sources[index],
    id: (kind, index) => of(kind).sources[index].id,
    district: (kind, index) => of(kind).sources[index].district,
  };
}

function unregistered(kind: Kind, id: string): Source {
  return { kind, id, zh: id, district: '' };
}

/** Known by its rows alone. */
function isUnregistered({ kind, id, zh, district, ...rest }: Source): boolean {
  return zh === id && district === '' && Object.values(rest).every((value) => value === undefined);
}

/** For the operator: how many, and the first of them. */
export function goneText(sources: readonly Source[]): string {
  const named = sources.slice(0, 5).map(({ kind, id }) => `${kind} ${id}`);
  const more = sources.length > named.length ? ` and ${sources.length - named.length} more` : '';
  return `no longer in the register: ${named.join(', ')}${more}; rows of theirs are those of unknown sources from here on`;
}

/** Values of one row of each source of the register, at one row a source: what documents call a round of the city. */
export function cityRound(register: Register): { readonly rows: number; readonly values: number } {
  const measured = register.sources.filter((source) => !catalog[source.kind].event);
  return { rows: measured.length, values: measured.reduce((sum, source) => sum + catalog[source.kind].metrics.length, 0) };
}
