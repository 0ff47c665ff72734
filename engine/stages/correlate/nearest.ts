// The nearest of a list of places.

import { distanceKm, type Place } from '../../domain/geo.ts';

/** Equal distances: the first in the list. Undefined: the list is empty. */
export function nearestTo<Where extends Place>(place: Place, places: readonly Where[]): Where | undefined {
  let best: Where | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of places) {
    const km = distanceKm(place, each);
    if (km >= least) continue;
    best = each;
    least = km;
  }
  return best;
}
