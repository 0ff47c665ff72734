// A hand-made small city for the sensors' tests: some sources of each kind, and a state that tests change where they look.

import { catalog, type Kind } from '../../../../engine/schema/catalog.ts';
import type { Enterprise, EnterpriseProcess, Register, Source } from '../../../../engine/schema/register.ts';
import type { CityState, Weather } from '../../../../simulator/world/cityState.ts';
import type { Columns } from '../../../../simulator/world/columns.ts';
import type { Episode } from '../../../../simulator/world/episode.ts';
import { placeOf } from '../../../../simulator/world/local.ts';
import type { Sensors } from '../../../../simulator/world/sensors/instrument.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** Sunday, midnight in Beijing. */
export const midnightMs = Date.UTC(2025, 0, 11, 16);

export const district = { code: '131102', zh: '桃城区', en: 'Taocheng', lon: 115.69, lat: 37.73 };
const far = { code: '131125', zh: '安平县', en: 'Anping', lon: 115.52, lat: 38.23 };

export interface CityCounts {
  readonly air?: number;
  readonly enterprises?: number;
  readonly dust?: number;
  readonly cameras?: number;
}

const number = (i: number) => String(i + 1).padStart(3, '0');

/** Enterprise i: a furnace (P1, with CEMS, VOC monitor and both sub-meters) and a workshop without a meter (P2). */
function enterprise(i: number): Enterprise {
  const furnace: EnterpriseProcess = {
    id: 'P1',
    zh: '炉',
    en: 'Furnace',
    emits: true,
    ratedKw: 200,
    shifts: 'continuous',
    emission: { so2: 0.5, nox: 1, pm: 0.2, voc: 0.4 },
    treatment: { zh: '布袋', en: 'Baghouse', removes: { so2: 0, nox: 0, pm: 0.99, voc: 0 }, ratedKw: 40 },
    stack: {
      heightM: 30,
      diameterM: 1,
      tempC: 110,
      flowM3S: 10,
      o2RefPct: 9,
      cems: `CEMS-${number(i)}`,
      voc: `VOC-${number(i)}`,
    },
    productionMeter: `P-${number(i)}-P`,
    treatmentMeter: `P-${number(i)}-T`,
  };
  const workshop: EnterpriseProcess = {
    id: 'P2',
    zh: '车间',
    en: 'Workshop',
    emits: false,
    ratedKw: 100,
    shifts: 'day',
    emission: { so2: 0, nox: 0, pm: 0, voc: 0 },
  };
  return {
    id: `E-${number(i)}`,
    zh: '衡水某某橡胶有限公司',
    en: 'Some Rubber Co., Ltd.',
    industry: 'rubber',
    grade: 'C',
    district: district.code,
    township: 'T1',
    lon: 115.69,
    lat: 37.74,
    permit: { number: '1', limits: { so2: 35, nox: 100, pm: 10, nmhc: 60 } },
    processes: [furnace, workshop],
    mainMeter: `P-${number(i)}-M`,
    plan: { yellow: [], orange: [], red: [] },
  };
}

export function sensorCity({ air = 20, enterprises = 8, dust = 6, cameras = 4 }: CityCounts = {}): Register {
  const place = { lon: district.lon, lat: district.lat };
  const many = (
    kind: Kind,
    count: number,
    id: (i: number) => string,
    more: (i: number) => Partial<Source> = () => ({}),
  ): Source[] =>
    Array.from({ length: count }, (_, i) => ({ kind, id: id(i), zh: id(i), district: district.code, ...place, ...more(i) }));
  return {
    city: { code: '131100', zh: '衡水市', en: 'Hengshui' },
    districts: [district, far],
    sources: [
      ...many(
        'air',
        1,
        () => '1074A',
        () => ({ national: true, cadenceMs: hourMs }),
      ),
      ...many('air', air, (i) => `HS-${number(i)}`),
      ...many(
        'air',
        1,
        () => 'SLOW',
        () => ({ cadenceMs: 5 * minuteMs }),
      ),
      ...many('cems', enterprises, (i) => `CEMS-${number(i)}`),
      ...many('voc', enterprises, (i) => `VOC-${number(i)}`),
      ...many('dust', dust, (i) => `DUST-${number(i)}`),
      ...many('power', 3 * enterprises, (i) => `P-${number(Math.floor(i / 3))}-${'MPT'[i % 3]}`),
      // In a row to the east, 2 km apart, from the city's centre on.
      ...many(
        'camera',
        cameras,
        (i) => `CAM-${number(i)}`,
        (i) => placeOf({ x: 2000 * i, y: 0 }),
      ),
      ...many('vehicle', 4, (i) => `VEH-${number(i)}`),
      ...many('petition', 5, (i) => `PET-${number(i)}`),
      ...many('forecast', 1, () => 'FC-1'),
    ],
    enterprises: Array.from({ length: enterprises }, (_, i) => enterprise(i)),
    townships: [
      { code: 'T1', zh: '河西街道', en: 'Hexi', district: district.code, lon: 115.68, lat: 37.73 },
      { code: 'T2', zh: '马店镇', en: 'Madian', district: far.code, lon: 115.5, lat: 38.2 },
    ],
    inspectors: [],
  };
}

