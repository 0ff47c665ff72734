// What stands around a station that may give something off: plants, dust sites; worked out once for each station.

import { distanceKm, type Place } from '../../domain/geo.ts';
import type { CityPlaces } from './cityPlaces.ts';
import type { ProcessLink } from './links.ts';
import { planeAt } from './plane.ts';
import type { SourceIndex } from './sourceIndex.ts';

export type Sort = 'plant' | 'vocPlant' | 'site' | 'fire';

export interface Suspect {
  readonly id: string;
  readonly sort: Sort;
  /** km east and north of the station. */
  readonly x: number;
  readonly y: number;
  readonly km: number;
  /** Its watched processes. */
  readonly links: readonly ProcessLink[];
  /** Number of the dust source; -1: none. */
  readonly site: number;
  /** Of a plant that nothing watches, kg/h of particles. */
  readonly pm: number;
}

export interface Surroundings {
  /** After sources became known. */
  learn(): void;
  /** Within reach of an air source, in a fixed order. */
  of(station: number): readonly Suspect[];
}

export interface SurroundingsOptions {
  readonly links: readonly ProcessLink[];
  readonly places: CityPlaces;
  readonly air: SourceIndex;
  readonly sites: SourceIndex;
  readonly reachKm: number;
}

/** A degree of latitude is 110.6 to 111.7 km; of longitude that times the cosine of the latitude. */
const kmPerDegreeLeast = 110;

type Standing = Omit<Suspect, 'x' | 'y' | 'km'> & Place;

export function surroundings({ links, places, air, sites, reachKm }: SurroundingsOptions): Surroundings {
  const byPlant = new Map<string, ProcessLink[]>();
  for (const link of links) byPlant.set(link.enterprise, [...(byPlant.get(link.enterprise) ?? []), link]);
  const plants: readonly Standing[] = [
    ...[...byPlant].map(([id, own]): Standing => {
      const sort = own.some(({ cems }) => cems !== undefined) || own.every(({ voc }) => voc === undefined) ? 'plant' : 'vocPlant';
      return { id, sort, links: own, site: -1, pm: 0, lon: own[0].lon, lat: own[0].lat };
    }),
    ...places.enterprises
      .filter(({ id }) => !byPlant.has(id))
      .map(({ id, pm, lon, lat }): Standing => ({ id, sort: 'plant', links: [], site: -1, pm, lon, lat })),
  ];
  const known = new Map<number, readonly Suspect[]>();
  /** With the dust sites that are known. */
  let all: readonly Standing[] | undefined;

  return {
    learn() {
      known.clear();
      all = undefined;
    },
    of(station) {
      const before = known.get(station);
      if (before !== undefined) return before;
      const { lon, lat } = air.all[station] ?? {};
      const found = lon === undefined || lat === undefined ? [] : around({ lon, lat });
      known.set(station, found);
      return found;
    },
  };

  function around(place: Place): readonly Suspect[] {
    const plane = planeAt(place);
    const latMost = reachKm / kmPerDegreeLeast;
    const lonMost = latMost / Math.cos((place.lat * Math.PI) / 180);
    const found: Suspect[] = [];
    for (const standing of standings()) {
      // Most are far away: that is seen without a cosine each.
      if (Math.abs(standing.lat - place.lat) > latMost || Math.abs(standing.lon - place.lon) > lonMost) continue;
      const km = distanceKm(place, standing);
      if (km > reachKm) continue;
      const { lon, lat, ...rest } = standing;
      found.push({ ...rest, ...plane.pointOf({ lon, lat }), km });
    }
    return found;
  }

  /** Worked out when it is first asked for. */
  function standings(): readonly Standing[] {
    if (all !== undefined) return all;
    const dusty = sites.all.flatMap(({ id, lon, lat }, site): readonly Standing[] =>
      lon === undefined || lat === undefined ? [] : [{ id, sort: 'site', links: [], site, pm: 0, lon, lat }],
    );
    all = [...plants, ...dusty];
    return all;
  }
}
