// Names for people, from the register and the rules.

import type { Names } from './domain/explain.ts';
import type { Register } from './schema/register.ts';
import type { Text } from './schema/says.ts';
import { ruleCatalog } from './stages/correlate/ruleCatalog.ts';

interface Named {
  readonly zh: string;
  readonly en?: string;
}

/** An id that the register does not know is its own name. */
export function registerNames({ city, districts, sources, enterprises, townships }: Register): Names {
  const bySource = new Map(sources.map((source) => [`${source.kind} ${source.id}`, source]));
  const byEnterprise = new Map(enterprises.map((enterprise) => [enterprise.id, enterprise]));
  const byDistrict = new Map([city, ...districts].map((place) => [place.code, place]));
  const byTownship = new Map(townships.map((township) => [township.code, township]));
  const sites = new Map(sources.filter(({ kind }) => kind === 'dust').map((source) => [source.id, source]));
  const rules: Readonly<Record<string, Text>> = ruleCatalog;
  const text = (named: Named | undefined, id: string): Text =>
    named === undefined ? { zh: id, en: id } : { zh: `${named.zh}（${id}）`, en: `${named.en ?? named.zh} (${id})` };
  const plain = (named: Named | undefined, id: string): Text => ({ zh: named?.zh ?? id, en: named?.en ?? named?.zh ?? id });
  return {
    source: (kind, id) => text(bySource.get(`${kind} ${id}`), id),
    enterprise: (id) => text(byEnterprise.get(id) ?? sites.get(id), id),
    district: (code) => plain(code === '' ? city : byDistrict.get(code), code), // of none: of the city
    township: (code) => plain(byTownship.get(code), code),
    rule: (id) => plain(rules[id], id),
  };
}
