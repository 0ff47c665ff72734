// The weather of the city and 300 km around it: cold fronts, wind by place and time, temperature, humidity, rain, fog.

import { pow } from '../../engine/domain/pow.ts';
import type { Weather } from './cityState.ts';
import type { Episode, KeyFrame } from './episode.ts';
import { makeLattice } from './lattice.ts';
import { normal, streamOf, uniform } from './random.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const yearMs = 365.2425 * dayMs;
const beijingOffsetMs = 8 * hourMs;
/** The series have a point every ten minutes. */
const pointMs = 10 * minuteMs;
const radians = Math.PI / 180;

/** A front crosses the region at this speed, towards the south-east (SIMULATION.md 4.1, work list 4) [D]. */
const frontMps = 10;
const frontTowardsDeg = 145;
const frontX = Math.sin(frontTowardsDeg * radians);
const frontY = Math.cos(frontTowardsDeg * radians);
/** The corner of the region is that far ahead of or behind the city. */
const delayMaxMs = 12 * hourMs;
/** What started that long ago has no influence any more. */
const memoryMs = 20 * dayMs;

const latitude = 37.74 * radians;
/** Minutes of the Beijing day at which the sun is highest: 12:17 at 115.7° E. */
const noonMinute = 737;

const perturbationMs = 2 * hourMs;

/** What differs between the seasons; the values between follow the day of the year. SIMULATION.md section 3, fitted to UCI Beijing [M], [D]. */
const winter = {
  cycleDays: 4,
  cycleGsd: 1.65,
  ouSd: 0.95,
  ouHours: 3.2,
  dewAfterFront: -26,
  dewLater: -4.5,
  dewHours: 45,
  synopticK: 3.2,
  pressure: 1024,
  mixingNight: 130,
  mixingDay: 650,
  rainFrom: 2.75,
  burst: 4.6,
};
const summer: typeof winter = {
  cycleDays: 5.5,
  cycleGsd: 1.6,
  ouSd: 0.75,
  ouHours: 2.8,
  dewAfterFront: 13,
  dewLater: 21.5,
  dewHours: 40,
  synopticK: 2,
  pressure: 1001,
  mixingNight: 220,
  mixingDay: 1500,
  rainFrom: 1.7,
  burst: 3.2,
};

/** 0 in the middle of January, 1 in the middle of July. */
export function summerShare(ms: number): number {
  const day = (ms + beijingOffsetMs) / dayMs;
  return (1 - Math.cos((2 * Math.PI * (day - 15)) / 365.2425)) / 2;
}

/** Sine of the sun's elevation over the city (SIMULATION.md 2.1). */
export function sinElevationAt(ms: number): number {
  const localMs = ms + beijingOffsetMs;
  const days = Math.floor(localMs / dayMs);
  const dayOfYear = 1 + (days - Math.floor(days / 365.2425) * 365.2425);
  const minute = (localMs - days * dayMs) / minuteMs;
  const declination = 23.45 * radians * Math.sin((2 * Math.PI * (284 + dayOfYear)) / 365);
  const hourAngle = ((minute - noonMinute) / 4) * radians;
  return Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);
}

/** Hour of the Beijing day, 0 to 24. */
export function hourOf(ms: number): number {
  const localMs = ms + beijingOffsetMs;
  return (localMs - Math.floor(localMs / dayMs) * dayMs) / hourMs;
}

interface Cycle {
  readonly frontMs: number;
  readonly burstMps: number;
  readonly burstFromDeg: number;
  readonly weakFromDeg: number;
  readonly weakMps: number;
}

/** Cold fronts, one after the other, from the year before on; the same whatever the start of the scenario. */
function cyclesFor(seed: number, fromMs: number, toMs: number): readonly Cycle[] {
  const cycles: Cycle[] = [];
  let frontMs = Math.floor(fromMs / yearMs) * yearMs - yearMs;
  const block = Math.floor(frontMs / yearMs);
  for (let k = 0; frontMs < toMs + 14 * dayMs; k++) {
    const tick = block * 1_000 + k;
    const warm = summerShare(frontMs);
    const between = (low: number, high: number) => low + (high - low) * warm;
    if (frontMs > fromMs - 40 * dayMs)
      cycles.push({
        frontMs,
        burstMps: Math.max(1.5, between(winter.burst, summer.burst) + 1.2 * normal(seed, streamOf('front wind'), tick)),
        burstFromDeg: 325 + 18 * normal(seed, streamOf('front direction'), tick),
        weakFromDeg: 200 + 70 * normal(seed, streamOf('weak direction'), tick),
        weakMps: 0.9 * Math.exp(0.35 * normal(seed, streamOf('weak wind'), tick)),
      });
    const gsd = between(winter.cycleGsd, summer.cycleGsd);
    const length = between(winter.cycleDays, summer.cycleDays) * Math.exp(Math.log(gsd) * normal(seed, streamOf('front'), tick));
    frontMs += Math.min(13, Math.max(1.6, length)) * dayMs;
  }
  return cycles;
}

