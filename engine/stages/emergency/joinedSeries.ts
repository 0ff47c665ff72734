// One series of 24-hour indices: what was observed, what is forecast, and at the join a mix of both by hours.

import { editionAt, iaqi } from '../../domain/aqi.ts';
import { dayStart, formatBeijing, hourStart } from '../../domain/calendar.ts';
import type { Reason, RollingHour } from '../../schema/warning.ts';
import { pollutantIds } from '../../schema/window.ts';
import { type Lead, leadOf, leadOfDay } from './cause.ts';
import type { CityHour, CityHours } from './cityHours.ts';
import type { ForecastDay, Forecasts } from './forecasts.ts';
import type { WarningOptions } from './warningOptions.ts';

export interface JoinedHour extends RollingHour {
  readonly lead: Lead;
  /** Index of the air that is expected in the hour itself; NaN: observed, or not known. */
  readonly airAqi: number;
}

export interface Joined {
  /** Contiguous and ascending, without a hole: what is not known is NaN. */
  readonly hours: readonly JoinedHour[];
  /** Start of the newest hour whose index was observed; NaN: none. */
  readonly observedMs: number;
  /** No forecast that is young enough tells of a day that begins now or later. */
  readonly isFallback: boolean;
  /** What the hours to come rest on. */
  readonly reason: Reason;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Five days of criteria, the day in front of them, and one for merging. */
const lookBackMs = 7 * dayMs;
/** A forecast of wind and mixing height lives longer than one of air. */
const trendMaxAgeMs = 3 * dayMs;
const [trendMin, trendMax] = [0.5, 1.5];
const aqiTop = 500;
const pm25Bit = 1 << pollutantIds.indexOf('pm25');

export function joined(observed: CityHours, forecast: Forecasts, nowMs: number, options: WarningOptions): Joined {
  const presentMs = hourStart(nowMs);
  const days = forecast.days().filter((day) => isFresh(day, nowMs, options));
  const airOfDay = new Map(days.map((day) => [day.dayMs, { aqi: day.aqi, lead: leadOfDay(day, options.dustShareMax) }]));
  const observedMs = observed.newestMs();
  const last = observed.at(observedMs);
  const air = observedAir(observed, observedMs);
  const carried = carriedOn(forecast, nowMs);
  const isFallback = days.every((day) => day.dayMs < presentMs);
  const endMs = Math.max(presentMs + options.fallbackMs, ...days.map((day) => day.dayMs + dayMs));

  /** The air of one hour that was not observed. Undefined: nobody knows. */
  function airOf(each: number): { readonly aqi: number; readonly lead: Lead } | undefined {
    const day = airOfDay.get(dayStart(each));
    if (day !== undefined) return day;
    if (last === undefined || each >= presentMs + options.fallbackMs) return undefined;
    return { aqi: Math.min(aqiTop, last.aqi24 * carried(each)), lead: leadOfHour(observedMs) };
  }

  /** Rounded, so that a mix of equal days is exactly their index. */
  function mixed(each: number): number {
    let sum = 0;
    for (let hour = each - 23 * hourMs; hour <= each; hour += hourMs)
      sum += hour <= observedMs ? air.of(hour) : (airOf(hour)?.aqi ?? Number.NaN);
    return Math.round((sum / 24) * 1000) / 1000;
  }

  function leadOfHour(each: number): Lead {
    const primary = observed.at(each)?.primary ?? 0;
    return leadOf(primary, observed.fineShare(each), options.dustShareMax);
  }

  function seen(each: number): JoinedHour {
    const hour = observed.at(each);
    return {
      hourMs: each,
      aqi24: hour?.aqi24 ?? Number.NaN,
      isForecast: false,
      byPm25: ((hour?.primary ?? 0) & pm25Bit) !== 0,
      stations: hour?.stations ?? 0,
      stationsAll: hour?.stationsAll ?? 0,
      lead: leadOfHour(each),
      airAqi: Number.NaN,
    };
  }

  function expected(each: number): JoinedHour {
    const { aqi, lead } = airOf(each) ?? { aqi: Number.NaN, lead: 'pm25' };
    return {
      hourMs: each,
      aqi24: mixed(each),
      isForecast: true,
      byPm25: lead === 'pm25',
      stations: 0,
      stationsAll: 0,
      lead,
      airAqi: aqi,
    };
  }

  /** An hour that is over belongs to those that were observed, or missed: a forecast never stands in for it. */
  const isOver = (each: number) => each + hourMs + options.assessDelayMs <= nowMs || observed.at(each) !== undefined;

  const hours: JoinedHour[] = [];
  const firstMs = observed.firstMs();
  const fromMs = Number.isNaN(firstMs) ? presentMs - hourMs : Math.max(firstMs, presentMs - lookBackMs);
  for (let each = Math.min(fromMs, presentMs); each < endMs; each += hourMs)
    hours.push(isOver(each) ? seen(each) : expected(each));
  while (hours.at(-1)?.isForecast && Number.isNaN(hours.at(-1)?.aqi24)) hours.pop();
  return { hours, observedMs, isFallback, reason: isFallback ? fallbackReason(options, carried.isTrend) : reasonOf(days) };
}

function isFresh({ issueMs }: ForecastDay, nowMs: number, { forecastMaxAgeMs }: WarningOptions): boolean {
  return issueMs <= nowMs && nowMs - issueMs <= forecastMaxAgeMs;
}

/**
 * The air of the 24 hours behind the newest index, hour by hour, scaled so that their mean is that index: what leaves the mean and
 * what stays in it decides how the next hours go on. An hour without PM means is like the mean.
 */
function observedAir(observed: CityHours, newestMs: number): { of(each: number): number } {
  const aqi24 = observed.at(newestMs)?.aqi24 ?? Number.NaN;
  const air = new Map<number, number>();
  let [sum, count] = [0, 0];
  for (let each = newestMs - 23 * hourMs; each <= newestMs; each += hourMs) {
    const index = hourIndex(observed.at(each));
    if (Number.isNaN(index)) continue;
    air.set(each, index);
    sum += index;
    count += 1;
  }
  const scale = sum > 0 ? (aqi24 * count) / sum : 0;
  return { of: (each) => (air.has(each) && scale > 0 ? (air.get(each) as number) * scale : aqi24) };
}

/** PM means of one hour through the daily columns. */
function hourIndex(hour: CityHour | undefined): number {
  if (hour === undefined) return Number.NaN;
  const edition = editionAt(hour.hourMs);
  const index = (item: 'pm25_24h' | 'pm10_24h', value: number) =>
    Number.isNaN(value) ? Number.NaN : iaqi(edition, item, { num: Math.round(value * 10), den: 10 });
  return Math.max(index('pm25_24h', hour.pm25), index('pm10_24h', hour.pm10));
}

/**
 * Without a forecast the air stays as it is, times the square root of how much less (or more) the wind carries through the mixing
 * layer than today, if an older forecast still tells of that; half to one and a half [P].
 */
function carriedOn(forecast: Forecasts, nowMs: number): ((each: number) => number) & { readonly isTrend: boolean } {
  const ventilation = (each: number) => {
    const day = forecast.of(dayStart(each));
    return day === undefined || nowMs - day.issueMs > trendMaxAgeMs ? Number.NaN : day.windMps * day.mixingM;
  };
  const today = ventilation(nowMs);
  const factor = (each: number) => {
    const ratio = today / ventilation(each);
    return ratio > 0 && Number.isFinite(ratio) ? Math.min(trendMax, Math.max(trendMin, Math.sqrt(ratio))) : 1;
  };
  return Object.assign(factor, { isTrend: today > 0 });
}

function fallbackReason({ fallbackMs, forecastMaxAgeMs }: WarningOptions, isTrend: boolean): Reason {
  const [hours, age] = [fallbackMs / hourMs, forecastMaxAgeMs / hourMs];
  return {
    zh: `没有${age}小时内发布的有效预报：以实测值持续外推${hours}小时（替代方法${isTrend ? '，按风速和混合层高度趋势修正' : ''}）`,
    en: `no forecast younger than ${age} h: what is observed is carried on for ${hours} h (fallback: persistence${isTrend ? ' with the trend of wind and mixing height' : ''})`,
  };
}

function reasonOf(days: readonly ForecastDay[]): Reason {
  const name = (ms: number) => formatBeijing(ms).slice(0, 10);
  const last = days[days.length - 1];
  return {
    zh: `预报覆盖至${name(last.dayMs)}`,
    en: `forecast up to ${name(last.dayMs)}`,
    parts: days.map(({ dayMs: day, issueMs, aqi }) => ({
      zh: `${name(day)} 预报AQI ${aqi}（${formatBeijing(issueMs).slice(0, 16)} 发布）`,
      en: `${name(day)}: AQI ${aqi} (issued ${formatBeijing(issueMs).slice(0, 16)})`,
    })),
  };
}
