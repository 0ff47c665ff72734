// Road traffic, heavy trucks and home heating of the whole city against their daily mean.

import { lognormalFactor } from '../draw.ts';
import { streamOf } from '../random.ts';
import { dayNumber, daysFromNewYear, minuteOfDay, weekday } from './beijingDay.ts';

/** Each hour against the daily mean, 00 h first; linear between the middles of hours. Range .2–1.7 as simulation report 2.6 [D]. */
const workday = [
  0.3, 0.22, 0.2, 0.2, 0.28, 0.55, 1.05, 1.6, 1.65, 1.35, 1.2, 1.15, 1.1, 1.1, 1.15, 1.25, 1.4, 1.65, 1.7, 1.4, 1.1, 0.9, 0.7,
  0.45,
];
const restDay = [
  0.4, 0.3, 0.24, 0.22, 0.24, 0.38, 0.62, 0.9, 1.15, 1.35, 1.45, 1.4, 1.3, 1.25, 1.3, 1.4, 1.5, 1.55, 1.5, 1.35, 1.15, 0.95, 0.75,
  0.55,
];
/** Heavy trucks keep out of the day's bans [D]. */
const trucks = [
  1.3, 1.25, 1.2, 1.2, 1.25, 1.25, 1.05, 0.7, 0.7, 0.85, 0.95, 0.95, 0.9, 0.9, 0.95, 0.95, 0.9, 0.75, 0.75, 0.85, 0.95, 1.05,
  1.15, 1.25,
];
/** Stoves are lit in the evening and before dawn [D]. */
const heating = [
  1, 0.95, 0.9, 0.9, 0.95, 1.1, 1.25, 1.25, 1.1, 0.95, 0.85, 0.8, 0.75, 0.7, 0.7, 0.75, 0.9, 1.15, 1.35, 1.4, 1.35, 1.25, 1.15,
  1.05,
];
/** Share of a week's traffic on rest days, and trucks through the festival week [D]. */
const weekendShare = 0.92;
const festivalShare = 0.6;
const festivalTrucks = 0.25;
/** Day-to-day spread, log-normal [D]. */
const trafficGsd = 1.08;
const heatingGsd = 1.15;

export interface CityRhythm {
  /** Against its yearly mean of hours, about 0.2 to 1.8. */
  readonly traffic: number;
  readonly trucks: number;
  /** The hour's and the day's share of home heating; the temperature's is the weather's. */
  readonly heating: number;
}

export function rhythmAt(seed: number, ms: number): CityRhythm {
  const day = dayNumber(ms);
  const minute = minuteOfDay(ms);
  const of = weekday(day);
  const fromNewYear = daysFromNewYear(day);
  const festival = fromNewYear >= -1 && fromNewYear <= 6;
  const rest = festival || of === 0 || of === 6;
  const share = festival ? festivalShare : rest ? weekendShare : 1;
  return {
    traffic: at(rest ? restDay : workday, minute) * share * dayFactor(seed, 'traffic of the day', ms, trafficGsd),
    trucks: at(trucks, minute) * (festival ? festivalTrucks : 1),
    heating: at(heating, minute) * dayFactor(seed, 'heating of the day', ms, heatingGsd),
  };
}

function at(curve: readonly number[], minute: number): number {
  const place = (minute - 30 + 1440) / 60;
  const hour = Math.floor(place);
  const share = place - hour;
  return curve[hour % 24] * (1 - share) + curve[(hour + 1) % 24] * share;
}

/** One factor a day, gliding from noon to noon so that midnight has no edge. */
function dayFactor(seed: number, name: string, ms: number, gsd: number): number {
  const noon = ms - 43_200_000;
  const day = dayNumber(noon);
  const share = minuteOfDay(noon) / 1440;
  const stream = streamOf(name);
  return lognormalFactor(gsd, seed, stream, day) * (1 - share) + lognormalFactor(gsd, seed, stream, day + 1) * share;
}
