// Straw-burning cameras: detections of fire and smoke with bearing and range, and false alarms.

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { CityState, Visible, Weather } from '../cityState.ts';
import type { Episode, NetworkFault } from '../episode.ts';
import { scopedSources, sourcesByKind } from '../faults/namedSources.ts';
import { type Local, localOf } from '../local.ts';
import { normal, streamOf, uniform } from '../random.ts';
import { hourOf } from '../weather.ts';
import {
  chanceAt,
  chanceKey,
  clip,
  dayMs,
  hourMs,
  minuteMs,
  perSource,
  perSourceBetween,
  quantise,
  quantiseDirection,
  type Sensors,
  sourcesOf,
} from './instrument.ts';

export const cameraOptions = {
  /** [S]: high towers see 5 km, the others 3 km; share of the high ones [D]. */
  rangesKm: [3, 5],
  farShare: 0.4,
  /** Chance that a camera finds a strong near fire at all [D]. */
  findShare: 0.85,
  /** A camera turns round and looks twice before it reports [D]. */
  delayMs: [1 * minuteMs, 9 * minuteMs],
  againMs: [3 * minuteMs, 8 * minuteMs],
  /** Not reported below. */
  confidenceMin: 0.35,
  /** Zero of the turntable, and the error of each bearing, ° [D]. */
  headingSdDeg: 1.2,
  bearingSdDeg: 0.4,
  /** Range from the angle below the horizon: sd = a d + b d², d and sd in km [D]. */
  rangeSdShare: 0.05,
  rangeSdPerKm: 0.03,
  /** Steam, headlights, sunset: a day and camera [D]. */
  falsePerDay: 0.1,
  /** A day's fire is taken for smoke so often. */
  confusedShare: 0.25,
} as const;

/** One camera's view of one fire. */
interface Sighting {
  readonly camera: number;
  readonly distanceKm: number;
  readonly bearingDeg: number;
  readonly firstMs: number;
  readonly everyMs: number;
  /** The scenario wants the first detection to happen. */
  readonly isCertain: boolean;
}

interface Detection {
  readonly camera: number;
  readonly timeMs: number;
  readonly type: 'fire' | 'smoke';
  readonly bearingDeg: number;
  readonly rangeKm: number;
  readonly confidence: number;
  /** Within the camera and minute. */
  readonly number: number;
}

interface Cameras {
  readonly ids: readonly string[];
  readonly places: readonly Local[];
  readonly rangeKm: Float64Array;
  readonly headingDeg: Float64Array;
}

const [bearingMetric, rangeMetric, confidenceMetric] = catalog.camera.metrics;

/** A row a detection, at its own time; nothing where nothing is seen. */
export function cameraSensors(seed: number, register: Register, episode: Episode): Sensors {
  const cameras = camerasOf(seed, register);
  const seen = sightings(seed, cameras);
  const falseAlarms = alarmsOf(seed, cameras, register, episode);
  return (state) => {
    const detections = [...seen(state), ...falseAlarms(state)].sort((a, b) => a.timeMs - b.timeMs || a.camera - b.camera);
    return detections.length === 0 ? [] : [columnsOf(cameras, detections)];
  };
}

function camerasOf(seed: number, register: Register): Cameras {
  const sources = sourcesOf(register, 'camera');
  return {
    ids: sources.map(({ id }) => id),
    places: sources.map(({ lon, lat }) =>
      lon === undefined || lat === undefined ? { x: Number.NaN, y: Number.NaN } : localOf({ lon, lat }),
    ),
    rangeKm: perSourceBetween(seed, 'camera range', sources.length, 0, 1).map(
      (chance) => cameraOptions.rangesKm[chance < cameraOptions.farShare ? 1 : 0],
    ),
    headingDeg: perSource(seed, 'camera heading', sources.length, 0, cameraOptions.headingSdDeg),
  };
}

export interface CameraPlace extends Local {
  readonly id: string;
  readonly rangeM: number;
}

/** Where cameras stand and how far they see; for the answer key. */
export function cameraPlaces(seed: number, register: Register): readonly CameraPlace[] {
  const { ids, places, rangeKm } = camerasOf(seed, register);
  return ids.map((id, i) => ({ id, ...places[i], rangeM: rangeKm[i] * 1000 }));
}

function columnsOf({ ids }: Cameras, detections: readonly Detection[]) {
  return {
    kind: 'camera' as const,
    rows: detections.length,
    periodMs: 0,
    source: Uint32Array.from(detections, ({ camera }) => camera),
    time: Float64Array.from(detections, ({ timeMs }) => timeMs),
    values: {
      bearingDeg: Float64Array.from(detections, ({ bearingDeg }) => quantiseDirection(bearingDeg, bearingMetric.scale)),
      rangeKm: Float64Array.from(detections, ({ rangeKm }) => quantise(rangeKm, rangeMetric)),
      confidence: Float64Array.from(detections, ({ confidence }) => quantise(confidence, confidenceMetric)),
    },
    id: detections.map(({ camera, timeMs, number }) => `${ids[camera]}-${Math.floor(timeMs / minuteMs)}-${number}`),
    text: { type: detections.map(({ type }) => type) },
  };
}

