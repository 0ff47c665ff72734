// The explanation of an assessment: which edition, which clause of which level, which hours with which values, how far from it.

import type { DurationReading, Reason, WarningLevel } from '../schema/warning.ts';
import { formatBeijing } from './calendar.ts';
import {
  type Clause,
  type Condition,
  clauseText,
  conditionText,
  type Edition,
  levelNames,
  readingNames,
} from './warningEditions.ts';
import { dayFromMs, endMs, hourAt, type Series } from './warningSeries.ts';
import { type BestChain, bestChain, type Counting, longestChain, meets, type Stretch, stretchesOf } from './warningStretches.ts';

/** A condition with the first stretch that reaches the present hour or later, by what is known and by what is possible. */
export interface JudgedCondition {
  readonly condition: Condition;
  readonly met?: Stretch;
  readonly possible?: Stretch;
}

/** One level, judged. */
export interface Judged {
  readonly level: WarningLevel;
  readonly conditions: readonly JudgedCondition[];
}

export interface Judgement {
  readonly edition: Edition;
  readonly reading: DurationReading;
  readonly counting: Counting;
  readonly series: Series;
  /** The highest level first; ends with the one that is met. */
  readonly judged: readonly Judged[];
  readonly level?: WarningLevel;
  readonly cannotTell: boolean;
  readonly belowForHours?: number;
}

interface Text {
  readonly zh: string;
  readonly en: string;
}

interface JudgedClause {
  readonly isMet?: boolean;
  readonly detail: Text;
}

export function assessmentReason(judgement: Judgement): Reason {
  const { edition, reading, series, judged, level, cannotTell } = judgement;
  const at = minute(endMs(series, series.now));
  const how = readingNames[reading];
  const found = foundText(level, cannotTell);
  return {
    zh: `${at} 依据${edition.zh}（${how.zh}）：${found.zh}`,
    en: `${at} by the ${edition.en} (${how.en}): ${found.en}`,
    isMet: truth(level !== undefined, cannotTell),
    parts: [...judged.map((each) => levelReason(each, judgement)), belowReason(judgement.belowForHours)],
  };
}

function foundText(level: WarningLevel | undefined, cannotTell: boolean): Text {
  if (level === undefined)
    return cannotTell
      ? { zh: '数据不足，无法判断', en: 'too little is known to tell' }
      : { zh: '未达到预警条件', en: 'no level is met' };
  const more = cannotTell
    ? { zh: '；数据不足，不能排除更高级别', en: '; too little is known to exclude a higher level' }
    : { zh: '', en: '' };
  return { zh: `达到${levelNames[level]}预警条件${more.zh}`, en: `${level} is met${more.en}` };
}

function levelReason({ level, conditions }: Judged, judgement: Judgement): Reason {
  const isMet = truth(
    conditions.some(({ met }) => met !== undefined),
    conditions.some(({ possible }) => possible !== undefined),
  );
  const verdict = verdictText(isMet);
  return {
    zh: `${levelNames[level]}：${verdict.zh}`,
    en: `${level}: ${verdict.en}`,
    isMet,
    parts: conditions.map((each) => conditionReason(each, judgement)),
  };
}

function conditionReason(judged: JudgedCondition, judgement: Judgement): Reason {
  const { condition, met, possible } = judged;
  const isMet = truth(met !== undefined, possible !== undefined);
  const clauses = condition.clauses.map((clause) => judgeClause(clause, judged, judgement));
  const text = conditionText(condition);
  const verdict = verdictText(isMet);
  const mark = condition.mark === 'source' ? { zh: '', en: '' } : { zh: '（条文未核实）', en: ' (wording not confirmed)' };
  const more =
    met !== undefined
      ? stretchText(judgement.series, met)
      : possible !== undefined
        ? gapText(judgement.series, possible)
        : clauses.every((clause) => clause.isMet === true)
          ? { zh: '，各条不在同一过程内', en: ', its clauses are met in different stretches' }
          : { zh: '', en: '' };
  const only = clauses.length === 1 ? clauses[0].detail : undefined;
  return {
    zh: `${text.zh}${mark.zh}：${verdict.zh}${more.zh}${only === undefined ? '' : `。${only.zh}`}`,
    en: `${text.en}${mark.en}: ${verdict.en}${more.en}${only === undefined ? '' : `. ${only.en}`}`,
    isMet,
    ...(only === undefined && { parts: clauses.map((clause, i) => clauseReason(condition.clauses[i], clause)) }),
  };
}

/** Where the stretch lies, how much of it is forecast, and in how many of its hours PM2.5 leads: cause is judged elsewhere. */
function stretchText(series: Series, { first, last }: Stretch): Text {
  let [pm25, forecast] = [0, 0];
  for (let i = first; i <= last; i++) {
    if (hourAt(series, i)?.byPm25 === true) pm25 += 1;
    if (hourAt(series, i)?.isForecast === true) forecast += 1;
  }
  const all = last - first + 1;
  const from = minute(dayFromMs(series, first));
  const until = minute(endMs(series, last));
  return {
    zh: `，${from} 至 ${until}；${all}个滚动值中预报${forecast}个，PM2.5为首要污染物${pm25}个`,
    en: `, ${from} to ${until}; of ${all} rolling values ${forecast} are forecast, ${pm25} led by PM2.5`,
  };
}

