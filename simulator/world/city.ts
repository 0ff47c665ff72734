// The register of the simulated Hengshui: 13 districts, townships, 5,013 enterprises, sources of all nine kinds, inspectors.

import { hengshui, hengshuiDistricts } from '../../engine/domain/geo.ts';
import type { Kind } from '../../engine/schema/catalog.ts';
import type { Register } from '../../engine/schema/register.ts';
import { makeCameras } from './city/cameras.ts';
import { makeEnterprises } from './city/enterprises.ts';
import { makeInspectors } from './city/inspectors.ts';
import { makeChannels, makeDustSites, makeForecaster, makeGates, makeMeters, makeStackMonitors } from './city/sources.ts';
import { makeStations } from './city/stations.ts';
import { hengshuiTownships } from './city/townships.ts';

/** How many sources there are of each kind (design section 2); meters: three at each of `meteredEnterprises`. */
export const cityCounts: Readonly<Record<Exclude<Kind, 'power'>, number>> = {
  air: 162,
  cems: 184,
  voc: 51,
  dust: 313,
  camera: 261,
  vehicle: 4,
  petition: 22,
  forecast: 1,
};

/** Another seed gives other names, places, sizes and grades; ids and numbers are the same. */
export function makeRegister(seed: number): Register {
  const enterprises = makeEnterprises(seed);
  return {
    city: hengshui,
    districts: hengshuiDistricts,
    sources: [
      ...makeStations(seed, cityCounts.air),
      ...makeStackMonitors(enterprises, 'cems'),
      ...makeStackMonitors(enterprises, 'voc'),
      ...makeDustSites(seed, cityCounts.dust),
      ...makeMeters(enterprises),
      ...makeCameras(seed, cityCounts.camera),
      ...makeGates(),
      ...makeChannels(),
      makeForecaster(),
    ],
    enterprises,
    townships: hengshuiTownships,
    inspectors: makeInspectors(seed),
  };
}
