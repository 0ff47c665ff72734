// One works with a monitored line, as rules about stacks and meters see it.

import type { ProcessLink } from '../../engine/stages/correlate/links.ts';

/** 100 m³/s at full load, 1,000 kW, permits 10/35/50 and NMHC 60 mg/m³. */
export const works: ProcessLink = {
  enterprise: 'E-1',
  district: '131172',
  township: '131172001',
  lon: 115.66,
  lat: 37.66,
  industry: 'engineering-rubber',
  process: 'P1',
  ratedKw: 1000,
  treatmentKw: 100,
  productionMeter: 'P',
  treatmentMeter: 'T',
  mainMeter: 'M',
  flowM3S: 100,
  limits: { pm: 10, so2: 35, nox: 50, nmhc: 60 },
};
export const withCems: ProcessLink = { ...works, cems: 'C', o2RefPct: 9 };
export const withVoc: ProcessLink = { ...works, voc: 'V' };