/** Columns of the series, one value every ten minutes. */
interface Series {
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly tempC: Float64Array;
  readonly rhPct: Float64Array;
  readonly pressureHpa: Float64Array;
  readonly cloud: Float64Array;
  readonly rainMmH: Float64Array;
  /** Height that the mixed layer tends to, without the particles' own effect, m. */
  readonly mixingM: Float64Array;
}

/** Times of days at which the wind is stronger or weaker: .82 at night, 1.38 at 14 h [M]. */
function dailyWind(hour: number): number {
  return 0.98 + 0.34 * Math.cos((2 * Math.PI * (hour - 14.2)) / 24) + 0.06 * Math.cos((4 * Math.PI * (hour - 14)) / 24);
}

/** Vapour pressure over water by Magnus, relative. */
const vapour = (tempC: number) => Math.exp((17.625 * tempC) / (243.04 + tempC));

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

export interface WeatherModel {
  /** At a place (m east and north of the centre) at a time; `mixingM` is without the particles' effect. */
  at(ms: number, x: number, y: number): Weather;
  /** At the centre. */
  centre(ms: number): Weather;
  /** When cold fronts of the generator pass the centre. */
  readonly fronts: readonly number[];
  /** Wind components (m/s, towards east and north) at a place: the cheap part of `at`. */
  windInto(ms: number, x: number, y: number, out: Float64Array, offset: number): void;
}

/**
 * Series from `memoryMs` before the warm-up to the forecasts' horizon, then look-ups. Key frames of the episode replace
 * what they name, linear in between, from the first to the last of them.
 */
export function makeWeather(
  seed: number,
  episode: Pick<Episode, 'startMs' | 'durationMs' | 'warmupMs' | 'met'>,
  aheadMs = 9 * dayMs,
): WeatherModel {
  const t0 = Math.floor((episode.startMs - episode.warmupMs - memoryMs) / pointMs) * pointMs;
  const endMs = episode.startMs + episode.durationMs + aheadMs + delayMaxMs;
  const points = Math.ceil((endMs - t0) / pointMs) + 2;
  const cycles = cyclesFor(seed, t0, endMs);
  const series = generate(seed, t0, points, cycles);
  const frames = frameColumns(episode.met);

  const value = (column: Float64Array, at: number): number => {
    const i = at < 0 ? 0 : at >= points - 1 ? points - 2 : Math.floor(at);
    const share = at - i;
    return column[i] + (column[i + 1] - column[i]) * share;
  };
  /** The same weather passes a place to the south-east later. */
  const delayMs = (x: number, y: number) => ((x * frontX + y * frontY) / frontMps) * 1000;

  const perturbation = makeLattice(seed, 'wind of place', 2, perturbationMs);

  function windInto(ms: number, x: number, y: number, out: Float64Array, offset: number): void {
    const at = ms - delayMs(x, y);
    const index = (at - t0) / pointMs;
    let u = value(series.u, index);
    let v = value(series.v, index);
    const speed = frames.value('windMps', at - episode.startMs);
    const from = frames.direction(at - episode.startMs);
    if (speed !== undefined || from !== undefined) {
      const own = Math.sqrt(u * u + v * v);
      const mps = speed ?? own;
      if (from !== undefined) {
        u = -mps * Math.sin(from);
        v = -mps * Math.cos(from);
      } else if (own > 0) {
        u *= mps / own;
        v *= mps / own;
      }
    }
    perturbation(ms, x, y, out, offset);
    // The perturbation grows a little with the wind, so that a calm stays one.
    const scale = 0.75 + 0.1 * Math.sqrt(u * u + v * v);
    out[offset] = u + scale * out[offset];
    out[offset + 1] = v + scale * out[offset + 1];
  }

  const wind = new Float64Array(2);
  function at(ms: number, x: number, y: number): Weather {
    windInto(ms, x, y, wind, 0);
    const own = ms - delayMs(x, y);
    const index = (own - t0) / pointMs;
    const relative = own - episode.startMs;
    const cloud = frames.value('cloud', relative) ?? value(series.cloud, index);
    const rainMmH = frames.value('rainMmH', relative) ?? Math.max(0, value(series.rainMmH, index));
    const rhPct = clamp(frames.value('rhPct', relative) ?? value(series.rhPct, index), 5, 100);
    const windMps = Math.sqrt(wind[0] * wind[0] + wind[1] * wind[1]);
    const sinElevation = sinElevationAt(ms);
    const fog = frames.value('fog', relative) ?? (rhPct > 94 && windMps < 1.6 && rainMmH < 0.1 && sinElevation < 0.3 ? 1 : 0);
    return {
      tempC: value(series.tempC, index) + (frames.value('tempOffsetC', relative) ?? 0),
      rhPct,
      pressureHpa: value(series.pressureHpa, index),
      windMps,
      windFromDeg: (Math.atan2(-wind[0], -wind[1]) / radians + 360) % 360,
      cloud,
      rainMmH,
      fog: fog >= 0.5 ? 1 : 0,
      sinElevation,
      mixingM: value(series.mixingM, index) * (frames.value('mixingFactor', relative) ?? 1),
    };
  }

  return {
    at,
    centre: (ms) => at(ms, 0, 0),
    windInto,
    fronts: cycles.map(({ frontMs }) => Math.round(frontMs / minuteMs) * minuteMs),
  };
}

