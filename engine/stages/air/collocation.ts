// Drift: each station against the nearest standard station, over the night hours of a week.

import { distanceKm } from '../../domain/geo.ts';
import { isDrifting, median } from '../../domain/quality.ts';
import { Flag, type RuleAction } from '../../schema/flags.ts';
import type { Source } from '../../schema/register.ts';
import { pollutantIds, type WindowBatch } from '../../schema/window.ts';
import { columns, hourMean } from './concentrations.ts';

/** `engine/config.ts` has the defaults, with their reasons. */
export interface CollocationOptions {
  readonly drift: RuleAction;
  readonly driftLow: number;
  readonly driftHigh: number;
  readonly driftDays: number;
  /** Hours of the Beijing day, [from, to). */
  readonly driftFromHour: number;
  readonly driftToHour: number;
  readonly driftHoursMin: number;
  readonly driftKm: number;
  /** A ratio to less than this says nothing: µg/m³, CO mg/m³. */
  readonly driftMinSo2: number;
  readonly driftMinNo2: number;
  readonly driftMinPm10: number;
  readonly driftMinCo: number;
  readonly driftMinO3: number;
  readonly driftMinPm25: number;
  /** After the end of the night, until its hours are there. */
  readonly waitMs: number;
}

export interface Collocation {
  setStations(first: number, sources: readonly Source[]): void;
  /** Closed or revised hours: night hours are kept, stations that drift are flagged in place. */
  take(batch: WindowBatch): void;
  /** Judges the stations anew once a night. */
  tick(nowMs: number): void;
  save(): SavedCollocation;
  restore(saved: SavedCollocation): void;
}

export interface SavedCollocation {
  readonly stations: readonly (Station | undefined)[];
  readonly nights: readonly (readonly [hour: number, means: ReadonlyMap<number, Float64Array>])[];
  readonly judgedDay: number;
  readonly drifting: readonly (readonly [station: number, mask: number])[];
}

interface Station {
  /** NaN = not known: near to nothing. */
  readonly lon: number;
  readonly lat: number;
  readonly isStandard: boolean;
}

const hourMs = 3_600_000;
const dayHours = 24;
const beijingHours = 8;

export function collocation(options: CollocationOptions): Collocation {
  const referenceMin = {
    so2: options.driftMinSo2,
    no2: options.driftMinNo2,
    pm10: options.driftMinPm10,
    co: options.driftMinCo,
    o3: options.driftMinO3,
    pm25: options.driftMinPm25,
  };
  let stations: (Station | undefined)[] = [];
  let nights = new Map<number, Map<number, Float64Array>>();
  let judgedDay = Number.NEGATIVE_INFINITY;
  /** Bit i: drifts in `pollutantIds[i]`. */
  let drifting = new Map<number, number>();

  const hourOfDay = (hour: number) => (((hour + beijingHours) % dayHours) + dayHours) % dayHours;

  function judge(): void {
    drifting = new Map();
    for (let station = 0; station < stations.length; station++) {
      const standard = nearestStandard(station);
      const mask = standard < 0 ? 0 : driftMask(station, standard);
      if (mask !== 0) drifting.set(station, mask);
    }
  }

  function nearestStandard(station: number): number {
    const own = stations[station];
    if (own === undefined || own.isStandard) return -1;
    let nearest = -1;
    let nearestKm = options.driftKm;
    for (let other = 0; other < stations.length; other++) {
      const standard = stations[other];
      if (standard?.isStandard !== true) continue;
      const km = distanceKm(own, standard);
      if (!(km <= nearestKm) || (km === nearestKm && nearest >= 0)) continue;
      nearest = other;
      nearestKm = km;
    }
    return nearest;
  }

  function driftMask(station: number, standard: number): number {
    let mask = 0;
    for (let i = 0; i < pollutantIds.length; i++) {
      const ratios: number[] = [];
      for (const means of nights.values()) {
        const reference = means.get(standard)?.[i] ?? Number.NaN;
        const ratio = (means.get(station)?.[i] ?? Number.NaN) / reference;
        if (reference >= referenceMin[pollutantIds[i]] && !Number.isNaN(ratio)) ratios.push(ratio);
      }
      if (ratios.length < options.driftHoursMin) continue;
      if (isDrifting(median(ratios), { low: options.driftLow, high: options.driftHigh })) mask |= 1 << i;
    }
    return mask;
  }

  return {
    setStations(first, sources) {
      sources.forEach(({ lon = Number.NaN, lat = Number.NaN, national }, i) => {
        stations[first + i] = { lon, lat, isStandard: national === true };
      });
    },
    take(batch) {
      if (options.drift === 'off') return;
      for (let row = 0; row < batch.rows; row++) {
        const station = batch.source[row];
        const mask = drifting.get(station) ?? 0;
        for (let i = 0; i < pollutantIds.length; i++)
          if (((mask >> i) & 1) === 1) batch.metrics[columns[i]].flags[row] |= Flag.drift;
        const hour = batch.startMs[row] / hourMs;
        if (hourOfDay(hour) < options.driftFromHour || hourOfDay(hour) >= options.driftToHour) continue;
        let night = nights.get(hour);
        if (night === undefined) {
          night = new Map();
          nights.set(hour, night);
        }
        const means = pollutantIds.map((_, i) => hourMean(batch, row, i));
        night.set(
          station,
          Float64Array.from(means, (mean) => (mean === undefined ? Number.NaN : mean.num / mean.den)),
        );
      }
    },
    tick(nowMs) {
      const day = Math.floor(((nowMs - options.waitMs) / hourMs + beijingHours - options.driftToHour) / dayHours);
      if (options.drift === 'off' || day <= judgedDay) return;
      judgedDay = day;
      const oldest = day * dayHours - beijingHours - (options.driftDays - 1) * dayHours;
      for (const hour of nights.keys()) if (hour < oldest) nights.delete(hour);
      judge();
    },
    save: () => ({
      stations: [...stations],
      nights: [...nights].map(([hour, means]) => [hour, new Map(means)] as const),
      judgedDay,
      drifting: [...drifting],
    }),
    restore(saved) {
      stations = [...saved.stations];
      nights = new Map(saved.nights.map(([hour, means]) => [hour, new Map(means)]));
      judgedDay = saved.judgedDay;
      drifting = new Map(saved.drifting);
    },
  };
}
