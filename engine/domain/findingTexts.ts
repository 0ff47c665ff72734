// Words for why a candidate may be the cause.

import type { Text } from '../schema/says.ts';

/** By code of a candidate's reason; a number may follow behind `=`. */
export const reasonTexts: Readonly<Record<string, Text>> = {
  ownMeter: { zh: '自身电表', en: 'its own meter' },
  place: { zh: '位置相符', en: 'the place fits' },
  emission: { zh: '排放量', en: 'what it gives off' },
  openFinding: { zh: '已有发现', en: 'another rule has found it' },
  ownMonitor: { zh: '自身监测', en: 'its own monitor' },
  treatmentOff: { zh: '治理设施未开', en: 'its treatment was off' },
  treatmentIdle: { zh: '治理设施空转', en: 'its treatment idled' },
  flowDrop: { zh: '烟气流量骤降', en: "its stack's flow was down" },
  aboveLimit: { zh: '排口超标', en: 'its stack was above its limit' },
  runs: { zh: '在生产', en: 'it was running' },
  stands: { zh: '未生产', en: 'it stood' },
  unwatched: { zh: '无监测', en: 'nothing watches it' },
  dustBeyondUsual: { zh: '扬尘超出平时', en: 'its dust was beyond its usual' },
  dusty: { zh: '扬尘较高', en: 'it was dusty' },
  clean: { zh: '扬尘不高', en: 'it was not dusty' },
  burns: { zh: '正在燃烧', en: 'it burnt' },
  burntOut: { zh: '早已熄灭', en: 'it was out for long' },
  km: { zh: '距离(公里)', en: 'distance, km' },
  minutes: { zh: '气流所需分钟', en: 'minutes on the way' },
  upwind: { zh: '在上风向的程度', en: 'how near to the way of the air' },
  mixture: { zh: '污染物组成相符程度', en: 'how well the mixture fits' },
  nobodyKnown: { zh: '未知来源', en: 'nobody that is known' },
  inflow: { zh: '外来输送', en: 'from outside' },
  standsStill: { zh: '读数不变', en: 'the reading stands still' },
  allStandStill: { zh: '所有读数同时不变', en: 'all readings stand still together' },
  loadMoved: { zh: '同期负荷有变化', en: 'the load moved meanwhile' },
  marked: { zh: '仪器自带标记', en: 'the instrument says so itself' },
  markedAtNight: { zh: '总在夜间标记', en: 'always marked at night' },
};
