// The register: who may send what, from where. Lines of `register/*.ndjson`.

import type { Kind } from './catalog.ts';

/** One registered sender of rows of one kind: a station, a stack, a meter, a camera. */
export interface Source {
  readonly kind: Kind;
  readonly id: string;
  readonly zh: string;
  readonly en?: string;
  /** District code (131102 …); '' = not in any: windowed, but left out of district and city. */
  readonly district: string;
  /** WGS-84. */
  readonly lon?: number;
  readonly lat?: number;
  /** Override the kind's defaults. */
  readonly cadenceMs?: number;
  readonly latenessMs?: number;
  readonly idleMs?: number;
  /** Air: a national (reference) station. */
  readonly national?: boolean;
  /** The enterprise that a stack, VOC monitor or meter belongs to. */
  readonly enterprise?: string;
  /** Power: what the circuit feeds. */
  readonly circuit?: 'main' | 'production' | 'treatment';
}

export interface District {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly lon: number;
  readonly lat: number;
}

/** 13 sub-centres report to the city. */
export interface Register {
  readonly city: { readonly code: string; readonly zh: string; readonly en: string };
  readonly districts: readonly District[];
  readonly sources: readonly Source[];
  /** Empty where the register has none: then nothing can be curtailed. */
  readonly enterprises: readonly Enterprise[];
  readonly townships: readonly Township[];
  readonly inspectors: readonly Inspector[];
}

/** Performance grade of heavy-pollution days (绩效分级), leading (引领性) or on the positive list (正面清单). */
export const grades = ['A', 'B', 'B-', 'C', 'D', 'leading', 'positive'] as const;
export type Grade = (typeof grades)[number];

/** Level of a heavy-pollution warning. */
export const levels = ['yellow', 'orange', 'red'] as const;
export type Level = (typeof levels)[number];

/** What leaves a process at full load with its treatment working, kg/h. */
export interface Emission {
  readonly so2: number;
  readonly nox: number;
  /** All particles; what share is PM2.5 is the industry's. */
  readonly pm: number;
  readonly voc: number;
}

export interface Treatment {
  readonly zh: string;
  readonly en: string;
  /** Designed share removed, 0 to 1. */
  readonly removes: Emission;
  readonly ratedKw: number;
}

export interface Stack {
  readonly heightM: number;
  readonly diameterM: number;
  readonly tempC: number;
  /** At full load, actual state. */
  readonly flowM3S: number;
  /** Reference O2 of the permit, %; absent: not converted. */
  readonly o2RefPct?: number;
  /** Id of the `cems` source on it. */
  readonly cems?: string;
  /** Id of the `voc` source on it. */
  readonly voc?: string;
}

/** A step of production. */
export interface EnterpriseProcess {
  /** Within the enterprise: P1, P2 … */
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  /** 涉气: it gives off SO2, NOx, particles or VOCs, through a stack or not. */
  readonly emits: boolean;
  readonly ratedKw: number;
  /** `continuous` runs day and night (furnaces, boilers), the others by shifts. */
  readonly shifts: 'continuous' | 'day' | 'two' | 'three';
  readonly emission: Emission;
  readonly treatment?: Treatment;
  readonly stack?: Stack;
  /** Ids of `power` sources. */
  readonly productionMeter?: string;
  readonly treatmentMeter?: string;
}

/** One measure of a plan (一厂一策). */
export interface Measure {
  /** A process of the enterprise; absent for `transport`. */
  readonly process?: string;
  readonly action: 'stop' | 'limit' | 'transport';
  /** `limit`: how much of the production stays, %. */
  readonly toPct?: number;
}

/** Limits of the permit, mg/m³ (O2-converted where the stack has a reference). */
export interface Permit {
  readonly number: string;
  readonly limits: { readonly so2?: number; readonly nox?: number; readonly pm?: number; readonly nmhc?: number };
}

/** One that emits to air. */
export interface Enterprise {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  /** Code of its industry. */
  readonly industry: string;
  readonly grade: Grade;
  readonly district: string;
  /** Code of its township. */
  readonly township: string;
  /** WGS-84. */
  readonly lon: number;
  readonly lat: number;
  /** 小微: tiny emissions. */
  readonly smallMicro?: boolean;
  /** 保障类: runs on heavy-pollution days up to the certified load, %. */
  readonly guarantee?: { readonly zh: string; readonly maxLoadPct: number };
  readonly permit?: Permit;
  readonly processes: readonly EnterpriseProcess[];
  /** Id of the `power` source at its main meter. */
  readonly mainMeter?: string;
  readonly plan: Readonly<Record<Level, readonly Measure[]>>;
}

export interface Township {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly district: string;
  readonly lon: number;
  readonly lat: number;
}

/** A grid inspector (网格员). */
export interface Inspector {
  readonly id: string;
  readonly zh: string;
  readonly township: string;
  readonly district: string;
}
