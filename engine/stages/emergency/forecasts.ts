// The newest forecast of each day to come.

import { dayStart } from '../../domain/calendar.ts';
import { type Batch, Quality } from '../../schema/batch.ts';
import { catalog } from '../../schema/catalog.ts';
import { Bin } from '../../schema/ledger.ts';

/** What one issue says of one day; NaN: it does not say. */
export interface ForecastDay {
  /** Start of the Beijing day. */
  readonly dayMs: number;
  readonly issueMs: number;
  readonly source: number;
  readonly aqi: number;
  readonly pm25: number;
  readonly pm10: number;
  readonly o3: number;
  readonly no2: number;
  readonly mixingM: number;
  readonly windMps: number;
}

export interface Forecasts {
  /** Whether a day has a newer forecast than before. */
  take(batch: Batch): boolean;
  of(dayMs: number): ForecastDay | undefined;
  /** Ascending. */
  days(): readonly ForecastDay[];
  save(): SavedForecasts;
  restore(saved: SavedForecasts): void;
}

export type SavedForecasts = readonly ForecastDay[];

const dayMs = 86_400_000;
/** The mix at the join looks one day back. */
const keptDays = 3;
/** A day further ahead of its issue is a mistake. */
const aheadDays = 15;

const { metrics } = catalog.forecast;

export function forecasts(): Forecasts {
  let known = new Map<number, ForecastDay>();

  function put(day: ForecastDay): boolean {
    const before = known.get(day.dayMs);
    // Of two issued at the same time the first source's counts, whichever came first.
    const isNewer =
      before === undefined || day.issueMs > before.issueMs || (day.issueMs === before.issueMs && day.source < before.source);
    if (isNewer) known.set(day.dayMs, day);
    return isNewer;
  }

  return {
    take(batch) {
      let isNews = false;
      if (batch.kind !== 'forecast') return isNews;
      for (let row = 0; row < batch.rows; row++) {
        if (batch.bin[row] !== Bin.onTime && batch.bin[row] !== Bin.lateRevised) continue;
        const day = dayOf(batch, row);
        if (day !== undefined && put(day)) isNews = true;
      }
      if (!isNews) return false;
      const newest = Math.max(...[...known.values()].map(({ issueMs }) => issueMs));
      for (const each of known.keys()) if (each < dayStart(newest) - keptDays * dayMs) known.delete(each);
      return true;
    },
    of: (day) => known.get(day),
    days: () => sorted(known),
    save: () => sorted(known),
    restore(saved) {
      known = new Map(saved.map((day) => [day.dayMs, day]));
    },
  };
}

function sorted(known: ReadonlyMap<number, ForecastDay>): ForecastDay[] {
  return [...known.values()].sort((a, b) => a.dayMs - b.dayMs);
}

/** Undefined: without an index, or of a day that is over or far away. */
function dayOf(batch: Batch, row: number): ForecastDay | undefined {
  const value = (id: string) => {
    const m = metrics.findIndex((metric) => metric.id === id);
    return batch.quality[m][row] === Quality.good ? batch.values[m][row] / metrics[m].scale : Number.NaN;
  };
  const issueMs = batch.eventMs[row];
  const day = dayStart(value('targetMs'));
  const aqi = value('aqi');
  if (Number.isNaN(aqi) || !(day >= dayStart(issueMs) && day <= issueMs + aheadDays * dayMs)) return undefined;
  return {
    dayMs: day,
    issueMs,
    source: batch.source[row],
    aqi,
    pm25: value('pm25'),
    pm10: value('pm10'),
    o3: value('o3'),
    no2: value('no2'),
    mixingM: value('mixingM'),
    windMps: value('windMps'),
  };
}
