// The two worlds as the physics reads them: what every process, site and road gives off, and what an incident adds.

import type { ProcessState } from '../cityState.ts';
import type { Local } from '../local.ts';
import type { ProcessRef } from '../processes.ts';
import { speciesCount } from './rates.ts';

/** One of the two worlds at a moment. */
export interface World {
  readonly processes: ProcessState;
  /** 6 entries a process in the order of `emittedSpecies`, g/s. */
  readonly stackGps: Float32Array;
  /** The same, leaving at roof level (6 m). */
  readonly roofGps: Float32Array;
  /** 2 entries a dust site in the register's order: pm25, pmc, g/s. */
  readonly siteGps: Float32Array;
  /** 0 to 1 by site. */
  readonly siteWork: Float32Array;
  /** Road traffic against its mean, 0.1 to 2. */
  traffic: number;
  /** Heavy trucks against their mean, after the ban. */
  trucks: number;
  /** Share of heavy trucks that an order keeps off the roads. */
  truckBan: number;
  /** Home heating: hour, day and incidents; the temperature's share is the weather's. */
  heating: number;
}

/** What one active incident gives off on top, in the factual world. */
export interface Excess extends Local {
  /** Of its label. */
  readonly id: string;
  /** `area`: over the built-up city. */
  readonly at: 'stack' | 'roof' | 'site' | 'field' | 'area';
  /** Of the process, the site or the field (`fields`); -1 for `area`. */
  readonly index: number;
  readonly heightM: number;
  /** By `emittedSpecies`; below zero where less leaves than without it: the stack of a leak. */
  readonly gps: readonly number[];
}

/** Times what the whole city gives off, by sector; 1 without an incident. Processes, sites, traffic and heating of the worlds
 *  have it in them; grid sources of other kinds (solvents, road dust) do not. */
export type SectorFactors = Record<'traffic' | 'heating' | 'industry' | 'dust' | 'voc', number>;

/** Everything stands still: treatments off, all that is designed is removed. */
export function makeWorld(processes: readonly ProcessRef[], siteCount: number): World {
  const count = processes.length;
  const of = () => new Float32Array(count);
  return {
    processes: {
      load: of(),
      treatment: Float32Array.from(processes, ({ process }) => (process.treatment === undefined ? Number.NaN : 0)),
      removal: of().fill(1),
      capture: Float32Array.from(processes, ({ process }) => (process.stack === undefined ? 0 : 1)),
      bypass: new Uint8Array(count),
      so2Gps: of(),
      noxGps: of(),
      pmGps: of(),
      vocGps: of(),
    },
    stackGps: new Float32Array(count * speciesCount),
    roofGps: new Float32Array(count * speciesCount),
    siteGps: new Float32Array(siteCount * 2),
    siteWork: new Float32Array(siteCount),
    traffic: 1,
    trucks: 1,
    truckBan: 0,
    heating: 1,
  };
}
