// Back from a meter, a monitor or a dust site to the stations that ask what it shows when they look for a cause.

import { distanceKm, type Place } from '../../domain/geo.ts';
import type { Kind } from '../../schema/catalog.ts';
import type { ProcessLink } from './links.ts';
import type { SourceIndex } from './sourceIndex.ts';

export interface AskedBy {
  /** After sources became known. */
  learn(): void;
  /** Stations, by number. */
  of(kind: Kind, source: number): readonly number[];
}

export interface AskedByOptions {
  readonly links: readonly ProcessLink[];
  readonly air: SourceIndex;
  readonly sites: SourceIndex;
  readonly plants: Readonly<Record<'power' | 'cems' | 'voc', SourceIndex>>;
  /** Stations ask what stands so near. */
  readonly withinKm: number;
}

const none: readonly number[] = [];

export function askedBy({ links, air, sites, plants, withinKm }: AskedByOptions): AskedBy {
  /** What a source watches, by its id; each is watched by one. */
  const placeOf = new Map<string, Place>();
  for (const { productionMeter, treatmentMeter, cems, voc, lon, lat } of links)
    for (const id of [productionMeter, treatmentMeter, cems, voc]) if (id !== undefined) placeOf.set(id, { lon, lat });
  /** Worked out when they are first asked for. */
  const known = new Map<Kind, Map<number, readonly number[]>>();

  function placeOfSource(kind: Kind, source: number): Partial<Place> | undefined {
    if (kind === 'dust') return sites.all[source];
    return kind === 'power' || kind === 'cems' || kind === 'voc' ? placeOf.get(plants[kind].id(source)) : undefined;
  }

  function stationsAround({ lon, lat }: Partial<Place> = {}): readonly number[] {
    if (lon === undefined || lat === undefined) return none;
    return air.all.flatMap((station, i) =>
      station.lon !== undefined &&
      station.lat !== undefined &&
      distanceKm({ lon: station.lon, lat: station.lat }, { lon, lat }) <= withinKm
        ? [i]
        : [],
    );
  }

  return {
    learn: () => known.clear(),
    of(kind, source) {
      const bySource = known.get(kind) ?? new Map<number, readonly number[]>();
      const stations = bySource.get(source) ?? stationsAround(placeOfSource(kind, source));
      known.set(kind, bySource.set(source, stations));
      return stations;
    },
  };
}
