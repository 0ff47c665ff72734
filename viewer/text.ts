// Every text of the viewer, in both languages.

export const texts = {
  title: ['蓝天', 'Lantian'],
  connecting: ['正在连接…', 'Connecting…'],
  live: ['实时', 'Live'],
  stale: ['数据已中断，停在', 'Connection lost, stale since'],
  reconnecting: ['正在重连…', 'reconnecting…'],
  quiet: ['已连接，无新数据，停在', 'Connected, nothing new since'],
  simulatedTime: ['回放/模拟时间', 'Replay / simulated time'],
  wallTime: ['当前时间', 'Time'],
  cityAqi: ['全市 AQI', 'City AQI'],
  hourOf: ['时段', 'Hour'],
  primary: ['首要污染物', 'Primary pollutant'],
  none: ['无', 'none'],
  rolling24: ['滚动24小时 AQI', 'Rolling 24 h AQI'],
  stationsValid: ['参与站点', 'Stations'],
  corrected: ['已修正', 'corrected'],
  outdated: ['数据过旧', 'outdated'],
  iaqi: ['分指数', 'IAQI'],
  notAvailable: ['暂无', 'NA'],
  waiting: ['等待第一个整点数据…', 'Waiting for the first full hour…'],
  districts: ['县市区', 'Districts'],
  stations: ['站点', 'Stations'],
  search: ['搜索站点', 'Search stations'],
  allDistricts: ['全部县市区', 'All districts'],
  noMatch: ['没有符合条件的站点', 'No station matches'],
  chart: ['曲线', 'Chart'],
  pickStation: ['从列表中选择站点，查看曲线', 'Pick stations from the list to see their curves'],
  loading: ['加载中…', 'Loading…'],
  loadFailed: ['加载失败', 'Loading failed'],
  retry: ['重试', 'Try again'],
  auto: ['自动', 'auto'],
  raw: ['原始', 'raw'],
  all: ['全部', 'All'],
  newestOnly: ['仅加载最新部分', 'newest part only'],
  pollutants: ['污染物', 'Pollutants'],
  span: ['时间范围', 'Time span'],
  noData: ['该时段没有数据', 'No data in this span'],
  toLive: ['回到实时', 'Back to live'],
  resolution: ['分辨率', 'Resolution'],
  zoomHint: [
    '拖动放大，滚轮缩放，Shift+拖动平移，双击回到实时',
    'Drag to zoom, wheel to scale, shift-drag to pan, double-click for live',
  ],
  dark: ['深色', 'Dark'],
  light: ['浅色', 'Light'],
  otherLanguage: ['English', '中文'],
  remove: ['移除', 'Remove'],
  time: ['时间', 'Time'],
} as const satisfies Record<string, readonly [zh: string, en: string]>;

export type TextKey = keyof typeof texts;
export type Language = 'zh' | 'en';

export function textOf(key: TextKey, language: Language): string {
  return texts[key][language === 'zh' ? 0 : 1];
}
