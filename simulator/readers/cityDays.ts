// Daily means of cities: a row per day and city with a column per pollutant, or a row per day with a column of PM2.5 per city.

import { fromBeijing } from '../../engine/domain/calendar.ts';
import { shown } from '../../engine/schema/problem.ts';
import { type PollutantId, pollutantIds } from '../../engine/schema/window.ts';
import { FileError, type FileProblem } from '../fileProblem.ts';
import { cellNumber, csvOf } from './textFile.ts';

/** One day of one city; absent or NaN: not there. O3 is the largest 8-hour mean. */
export interface CityDay {
  readonly startMs: number;
  readonly aqi?: number;
  /** µg/m³, CO mg/m³. */
  readonly means: Partial<Readonly<Record<PollutantId, number>>>;
}

export interface CityDays {
  /** As written in the file, without 市, in its order. */
  readonly cities: ReadonlyMap<string, readonly CityDay[]>;
  readonly problems: readonly FileProblem[];
}

/** True for a header that `readCityDays` takes. The hourly files of CNEMC begin with a date, too. */
export function isCityDays(head: string): boolean {
  return /^\ufeff?"?date"?,(?!"?hour)/i.test(head) && !/^\ufeff?"?date"?,"?type/i.test(head);
}

const cityNames = new Set(['city', '城市']);

export async function readCityDays(file: string): Promise<CityDays> {
  const cities = new Map<string, CityDay[]>();
  const problems: FileProblem[] = [];
  let header: readonly string[] = [];
  let columns: readonly (PollutantId | 'aqi' | undefined)[] = [];
  const dayOf = (name: string, day: CityDay) => {
    const city = name.replace(/市$/, '');
    const days = cities.get(city);
    if (days === undefined) cities.set(city, [day]);
    else days.push(day);
  };
  for await (const { line, cells } of csvOf(file)) {
    if (header.length === 0) {
      header = cells;
      columns = cells.map(columnOf);
      continue;
    }
    const startMs = dateOf(cells[0]);
    const isLong = cityNames.has(header[1]?.toLowerCase());
    const values = cells.map((cell, i) => (i < (isLong ? 2 : 1) ? Number.NaN : cellNumber(cell)));
    const bad = values.indexOf(undefined);
    if (startMs === undefined || cells.length !== header.length || bad >= 0) {
      problems.push({ file, line, message: 'not a row of a day', value: shown(cells.join(',')), allowed: header.join(',') });
      continue;
    }
    if (!isLong) {
      for (let i = 1; i < cells.length; i++) dayOf(header[i], { startMs, means: { pm25: values[i] } });
      continue;
    }
    const means: Partial<Record<PollutantId, number>> = {};
    let aqi: number | undefined;
    columns.forEach((column, i) => {
      if (column === 'aqi') aqi = values[i];
      else if (column !== undefined && i > 1) means[column] = values[i];
    });
    dayOf(cells[1], { startMs, aqi, means });
  }
  if (cityNames.has(header[1]?.toLowerCase()) && columns.every((column) => column === undefined))
    throw new FileError(`${file} has no column of ${['aqi', ...pollutantIds].join(', ')}; found: ${header.join(', ')}`);
  return { cities, problems };
}

/** `PM2.5`, `pm25`, `col2_pm25`, `AQI`. */
function columnOf(name: string): PollutantId | 'aqi' | undefined {
  const last = name.toLowerCase().replace('pm2.5', 'pm25').split('_').at(-1);
  return last === 'aqi' ? 'aqi' : pollutantIds.find((id) => id === last);
}

function dateOf(text: string): number | undefined {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number);
  return fromBeijing(year, month, day);
}
