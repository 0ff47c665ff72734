// Sub-meters of enterprises: the main, production and treatment circuits. The largest kind by far: columns, no objects a row.

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register, Source } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import { type ProcessRef, processesOf } from '../processes.ts';
import { streamOf } from '../random.ts';
import { hourOf } from '../weather.ts';
import {
  chanceKey,
  gapsOf,
  hourMs,
  minuteMs,
  newValues,
  noiseAt,
  perSource,
  perSourceBetween,
  present,
  quantise,
  type Sensors,
  sourcesOf,
  tickOf,
} from './instrument.ts';

/** SIMULATION section 5, column "meter", and the power formula there: P = P0 (.06 + .94 load) (1 + .03 z). All [D]. */
export const powerOptions = {
  standby: 0.06,
  loadNoise: 0.03,
  treatmentNoise: 0.01,
  /** A treatment device draws so much more in the first minute after its start. */
  inrush: 0.05,
  inrushMs: minuteMs,
  /** A bypassed production meter shows this share of rated power. */
  bypassShare: 0.03,
  /** Of the enterprises: a bypass is taken before the main meter, which then does not see it either. */
  beforeMainShare: 0.3,
  /** Offices and lighting: kW, and as a share of what is installed; by night this share of it. */
  officeKw: [2, 8],
  officeShare: 0.02,
  officeNight: 0.35,
  gainSd: 0.005,
  /** .5 % and 1 % of the reading together; a meter without current shows 0. */
  noiseShare: 0.011,
  missingShare: 0.01,
  gapMeanMs: 6 * minuteMs,
} as const;

/** What a meter adds up: `slots` of [start, end) are positions in the power columns. */
interface Circuits {
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Two for each process of a metered enterprise: 2 p its production, 2 p + 1 its treatment. Main meters read from `mainKw`. */
  readonly slots: Uint32Array;
  readonly isMain: Uint8Array;
  readonly officeKw: Float64Array;
}

/** A row a step and meter, except in gaps; meters that nothing in the register is wired to stay silent. */
export function powerSensors(seed: number, register: Register): Sensors {
  const meters = sourcesOf(register, 'power');
  const all = processesOf(register);
  const circuits = wire(seed, register, meters, all);
  const wired = Uint32Array.from(meters.flatMap((_, i) => (circuits.end[i] > circuits.start[i] ? [i] : [])));
  const shares = new Float64Array(wired.length).fill(powerOptions.missingShare);
  const gaps = gapsOf({ seed, name: 'power', shares, meanMs: powerOptions.gapMeanMs, blockMs: hourMs });
  const gain = perSource(seed, 'power gain', meters.length, 1, powerOptions.gainSd);
  const update = machines(seed, register, all);
  const stream = streamOf('power noise');
  const metric = catalog.power.metrics[0];
  const there = new Uint32Array(wired.length);
  return (state) => {
    const rows = present(gaps, state.eventMs, there);
    const { shownKw, mainKw } = update(state);
    if (rows === 0) return [];
    const key = chanceKey(seed, stream, tickOf(state.eventMs));
    const office = officeCurve(hourOf(state.eventMs));
    const source = new Uint32Array(rows);
    const values = newValues('power', rows);
    const kw = values.kw;
    const { start, end, slots, isMain, officeKw } = circuits;
    for (let row = 0; row < rows; row++) {
      const i = wired[there[row]];
      const column = isMain[i] === 1 ? mainKw : shownKw;
      let sum = officeKw[i] * office;
      for (let s = start[i]; s < end[i]; s++) sum += column[slots[s]];
      source[row] = i;
      kw[row] = quantise(sum * gain[i] * (1 + powerOptions.noiseShare * noiseAt(key, i)), metric);
    }
    return [{ kind: 'power', rows, periodMs: state.stepMs, source, time: new Float64Array(rows).fill(state.eventMs), values }];
  };
}

/** Share of the offices' power by hour of the day. */
function officeCurve(hour: number): number {
  const isDay = hour >= 8 && hour < 18;
  const isEvening = hour >= 18 && hour < 22;
  return isDay ? 1 : isEvening ? 0.7 : powerOptions.officeNight;
}

