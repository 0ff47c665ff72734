// The register as a picture: one layer a kind of source, the enterprises below, districts by name, a legend with counts.

import { catalog, type Kind } from '../schema/catalog.ts';
import type { Register } from '../schema/register.ts';

interface Layer {
  readonly kind: Kind;
  readonly color: string;
  readonly radius: number;
  readonly opacity: number;
  /** Drawn with a white rim, so that few large dots stand out of many small ones. */
  readonly hasRim: boolean;
}

/** Bottom to top: the many and small first. Meters of one enterprise lie at one place, so its main meter stands for them. */
const layers: readonly Layer[] = [
  { kind: 'power', color: '#f2a541', radius: 1.3, opacity: 0.8, hasRim: false },
  { kind: 'camera', color: '#3f9b57', radius: 2.4, opacity: 0.85, hasRim: false },
  { kind: 'dust', color: '#8d6e63', radius: 2.2, opacity: 0.85, hasRim: false },
  { kind: 'voc', color: '#8e24aa', radius: 3.4, opacity: 1, hasRim: true },
  { kind: 'cems', color: '#d32f2f', radius: 3.4, opacity: 1, hasRim: true },
  { kind: 'air', color: '#1565c0', radius: 4, opacity: 1, hasRim: true },
  { kind: 'petition', color: '#00838f', radius: 4.5, opacity: 1, hasRim: true },
  { kind: 'vehicle', color: '#111111', radius: 5, opacity: 1, hasRim: true },
];
const enterpriseColor = '#c9c9c9';

/** The map is a square; the legend has a column of its own beside it. */
const size = { map: 1100, margin: 40, legend: 300 };
const radians = Math.PI / 180;

export function cityMap(register: Register): string {
  const placed = register.sources.filter((source) => source.lon !== undefined && source.lat !== undefined);
  const { x, y } = projection([...register.districts, ...register.enterprises, ...placed] as Place[]);
  const dot = (place: Place, radius: number) => `<circle cx="${x(place.lon)}" cy="${y(place.lat)}" r="${radius}"/>`;
  const groups = layers.map(({ kind, color, radius, opacity, hasRim }) => {
    const own = placed.filter((source) => source.kind === kind && (kind !== 'power' || (source.circuit ?? 'main') === 'main'));
    const rim = hasRim ? ' stroke="#fff" stroke-width="0.8"' : '';
    const dots = own.map((source) => dot(source as Place, radius)).join('');
    return `<g id="${kind}" fill="${color}" fill-opacity="${opacity}"${rim}>${dots}</g>`;
  });
  const enterprises = `<g id="enterprises" fill="${enterpriseColor}">${register.enterprises.map((each) => dot(each, 1.1)).join('')}</g>`;
  const towns = register.townships.map(
    ({ lon, lat, zh }) =>
      `<text x="${x(lon)}" y="${y(lat)}" font-size="8" fill="#666" text-anchor="middle">${escaped(zh)}</text>`,
  );
  const names = register.districts.map(
    ({ lon, lat, zh }) =>
      `<text x="${x(lon)}" y="${y(lat)}" font-size="19" font-weight="bold" text-anchor="middle" stroke="#fff" stroke-width="4" paint-order="stroke">${escaped(zh)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.map + size.legend} ${size.map}" font-family="sans-serif">`,
    '<rect width="100%" height="100%" fill="#fbfbf8"/>',
    enterprises,
    ...groups,
    `<g id="townships">${towns.join('')}</g>`,
    `<g id="districts">${names.join('')}</g>`,
    legend(register),
    '</svg>\n',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

interface Place {
  readonly lon: number;
  readonly lat: number;
}

/** Flat, with one scale for both axes; north is up. */
function projection(places: readonly Place[]) {
  let [west, east, south, north] = [180, -180, 90, -90];
  for (const { lon, lat } of places) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  const squeeze = Math.cos(((south + north) / 2) * radians);
  const perDegree = Math.min(
    (size.map - 2 * size.margin) / Math.max((east - west) * squeeze, 1e-6),
    (size.map - 2 * size.margin) / Math.max(north - south, 1e-6),
  );
  const left = (size.map - (east - west) * squeeze * perDegree) / 2;
  return {
    x: (lon: number) => (left + (lon - west) * squeeze * perDegree).toFixed(1),
    y: (lat: number) => (size.margin + (north - lat) * perDegree).toFixed(1),
  };
}

function legend({ city, sources, enterprises }: Register): string {
  const rows = [
    ...[...layers].reverse().map(({ kind, color }) => ({
      color,
      text: `${catalog[kind].zh} ${catalog[kind].en}: ${sources.filter((source) => source.kind === kind).length}`,
    })),
    { color: enterpriseColor, text: `涉气企业 Enterprises: ${enterprises.length}` },
  ];
  const lines = rows.map(
    ({ color, text }, i) =>
      `<g transform="translate(14,${44 + i * 20})"><circle cx="0" cy="-4" r="6" fill="${color}"/><text x="14" font-size="13">${text}</text></g>`,
  );
  const height = 40 + rows.length * 20;
  return `<g id="legend" transform="translate(${size.map - size.margin},${size.margin})"><rect width="${size.legend}" height="${height}" rx="6" fill="#fff" fill-opacity="0.9" stroke="#bbb"/><text x="10" y="22" font-size="15" font-weight="bold">${escaped(`${city.zh} ${city.en}`)}</text>${lines.join('')}</g>`;
}
