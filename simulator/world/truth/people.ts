// When people can be expected to have told of a nuisance: the key's rule for complaints, without their chance.

import type { CityState } from '../cityState.ts';
import { medianOf } from '../draw.ts';
import type { Complaints } from '../episode.ts';
import { complaintsPerH } from '../sensors/petition.ts';

const hourMs = 3_600_000;
/** One complaint is everyday; two of one place are a cluster (ours: rule `complaints`, `few`). */
export const complaintRule = { told: 2 } as const;

export interface Expectation {
  step(state: CityState): void;
  /** By the id of the nuisance: since when so many complaints are to be expected at the channels; null: never so many. */
  readonly toldFromMs: ReadonlyMap<string, number | null>;
}

/** Everybody takes the median time to tell. */
export function expectComplaints(complaints: Complaints): Expectation {
  const noticed = new Map<string, number>();
  const toldFromMs = new Map<string, number | null>();
  const delayMs = medianOf(complaints.delayMs);
  return {
    toldFromMs,
    step({ eventMs, stepMs, nuisances }) {
      for (const nuisance of nuisances) {
        const { id } = nuisance;
        const sum = (noticed.get(id) ?? 0) + (complaintsPerH(nuisance, complaints, eventMs) * stepMs) / hourMs;
        noticed.set(id, sum);
        const isTold = sum >= complaintRule.told;
        toldFromMs.set(id, toldFromMs.get(id) ?? (isTold ? eventMs + stepMs + delayMs : null));
      }
    },
  };
}
