// Hourly values of districts and the city: concentrations are averaged over the valid stations first.

import {
  type AqiResult,
  type Concentration,
  type Concentrations,
  dailyAqi,
  type EditionChoice,
  realtimeAqi,
  resolveEdition,
  roundHalfEven,
} from '../../domain/aqi.ts';
import {
  type EditionId,
  editionIds,
  fine,
  type PlaceBatch,
  type PollutantId,
  pollutantIds,
  type WindowBatch,
} from '../../schema/window.ts';
import { columns, hourMean, hoursOf8Min, hoursOf24Min, o3, scales } from './concentrations.ts';

const hourMs = 3_600_000;
/** A station that closed an hour within the last three is waited for. */
const activeHours = 3;
/** Late hours change the 24 hours behind them; nothing older than the revision horizon (48 h) changes. */
const hoursKept = 48 + 24 + activeHours;

export interface PlaceHoursOptions {
  readonly edition: EditionChoice;
  readonly city: string;
  readonly districts: readonly string[];
  /** A place's hour goes out without the stations that are missing this long after the end of the hour. */
  readonly waitMs: number;
  /** Means with one of these flags do not count. */
  readonly without: number;
}

export interface PlaceHours {
  /** `district` '' or unknown: the station counts nowhere. */
  setDistrict(station: number, district: string): void;
  /** Hours that begin from now on are without it, until it has a district again. */
  leave(station: number, nowMs: number): void;
  /** Closed or revised hours of stations. */
  add(batch: WindowBatch): void;
  tick(nowMs: number): PlaceBatch | undefined;
  flush(): PlaceBatch | undefined;
  save(): SavedPlaceHours;
  restore(saved: SavedPlaceHours): void;
}

/** What a place's hour was when it last went out. */
interface PlaceHour {
  emissions: number;
  isDirty: boolean;
  /** Mean over the stations per pollutant, whole numbers of 1/1000 of the resolution; NaN = gap. */
  fineMeans: Float64Array;
}

interface HourState {
  /** Per station, per pollutant: hour mean in whole numbers of 1/1000 of the resolution; NaN = gap. */
  readonly stations: Map<number, Float64Array>;
  readonly places: (PlaceHour | undefined)[];
}

export interface SavedPlaceHours {
  readonly placeOf: readonly number[];
  readonly left?: readonly (readonly [station: number, hour: number])[];
  readonly hours: readonly (readonly [hour: number, state: HourState])[];
}

interface Row {
  readonly place: number;
  readonly hour: number;
  readonly revision: number;
  readonly stations: number;
  readonly stationsAll: number;
  readonly means: readonly (Concentration | undefined)[];
  readonly edition: EditionId;
  readonly now: AqiResult;
  readonly day: AqiResult;
}

