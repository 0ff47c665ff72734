// National air stations: reference instruments that give out hour means a few minutes after the hour.

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Source } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import type { Columns } from '../columns.ts';
import { streamOf } from '../random.ts';
import {
  chanceKey,
  clip,
  dayMs,
  gapsOf,
  hourMs,
  minuteMs,
  newValues,
  noiseAt,
  perSource,
  quantise,
  quantiseDirection,
  type Sensors,
} from './instrument.ts';

/** Gain and noise of the hour mean: SIMULATION section 5, column "national" [D]; metric's unit. In the catalog's order. */
const instruments = [
  { metric: 'pm25', gainSd: 0.02, biasSd: 1, noise: 2, noiseShare: 0.03, min: 1, max: 1000 },
  { metric: 'pm10', gainSd: 0.02, biasSd: 1.5, noise: 3, noiseShare: 0.03, min: 1, max: 5000 },
  { metric: 'so2', gainSd: 0.02, biasSd: 0.4, noise: 0.5, noiseShare: 0.01, min: 1, max: 1310 },
  { metric: 'no2', gainSd: 0.02, biasSd: 0.5, noise: 0.6, noiseShare: 0.01, min: 1, max: 940 },
  { metric: 'o3', gainSd: 0.02, biasSd: 0.5, noise: 0.8, noiseShare: 0.01, min: 1, max: 980 },
  { metric: 'co', gainSd: 0.02, biasSd: 0.02, noise: 0.02, noiseShare: 0.01, min: 0.05, max: 57 },
  { metric: 'tempC', gainSd: 0, biasSd: 0.1, noise: 0.05, noiseShare: 0, min: -40, max: 60 },
  { metric: 'rhPct', gainSd: 0, biasSd: 1, noise: 0.3, noiseShare: 0, min: 0, max: 100 },
  { metric: 'pressureHpa', gainSd: 0, biasSd: 0.2, noise: 0.05, noiseShare: 0, min: 900, max: 1100 },
  { metric: 'windMps', gainSd: 0.02, biasSd: 0, noise: 0.05, noiseShare: 0, min: 0, max: 60 },
] as const;

export const nationalOptions = {
  /** After the hour's end. */
  delayMs: 5 * minuteMs,
  /** GB 3095: an hour needs 45 min. */
  coverMs: 45 * minuteMs,
  /** 59 gaps a station-year, half of them of 1 h [M]. */
  missingShare: 0.02,
  gapMeanMs: 1.7 * hourMs,
} as const;

const metrics = catalog.air.metrics;
const direction = metrics.length - 1;
const windAt = direction - 1;

/** `sources` are all air sources; those with `national` are served. A row's time is the start of its hour, its period an hour. */
export function nationalStations(seed: number, sources: readonly Source[]): Sensors {
  const indices = sources.flatMap((source, i) => (source.national ? [i] : []));
  const shares = new Float64Array(sources.length).fill(nationalOptions.missingShare);
  const gaps = gapsOf({ seed, name: 'national', shares, meanMs: nationalOptions.gapMeanMs, blockMs: dayMs });
  const hour = hourSums(indices);
  const finish = instrument(seed, sources.length);
  let pending: { readonly startMs: number; readonly means: readonly Float64Array[] } | undefined;
  return (state) => {
    const means = hour.add(state);
    if (means !== undefined) pending = means;
    if (pending === undefined || state.eventMs < pending.startMs + hourMs + nationalOptions.delayMs) return [];
    const { startMs, means: due } = pending;
    pending = undefined;
    gaps.roll(startMs);
    const there = indices.flatMap((i, at) => (startMs >= gaps.fromMs[i] && startMs < gaps.toMs[i] ? [] : [at]));
    return there.length === 0 ? [] : [finish(startMs, indices, there, due)];
  };
}

/** Means of the true values, weighted by the steps' length; the direction as a vector. */
function hourSums(indices: readonly number[]) {
  const sums = metrics.map(() => new Float64Array(indices.length));
  const north = new Float64Array(indices.length);
  let startMs = Number.NaN;
  let coverMs = 0;
  const meansOf = () =>
    sums.map((sum, m) =>
      sum.map((total, at) => {
        if (coverMs < nationalOptions.coverMs) return Number.NaN;
        return m === direction ? (Math.atan2(total, north[at]) * 180) / Math.PI : total / coverMs;
      }),
    );
  return {
    /** The means of the hour before, when this step begins a new one. */
    add({ eventMs, stepMs, air }: CityState) {
      const hourStartMs = Math.floor(eventMs / hourMs) * hourMs;
      const done = hourStartMs !== startMs && !Number.isNaN(startMs) ? { startMs, means: meansOf() } : undefined;
      if (hourStartMs !== startMs) {
        for (const sum of sums) sum.fill(0);
        north.fill(0);
        coverMs = 0;
        startMs = hourStartMs;
      }
      coverMs += stepMs;
      for (let at = 0; at < indices.length; at++) {
        const i = indices[at];
        for (let m = 0; m < direction; m++) sums[m][at] += air[instruments[m].metric][i] * stepMs;
        const angle = (air.windFromDeg[i] * Math.PI) / 180;
        sums[direction][at] += air.windMps[i] * stepMs * Math.sin(angle);
        north[at] += air.windMps[i] * stepMs * Math.cos(angle);
      }
      return done;
    },
  };
}

function instrument(seed: number, count: number) {
  const models = instruments.map((model) => ({
    ...model,
    gain: perSource(seed, `national ${model.metric} gain`, count, 1, model.gainSd),
    bias: perSource(seed, `national ${model.metric} bias`, count, 0, model.biasSd),
    stream: streamOf(`national noise ${model.metric}`),
  }));
  const vane = perSource(seed, 'national vane', count, 0, 2);
  return (startMs: number, indices: readonly number[], there: readonly number[], means: readonly Float64Array[]): Columns => {
    const values = newValues('air', there.length);
    models.forEach(({ metric, gain, bias, noise, noiseShare, min, max, stream }, m) => {
      const key = chanceKey(seed, stream, startMs / hourMs);
      there.forEach((at, r) => {
        const i = indices[at];
        const truth = means[m][at];
        const sd = Math.sqrt(noise * noise + noiseShare * noiseShare * truth * truth);
        values[metric][r] = quantise(clip(truth * gain[i] + bias[i] + sd * noiseAt(key, i), min, max), metrics[m]);
      });
    });
    there.forEach((at, r) => {
      // A direction without wind is none, but the means of the others stand.
      const degrees = Number.isNaN(means[windAt][at]) ? Number.NaN : means[direction][at] + vane[indices[at]];
      values.windFromDeg[r] = quantiseDirection(degrees, metrics[direction].scale);
    });
    return {
      kind: 'air',
      rows: there.length,
      periodMs: hourMs,
      source: Uint32Array.from(there, (at) => indices[at]),
      time: new Float64Array(there.length).fill(startMs),
      values,
    };
  };
}
