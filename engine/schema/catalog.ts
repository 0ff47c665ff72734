// The nine kinds of source and their metrics: unit, resolution, valid range, cadence, lateness, idle time. Adding a metric is one row.

export type Kind = 'air' | 'cems' | 'voc' | 'dust' | 'power' | 'camera' | 'vehicle' | 'petition' | 'forecast';

/** A measured quantity of a kind. */
export interface Metric {
  readonly id: string;
  readonly unit: string;
  /** Smallest step that is kept; a value is held as an integer number of these, so that sums are exact. */
  readonly resolution: number;
  /** `1 / resolution`, an integer for resolutions below 1: value = integer / scale. */
  readonly scale: number;
  /** Valid range, inclusive, in `unit`; a value outside leaves the aggregates (flag `range`). The option `range.KIND.METRIC` changes it. */
  readonly min: number;
  readonly max: number;
  /** `direction` is averaged as a vector weighted by `speed`, a metric of the same kind. */
  readonly aggregate: 'mean' | 'direction';
  readonly speed?: string;
  readonly zh: string;
  readonly en: string;
}

export interface KindSpec {
  readonly kind: Kind;
  readonly zh: string;
  readonly en: string;
  /** Event kinds carry an `id` per row and are told apart by it; the others by (source, eventMs). */
  readonly event: boolean;
  /** Whether rows are gathered into time windows. */
  readonly windowed: boolean;
  readonly metrics: readonly Metric[];
  /** Text columns, in order. */
  readonly text: readonly string[];
  /** Expected time between two rows of a source. */
  readonly cadenceMs: number;
  /** How far behind its own newest row a row may be and still be on time. */
  readonly latenessMs: number;
  /** Silence after which a source no longer holds time back. */
  readonly idleMs: number;
}

type Row = readonly [id: string, unit: string, resolution: number, min: number, max: number, zh: string, en: string];

function metric([id, unit, resolution, min, max, zh, en]: Row): Metric {
  const shape = { id, unit, resolution, scale: Math.round(1 / resolution), min, max, zh, en };
  return id === 'windFromDeg' ? { ...shape, aggregate: 'direction', speed: 'windMps' } : { ...shape, aggregate: 'mean' };
}

const second = 1_000;
const minute = 60_000;
const hour = 3_600_000;

function kind(
  id: Kind,
  names: readonly [zh: string, en: string],
  timing: readonly [cadenceMs: number, latenessMs: number, idleMs: number],
  rows: readonly Row[],
  event?: { readonly text: readonly string[]; readonly windowed: boolean },
): KindSpec {
  return {
    kind: id,
    zh: names[0],
    en: names[1],
    event: event !== undefined,
    windowed: event?.windowed ?? true,
    metrics: rows.map(metric),
    text: event?.text ?? [],
    cadenceMs: timing[0],
    latenessMs: timing[1],
    idleMs: timing[2],
  };
}

// Ranges of air, wind and weather: domain report section 5, "engine defaults" [P]; negative floors: PM -5, gases -10 are kept, below
// is a fault [P]. But PM10: the report's 2000 would throw away what a sand dust inflow is (Beijing, 15 March 2021: 6,450 µg/m³ in an
// hour; instruments saturate at 985 to 5,000), so it is 10,000. CO: its floor is a tenth of the gases', as its unit is mg/m³.
// Ranges of the other kinds are ours [P]: far outside of what their instruments measure. TSP: 0 to 30 mg/m³ of the dust-site unit.
// Forecasts: as air, from 0.
// Cadence: design section 2. Lateness and idle time: our proposal [P]; a source's own values stand in the register.
const windRows: readonly Row[] = [
  ['windMps', 'm/s', 0.1, 0, 40, '风速', 'Wind speed'],
  ['windFromDeg', '°', 1, 0, 360, '风向', 'Wind direction'],
];