function generate(seed: number, t0: number, points: number, cycles: readonly Cycle[]): Series {
  const column = () => new Float64Array(points);
  const series: Series = {
    u: column(),
    v: column(),
    tempC: column(),
    rhPct: column(),
    pressureHpa: column(),
    cloud: column(),
    rainMmH: column(),
    mixingM: column(),
  };
  /** One step of an Ornstein-Uhlenbeck process of unit variance. */
  const ou = (name: string, tick: number, before: number, hours: number): number => {
    const keep = Math.exp(-pointMs / (hours * hourMs));
    return keep * before + Math.sqrt(1 - keep * keep) * normal(seed, streamOf(name), tick);
  };
  let [ouU, ouV, ouT, ouDew, ouCloud, ouRain, amplitude, strength] = [0, 0, 0, 0, 0, 0, 0, 0];
  let mixing = 300;
  let turnDay = Number.NaN;
  let turn = 0;
  let c = 0;
  for (let i = 0; i < points; i++) {
    const ms = t0 + i * pointMs;
    const tick = Math.round(ms / pointMs);
    const warm = summerShare(ms);
    const between = (key: keyof typeof winter) => winter[key] + (summer[key] - winter[key]) * warm;
    while (c < cycles.length - 2 && cycles[c + 1].frontMs <= ms) c += 1;
    const { frontMs, burstMps, burstFromDeg, weakFromDeg, weakMps } = cycles[c];
    const sinceH = (ms - frontMs) / hourMs;
    const phase = clamp((ms - frontMs) / (cycles[c + 1].frontMs - frontMs), 0, 1);
    const toNextH = (cycles[c + 1].frontMs - ms) / hourMs;

    const ouHours = between('ouHours');
    ouU = ou('wind east', tick, ouU, ouHours);
    ouV = ou('wind north', tick, ouV, ouHours);
    ouT = ou('temperature', tick, ouT, 30);
    ouDew = ou('dew point', tick, ouDew, 18);
    ouCloud = ou('cloud', tick, ouCloud, 11);
    ouRain = ou('rain', tick, ouRain, 3.5);
    // Persists from day to day, so that windy afternoons come in rows (SIMULATION.md section 3, "Missing").
    amplitude = ou('afternoon wind', tick, amplitude, 60);
    strength = ou('wind of the days', tick, strength, 60);

    const hour = hourOf(ms);
    const day = Math.floor((ms + beijingOffsetMs) / dayMs);
    if (day !== turnDay) {
      turnDay = day;
      turn = 40 * (2 * uniform(seed, streamOf('daily turn'), day) - 1);
    }
    const burst = sinceH < 0 ? 0 : sinceH < 8 ? Math.min(1, 0.4 + 0.6 * sinceH) : Math.exp(-(sinceH - 8) / 14);
    const weak = weakMps * (1 - burst);
    const weakFrom = (weakFromDeg + turn + 25 * Math.sin((2 * Math.PI * (hour - 10)) / 24)) * radians;
    const burstFrom = burstFromDeg * radians;
    const daily = (1 + clamp(1 + 0.45 * amplitude, 0.1, 2.2) * (dailyWind(hour) - 1)) * Math.exp(0.3 * strength - 0.045);
    // Stagnation before the next front calms the eddies as well.
    const eddies = between('ouSd') * (0.72 + 0.35 * burst);
    series.u[i] = daily * (-burst * burstMps * Math.sin(burstFrom) - weak * Math.sin(weakFrom) + eddies * ouU);
    series.v[i] = daily * (-burst * burstMps * Math.cos(burstFrom) - weak * Math.cos(weakFrom) + eddies * ouV);

    const frontal = toNextH < 8 ? 1 - toNextH / 8 : sinceH >= 0 && sinceH < 4 ? 1 - sinceH / 4 : 0;
    const rainIndex = ouRain + 0.9 * frontal + 0.25 * (phase - 0.5);
    const excess = rainIndex - between('rainFrom');
    series.rainMmH[i] = excess > 0 ? (1.2 + 5.5 * warm) * excess * Math.sqrt(excess) : 0;
    const isRaining = excess > 0;
    series.cloud[i] = isRaining ? 1 : clamp(0.42 + 0.33 * ouCloud + 0.3 * (phase - 0.5) + 0.4 * frontal, 0, 1);
    const cloud = series.cloud[i];

    const swing = (5.2 - 0.6 * warm) * (1 - 0.55 * cloud) * Math.cos((2 * Math.PI * (hour - 15)) / 24);
    const synoptic = between('synopticK') * (-1.6 * Math.exp(-Math.max(0, sinceH) / 20) + phase);
    series.tempC[i] = 13.2 - 14.8 * (1 - 2 * warm) + synoptic + 1.8 * ouT + swing - (isRaining ? 1.5 : 0);
    const relax = Math.exp(-Math.max(0, sinceH) / between('dewHours'));
    const dew = between('dewLater') + (between('dewAfterFront') - between('dewLater')) * relax + 1.9 * ouDew;
    const rh = (100 * vapour(Math.min(dew, series.tempC[i]))) / vapour(series.tempC[i]);
    series.rhPct[i] = isRaining ? Math.max(rh, 88 + Math.min(10, 6 * excess)) : rh;
    series.pressureHpa[i] = between('pressure') + 7.5 * (1 - 0.5 * warm) * (1.9 * Math.exp(-Math.max(0, sinceH) / 50) - 0.75);

    const sin = sinElevationAt(ms);
    const noon = sinElevationAt(ms + (noonMinute / 60 - hour) * hourMs);
    const speed = Math.sqrt(series.u[i] * series.u[i] + series.v[i] * series.v[i]);
    const convective =
      sin > 0 ? between('mixingDay') * (1 - 0.35 * phase) * pow(sin / Math.max(noon, 0.1), 0.8) * (1 - 0.45 * cloud) : 0;
    const target = Math.max(0.7 * between('mixingNight'), 150 * pow(Math.max(speed, 0.05), 0.9)) + convective;
    const hours = pointMs / hourMs;
    mixing += (target - mixing) * (1 - Math.exp(-hours / (target > mixing ? 2.2 : 1.2)));
    series.mixingM[i] = mixing;
  }
  return series;
}

