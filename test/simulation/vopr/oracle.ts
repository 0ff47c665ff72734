// What must come out, worked out slowly and plainly from the rows and the rules of DESIGN section 5. Shares no code with the engine.

import type { Register } from '../../../engine/schema/register.ts';
import { type Drawn, hourMs, minuteMs } from './draw.ts';
import type { Row, Tick } from './world.ts';

export interface HourMetric {
  count: number;
  /** Whole numbers of the resolution. */
  sum: number;
  min: number;
  max: number;
  captureMs: number;
  east: number;
  north: number;
}

export type Hours = Map<string, Map<string, HourMetric>>;

export interface Expected {
  /** Of all accepted rows, by `kind source startMs`. */
  readonly hours: Hours;
  /** Without what the checks leave out: of stations whose rows came in order, where the rules say plainly what that is. */
  readonly checked: Hours;
  /** Accepted rows by the same key. */
  readonly rows: ReadonlyMap<string, number>;
  /** By `feed kind bin`. */
  readonly bins: ReadonlyMap<string, number>;
  /** `kind source eventMs id`, sorted. */
  readonly late: readonly string[];
  readonly rejected: readonly string[];
}

interface SourceState {
  readonly latenessMs: number;
  readonly cadenceMs: number;
  newestMs: number;
  /** Accepted. */
  readonly rows: Row[];
  isInOrder: boolean;
}

/** Resolution as its inverse, and valid range in units. */
const metrics: Readonly<Record<string, Readonly<Record<string, readonly [scale: number, min: number, max: number]>>>> = {
  air: { pm25: [10, -5, 1000], o3: [10, -10, 800], windMps: [10, 0, 40], windFromDeg: [1, 0, 360] },
  cems: { so2: [100, -10, 5000], flowM3S: [100, 0, 2000] },
  vehicle: { co: [1000, -1, 20], no: [1, -500, 20000] },
};
export const scaleOf = (kind: string, metric: string) => metrics[kind][metric][0];

const latenessMs: Readonly<Record<string, number>> = { air: 30_000, cems: 30_000, vehicle: 60_000 };
const holdMs = 2 * minuteMs;
const maxFutureMs = 5 * minuteMs;
const horizons = [
  [minuteMs, 15 * minuteMs],
  [5 * minuteMs, 2 * hourMs],
  [hourMs, 48 * hourMs],
] as const;
const floor = (ms: number, size: number) => Math.floor(ms / size) * size;

export function oracle(drawn: Drawn, register: Register, ticks: readonly Tick[]): Expected {
  const hours: Hours = new Map();
  const rows = new Map<string, number>();
  const bins = new Map<string, number>();
  const late: string[] = [];
  const rejected: string[] = [];
  const known = new Set<string>();
  const states = new Map<string, SourceState>();
  const newestForecast = new Map<string, number>();
  let nowMs = Number.NEGATIVE_INFINITY;

  function stateOf({ kind, source }: Row): SourceState {
    const key = `${kind} ${source}`;
    let state = states.get(key);
    if (state === undefined) {
      const { cadenceMs = 0 } = register.sources.find((each) => each.kind === kind && each.id === source) ?? {};
      state = { latenessMs: latenessMs[kind], cadenceMs, newestMs: Number.NEGATIVE_INFINITY, rows: [], isInOrder: true };
      states.set(key, state);
    }
    return state;
  }

  function binOf(row: Row): string {
    const { kind, source, eventMs, values, id } = row;
    if (eventMs > nowMs + maxFutureMs) return 'quarantined';
    if (kind !== 'vehicle' && Object.values(values).every(Number.isNaN)) return 'rejected';
    // Older than anything may take, with the hour it lies in: not remembered any more.
    if (eventMs < floor(nowMs - 49 * hourMs - maxFutureMs, hourMs)) return 'lateDiverted';
    const key = `${kind} ${source} ${id ?? floor(eventMs, 1_000)} ${values.targetMs ?? ''}`;
    if (known.has(key)) return 'duplicate';
    known.add(key);
    return kind === 'forecast' ? forecastBin(row) : windowBin(row, stateOf(row));
  }

  function forecastBin({ source, eventMs }: Row): string {
    const newest = newestForecast.get(source) ?? Number.NEGATIVE_INFINITY;
    newestForecast.set(source, Math.max(newest, eventMs));
    return eventMs < Math.max(newest, nowMs) - 48 * hourMs ? 'lateDiverted' : 'onTime';
  }

  function isClosed(state: SourceState, endMs: number): boolean {
    return endMs <= state.newestMs - state.latenessMs || endMs + state.latenessMs + holdMs <= nowMs;
  }

  function windowBin(row: Row, state: SourceState): string {
    const { eventMs, periodMs } = row;
    const referenceMs = Math.max(state.newestMs, nowMs);
    const fitting = periodMs >= hourMs ? horizons.slice(2) : horizons;
    const size = fitting.find(([sizeMs, horizonMs]) => referenceMs <= floor(eventMs, sizeMs) + sizeMs + horizonMs)?.[0];
    const isOnTime = size === fitting[0][0] && !isClosed(state, floor(eventMs, size) + size);
    if (eventMs < state.newestMs || !isOnTime) state.isInOrder = false;
    state.newestMs = Math.max(state.newestMs, eventMs + periodMs);
    if (size === undefined) return 'lateDiverted';
    state.rows.push(row);
    addTo(hours, row, state.cadenceMs);
    const key = hourKeyOf(row);
    rows.set(key, (rows.get(key) ?? 0) + 1);
    return isOnTime ? 'onTime' : 'lateRevised';
  }

  for (const tick of ticks) {
    for (const [feed, some] of tick.rows.entries()) {
      for (const row of some) {
        const bin = binOf(row);
        const name = `${row.kind} ${row.source} ${row.eventMs} ${row.id ?? ''}`;
        if (bin === 'lateDiverted') late.push(name);
        if (bin === 'rejected' || bin === 'quarantined') rejected.push(name);
        const key = `${feed === 0 ? 'clock' : `feed ${feed}`} ${row.kind} ${bin}`;
        bins.set(key, (bins.get(key) ?? 0) + 1);
      }
    }
    nowMs = tick.nowMs;
  }
  const checked: Hours = new Map();
  for (const [key, { rows: own, isInOrder, cadenceMs }] of states) {
    if (!key.startsWith('air ') || !isInOrder) continue;
    const leftOut = leftOutOf(drawn, own);
    for (const row of own) addTo(checked, row, cadenceMs, leftOut.get(Math.floor(row.eventMs / minuteMs)));
  }
  return { hours, checked, rows, bins, late: late.sort(), rejected: rejected.sort() };
}

