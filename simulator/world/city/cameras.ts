// Straw-burning cameras: on a lattice over the fields, some kilometres apart, outside the towns.

import type { Place } from '../../../engine/domain/geo.ts';
import type { Source, Township } from '../../../engine/schema/register.ts';
import { draws, padded } from './draws.ts';
import { around, flatKm, shifted } from './places.ts';
import { hengshuiTownships, townshipWeights } from './townships.ts';

/** Thermal cameras see 3 to 5 km [S]: 261 of them over 8,800 km² stand 5 to 6 km apart. */
const spacingKm = 5.2;
/** A field belongs to the city up to so far from its township's centre. */
const fieldKm = 7.5;
/** No fields in a town: 1 km round a township, more round a seat of government. */
const townKm = 0.9;
const seatKm = 2.6;
/** Towers stand where there is one, not on the lattice's points. */
const shiftKm = 0.6;
const corner: Place = { lon: 115.05, lat: 37.02 };
const columns = 30;
const rows = 36;

interface Field {
  readonly place: Place;
  readonly township: Township;
  readonly km: number;
}

export function makeCameras(seed: number, count: number): Source[] {
  const place = draws(seed, 'camera place');
  const fields = [...fieldsOf()].sort((a, b) => a.km - b.km).slice(0, count);
  if (fields.length < count) throw new Error(`BUG: the lattice has ${fields.length} fields, ${count} are needed`);
  const turns = new Map<string, number>();
  return fields
    .sort((a, b) => Number(a.township.code) - Number(b.township.code) || b.place.lat - a.place.lat || a.place.lon - b.place.lon)
    .map(({ place: centre, township }, i) => {
      const turn = (turns.get(township.code) ?? 0) + 1;
      turns.set(township.code, turn);
      return {
        kind: 'camera',
        id: `CAM-${padded(i + 1, 3)}`,
        zh: `${township.zh}秸秆禁烧视频${turn}号`,
        en: `${township.en} straw camera ${turn}`,
        district: township.district,
        ...around(place, i, centre, 0, shiftKm),
      };
    });
}

/** Points of a hexagonal lattice in the city's fields, with the township that they belong to. */
function* fieldsOf(): Generator<Field> {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const at = shifted(corner, (column + (row % 2) / 2) * spacingKm, row * spacingKm * hexagon);
      const { township, km, isTown } = nearest(at);
      if (km <= fieldKm && !isTown) yield { place: at, township, km };
    }
}

const hexagon = Math.sqrt(3) / 2;

function nearest(at: Place): { readonly township: Township; readonly km: number; readonly isTown: boolean } {
  let best = 0;
  let bestKm = Number.POSITIVE_INFINITY;
  let isTown = false;
  for (let t = 0; t < hengshuiTownships.length; t++) {
    const km = flatKm(at, hengshuiTownships[t]);
    if (km < (townshipWeights[t] > 2 ? seatKm : townKm)) isTown = true;
    if (km >= bestKm) continue;
    best = t;
    bestKm = km;
  }
  return { township: hengshuiTownships[best], km: bestKm, isTown };
}
