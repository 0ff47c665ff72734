// What is true in the city at one moment: the one cause that every sensor looks at.

import type { Local } from './local.ts';

export interface Weather {
  readonly tempC: number;
  readonly rhPct: number;
  readonly pressureHpa: number;
  /** At 10 m. */
  readonly windMps: number;
  /** The direction it blows from. */
  readonly windFromDeg: number;
  /** Share of the sky, 0 to 1. */
  readonly cloud: number;
  readonly rainMmH: number;
  /** 0 or 1. */
  readonly fog: number;
  /** Sine of the sun's elevation; negative at night. */
  readonly sinElevation: number;
  /** Height of the mixed layer, m. */
  readonly mixingM: number;
}

/** One entry a process: all processes of all enterprises, in the register's order (enterprise by enterprise). */
export interface ProcessState {
  /** Share of rated production, 0 = stopped; a little over 1 is possible. */
  readonly load: Float32Array;
  /** Share of the treatment device's rated power that it draws, 0 = off; NaN: there is no device. */
  readonly treatment: Float32Array;
  /** How much of the designed removal is in effect, 1 = all, 0 = nothing is removed. */
  readonly removal: Float32Array;
  /** Share of the exhaust that the fan draws through the stack; the rest leaves at the roof. */
  readonly capture: Float32Array;
  /** 1: the production meter is bypassed, it shows a flat 3 % of rated power. */
  readonly bypass: Uint8Array;
  /** What leaves through the stack, g/s. */
  readonly so2Gps: Float32Array;
  readonly noxGps: Float32Array;
  readonly pmGps: Float32Array;
  readonly vocGps: Float32Array;
}

/** Fire or smoke that a camera may see. */
export interface Visible extends Local {
  /** Stable over its life. */
  readonly id: string;
  readonly type: 'fire' | 'smoke';
  readonly startMs: number;
  readonly endMs: number;
  /** 1 = a field of 5 mu (0.33 ha) burning in half an hour. */
  readonly strength: number;
  /** The scenario's chance that any camera in range detects it, and after how long; absent: the sensor's own. */
  readonly detectShare?: number;
  readonly detectDelayMs?: number;
}

/** Something that makes people complain. */
export interface Nuisance extends Local {
  readonly id: string;
  readonly category: 'smell' | 'smoke' | 'dust' | 'noise' | 'burning' | 'haze';
  /** Complaints an hour that it causes while it lasts, at people's waking hours. */
  readonly ratePerH: number;
  readonly startMs: number;
  readonly endMs: number;
}

export interface CityState {
  /** Start of the step. */
  readonly eventMs: number;
  /** Length of the step: at most a minute. */
  readonly stepMs: number;
  /** At the city's centre. */
  readonly weather: Weather;
  /** At the air stations, in the register's order: µg/m³, co mg/m³. */
  readonly air: Readonly<
    Record<
      'pm25' | 'pm10' | 'so2' | 'no2' | 'o3' | 'co' | 'tempC' | 'rhPct' | 'pressureHpa' | 'windMps' | 'windFromDeg',
      Float64Array
    >
  >;
  /** At the dust sites' monitors, in the register's order: µg/m³; work 0 to 1. */
  readonly sites: Readonly<Record<'pm25' | 'pm10' | 'tsp' | 'work', Float64Array>>;
  readonly processes: ProcessState;
  readonly visible: readonly Visible[];
  readonly nuisances: readonly Nuisance[];
  /** Road traffic against its daily mean, 0.1 to 2. */
  readonly traffic: number;
  /** Share of heavy trucks that an order keeps off the roads, 0 to 1. */
  readonly truckBan: number;
}
