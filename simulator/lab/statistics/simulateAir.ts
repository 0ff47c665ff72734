// True air of a simulated season as hourly series: what is compared with real data.

import type { Register } from '../../../engine/schema/register.ts';
import type { Episode } from '../../world/episode.ts';
import { makeWorld } from '../../world/world.ts';
import type { AirSeries, Season } from './series.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** The physics has a step of five minutes; nothing between is needed here. */
const stepMs = 300_000;
const stepsPerHour = hourMs / stepMs;

const seasons: Readonly<Record<Season, { readonly start: string; readonly days: number; readonly season: Episode['season'] }>> = {
  DJF: { start: '2025-12-01T00:00:00+08:00', days: 90, season: 'winter' },
  JJA: { start: '2025-06-15T00:00:00+08:00', days: 60, season: 'summer' },
};

/** Nothing but weather and ordinary days. */
function ordinary(seed: number, season: Season, days: number): Episode {
  return {
    id: `ordinary ${season}`,
    title: '',
    seed,
    startMs: Date.parse(seasons[season].start),
    durationMs: days * dayMs,
    stepMs,
    warmupMs: 5 * dayMs,
    speed: 1,
    season: seasons[season].season,
    met: [],
    inflow: [],
    incidents: [],
    sensorFaults: [],
    sensorFaultRate: 0,
    networkFaults: [],
    networkFaultRate: 0,
    cheatRate: 1,
    complaints: { ratePer10UgM3H: 0, smellBias: 1, delayMs: { kind: 'fixed', value: 0 }, wrongPlaceM: 0 },
    control: {
      mode: 'open_loop',
      response: {
        comply: 1,
        cheat: 0,
        refuse: 0,
        notifyMs: { kind: 'fixed', value: 0 },
        rampMs: { kind: 'fixed', value: 0 },
        cheatStyles: [],
        trafficCut: 0,
        dustStop: 0,
      },
      scripted: [],
    },
    truth: { minIncrement: { pm25: 15, pm10: 40, kSigma: 3 }, top: 5 },
  };
}

const metrics = ['pm25', 'pm10', 'so2', 'no2', 'o3'] as const;

/** 90 winter days or 60 summer days unless `days` says less; `onDay` is told of each day that is done. */
export function simulateAir(
  seed: number,
  season: Season,
  register: Register,
  days = seasons[season].days,
  onDay: (done: number, days: number) => void = () => {},
): AirSeries {
  const episode = ordinary(seed, season, days);
  const city = makeWorld(seed, register, episode);
  const stations = city.stations;
  const hours = days * 24;
  const columns = metrics.map(() => new Float32Array(hours * stations.length));
  const windMps = new Float32Array(hours);
  const rhPct = new Float32Array(hours);
  const sums = metrics.map(() => new Float64Array(stations.length));
  for (let eventMs = episode.startMs - episode.warmupMs; eventMs < episode.startMs; eventMs += stepMs) city.step(eventMs);
  for (let hour = 0; hour < hours; hour++) {
    for (const sum of sums) sum.fill(0);
    for (let k = 0; k < stepsPerHour; k++) {
      const { air } = city.step(episode.startMs + hour * hourMs + k * stepMs);
      metrics.forEach((name, m) => {
        for (let i = 0; i < stations.length; i++) sums[m][i] += air[name][i];
      });
      windMps[hour] += mean(air.windMps) / stepsPerHour;
      rhPct[hour] += mean(air.rhPct) / stepsPerHour;
    }
    sums.forEach((sum, m) => {
      for (let i = 0; i < stations.length; i++) columns[m][hour * stations.length + i] = sum[i] / stepsPerHour;
    });
    if (hour % 24 === 23) onDay((hour + 1) / 24, days);
  }
  const [pm25, pm10, so2, no2, o3] = columns;
  return { season, startMs: episode.startMs, stations, metrics: { pm25, pm10, so2, no2, o3 }, windMps, rhPct };
}

const mean = (values: Float64Array) => values.reduce((sum, each) => sum + each, 0) / values.length;
