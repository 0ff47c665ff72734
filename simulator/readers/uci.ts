// UCI Beijing multi-site air quality (dataset 501): a row per hour and station, stations one after the other.

import { fromBeijing } from '../../engine/domain/calendar.ts';
import { shown } from '../../engine/schema/problem.ts';
import type { FileProblem } from '../fileProblem.ts';
import { hourFrame, hourMs, hourSteps, type Reader, type Step } from './reader.ts';
import { cellNumber, csvOf } from './textFile.ts';

export const uciHeader = 'No,year,month,day,hour,PM2.5,';

const points = ['N', 'NNE', 'NE', 'ENE', 'E', 'ESE', 'SE', 'SSE', 'S', 'SSW', 'SW', 'WSW', 'W', 'WNW', 'NW', 'NNW'];

/** Metric, column, and factor from the file's unit: CO is in µg/m³ there. */
const columnsOf = [
  ['pm25', 'PM2.5', 1],
  ['pm10', 'PM10', 1],
  ['so2', 'SO2', 1],
  ['no2', 'NO2', 1],
  ['o3', 'O3', 1],
  ['co', 'CO', 0.001],
  ['tempC', 'TEMP', 1],
  ['pressureHpa', 'PRES', 1],
  ['windMps', 'WSPM', 1],
] as const;
const metrics = [...columnsOf.map(([metric]) => metric), 'rhPct', 'windFromDeg'];

/** All rows are gathered by hour first: a file of four years and 12 stations takes some 100 MB. */
export function uciReader(file: string): Reader {
  async function* steps(): AsyncGenerator<Step> {
    const stations: string[] = [];
    const hours = new Map<number, Map<string, Float64Array>>();
    const problems: FileProblem[] = [];
    let header: readonly string[] = [];
    for await (const { line, cells } of csvOf(file)) {
      if (header.length === 0) header = cells;
      else takeRow(line, cells);
    }
    const starts = [...hours.keys()].sort((a, b) => a - b);
    for (const [i, startMs] of starts.entries()) {
      yield* hourSteps(
        startMs,
        [hourFrame(startMs, stations, hours.get(startMs) as Map<string, Float64Array>)],
        problems.splice(0),
        (i + 1) / starts.length,
      );
    }
    if (starts.length === 0 && problems.length > 0) yield { frames: [], nowMs: 0, problems };

    function takeRow(line: number, cells: readonly string[]): void {
      const cell = (name: string) => cells[header.indexOf(name)];
      const [year, month, day, hour] = ['year', 'month', 'day', 'hour'].map((name) => Number(cell(name)));
      const startMs = fromBeijing(year, month, day, hour);
      const name = cell('station');
      if (
        cells.length !== header.length ||
        !Number.isInteger(startMs / hourMs) ||
        !(hour >= 0 && hour < 24) ||
        name === '' ||
        name === undefined
      ) {
        problems.push({ file, line, message: 'not a row of an hour', value: shown(cells.join(',')), allowed: header.join(',') });
        return;
      }
      const values = columnsOf.map(([, column, factor]) => {
        const value = cellNumber(cell(column));
        return value === undefined ? undefined : value * factor;
      });
      const bad = values.indexOf(undefined);
      if (bad >= 0) {
        problems.push({
          file,
          line,
          message: `not a number for ${columnsOf[bad][1]}`,
          value: shown(cell(columnsOf[bad][1])),
          allowed: 'a number or NA',
        });
        return;
      }
      let station = stations.indexOf(name);
      if (station < 0) station = stations.push(name) - 1;
      const into = hourOf(startMs);
      for (let i = 0; i < columnsOf.length; i++) set(into, columnsOf[i][0], station, values[i] as number);
      set(into, 'rhPct', station, humidity(cellNumber(cell('TEMP')), cellNumber(cell('DEWP'))));
      const point = points.indexOf(cell('wd'));
      set(into, 'windFromDeg', station, point < 0 ? Number.NaN : Math.round(point * 22.5));
    }

    function hourOf(startMs: number): Map<string, Float64Array> {
      let columns = hours.get(startMs);
      if (columns === undefined) {
        columns = new Map(metrics.map((metric) => [metric, new Float64Array(0)]));
        hours.set(startMs, columns);
      }
      return columns;
    }
  }

  return { format: 'uci', steps };
}

/** Columns grow with the stations that turn up; a station without a row in an hour is a gap. */
function set(columns: Map<string, Float64Array>, metric: string, station: number, value: number): void {
  let column = columns.get(metric) as Float64Array;
  if (column.length <= station) {
    const longer = new Float64Array(Math.max(station + 1, 16)).fill(Number.NaN);
    longer.set(column);
    column = longer;
    columns.set(metric, column);
  }
  column[station] = value;
}

/** Relative humidity from temperature and dew point, Magnus form (Alduchov and Eskridge 1996: 17.625, 243.04 °C). */
function humidity(tempC = Number.NaN, dewC = Number.NaN): number {
  const percent = 100 * Math.exp((17.625 * dewC) / (243.04 + dewC) - (17.625 * tempC) / (243.04 + tempC));
  return Math.min(100, percent);
}
