// Air stations: micro stations with cheap instruments, and the national ones (nationalAir.ts).

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import type { Columns } from '../columns.ts';
import { streamOf } from '../random.ts';
import {
  chanceAt,
  chanceKey,
  clip,
  gapsOf,
  humidityFactor,
  minuteMs,
  monthsSince,
  newValues,
  noiseAt,
  perSource,
  perSourceBetween,
  quantise,
  quantiseDirection,
  type Sensors,
  secondMs,
  sourcesOf,
  tickOf,
} from './instrument.ts';
import { nationalStations } from './nationalAir.ts';

/** Particles of a micro station. SIMULATION section 5, column "micro station", all [D] unless marked. µg/m³. */
export const microParticles = {
  gainSd: 0.07,
  biasSd: 2,
  noise: 4,
  noiseShare: 0.08,
  /** Share a month, either way, since the last calibration. */
  driftSd: 0.02,
  calibrationDays: 90,
  kappa: 0.35,
  /** Water that the heated inlet drives off. */
  dryShare: [0.6, 0.95],
  /** Coarse particles are seen worse. */
  coarseGain: 0.92,
  coarseGainSd: 0.12,
  coarseNoise: 5,
  coarseNoiseShare: 0.12,
  lod: 1,
  pm25Max: [500, 999, 1000],
  pm10Max: [1000, 2000, 5000],
} as const;

interface Cell {
  readonly metric: 'so2' | 'no2' | 'o3' | 'co';
  readonly gainSd: number;
  readonly biasSd: number;
  readonly noise: number;
  readonly noiseShare: number;
  readonly lod: number;
  readonly max: number;
  /** Unit of the metric for one ppb at 25 °C (domain report 1.7 [S]). */
  readonly perPpb: number;
}

/** Electrochemical cells of a micro station [D]; µg/m³, co mg/m³. */
export const microCells: readonly Cell[] = [
  { metric: 'so2', gainSd: 0.08, biasSd: 2, noise: 2, noiseShare: 0.05, lod: 1, max: 1310, perPpb: 2.62 },
  { metric: 'no2', gainSd: 0.08, biasSd: 2.5, noise: 2.5, noiseShare: 0.06, lod: 1, max: 940, perPpb: 1.88 },
  { metric: 'o3', gainSd: 0.08, biasSd: 3, noise: 3, noiseShare: 0.05, lod: 1, max: 980, perPpb: 1.962 },
  { metric: 'co', gainSd: 0.06, biasSd: 0.05, noise: 0.03, noiseShare: 0.04, lod: 0.05, max: 57, perPpb: 0.001145 },
];

export const microOptions = {
  /** An NO2 cell without a filter reads NO2 + 0.35 O3 [D]; share of such cells [D]. */
  ozoneInNo2: 0.35,
  unfilteredShare: 0.2,
  /** Baseline of a raw cell by temperature, ppb/K [D]; this share of it is left after the firmware's correction [D]. */
  baselinePpbPerK: [0.3, 1],
  baselineLeft: 0.15,
  /** Temperature at which cells are calibrated, °C [D]. */
  calibrationC: 20,
  /** CO cell: time to 90 % of a step [D]. */
  coT90Ms: 30 * secondMs,
  randomZeroShare: 0.0005,
  missingShare: [0.03, 0.05],
  gapMeanMs: 3 * minuteMs,
  /** One pollutant alone is missing. */
  singleGapShare: 0.003,
  tempBiasSdC: 0.4,
  rhBiasSdPct: 2,
  pressureBiasSdHpa: 0.5,
  windGainSd: 0.08,
  /** A cup stands still below, m/s. */
  windStallMps: 0.3,
  vaneOffsetSdDeg: 6,
} as const;

const metrics = catalog.air.metrics;
/** The first six are pollutants. */
const pollutantCount = 6;
const [PM25, PM10, SO2, CO, TEMP, RH, PRESSURE, WIND, DIRECTION] = [0, 1, 2, 5, 6, 7, 8, 9, 10];
const blockMs = 60 * minuteMs;
/** Stations without a cadence of their own follow the world's step. */
const eachStep = 0;

/** Rows: stations that report each step (instants at a second of the minute of their own), slower ones, national hours. */
export function airSensors(seed: number, register: Register): Sensors {
  const micro = microStations(seed, register);
  const national = nationalStations(seed, sourcesOf(register, 'air'));
  return (state) => [...micro(state), ...national(state)];
}

/** Reads station `i` into `out`, one entry a metric, not yet rounded; NaN = gap. */
type Read = (i: number, out: Float64Array) => void;