function wire(seed: number, register: Register, meters: readonly Source[], all: readonly ProcessRef[]): Circuits {
  const slotsById = new Map<string, number[]>();
  const add = (id: string | undefined, slot: number) => {
    if (id !== undefined) slotsById.set(id, [...(slotsById.get(id) ?? []), slot]);
  };
  const installedKw = new Map<string, number>();
  all.forEach(({ enterprise, process }, p) => {
    add(process.productionMeter, 2 * p);
    if (process.treatment !== undefined) add(process.treatmentMeter, 2 * p + 1);
    add(enterprise.mainMeter, 2 * p);
    add(enterprise.mainMeter, 2 * p + 1);
    if (enterprise.mainMeter !== undefined)
      installedKw.set(enterprise.mainMeter, (installedKw.get(enterprise.mainMeter) ?? 0) + process.ratedKw);
  });
  const base = perSourceBetween(seed, 'power office', meters.length, ...powerOptions.officeKw);
  const start = new Uint32Array(meters.length);
  const end = new Uint32Array(meters.length);
  const flat: number[] = [];
  meters.forEach(({ id }, i) => {
    start[i] = flat.length;
    flat.push(...(slotsById.get(id) ?? []));
    end[i] = flat.length;
  });
  const mains = new Set(register.enterprises.map((enterprise) => enterprise.mainMeter));
  return {
    start,
    end,
    slots: Uint32Array.from(flat),
    isMain: Uint8Array.from(meters, ({ id }) => (mains.has(id) ? 1 : 0)),
    officeKw: Float64Array.from(meters, ({ id }, i) =>
      mains.has(id) ? base[i] + powerOptions.officeShare * (installedKw.get(id) ?? 0) : 0,
    ),
  };
}

/** What the machines of metered enterprises draw: as the sub-meters see it and as the main meter does. */
function machines(seed: number, register: Register, all: readonly ProcessRef[]) {
  const metered = Uint32Array.from(
    all.flatMap(({ enterprise, process }, p) =>
      [enterprise.mainMeter, process.productionMeter, process.treatmentMeter].some((id) => id !== undefined) ? [p] : [],
    ),
  );
  const ratedKw = Float64Array.from(all, ({ process }) => process.ratedKw);
  const treatmentKw = Float64Array.from(all, ({ process }) => process.treatment?.ratedKw ?? 0);
  const isBeforeMain = beforeMain(seed, register);
  const shownKw = new Float64Array(2 * all.length);
  const mainKw = new Float64Array(2 * all.length);
  const startedMs = new Float64Array(all.length).fill(Number.NEGATIVE_INFINITY);
  const wasOn = new Uint8Array(all.length).fill(1);
  const loadStream = streamOf('power load');
  const treatmentStream = streamOf('power treatment');
  return ({ eventMs, processes }: CityState) => {
    const { load, treatment, bypass } = processes;
    const loadKey = chanceKey(seed, loadStream, tickOf(eventMs));
    const treatmentKey = chanceKey(seed, treatmentStream, tickOf(eventMs));
    for (let m = 0; m < metered.length; m++) {
      const p = metered[m];
      const share = powerOptions.standby + (1 - powerOptions.standby) * load[p];
      const trueKw = ratedKw[p] * share * (1 + powerOptions.loadNoise * noiseAt(loadKey, p));
      const flatKw = ratedKw[p] * powerOptions.bypassShare;
      shownKw[2 * p] = bypass[p] === 1 ? flatKw : trueKw;
      mainKw[2 * p] = bypass[p] === 1 && isBeforeMain[p] === 1 ? flatKw : trueKw;
      const drawn = treatmentKw[p] > 0 ? treatment[p] : 0; // else NaN: there is no device
      const isOn = drawn > 0.01 ? 1 : 0;
      if (isOn === 1 && wasOn[p] === 0) startedMs[p] = eventMs;
      wasOn[p] = isOn;
      const inrush = eventMs - startedMs[p] < powerOptions.inrushMs ? powerOptions.inrush : 0;
      const kw = treatmentKw[p] * drawn * (1 + inrush + powerOptions.treatmentNoise * noiseAt(treatmentKey, p));
      shownKw[2 * p + 1] = kw;
      mainKw[2 * p + 1] = kw;
    }
    return { shownKw, mainKw };
  };
}

/** One entry a process: whether its enterprise would take a bypass before the main meter. */
function beforeMain(seed: number, register: Register): Uint8Array {
  const key = perSourceBetween(seed, 'power bypass', register.enterprises.length, 0, 1);
  return Uint8Array.from(
    register.enterprises.flatMap((enterprise, e) =>
      enterprise.processes.map(() => (key[e] < powerOptions.beforeMainShare ? 1 : 0)),
    ),
  );
}
