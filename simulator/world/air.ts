// A first model of the air: daily cycles, weather that the whole city shares, a character per station. No physics yet.

import { smooth, streamOf, uniform } from './random.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const beijingOffsetMs = 8 * hourMs;

const streams = {
  synoptic: streamOf('synoptic'),
  weather: streamOf('weather'),
  wind: streamOf('wind'),
  station: streamOf('station'),
  local: streamOf('local'),
  noise: streamOf('noise'),
  gap: streamOf('gap'),
};

/** Metrics in the order of the values, as in the catalog of kind air. */
export const airMetrics = [
  'pm25',
  'pm10',
  'so2',
  'no2',
  'o3',
  'co',
  'tempC',
  'rhPct',
  'pressureHpa',
  'windMps',
  'windFromDeg',
] as const;

/** What all stations share at one time. */
export interface Weather {
  /** About -2 clean … +2 stagnant. */
  readonly stagnation: number;
  readonly tempC: number;
  readonly rhPct: number;
  readonly pressureHpa: number;
  readonly windMps: number;
  readonly windFromDeg: number;
  /** Hour of the Beijing day, 0 … 24. */
  readonly hour: number;
  /** 0 winter … 1 summer. */
  readonly summer: number;
}

export function weatherAt(seed: number, eventMs: number): Weather {
  const localMs = eventMs + beijingOffsetMs;
  const hour = (localMs - Math.floor(localMs / dayMs) * dayMs) / hourMs;
  const dayOfYear = (localMs / dayMs) % 365.2425;
  const summer = (1 - Math.cos((2 * Math.PI * (dayOfYear - 15)) / 365.2425)) / 2;
  const stagnation =
    smooth(seed, streams.synoptic, eventMs, 60 * hourMs) + 0.4 * smooth(seed, streams.synoptic + 1, eventMs, 11 * hourMs);
  const afternoon = Math.cos((2 * Math.PI * (hour - 15)) / 24);
  const tempC = -2 + 28 * summer + 5 * afternoon + 2 * smooth(seed, streams.weather, eventMs, 30 * hourMs);
  const rhPct = clamp(52 + 12 * stagnation - 16 * afternoon + 6 * smooth(seed, streams.weather + 1, eventMs, 9 * hourMs), 12, 99);
  const windMps = clamp(
    2.1 - 0.8 * stagnation + 0.6 * afternoon + 0.5 * smooth(seed, streams.wind, eventMs, 4 * hourMs),
    0.2,
    12,
  );
  const turn = stagnation > 0 ? 200 : 330;
  const windFromDeg = (turn + 50 * smooth(seed, streams.wind + 1, eventMs, 5 * hourMs) + 720) % 360;
  const pressureHpa = 1022 - 20 * summer - 3 * stagnation + smooth(seed, streams.weather + 2, eventMs, 40 * hourMs);
  return { stagnation, tempC, rhPct, pressureHpa, windMps, windFromDeg, hour, summer };
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high);
}

/** Writes the 11 metrics of one station into `out[metric][row]`; about 1 % of the values are gaps (NaN). */
export function airInto(
  seed: number,
  weather: Weather,
  station: number,
  eventMs: number,
  out: readonly Float64Array[],
  row: number,
): void {
  const { stagnation, hour, summer } = weather;
  const bias = 0.8 + 0.4 * uniform(seed, streams.station, station);
  const local = 0.22 * smooth(seed, streams.local + station, eventMs, 3 * hourMs);
  const minute = Math.floor(eventMs / 1000);
  const noise = (k: number) => 2 * uniform(seed, streams.noise + k * 8191, minute * 211 + station) - 1;
  const night = (1 + Math.cos((2 * Math.PI * (hour - 1)) / 24)) / 2;
  const rush = bump(hour, 8, 1.8) + 1.2 * bump(hour, 19, 2.4);
  const sun = Math.max(0, Math.cos((2 * Math.PI * (hour - 13.5)) / 24));
  const load = Math.exp(3.55 + 0.75 * stagnation - 0.45 * summer + 0.25 * night + local) * bias;

  const pm25 = load * (1 + 0.05 * noise(0));
  out[0][row] = pm25;
  out[1][row] = pm25 * (1.35 + 0.25 * uniform(seed, streams.station + 1, station)) + 12 + 5 * noise(1);
  out[2][row] = Math.max(2, (6 + 5 * (1 - summer) + 2.5 * stagnation) * bias * (1 + 0.1 * noise(2)) + 2 * sun);
  out[3][row] = Math.max(3, (22 + 10 * stagnation + 14 * rush + 6 * night - 8 * summer) * bias * (1 + 0.06 * noise(3)));
  out[4][row] = Math.max(4, 22 + (38 + 95 * summer) * sun - 8 * rush - 4 * stagnation * (1 - summer) + 4 * noise(4));
  out[5][row] = Math.max(0.15, (0.7 + 0.35 * stagnation + 0.2 * rush - 0.2 * summer) * bias * (1 + 0.05 * noise(5)));
  out[6][row] = weather.tempC + 0.6 * noise(6);
  out[7][row] = clamp(weather.rhPct + 2 * noise(7), 0, 100);
  out[8][row] = weather.pressureHpa + 0.3 * noise(8);
  out[9][row] = Math.max(0, weather.windMps * (0.7 + 0.6 * uniform(seed, streams.station + 2, station)) + 0.3 * noise(9));
  out[10][row] = (weather.windFromDeg + 15 * noise(10) + 360) % 360;
  for (let m = 0; m < out.length; m++) {
    if (uniform(seed, streams.gap + m, minute * 211 + station) < 0.01) out[m][row] = Number.NaN;
  }
}

function bump(hour: number, at: number, width: number): number {
  const d = (hour - at) / width;
  return Math.exp(-d * d);
}