const hourKeyOf = ({ kind, source, eventMs }: Row) => `${kind} ${source} ${floor(eventMs, hourMs)}`;

function addTo(hours: Hours, row: Row, cadenceMs: number, leftOut: ReadonlySet<string> = new Set()): void {
  const { kind, periodMs } = row;
  const hour = hours.get(hourKeyOf(row)) ?? new Map<string, HourMetric>();
  hours.set(hourKeyOf(row), hour);
  for (const metric of Object.keys(metrics[kind])) {
    const units = goodUnits(row, metric);
    const speed = metric === 'windFromDeg' ? goodUnits(row, 'windMps') : 0;
    if (units === undefined || speed === undefined || leftOut.has(metric)) continue;
    const one = hour.get(metric) ?? { count: 0, sum: 0, min: units, max: units, captureMs: 0, east: 0, north: 0 };
    hour.set(metric, one);
    one.count += 1;
    one.sum += units;
    one.min = Math.min(one.min, units);
    one.max = Math.max(one.max, units);
    one.captureMs += periodMs > 0 ? periodMs : cadenceMs;
    one.east += (speed / 10) * Math.sin((units / 180) * Math.PI);
    one.north += (speed / 10) * Math.cos((units / 180) * Math.PI);
  }
}

/** By minute: spikes against the five minutes before, PM after the sensor was off. Of rows in order. */
function leftOutOf(drawn: Drawn, rows: readonly Row[]): Map<number, Set<string>> {
  const minutes = new Map<number, Row[]>();
  for (const row of rows) {
    const index = Math.floor(row.eventMs / minuteMs);
    if (row.periodMs === 0) minutes.set(index, [...(minutes.get(index) ?? []), row]);
  }
  const found = new Map<number, Set<string>>();
  const before = new Map<string, readonly number[]>();
  let newest = Number.NEGATIVE_INFINITY;
  for (const [index, of] of minutes) {
    const silentMinutes = index - newest - 1;
    if (index - newest > 15) before.clear();
    newest = index;
    const leftOut = new Set<string>();
    found.set(index, leftOut);
    for (const metric of ['pm25', 'o3']) {
      const good = of.map((row) => goodUnits(row, metric)).filter((units) => units !== undefined);
      if (good.length === 0) continue;
      const mean = good.reduce((sum, units) => sum + units, 0) / (good.length * 10);
      const five = before.get(metric) ?? [];
      const middle = medianOf(five);
      const off = Math.abs(mean - middle);
      const isSpike = five.length === 5 && off > 30 && off > 6 * medianOf(five.map((each) => Math.abs(each - middle)));
      before.set(metric, [...five, mean].slice(-5));
      const isWarmUp = metric === 'pm25' && Number.isFinite(silentMinutes) && silentMinutes >= 3;
      if ((isSpike && drawn.spike === 'leave-out') || (isWarmUp && drawn.warmUp === 'leave-out')) leftOut.add(metric);
    }
  }
  return found;
}

