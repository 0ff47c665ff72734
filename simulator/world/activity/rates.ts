// What each process gives off at full load, with its treatment and without: the two ends between which every state lies.

import type { EnterpriseProcess } from '../../../engine/schema/register.ts';
import { lognormalFactor } from '../draw.ts';
import type { ProcessRef } from '../processes.ts';
import { streamOf } from '../random.ts';

export const speciesCount = 6;

/** Pollutants that a treatment removes, in the order of every `removal`. */
export const treatedPollutants = ['so2', 'nox', 'pm', 'voc'] as const;
export type TreatedPollutant = (typeof treatedPollutants)[number];

/** For each of `emittedSpecies` its place in `treatedPollutants`; -1: nothing removes it (CO). */
export const pollutantOfSpecies: readonly number[] = [2, 2, 0, 1, -1, 3];

/** Share of PM2.5 in the particles behind a filter and without one [D]. */
const fineShareFiltered = 0.75;
const fineShareRaw = 0.45;
/** From this designed removal on a treatment counts as a filter [D]. */
const filterFrom = 0.5;
/** CO against NOx by mass: 3 × LN(2.4) g/s to .9 g/s at monitored stacks, small elsewhere [D]. */
const coPerNoxMonitored = 3.33;
const coPerNoxElse = 0.8;
const coGsd = 2.4;
/** A designed removal of 1 would leave an unknown raw gas; nothing better than this is believed [D]. */
const bestRemoval = 0.999;
const gpsPerKgH = 1000 / 3600;

/** Six entries a process in the order of `emittedSpecies`, g/s at full load. */
export interface Rates {
  readonly treated: Float64Array;
  readonly raw: Float64Array;
}

/** Emission with removal r is `load · (r·treated + (1 - r)·raw)`, which is rated × load × (1 - removes·r)/(1 - removes). */
export function ratesOf(seed: number, processes: readonly ProcessRef[]): Rates {
  const treated = new Float64Array(processes.length * speciesCount);
  const raw = new Float64Array(processes.length * speciesCount);
  processes.forEach(({ enterprise, process }, i) => {
    const stream = streamOf(`carbon monoxide ${enterprise.id} ${process.id}`);
    const perNox = process.stack?.cems === undefined ? coPerNoxElse : coPerNoxMonitored;
    const co = perNox * lognormalFactor(coGsd, seed, stream, 0) * process.emission.nox * gpsPerKgH;
    const filtered = (process.treatment?.removes.pm ?? 0) >= filterFrom;
    fill(treated, i, process, () => 1, filtered ? fineShareFiltered : fineShareRaw, co);
    fill(raw, i, process, (pollutant) => 1 / (1 - removalOf(process, pollutant)), fineShareRaw, co);
  });
  return { treated, raw };
}

/** Designed share removed, 0 without a treatment. */
export function removalOf(process: EnterpriseProcess, pollutant: TreatedPollutant): number {
  return Math.min(bestRemoval, Math.max(0, process.treatment?.removes[pollutant] ?? 0));
}

function fill(
  out: Float64Array,
  i: number,
  process: EnterpriseProcess,
  times: (pollutant: TreatedPollutant) => number,
  fineShare: number,
  coGps: number,
): void {
  if (!process.emits) return;
  const gps = (pollutant: TreatedPollutant) => process.emission[pollutant] * gpsPerKgH * times(pollutant);
  out.set([gps('pm') * fineShare, gps('pm') * (1 - fineShare), gps('so2'), gps('nox'), coGps, gps('voc')], i * speciesCount);
}
