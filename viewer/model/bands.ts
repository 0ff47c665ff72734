// The classes of the index as bands of a pollutant's concentration, for the background of the chart.

import { aqiClasses, editionAt } from '../../engine/domain/aqi.ts';
import { type AqiItem, iaqiAxis, table2012, table2026 } from '../../engine/domain/aqiTables.ts';

export interface Band {
  /** Upper edge in the unit of the line; the last band has none (Infinity). */
  readonly upTo: number;
  readonly hex: string;
}

/** Hourly particulates go by their daily column, as in the 2026 edition. Empty for what has no index. */
export function bandsOf(metric: string, atMs: number): Band[] {
  if (metric === 'aqi') return aqiClasses.map(({ max, hex }) => ({ upTo: max, hex }));
  const table = editionAt(atMs) === 'hj633-2026' ? table2026 : table2012;
  const item = metric === 'pm25' || metric === 'pm10' ? `${metric}_24h` : `${metric}_1h`;
  if (!Object.hasOwn(table, item)) return [];
  const column = table[item as AqiItem];
  const bands: Band[] = [];
  for (const { max, hex } of aqiClasses) {
    const edge = column[iaqiAxis.indexOf(max)];
    bands.push({ upTo: edge ?? Number.POSITIVE_INFINITY, hex });
    if (edge === undefined) break; // the standard gives no higher class for the hourly value
  }
  return bands;
}
