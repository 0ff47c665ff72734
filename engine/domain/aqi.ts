// The air-quality index (AQI): sub-indices, index and primary pollutants, by edition, in exact arithmetic.

import { type EditionId, type PollutantId, pollutantIds } from '../schema/window.ts';
import { type AqiItem, type AqiTable, iaqiAxis, table2012, table2026 } from './aqiTables.ts';
import { fromBeijing } from './calendar.ts';

/** A concentration as a fraction of whole numbers: num / den, µg/m³ (CO mg/m³); den > 0. */
export interface Concentration {
  readonly num: number;
  readonly den: number;
}

/** Mean concentrations of a place. Absent = not available. */
export interface Concentrations {
  readonly hour?: Partial<Readonly<Record<PollutantId, Concentration>>>;
  /** Means over the last 24 hours (of a calendar day for the daily form). */
  readonly day?: Partial<Readonly<Record<Exclude<PollutantId, 'o3'>, Concentration>>>;
  /** Running 8-hour mean; the largest of the day for the daily form. */
  readonly o3Mean8h?: Concentration;
  /** Largest hour of the day (daily form of 2012). */
  readonly o3Hour1h?: Concentration;
}

export interface AqiResult {
  /** As published; NaN = "NA". */
  readonly aqi: number;
  /** Whatever the sub-indices give, also where the edition forbids publishing it; NaN without any. */
  readonly aqiRaw: number;
  /** In `pollutantIds` order; NaN = none. */
  readonly iaqi: readonly number[];
  /** Bit i: `pollutantIds[i]` is primary (AQI > 50 and its IAQI is the largest; ties are joint). */
  readonly primary: number;
}

export type EditionChoice = 'auto' | EditionId;

const from2026Ms = fromBeijing(2026, 3, 1);

/** The edition in force at the time of observation. */
export function editionAt(eventMs: number): EditionId {
  return eventMs >= from2026Ms ? 'hj633-2026' : 'hj633-2012';
}

export function resolveEdition(choice: EditionChoice, eventMs: number): EditionId {
  return choice === 'auto' ? editionAt(eventMs) : choice;
}

/** num / den to `decimals` places, half to even (GB/T 8170), as a whole number of the last place. Exact below 2^53. */
export function roundHalfEven(num: number, den: number, decimals: 0 | 1 | 2 | 3): number {
  const scaled = num * [1, 10, 100, 1000][decimals];
  const quotient = Math.floor(scaled / den);
  const rest = scaled - quotient * den;
  // Floor of the float quotient may be one off when the fraction is within an ulp of a whole number.
  if (rest < 0) return halfEven(quotient - 1, rest + den, den);
  if (rest >= den) return halfEven(quotient + 1, rest - den, den);
  return halfEven(quotient, rest, den);
}

function halfEven(quotient: number, rest: number, den: number): number {
  if (rest * 2 > den) return quotient + 1;
  if (rest * 2 < den) return quotient;
  return quotient % 2 === 0 ? quotient : quotient + 1;
}

function tableOf(edition: EditionId): AqiTable {
  return edition === 'hj633-2026' ? table2026 : table2012;
}

/**
 * Sub-index of one series, HJ 633 formula (1): linear between the breakpoints, then up to the next whole number.
 * NaN where the edition gives none. A negative concentration counts as 0.
 * Worked example (2012): PM2.5 60 µg/m³ lies between 35 (50) and 75 (100): 50 + 50·25/40 = 81.25 → 82.
 */
export function iaqi(edition: EditionId, item: AqiItem, concentration: Concentration): number {
  const { num, den } = edition === 'hj633-2026' ? rounded2026(item, concentration) : concentration;
  if (!(num > 0)) return Number.isNaN(num) ? Number.NaN : 0;
  const column = tableOf(edition)[item];
  const top = column.length - 1;
  if (num > column[top] * den) return aboveTop(edition, item);
  let upper = 1;
  while (num > column[upper] * den) upper++;
  const low = column[upper - 1];
  const indexLow = iaqiAxis[upper - 1];
  const indexSpan = iaqiAxis[upper] - indexLow;
  // ceil(indexLow + indexSpan * (num/den - low) / (high - low)) with whole numbers only
  return indexLow + ceilDivide(indexSpan * (num - low * den), (column[upper] - low) * den);
}

function ceilDivide(num: number, den: number): number {
  const rest = num % den;
  return (num - rest) / den + (rest > 0 ? 1 : 0);
}

/** HJ 633-2026 4.2.2 and 4.2.3: µg/m³ to whole numbers, CO to one decimal, half to even, before the sub-index. */
function rounded2026(item: AqiItem, { num, den }: Concentration): Concentration {
  const decimals = item.startsWith('co_') ? 1 : 0;
  return { num: roundHalfEven(num, den, decimals), den: decimals === 1 ? 10 : 1 };
}

