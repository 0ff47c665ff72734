// What leads the index: fine particles, for which there are warnings, or dust and ozone, for which there is advice.

import { editionAt, iaqi } from '../../domain/aqi.ts';
import type { AqiItem } from '../../domain/aqiTables.ts';
import type { Reason } from '../../schema/warning.ts';
import { pollutantIds } from '../../schema/window.ts';
import type { ForecastDay } from './forecasts.ts';

/** `pm25` also: coarse particles with much haze in them. */
export const leads = ['pm25', 'dust', 'o3', 'other'] as const;
export type Lead = (typeof leads)[number];

const isPrimary = (mask: number, id: (typeof pollutantIds)[number]) => ((mask >> pollutantIds.indexOf(id)) & 1) === 1;

/** `fineShare`: PM2.5 / PM10; NaN: not known, and then PM10 is not taken for dust. */
export function leadOf(primary: number, fineShare: number, dustShareMax: number): Lead {
  if (isPrimary(primary, 'pm25')) return 'pm25';
  if (isPrimary(primary, 'pm10')) return fineShare < dustShareMax ? 'dust' : 'pm25';
  return isPrimary(primary, 'o3') ? 'o3' : 'other';
}

/** A forecast that says nothing of PM2.5 is taken for one of haze: a person decides. */
export function leadOfDay(day: ForecastDay, dustShareMax: number): Lead {
  if (Number.isNaN(day.pm25)) return 'pm25';
  const edition = editionAt(day.dayMs);
  const index = (item: AqiItem, value: number) =>
    Number.isNaN(value) ? 0 : iaqi(edition, item, { num: Math.round(value * 10), den: 10 });
  const all = { pm25: index('pm25_24h', day.pm25), pm10: index('pm10_24h', day.pm10), o3: index('o3_8h', day.o3) };
  const top = Math.max(all.pm25, all.pm10, all.o3, index('no2_24h', day.no2));
  if (all.pm25 === top) return 'pm25';
  if (all.pm10 === top) return day.pm25 / day.pm10 < dustShareMax ? 'dust' : 'pm25';
  return all.o3 === top ? 'o3' : 'other';
}

/** What leads most of the hours; of two the first in the list. Without any hour: `pm25`, and a person decides. */
export function mostly(found: readonly Lead[]): Lead {
  const count = (lead: Lead) => found.filter((each) => each === lead).length;
  return leads.reduce((best, lead) => (count(lead) > count(best) ? lead : best), 'pm25');
}

const texts: Readonly<Record<Lead, { readonly zh: string; readonly en: string }>> = {
  pm25: { zh: '以PM2.5为主，适用重污染天气预警', en: 'led by PM2.5: warnings are for this' },
  dust: {
    zh: '以沙尘（PM10）为主，PM2.5占比低：发布健康提示，不建议启动或升级预警',
    en: 'led by dust (PM10, little PM2.5 in it): health advice; no warning is proposed',
  },
  o3: { zh: '以臭氧为主：发布健康提示，不建议启动或升级预警', en: 'led by ozone: health advice; no warning is proposed' },
  other: {
    zh: '首要污染物不是颗粒物：发布健康提示，不建议启动或升级预警',
    en: 'not led by particles: health advice; no warning is proposed',
  },
};

export function causeReason(lead: Lead, hours: number): Reason {
  const { zh, en } = texts[lead];
  return { zh: `污染成因（${hours}个小时）：${zh}`, en: `cause (${hours} h): ${en}`, isMet: lead === 'pm25' };
}
