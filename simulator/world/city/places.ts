// Places in the city: so many kilometres from another, and spread about a centre.

import { type Place, roundedPlace } from '../../../engine/domain/geo.ts';
import type { Draws } from './draws.ts';

const kmPerDegree = 111.2;

/** East and north in km, flat; to about a metre. */
export function shifted(from: Place, eastKm: number, northKm: number): Place {
  return roundedPlace({
    lat: from.lat + northKm / kmPerDegree,
    lon: from.lon + eastKm / (kmPerDegree * Math.cos((from.lat * Math.PI) / 180)),
  });
}

/** Somewhere from `nearKm` to `farKm` around, denser near the centre. Takes the ticks 2·`tick` and 2·`tick` + 1. */
export function around(draw: Draws, tick: number, centre: Place, nearKm: number, farKm: number): Place {
  const angle = 2 * Math.PI * draw.share(2 * tick);
  const distance = draw.between(2 * tick + 1, nearKm, farKm);
  return shifted(centre, distance * Math.cos(angle), distance * Math.sin(angle));
}

/** Flat distance, good to a percent within the city; cheaper than the great circle. */
export function flatKm(a: Place, b: Place): number {
  const north = (a.lat - b.lat) * kmPerDegree;
  const east = (a.lon - b.lon) * kmPerDegree * Math.cos((a.lat * Math.PI) / 180);
  return Math.sqrt(north * north + east * east);
}