/** 2012: SO2 1 h and O3 8 h above 800 have no sub-index. 2026: 200 and 300 (notes of table 1). Else the cap of 500. */
function aboveTop(edition: EditionId, item: AqiItem): number {
  if (item !== 'so2_1h' && item !== 'o3_8h') return 500;
  if (edition !== 'hj633-2026') return Number.NaN;
  return item === 'so2_1h' ? 200 : 300;
}

type Pick = (item: AqiItem, concentration: Concentration | undefined) => number;

/**
 * Hourly AQI.
 * 2012 (table 2 note): 1-h SO2, NO2, CO, O3 and running 8-h O3, running 24-h PM; SO2 1 h above 800 goes by its 24-h mean.
 * 2026 (4.2): 1-h means of all six, PM through the daily columns; with a pollutant missing it is published only above 100 (5.3.1).
 * cnemc: what CNEMC published before 2026: as 2012, with 1-h PM through the 24-hour columns.
 */
export function realtimeAqi(edition: EditionId, given: Concentrations): AqiResult {
  const pick = picker(edition);
  const hour = given.hour ?? {};
  const day = given.day ?? {};
  const pmFrom = edition === 'hj633-2012' ? day : hour;
  const so2 = pick('so2_1h', hour.so2);
  const o3 = pick('o3_1h', hour.o3);
  const sub: Readonly<Record<PollutantId, number>> = {
    so2: Number.isNaN(so2) && hour.so2 !== undefined ? pick('so2_24h', day.so2) : so2,
    no2: pick('no2_1h', hour.no2),
    pm10: pick('pm10_24h', pmFrom.pm10),
    co: pick('co_1h', hour.co),
    o3: edition === 'hj633-2012' ? larger(o3, pick('o3_8h', given.o3Mean8h)) : o3,
    pm25: pick('pm25_24h', pmFrom.pm25),
  };
  return combined(edition, sub);
}

/** Daily AQI: 24-h means, the day's largest 8-h mean of O3, and in 2012 its largest hour. */
export function dailyAqi(edition: EditionId, given: Concentrations): AqiResult {
  const pick = picker(edition);
  const day = given.day ?? {};
  const o3 = pick('o3_8h', given.o3Mean8h);
  const sub: Readonly<Record<PollutantId, number>> = {
    so2: pick('so2_24h', day.so2),
    no2: pick('no2_24h', day.no2),
    pm10: pick('pm10_24h', day.pm10),
    co: pick('co_24h', day.co),
    o3: edition === 'hj633-2026' ? o3 : larger(o3, pick('o3_1h', given.o3Hour1h)),
    pm25: pick('pm25_24h', day.pm25),
  };
  return combined(edition, sub);
}

function picker(edition: EditionId): Pick {
  return (item, concentration) => (concentration === undefined ? Number.NaN : iaqi(edition, item, concentration));
}

function larger(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.max(a, b);
}

function combined(edition: EditionId, sub: Readonly<Record<PollutantId, number>>): AqiResult {
  const values = pollutantIds.map((id) => sub[id]);
  const aqiRaw = values.reduce(larger, Number.NaN);
  const isIncomplete = values.some(Number.isNaN);
  const isWithheld = edition === 'hj633-2026' && isIncomplete && !(aqiRaw > 100);
  let primary = 0;
  if (aqiRaw > 50 && !isWithheld) {
    values.forEach((value, i) => {
      if (value === aqiRaw) primary |= 1 << i;
    });
  }
  return { aqi: isWithheld ? Number.NaN : aqiRaw, aqiRaw, iaqi: values, primary };
}

export interface AqiClass {
  readonly level: 1 | 2 | 3 | 4 | 5 | 6;
  readonly zh: string;
  readonly en: string;
  readonly hex: string;
  /** Largest AQI of the class. */
  readonly max: number;
}

/** HJ 633 table 2; the colours are the same in both editions. */
export const aqiClasses: readonly AqiClass[] = [
  { level: 1, zh: '优', en: 'Excellent', hex: '#00E400', max: 50 },
  { level: 2, zh: '良', en: 'Good', hex: '#FFFF00', max: 100 },
  { level: 3, zh: '轻度污染', en: 'Light', hex: '#FF7E00', max: 150 },
  { level: 4, zh: '中度污染', en: 'Moderate', hex: '#FF0000', max: 200 },
  { level: 5, zh: '重度污染', en: 'Heavy', hex: '#99004C', max: 300 },
  { level: 6, zh: '严重污染', en: 'Severe', hex: '#7E0023', max: Number.POSITIVE_INFINITY },
];

/** Undefined for NaN. */
export function aqiClass(aqi: number): AqiClass | undefined {
  return aqiClasses.find((each) => aqi <= each.max);
}
