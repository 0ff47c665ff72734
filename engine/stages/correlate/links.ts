// What belongs together: each process with its meters, its stack's monitors, its permit.

import type { Enterprise, Permit } from '../../schema/register.ts';

/** A process that a meter or a monitor watches. */
export interface ProcessLink {
  readonly enterprise: string;
  readonly district: string;
  /** Code of its township: whose inspectors go. */
  readonly township: string;
  readonly lon: number;
  readonly lat: number;
  readonly industry: string;
  /** Within the enterprise. */
  readonly process: string;
  readonly ratedKw: number;
  readonly treatmentKw?: number;
  /** Ids of `power` sources. */
  readonly productionMeter?: string;
  readonly treatmentMeter?: string;
  readonly mainMeter?: string;
  /** Ids of the monitors on its stack. */
  readonly cems?: string;
  readonly voc?: string;
  /** At full load, actual state. */
  readonly flowM3S?: number;
  /** Reference O2 of the permit, %; absent: not converted. */
  readonly o2RefPct?: number;
  /** mg/m³. */
  readonly limits: Permit['limits'];
}

/** In the register's order; processes that nothing watches are left out. */
export function linksOf(enterprises: readonly Enterprise[]): readonly ProcessLink[] {
  return enterprises.flatMap(({ id, district, township, lon, lat, industry, processes, mainMeter, permit }) =>
    processes
      .filter(({ productionMeter, treatmentMeter, stack }) => productionMeter ?? treatmentMeter ?? stack?.cems ?? stack?.voc)
      .map((process) => ({
        enterprise: id,
        district,
        township,
        lon,
        lat,
        industry,
        process: process.id,
        ratedKw: process.ratedKw,
        treatmentKw: process.treatment?.ratedKw,
        productionMeter: process.productionMeter,
        treatmentMeter: process.treatmentMeter,
        mainMeter,
        cems: process.stack?.cems,
        voc: process.stack?.voc,
        flowM3S: process.stack?.flowM3S,
        o2RefPct: process.stack?.o2RefPct,
        limits: permit?.limits ?? {},
      })),
  );
}
