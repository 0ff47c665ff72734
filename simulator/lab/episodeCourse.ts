// What a scenario does, before anybody runs it: its world alone, without sensors, as hours and curves.

import { setImmediate as turn } from 'node:timers/promises';
import { type Concentration, type Concentrations, dailyAqi, realtimeAqi, resolveEdition } from '../../engine/domain/aqi.ts';
import type { Register, Source } from '../../engine/schema/register.ts';
import { type PollutantId, pollutantIds } from '../../engine/schema/window.ts';
import type { ProgressState } from '../progress.ts';
import type { Field } from '../world/activity/fires.ts';
import type { ActivityLabel } from '../world/activity/labels.ts';
import type { Episode, Incident } from '../world/episode.ts';
import type { AirColumns } from '../world/stationAir.ts';
import { makeWorld, type SimulatedCity } from '../world/world.ts';

const hourMs = 3_600_000;
/** The physics has a step of five minutes; curves need no more. */
const stepMs = 300_000;

/** One moment of the curves: means over `everyMs`. Concentrations µg/m³, co mg/m³. */
export interface CoursePoint {
  readonly startMs: number;
  /** Median over the stations. */
  readonly median: Readonly<Record<PollutantId, number>>;
  /** Position of the station with the most PM2.5, and how much. */
  readonly worstStation: number;
  readonly worstPm25: number;
  /** The same without the orders; equal as long as none has had an effect. */
  readonly medianPm25NoOrders: number;
  readonly worstPm25NoOrders: number;
  readonly windMps: number;
  readonly windFromDeg: number;
  readonly mixingM: number;
  readonly tempC: number;
  readonly rhPct: number;
}

export interface CourseHour extends CoursePoint {
  /** Of the city over the 24 hours that end with this one, in the edition in force; NaN: not enough hours yet. */
  readonly aqi24: number;
  readonly aqi24NoOrders: number;
}

/** The stations in one hour. */
export interface CourseSnapshot extends CoursePoint {
  /** By station: the index of the hour by the 1-h means (before 2026 as CNEMC published it). */
  readonly aqi: readonly number[];
  readonly pm25: readonly number[];
}

export interface Course {
  readonly episode: Episode;
  readonly register: Register;
  readonly stations: readonly Source[];
  readonly everyMs: number;
  readonly points: readonly CoursePoint[];
  readonly hours: readonly CourseHour[];
  /** Orders have had an effect. */
  readonly hasOrders: boolean;
  /** The hour in which the median station was worst. */
  readonly cityPeak: CourseSnapshot;
  /** The one in which a station stood out most against the median: of those with an incident at some place, where there are any. */
  readonly placePeak: CourseSnapshot;
  /** What was done to whom, incidents only. */
  readonly incidents: readonly ActivityLabel[];
  readonly fields: readonly Field[];
  /** Ids of incidents that found no target. */
  readonly unresolved: readonly string[];
}

export interface CourseOptions {
  readonly onStep?: (state: ProgressState) => void;
  readonly signal?: AbortSignal;
}

