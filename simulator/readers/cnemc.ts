// CNEMC `china_sites_YYYYMMDD.csv`: a row per hour and type, a column per station.

import { fromBeijing } from '../../engine/domain/calendar.ts';
import { shown } from '../../engine/schema/problem.ts';
import type { FileProblem } from '../fileProblem.ts';
import { hourFrame, hourMs, hourSteps, type Reader, type Step } from './reader.ts';
import { cellNumber, csvOf } from './textFile.ts';

export const cnemcHeader = 'date,hour,type,';

const metricOf: ReadonlyMap<string, string> = new Map([
  ['PM2.5', 'pm25'],
  ['PM10', 'pm10'],
  ['SO2', 'so2'],
  ['NO2', 'no2'],
  ['O3', 'o3'],
  ['CO', 'co'],
]);
/** Means that CNEMC computed: ours are computed from the hours. */
const derived = new Set(['PM2.5_24h', 'PM10_24h', 'SO2_24h', 'NO2_24h', 'O3_24h', 'O3_8h', 'O3_8h_24h', 'CO_24h']);

/** "Hour h" is the mean from h-1 to h, Beijing time: rows start at h-1. The AQI rows are kept for comparison only. */
export function cnemcReader(file: string): Reader {
  const published = new Map<string, { aqi: number }>();

  async function* steps(): AsyncGenerator<Step> {
    let stations: string[] = [];
    let startMs = Number.NaN;
    let columns = new Map<string, Float64Array>();
    let problems: FileProblem[] = [];
    let share = 0;
    const takeHour = (): Step[] => {
      const done = hourSteps(startMs, columns.size > 0 ? [hourFrame(startMs, stations, columns)] : [], problems, share);
      columns = new Map();
      problems = [];
      return done;
    };
    for await (const { line, cells, share: read } of csvOf(file)) {
      share = read;
      if (stations.length === 0) {
        stations = cells.slice(3);
        continue;
      }
      const hourStart = startOf(cells);
      if (hourStart === undefined || cells.length !== stations.length + 3) {
        problems.push({
          file,
          line,
          message: 'not a row of an hour',
          value: shown(cells.slice(0, 4).join(',')),
          allowed: `date YYYYMMDD, hour 0-23, type, then ${stations.length} stations`,
        });
        continue;
      }
      if (hourStart < startMs) {
        problems.push({ file, line, message: 'the hour goes back', value: `${cells[0]} ${cells[1]}`, allowed: 'hours in order' });
        continue;
      }
      if (hourStart > startMs) yield* takeHour();
      startMs = hourStart;
      takeRow(line, cells);
    }
    if (!Number.isNaN(startMs)) yield* takeHour();

    function takeRow(line: number, cells: readonly string[]): void {
      const type = cells[2];
      const metric = metricOf.get(type);
      if (metric === undefined && type !== 'AQI') {
        if (!derived.has(type))
          problems.push({
            file,
            line,
            message: 'unknown type',
            value: shown(type),
            allowed: ['AQI', ...metricOf.keys(), ...derived].join(', '),
          });
        return;
      }
      const column = new Float64Array(stations.length);
      for (let i = 0; i < stations.length; i++) {
        const value = cellNumber(cells[i + 3]);
        if (value === undefined)
          problems.push({
            file,
            line,
            column: i + 4,
            message: `not a number for ${type} of ${stations[i]}`,
            value: shown(cells[i + 3]),
            allowed: 'a number or nothing',
          });
        column[i] = value ?? Number.NaN;
      }
      if (metric !== undefined) columns.set(metric, column);
      else
        for (let i = 0; i < stations.length; i++)
          if (!Number.isNaN(column[i])) published.set(`${stations[i]} ${startMs}`, { aqi: column[i] });
    }
  }

  return { format: 'cnemc', steps, published };
}

function startOf(cells: readonly string[]): number | undefined {
  const [date, hour] = cells;
  if (!/^\d{8}$/.test(date ?? '') || !/^\d{1,2}$/.test(hour ?? '') || Number(hour) > 24) return undefined;
  return fromBeijing(Number(date.slice(0, 4)), Number(date.slice(4, 6)), Number(date.slice(6)), Number(hour)) - hourMs;
}

export const snapshotHeader = 'timepoint,stationcode,';

/**
 * One hour of all stations as rows. In published copies the headers `o3` / `o3_24h` are swapped: `o3_24h` is the largest
 * hour so far, so it cannot be below the present one; where it mostly is, the columns are taken the other way round.
 */
export function snapshotReader(file: string): Reader {
  const published = new Map<string, { aqi: number; primary?: string }>();

  async function* steps(): AsyncGenerator<Step> {
    let header: readonly string[] = [];
    const hours = new Map<number, (readonly string[])[]>();
    const problems: FileProblem[] = [];
    for await (const { line, cells } of csvOf(file)) {
      if (header.length === 0) {
        header = cells;
        continue;
      }
      const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):00/.exec(cells[0] ?? '');
      if (match === null || cells.length !== header.length) {
        problems.push({
          file,
          line,
          message: 'not a row of a station',
          value: shown(cells.slice(0, 3).join(',')),
          allowed: header.join(','),
        });
        continue;
      }
      const [year, month, day, hour] = match.slice(1).map(Number);
      const startMs = fromBeijing(year, month, day, hour) - hourMs;
      const rows = hours.get(startMs);
      if (rows === undefined) hours.set(startMs, [cells]);
      else rows.push(cells);
    }
    const at = (name: string) => header.indexOf(name);
    const all = [...hours.values()].flat();
    const below = all.filter((cells) => Number(cells[at('o3_24h')]) < Number(cells[at('o3')])).length;
    const above = all.filter((cells) => Number(cells[at('o3_24h')]) > Number(cells[at('o3')])).length;
    const names = { pm25: 'pm2_5', pm10: 'pm10', so2: 'so2', no2: 'no2', o3: below > above ? 'o3_24h' : 'o3', co: 'co' };
    const starts = [...hours.keys()].sort((a, b) => a - b);
    for (const [i, startMs] of starts.entries()) {
      const rows = hours.get(startMs) as (readonly string[])[];
      const stations = rows.map((cells) => cells[at('stationcode')]);
      // Published copies hold -1 and 0 for "not available": no pollutant is ever measured as exactly 0.
      const columns = new Map(
        Object.entries(names).map(([metric, name]) => [metric, Float64Array.from(rows, (cells) => positive(cells[at(name)]))]),
      );
      for (const cells of rows) {
        const aqi = positive(cells[at('aqi')]);
        if (!Number.isNaN(aqi))
          published.set(`${cells[at('stationcode')]} ${startMs}`, { aqi, primary: cells[at('primarypollutant')] });
      }
      yield* hourSteps(startMs, [hourFrame(startMs, stations, columns)], problems.splice(0), (i + 1) / starts.length);
    }
  }

  return { format: 'cnemc-snapshot', steps, published };
}

function positive(text: string | undefined): number {
  const value = cellNumber(text) ?? Number.NaN;
  return value > 0 ? value : Number.NaN;
}
