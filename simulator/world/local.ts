// Places in metres: east and north of the city's centre, flat. Good to 0.2 % over the city's 150 km.

import type { Place } from '../../engine/domain/geo.ts';

/** WGS-84, near the seat of the city government. */
export const cityCentre: Place = { lon: 115.66, lat: 37.735 };

const metresPerDegree = 111_195;
const metresPerDegreeEast = metresPerDegree * Math.cos((cityCentre.lat * Math.PI) / 180);

/** East and north of the city's centre, m. */
export interface Local {
  readonly x: number;
  readonly y: number;
}

export function localOf({ lon, lat }: Place): Local {
  return { x: (lon - cityCentre.lon) * metresPerDegreeEast, y: (lat - cityCentre.lat) * metresPerDegree };
}

export function placeOf({ x, y }: Local): Place {
  return { lon: cityCentre.lon + x / metresPerDegreeEast, lat: cityCentre.lat + y / metresPerDegree };
}
