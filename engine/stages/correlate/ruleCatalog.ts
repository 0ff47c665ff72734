// Every rule and its parameters: default, allowed range, unit, source. What a rules file may change.

import type { RuleSettings } from '../../schema/flow.ts';

/** [C], [S], [M], [P]: how sure the domain report is of a number; ours: nobody's but our proposal. */
export interface Parameter {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly why: string;
}

const parameter = (value: number, range: readonly [min: number, max: number], unit: string, why: string): Parameter => ({
  default: value,
  min: range[0],
  max: range[1],
  unit,
  why,
});

export interface RuleSpec {
  /** Counts up when the rule's logic changes. */
  readonly version: number;
  readonly zh: string;
  readonly en: string;
  /** It finds faults of instruments, networks and clocks (or fraud with them), not emissions. */
  readonly findsFaults?: true;
  /** Nobody but a person does that to a device: a case for inspectors, not for maintenance. */
  readonly findsMeddling?: true;
  /** Parameters none of which may be above the next. */
  readonly rising?: readonly (readonly string[])[];
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** Times are counted in windows, so they are whole numbers. */
export function isWhole({ unit, ...parameter }: Parameter): boolean {
  return ['min', 'h', 'd'].includes(unit) && [parameter.default, parameter.min, parameter.max].every(Number.isInteger);
}

const closing = (minutes: number) =>
  parameter(minutes, [1, 240], 'min', 'clear for so long before it is over, so that a noisy plateau is one finding [ours]');

export const ruleCatalog = {
  'treatment-off': {
    version: 2,
    zh: '生产时治理设施未开启',
    en: 'treatment off while production runs',
    rising: [['offBelow', 'clearAbove']],
    parameters: {
      productionOn: parameter(0.1, [0.01, 1], 'share of rated power', 'domain report 2.7 [P]: on above 10 % of rated power'),
      startMinutes: parameter(10, [0, 60], 'min', 'domain report 2.7 [P]: treatment on by production start + 10 min'),
      offBelow: parameter(0.05, [0, 0.5], 'share of rated power', 'domain report 2.7 [P]: off below 5 %'),
      offMinutes: parameter(5, [1, 60], 'min', 'domain report 2.7 [P]: off for 5 min'),
      clearAbove: parameter(0.1, [0, 1], 'share of rated power', 'above it the treatment runs again [ours]'),
      closeMinutes: closing(15),
    },
  },
  'treatment-idle': {
    version: 2,
    zh: '治理设施空转',
    en: 'treatment idles while production runs',
    rising: [['offBelow', 'idleBelow', 'clearAbove']],
    parameters: {
      productionOn: parameter(0.1, [0.01, 1], 'share of rated power', 'domain report 2.7 [P]: on above 10 % of rated power'),
      startMinutes: parameter(10, [0, 60], 'min', 'domain report 2.7 [P]: treatment on by production start + 10 min'),
      offBelow: parameter(0.05, [0, 0.5], 'share of rated power', 'domain report 2.7 [P]: off below 5 %'),
      idleBelow: parameter(0.3, [0.05, 1], 'share of rated power', 'domain report 2.7 [P]: idling below 30 %'),
      idleMinutes: parameter(15, [1, 60], 'min', 'domain report 2.7 [P]: idling for 15 min'),
      clearAbove: parameter(0.4, [0.05, 1], 'share of rated power', 'above it the treatment works again [ours]'),
      closeMinutes: closing(15),
    },
  },
  'straw-fire': {
    version: 1,
    zh: '秸秆焚烧',
    en: 'straw burning',
    parameters: {
      mergeMeters: parameter(
        300,
        [50, 3000],
        'm',
        'domain report 4.5 [P]: nearer detections are one fire; their errors widen it',
      ),
      mergeMinutes: parameter(
        30,
        [5, 240],
        'min',
        'domain report 4.5 [P]: detections of one fire follow within it; without one it is over',
      ),
      looks: parameter(2, [1, 20], 'detections', 'of one camera or of several: false alarms come alone [ours]'),
      sureConfidence: parameter(0.8, [0.3, 1], '1', 'one detection of flames as sure as this is enough [ours]'),
      headingDeg: parameter(1.2, [0, 10], '°', 'error of a turntable, one for all its looks (standard deviation) [ours]'),
      bearingDeg: parameter(0.8, [0, 10], '°', 'error of one bearing beside it (standard deviation) [ours]'),
      rangeShare: parameter(0.05, [0, 1], 'share of the range', 'error of a range at no distance (standard deviation) [ours]'),
      rangePerKm: parameter(0.03, [0, 1], 'share per km', 'what it grows by: 14 % at 3 km, 20 % at 5 km [ours]'),
      downwindKm: parameter(
        6,
        [1, 30],
        'km',
        'stations within it may confirm a fire [ours]; domain report 4.3 [P] has 3 km for small sources',
      ),
      riseUgM3: parameter(20, [5, 500], 'µg/m³', 'a station downwind rises by so much PM2.5 against the others [ours]'),
    },
  },
  'plant-smoke': {
    version: 1,
    zh: '厂区冒烟',
    en: 'smoke at an enterprise',
    parameters: {
      looks: parameter(2, [1, 20], 'detections', 'of one camera or of several: steam and dust are seen once [ours]'),
      watchMinutes: parameter(
        5,
        [0, 120],
        'min',
        'without flames for so long since the first detection: a field shows them soon [ours]',
      ),
    },
  },
  complaints: {
    version: 1,
    zh: '群众投诉集中',
    en: 'complaints of one place',
    parameters: {
      placeMeters: parameter(900, [100, 5000], 'm', 'error of a place, each way (standard deviation) [ours]'),
      windowMinutes: parameter(180, [30, 1440], 'min', 'people tell half an hour later, some hours later [ours]'),
      few: parameter(2, [2, 50], 'complaints', 'fewer are never a cluster of their own [ours]'),
      chance: parameter(0.01, [0.00001, 0.5], '1', 'chance that the usual complaints make such a cluster, at most [ours]'),
    },
  },
  'vehicle-high': {
    version: 1,
    zh: '道路高排放车辆偏多',
    en: 'many high emitters on a road',
    parameters: {
      coPct: parameter(2.5, [0.1, 20], '%', 'a high emitter from here on [ours]; cities use 2 to 3.5 % for petrol cars [M]'),
      hcPpm: parameter(1000, [50, 50000], 'ppm', 'a high emitter from here on [ours]'),
      noPpm: parameter(1500, [100, 20000], 'ppm', 'HJ 845-2017: NO of diesel vehicles by remote sensing [M]'),
      opacityPerM: parameter(1.2, [0.1, 20], '1/m', 'GB 3847-2018: free acceleration, class a [M]'),
      times: parameter(
        2,
        [1.1, 20],
        'times the usual share',
        'far above what the same classes of vehicle show there usually [ours]',
      ),
      sigmas: parameter(5, [2, 20], 'standard deviations', 'above the usual share by more than chance [ours]'),
      usualVehicles: parameter(1000, [100, 100000], 'vehicles', 'passed before it is known what is usual [ours]'),
    },
  },
  'dust-exceedance': {
    version: 1,
    zh: '工地扬尘超标',
    en: 'dust site above the limit',
    rising: [['clearBelow', 'limit']],
    parameters: {
      limit: parameter(80, [10, 1000], 'µg/m³', 'DB13/2934-2019, domain report 4.2 [S]: site minus county in an hour'),
      countyMax: parameter(150, [10, 2000], 'µg/m³', 'DB13/2934-2019, domain report 4.2 [S]: a higher county counts as this'),
      stormAbove: parameter(
        300,
        [50, 5000],
        'µg/m³',
        'a county with more is in a dust storm, in which no site can be told [ours]',
      ),
      clearBelow: parameter(60, [0, 1000], 'µg/m³', 'below it the site is in order again [ours]'),
      timesUsual: parameter(
        3.2,
        [0, 20],
        'times',
        'and so many times what the site usually gives off at this work and wind; 0: the standard alone [ours]',
      ),
      closeHours: parameter(2, [1, 24], 'h', 'clear for so long before it is over [ours]'),
    },
  },
  'dust-rise': {
    version: 1,
    zh: '工地扬尘突增',
    en: 'dust site far above its usual for minutes',
    rising: [
      ['clearTimes', 'timesUsual'],
      ['overMinutes', 'withinMinutes'],
    ],
    parameters: {
      timesUsual: parameter(
        3.2,
        [1, 20],
        'times',
        'above the limits of dust-exceedance, and so many times what the site usually gives off at this work and wind [ours]',
      ),
      clearTimes: parameter(2, [0, 20], 'times', 'below it the site is as usual again [ours]'),
      overMinutes: parameter(10, [5, 60], 'min', 'for so many of the newest minutes, by fives: no peak [ours]'),
      withinMinutes: parameter(15, [5, 120], 'min', 'the newest minutes [ours]'),
      closeMinutes: closing(30),
    },
  },
  'dust-violation': {
    version: 1,
    zh: '工地扬尘日内多次超标',
    en: 'dust site above the limit too often in a day',
    parameters: {
      allowed: parameter(
        2,
        [0, 24],
        'h',
        'DB13/2934-2019, domain report 4.2 [S]: the third hour of a Beijing day is a violation',
      ),
    },
  },
  'station-high': {
    version: 1,
    zh: '站点高值离群',
    en: 'station high against its neighbours',
    rising: [['clearRatio', 'ratio', 'levelTwo']],
    parameters: {
      ratio: parameter(1.5, [1, 10], 'times expected', 'domain report 4.3 [P]: 1.5 times the neighbours'),
      levelTwo: parameter(2, [1, 20], 'times expected', 'domain report 4.3 [P]: level 2'),
      pm25: parameter(30, [5, 1000], 'µg/m³', 'domain report 4.3 [P]: above the neighbours'),
      pm10: parameter(60, [5, 5000], 'µg/m³', 'domain report 4.3 [P]: above the neighbours'),
      so2: parameter(30, [5, 1000], 'µg/m³', 'above the neighbours, with somebody out of order upwind [ours]'),
      so2Sure: parameter(60, [5, 1000], 'µg/m³', 'above the neighbours; plumes of heating stay below it [ours]'),
      clearRatio: parameter(1.25, [1, 10], 'times expected', 'below it the station is as usual again [ours]'),
      regionalShare: parameter(0.6, [0.1, 1], 'share of neighbours', 'domain report 4.3 [P]: when more rise, it is regional'),
      regionalRise: parameter(1.2, [1, 10], 'times in an hour', 'domain report 4.3 [P]: by 20 % in the hour'),
      closeMinutes: closing(30),
    },
  },
  'station-rise': {
    version: 2,
    zh: '站点突升',
    en: 'sudden rise at a station',
    parameters: {
      ratio: parameter(
        1.6,
        [1, 10],
        'times in 15 min',
        'domain report 4.3: 1.5 [P]; a little more, and against the neighbours [ours]',
      ),
      pm25: parameter(20, [5, 1000], 'µg/m³', 'domain report 4.3 [P]: by 20 in 15 min'),
      pm10: parameter(30, [5, 5000], 'µg/m³', 'by so much in 15 min [ours]'),
      so2: parameter(20, [5, 1000], 'µg/m³', 'by so much in 15 min, with somebody out of order upwind [ours]'),
      so2Sure: parameter(35, [5, 1000], 'µg/m³', 'by so much in 15 min; plumes of works in order make up to 30 [ours]'),
      coShare: parameter(
        0.0015,
        [0, 0.1],
        'mg of CO per µg of PM2.5',
        'straw gives 5 g of CO for each g: of which a third must show [ours]',
      ),
      dustShare: parameter(
        0.5,
        [0, 1],
        'share of coarse in the rise',
        'from here on it is dust, which the sites answer for [ours]',
      ),
      regionalShare: parameter(0.6, [0.1, 1], 'share of neighbours', 'domain report 4.3 [P]: when more rise, it is regional'),
      regionalRise: parameter(1.2, [1, 10], 'times in an hour', 'domain report 4.3 [P]: by 20 % in the hour'),
      closeMinutes: closing(30),
    },
  },
  'station-constant': {
    version: 1,
    zh: '站点数据恒值',
    en: 'value of a station does not move',
    findsFaults: true,
    parameters: {
      pmMinutes: parameter(60, [10, 180], 'min', 'domain report 4.6 [P]: micro PM 60 min'),
      gasMinutes: parameter(120, [10, 180], 'min', 'domain report 4.6 [P]: gas 2 h'),
      closeMinutes: closing(10),
    },
  },
  'site-constant': {
    version: 1,
    zh: '工地数据恒值',
    en: 'value of a dust site does not move',
    findsFaults: true,
    parameters: {
      pmMinutes: parameter(60, [10, 180], 'min', 'domain report 4.6 [P]: micro PM 60 min'),
      closeMinutes: closing(10),
    },
  },
  'station-spray': {
    version: 2,
    zh: '站点疑似喷淋干扰',
    en: 'station sprayed or covered',
    findsFaults: true,
    findsMeddling: true,
    parameters: {
      fallTo: parameter(0.6, [0.1, 0.9], 'share of before', 'domain report 4.6 [P]: PM10 drops > 40 % in 15 min'),
      rhRise: parameter(15, [5, 50], 'points', 'domain report 4.6 [P]: humidity jumps > 15 points'),
      neighboursAbove: parameter(
        0.8,
        [0.3, 1],
        'share of before',
        'while the neighbours do not fall [P]; by less than a fifth [ours]',
      ),
      holdMinutes: parameter(
        10,
        [0, 60],
        'min',
        'for so long, while no neighbour becomes damp too: the edge of a shower goes from one to the next [ours]',
      ),
      closeMinutes: closing(30),
    },
  },
  'sensor-spikes': {
    version: 1,
    zh: '传感器毛刺',
    en: 'sensor spikes again and again',
    findsFaults: true,
    parameters: {
      height: parameter(80, [10, 1000], 'µg/m³', 'above the minutes before and behind; noise is far below [ours]'),
      times: parameter(1.8, [1, 10], 'times', 'and so many times as much [ours]'),
      count: parameter(4, [2, 60], 'minutes', 'so many with a spike [ours]'),
      withinMinutes: parameter(180, [30, 230], 'min', 'in so long [ours]'),
      closeMinutes: closing(180),
    },
  },
  'sensor-inversion': {
    version: 1,
    zh: 'PM2.5与PM10倒挂',
    en: 'PM2.5 above PM10',
    findsFaults: true,
    parameters: {
      minutes: parameter(10, [3, 120], 'min', 'domain report 5 [P]: 3 samples; longer, since one gap makes three [ours]'),
      closeMinutes: closing(30),
    },
  },
  'sensor-gaps': {
    version: 1,
    zh: '站点数据断续',
    en: 'rows of a station are missing again and again',
    findsFaults: true,
    parameters: {
      below: parameter(0.6, [0.1, 0.95], 'share of rows', 'half of the rows are lost; usual are 3 to 5 % [ours]'),
      above: parameter(0.1, [0, 0.5], 'share of rows', 'fewer is silence [ours]'),
      stretchMinutes: parameter(120, [30, 240], 'min', 'of so long [ours]'),
      closeMinutes: closing(60),
    },
  },
  'silent-source': {
    version: 1,
    zh: '数据源中断',
    en: 'a source is silent',
    findsFaults: true,
    parameters: {
      silentMinutes: parameter(90, [5, 1440], 'min', 'gaps of an hour happen once a day among thousands of sources [ours]'),
      missedRows: parameter(6, [2, 100], 'rows', 'of a source that sends seldom; or its idle time, whichever is longest [ours]'),
      closeMinutes: closing(10),
    },
  },
  'silent-district': {
    version: 1,
    zh: '县区网络中断',
    en: 'the network of a district is down',
    findsFaults: true,
    parameters: {
      silentMinutes: parameter(4, [2, 120], 'min', 'domain report 5 [P]: offline after 3 missed intervals, and one that is due'),
      share: parameter(0.8, [0.1, 1], 'share of its sources', 'silent at once; single gaps never make so many [ours]'),
      few: parameter(5, [2, 1000], 'sources', 'of fewer nothing is said [ours]'),
      closeMinutes: closing(10),
    },
  },
  'silent-feed': {
    version: 1,
    zh: '同类数据中断',
    en: 'sources of a kind are silent together',
    findsFaults: true,
    parameters: {
      silentMinutes: parameter(4, [2, 120], 'min', 'domain report 5 [P]: offline after 3 missed intervals, and one that is due'),
      share: parameter(0.8, [0.1, 1], 'share of its sources', 'silent at once; single gaps never make so many [ours]'),
      few: parameter(5, [2, 1000], 'sources', 'of fewer nothing is said [ours]'),
      closeMinutes: closing(10),
    },
  },
  'stack-exceedance': {
    version: 1,
    zh: '排放口小时均值超标',
    en: 'stack above its permit, mean of an hour',
    parameters: {
      validMinutes: parameter(45, [1, 60], 'min', 'domain report 4.4 [C]: an hour counts with 45 min of good values'),
      clearShare: parameter(0.9, [0.1, 1], 'share of the limit', 'up to it an exceedance is not over [ours]'),
      closeHours: parameter(1, [1, 24], 'h', 'clear for so long before it is over [ours]'),
    },
  },
  'voc-exceedance': {
    version: 1,
    zh: 'VOC小时均值超标',
    en: 'VOC outlet above its permit, mean of an hour',
    parameters: {
      validMinutes: parameter(45, [1, 60], 'min', 'domain report 4.4 [C]: an hour counts with 45 min of good values'),
      clearShare: parameter(0.9, [0.1, 1], 'share of the limit', 'up to it an exceedance is not over [ours]'),
      closeHours: parameter(1, [1, 24], 'h', 'clear for so long before it is over [ours]'),
    },
  },
  'stack-trend': {
    version: 1,
    zh: '排放口小时内超标趋势',
    en: 'stack on its way above the permit within the hour',
    rising: [['overMinutes', 'withinMinutes']],
    parameters: {
      overMinutes: parameter(8, [1, 60], 'min', 'above the limit for so many of the newest minutes: no peak [ours]'),
      withinMinutes: parameter(10, [1, 120], 'min', 'the newest minutes [ours]'),
      clearShare: parameter(0.9, [0.1, 1], 'share of the limit', 'up to it an exceedance is not over [ours]'),
      closeMinutes: closing(15),
    },
  },
  'stack-flow': {
    version: 1,
    zh: '生产时排放口风量不足',
    en: 'flow of a stack too low while production runs: fan off',
    rising: [['flowBelow', 'clearAbove']],
    parameters: {
      productionOn: parameter(0.1, [0.01, 1], 'share of rated power', 'domain report 2.7 [P]: on above 10 % of rated power'),
      flowBelow: parameter(0.5, [0.1, 0.9], 'share of the flow that the load implies', 'half of it [ours]'),
      clearAbove: parameter(0.7, [0.2, 1], 'share of the flow that the load implies', 'above it the fan works again [ours]'),
      lowMinutes: parameter(15, [1, 60], 'min', 'for so long [ours]: starting and stopping take less'),
      closeMinutes: closing(15),
    },
  },
  'voc-treatment': {
    version: 1,
    zh: 'VOC浓度高且治理设施关闭',
    en: 'VOC high with its treatment off',
    rising: [['clearShare', 'highShare']],
    parameters: {
      highShare: parameter(0.8, [0.1, 5], 'share of the limit', 'high: outlets in order stay under 70 % [ours]'),
      clearShare: parameter(0.6, [0.1, 5], 'share of the limit', 'below it the treatment is not missed any more [ours]'),
      offBelow: parameter(0.05, [0, 0.5], 'share of rated power', 'domain report 2.7 [P]: off below 5 %'),
      highMinutes: parameter(4, [1, 60], 'min', 'for so many of the newest minutes: more than one cycle of an analyser [ours]'),
      withinMinutes: parameter(6, [1, 60], 'min', 'the newest minutes [ours]'),
      closeMinutes: closing(15),
    },
  },
  'meter-bypass': {
    version: 1,
    zh: '生产用电表被旁路',
    en: 'production meter bypassed',
    parameters: {
      productionOn: parameter(0.1, [0.01, 1], 'share of rated power', 'domain report 2.7 [P]: on above 10 % of rated power'),
      restAbove: parameter(
        0.2,
        [0.05, 1],
        'share of rated power, and of what is not sub-metered',
        'domain report 2.7 [P]: 20 %; against the most that circuits without a sub-meter draw, not against none [ours]',
      ),
      pollutantAbove: parameter(0.2, [0.05, 1], 'share of the limit', 'a stack with it in the flow is at work, not aired [ours]'),
      bypassMinutes: parameter(60, [10, 180], 'min', 'domain report 2.7 [P]: for 1 h'),
      closeMinutes: closing(30),
    },
  },
  'meter-fault': {
    version: 1,
    zh: '电表故障或接线错误',
    en: 'meter hangs, or shows more than the main meter',
    findsFaults: true,
    parameters: {
      overMain: parameter(1.05, [1.01, 2], 'times the main meter', 'domain report 2.7 [P]: sub-meters above 105 % of main'),
      faultMinutes: parameter(60, [10, 200], 'min', 'domain report 2.7 [P]: for 1 h'),
      closeMinutes: closing(15),
    },
  },
  'stack-constant': {
    version: 1,
    zh: '在线监测数据恒定',
    en: 'stack monitor stands still',
    findsFaults: true,
    parameters: {
      stillHours: parameter(3, [1, 3], 'h', 'domain report 4.6 [P]: 3 h identical to all printed digits'),
      spread: parameter(0.02, [0, 1], 'mg/m³, %, m³/s', 'a hanging input may tremble by a digit each way; gas does more [ours]'),
      knownShare: parameter(0.85, [0.1, 1], 'share of the minutes', 'so many must be known [ours]'),
      closeMinutes: closing(15),
    },
  },
  'stack-drop': {
    version: 1,
    zh: '生产不变而浓度骤降',
    en: 'concentration falls alone',
    parameters: {
      fallShare: parameter(0.8, [0.3, 0.99], 'share of the concentration', 'domain report 4.6 [P]: > 80 % within 10 min'),
      steadyShare: parameter(0.7, [0.3, 1], 'share of flow and power', 'production unchanged [ours]'),
      openMinutes: parameter(3, [1, 10], 'min', 'for so long [ours]'),
      closeMinutes: closing(15),
    },
  },
  'stack-dilution': {
    version: 1,
    zh: '生产时含氧量过高',
    en: 'O2 near that of air while production runs',
    parameters: {
      o2Above: parameter(19, [10, 21], '%', 'domain report 4.6 [P]: above 19 %'),
      aboveReference: parameter(
        2.5,
        [0, 10],
        '% above the permit’s reference',
        'kilns with much air have a high reference [ours]',
      ),
      productionOn: parameter(0.2, [0.01, 1], 'share of rated power', 'surely on [ours]'),
      openMinutes: parameter(20, [1, 120], 'min', 'starting up takes less [ours]'),
      closeMinutes: closing(15),
    },
  },
  'stack-marks': {
    version: 1,
    zh: '在线监测长时间或夜间标记',
    en: 'stack monitor marked away for hours, or at night only',
    findsFaults: true,
    parameters: {
      markedHours: parameter(4, [1, 48], 'h', 'domain report 4.6 [P]: M, C, D marks for more than 4 h'),
      nights: parameter(3, [2, 3], 'd', 'domain report 4.6 [P]: always at night; so many nights in a row [ours]'),
      closeHours: parameter(2, [1, 24], 'h', 'unmarked for so long before it is over [ours]'),
    },
  },
} as const satisfies Readonly<Record<string, RuleSpec>>;

export type RuleId = keyof typeof ruleCatalog;
export const ruleIds = Object.keys(ruleCatalog) as readonly RuleId[];

/** Undefined: there is no such rule (any more). */
export function ruleSpec(id: string): RuleSpec | undefined {
  return Object.hasOwn(ruleCatalog, id) ? ruleCatalog[id as RuleId] : undefined;
}

/** One rule as it runs. */
export type Rule<Id extends RuleId> = { readonly on: boolean } & Readonly<
  Record<keyof (typeof ruleCatalog)[Id]['parameters'], number>
>;
/** All rules as they run: a rules file with the defaults filled in. */
export type Rules = { readonly [Id in RuleId]: Rule<Id> };

export const defaultRules: Rules = Object.fromEntries(
  ruleIds.map((id) => [
    id,
    {
      on: true,
      ...Object.fromEntries(Object.entries(ruleCatalog[id].parameters).map(([name, { default: value }]) => [name, value])),
    },
  ]),
) as unknown as Rules;

/** What is not given has its default, what is not known (any more) is left out: rules of a recording may be older than we are. */
export function completeRules(given: Readonly<Record<string, RuleSettings>>): Rules {
  return Object.fromEntries(
    ruleIds.map((id) => [
      id,
      Object.fromEntries(Object.entries(defaultRules[id]).map(([name, value]) => [name, given[id]?.[name] ?? value])),
    ]),
  ) as unknown as Rules;
}

export function sameSettings(a: RuleSettings, b: RuleSettings): boolean {
  return Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);
}
