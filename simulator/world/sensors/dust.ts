// Dust monitors of construction sites: light-scattering particles, noise, wind.

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import { streamOf } from '../random.ts';
import { hourOf } from '../weather.ts';
import { vaneNoiseDeg } from './air.ts';
import {
  chanceAt,
  chanceKey,
  clip,
  gapsOf,
  hourMs,
  humidityFactor,
  minuteMs,
  monthsSince,
  newValues,
  noiseAt,
  perSource,
  perSourceBetween,
  present,
  quantise,
  quantiseDirection,
  type Sensors,
  sourcesOf,
  tickOf,
} from './instrument.ts';

/** SIMULATION section 5, column "construction dust": [D]. µg/m³. */
export const dustOptions = {
  gainSd: 0.15,
  biasSd: 3,
  noise: 8,
  noiseShare: 0.15,
  /** Of each size alone. */
  ownNoise: 2,
  /** Share a month, either way. */
  driftSd: 0.04,
  calibrationDays: 120,
  kappa: 0.25,
  dryShare: [0.4, 0.9],
  max: 3000,
  pm25Max: 1000,
  lod: 1,
  missingShare: [0.05, 0.08],
  gapMeanMs: 5 * minuteMs,
  randomZeroShare: 0.002,
  /** Wind at the monitor's 4 m between fences, share of that at 10 m. */
  windShare: [0.5, 0.9],
  /** dB: a quiet night, what the day adds, what full work adds. */
  quietDb: 44,
  dayDb: 9,
  workDb: [16, 24],
} as const;

const byId = Object.fromEntries(catalog.dust.metrics.map((metric) => [metric.id, metric]));
const particles = ['pm25', 'pm10', 'tsp'] as const;
const particleMetrics = particles.map((metric) => byId[metric]);
const maxima = [dustOptions.pm25Max, dustOptions.max, dustOptions.max];

/** A row a step and site, except in gaps. */
export function dustSensors(seed: number, register: Register): Sensors {
  const count = sourcesOf(register, 'dust').length;
  const shares = perSourceBetween(seed, 'dust missing', count, ...dustOptions.missingShare);
  const gaps = gapsOf({ seed, name: 'dust', shares, meanMs: dustOptions.gapMeanMs, blockMs: hourMs });
  const there = new Uint32Array(count);
  const writeParticles = particleWriter(seed, count);
  const writeNoise = noiseWriter(seed, count);
  const writeWind = windWriter(seed, count);
  return (state) => {
    const rows = present(gaps, state.eventMs, there);
    if (rows === 0) return [];
    const source = there.slice(0, rows);
    const values = newValues('dust', rows);
    writeParticles(state, source, values);
    writeNoise(state, source, values);
    writeWind(state, source, values);
    return [{ kind: 'dust', rows, periodMs: state.stepMs, source, time: new Float64Array(rows).fill(state.eventMs), values }];
  };
}

type Write = (state: CityState, source: Uint32Array, values: Readonly<Record<string, Float64Array>>) => void;

function particleWriter(seed: number, count: number): Write {
  const gain = perSource(seed, 'dust gain', count, 1, dustOptions.gainSd).map((each) => Math.max(0.3, each));
  const bias = perSource(seed, 'dust bias', count, 0, dustOptions.biasSd);
  const drift = perSource(seed, 'dust drift', count, 0, dustOptions.driftSd);
  const phase = perSourceBetween(seed, 'dust calibration', count, 0, 1);
  const dry = perSourceBetween(seed, 'dust dry', count, ...dustOptions.dryShare);
  const commonStream = streamOf('dust noise');
  const streams = particles.map((metric) => streamOf(`dust noise ${metric}`));
  const zeroStream = streamOf('dust random zero');
  return ({ eventMs, sites, weather }, source, values) => {
    const tick = tickOf(eventMs);
    const commonKey = chanceKey(seed, commonStream, tick);
    const zeroKey = chanceKey(seed, zeroStream, tick);
    const keys = streams.map((stream) => chanceKey(seed, stream, tick));
    const truths = particles.map((metric) => sites[metric]);
    const columns = particles.map((metric) => values[metric]);
    for (let row = 0; row < source.length; row++) {
      const i = source[row];
      const drifted = gain[i] * (1 + drift[i] * monthsSince(eventMs, phase[i], dustOptions.calibrationDays));
      // One optical chamber: nearly all noise is common to the three sizes. The water is on the fine particles.
      const wet = sites.pm25[i] * (humidityFactor(weather.rhPct, dustOptions.kappa, dry[i]) - 1);
      const common = noiseAt(commonKey, i);
      const isZero = chanceAt(zeroKey, i) < dustOptions.randomZeroShare;
      for (let p = 0; p < particles.length; p++) {
        const seen = (truths[p][i] + wet) * drifted;
        const share = dustOptions.noiseShare * seen;
        const sd = Math.sqrt(dustOptions.noise * dustOptions.noise + share * share);
        const read = seen + bias[i] + sd * common + dustOptions.ownNoise * noiseAt(keys[p], i);
        columns[p][row] = quantise(isZero ? 0 : clip(read, dustOptions.lod, maxima[p]), particleMetrics[p]);
      }
    }
  };
}

function noiseWriter(seed: number, count: number): Write {
  const place = perSource(seed, 'dust place noise', count, 0, 3);
  const loud = perSourceBetween(seed, 'dust work noise', count, ...dustOptions.workDb);
  const stream = streamOf('dust noise noiseDb');
  return ({ eventMs, sites }, source, values) => {
    const key = chanceKey(seed, stream, tickOf(eventMs));
    const hour = hourOf(eventMs);
    const day = dustOptions.dayDb * clip(Math.min(hour - 5, 23 - hour) / 3, 0, 1);
    for (let row = 0; row < source.length; row++) {
      const i = source[row];
      const work = loud[i] * Math.sqrt(clip(sites.work[i], 0, 1));
      values.noiseDb[row] = quantise(dustOptions.quietDb + place[i] + Math.max(day, work) + 2 * noiseAt(key, i), byId.noiseDb);
    }
  };
}

function windWriter(seed: number, count: number): Write {
  const share = perSourceBetween(seed, 'dust wind share', count, ...dustOptions.windShare);
  const vane = perSource(seed, 'dust vane', count, 0, 12);
  const speedStream = streamOf('dust noise windMps');
  const vaneStream = streamOf('dust noise windFromDeg');
  return ({ eventMs, weather }, source, values) => {
    const speedKey = chanceKey(seed, speedStream, tickOf(eventMs));
    const vaneKey = chanceKey(seed, vaneStream, tickOf(eventMs));
    const swing = vaneNoiseDeg(weather.windMps) * 1.5;
    for (let row = 0; row < source.length; row++) {
      const i = source[row];
      const speed = weather.windMps * share[i] * (1 + 0.15 * noiseAt(speedKey, i));
      values.windMps[row] = quantise(Math.max(0, speed), byId.windMps);
      values.windFromDeg[row] = quantiseDirection(
        weather.windFromDeg + vane[i] + swing * noiseAt(vaneKey, i),
        byId.windFromDeg.scale,
      );
    }
  };
}