function microStations(seed: number, register: Register): Sensors {
  const sources = sourcesOf(register, 'air');
  const gaps = gapsOf({
    seed,
    name: 'air',
    shares: perSourceBetween(seed, 'air missing', sources.length, ...microOptions.missingShare),
    meanMs: microOptions.gapMeanMs,
    blockMs,
  });
  const readerAt = instruments(seed, sources.length);
  const cadences = new Set(sources.filter((source) => !source.national).map((source) => source.cadenceMs ?? eachStep));
  const groups = [...cadences]
    .sort((a, b) => a - b)
    .map((cadenceMs) => {
      const indices = sources.flatMap((source, i) =>
        !source.national && (source.cadenceMs ?? eachStep) === cadenceMs ? [i] : [],
      );
      return cadenceGroup(seed, indices, cadenceMs);
    });
  return (state) => {
    gaps.roll(state.eventMs);
    const read = readerAt(state);
    const isMissing = (i: number) => state.eventMs >= gaps.fromMs[i] && state.eventMs < gaps.toMs[i];
    return groups.flatMap((group) => group(state, read, isMissing));
  };
}

type Group = (state: CityState, read: Read, isMissing: (i: number) => boolean) => Columns[];

/** Stations of one cadence: each step, or means over a cadence longer than the step. */
function cadenceGroup(seed: number, indices: readonly number[], cadenceMs: number): Group {
  const each = everyStep(seed, indices);
  const mean = everyCadence(indices, cadenceMs);
  return (state, read, isMissing) => (cadenceMs > state.stepMs ? mean : each)(state, read, isMissing);
}

function everyStep(seed: number, indices: readonly number[]): Group {
  const key = chanceKey(seed, streamOf('air phase'), 0);
  const phaseMs = Float64Array.from(indices, (i) => Math.floor(60 * chanceAt(key, i)) * secondMs);
  const row = new Float64Array(metrics.length);
  return ({ eventMs, stepMs }, read, isMissing) => {
    const there = indices.flatMap((i, at) => (isMissing(i) ? [] : [at]));
    if (there.length === 0) return [];
    const values = newValues('air', there.length);
    const columns = metrics.map(({ id }) => values[id]);
    // An instant within the minute; shorter steps are themselves the cadence.
    const isInstant = stepMs === minuteMs;
    for (let r = 0; r < there.length; r++) {
      read(indices[there[r]], row);
      store(row, columns, r);
    }
    const time = Float64Array.from(there, (at) => eventMs + (isInstant ? phaseMs[at] : 0));
    return [
      {
        kind: 'air',
        rows: there.length,
        periodMs: isInstant ? 0 : stepMs,
        source: Uint32Array.from(there, (at) => indices[at]),
        time,
        values,
      },
    ];
  };
}

/** Less of the time than this, and the device sends nothing [D]. */
const meanShareMin = 0.6;

function everyCadence(indices: readonly number[], cadenceMs: number): Group {
  const width = metrics.length;
  const sums = new Float64Array(indices.length * width);
  const counts = new Float64Array(indices.length * width);
  const row = new Float64Array(width);
  const add = (at: number) => {
    const speed = row[WIND];
    const degrees = row[DIRECTION];
    for (let m = 0; m < DIRECTION; m++) {
      if (Number.isNaN(row[m])) continue;
      sums[at * width + m] += row[m];
      counts[at * width + m] += 1;
    }
    // The direction's two cells hold the vector: east in the sum, north in the count.
    sums[at * width + DIRECTION] += speed * Math.sin((degrees * Math.PI) / 180);
    counts[at * width + DIRECTION] += speed * Math.cos((degrees * Math.PI) / 180);
  };
  const meanInto = (at: number) => {
    for (let m = 0; m < DIRECTION; m++)
      row[m] = counts[at * width + m] > 0 ? sums[at * width + m] / counts[at * width + m] : Number.NaN;
    row[DIRECTION] = (Math.atan2(sums[at * width + DIRECTION], counts[at * width + DIRECTION]) * 180) / Math.PI;
  };
  return ({ eventMs, stepMs }, read, isMissing) => {
    indices.forEach((i, at) => {
      if (isMissing(i)) return;
      read(i, row);
      add(at);
    });
    const startMs = Math.floor(eventMs / cadenceMs) * cadenceMs;
    if (eventMs + stepMs < startMs + cadenceMs) return [];
    const there = indices.flatMap((_, at) => (counts[at * width + TEMP] * stepMs >= meanShareMin * cadenceMs ? [at] : []));
    const values = newValues('air', there.length);
    const columns = metrics.map(({ id }) => values[id]);
    there.forEach((at, r) => {
      meanInto(at);
      store(row, columns, r);
    });
    sums.fill(0);
    counts.fill(0);
    if (there.length === 0) return [];
    const time = new Float64Array(there.length).fill(startMs);
    return [
      {
        kind: 'air',
        rows: there.length,
        periodMs: cadenceMs,
        source: Uint32Array.from(there, (at) => indices[at]),
        time,
        values,
      },
    ];
  };
}