function gapText(series: Series, { first, last }: Stretch): Text {
  const gaps: number[] = [];
  for (let i = first; i <= last; i++) if (Number.isNaN(series.values[i])) gaps.push(i);
  const from = minute(endMs(series, gaps[0]));
  const to = minute(endMs(series, gaps[gaps.length - 1]));
  return {
    zh: `，缺少${gaps.length}个滚动值（${from} 至 ${to}）`,
    en: `, ${gaps.length} rolling values are missing (${from} to ${to})`,
  };
}

/** Of a condition that is met: the strongest chain in its stretch. Else the chain that comes nearest, in the present episode or later. */
function judgeClause(
  clause: Clause,
  { condition, met, possible }: JudgedCondition,
  { series, counting }: Judgement,
): JudgedClause {
  const { values, now } = series;
  const from = met?.first ?? presentFrom(series, condition, counting);
  const to = met?.last ?? values.length - 1;
  const chain = bestChain(values, clause, counting, { start: met?.first ?? 0, from, to });
  const isKnown = chain !== undefined && meets(clause, chain.least, 'known');
  const isPossible =
    possible !== undefined &&
    stretchesOf(values, { ...condition, clauses: [clause] }, counting, 'possible').some(
      ({ last }) => last >= Math.min(from, now),
    );
  const isMet = truth(isKnown, isPossible);
  const detail = chain === undefined ? noChain : chainText(chain, clause, series, counting, isKnown);
  if (isKnown || clause.hours === undefined) return { isMet, detail };
  const longest = longestChain(values, clause, counting, { from, to }) * counting.hours;
  return {
    isMet,
    detail: {
      zh: `${detail.zh}；最长${longest}小时，需${clause.hours}小时`,
      en: `${detail.en}; longest ${longest} h of ${clause.hours} h`,
    },
  };
}

function clauseReason(clause: Clause, { isMet, detail }: JudgedClause): Reason {
  const text = clauseText(clause);
  const verdict = verdictText(isMet);
  return { zh: `${text.zh}：${verdict.zh}。${detail.zh}`, en: `${text.en}: ${verdict.en}. ${detail.en}`, isMet };
}

const noChain: Text = { zh: '没有无缺测的时段', en: 'No such time is without gaps' };

/** First hour of the episode that goes on at present, by any clause of the condition; the present hour where there is none. */
function presentFrom({ values, now }: Series, condition: Condition, counting: Counting): number {
  const ongoing = condition.clauses.flatMap((clause) =>
    stretchesOf(values, { ...condition, clauses: [clause] }, counting, 'known').filter(
      ({ first, last }) => first <= now && last >= now,
    ),
  );
  return Math.min(now, ...ongoing.map(({ first }) => first));
}

function chainText(chain: BestChain, { relation, aqi }: Clause, series: Series, { stride }: Counting, isMet: boolean): Text {
  const values = linksText(chain, series, stride);
  if (isMet) return values;
  const short = relation === 'above' ? aqi + 1 - chain.least : aqi - chain.least;
  return { zh: `最接近：${values.zh}，差${short}`, en: `Nearest: ${values.en}, short by ${short}` };
}

/** Up to four values by themselves; of more the least, and from when to when. */
function linksText({ first, last, least }: BestChain, series: Series, stride: number): Text {
  const count = (last - first) / stride + 1;
  if (count > 4) {
    const [from, to] = [minute(endMs(series, first)), minute(endMs(series, last))];
    return {
      zh: `${from} 至 ${to} 的${count}个滚动值最低${least}`,
      en: `the least of ${count} rolling values from ${from} to ${to} is ${least}`,
    };
  }
  const texts = Array.from({ length: count }, (_, link) => valueText(series, first + link * stride));
  return { zh: texts.map(({ zh }) => zh).join('、'), en: texts.map(({ en }) => en).join(', ') };
}

function valueText(series: Series, position: number): Text {
  const hour = hourAt(series, position);
  const to = minute(endMs(series, position));
  const isForecast = hour?.isForecast === true;
  const stations =
    isForecast || hour === undefined
      ? ['', '']
      : [`，${hour.stations}/${hour.stationsAll}站`, `, ${hour.stations} of ${hour.stationsAll} stations`];
  return {
    zh: `${series.values[position]}（至${to}，${isForecast ? '预报' : '实测'}${stations[0]}）`,
    en: `${series.values[position]} (24 h to ${to}, ${isForecast ? 'forecast' : 'observed'}${stations[1]})`,
  };
}

function belowReason(hours: number | undefined): Reason {
  if (hours === undefined) return { zh: '是否低于黄色预警条件：无法判断', en: 'below the yellow condition: cannot tell' };
  if (hours === 0) return { zh: '没有低于黄色预警条件的时段', en: 'not below the yellow condition', isMet: false };
  return {
    zh: `今后至少${hours}小时低于黄色预警条件`,
    en: `below the yellow condition for at least ${hours} h from now`,
    isMet: true,
  };
}

function truth(isMet: boolean, isPossible: boolean): boolean | undefined {
  if (isMet) return true;
  return isPossible ? undefined : false;
}

function verdictText(isMet: boolean | undefined): Text {
  if (isMet === undefined) return { zh: '无法判断', en: 'cannot tell' };
  return isMet ? { zh: '成立', en: 'met' } : { zh: '不成立', en: 'not met' };
}

function minute(ms: number): string {
  return formatBeijing(ms).slice(0, 16).replace('T', ' ');
}
