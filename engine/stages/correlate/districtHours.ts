// The districts' hours as the air stage tells them, for rules that compare with the county. Later revisions replace earlier ones.

import { type PlaceBatch, pollutantIds, windowMs } from '../../schema/window.ts';

export interface DistrictHour {
  readonly district: string;
  /** startMs / 1 h. */
  readonly step: number;
}

export interface DistrictHours {
  /** Hours that are new or have other means than before. */
  take(batch: PlaceBatch): readonly DistrictHour[];
  /** Position in `pollutantIds`; NaN: no mean, not known yet, or not kept any more. */
  mean(pollutant: number, district: string, step: number): number;
  save(): SavedDistrictHours;
  restore(saved: SavedDistrictHours): void;
}

export type SavedDistrictHours = readonly (readonly [
  district: string,
  hours: readonly (readonly [step: number, means: Float64Array])[],
])[];

/** `steps`: hours that are kept of each district, the newest included. */
export function districtHours(steps: number): DistrictHours {
  let districts = new Map<string, Map<number, Float64Array>>();

  function put(district: string, step: number, means: Float64Array): boolean {
    let hours = districts.get(district);
    if (hours === undefined) {
      hours = new Map();
      districts.set(district, hours);
    }
    const before = hours.get(step);
    hours.set(step, means);
    if (hours.size > steps) hours.delete(Math.min(...hours.keys()));
    return before === undefined || means.some((mean, i) => !Object.is(mean, before[i]));
  }

  return {
    take(batch) {
      const changed: DistrictHour[] = [];
      for (let row = 0; row < batch.rows; row++) {
        if (batch.scope[row] !== 'district') continue;
        const district = batch.place[row];
        const step = batch.startMs[row] / windowMs['1h'];
        const means = Float64Array.from(pollutantIds, (_, i) => batch.mean[i][row]);
        if (put(district, step, means)) changed.push({ district, step });
      }
      return changed;
    },
    mean: (pollutant, district, step) => districts.get(district)?.get(step)?.[pollutant] ?? Number.NaN,
    save: () =>
      [...districts].map(
        ([district, hours]) => [district, [...hours].map(([step, means]) => [step, means.slice()] as const)] as const,
      ),
    restore(saved) {
      districts = new Map(
        saved.map(([district, hours]) => [district, new Map(hours.map(([step, means]) => [step, means.slice()] as const))]),
      );
    },
  };
}
