// Who stands near whom: distances between a kind's sources, sorted once whenever sources become known.

import { distanceKm } from '../../domain/geo.ts';
import type { Source } from '../../schema/register.ts';

export interface Neighbour {
  readonly index: number;
  readonly km: number;
}

export interface NeighbourOptions {
  /** Those of these, the nearest first. */
  readonly most: number;
  readonly withinKm: number;
  /** Sources that it is false for are nobody's neighbour; absent: all count. */
  readonly counts?: (source: Source) => boolean;
}

/** Of each source, by its number; none for sources without a place. Equal distances: the smaller number first. */
export function neighboursOf(sources: readonly Source[], options: NeighbourOptions): readonly (readonly Neighbour[])[] {
  const { most, withinKm, counts = () => true } = options;
  const placed = sources.flatMap((source, index) => {
    const { lon, lat } = source;
    return lon === undefined || lat === undefined ? [] : [{ index, lon, lat, isCounted: counts(source) }];
  });
  const found: Neighbour[][] = sources.map(() => []);
  for (const each of placed) {
    const near: Neighbour[] = [];
    for (const other of placed) {
      if (other.index === each.index || !other.isCounted) continue;
      const km = distanceKm(each, other);
      if (km <= withinKm) near.push({ index: other.index, km });
    }
    found[each.index] = near.sort((a, b) => a.km - b.km || a.index - b.index).slice(0, most);
  }
  return found;
}
