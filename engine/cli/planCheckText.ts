// The plan check as a text for people, in Chinese or English.

import { textTable } from '../../simulator/lab/textTable.ts';
import { type CheckSettings, type Pollutant, pollutants, sectorIds } from '../domain/curtailment/checkSettings.ts';
import type { AreaCheck, CutPart, PlanCheck, Reached } from '../domain/curtailment/planCheck.ts';
import type { PlanProblem, PlanProblemCode } from '../domain/curtailment/rules.ts';
import type { Emission, Level } from '../schema/register.ts';
import type { Text } from '../schema/says.ts';

export type Language = keyof Text;

const levelTexts: Readonly<Record<Level, Text>> = {
  yellow: { zh: '黄色预警（Ⅲ级响应）', en: 'yellow (response III)' },
  orange: { zh: '橙色预警（Ⅱ级响应）', en: 'orange (response II)' },
  red: { zh: '红色预警（Ⅰ级响应）', en: 'red (response I)' },
};

export const planProblemTexts: Readonly<Record<PlanProblemCode, Text>> = {
  'exempt-grade': {
    zh: 'A级、引领性、正面清单企业不停产不限产',
    en: 'A, leading and positive list are neither stopped nor limited',
  },
  'below-certified': { zh: '保障类企业不得低于核定负荷', en: 'a guarantee enterprise is not limited below its certified load' },
  'above-certified': { zh: '保障类企业不得高于核定负荷', en: 'a guarantee enterprise runs no higher than its certified load' },
  'not-emitting': { zh: '不涉气工序不停产不限产', en: 'the process does not emit to air' },
  'unknown-process': { zh: '企业没有该工序', en: 'the enterprise has no such process' },
  'unknown-action': { zh: '没有这种措施', en: 'no such measure' },
  'no-share': { zh: '限产没有比例', en: 'a limit without its share' },
  'process-of-transport': { zh: '运输管控不针对工序', en: 'transport is of the whole enterprise' },
  twice: { zh: '同一工序有多条措施', en: 'several measures for one process' },
  weaker: { zh: '高等级措施弱于低等级', en: 'a higher level asks less than a lower one' },
};

const becomesTexts: Readonly<Record<PlanProblem['becomes'], Text>> = {
  nothing: { zh: '不下达', en: 'no order' },
  'certified-load': { zh: '按核定负荷下达', en: 'ordered at the certified load' },
  'as-planned': { zh: '照计划下达', en: 'ordered as planned' },
};

const names: Readonly<Record<Pollutant, string>> = { so2: 'SO2', nox: 'NOx', pm: 'PM', voc: 'VOCs' };
const reachedTexts: Readonly<Record<Reached, Text>> = {
  reached: { zh: '达到', en: 'reached' },
  traded: { zh: '调剂达到', en: 'traded' },
  short: { zh: '不足', en: 'short' },
  nothing: { zh: '无排放', en: 'none' },
};

const problemsShown = 20;
const tpd = (kg: Emission) => pollutants.map((pollutant) => (kg[pollutant] / 1000).toFixed(2));
const pct = (of: Emission) => pollutants.map((pollutant) => of[pollutant].toFixed(1));
const head = pollutants.map((pollutant) => names[pollutant]);

export function planCheckText(check: PlanCheck, settings: CheckSettings, language: Language): string {
  const edition = settings.editions[check.edition];
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en);
  const { city } = check;
  return [
    say(
      `${city.zh} ${levelTexts[check.level].zh}：应急减排方案核算（${edition.zh}要求）`,
      `${city.en}, ${levelTexts[check.level].en}: does the plan reach the required cut (${edition.en})?`,
    ),
    verdict(check, language),
    say(
      `${city.enterprises}家企业中${city.curtailed}家停产或限产`,
      `${city.curtailed} of ${city.enterprises} enterprises stop or limit processes`,
    ),
    '',
    say('全社会排放基数，t/d：', 'Base, whole-society emissions, t/d:'),
    ...baseTable(city, settings, language),
    '',
    say('减排比例，占全社会排放的%：', 'Cut, % of whole-society emissions:'),
    ...cutTable(check, language),
    '',
    say('各县市区，减排比例%：', 'By county, cut in %:'),
    ...countyTable(check, language),
    '',
    ...problemLines(check, language),
    '',
    say(
      '假定（[S]有来源，[M]凭记忆，[P]本系统估计，请以本市清单替换）：',
      'Assumed ([S] from a source, [M] from memory, [P] our estimate: replace it by the city’s inventory):',
    ),
    ...check.assumed.map((each) => `- ${each[language]}`),
    '',
  ].join('\n');
}