type FrameField = Exclude<keyof KeyFrame, 'atMs'>;

/** Key frames as look-ups, by ms after the start; undefined before the first, after the last, and where none names the field. */
function frameColumns(frames: readonly KeyFrame[]) {
  const fields = ['windMps', 'rhPct', 'mixingFactor', 'tempOffsetC', 'cloud', 'rainMmH', 'fog'] as const;
  const columns = new Map<FrameField, { readonly at: number[]; readonly value: number[] }>();
  for (const field of [...fields, 'windFromDeg'] as const) {
    const named = frames.filter((frame) => frame[field] !== undefined);
    if (named.length > 0)
      columns.set(field, { at: named.map(({ atMs }) => atMs), value: named.map((frame) => frame[field] as number) });
  }
  function found(field: FrameField, ms: number): { readonly a: number; readonly b: number; readonly share: number } | undefined {
    const column = columns.get(field);
    if (column === undefined || ms < column.at[0] || ms > column.at[column.at.length - 1]) return undefined;
    let i = 0;
    while (i < column.at.length - 2 && column.at[i + 1] <= ms) i += 1;
    if (column.at.length === 1) return { a: column.value[0], b: column.value[0], share: 0 };
    return { a: column.value[i], b: column.value[i + 1], share: (ms - column.at[i]) / (column.at[i + 1] - column.at[i]) };
  }
  return {
    value(field: (typeof fields)[number], ms: number): number | undefined {
      if (columns.size === 0) return undefined;
      const at = found(field, ms);
      return at === undefined ? undefined : at.a + (at.b - at.a) * at.share;
    },
    /** Radians; turns the short way. */
    direction(ms: number): number | undefined {
      if (columns.size === 0) return undefined;
      const at = found('windFromDeg', ms);
      if (at === undefined) return undefined;
      const turn = ((at.b - at.a + 540) % 360) - 180;
      return (at.a + turn * at.share) * radians;
    },
  };
}
