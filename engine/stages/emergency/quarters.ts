// What a process's meters and its stack's monitor showed in a quarter of an hour.

import { beijingOffsetMs, dayStart } from '../../domain/calendar.ts';
import type { WatchedProcess } from '../../domain/curtailment/watched.ts';
import { fiveMs, type RecentFives, readMetrics } from './recentFives.ts';

export const quarterMs = 900_000;
const fives = quarterMs / fiveMs;
const dayMs = 86_400_000;
/** Of three fives so many must be known. */
const knownLeast = 2;

/** NaN: not known. */
export interface Quarter {
  /** Means, kW. */
  readonly kw: number;
  /** Fives by their mean, for the minutes that it was on. */
  readonly fivesKw: readonly number[];
  readonly lowKw: number;
  readonly highKw: number;
  readonly treatmentKw: number;
  /** Main meter less production; less treatment too. */
  readonly beyondKw: number;
  readonly restKw: number;
  readonly flowM3S: number;
  /** Measured, in the order of the monitor's kind. */
  readonly gases: readonly number[];
  readonly o2Pct: number;
  /** Neither the production meter nor the monitor sent anything. */
  readonly isSilent: boolean;
}

export interface Unit {
  readonly watched: WatchedProcess;
  /** Columns of `RecentFives`; -1: there is none. */
  readonly production: number;
  readonly treatment: number;
  readonly main: number;
  readonly monitor: number;
}

export function unitOf(watched: WatchedProcess, recent: Pick<RecentFives, 'column'>): Unit {
  const { productionMeter, treatmentMeter, mainMeter, monitor } = watched;
  return {
    watched,
    production: recent.column('power', productionMeter),
    treatment: recent.column('power', treatmentMeter),
    main: recent.column('power', mainMeter),
    monitor: monitor === undefined ? -1 : recent.column(monitor.kind, monitor.id),
  };
}

export const sensorsOf = ({ productionMeter, treatmentMeter, mainMeter, monitor }: WatchedProcess) => [
  ...[productionMeter, treatmentMeter, mainMeter].flatMap((id) => (id === undefined ? [] : [{ kind: 'power' as const, id }])),
  ...(monitor === undefined ? [] : [monitor]),
];

export function quarterOf(
  { watched, production, treatment, main, monitor }: Unit,
  recent: RecentFives,
  quarter: number,
): Quarter {
  const from = quarter * fives;
  const meanOf = (column: number, least = knownLeast) => {
    let sum = 0;
    let known = 0;
    for (let step = from; column >= 0 && step < from + fives; step++) {
      const value = recent.mean(column, step);
      if (Number.isNaN(value)) continue;
      sum += value;
      known += 1;
    }
    return known < least ? Number.NaN : sum / known;
  };
  const fivesKw = Array.from({ length: fives }, (_, i) => recent.mean(production, from + i));
  const kw = meanOf(production);
  const treatmentKw = meanOf(treatment);
  const beyondKw = meanOf(main) - (Number.isNaN(kw) ? 0 : kw);
  const gasCount = watched.monitor?.kind === 'voc' ? 1 : 3;
  const column = (i: number) => (monitor < 0 ? -1 : monitor + i);
  const lowHigh = (of: (column: number, step: number) => number, pick: (...values: number[]) => number) =>
    pick(...fivesKw.flatMap((known, i) => (Number.isNaN(known) ? [] : [of(production, from + i)])));
  return {
    kw,
    fivesKw,
    lowKw: lowHigh(recent.low, Math.min),
    highKw: lowHigh(recent.high, Math.max),
    treatmentKw,
    beyondKw,
    restKw: treatment < 0 ? beyondKw : beyondKw - treatmentKw,
    flowM3S: meanOf(column(0)),
    gases: Array.from({ length: gasCount }, (_, i) => meanOf(column(1 + i))),
    o2Pct: watched.monitor?.kind === 'cems' ? meanOf(column(readMetrics.cems.indexOf('o2Pct'))) : Number.NaN,
    isSilent: Number.isNaN(meanOf(production, 1)) && Number.isNaN(meanOf(column(0), 1)),
  };
}

/** Hour of the Beijing day. */
export const hourOf = (ms: number) => Math.floor((ms - dayStart(ms)) / 3_600_000);

/** Saturday or Sunday in Beijing; 1 January 1970 was a Thursday. */
export function isWeekend(ms: number): boolean {
  const day = (((Math.floor((ms + beijingOffsetMs) / dayMs) + 4) % 7) + 7) % 7;
  return day === 0 || day === 6;
}
