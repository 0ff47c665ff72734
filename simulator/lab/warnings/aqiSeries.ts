// A city's 24-hour index as a series: rolling from hours of its stations, or one value a calendar day from daily means.

import { type Concentration, type Concentrations, dailyAqi, editionAt } from '../../../engine/domain/aqi.ts';
import { catalog, metricIndex } from '../../../engine/schema/catalog.ts';
import { fine, type PollutantId, pollutantIds } from '../../../engine/schema/window.ts';
import { hoursOf8Min, hoursOf24Min } from '../../../engine/stages/air/concentrations.ts';
import type { FileProblem } from '../../fileProblem.ts';
import type { CityDay } from '../../readers/cityDays.ts';
import type { Reader } from '../../readers/reader.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export interface AqiSeries {
  /** Start of the first element. */
  readonly startMs: number;
  /** An hour, or a day. */
  readonly everyMs: number;
  /** Index of the 24 hours that end with the element; NaN: cannot be told. */
  readonly aqi: Float64Array;
  /** 1: PM2.5 is a primary pollutant of it. */
  readonly byPm25: Uint8Array;
  readonly stations: readonly string[];
}

/** Whole numbers of 1/1000 of the resolution, as the stages keep means. */
const scales = pollutantIds.map((id) => catalog.air.metrics[metricIndex('air', id)].scale * fine);
const pm25 = pollutantIds.indexOf('pm25');
const pm10 = pollutantIds.indexOf('pm10');
const o3 = pollutantIds.indexOf('o3');

/** Station hours of all the readers; the last one counts where two have the same hour. */
export class StationHours {
  private readonly hours = new Map<number, Map<string, Float64Array>>();
  private readonly wanted: ReadonlySet<string> | undefined;

  constructor(wanted?: readonly string[]) {
    this.wanted = wanted === undefined ? undefined : new Set(wanted);
  }

  async take(reader: Reader, onProblem: (problem: FileProblem) => void): Promise<void> {
    for await (const step of reader.steps()) {
      for (const problem of step.problems) onProblem(problem);
      for (const { kind, sources, source, time, values, rows } of step.frames) {
        if (kind !== 'air') continue;
        for (let row = 0; row < rows; row++) {
          const station = sources[source[row]];
          if (this.wanted !== undefined && !this.wanted.has(station)) continue;
          const hour = Math.floor(time[row] / hourMs);
          const own = this.hours.get(hour) ?? new Map<string, Float64Array>();
          this.hours.set(hour, own);
          own.set(
            station,
            Float64Array.from(pollutantIds, (id, i) => Math.round((values[id]?.[row] ?? Number.NaN) * scales[i])),
          );
        }
      }
    }
  }

  /** The mean over the stations first, then 24 hours of it (20 at least), as the stage `air` does for places. */
  series(): AqiSeries | undefined {
    const starts = [...this.hours.keys()].sort((a, b) => a - b);
    if (starts.length === 0) return undefined;
    const first = starts[0];
    const count = starts[starts.length - 1] - first + 1;
    const means = pollutantIds.map(() => new Float64Array(count).fill(Number.NaN));
    const stations = new Set<string>();
    for (const [hour, own] of this.hours) {
      for (const station of own.keys()) stations.add(station);
      for (let i = 0; i < means.length; i++) means[i][hour - first] = meanOf([...own.values()].map((values) => values[i]));
    }
    const aqi = new Float64Array(count).fill(Number.NaN);
    const byPm25 = new Uint8Array(count);
    const needed = [pm25, pm10].filter((i) => i === pm25 || means[i].some((value) => !Number.isNaN(value)));
    for (let at = 0; at < count; at++) {
      const day = dayConcentrations(means, at);
      // An index without particles says nothing of a particle episode: it cannot be told.
      if (needed.some((i) => day.day?.[pollutantIds[i] as Exclude<PollutantId, 'o3'>] === undefined)) continue;
      const result = dailyAqi(editionAt((first + at) * hourMs), day);
      aqi[at] = result.aqiRaw;
      byPm25[at] = (result.primary >> pm25) & 1;
    }
    return { startMs: first * hourMs, everyMs: hourMs, aqi, byPm25, stations: [...stations].sort() };
  }
}

function meanOf(values: readonly number[]): number {
  const valid = values.filter((value) => !Number.isNaN(value));
  return valid.length === 0 ? Number.NaN : Math.round(valid.reduce((sum, value) => sum + value, 0) / valid.length);
}

function meanOver(mean: Float64Array, at: number, span: number, needed: number, scale: number): Concentration | undefined {
  let [sum, count] = [0, 0];
  for (let i = Math.max(0, at - span + 1); i <= at; i++) {
    if (Number.isNaN(mean[i])) continue;
    sum += mean[i];
    count += 1;
  }
  return count >= needed ? { num: sum, den: count * scale } : undefined;
}

function dayConcentrations(means: readonly Float64Array[], at: number): Concentrations {
  const day: Partial<Record<PollutantId, Concentration>> = {};
  pollutantIds.forEach((id, i) => {
    if (i !== o3) day[id] = meanOver(means[i], at, 24, hoursOf24Min, scales[i]);
  });
  if (meanOver(means[o3], at, 24, hoursOf24Min, scales[o3]) === undefined) return { day };
  const largest = (span: number, ends: number, needed: number) => {
    let found: Concentration | undefined;
    for (let end = at - ends; end <= at; end++) {
      const next = meanOver(means[o3], end, span, needed, scales[o3]);
      if (next !== undefined && (found === undefined || next.num * found.den > found.num * next.den)) found = next;
    }
    return found;
  };
  return { day, o3Mean8h: largest(8, 16, hoursOf8Min), o3Hour1h: largest(1, 23, 1) };
}

/** Days of a city; the last one counts where two are of the same day, and days that are missing are gaps. */
export function daySeries(days: readonly CityDay[]): AqiSeries | undefined {
  const byStart = new Map(days.map((day) => [day.startMs, day]));
  const starts = [...byStart.keys()].sort((a, b) => a - b);
  if (starts.length === 0) return undefined;
  const startMs = starts[0];
  const count = (starts[starts.length - 1] - startMs) / dayMs + 1;
  const aqi = new Float64Array(count).fill(Number.NaN);
  const byPm25 = new Uint8Array(count);
  for (const day of byStart.values()) {
    const at = (day.startMs - startMs) / dayMs;
    const concentration = (id: PollutantId): Concentration | undefined => {
      const value = day.means[id];
      return value === undefined || Number.isNaN(value) ? undefined : { num: Math.round(value * 1000), den: 1000 };
    };
    const known = Object.fromEntries(pollutantIds.filter((id) => id !== 'o3').map((id) => [id, concentration(id)]));
    const result = dailyAqi(editionAt(day.startMs), { day: known, o3Mean8h: concentration('o3') });
    byPm25[at] = (result.primary >> pm25) & 1;
    if (day.aqi !== undefined && !Number.isNaN(day.aqi)) aqi[at] = day.aqi;
    else if (concentration('pm25') !== undefined) aqi[at] = result.aqiRaw;
  }
  return { startMs, everyMs: dayMs, aqi, byPm25, stations: [] };
}
