// What the plan check takes for granted: required cuts by edition, usual work, what sectors give off and how far measures cut them.

import type { Emission, EnterpriseProcess, Level } from '../../schema/register.ts';
import type { Text } from '../../schema/says.ts';

export const pollutants = ['so2', 'nox', 'pm', 'voc'] as const satisfies readonly (keyof Emission)[];
export type Pollutant = (typeof pollutants)[number];

/** Least cut of whole-society emissions, % (domain report 2.5). */
export interface CutEdition extends Text {
  readonly requiredPct: Readonly<Record<Level, Emission>>;
  /** SO2 and NOx may stand in for each other while their percentages together reach what is required of both. */
  readonly so2NoxTradable: boolean;
  /** Where the numbers come from. */
  readonly remark: Text;
}

const alike = (pct: number): Emission => ({ so2: pct, nox: pct, pm: pct, voc: pct });
const tenTwentyThirty = { yellow: alike(10), orange: alike(20), red: alike(30) };

export const cutEditionIds = ['hebei-2018', 'mee-2019', 'mee-2024'] as const;
export type CutEditionId = (typeof cutEditionIds)[number];

export interface SectorSettings extends Text {
  /** Share of whole-society emissions, %; or absolute from the city's inventory, t/d: what is given here counts in its place. */
  readonly sharePct: Emission;
  readonly tpd?: Emission;
  /** What the level's measures take off the sector, %. */
  readonly cutPct: Readonly<Record<Level, number>>;
  readonly remark: Text;
}

export const sectorIds = ['vehicles', 'nonRoad', 'sites', 'roads', 'heating', 'solvents'] as const;
export type SectorId = (typeof sectorIds)[number];

export interface CheckSettings {
  readonly editions: Readonly<Record<CutEditionId, CutEdition>>;
  /** Hours of a usual working day, and load in them (1 = full). */
  readonly usualHours: Readonly<Record<EnterpriseProcess['shifts'], number>>;
  readonly usualLoad: number;
  readonly sectors: Readonly<Record<SectorId, SectorSettings>>;
  /** Share of the vehicles' emission by trucks of China IV and below that drive to enterprises, %: what transport orders take off. */
  readonly trucksPct: Emission;
}

const none = { yellow: 0, orange: 0, red: 0 };

/** [S] a source says so, [M] from memory, [P] our estimate, to be replaced by the city's own inventory. */
export const checkSettings: CheckSettings = {
  editions: {
    'hebei-2018': {
      zh: '河北省2018年',
      en: 'Hebei 2018',
      requiredPct: {
        yellow: alike(10),
        orange: { so2: 20, nox: 20, pm: 20, voc: 15 },
        red: { so2: 30, nox: 30, pm: 30, voc: 20 },
      },
      so2NoxTradable: true,
      remark: {
        zh: '橙色比例及SO2、NOx可内部调剂 [S]；黄色、红色比例及按比例之和调剂 [M]',
        en: 'orange, and that SO2 and NOx may be traded [S]; yellow, red, and that percentages are summed in trading [M]',
      },
    },
    'mee-2019': {
      zh: '2019年',
      en: '2019',
      requiredPct: tenTwentyThirty,
      so2NoxTradable: false,
      remark: { zh: '天津方案 [S]；河北、衡水 [M]', en: 'Tianjin [S]; for Hebei and Hengshui [M]' },
    },
    'mee-2024': {
      zh: '2024年',
      en: '2024',
      requiredPct: tenTwentyThirty,
      so2NoxTradable: false,
      remark: { zh: '天津方案 [S]；河北、衡水 [M]', en: 'Tianjin [S]; for Hebei and Hengshui [M]' },
    },
  },
  usualHours: { continuous: 24, three: 22, two: 15, day: 8 },
  usualLoad: 0.75,
  sectors: {
    vehicles: {
      zh: '机动车',
      en: 'vehicles',
      sharePct: { so2: 2, nox: 38, pm: 6, voc: 15 },
      cutPct: { yellow: 8, orange: 17, red: 25 },
      remark: {
        zh: '措施：建成区禁行重中型货车，老旧车停驶 [S]',
        en: 'measures: built-up areas closed to heavy and medium trucks, old cars stay [S]',
      },
    },
    nonRoad: {
      zh: '非道路移动机械',
      en: 'non-road machines',
      sharePct: { so2: 2, nox: 14, pm: 3, voc: 4 },
      cutPct: { yellow: 20, orange: 40, red: 50 },
      remark: { zh: '措施：工地和企业禁用国二及以下机械 [S]', en: 'measure: none of China II and below at sites and plants [S]' },
    },
    sites: {
      zh: '施工工地扬尘',
      en: 'construction sites',
      sharePct: { so2: 0, nox: 0, pm: 18, voc: 1 },
      cutPct: { yellow: 30, orange: 60, red: 90 },
      remark: {
        zh: '措施：停止土石方、拆除、喷涂、护坡喷浆、混凝土搅拌等 [S]',
        en: 'measures: no earthwork, demolition, spraying, shotcrete, mixing [S]',
      },
    },
    roads: {
      zh: '道路扬尘',
      en: 'road dust',
      sharePct: { so2: 0, nox: 0, pm: 18, voc: 0 },
      cutPct: { yellow: 5, orange: 10, red: 15 },
      remark: { zh: '措施：视气象增加湿扫洒水 [S]', en: 'measure: more wet sweeping as the weather permits [S]' },
    },
    heating: {
      zh: '居民取暖与散烧',
      en: 'heating of homes',
      sharePct: { so2: 30, nox: 8, pm: 20, voc: 10 },
      cutPct: none,
      remark: { zh: '无可计量的措施', en: 'no measure that can be counted' },
    },
    solvents: {
      zh: '生活溶剂与餐饮等',
      en: 'solvents, small trades',
      sharePct: { so2: 1, nox: 2, pm: 5, voc: 20 },
      cutPct: none,
      remark: { zh: '无可计量的措施', en: 'no measure that can be counted' },
    },
  },
  trucksPct: { so2: 10, nox: 12, pm: 12, voc: 3 },
};

/** What cannot be worked with; undefined: nothing. */
export function settingsProblem(settings: CheckSettings): string | undefined {
  for (const pollutant of pollutants) {
    const shares = sectorIds.filter((id) => settings.sectors[id].tpd === undefined);
    const sum = shares.reduce((total, id) => total + settings.sectors[id].sharePct[pollutant], 0);
    if (sum >= 100)
      return `sharePct.${pollutant} of the sectors is ${sum} % in all; allowed: below 100, the rest is the enterprises'`;
  }
  return undefined;
}
