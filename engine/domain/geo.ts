// Hengshui's districts and national stations, coordinates, distances.

import type { District } from '../schema/register.ts';

export interface Place {
  readonly lon: number;
  readonly lat: number;
}

export const hengshui = { code: '131100', zh: '衡水市', en: 'Hengshui' } as const;

// Semi-major axis and squared eccentricity of the Krasovsky 1940 ellipsoid, on which GCJ-02 is defined in practice [M].
const axisM = 6_378_245;
const eccentricitySq = 0.006693421622965943;
const radians = Math.PI / 180;

/** Offset of GCJ-02 against WGS-84 as in the commonly published formula; good to a few metres when inverted once. */
function gcjOffset({ lon, lat }: Place): Place {
  const x = lon - 105;
  const y = lat - 35;
  const wave = ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
  let dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + wave;
  dLat += ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3;
  dLat += ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  let dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + wave;
  dLon += ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3;
  dLon += ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const sin = Math.sin(lat * radians);
  const magic = 1 - eccentricitySq * sin * sin;
  const root = Math.sqrt(magic);
  return {
    lat: dLat / (((axisM * (1 - eccentricitySq)) / (magic * root)) * radians),
    lon: dLon / ((axisM / root) * Math.cos(lat * radians) * radians),
  };
}

/** GCJ-02 (Chinese public maps) to WGS-84, a few metres. */
export function wgsFromGcj(place: Place): Place {
  const offset = gcjOffset(place);
  return { lon: place.lon - offset.lon, lat: place.lat - offset.lat };
}

/** BD-09 (Baidu) to GCJ-02, as commonly published. */
export function gcjFromBd({ lon, lat }: Place): Place {
  const turn = (Math.PI * 3000) / 180;
  const x = lon - 0.0065;
  const y = lat - 0.006;
  const z = Math.sqrt(x * x + y * y) - 0.00002 * Math.sin(y * turn);
  const angle = Math.atan2(y, x) - 0.000003 * Math.cos(x * turn);
  return { lon: z * Math.cos(angle), lat: z * Math.sin(angle) };
}

const earthKm = 6371.0088;

/** Great-circle distance. */
export function distanceKm(a: Place, b: Place): number {
  const sinLat = Math.sin(((b.lat - a.lat) * radians) / 2);
  const sinLon = Math.sin(((b.lon - a.lon) * radians) / 2);
  const h = sinLat * sinLat + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * sinLon * sinLon;
  return 2 * earthKm * Math.asin(Math.sqrt(h));
}

type DistrictRow = readonly [code: string, zh: string, en: string, lon: number, lat: number];

// Codes, names and coordinates (GCJ-02): domain report section 6. The two functional zones' coordinates are guesses [M].
const districtRows: readonly DistrictRow[] = [
  ['131102', '桃城区', 'Taocheng', 115.694945, 37.732237],
  ['131103', '冀州区', 'Jizhou', 115.579173, 37.542788],
  ['131121', '枣强县', 'Zaoqiang', 115.726499, 37.511512],
  ['131122', '武邑县', 'Wuyi', 115.892415, 37.803774],
  ['131123', '武强县', 'Wuqiang', 115.970236, 38.03698],
  ['131124', '饶阳县', 'Raoyang', 115.726577, 38.232671],
  ['131125', '安平县', 'Anping', 115.519627, 38.233511],
  ['131126', '故城县', 'Gucheng', 115.966747, 37.350981],
  ['131127', '景县', 'Jing County', 116.258446, 37.686622],
  ['131128', '阜城县', 'Fucheng', 116.164727, 37.869945],
  ['131182', '深州市', 'Shenzhou', 115.554596, 38.00347],
  ['131171', '高新区', 'High-tech Zone', 115.71, 37.8],
  ['131172', '滨湖新区', 'Binhu New Area', 115.66, 37.66],
];

/** WGS-84, seats of government. */
export const hengshuiDistricts: readonly District[] = districtRows.map(([code, zh, en, lon, lat]) => ({
  code,
  zh,
  en,
  ...roundedPlace(wgsFromGcj({ lon, lat })),
}));

/** The three national stations; published positions are BD-09, list of about 2013–2020 [S]. */
export const hengshuiNationalStations = [
  { id: '1074A', zh: '电机北厂', en: 'Dianji Beichang', bd: { lon: 115.6951, lat: 37.7575 } },
  { id: '1075A', zh: '市监测站', en: 'City Monitoring Station', bd: { lon: 115.6426, lat: 37.7379 } },
  { id: '1076A', zh: '市环保局', en: 'City Environment Bureau', bd: { lon: 115.6906, lat: 37.739 } },
].map(({ id, zh, en, bd }) => ({ id, zh, en, ...roundedPlace(wgsFromGcj(gcjFromBd(bd))) }));

/** To about a metre. */
export function roundedPlace({ lon, lat }: Place): Place {
  return { lon: Math.round(lon * 1e5) / 1e5, lat: Math.round(lat * 1e5) / 1e5 };
}
