// Words for what a piece of evidence is.

export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** By `Evidence.says`. */
export const saysTexts = {
  productionPower: { zh: '生产在运行', en: 'production runs' },
  treatmentPower: { zh: '治理设施用电', en: 'power of the treatment' },
  cameraFire: { zh: '摄像机识别到火焰', en: 'a camera sees flames' },
  cameraSmoke: { zh: '摄像机识别到烟', en: 'a camera sees smoke' },
  cameraLooks: { zh: '识别次数', en: 'detections' },
  cameraBearing: { zh: '平均方位', en: 'mean bearing' },
  cameraRange: { zh: '平均距离', en: 'mean range' },
  downwindRise: { zh: '下风向站点PM2.5较其他站点上升', en: 'PM2.5 rose downwind, against the other stations' },
  noDownwindRise: { zh: '下风向站点PM2.5未见上升', en: 'PM2.5 did not rise downwind' },
  silentSources: { zh: '没有数据的数据源', en: 'sources that are silent' },
  highEmitters: { zh: '高排放车辆占比', en: 'share of high emitters' },
  vehicles: { zh: '过车数', en: 'vehicles that passed' },
  highEmittersOfRise: {
    zh: '站点高于邻站部分中高排放车辆的份额(至多;限值为高出部分)',
    en: 'high emitters’ part of what the station shows above its neighbours, at most (limit: all of that)',
  },
  stationBesideRoad: { zh: '路旁站点同期', en: 'the station beside the road, meanwhile' },
  'complaints-smell': { zh: '异味投诉(合计)', en: 'complaints of a smell, all' },
  'complaints-smoke': { zh: '冒烟投诉(合计)', en: 'complaints of smoke, all' },
  'complaints-burning': { zh: '焚烧投诉(合计)', en: 'complaints of burning, all' },
  'complaints-dust': { zh: '扬尘投诉(合计)', en: 'complaints of dust, all' },
  'complaint-smell': { zh: '异味投诉', en: 'a complaint of a smell' },
  'complaint-smoke': { zh: '冒烟投诉', en: 'a complaint of smoke' },
  'complaint-burning': { zh: '焚烧投诉', en: 'a complaint of burning' },
  'complaint-dust': { zh: '扬尘投诉', en: 'a complaint of dust' },
  siteHour: { zh: '工地小时均值', en: "the site's hour" },
  countyHour: { zh: '县区同时段均值', en: "the county's mean of the same hour" },
  siteMinutes: { zh: '工地近几分钟均值', en: "the site's last minutes" },
  countyHourBefore: { zh: '县区上一小时均值', en: "the county's mean of the hour before" },
  highestStation: { zh: '周边最高站点同期', en: 'the highest of the stations around, meanwhile' },
  timesUsualDust: { zh: '为平时同等施工与风速下的倍数', en: 'times what is usual at this work and wind' },
  exceedancesOfDay: { zh: '当日超标小时数', en: 'hours above the limit today' },
  stationMean: {
    zh: '站点均值(限值为按邻站与自身规律的预期)',
    en: 'the station, against what its neighbours and habits let expect',
  },
  constantValue: { zh: '数值不变', en: 'the value does not move' },
  beforeSpray: { zh: '变化前', en: 'before' },
  afterSpray: { zh: '变化后', en: 'after' },
  spike: { zh: '毛刺', en: 'a spike' },
  finePart: { zh: 'PM2.5', en: 'PM2.5' },
  wholePart: { zh: '同期PM10', en: 'PM10 meanwhile' },
  shareOfRows: { zh: '数据到达率', en: 'share of rows that came' },
  stackConcentration: { zh: '排口浓度', en: 'concentration in the stack' },
  stackFlow: { zh: '烟气流量', en: 'flow of the stack' },
  stackO2: { zh: '含氧量', en: 'O2 in the stack' },
  mainPower: { zh: '总表用电', en: 'power at the main meter' },
  meterPower: { zh: '该电表读数', en: 'what the meter shows' },
  standsStill: { zh: '读数长时间不变', en: 'the reading does not move' },
  concentrationBefore: { zh: '骤降前浓度', en: 'concentration before the drop' },
  concentrationAfter: { zh: '骤降后浓度', en: 'concentration after it' },
  markedHours: { zh: '带标记的小时数', en: 'hours with an instrument mark' },
} as const satisfies Readonly<Record<string, Text>>;

export type Says = keyof typeof saysTexts;