/** Undefined when it was stopped. */
export async function episodeCourse(
  episode: Episode,
  register: Register,
  seed: number,
  { onStep, signal }: CourseOptions = {},
): Promise<Course | undefined> {
  const city = makeWorld(seed, register, { ...episode, stepMs }, { scriptedFallback: true });
  const stations = register.sources.filter(({ kind }) => kind === 'air');
  const fromMs = episode.startMs - episode.warmupMs;
  const toMs = episode.startMs + episode.durationMs;
  const everyMs = curveStepMs(episode.durationMs);
  const ofPoint = meansOf(city, stations.length);
  const ofHour = meansOf(city, stations.length);
  const history: CityHour[] = [];
  const points: CoursePoint[] = [];
  const hours: CourseHour[] = [];
  const isQuiet = episode.incidents.every((each) => !isPlaced(each) || each.fromMs >= episode.durationMs);
  let cityPeak: CourseSnapshot | undefined;
  let placePeak: CourseSnapshot | undefined;

  function closeHour(startMs: number): void {
    history.push(ofHour.cityHour());
    const { point, snapshot } = ofHour.close(startMs);
    if (startMs < episode.startMs) return;
    const edition = resolveEdition('auto', startMs);
    const index = (of: (hour: CityHour) => Hour) => dailyAqi(edition, dayOf(history.slice(-24).map(of))).aqiRaw;
    hours.push({ ...point, aqi24: index(({ air }) => air), aqi24NoOrders: index(({ noOrders }) => noOrders) });
    const shot = snapshot();
    if (cityPeak === undefined || isWorse(shot, cityPeak)) cityPeak = shot;
    if (isQuiet || happens(episode, startMs))
      if (placePeak === undefined || standsOut(shot) > standsOut(placePeak)) placePeak = shot;
  }

  for (let eventMs = fromMs; eventMs < toMs; eventMs += stepMs) {
    city.step(eventMs);
    ofHour.add(eventMs);
    const nextMs = eventMs + stepMs;
    if (eventMs >= episode.startMs) {
      ofPoint.add(eventMs);
      if ((nextMs - episode.startMs) % everyMs === 0) points.push(ofPoint.close(nextMs - everyMs).point);
    }
    if ((nextMs - fromMs) % hourMs !== 0) continue;
    closeHour(nextMs - hourMs);
    onStep?.({ eventMs: nextMs, rows: 0, share: (nextMs - fromMs) / (toMs - fromMs) });
    await turn(); // Ctrl-C is heard
    if (signal?.aborted) return undefined;
  }
  placePeak ??= cityPeak;
  if (cityPeak === undefined || placePeak === undefined)
    throw new Error(`${episode.id} is ${episode.durationMs / 60_000} min long: a description needs an hour at least`);
  return {
    episode,
    register,
    stations,
    everyMs,
    points,
    hours,
    hasOrders: city.diverged,
    cityPeak,
    placePeak,
    incidents: city.activity.labels().filter((label) => label.class === 'incident'),
    fields: city.activity.fields,
    unresolved: city.activity.unresolved,
  };
}

const isPlaced = ({ kind }: Incident) => kind !== 'area_factor' && kind !== 'fireworks';

/** Somewhere in this hour. */
function happens({ incidents, startMs }: Episode, hourStartMs: number): boolean {
  const sinceMs = hourStartMs - startMs;
  return incidents.some((each) => isPlaced(each) && each.fromMs < sinceMs + hourMs && each.toMs > sinceMs);
}

/** So that a curve has some hundreds of points. */
function curveStepMs(durationMs: number): number {
  if (durationMs <= 72 * hourMs) return hourMs / 6;
  return durationMs <= 240 * hourMs ? hourMs / 2 : hourMs;
}

/** Means over the stations. */
type Hour = Readonly<Record<PollutantId, number>>;

interface CityHour {
  readonly air: Hour;
  readonly noOrders: Hour;
}

