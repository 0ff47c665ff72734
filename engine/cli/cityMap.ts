// The register as a picture: sources of each kind as dots, districts by name.

import { catalog, kinds } from '../schema/catalog.ts';
import type { Register } from '../schema/register.ts';

const colors = ['#1565c0', '#c62828', '#6a1b9a', '#8d6e63', '#9e9e9e', '#2e7d32', '#00838f', '#ef6c00', '#000000'];
const size = { width: 900, height: 900, margin: 40 };

export function cityMap(register: Register): string {
  const placed = register.sources.filter((source) => source.lon !== undefined && source.lat !== undefined);
  const lons = placed.map((source) => source.lon as number);
  const lats = placed.map((source) => source.lat as number);
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  const x = (lon: number) => (size.margin + ((lon - west) / (east - west)) * (size.width - 2 * size.margin)).toFixed(1);
  const y = (lat: number) => (size.margin + ((north - lat) / (north - south)) * (size.height - 2 * size.margin)).toFixed(1);
  // Meters first: they are many and lie under the others.
  const order = [...kinds].sort((a, b) => Number(b === 'power') - Number(a === 'power'));
  const dots = order.flatMap((kind) =>
    placed
      .filter((source) => source.kind === kind)
      .map(
        (source) =>
          `<circle cx="${x(source.lon as number)}" cy="${y(source.lat as number)}" r="${kind === 'air' ? 4 : 1.8}" fill="${colors[kinds.indexOf(kind)]}" fill-opacity="0.75"/>`,
      ),
  );
  const names = register.districts.map(
    ({ lon, lat, zh }) =>
      `<text x="${x(lon)}" y="${y(lat)}" font-size="18" text-anchor="middle" stroke="#fff" stroke-width="4" paint-order="stroke">${zh}</text>`,
  );
  const legend = kinds.map(
    (kind, i) =>
      `<g transform="translate(20,${20 + i * 18})"><circle cx="0" cy="-4" r="5" fill="${colors[i]}"/><text x="10" font-size="13">${catalog[kind].zh} ${catalog[kind].en}</text></g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif"><rect width="100%" height="100%" fill="#fafafa"/>${dots.join('')}${names.join('')}${legend.join('')}</svg>\n`;
}
