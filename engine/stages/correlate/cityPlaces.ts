// Who and what stands where: all enterprises and townships, as little of each as rules need to name a place or a candidate.

import type { Enterprise, Township } from '../../schema/register.ts';

export interface EnterprisePlace {
  readonly id: string;
  readonly lon: number;
  readonly lat: number;
  readonly district: string;
  /** At full load with treatment, kg/h, all processes. */
  readonly pm: number;
  readonly voc: number;
}

export interface CityPlaces {
  /** Those that emit, in the register's order. */
  readonly enterprises: readonly EnterprisePlace[];
  readonly townships: readonly Pick<Township, 'code' | 'district' | 'lon' | 'lat'>[];
}

export const noPlaces: CityPlaces = { enterprises: [], townships: [] };

export function cityPlacesOf(enterprises: readonly Enterprise[], townships: readonly Township[]): CityPlaces {
  return {
    enterprises: enterprises.map(({ id, lon, lat, district, processes }) => {
      const sum = (of: 'pm' | 'voc') => processes.reduce((total, { emission }) => total + emission[of], 0);
      return { id, lon, lat, district, pm: sum('pm'), voc: sum('voc') };
    }),
    townships: townships.map(({ code, district, lon, lat }) => ({ code, district, lon, lat })),
  };
}
