// What a scenario asks of the world, as plain data: made by the scenario reader, obeyed by the world. Times are ms after the start.

import type { Level } from '../../engine/schema/register.ts';

/** A number, or how it is drawn. */
export type Draw =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'lognormal'; readonly median: number; readonly gsd: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number };

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Weather at a time; linear in between, an absent field follows the generator. */
export interface KeyFrame {
  readonly atMs: number;
  readonly windMps?: number;
  readonly windFromDeg?: number;
  readonly rhPct?: number;
  /** Times the generator's mixing height. */
  readonly mixingFactor?: number;
  readonly tempOffsetC?: number;
  readonly cloud?: number;
  readonly rainMmH?: number;
  readonly fog?: number;
}

/** What the grid carries: µg/m³. `pmc` is PM10 without PM2.5; `ox` is O3 + NO2 as O3. */
export const gridSpecies = ['pm25', 'pmc', 'so4', 'no3', 'soa', 'so2', 'nox', 'co', 'voc', 'ox'] as const;
export type GridSpecies = (typeof gridSpecies)[number];

/** What sources give off: the first six that plumes carry, g/s. */
export const emittedSpecies = ['pm25', 'pmc', 'so2', 'nox', 'co', 'voc'] as const;
export type EmittedSpecies = (typeof emittedSpecies)[number];

export interface Inflow extends Span {
  readonly rampMs: number;
  /** On top of the regional air, µg/m³. */
  readonly add: Readonly<Partial<Record<GridSpecies, number>>>;
}

export type Pick = 'random' | 'near_station' | 'downwind_station' | 'seen' | 'rural';

export interface Target {
  /** `gas` is any enterprise that emits to air; `site` a dust site; `meter` one with sub-meters. */
  readonly type: 'cems' | 'voc' | 'gas' | 'site' | 'meter';
  /** By id of an enterprise or source, instead of picking. */
  readonly id?: string;
  readonly pick: Pick;
  /** 1 = the best by the pick. */
  readonly rank: number;
  readonly count: number;
  readonly industry?: string;
  /** District code. */
  readonly district?: string;
}

interface IncidentBase extends Span {
  readonly id: string;
}

/** The treatment device fails or is switched off; `factor` times the emission of the pollutant. */
export interface ControlFailure extends IncidentBase {
  readonly kind: 'control_failure';
  readonly target: Target;
  readonly pollutant: 'PM' | 'SO2' | 'NOx' | 'VOC' | 'all';
  readonly factor: number;
  /** `control_off`: the device draws nothing; `idle_fan`: it draws power, but removes nothing. */
  readonly power: 'control_off' | 'idle_fan';
}

/** The induced-draft fan is off: the exhaust leaves at the roof, the stack's flow falls. */
export interface Fugitive extends IncidentBase {
  readonly kind: 'fugitive';
  readonly target: Target;
  /** g/s in all, instead of what the process gives. */
  readonly emissionGps?: Readonly<Partial<Record<EmittedSpecies, number>>>;
  readonly heightM: number;
}

/** Production at night with the treatment off. */
export interface NightDischarge extends IncidentBase {
  readonly kind: 'night_discharge';
  readonly target: Target;
  readonly factor: number;
  /** Minutes of the Beijing day; over midnight when from > to. */
  readonly windows: readonly { readonly fromMinute: number; readonly toMinute: number }[];
}

/** A dust site works without covering or spraying. */
export interface DustUncontrolled extends IncidentBase {
  readonly kind: 'dust_no_control';
  readonly target: Target;
  readonly factor: number;
}

export interface Fires extends IncidentBase {
  readonly kind: 'fire';
  readonly count: number;
  readonly areaMu: Draw;
  readonly fuel: 'wheat' | 'maize';
  /** Anywhere rural, or that far upwind of a station. */
  readonly at: 'rural' | { readonly station: string; readonly distanceM: number };
  readonly detectShare?: number;
  readonly detectDelayMs?: number;
}

export interface Fireworks extends IncidentBase {
  readonly kind: 'fireworks';
  readonly massPm25Kg: number;
  /** SO2 mass by PM2.5 mass. */
  readonly so2Ratio: number;
  /** Hour by hour share, `[atMs, share]`; each lasts until the next, the last an hour. */
  readonly profile: readonly (readonly [number, number])[];
}

/** More (or less) of what the whole city gives off. */
export interface AreaFactor extends IncidentBase {
  readonly kind: 'area_factor';
  readonly sector: 'traffic' | 'heating' | 'industry' | 'dust' | 'voc';
  readonly factor: number;
}

export type Incident = ControlFailure | Fugitive | NightDischarge | DustUncontrolled | Fires | Fireworks | AreaFactor;

export type SensorFaultKind =
  | 'stuck'
  | 'drift'
  | 'step'
  | 'spike'
  | 'dropout'
  | 'saturate'
  | 'cross_interference'
  | 'rh_runaway'
  | 'tamper';