/** Which cameras see what is visible, worked out once for each fire. */
function sightings(seed: number, cameras: Cameras): (state: CityState) => Detection[] {
  const plans = new Map<string, readonly Sighting[]>();
  return (state) => {
    if (state.visible.length === 0) {
      plans.clear();
      return [];
    }
    const detections: Detection[] = [];
    const { eventMs, stepMs } = state;
    for (const visible of state.visible) {
      let plan = plans.get(visible.id);
      if (plan === undefined) {
        plan = planOf(seed, cameras, visible);
        plans.set(visible.id, plan);
      }
      for (const sighting of plan) {
        const turn = Math.max(0, -Math.floor((sighting.firstMs - eventMs) / sighting.everyMs));
        const timeMs = sighting.firstMs + turn * sighting.everyMs;
        if (timeMs < eventMs || timeMs >= eventMs + stepMs || timeMs >= visible.endMs) continue;
        const detection = detect(seed, cameras, visible, sighting, turn, timeMs, state.weather);
        if (detection !== undefined) detections.push(detection);
      }
    }
    return detections;
  };
}

/** That a camera finds it at all, 0 to 1 [D]. */
export function findChance(strength: number, distanceKm: number, rangeKm: number): number {
  const near = distanceKm / rangeKm;
  return cameraOptions.findShare * (bigness(strength) + 0.15) * (1 - 0.4 * near * near);
}

/** How sure a look is, without its noise [D]. */
export function clearConfidence(
  { type, strength }: Pick<Visible, 'type' | 'strength'>,
  distanceKm: number,
  rangeKm: number,
  weather: Weather,
): number {
  const clear = visibility(type, distanceKm, weather) * (0.5 + 0.5 * bigness(strength)) * (1 - (0.35 * distanceKm) / rangeKm);
  return 0.2 + 0.85 * clear;
}

const bigness = (strength: number) => strength / (strength + 0.3);

function planOf(seed: number, { places, rangeKm }: Cameras, visible: Visible): readonly Sighting[] {
  const stream = streamOf(`camera find ${visible.id}`);
  const inRange = places
    .map(({ x, y }, camera) => {
      const east = visible.x - x;
      const north = visible.y - y;
      return {
        camera,
        distanceKm: Math.sqrt(east * east + north * north) / 1000,
        bearingDeg: (Math.atan2(east, north) * 180) / Math.PI,
      };
    })
    .filter(({ camera, distanceKm }) => distanceKm <= rangeKm[camera])
    .sort((a, b) => a.distanceKm - b.distanceKm || a.camera - b.camera);
  const { detectShare } = visible;
  // The tick -1 is none of a camera's.
  if (detectShare !== undefined && uniform(seed, stream, -1) >= detectShare) return [];
  return inRange.flatMap(({ camera, distanceKm, bearingDeg }, rank) => {
    const isCertain = detectShare !== undefined && rank === 0;
    if (!isCertain && uniform(seed, stream, camera) >= findChance(visible.strength, distanceKm, rangeKm[camera])) return [];
    return [{ camera, distanceKm, bearingDeg, isCertain, ...timesOf(seed, visible, camera, isCertain) }];
  });
}

function timesOf(seed: number, visible: Visible, camera: number, isCertain: boolean): Pick<Sighting, 'firstMs' | 'everyMs'> {
  const between = (name: string, [low, high]: readonly [number, number]) =>
    Math.round((low + (high - low) * uniform(seed, streamOf(`camera ${name} ${visible.id}`), camera)) / 1000) * 1000;
  const own = between('delay', cameraOptions.delayMs);
  const wanted = visible.detectDelayMs;
  const delayMs = wanted === undefined ? own : isCertain ? wanted : wanted + own;
  return { firstMs: visible.startMs + delayMs, everyMs: between('again', cameraOptions.againMs) };
}

/** How well flames and smoke are seen, 0 to 1: the thermal picture by night, smoke against the sky by day [D]. */
export function visibility(
  type: Visible['type'],
  distanceKm: number,
  weather: Pick<Weather, 'fog' | 'rainMmH' | 'sinElevation'>,
): number {
  const day = clip(weather.sinElevation / 0.1 + 0.5, 0, 1);
  const light = type === 'fire' ? 1 - 0.3 * day : 0.1 + 0.85 * day;
  return light * Math.exp(-1.2 * clip(weather.fog, 0, 1) * distanceKm) * (1 / (1 + 0.4 * weather.rainMmH));
}

