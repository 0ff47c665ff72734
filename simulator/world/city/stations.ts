// The air stations: the three national ones, then micro stations at townships, schools, parks and industrial zones.

import { hengshuiDistricts, hengshuiNationalStations, type Place } from '../../../engine/domain/geo.ts';
import type { District, Source } from '../../../engine/schema/register.ts';
import { districtWeights } from './clusters.ts';
import { draws, padded, weighted } from './draws.ts';
import { around } from './places.ts';
import { townshipsOf } from './townships.ts';

/** A national station reports once an hour. */
export const nationalCadenceMs = 3_600_000;

/** Where stations stand besides the townships' own: in town. */
const inTown: readonly (readonly [zh: string, en: string])[] = [
  ['人民公园', "People's Park"],
  ['第二中学', 'No. 2 Middle School'],
  ['人民医院', "People's Hospital"],
  ['开发区', 'Development Zone'],
  ['体育馆', 'Gymnasium'],
  ['汽车站', 'Bus Station'],
  ['实验小学', 'Experimental School'],
  ['工业园区', 'Industrial Park'],
  ['文化广场', 'Culture Square'],
  ['第一中学', 'No. 1 Middle School'],
  ['污水处理厂', 'Sewage Works'],
  ['北环', 'North Ring'],
  ['南环', 'South Ring'],
  ['火车站', 'Railway Station'],
  ['中医院', 'Hospital of Chinese Medicine'],
  ['东环', 'East Ring'],
];
/** How far from the seat of government these stand, km [P]. */
const townKm = 4;
const townshipKm = 0.8;

/** `count` in all, the national ones included. */
export function makeStations(seed: number, count: number): Source[] {
  const place = draws(seed, 'air place');
  const sources: Source[] = hengshuiNationalStations.map(({ id, zh, en, lon, lat }) => ({
    kind: 'air',
    id,
    zh,
    en,
    district: '131102',
    lon,
    lat,
    cadenceMs: nationalCadenceMs,
    // Between two hourly means a station is not silent.
    idleMs: 3 * nationalCadenceMs,
    national: true,
  }));
  const district = draws(seed, 'air district');
  const used = new Map<string, number>();
  for (let i = 0; sources.length < count; i++) {
    // The first go one to each district, so that none is empty; the others by weight.
    const home = hengshuiDistricts[i < hengshuiDistricts.length ? i : weighted(district.share(i), districtWeights)];
    const turn = used.get(home.code) ?? 0;
    used.set(home.code, turn + 1);
    const site = siteOf(home, turn);
    sources.push({
      kind: 'air',
      id: `HS-${padded(i + 1, 3)}`,
      zh: `${home.zh}${site.zh}`,
      en: site.en.startsWith(home.en) ? site.en : `${home.en} ${site.en}`,
      district: home.code,
      ...around(place, i, site.centre, 0, site.reachKm),
    });
  }
  return sources;
}

interface Site {
  readonly zh: string;
  readonly en: string;
  readonly centre: Place;
  readonly reachKm: number;
}

/** Townships and places in town by turns, then by number. */
function siteOf(home: District, turn: number): Site {
  const townships = townshipsOf[home.code];
  const names = townships.length + inTown.length;
  const at = turn % names;
  const round = Math.floor(turn / names) + 1;
  const number = round === 1 ? '' : `${round}号`;
  const numberEn = round === 1 ? '' : ` ${round}`;
  const pairs = Math.min(townships.length, inTown.length);
  const isTownship = at < 2 * pairs ? at % 2 === 0 : townships.length > inTown.length;
  const index = at < 2 * pairs ? Math.floor(at / 2) : at - pairs;
  if (isTownship) {
    const { zh, en } = townships[index];
    return { zh: `${zh}${number}`, en: `${en}${numberEn}`, centre: townships[index], reachKm: townshipKm };
  }
  const [zh, en] = inTown[index];
  return { zh: `${zh}${number}`, en: `${en}${numberEn}`, centre: home, reachKm: townKm };
}