/** In whole numbers of the resolution; undefined for a gap, out of range, or an instrument mark that says so. */
function goodUnits({ kind, values, marks }: Row, metric: string): number | undefined {
  const [scale, min, max] = metrics[kind][metric];
  const units = Math.round(values[metric] * scale);
  const mark = marks?.[metric] ?? 'N';
  return units >= min * scale && units <= max * scale && (mark === 'N' || mark === 'T') ? units : undefined;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Upper concentrations of each step of the index, HJ 633 table 1. */
const steps = { index: [0, 50, 100, 150, 200, 300, 400, 500] };
const tables: Readonly<Record<string, readonly number[]>> = {
  pm25: [0, 35, 75, 115, 150, 250, 350, 500],
  pm25of2026: [0, 35, 60, 115, 150, 250, 350, 500],
  o3: [0, 160, 200, 300, 400, 800, 1000, 1200],
  o3Mean8h: [0, 100, 160, 215, 265, 800],
};

/** Rounded up; whole numbers all the way, as thousandths of a tenth. */
function indexOf(table: readonly number[], concentration: bigint, per: bigint): number {
  for (let step = 1; step < table.length; step++) {
    const [low, high] = [BigInt(table[step - 1]), BigInt(table[step])];
    if (concentration > high * per) continue;
    const span = BigInt(steps.index[step] - steps.index[step - 1]);
    const [num, den] = [span * (concentration - low * per), (high - low) * per];
    return steps.index[step - 1] + Number(num <= 0n ? 0n : (num + den - 1n) / den);
  }
  return table === tables.o3Mean8h ? Number.NaN : 500;
}

/** num / den to whole numbers, a half to the even one. */
function halfEven(num: bigint, den: bigint): bigint {
  const down = num / den;
  const twice = 2n * (num - down * den);
  return twice > den || (twice === den && down % 2n === 1n) ? down + 1n : down;
}

const isValid = (one: HourMetric | undefined): one is HourMetric => one !== undefined && one.captureMs >= 45 * minuteMs;

/** Index of a station's hour; NaN = not published. */
export function aqiOf({ hours }: Expected, source: string, startMs: number, edition: Drawn['edition']): number {
  const at = (hour: number) => hours.get(`air ${source} ${startMs - hour * hourMs}`);
  /** Mean of the hours' means, each to thousandths of a tenth. */
  const over = (metric: string, hoursBack: number, least: number, table: readonly number[]): number => {
    const valid = Array.from({ length: hoursBack }, (_, i) => at(i)?.get(metric)).filter(isValid);
    const sum = valid.reduce((total, one) => total + halfEven(BigInt(one.sum) * 1000n, BigInt(one.count)), 0n);
    return valid.length < least ? Number.NaN : indexOf(table, sum, BigInt(valid.length) * 10_000n);
  };
  const hourly = (metric: string, table: readonly number[]): number => {
    const one = at(0)?.get(metric);
    if (!isValid(one)) return Number.NaN;
    const [num, den] = [BigInt(one.sum), BigInt(one.count) * 10n];
    return edition === 'hj633-2026' ? indexOf(table, halfEven(num, den), 1n) : indexOf(table, num, den);
  };
  const pm25 =
    edition === 'hj633-2012'
      ? over('pm25', 24, 20, tables.pm25)
      : hourly('pm25', edition === 'cnemc' ? tables.pm25 : tables.pm25of2026);
  const o3Mean8h = edition === 'hj633-2012' ? over('o3', 8, 6, tables.o3Mean8h) : Number.NaN;
  const all = [pm25, hourly('o3', tables.o3), o3Mean8h].filter((each) => !Number.isNaN(each));
  const aqi = all.length === 0 ? Number.NaN : Math.max(...all);
  // In 2026 an index of which pollutants are missing is published above 100 only.
  return edition === 'hj633-2026' && !(aqi > 100) ? Number.NaN : aqi;
}

export interface PlaceHour {
  readonly stations: number;
  readonly pm25: number;
}

/** Stations first, each to thousandths of a tenth, then their mean. */
export function placeHour({ hours }: Expected, register: Register, place: string, startMs: number): PlaceHour | undefined {
  const own = register.sources
    .filter(({ kind, district }) => kind === 'air' && (place === register.city.code || district === place))
    .map(({ id }) => hours.get(`air ${id} ${startMs}`))
    .map((hour) => ({ pm25: hour?.get('pm25'), o3: hour?.get('o3') }));
  const stations = own.filter(({ pm25, o3 }) => isValid(pm25) || isValid(o3)).length;
  const means = own
    .map(({ pm25 }) => pm25)
    .filter(isValid)
    .map(({ sum, count }) => sum / count / 10);
  return stations === 0 ? undefined : { stations, pm25: means.reduce((sum, each) => sum + each, 0) / means.length };
}