export interface SensorFault extends Span {
  readonly id: string;
  readonly kind: SensorFaultKind;
  /** Source id; `kindOf` its kind (air where absent in the file). */
  readonly source: string;
  readonly sourceKind: 'air' | 'cems' | 'voc' | 'dust' | 'power';
  /** Metric ids; empty: all of the kind. */
  readonly metrics: readonly string[];
  /** tamper, step: times this. */
  readonly factor?: number;
  /** drift: share a day. */
  readonly ratePerDay?: number;
  /** spike: how many an hour, and how high. */
  readonly ratePerHour?: number;
  readonly size?: number;
  /** dropout: share of rows. */
  readonly share?: number;
  /** saturate: not above this. */
  readonly at?: number;
  /** cross_interference: adds `coef` of another metric. */
  readonly with?: string;
  readonly coef?: number;
}

/** Which sources: of a district, of a kind, a share of them; nothing given: all. */
export interface Scope {
  readonly district?: string;
  readonly kind?: 'air' | 'cems' | 'voc' | 'dust' | 'power' | 'camera' | 'vehicle' | 'petition' | 'forecast';
  readonly source?: string;
  /** Default 1. */
  readonly share: number;
}

export type NetworkFaultKind =
  | 'outage'
  | 'delay'
  | 'reorder'
  | 'duplicate'
  | 'burst'
  | 'disconnect'
  | 'clock_skew'
  | 'clock_jump'
  | 'clock_zone'
  | 'false_alarm';

export interface NetworkFault extends Span {
  readonly id: string;
  readonly kind: NetworkFaultKind;
  readonly scope: Scope;
  /** outage, disconnect: rows come later (true), in portions of so many rows a source and step. */
  readonly backfill?: boolean;
  readonly batch?: number;
  /** delay, reorder: by how much. */
  readonly delayMs?: Draw;
  /** reorder, delay, duplicate: share of rows. */
  readonly share?: number;
  /** clock_skew: by this at the end of the span, growing from 0 (a drift) when `grows`; clock_jump, clock_zone: at once. ms. */
  readonly offsetMs?: number;
  readonly grows?: boolean;
  /** false_alarm: a day and camera. */
  readonly perDay?: number;
}

export interface Complaints {
  /** Complaints an hour in a district for each 10 µg/m³ of PM2.5 above 75. */
  readonly ratePer10UgM3H: number;
  /** How many times more a smell brings. */
  readonly smellBias: number;
  readonly delayMs: Draw;
  readonly wrongPlaceM: number;
}

export interface ScriptedOrder extends Span {
  readonly id: string;
  readonly level: Level;
  /** Cut of every target's production instead of the register's plans, 0 to 1. */
  readonly cut?: number;
  readonly kinds: readonly ('cems' | 'voc' | 'gas' | 'site')[];
}

export interface Response {
  /** Shares of enterprises; together 1, what is missing obeys in part (half of the cut). */
  readonly comply: number;
  readonly cheat: number;
  readonly refuse: number;
  readonly notifyMs: Draw;
  readonly rampMs: Draw;
  readonly cheatStyles: readonly ('night_production' | 'control_off' | 'meter_bypass' | 'idle_fan')[];
  /** Cut of traffic, and of the dust sites' work, at red; two thirds of it at orange, a third at yellow. */
  readonly trafficCut: number;
  readonly dustStop: number;
}

export interface Control {
  readonly mode: 'open_loop' | 'scripted' | 'closed_loop';
  readonly response: Response;
  readonly scripted: readonly ScriptedOrder[];
}

export interface Episode {
  readonly id: string;
  readonly title: string;
  readonly seed: number;
  /** First moment that is shown; the warm-up comes before it. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly stepMs: number;
  readonly warmupMs: number;
  readonly speed: number;
  readonly season: 'winter' | 'spring' | 'summer' | 'autumn';
  readonly met: readonly KeyFrame[];
  readonly inflow: readonly Inflow[];
  readonly incidents: readonly Incident[];
  readonly sensorFaults: readonly SensorFault[];
  /** Times the realistic rates of faults that nobody ordered; 0: none. */
  readonly sensorFaultRate: number;
  readonly networkFaults: readonly NetworkFault[];
  readonly networkFaultRate: number;
  /** Times the realistic rate of enterprises that cheat in ordinary days. */
  readonly cheatRate: number;
  readonly complaints: Complaints;
  readonly control: Control;
  /** An increment counts from these on, and from so many sigma of the station's own noise. */
  readonly truth: {
    readonly minIncrement: { readonly pm25: number; readonly pm10: number; readonly kSigma: number };
    readonly top: number;
  };
  /** The goals of scoring, as they stand in the file. */
  readonly score?: unknown;
}