/** Sums up steps until they are closed. */
function meansOf(city: SimulatedCity, count: number) {
  const newSums = () =>
    Object.fromEntries(pollutantIds.map((id) => [id, new Float64Array(count)])) as Record<PollutantId, Float64Array>;
  let air = newSums();
  let noOrders = newSums();
  let weather = { east: 0, north: 0, mps: 0, mixingM: 0, tempC: 0, rhPct: 0 };
  let steps = 0;

  function addAir(sums: Record<PollutantId, Float64Array>, from: AirColumns): void {
    for (const id of pollutantIds) for (let i = 0; i < count; i++) sums[id][i] += from[id][i];
  }

  return {
    add(eventMs: number): void {
      addAir(air, city.air);
      addAir(noOrders, city.airNoOrders);
      const { windMps, windFromDeg, tempC, rhPct } = city.weather.centre(eventMs);
      const angle = (windFromDeg * Math.PI) / 180;
      weather = {
        east: weather.east + windMps * Math.sin(angle),
        north: weather.north + windMps * Math.cos(angle),
        mps: weather.mps + windMps,
        mixingM: weather.mixingM + city.mixingM,
        tempC: weather.tempC + tempC,
        rhPct: weather.rhPct + rhPct,
      };
      steps += 1;
    },
    cityHour(): CityHour {
      const means = (sums: Record<PollutantId, Float64Array>) =>
        Object.fromEntries(pollutantIds.map((id) => [id, mean(sums[id]) / steps])) as Hour;
      return { air: means(air), noOrders: means(noOrders) };
    },
    close(startMs: number): { readonly point: CoursePoint; readonly snapshot: () => CourseSnapshot } {
      const values = (sums: Record<PollutantId, Float64Array>, id: PollutantId) => Array.from(sums[id], (sum) => sum / steps);
      const byStation = Object.fromEntries(pollutantIds.map((id) => [id, values(air, id)])) as Record<PollutantId, number[]>;
      const without = values(noOrders, 'pm25');
      const worstPm25 = Math.max(...byStation.pm25);
      const point: CoursePoint = {
        startMs,
        median: Object.fromEntries(pollutantIds.map((id) => [id, middle(byStation[id])])) as Hour,
        worstStation: byStation.pm25.indexOf(worstPm25),
        worstPm25,
        medianPm25NoOrders: middle(without),
        worstPm25NoOrders: Math.max(...without),
        windMps: weather.mps / steps,
        windFromDeg: ((Math.atan2(weather.east, weather.north) * 180) / Math.PI + 360) % 360,
        mixingM: weather.mixingM / steps,
        tempC: weather.tempC / steps,
        rhPct: weather.rhPct / steps,
      };
      air = newSums();
      noOrders = newSums();
      weather = { east: 0, north: 0, mps: 0, mixingM: 0, tempC: 0, rhPct: 0 };
      steps = 0;
      return { point, snapshot: () => ({ ...point, pm25: byStation.pm25, aqi: hourIndices(startMs, byStation) }) };
    },
  };
}

function hourIndices(startMs: number, byStation: Readonly<Record<PollutantId, readonly number[]>>): readonly number[] {
  const auto = resolveEdition('auto', startMs);
  const edition = auto === 'hj633-2012' ? 'cnemc' : auto; // 2012 takes particles of 24 hours: no hour stands out
  return byStation.pm25.map((_, i) => {
    const hour = Object.fromEntries(pollutantIds.map((id) => [id, exact(byStation[id][i])]));
    return realtimeAqi(edition, { hour }).aqiRaw;
  });
}

/** The 24 hours that end with the last of `hours`, as for a calendar day; nothing where there are fewer than 20. */
function dayOf(hours: readonly Hour[]): Concentrations {
  if (hours.length < 20) return {};
  const day = Object.fromEntries(
    pollutantIds.filter((id) => id !== 'o3').map((id) => [id, exact(mean(hours.map((hour) => hour[id])))]),
  );
  const o3 = hours.map((hour) => hour.o3);
  const eights = o3.slice(7).map((_, i) => mean(o3.slice(i, i + 8)));
  return { day, o3Mean8h: exact(Math.max(...eights)), o3Hour1h: exact(Math.max(...o3)) };
}

const exact = (value: number): Concentration => ({ num: Math.round(value * 1000), den: 1000 });

/** The index ends at 500; then particles tell. */
function isWorse(a: CourseSnapshot, b: CourseSnapshot): boolean {
  const [indexA, indexB] = [middle(a.aqi), middle(b.aqi)];
  return indexA === indexB ? a.median.pm25 + a.median.pm10 > b.median.pm25 + b.median.pm10 : indexA > indexB;
}

function standsOut({ worstPm25, median }: CourseSnapshot): number {
  return worstPm25 - median.pm25;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
