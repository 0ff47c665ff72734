// Wind as the stations felt it, and the way that the air over a station came.

import { metricIndex } from '../../schema/catalog.ts';
import type { Neighbour } from './neighbours.ts';
import type { Point } from './plane.ts';
import type { Series } from './series.ts';

/** Where air was before it arrived. */
export interface Waypoint extends Point {
  readonly ageMs: number;
  /** Of the wind that brought it from there, m/s; 0: nobody felt any. */
  readonly mps: number;
}

const [windMps, windFromDeg] = ['windMps', 'windFromDeg'].map((id) => metricIndex('air', id));
const radians = Math.PI / 180;

/**
 * Backwards from a station in steps of the series, km from it: by the mean wind of the station and its neighbours, each vane being
 * off by some degrees. Where nobody felt any the air stands.
 */
export function wayOfAir(
  series: Series,
  { station, neighbours }: { readonly station: number; readonly neighbours: readonly Neighbour[] },
  { step, steps }: { readonly step: number; readonly steps: number },
): readonly Waypoint[] {
  const way: Waypoint[] = [];
  let [x, y] = [0, 0];
  for (let back = 0; back < steps; back++) {
    let [east, north, known] = [0, 0, 0];
    for (let i = -1; i < neighbours.length; i++) {
      const source = i < 0 ? station : neighbours[i].index;
      const mps = series.mean('air', windMps, source, step - back);
      const fromDeg = series.mean('air', windFromDeg, source, step - back);
      if (Number.isNaN(mps) || Number.isNaN(fromDeg)) continue;
      east -= mps * Math.sin(fromDeg * radians);
      north -= mps * Math.cos(fromDeg * radians);
      known += 1;
    }
    if (known > 0) [east, north] = [east / known, north / known];
    way.push({ x, y, ageMs: back * series.sizeMs, mps: Math.sqrt(east * east + north * north) });
    x -= (east * series.sizeMs) / 1e6;
    y -= (north * series.sizeMs) / 1e6;
  }
  return way;
}