function verdict({ city, requiredPct }: PlanCheck, language: Language): string {
  if (city.isReached) return language === 'zh' ? '结论：全市达到要求' : 'Result: reached in the city as a whole';
  const short = pollutants
    .filter((pollutant) => city.reached[pollutant] === 'short')
    .map((pollutant) => `${names[pollutant]} ${city.cutPct[pollutant].toFixed(1)} < ${requiredPct[pollutant]} %`);
  return language === 'zh' ? `结论：未达到要求：${short.join('，')}` : `Result: NOT reached: ${short.join(', ')}`;
}

function baseTable(city: AreaCheck, { sectors }: CheckSettings, language: Language): readonly string[] {
  const own = (text: Text, kg: Emission, mark = '') => [`  ${text[language]}${mark}`, ...tpd(kg)];
  return textTable([
    ['', ...head],
    own({ zh: '工业企业', en: 'enterprises' }, city.enterprisesKg),
    own({ zh: '  其中小微企业', en: '  of which small and micro' }, city.smallMicroKg),
    ...sectorIds.map((id) => own(sectors[id], city.sectorsKg[id], ' [P]')),
    own({ zh: '合计', en: 'all' }, city.baseKg),
  ]);
}

function partName({ zh, en, orders, id }: CutPart, language: Language): string {
  const isOwn = id === 'stop' || id === 'limit';
  const mark = isOwn ? '' : ' [P]';
  if (orders === undefined) return `  ${language === 'zh' ? zh : en}${mark}`;
  return language === 'zh' ? `  ${zh}（${orders}条指令）${mark}` : `  ${en} (${orders} orders)${mark}`;
}

function cutTable({ city, requiredPct }: PlanCheck, language: Language): readonly string[] {
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en);
  const share = (kg: Emission) =>
    pollutants.map((pollutant) =>
      city.enterprisesKg[pollutant] === 0 ? '' : ((100 * kg[pollutant]) / city.enterprisesKg[pollutant]).toFixed(1),
    );
  const [stop, limit] = city.parts;
  const both = { ...city.cutKg };
  for (const pollutant of pollutants) both[pollutant] = stop.cutKg[pollutant] + limit.cutKg[pollutant];
  return textTable([
    ['', ...head],
    ...city.parts.map((part) => [partName(part, language), ...pct(part.cutPct)]),
    [say('  合计', '  all measures'), ...pct(city.cutPct)],
    [say('  要求不低于', '  required at least'), ...pollutants.map((pollutant) => requiredPct[pollutant].toFixed(1))],
    [say('  结论', '  result'), ...pollutants.map((pollutant) => reachedTexts[city.reached[pollutant]][language])],
    [say('  停限产占企业自身排放', "  stops and limits, % of the enterprises' own"), ...share(both)],
  ]);
}

function countyTable({ counties }: PlanCheck, language: Language): readonly string[] {
  const isZh = language === 'zh';
  return textTable(
    [
      [
        isZh ? '代码' : 'code',
        isZh ? '县市区' : 'county',
        isZh ? '企业' : 'plants',
        isZh ? '停限产' : 'curtailed',
        ...head,
        isZh ? '结论' : 'result',
      ],
      ...counties.map((area) => [
        area.code,
        area[language],
        String(area.enterprises),
        String(area.curtailed),
        ...pct(area.cutPct),
        area.isReached
          ? reachedTexts.reached[language]
          : `${reachedTexts.short[language]}: ${pollutants
              .filter((pollutant) => area.reached[pollutant] === 'short')
              .map((pollutant) => names[pollutant])
              .join(' ')}`,
      ]),
    ],
    2,
  );
}

function problemLines({ problems }: PlanCheck, language: Language): readonly string[] {
  const isZh = language === 'zh';
  if (problems.length === 0) return [isZh ? '各级方案均未违反规则' : 'No plan breaks a rule, at any level.'];
  const lines = problems.slice(0, problemsShown).map(({ enterprise, level, process, code, becomes, value, allowed }) => {
    const place = `${enterprise} ${level}${process === undefined ? '' : ` ${process}`}`;
    return `- ${place}: ${planProblemTexts[code][language]} (${value}; ${isZh ? '允许' : 'allowed'}: ${allowed}) → ${becomesTexts[becomes][language]}`;
  });
  const more = problems.length - lines.length;
  return [
    isZh ? `${problems.length}条措施违反规则：` : `${problems.length} measures break a rule:`,
    ...lines,
    ...(more > 0 ? [isZh ? `… 另有${more}条：--json` : `… and ${more} more: --json`] : []),
  ];
}
