// Sources by index: the register first, then whoever sends without being in it.

import type { SourceNames } from '../../pipeline/ports.ts';
import { catalog, type Kind, kinds } from '../../schema/catalog.ts';
import type { RegisterSources } from '../../schema/flow.ts';
import type { Register, Source } from '../../schema/register.ts';

export interface SourceTable extends SourceNames {
  /** Index of a source; an unknown one is added without a district, or -1 when strict. */
  indexOf(kind: Kind, id: string): number;
  source(kind: Kind, index: number): Source;
  /** Commands for the sources added since the last call; the first call gives the register. */
  takeNew(): RegisterSources[];
  /** One command a kind for everything announced so far. */
  announced(): RegisterSources[];
  /** Sources as a recording announces them. */
  learn(command: RegisterSources): void;
  /** Sources of the register that are not known yet. */
  addRegister(register: Register): void;
}

interface KindSources {
  readonly sources: Source[];
  readonly index: Map<string, number>;
  announced: number;
}

export function sourceTable(options: { readonly strict: boolean }): SourceTable {
  const tables = new Map<Kind, KindSources>(
    kinds.map((kind) => [kind, { sources: [], index: new Map(), announced: 0 }] as const),
  );
  const of = (kind: Kind) => tables.get(kind) as KindSources;

  function add(source: Source): number {
    const table = of(source.kind);
    const index = table.sources.length;
    table.sources.push(source);
    table.index.set(source.id, index);
    return index;
  }

  return {
    indexOf(kind, id) {
      const known = of(kind).index.get(id);
      if (known !== undefined) return known;
      return options.strict ? -1 : add({ kind, id, zh: id, district: '' });
    },
    takeNew() {
      const commands: RegisterSources[] = [];
      for (const kind of kinds) {
        const table = of(kind);
        if (table.announced === table.sources.length) continue;
        commands.push({ name: 'sources', kind, first: table.announced, sources: table.sources.slice(table.announced) });
        table.announced = table.sources.length;
      }
      return commands;
    },
    announced: () =>
      kinds
        .filter((kind) => of(kind).announced > 0)
        .map((kind) => ({ name: 'sources', kind, first: 0, sources: of(kind).sources.slice(0, of(kind).announced) })),
    learn({ kind, first, sources }) {
      const table = of(kind);
      if (first !== table.sources.length || first !== table.announced)
        throw new Error(`the recording announces ${kind} source ${first}, but ${table.sources.length} are known`);
      for (const source of sources) add(source);
      table.announced = table.sources.length;
    },
    addRegister(register) {
      for (const source of register.sources) if (!of(source.kind).index.has(source.id)) add(source);
    },
    source: (kind, index) => of(kind).sources[index],
    id: (kind, index) => of(kind).sources[index].id,
    district: (kind, index) => of(kind).sources[index].district,
  };
}

/** Values of one row of each source of the register, at one row a source: what documents call a round of the city. */
export function cityRound(register: Register): { readonly rows: number; readonly values: number } {
  const measured = register.sources.filter((source) => !catalog[source.kind].event);
  return { rows: measured.length, values: measured.reduce((sum, source) => sum + catalog[source.kind].metrics.length, 0) };
}
