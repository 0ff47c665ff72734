// Editions of the criteria for heavy-pollution warnings, as data: domain report 2.1 to 2.3 and its warning-criteria.json.

import type { CriteriaId, DurationReading, WarningLevel } from '../schema/warning.ts';
import { fromBeijing } from './calendar.ts';

/** How sure the report is of a fact: read in a source, from memory, or proposed there. */
export type Mark = 'source' | 'memory' | 'proposed';

/** What one part of a condition asks of the 24-hour index. */
export interface Clause {
  /** `above`: greater than; `reaches`: at least (the index ends at 500). */
  readonly relation: 'above' | 'reaches';
  readonly aqi: number;
  /** Whole days. Undefined: one 24-hour index is enough, whatever the reading of durations. */
  readonly hours?: number;
}

/** Met by a stretch of hours that meets all clauses. */
export interface Condition {
  readonly clauses: readonly Clause[];
  readonly mark: Mark;
}

export interface Edition {
  readonly id: CriteriaId;
  readonly zh: string;
  readonly en: string;
  readonly source: string;
  /** For Hengshui; holds until the next edition. */
  readonly fromMs: number;
  readonly fromMark: Mark;
  /** Lowest first; a level is met by any of its conditions, and counts only if no higher one is met. */
  readonly levels: readonly { readonly level: WarningLevel; readonly conditions: readonly Condition[] }[];
  /** Below the yellow condition, and forecast to stay so for at least as long: the warning is lifted. */
  readonly liftHours: number;
  readonly liftMark: Mark;
  /** Two episodes with a shorter gap are one, at the stricter level. */
  readonly mergeHours: number;
  readonly mergeMark: Mark;
}

const above = (aqi: number, hours?: number): Clause => ({ relation: 'above', aqi, hours });
const reaches = (aqi: number, hours?: number): Clause => ({ relation: 'reaches', aqi, hours });
const all = (...clauses: readonly Clause[]): Condition => ({ clauses, mark: 'source' });
const fromMemory = (...clauses: readonly Clause[]): Condition => ({ clauses, mark: 'memory' });

/** The 36 hours are read in a source for the national rule of 2024 only; the merging of 2017 is, its number is not. */
const ends = { liftHours: 36, mergeHours: 36, mergeMark: 'memory' } as const;

/** Oldest first. */
export const editions: readonly Edition[] = [
  {
    id: 'jjj-2016',
    zh: '京津冀统一预警分级标准（2016年）',
    en: 'unified criteria of Beijing, Tianjin and Hebei, 2016',
    source: 'Hengshui Daily 2017-02-20; press of the ministry 2016',
    // Nothing older is known to us, so it stands for all that was before.
    fromMs: Number.NEGATIVE_INFINITY,
    fromMark: 'proposed',
    levels: [
      { level: 'blue', conditions: [all(above(200))] },
      { level: 'yellow', conditions: [all(above(200, 48))] },
      { level: 'orange', conditions: [all(above(200, 72), above(300))] },
      { level: 'red', conditions: [all(above(200, 96), above(300, 48)), all(reaches(500, 24))] },
    ],
    ...ends,
    liftMark: 'memory',
  },
  {
    id: 'mep-2017',
    zh: '环大气〔2017〕86号',
    en: 'ministry letter 86 of 2017',
    source: "the ministry's slides of 2017-09-20",
    fromMs: fromBeijing(2017, 9, 20),
    fromMark: 'source',
    levels: [
      { level: 'blue', conditions: [all(above(200))] },
      { level: 'yellow', conditions: [all(above(200, 48))] },
      { level: 'orange', conditions: [all(above(200, 72), above(300))] },
      // The slide is cut after the first condition: the second is that of 2016.
      { level: 'red', conditions: [all(above(200, 96), above(300, 48)), fromMemory(reaches(500, 24))] },
    ],
    ...ends,
    liftMark: 'memory',
  },
  {
    id: 'mee-2018',
    zh: '环办大气函〔2018〕875号',
    en: 'ministry letter 875 of 2018',
    source: "Hohhot's plan of 2019, which quotes it",
    // The letter is of 2018; the month is not in the source. No known warning of Hengshui lies between the two winters.
    fromMs: fromBeijing(2018, 10, 1),
    fromMark: 'memory',
    levels: [
      { level: 'yellow', conditions: [all(above(200, 48))] },
      { level: 'orange', conditions: [all(above(200, 72))] },
      { level: 'red', conditions: [all(above(200, 96), above(300, 48)), all(reaches(500))] },
    ],
    ...ends,
    liftMark: 'memory',
  },
  {
    id: 'mee-2024',
    zh: '环大气〔2024〕6号，冀政办字〔2024〕17号',
    en: 'ministry letter 6 of 2024, plan of Hebei of 2024-03-07',
    source: 'China News Service 2024-01-26; Hebei Daily 2024-03-27; lifting: Yangzhou 2026-01-23',
    // Hengshui's plan is of April 2024; the day is not in the source.
    fromMs: fromBeijing(2024, 4, 1),
    fromMark: 'source',
    levels: [
      { level: 'yellow', conditions: [all(above(200, 24)), all(above(150, 48))] },
      { level: 'orange', conditions: [all(above(200, 48)), all(above(150, 72))] },
      { level: 'red', conditions: [all(above(200, 72), above(300, 24))] },
    ],
    ...ends,
    liftMark: 'source',
  },
];

export function editionOf(id: CriteriaId): Edition {
  const found = editions.find((edition) => edition.id === id);
  if (found === undefined) throw new Error(`BUG: no criteria ${id}`);
  return found;
}

/** The edition that holds for Hengshui at a time. */
export function criteriaAt(ms: number): CriteriaId {
  return (editions.findLast(({ fromMs }) => ms >= fromMs) ?? editions[0]).id;
}

/** The longest duration of an edition, hours: so far back a stretch can reach that has just been completed. */
export function longestHours(edition: Edition): number {
  const clauses = edition.levels.flatMap(({ conditions }) => conditions.flatMap((condition) => condition.clauses));
  return Math.max(24, ...clauses.map(({ hours }) => hours ?? 0));
}

/** `AQI>200 持续48小时`, `AQI>200 for 48 h`. */
export function clauseText({ relation, aqi, hours }: Clause): { readonly zh: string; readonly en: string } {
  const zh = relation === 'above' ? `AQI>${aqi}` : `AQI达到${aqi}`;
  const en = relation === 'above' ? `AQI>${aqi}` : `AQI reaches ${aqi}`;
  return { zh: hours === undefined ? zh : `${zh} 持续${hours}小时`, en: hours === undefined ? en : `${en} for ${hours} h` };
}

export function conditionText({ clauses }: Condition): { readonly zh: string; readonly en: string } {
  const texts = clauses.map(clauseText);
  return { zh: texts.map(({ zh }) => zh).join('，且'), en: texts.map(({ en }) => en).join(' and ') };
}

export const levelNames: Readonly<Record<WarningLevel, string>> = { blue: '蓝色', yellow: '黄色', orange: '橙色', red: '红色' };

export const readingNames: Readonly<Record<DurationReading, { readonly zh: string; readonly en: string }>> = {
  blocks: { zh: '按首尾相接的24小时计', en: 'counted in 24-hour blocks, any start hour' },
  rolling: { zh: '按滚动24小时指数持续的小时计', en: 'counted in hours of the rolling 24-hour index' },
};
