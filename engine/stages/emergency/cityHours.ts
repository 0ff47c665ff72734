// The city's observed hours as the air stage tells them: the newest revision of each, for as long as the criteria look back.

import { type PlaceBatch, pollutantIds } from '../../schema/window.ts';

/** 24 hours that end with an hour, as they are known now. */
export interface CityHour {
  readonly hourMs: number;
  /** NaN: fewer than 20 valid hours, or an index without PM2.5 or PM10, which says nothing about haze. */
  readonly aqi24: number;
  /** Bit i: `pollutantIds[i]` is primary. */
  readonly primary: number;
  readonly stations: number;
  readonly stationsAll: number;
  /** Means of the hour itself, µg/m³; NaN = gap. */
  readonly pm25: number;
  readonly pm10: number;
}

export interface CityHours {
  /** Whether an hour is newer than all before it. Late revisions change what is known, and are no news. */
  take(batch: PlaceBatch): boolean;
  at(hourMs: number): CityHour | undefined;
  /** The first hour that is kept, and the newest whose index can be told; NaN: none. */
  firstMs(): number;
  newestMs(): number;
  /** PM2.5 / PM10 of the 24 hours that end with this one; NaN: not known. */
  fineShare(hourMs: number): number;
  save(): SavedCityHours;
  restore(saved: SavedCityHours): void;
}

export type SavedCityHours = readonly CityHour[];

const oneHourMs = 3_600_000;
/** Five days of criteria and the day in front of them, and two days in which late data may still change an hour. */
const keptHours = 8 * 24;

const bitOf = (id: (typeof pollutantIds)[number]) => 1 << pollutantIds.indexOf(id);
const particles = bitOf('pm25') | bitOf('pm10');
const [pm25, pm10] = [pollutantIds.indexOf('pm25'), pollutantIds.indexOf('pm10')];

export function cityHours(): CityHours {
  let hours = new Map<number, CityHour>();
  const keys = (isWanted: (hour: CityHour) => boolean) => [...hours.values()].filter(isWanted).map(({ hourMs }) => hourMs);

  return {
    take(batch) {
      let newest = Math.max(Number.NEGATIVE_INFINITY, ...hours.keys());
      let isNews = false;
      for (let row = 0; row < batch.rows; row++) {
        if (batch.scope[row] !== 'city') continue;
        const hour = hourOf(batch, row);
        hours.set(hour.hourMs, hour);
        isNews ||= hour.hourMs > newest;
        newest = Math.max(newest, hour.hourMs);
      }
      if (isNews) for (const hourMs of hours.keys()) if (hourMs <= newest - keptHours * oneHourMs) hours.delete(hourMs);
      return isNews;
    },
    at: (hourMs) => hours.get(hourMs),
    firstMs: () => (hours.size === 0 ? Number.NaN : Math.min(...hours.keys())),
    newestMs() {
      const told = keys(({ aqi24 }) => !Number.isNaN(aqi24));
      return told.length === 0 ? Number.NaN : Math.max(...told);
    },
    fineShare(hourMs) {
      let [fine, all] = [0, 0];
      for (let each = hourMs - 23 * oneHourMs; each <= hourMs; each += oneHourMs) {
        const hour = hours.get(each);
        if (hour === undefined || Number.isNaN(hour.pm25 + hour.pm10)) continue;
        fine += hour.pm25;
        all += hour.pm10;
      }
      return all > 0 ? fine / all : Number.NaN;
    },
    save: () => [...hours.values()].sort((a, b) => a.hourMs - b.hourMs),
    restore(saved) {
      hours = new Map(saved.map((hour) => [hour.hourMs, hour]));
    },
  };
}

function hourOf(batch: PlaceBatch, row: number): CityHour {
  const isWhole = (batch.valid24[row] & particles) === particles;
  return {
    hourMs: batch.startMs[row],
    aqi24: isWhole ? batch.aqi24[row] : Number.NaN,
    primary: batch.primary24[row],
    stations: batch.stations[row],
    stationsAll: batch.stationsAll[row],
    pm25: batch.mean[pm25][row],
    pm10: batch.mean[pm10][row],
  };
}