function detect(
  seed: number,
  cameras: Cameras,
  visible: Visible,
  { camera, distanceKm, bearingDeg, isCertain }: Sighting,
  turn: number,
  timeMs: number,
  weather: Weather,
): Detection | undefined {
  const z = (name: string) => normal(seed, streamOf(`camera ${name} ${visible.id}`), camera * 4096 + turn);
  const far = distanceKm / cameras.rangeKm[camera];
  const drawn = clearConfidence(visible, distanceKm, cameras.rangeKm[camera], weather) + 0.06 * z('confidence');
  const confidence = isCertain && turn === 0 ? Math.max(drawn, 0.5) : drawn;
  if (confidence < cameraOptions.confidenceMin) return undefined;
  const isDay = weather.sinElevation > 0;
  const chance = uniform(seed, streamOf(`camera type ${visible.id}`), camera * 4096 + turn);
  const isConfused = visible.type === 'fire' && isDay && chance < cameraOptions.confusedShare;
  const rangeSd = distanceKm * (cameraOptions.rangeSdShare + cameraOptions.rangeSdPerKm * distanceKm);
  return {
    camera,
    timeMs,
    type: isConfused ? 'smoke' : visible.type,
    bearingDeg: bearingDeg + cameras.headingDeg[camera] + cameraOptions.bearingSdDeg * (1 + far) * z('bearing'),
    rangeKm: Math.max(0.05, distanceKm + rangeSd * z('range')),
    confidence: Math.min(confidence, 0.999),
    // By what is seen, not by counting: another fire must not rename this one's rows. Below 100 are the false alarms'.
    number: 100 + (streamOf(visible.id) % 999983),
  };
}

interface FalseCause {
  readonly fromMs: number;
  readonly toMs: number;
  readonly perDay: number;
  readonly name: string;
  /** Indices of cameras. */
  readonly cameras: readonly number[];
  /** Of its rows within the camera and minute. */
  readonly number: number;
}

interface FalseAlarm {
  readonly cause: FalseCause;
  readonly camera: number;
  readonly timeMs: number;
}

/** Planned hour by hour: at most one an hour, camera and cause. */
function alarmsOf(
  seed: number,
  { ids, rangeKm }: Cameras,
  register: Register,
  episode: Episode,
): (state: CityState) => Detection[] {
  const everywhere: FalseCause = {
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
    perDay: cameraOptions.falsePerDay,
    name: 'default',
    cameras: ids.map((_, camera) => camera),
    number: 1,
  };
  const ordered = episode.networkFaults
    .filter(({ kind }) => kind === 'false_alarm')
    .map((fault, f) => causeOf(seed, register, episode, fault, 2 + f));
  const causes = [everywhere, ...ordered];
  let planned = Number.NaN;
  let plan: readonly FalseAlarm[] = [];
  return ({ eventMs, stepMs, weather }) => {
    const hour = Math.floor(eventMs / hourMs);
    if (hour !== planned) {
      planned = hour;
      plan = causes.flatMap((cause) => alarmsOfHour(seed, cause, hour));
    }
    return plan
      .filter(({ timeMs }) => timeMs >= eventMs && timeMs < eventMs + stepMs)
      .map((alarm) => falseDetection(seed, rangeKm[alarm.camera], alarm, weather));
  };
}

/** The cameras are those that the fault's own record names. */
function causeOf(seed: number, register: Register, { startMs }: Episode, fault: NetworkFault, number: number): FalseCause {
  const scoped = scopedSources(
    sourcesByKind(register),
    { ...fault.scope, kind: fault.scope.kind ?? 'camera' },
    { seed, id: fault.id },
  );
  return {
    fromMs: startMs + fault.fromMs,
    toMs: startMs + fault.toMs,
    perDay: fault.perDay ?? 1,
    name: fault.id,
    cameras: scoped.find(({ kind }) => kind === 'camera')?.sources ?? [],
    number,
  };
}

function alarmsOfHour(seed: number, cause: FalseCause, hour: number): FalseAlarm[] {
  const alarm = chanceKey(seed, streamOf(`camera false alarm ${cause.name}`), hour);
  const when = chanceKey(seed, streamOf(`camera false alarm time ${cause.name}`), hour);
  return cause.cameras.flatMap((camera) => {
    const timeMs = hour * hourMs + Math.floor(chanceAt(when, camera) * 3600) * 1000;
    const isThere = chanceAt(alarm, camera) < (cause.perDay * hourMs) / dayMs && timeMs >= cause.fromMs && timeMs < cause.toMs;
    return isThere ? [{ cause, camera, timeMs }] : [];
  });
}

/** By night headlights, at sunset the sun, else steam and dust: it looks like what the hour offers. */
function falseDetection(
  seed: number,
  rangeKm: number,
  { cause, camera, timeMs }: FalseAlarm,
  { sinElevation }: Weather,
): Detection {
  const chance = (use: string) =>
    uniform(seed, streamOf(`camera false ${use} ${cause.name}`), Math.floor(timeMs / 1000) * 512 + camera);
  const isNight = sinElevation <= 0;
  const isSunset = !isNight && sinElevation < 0.25 && hourOf(timeMs) > 12;
  return {
    camera,
    timeMs,
    type: isNight || isSunset ? 'fire' : 'smoke',
    bearingDeg: isSunset ? 235 + 60 * chance('bearing') : 360 * chance('bearing'),
    rangeKm: rangeKm * (0.25 + 0.75 * chance('range')),
    confidence: cameraOptions.confidenceMin + 0.4 * chance('confidence') * chance('doubt'),
    number: cause.number,
  };
}