/** Rounds and keeps inside of the catalog's range. */
function store(row: Float64Array, columns: readonly Float64Array[], r: number): void {
  for (let m = 0; m < DIRECTION; m++) columns[m][r] = quantise(row[m], metrics[m]);
  columns[DIRECTION][r] = quantiseDirection(row[DIRECTION], metrics[DIRECTION].scale);
}

/** The character of every station, and its reading of a state. */
function instruments(seed: number, count: number): (state: CityState) => Read {
  const particles = particleReader(seed, count);
  const gases = gasReader(seed, count);
  const weather = weatherReader(seed, count);
  const singles = gapsOf({
    seed,
    name: 'air single',
    shares: new Float64Array(count).fill(microOptions.singleGapShare * pollutantCount),
    meanMs: microOptions.gapMeanMs * 2,
    blockMs,
  });
  const zeroStream = streamOf('air random zero');
  return (state) => {
    singles.roll(state.eventMs);
    const zeroKey = chanceKey(seed, zeroStream, tickOf(state.eventMs));
    const readParticles = particles(state);
    const readGases = gases(state);
    const readWeather = weather(state);
    return (i, out) => {
      readParticles(i, out);
      readGases(i, out);
      readWeather(i, out);
      const zero = chanceAt(zeroKey, i) / microOptions.randomZeroShare;
      if (zero < pollutantCount) out[Math.floor(zero)] = 0;
      if (state.eventMs >= singles.fromMs[i] && state.eventMs < singles.toMs[i])
        out[Math.floor(singles.pick[i] * pollutantCount)] = Number.NaN;
    };
  };
}

function oneOf(seed: number, name: string, count: number, choices: readonly number[]): Float64Array {
  return perSourceBetween(seed, name, count, 0, choices.length).map((choice) => choices[Math.floor(choice)]);
}

function particleReader(seed: number, count: number): (state: CityState) => Read {
  const model = microParticles;
  const gain = perSource(seed, 'air pm gain', count, 1, model.gainSd);
  const bias = perSource(seed, 'air pm bias', count, 0, model.biasSd);
  const drift = perSource(seed, 'air pm drift', count, 0, model.driftSd);
  const phase = perSourceBetween(seed, 'air calibration', count, 0, 1);
  const dry = perSourceBetween(seed, 'air pm dry', count, ...model.dryShare);
  const coarseGain = perSource(seed, 'air coarse gain', count, model.coarseGain, model.coarseGainSd);
  const pm25Max = oneOf(seed, 'air pm25 max', count, model.pm25Max);
  const pm10Max = oneOf(seed, 'air pm10 max', count, model.pm10Max);
  const streams = [streamOf('air noise pm25'), streamOf('air noise pm10')];
  return ({ eventMs, air }) => {
    const [fineKey, coarseKey] = streams.map((stream) => chanceKey(seed, stream, tickOf(eventMs)));
    return (i, out) => {
      const moist = humidityFactor(air.rhPct[i], model.kappa, dry[i]);
      const fine = air.pm25[i] * moist * gain[i] * (1 + drift[i] * monthsSince(eventMs, phase[i], model.calibrationDays));
      const noise = spread(model.noise, model.noiseShare * fine) * noiseAt(fineKey, i);
      const coarse = Math.max(0, air.pm10[i] - air.pm25[i]) * coarseGain[i];
      const coarseNoise = spread(model.coarseNoise, model.coarseNoiseShare * coarse) * noiseAt(coarseKey, i);
      const read = fine + bias[i] + noise;
      out[PM25] = clip(read, model.lod, pm25Max[i]);
      // The optics count fine particles into both: PM10 follows the humidity and is never below PM2.5.
      out[PM10] = clip(Math.max(read, model.lod) + Math.max(0, coarse + coarseNoise), model.lod, pm10Max[i]);
    };
  };
}

/** Standard deviation of a constant and a proportional noise together. */
function spread(constant: number, proportional: number): number {
  return Math.sqrt(constant * constant + proportional * proportional);
}