export const catalog: Readonly<Record<Kind, KindSpec>> = {
  air: kind(
    'air',
    ['空气站', 'Air station'],
    [minute, 30 * second, 3 * minute],
    [
      ['pm25', 'µg/m³', 0.1, -5, 1000, 'PM2.5', 'PM2.5'],
      ['pm10', 'µg/m³', 0.1, -5, 10000, 'PM10', 'PM10'],
      ['so2', 'µg/m³', 0.1, -10, 1500, '二氧化硫', 'SO2'],
      ['no2', 'µg/m³', 0.1, -10, 800, '二氧化氮', 'NO2'],
      ['o3', 'µg/m³', 0.1, -10, 800, '臭氧', 'O3'],
      ['co', 'mg/m³', 0.001, -1, 50, '一氧化碳', 'CO'],
      ['tempC', '°C', 0.1, -30, 50, '气温', 'Temperature'],
      ['rhPct', '%', 0.1, 0, 100, '相对湿度', 'Relative humidity'],
      ['pressureHpa', 'hPa', 0.1, 980, 1060, '气压', 'Pressure'],
      ...windRows,
    ],
  ),
  cems: kind(
    'cems',
    ['污染源在线', 'Stack monitor'],
    [minute, 30 * second, 5 * minute],
    [
      ['so2', 'mg/m³', 0.01, -10, 5000, '二氧化硫实测', 'SO2 measured'],
      ['nox', 'mg/m³', 0.01, -10, 5000, '氮氧化物实测', 'NOx measured'],
      ['pm', 'mg/m³', 0.01, -5, 5000, '颗粒物实测', 'PM measured'],
      ['so2Conv', 'mg/m³', 0.01, -10, 20000, '二氧化硫折算', 'SO2 O2-converted'],
      ['noxConv', 'mg/m³', 0.01, -10, 20000, '氮氧化物折算', 'NOx O2-converted'],
      ['pmConv', 'mg/m³', 0.01, -5, 20000, '颗粒物折算', 'PM O2-converted'],
      ['o2Pct', '%', 0.01, 0, 25, '含氧量', 'O2'],
      ['flowM3S', 'm³/s', 0.01, 0, 2000, '烟气流量', 'Flow'],
      ['flueTempC', '°C', 0.1, -40, 1000, '烟温', 'Flue temperature'],
    ],
  ),
  voc: kind(
    'voc',
    ['VOC企业', 'VOC monitor'],
    [minute, 30 * second, 5 * minute],
    [
      ['nmhc', 'mg/m³', 0.01, -5, 10000, '非甲烷总烃', 'NMHC'],
      ['benzene', 'mg/m³', 0.001, -1, 1000, '苯', 'Benzene'],
      ['toluene', 'mg/m³', 0.001, -1, 1000, '甲苯', 'Toluene'],
      ['flowM3S', 'm³/s', 0.01, 0, 2000, '流量', 'Flow'],
    ],
  ),
  dust: kind(
    'dust',
    ['扬尘工地', 'Dust site'],
    [minute, 30 * second, 5 * minute],
    [
      ['pm10', 'µg/m³', 0.1, -5, 10000, 'PM10', 'PM10'],
      ['pm25', 'µg/m³', 0.1, -5, 1000, 'PM2.5', 'PM2.5'],
      ['tsp', 'µg/m³', 0.1, -5, 30000, '总悬浮颗粒物', 'TSP'],
      ['noiseDb', 'dB', 0.1, 0, 150, '噪声', 'Noise'],
      ...windRows,
    ],
  ),
  power: kind(
    'power',
    ['分表计电', 'Sub-meter'],
    [minute, 30 * second, 15 * minute],
    [['kw', 'kW', 0.01, 0, 100000, '有功功率', 'Active power']],
  ),
  camera: kind(
    'camera',
    ['秸秆焚烧视频', 'Straw camera'],
    [hour, 5 * minute, hour],
    [
      ['bearingDeg', '°', 0.1, 0, 360, '方位角', 'Bearing'],
      ['rangeKm', 'km', 0.01, 0, 50, '距离', 'Range'],
      ['confidence', '1', 0.001, 0, 1, '置信度', 'Confidence'],
    ],
    { text: ['type'], windowed: false },
  ),
  vehicle: kind(
    'vehicle',
    ['移动源遥测', 'Vehicle remote sensing'],
    [10 * second, minute, hour],
    [
      ['co', '%', 0.001, -1, 20, '一氧化碳', 'CO'],
      ['hc', 'ppm', 1, -500, 50000, '碳氢', 'HC'],
      ['no', 'ppm', 1, -500, 20000, '一氧化氮', 'NO'],
      ['opacity', '1/m', 0.01, -1, 20, '不透光度', 'Opacity'],
    ],
    { text: ['plateHash', 'class'], windowed: true },
  ),
  petition: kind(
    'petition',
    ['信访举报', 'Complaint'],
    [hour, 5 * minute, 24 * hour],
    [
      ['lon', '°', 0.00001, -180, 180, '经度', 'Longitude'],
      ['lat', '°', 0.00001, -90, 90, '纬度', 'Latitude'],
    ],
    { text: ['category', 'text'], windowed: false },
  ),
  forecast: kind(
    'forecast',
    ['预报', 'Forecast'],
    [6 * hour, hour, 48 * hour],
    [
      ['targetMs', 'ms', 1, 0, 8.64e15, '目标日', 'Target day'],
      ['aqi', '1', 1, 0, 500, 'AQI', 'AQI'],
      ['pm25', 'µg/m³', 0.1, 0, 1000, 'PM2.5', 'PM2.5'],
      ['pm10', 'µg/m³', 0.1, 0, 10000, 'PM10', 'PM10'],
      ['o3', 'µg/m³', 0.1, 0, 800, '臭氧', 'O3'],
      ['no2', 'µg/m³', 0.1, 0, 800, '二氧化氮', 'NO2'],
      ['mixingM', 'm', 1, 0, 5000, '混合层高度', 'Mixing height'],
      ['windMps', 'm/s', 0.1, 0, 40, '风速', 'Wind speed'],
    ],
    { text: [], windowed: false },
  ),
};

export const kinds = Object.keys(catalog) as readonly Kind[];

export function isKind(value: unknown): value is Kind {
  return typeof value === 'string' && Object.hasOwn(catalog, value);
}

/** Position of a metric in its kind's row, -1 where the kind has none of that name. */
export function metricIndex(kindId: Kind, id: string): number {
  return catalog[kindId].metrics.findIndex((each) => each.id === id);
}