export const calmWeather: Weather = {
  tempC: 2,
  rhPct: 40,
  pressureHpa: 1022,
  windMps: 2,
  windFromDeg: 200,
  cloud: 0.2,
  rainMmH: 0,
  fog: 0,
  sinElevation: 0.4,
  mixingM: 400,
};

export const quietEpisode: Episode = {
  id: 'test',
  title: 'test',
  seed: 1,
  startMs: midnightMs,
  durationMs: 24 * hourMs,
  stepMs: minuteMs,
  warmupMs: 0,
  speed: 1,
  season: 'winter',
  met: [],
  inflow: [],
  incidents: [],
  sensorFaults: [],
  sensorFaultRate: 0,
  networkFaults: [],
  networkFaultRate: 0,
  cheatRate: 0,
  complaints: { ratePer10UgM3H: 0.02, smellBias: 2, delayMs: { kind: 'fixed', value: 30 * minuteMs }, wrongPlaceM: 500 },
  control: {
    mode: 'open_loop',
    response: {
      comply: 1,
      cheat: 0,
      refuse: 0,
      notifyMs: { kind: 'fixed', value: 0 },
      rampMs: { kind: 'fixed', value: 0 },
      cheatStyles: [],
      trafficCut: 0,
      dustStop: 0,
    },
    scripted: [],
  },
  truth: { minIncrement: { pm25: 15, pm10: 40, kSigma: 3 }, top: 5 },
};

/** All arrays filled with usual values: loads .8, everything captured. */
export function stateOf(register: Register, eventMs = midnightMs, stepMs = minuteMs): CityState {
  const count = (kind: Kind) => register.sources.filter((source) => source.kind === kind).length;
  const airOf = (value: number) => new Float64Array(count('air')).fill(value);
  const siteOf = (value: number) => new Float64Array(count('dust')).fill(value);
  const processes = register.enterprises.flatMap((each) => each.processes);
  const of = (value: number) => new Float32Array(processes.length).fill(value);
  const gps = (pollutant: 'so2' | 'nox' | 'pm' | 'voc') =>
    Float32Array.from(processes, ({ emission }) => (0.8 * emission[pollutant] * 1000) / 3600);
  return {
    eventMs,
    stepMs,
    weather: calmWeather,
    air: {
      pm25: airOf(80),
      pm10: airOf(120),
      so2: airOf(15),
      no2: airOf(45),
      o3: airOf(40),
      co: airOf(1.2),
      tempC: airOf(2),
      rhPct: airOf(40),
      pressureHpa: airOf(1022),
      windMps: airOf(2),
      windFromDeg: airOf(200),
    },
    sites: { pm25: siteOf(90), pm10: siteOf(160), tsp: siteOf(260), work: siteOf(0.5) },
    processes: {
      load: of(0.8),
      treatment: Float32Array.from(processes, ({ treatment }) => (treatment === undefined ? Number.NaN : 0.9)),
      removal: of(1),
      capture: of(1),
      bypass: new Uint8Array(processes.length),
      so2Gps: gps('so2'),
      noxGps: gps('nox'),
      pmGps: gps('pm'),
      vocGps: gps('voc'),
    },
    visible: [],
    nuisances: [],
    traffic: 1,
    truckBan: 0,
  };
}

export interface Row {
  readonly kind: Kind;
  readonly source: number;
  readonly time: number;
  readonly periodMs: number;
  readonly values: Readonly<Record<string, number>>;
  readonly marks: Readonly<Record<string, string>>;
  readonly id?: string;
  readonly text: Readonly<Record<string, string>>;
}

export function rowsOf(columns: readonly Columns[]): Row[] {
  return columns.flatMap(({ kind, rows, periodMs, source, time, values, marks = {}, id, text = {} }) =>
    Array.from({ length: rows }, (_, row) => {
      const at = <Column extends ArrayLike<unknown>, Value>(
        of: Readonly<Record<string, Column>>,
        to: (value: Column[number]) => Value,
      ) => Object.fromEntries(Object.entries(of).map(([name, column]) => [name, to(column[row])]));
      return {
        kind,
        source: source[row],
        time: time[row],
        periodMs,
        values: at(values, (value) => value),
        marks: at(marks, (mark) => String.fromCharCode(mark)),
        ...(id === undefined ? {} : { id: id[row] }),
        text: at(text, (value) => value),
      };
    }),
  );
}

/** Steps from `state.eventMs` on, `count` of them, and all their rows. `change` makes each step's state. */
export function run(
  sensors: Sensors,
  state: CityState,
  count: number,
  change: (state: CityState) => CityState = (each) => each,
): Row[] {
  const rows: Row[] = [];
  for (let step = 0; step < count; step++)
    rows.push(...rowsOf(sensors(change({ ...state, eventMs: state.eventMs + step * state.stepMs }))));
  return rows;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What is wrong with the row's values: out of the catalog's range, or between two steps of the resolution. */
export function wrongValues({ kind, values }: Row): string[] {
  return catalog[kind].metrics.flatMap(({ id, min, max, scale }) => {
    const value = values[id];
    if (Number.isNaN(value)) return [];
    const isWhole = Math.abs(value * scale - Math.round(value * scale)) < 1e-6 * Math.max(1, Math.abs(value * scale));
    return value >= min && value <= max && isWhole ? [] : [`${kind}.${id} = ${value}`];
  });
}