export function placeHours(options: PlaceHoursOptions): PlaceHours {
  const codes = [...options.districts, options.city];
  const city = codes.length - 1;
  /** District position per station; -1 = none. */
  let placeOf: number[] = [];
  /** Those that are in no district from an hour on: what was before stays as it was. */
  let left = new Map<number, number>();
  let hours = new Map<number, HourState>();

  const isIn = (station: number, place: number, hour: number) =>
    placeOf[station] >= 0 &&
    (place === city || placeOf[station] === place) &&
    !(hour >= (left.get(station) ?? Number.POSITIVE_INFINITY));

  function stateOf(hour: number): HourState {
    let state = hours.get(hour);
    if (state === undefined) {
      state = { stations: new Map(), places: [] };
      hours.set(hour, state);
    }
    return state;
  }

  /** What has gone out for this place changes, in this hour and in the 24-hour index of the hours behind it. */
  function touch(place: number, hour: number): void {
    for (let later = hour; later < hour + 24; later++) {
      const known = hours.get(later)?.places[place];
      if (known !== undefined) known.isDirty = true;
    }
  }

  function isComplete(place: number, hour: number): boolean {
    const have = (hours.get(hour) as HourState).stations;
    for (let before = 1; before <= activeHours; before++) {
      for (const station of hours.get(hour - before)?.stations.keys() ?? []) {
        if (isIn(station, place, hour) && !have.has(station)) return false;
      }
    }
    return true;
  }

  /** Hours that are due for a place: complete or waited for long enough, or out already and changed. */
  function dueRows(nowMs: number): Row[] {
    const rows: Row[] = [];
    for (const hour of [...hours.keys()].sort((a, b) => a - b)) {
      const state = hours.get(hour) as HourState;
      for (let place = 0; place < codes.length; place++) {
        const known = state.places[place];
        if (known !== undefined ? !known.isDirty : !isFirstDue(place, hour, nowMs)) continue;
        const row = compute(place, hour, state);
        if (row !== undefined) rows.push(row);
      }
    }
    return rows;
  }

  function isFirstDue(place: number, hour: number, nowMs: number): boolean {
    if ((hour + 1) * hourMs + options.waitMs <= nowMs) return true;
    // Without hours before it there is nothing to tell who is missing: the first hour waits.
    return hasBefore(hour) && isComplete(place, hour);
  }

  function hasBefore(hour: number): boolean {
    for (let before = 1; before <= activeHours; before++) if (hours.has(hour - before)) return true;
    return false;
  }

  function compute(place: number, hour: number, state: HourState): Row | undefined {
    const sums = new Float64Array(pollutantIds.length);
    const counts = new Float64Array(pollutantIds.length);
    let stations = 0;
    for (const [station, means] of state.stations) {
      if (!isIn(station, place, hour)) continue;
      let isValid = false;
      for (let i = 0; i < means.length; i++) {
        if (Number.isNaN(means[i])) continue;
        sums[i] += means[i];
        counts[i] += 1;
        isValid = true;
      }
      if (isValid) stations += 1;
    }
    if (stations === 0) return undefined;
    const means = pollutantIds.map((_, i) => (counts[i] > 0 ? { num: sums[i], den: counts[i] * scales[i] * fine } : undefined));
    const known = state.places[place];
    if (known === undefined) touch(place, hour);
    const entry: PlaceHour = known ?? { emissions: 0, isDirty: false, fineMeans: new Float64Array(0) };
    entry.fineMeans = Float64Array.from(pollutantIds, (_, i) =>
      counts[i] > 0 ? roundHalfEven(sums[i], counts[i], 0) : Number.NaN,
    );
    entry.isDirty = false;
    state.places[place] = entry;
    const edition = resolveEdition(options.edition, hour * hourMs);
    const day = dayConcentrations(place, hour);
    const now: Concentrations = {
      hour: Object.fromEntries(pollutantIds.map((id, i) => [id, means[i]])),
      day: day.day,
      o3Mean8h: meanOver(place, hour, 8, o3, hoursOf8Min),
    };
    const row = {
      place,
      hour,
      revision: entry.emissions,
      stations,
      stationsAll: stationsIn(place, hour),
      means,
      edition,
      now: realtimeAqi(edition, now),
      day: dailyAqi(edition, day),
    };
    entry.emissions += 1;
    return row;
  }

  function stationsIn(place: number, hour: number): number {
    let count = 0;
    for (let station = 0; station < placeOf.length; station++) if (isIn(station, place, hour)) count += 1;
    return count;
  }

  /** Mean of the place's hour means over the hours that end with `hour`. */
  function meanOver(place: number, hour: number, span: number, pollutant: number, hoursMin: number): Concentration | undefined {
    let sum = 0;
    let count = 0;
    for (let each = hour - span + 1; each <= hour; each++) {
      const mean = hours.get(each)?.places[place]?.fineMeans[pollutant];
      if (mean === undefined || Number.isNaN(mean)) continue;
      sum += mean;
      count += 1;
    }
    return count >= hoursMin ? { num: sum, den: count * scales[pollutant] * fine } : undefined;
  }

  /** The 24 hours that end with `hour`, as for a calendar day: domain report 2.2. */
  function dayConcentrations(place: number, hour: number): Concentrations {
    const day: Partial<Record<PollutantId, Concentration>> = {};
    for (let i = 0; i < pollutantIds.length; i++) if (i !== o3) day[pollutantIds[i]] = meanOver(place, hour, 24, i, hoursOf24Min);
    let o3Mean8h: Concentration | undefined;
    let o3Hour1h: Concentration | undefined;
    if (meanOver(place, hour, 24, o3, hoursOf24Min) !== undefined) {
      for (let end = hour - 16; end <= hour; end++) o3Mean8h = greater(o3Mean8h, meanOver(place, end, 8, o3, hoursOf8Min));
      for (let each = hour - 23; each <= hour; each++) o3Hour1h = greater(o3Hour1h, meanOver(place, each, 1, o3, 1));
    }
    return { day, o3Mean8h, o3Hour1h };
  }

  function batchOf(rows: readonly Row[]): PlaceBatch | undefined {
    if (rows.length === 0) return undefined;
    const column = (value: (row: Row) => number) => Float64Array.from(rows, value);
    return {
      type: 'places',
      rows: rows.length,
      place: rows.map((row) => codes[row.place]),
      scope: rows.map((row) => (row.place === city ? 'city' : 'district')),
      startMs: column((row) => row.hour * hourMs),
      revision: Uint16Array.from(rows, (row) => row.revision),
      stations: Uint32Array.from(rows, (row) => row.stations),
      stationsAll: Uint32Array.from(rows, (row) => row.stationsAll),
      mean: pollutantIds.map((_, i) => column((row) => divided(row.means[i]))),
      air: {
        edition: Uint8Array.from(rows, (row) => editionIds.indexOf(row.edition)),
        aqi: column((row) => row.now.aqi),
        iaqi: pollutantIds.map((_, i) => column((row) => row.now.iaqi[i])),
        primary: Uint8Array.from(rows, (row) => row.now.primary),
      },
      aqi24: column((row) => row.day.aqiRaw),
      primary24: Uint8Array.from(rows, (row) => row.day.primary),
      valid24: Uint8Array.from(rows, (row) => mask(row.day.iaqi)),
    };
  }

  function forget(): void {
    const newest = Math.max(...hours.keys());
    for (const hour of hours.keys()) if (hour < newest - hoursKept) hours.delete(hour);
  }

  return {
    setDistrict(station, district) {
      const place = options.districts.indexOf(district);
      if (place < 0 && left.has(station)) return;
      placeOf[station] = place;
      left.delete(station);
    },
    leave(station, nowMs) {
      left.set(station, Math.ceil(nowMs / hourMs));
    },
    add(batch) {
      for (let row = 0; row < batch.rows; row++) {
        const station = batch.source[row];
        const hour = batch.startMs[row] / hourMs;
        if (!isIn(station, city, hour)) continue;
        const means = Float64Array.from(pollutantIds, (_, i) => {
          const isOut = (batch.metrics[columns[i]].flags[row] & options.without) !== 0;
          const mean = isOut ? undefined : hourMean(batch, row, i);
          return mean === undefined ? Number.NaN : roundHalfEven(mean.num * fine * scales[i], mean.den, 0);
        });
        stateOf(hour).stations.set(station, means);
        touch(placeOf[station], hour);
        touch(city, hour);
      }
      forget();
    },
    tick: (nowMs) => batchOf(dueRows(nowMs)),
    flush: () => batchOf(dueRows(Number.POSITIVE_INFINITY)),
    save: () => ({
      placeOf: [...placeOf],
      left: [...left],
      hours: [...hours].map(([hour, state]) => [hour, copy(state)] as const),
    }),
    restore(saved) {
      placeOf = [...saved.placeOf];
      left = new Map(saved.left);
      hours = new Map(saved.hours.map(([hour, state]) => [hour, copy(state)]));
    },
  };
}

function greater(a: Concentration | undefined, b: Concentration | undefined): Concentration | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.num * b.den >= b.num * a.den ? a : b;
}

/** Bit i: `values[i]` is there. */
function mask(values: readonly number[]): number {
  return values.reduce((bits, value, i) => (Number.isNaN(value) ? bits : bits | (1 << i)), 0);
}

function divided(mean: Concentration | undefined): number {
  return mean === undefined ? Number.NaN : mean.num / mean.den;
}

function copy(state: HourState): HourState {
  return {
    stations: new Map([...state.stations].map(([station, means]) => [station, means.slice()])),
    places: state.places.map((place) => place && { ...place, fineMeans: place.fineMeans.slice() }),
  };
}
