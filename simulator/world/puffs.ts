// Tier three: clouds of short events, a puff a minute, that drift with the wind until the grid takes them.

import { puffAt, type Stability, sigmaY, sigmaZ, virtualDistance } from './dispersion.ts';
import { emittedSpecies } from './episode.ts';
import type { Local } from './local.ts';

const speciesCount = emittedSpecies.length;
/** Wider than this a puff is the grid's (SIMULATION.md 2.3). */
const sigmaMaxM = 6_000;
const ageMaxMs = 4 * 3_600_000;

export interface Release extends Local {
  /** Whose it is: position among the events. */
  readonly event: number;
  readonly heightM: number;
  /** Width of the source, m. */
  readonly widthM: number;
  /** g by species. */
  readonly mass: Float64Array;
}

interface LivePuff {
  readonly event: number;
  readonly mass: Float64Array;
  x: number;
  y: number;
  H: number;
  sigmaY: number;
  sigmaZ: number;
  sigmaX: number;
  ageMs: number;
}

export interface PuffStep {
  readonly stepMs: number;
  readonly stability: Stability;
  readonly lidM: number;
  windInto(x: number, y: number, out: Float64Array): void;
}

export interface Puffs {
  release(release: Release): void;
  /** Drifts and grows; hands over what has become wide or old, or has left. */
  advance(step: PuffStep, handOver: (x: number, y: number, mass: Float64Array) => void): void;
  /** Adds g/m³ at the receptors, `speciesCount` each, for all events; `share` is given each event's part. */
  addTo(out: Float64Array, lidM: number, share?: (event: number, receptor: number, species: number, value: number) => void): void;
  readonly count: number;
}

export function makePuffs(receptors: readonly Local[], isInside: (x: number, y: number) => boolean): Puffs {
  let puffs: LivePuff[] = [];
  const wind = new Float64Array(2);
  return {
    get count() {
      return puffs.length;
    },
    release({ event, x, y, heightM, widthM, mass }) {
      // A volume source starts with its width / 4.3 (SIMULATION.md 2.2).
      const initial = Math.max(2, widthM / 4.3);
      puffs.push({ event, mass, x, y, H: heightM, sigmaX: initial, sigmaY: initial, sigmaZ: Math.max(2, initial / 2), ageMs: 0 });
    },
    advance({ stepMs, stability, lidM, windInto }, handOver) {
      const still: LivePuff[] = [];
      for (const puff of puffs) {
        windInto(puff.x, puff.y, wind);
        const dx = (wind[0] * stepMs) / 1000;
        const dy = (wind[1] * stepMs) / 1000;
        const travel = Math.max(Math.sqrt(dx * dx + dy * dy), (0.5 * stepMs) / 1000);
        puff.x += dx;
        puff.y += dy;
        puff.ageMs += stepMs;
        const alongY = virtualDistance((d) => sigmaY(stability, 'rural', d), puff.sigmaY);
        const alongZ = virtualDistance((d) => sigmaZ(stability, 'rural', d), puff.sigmaZ);
        puff.sigmaY = Math.max(puff.sigmaY, sigmaY(stability, 'rural', alongY + travel));
        puff.sigmaZ = Math.max(puff.sigmaZ, Math.min(sigmaZ(stability, 'rural', alongZ + travel), 3 * lidM));
        // The gap between two puffs is filled (SIMULATION.md 2.3) [D].
        puff.sigmaX = Math.sqrt(puff.sigmaY * puff.sigmaY + (travel * travel) / 12);
        if (puff.sigmaY > sigmaMaxM || puff.ageMs > ageMaxMs || !isInside(puff.x, puff.y)) handOver(puff.x, puff.y, puff.mass);
        else still.push(puff);
      }
      puffs = still;
    },
    addTo(out, lidM, share) {
      for (const { event, mass, x, y, H, sigmaX, sigmaY: sy, sigmaZ: sz } of puffs) {
        const reach = 4 * Math.max(sigmaX, sy);
        const cloud = { mass: 1, x, y, H: Math.min(H, lidM), sx: sigmaX, sy, sz };
        for (let r = 0; r < receptors.length; r++) {
          const dx = receptors[r].x - x;
          const dy = receptors[r].y - y;
          if (dx * dx + dy * dy > reach * reach) continue;
          const perGram = puffAt(cloud, receptors[r].x, receptors[r].y, 0, lidM);
          for (let s = 0; s < speciesCount; s++) {
            const value = perGram * mass[s];
            out[r * speciesCount + s] += value;
            if (value > 0) share?.(event, r, s, value);
          }
        }
      }
    },
  };
}
