// Roadside remote sensing of vehicle exhaust: one row a passing vehicle, with few dirty ones that come again.

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import { streamOf, uniform } from '../random.ts';
import { hourOf } from '../weather.ts';
import {
  chanceAt,
  chanceKey,
  hourMs,
  noiseAt,
  perSource,
  poisson,
  quantise,
  type Sensors,
  sourcesOf,
  tickOf,
} from './instrument.ts';

/** What `class` says, in the order of the fleet. */
export const vehicleClasses = ['petrol car', 'taxi', 'bus', 'light diesel truck', 'heavy diesel truck'] as const;

interface Emissions {
  /** Median of clean vehicles, in the metric's unit. */
  readonly co: number;
  readonly hc: number;
  readonly no: number;
  readonly opacity: number;
  /** Share of vehicles that are high emitters, and how many times as much they give off. */
  readonly highShare: number;
  readonly highTimes: number;
  /** Vehicles that know these roads. */
  readonly fleet: number;
}

/** Our estimate [D]; the few per cent of high emitters that give off about half are the common finding of remote sensing [K]. */
const emissions: readonly Emissions[] = [
  { co: 0.12, hc: 28, no: 60, opacity: 0.02, highShare: 0.04, highTimes: 14, fleet: 60_000 },
  { co: 0.1, hc: 35, no: 90, opacity: 0.02, highShare: 0.08, highTimes: 10, fleet: 1_500 },
  { co: 0.06, hc: 30, no: 260, opacity: 0.09, highShare: 0.05, highTimes: 5, fleet: 700 },
  { co: 0.05, hc: 32, no: 320, opacity: 0.14, highShare: 0.09, highTimes: 5, fleet: 6_000 },
  { co: 0.04, hc: 26, no: 420, opacity: 0.16, highShare: 0.1, highTimes: 5, fleet: 9_000 },
];

export const vehicleOptions = {
  /** At one gate with traffic at its daily mean [D]: four give 1,400 an hour. */
  perHour: 350,
  /** Cars, taxis, buses, light and heavy trucks, by day and by night [D]. */
  dayShares: [0.72, 0.07, 0.03, 0.09, 0.09],
  nightShares: [0.5, 0.08, 0.01, 0.11, 0.3],
  /** Spread between vehicles and from passage to passage (load, cold engine), as geometric standard deviations. */
  vehicleGsd: 1.8,
  passageGsd: 1.6,
  /** The plume was not caught: no HC and NO. */
  missedShare: 0.07,
  /** No engine gives off more: values bend towards these, in the metric's unit. */
  ceiling: { co: 10, hc: 8000, no: 4500, opacity: 6 },
  /** Noise of the beam: % CO, ppm HC, ppm NO, 1/m. */
  noise: { co: 0.04, hc: 14, no: 22, opacity: 0.015 },
} as const;

const metrics = catalog.vehicle.metrics;
const measured = ['co', 'hc', 'no', 'opacity'] as const;

/** Rows in the order of gate and time. */
export function vehicleSensors(seed: number, register: Register): Sensors {
  const gates = sourcesOf(register, 'vehicle');
  const busy = perSource(seed, 'vehicle gate', gates.length, 1, 0.2);
  const counts = gates.map(({ id }) => streamOf(`vehicle count ${id}`));
  const measure = passages(seed);
  return (state) => {
    const rows = gates.flatMap((gate, g) => {
      const mean = (vehicleOptions.perHour * Math.max(0.3, busy[g]) * state.traffic * state.stepMs) / hourMs;
      const number = poisson(mean, uniform(seed, counts[g], tickOf(state.eventMs)));
      return Array.from({ length: number }, (_, k) => measure(state, gate.id, g, k, number)).filter((row) => row !== undefined);
    });
    return rows.length === 0 ? [] : [columnsOf(rows)];
  };
}

interface Passage {
  readonly gate: number;
  readonly timeMs: number;
  readonly id: string;
  readonly plateHash: string;
  readonly class: string;
  readonly co: number;
  readonly hc: number;
  readonly no: number;
  readonly opacity: number;
}

