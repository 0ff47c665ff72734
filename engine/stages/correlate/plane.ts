// A flat map of the surroundings, in km: for bearings, errors and centres. Good to 1 % within half a degree of its origin.

import { distanceKm, type Place } from '../../domain/geo.ts';

/** km east and north of the origin. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Plane {
  pointOf(place: Place): Point;
  /** To about a metre. */
  placeOf(point: Point): Place;
}

export function planeAt({ lon, lat }: Place): Plane {
  const kmPerLon = distanceKm({ lon, lat }, { lon: lon + 0.01, lat }) * 100;
  const kmPerLat = distanceKm({ lon, lat }, { lon, lat: lat + 0.01 }) * 100;
  const rounded = (degrees: number) => Math.round(degrees * 1e5) / 1e5;
  return {
    pointOf: (place) => ({ x: (place.lon - lon) * kmPerLon, y: (place.lat - lat) * kmPerLat }),
    placeOf: ({ x, y }) => ({ lon: rounded(lon + x / kmPerLon), lat: rounded(lat + y / kmPerLat) }),
  };
}

export function squaredKm(a: Point, b: Point): number {
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}
