// One step of all processes of one world: the usual pass for everybody, then those on which something acts.

import type { ProcessRef } from '../processes.ts';
import type { Effect } from './incidents.ts';
import { emissionInto, merge, neutral, reset } from './modifier.ts';
import { type Rates, speciesCount } from './rates.ts';
import { type Shifts, treatmentIdleShare } from './shifts.ts';
import type { Excess, World } from './world.ts';

// Imported bindings cost a call in loops where modules are transpiled.
const species = speciesCount;

/** Below this share of production a treatment is switched off with it [D]. */
const offBelow = 0.02;

/** What acts on a process for a step; a disobeyed order has no account of its own. */
export type Acting = Pick<Effect, 'process' | 'modifier'> & Partial<Effect>;

export interface Emissions {
  /** `keep`: share of the usual production left, by process. `seconds` count in the accounts only where `excesses` is given. */
  readonly step: (world: World, keep: Float32Array, acting: readonly Acting[], seconds: number, excesses?: Excess[]) => void;
}

/** `scales`: times every emission, by species; read at each step. */
export function makeEmissions(processes: readonly ProcessRef[], rates: Rates, shifts: Shifts, scales: Float64Array): Emissions {
  const count = processes.length;
  const hasStack = Uint8Array.from(processes, ({ process }) => (process.stack === undefined ? 0 : 1));
  const hasTreatment = Uint8Array.from(processes, ({ process }) => (process.treatment === undefined ? 0 : 1));
  const emits = Uint8Array.from(processes, (_, i) =>
    rates.treated.subarray(i * species, (i + 1) * species).some((gps) => gps > 0) ? 1 : 0,
  );
  const affected = new Map<World, readonly number[]>();
  /** What acts on each process, while a step is being made. */
  const lists: (Acting[] | undefined)[] = new Array(count).fill(undefined);
  const modifier = neutral();
  // Stack and roof by species: with all that acts, and without one of it.
  const gps = new Float64Array(2 * species);
  const without = new Float64Array(2 * species);
  // Rounds as the usual pass does.
  const single = new Float32Array(1);

  return { step };

  function step(world: World, keep: Float32Array, acting: readonly Acting[], seconds: number, excesses?: Excess[]): void {
    restore(world);
    stepAll(world, keep);
    const touched: number[] = [];
    for (const each of acting) {
      const { process } = each;
      if (lists[process] === undefined) {
        lists[process] = [each];
        touched.push(process);
      } else lists[process].push(each);
    }
    affected.set(world, touched);
    for (const i of touched) {
      const list = lists[i] as Acting[];
      lists[i] = undefined;
      stepOne(world, i, keep[i], list);
      if (excesses !== undefined) addExcesses(excesses, i, keep[i], list, seconds);
    }
  }

  /** What was special in the last step is usual again, until this step says otherwise. */
  function restore(world: World): void {
    const state = world.processes;
    for (const i of affected.get(world) ?? []) {
      state.load[i] = Number.NaN; // never equal, so that the usual pass writes it anew
      state.removal[i] = 1;
      state.capture[i] = hasStack[i];
      state.bypass[i] = 0;
      world.stackGps.fill(0, i * species, (i + 1) * species);
      world.roofGps.fill(0, i * species, (i + 1) * species);
    }
  }

  /** The usual case for every process: all that is designed is removed, the fan draws everything. */
  function stepAll(world: World, keep: Float32Array): void {
    const { load, treatment, so2Gps, noxGps, pmGps, vocGps } = world.processes;
    const { treated } = rates;
    const base = shifts.load;
    const on = shifts.treatmentOn;
    const [s0, s1, s2, s3, s4, s5] = scales;
    for (let i = 0; i < count; i++) {
      const before = load[i];
      const share = keep[i];
      load[i] = base[i] * share;
      const now = load[i];
      if (hasTreatment[i] === 1) {
        treatment[i] = on[i] === 1 && share > offBelow ? treatmentIdleShare + (1 - treatmentIdleShare) * now : 0;
      }
      if (emits[i] === 0 || (now === 0 && before === 0)) continue;
      const stack = hasStack[i] === 1;
      const out = stack ? world.stackGps : world.roofGps;
      const at = i * species;
      out[at] = now * treated[at] * s0;
      out[at + 1] = now * treated[at + 1] * s1;
      out[at + 2] = now * treated[at + 2] * s2;
      out[at + 3] = now * treated[at + 3] * s3;
      out[at + 4] = now * treated[at + 4] * s4;
      out[at + 5] = now * treated[at + 5] * s5;
      if (!stack) continue;
      pmGps[i] = out[at] + out[at + 1];
      so2Gps[i] = out[at + 2];
      noxGps[i] = out[at + 3];
      vocGps[i] = out[at + 5];
    }
  }

  function stepOne(world: World, i: number, keep: number, acting: readonly Acting[]): void {
    const state = world.processes;
    state.load[i] = emission(gps, i, keep, acting, undefined);
    let removal = 1;
    for (const share of modifier.removal) removal = Math.min(removal, share);
    state.removal[i] = hasTreatment[i] === 1 ? removal : 1;
    state.capture[i] = hasStack[i] === 1 ? modifier.capture : 0;
    state.bypass[i] = modifier.bypass;
    if (hasTreatment[i] === 1) {
      const usual = modifier.floor > 0 ? treatmentIdleShare + (1 - treatmentIdleShare) * state.load[i] : state.treatment[i];
      state.treatment[i] = Number.isNaN(modifier.treatment) ? usual : Math.min(usual, modifier.treatment);
    }
    const at = i * species;
    for (let k = 0; k < species; k++) {
      world.stackGps[at + k] = gps[k];
      world.roofGps[at + k] = gps[species + k];
    }
    const stack = world.stackGps;
    state.pmGps[i] = stack[at] + stack[at + 1];
    state.so2Gps[i] = stack[at + 2];
    state.noxGps[i] = stack[at + 3];
    state.vocGps[i] = stack[at + 5];
  }

  /** Fills `out` and `modifier` with the merged one; gives the load. */
  function emission(out: Float64Array, i: number, keep: number, acting: readonly Acting[], except: Acting | undefined): number {
    reset(modifier);
    for (const each of acting) if (each !== except) merge(modifier, each.modifier);
    single[0] = shifts.load[i] * keep;
    const load = Math.max(single[0], modifier.floor);
    emissionInto(out, rates, i, hasStack[i] === 1, load, modifier);
    for (let k = 0; k < species; k++) {
      out[k] *= scales[k];
      out[species + k] *= scales[k];
    }
    return load;
  }

  function addExcesses(excesses: Excess[], i: number, keep: number, acting: readonly Acting[], seconds: number): void {
    for (const each of acting) {
      if (each.account === undefined) continue;
      emission(without, i, keep, acting, each);
      const { grams, label } = each.account;
      each.account.seconds += seconds;
      const extra = Array.from(gps, (value, k) => value - without[k]);
      for (let k = 0; k < species; k++) grams[k] += (extra[k] + extra[species + k]) * seconds;
      if (label.class !== 'incident') continue;
      const common = { id: label.id, index: i, x: label.x, y: label.y };
      const heightM = processes[i].process.stack?.heightM ?? each.roofM ?? 0;
      push(excesses, { ...common, at: 'stack', heightM, gps: extra.slice(0, species) });
      push(excesses, { ...common, at: 'roof', heightM: each.roofM ?? 0, gps: extra.slice(species) });
    }
  }

  function push(excesses: Excess[], excess: Excess): void {
    if (excess.gps.some((value) => value !== 0)) excesses.push(excess);
  }
}