function gasReader(seed: number, count: number): (state: CityState) => Read {
  const ozone = perSourceBetween(seed, 'air no2 filter', count, 0, 1).map((chance) =>
    chance < microOptions.unfilteredShare ? microOptions.ozoneInNo2 : 0,
  );
  const carbonMonoxide = laggedCo(count);
  const cells = microCells.map((cell, c) => ({
    ...cell,
    at: SO2 + c,
    stream: streamOf(`air noise ${cell.metric}`),
    gain: perSource(seed, `air ${cell.metric} gain`, count, 1, cell.gainSd),
    bias: perSource(seed, `air ${cell.metric} bias`, count, 0, cell.biasSd),
    baseline: baselines(seed, cell, count),
  }));
  return (state) => {
    const { air } = state;
    const slowCo = carbonMonoxide(state);
    const keys = cells.map(({ stream }) => chanceKey(seed, stream, tickOf(state.eventMs)));
    return (i, out) => {
      const fromTemperature = air.tempC[i] - microOptions.calibrationC;
      for (let c = 0; c < cells.length; c++) {
        const cell = cells[c];
        const truth = cell.at === CO ? slowCo[i] : air[cell.metric][i] + (cell.metric === 'no2' ? ozone[i] * air.o3[i] : 0);
        const noise = spread(cell.noise, cell.noiseShare * truth) * noiseAt(keys[c], i);
        out[cell.at] = clip(cell.gain[i] * truth + cell.bias[i] + cell.baseline[i] * fromTemperature + noise, cell.lod, cell.max);
      }
    };
  };
}

/** What is left of the cell's baseline by temperature, per K, up or down. */
function baselines(seed: number, { metric, perPpb }: Cell, count: number): Float64Array {
  const raw = perSourceBetween(seed, `air ${metric} baseline`, count, ...microOptions.baselinePpbPerK);
  const sign = perSourceBetween(seed, `air ${metric} baseline sign`, count, -1, 1);
  return raw.map((ppb, i) => (sign[i] < 0 ? -1 : 1) * ppb * perPpb * microOptions.baselineLeft);
}

/** CO as the slow cell sees it: a first-order lag for all stations, moved on once a step. */
function laggedCo(count: number): (state: CityState) => Float64Array {
  const seen = new Float64Array(count).fill(Number.NaN);
  const tauMs = microOptions.coT90Ms / Math.log(10);
  return ({ air, stepMs }) => {
    const share = 1 - Math.exp(-stepMs / tauMs);
    for (let i = 0; i < count; i++) seen[i] = Number.isNaN(seen[i]) ? air.co[i] : seen[i] + share * (air.co[i] - seen[i]);
    return seen;
  };
}

function weatherReader(seed: number, count: number): (state: CityState) => Read {
  const tempBias = perSource(seed, 'air temp bias', count, 0, microOptions.tempBiasSdC);
  const rhBias = perSource(seed, 'air rh bias', count, 0, microOptions.rhBiasSdPct);
  const pressureBias = perSource(seed, 'air pressure bias', count, 0, microOptions.pressureBiasSdHpa);
  const windGain = perSource(seed, 'air wind gain', count, 1, microOptions.windGainSd);
  const vane = perSource(seed, 'air vane', count, 0, microOptions.vaneOffsetSdDeg);
  const streams = ['tempC', 'rhPct', 'pressureHpa', 'windMps', 'windFromDeg'].map((metric) => streamOf(`air noise ${metric}`));
  return ({ eventMs, air }) => {
    const keys = streams.map((stream) => chanceKey(seed, stream, tickOf(eventMs)));
    return (i, out) => {
      out[TEMP] = air.tempC[i] + tempBias[i] + 0.1 * noiseAt(keys[0], i);
      out[RH] = clip(air.rhPct[i] + rhBias[i] + 0.8 * noiseAt(keys[1], i), 0, 100);
      out[PRESSURE] = air.pressureHpa[i] + pressureBias[i] + 0.1 * noiseAt(keys[2], i);
      const speed = air.windMps[i] * windGain[i] + (0.1 + 0.08 * air.windMps[i]) * noiseAt(keys[3], i);
      out[WIND] = speed < microOptions.windStallMps ? 0 : speed;
      out[DIRECTION] = air.windFromDeg[i] + vane[i] + vaneNoiseDeg(air.windMps[i]) * noiseAt(keys[4], i);
    };
  };
}

/** A vane swings the more the calmer it is: 6° in wind, anywhere in a calm [D]. */
export function vaneNoiseDeg(windMps: number): number {
  return 6 + 90 * Math.exp(-windMps / 0.4);
}