function columnsOf(rows: readonly Passage[]) {
  return {
    kind: 'vehicle' as const,
    rows: rows.length,
    periodMs: 0,
    source: Uint32Array.from(rows, ({ gate }) => gate),
    time: Float64Array.from(rows, ({ timeMs }) => timeMs),
    values: Object.fromEntries(measured.map((metric) => [metric, Float64Array.from(rows, (row) => row[metric])])),
    id: rows.map(({ id }) => id),
    text: { plateHash: rows.map(({ plateHash }) => plateHash), class: rows.map((row) => row.class) },
  };
}

/** A gate sees fewer than this in a step. */
const passagesMax = 1024;

const streams = {
  passage: streamOf('vehicle passage'),
  character: streamOf('vehicle character'),
  plate: streamOf('vehicle plate'),
};
/** Draws of one passage, by use; the four measured quantities come after. */
const uses = { time: 0, class: 1, ban: 2, vehicle: 3, missed: 4, load: 5, measured: 6 } as const;

function passages(seed: number) {
  return (state: CityState, gateId: string, gate: number, k: number, number: number): Passage | undefined => {
    const second = tickOf(state.eventMs);
    const key = chanceKey(seed, streams.passage, (second * 8 + (gate % 8)) * passagesMax + k);
    const kind = classAt(hourOf(state.eventMs), chanceAt(key, uses.class));
    if (kind === heavy && chanceAt(key, uses.ban) < state.truckBan) return undefined;
    const model = emissions[kind];
    // Squared: some pass every day, most now and then.
    const seldom = chanceAt(key, uses.vehicle);
    const vehicle = Math.floor(seldom * seldom * model.fleet) * vehicleClasses.length + kind;
    const own = characterOf(seed, vehicle, model);
    const load = Math.exp(logPassageGsd * noiseAt(key, uses.load));
    const isMissed = chanceAt(key, uses.missed) < vehicleOptions.missedShare;
    const value = (m: number, factor: number) => {
      const metric = measured[m];
      const noise = vehicleOptions.noise[metric] * noiseAt(key, uses.measured + m);
      const exhaust = model[metric] * factor * load;
      const most = vehicleOptions.ceiling[metric];
      return quantise((exhaust * most) / (exhaust + most) + noise, metrics[m]);
    };
    return {
      gate,
      // Evenly spread slots with a chance in each, so that they come in order.
      timeMs: state.eventMs + Math.floor(((k + chanceAt(key, uses.time)) / number) * state.stepMs),
      id: `${gateId}-${second}-${k}`,
      plateHash: plateHashOf(seed, vehicle),
      class: vehicleClasses[kind],
      co: value(0, own.rich),
      hc: isMissed ? Number.NaN : value(1, own.rich),
      no: isMissed ? Number.NaN : value(2, own.hot),
      opacity: value(3, own.sooty),
    };
  };
}

const heavy = vehicleClasses.indexOf('heavy diesel truck');
const logPassageGsd = Math.log(vehicleOptions.passageGsd);
const logVehicleGsd = Math.log(vehicleOptions.vehicleGsd);

function classAt(hour: number, chance: number): number {
  const isNight = hour < 6 || hour >= 22;
  const shares = isNight ? vehicleOptions.nightShares : vehicleOptions.dayShares;
  let left = chance;
  for (let kind = 0; kind < shares.length; kind++) {
    left -= shares[kind];
    if (left < 0) return kind;
  }
  return 0;
}

/** How many times the median a vehicle always gives off: incomplete burning, hot burning, soot. */
function characterOf(seed: number, vehicle: number, { highShare, highTimes }: Emissions) {
  const key = chanceKey(seed, streams.character, vehicle);
  const times = (part: number) =>
    Math.exp(logVehicleGsd * noiseAt(key, part)) * (chanceAt(key, 3 + part) < highShare ? highTimes : 1);
  return { rich: times(0), hot: times(1), sooty: times(2) };
}

/** 16 hexadecimal digits; the same vehicle always has the same. */
function plateHashOf(seed: number, vehicle: number): string {
  const key = chanceKey(seed, streams.plate, vehicle);
  const half = (part: number) =>
    Math.floor(chanceAt(key, part) * 4294967296)
      .toString(16)
      .padStart(8, '0');
  return half(0) + half(1);
}
