// Fires on fields and smoke at plants, from what cameras detect: evidence enough, where it is, and what stations downwind say.

import { metricIndex } from '../../schema/catalog.ts';
import type { Candidate, Evidence, Finding } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import { type CityPlaces, type EnterprisePlace, noPlaces } from './cityPlaces.ts';
import type { Description } from './detector.ts';
import { type Downwind, downwindOf } from './downwind.ts';
import { eventLog, type SavedLog } from './eventLog.ts';
import { nearestTo } from './nearest.ts';
import { type Plane, type Point, planeAt } from './plane.ts';
import type { Rules } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { apartFrom, bearingOf, rangeOf } from './sightings.ts';
import {
  confidenceOf,
  type Detection,
  firesOf,
  looksOf,
  type Seen,
  type Smoke,
  type SmokeOptions,
  withDetection,
} from './smokes.ts';
import { sourceIndex } from './sourceIndex.ts';
import { type Draft, type SavedTold, told } from './told.ts';
import { isTaken, type Watcher } from './watcher.ts';

const minuteMs = 60_000;
/** Rows up to six hours late find their place: as long as networks of districts are down. */
const orderedMs = 6 * 60 * minuteMs;
/** Detections in that time; a camera in a storm of false alarms must not eat the memory. */
const heldMost = 20_000;
/** Flames in so many of the detections, at least one: a plant shows none, a field's are taken for smoke by day [ours]. */
const flamesShare = 0.15;
/** Standard deviations (squared) within which an enterprise may be it. */
const plantWithin = 9.2;
/** Of the candidates this one is named. */
const namedFrom = 0.5;
const candidatesMost = 3;
const evidenceCameras = 4;

const [bearingMetric, rangeMetric, confidenceMetric] = ['bearingDeg', 'rangeKm', 'confidence'].map((id) =>
  metricIndex('camera', id),
);
/** Values are whole numbers of the resolution: 0.1°, 0.01 km, 0.001. */
const scales = { bearing: 10, range: 100, confidence: 1000 } as const;

export interface StrawFireOptions {
  readonly rules: Rules;
  readonly places?: CityPlaces;
  readonly minutes: Series;
  /** Minutes that old are known: windows have closed. */
  readonly settleMs: number;
  /** No rows come from there: that nothing is seen says nothing. */
  readonly isDark: (district: string) => boolean;
}

interface Saved {
  readonly log: SavedLog<Detection>;
  readonly settled: readonly Smoke[];
  readonly air: readonly (readonly [smoke: string, Downwind])[];
  readonly judgedMs: number;
  readonly told: SavedTold;
}

export function strawFireWatcher({ rules, places = noPlaces, minutes, settleMs, isDark }: StrawFireOptions): Watcher {
  const straw = rules['straw-fire'];
  const plant = rules['plant-smoke'];
  const options: SmokeOptions = { ...straw, mergeKm: straw.mergeMeters / 1000, gapMs: straw.mergeMinutes * minuteMs };
  const cameras: Source[] = [];
  const stations = sourceIndex('air');
  const log = eventLog<Detection>(heldMost);
  const tellings = told((rule) => rules[rule].on);
  /** What the settled detections are of, as far as it may go on. */
  let settled: readonly Smoke[] = [];
  /** The same with those that are held; undefined: to be worked out. */
  let current: readonly Smoke[] | undefined;
  /** A rise that was seen stays; by the smoke's id. */
  let air = new Map<string, Downwind>();
  let judgedMs = Number.NEGATIVE_INFINITY;
  let plane: Plane | undefined;
  let plants: readonly (Point & { readonly of: EnterprisePlace })[] = [];
  /** Worked out once for each: thousands of enterprises are looked through. */
  const plantsOf = new WeakMap<Smoke, readonly Candidate[]>();

  function learnPlaces(): void {
    const first = cameras.find(({ lon, lat }) => lon !== undefined && lat !== undefined);
    if (plane !== undefined || first === undefined) return;
    const flat = planeAt({ lon: first.lon as number, lat: first.lat as number });
    plane = flat;
    plants = places.enterprises.map((of) => ({ ...flat.pointOf(of), of }));
  }

  const folded = (from: readonly Smoke[], detections: readonly Detection[]) =>
    detections.reduce((smokes, detection) => withDetection(smokes, detection, options), from);

  function settle(atMs: number): void {
    const detections = log.settle(atMs - orderedMs);
    // What no detection can join any more, and nobody asks for.
    const lives = ({ lastMs }: Smoke) => lastMs + 2 * options.gapMs >= log.settledMs;
    settled = folded(settled, detections).filter(lives);
    // What does not live is joined by nothing: with or without it the rest is the same.
    current = (current ?? folded(settled, log.held)).filter(lives);
  }

  const districtsOf = ({ views }: Smoke) => views.map(({ camera }) => cameras.find(({ id }) => id === camera)?.district ?? '');
  /** Detections came until then; undefined: they may go on. */
  function closedMs(smoke: Smoke, atMs: number): number | undefined {
    if (atMs - smoke.lastMs <= options.gapMs || districtsOf(smoke).some(isDark)) return undefined;
    return smoke.lastMs;
  }

  const hasFlames = (smoke: Smoke) => firesOf(smoke) >= Math.max(1, flamesShare * looksOf(smoke));

  /** Enterprises that it may be, the likeliest first, with their shares of the likelihood. */
  function plantsAt({ fix }: Smoke): readonly Candidate[] {
    const near: { readonly id: string; readonly weight: number }[] = [];
    for (const each of plants) {
      const apart = apartFrom(fix, each);
      if (apart < plantWithin) near.push({ id: each.of.id, weight: Math.exp(-apart / 2) * (0.05 + each.of.pm) });
    }
    const sum = near.reduce((total, { weight }) => total + weight, 0);
    return near
      .map(({ id, weight }) => ({ id, score: Math.round((weight / sum) * 1000) / 1000, reasons: ['place', 'emission'] }))
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
      .slice(0, candidatesMost);
  }

  function knownPlantsAt(smoke: Smoke): readonly Candidate[] {
    let near = plantsOf.get(smoke);
    if (near === undefined) {
      near = plantsAt(smoke);
      plantsOf.set(smoke, near);
    }
    return near;
  }

  function draftOf(smoke: Smoke, atMs: number): Draft[] {
    const closed = closedMs(smoke, atMs);
    const over = closed === undefined ? {} : { closedMs: closed };
    const base = { unit: smoke.id, openedMs: smoke.firstMs, ...over };
    const isFire = hasFlames(smoke);
    const near = isFire ? [] : knownPlantsAt(smoke);
    if (near.length > 0) {
      if (looksOf(smoke) < plant.looks || atMs - smoke.firstMs < plant.watchMinutes * minuteMs) return [];
      const gist = `${near[0].id} ${Math.min(smoke.views.length, 3)}`;
      return [{ rule: 'plant-smoke', ...base, gist, describe: () => describePlant(smoke, near) }];
    }
    const isSure = isFire && confidenceOf(smoke) >= straw.sureConfidence;
    if (looksOf(smoke) < straw.looks && !isSure) return [];
    const said = airOf(smoke, atMs);
    const gist = `${Math.min(smoke.views.length, 3)} ${said.says}`;
    return [{ rule: 'straw-fire', ...base, gist, describe: () => describeFire(smoke, said) }];
  }

  function airOf(smoke: Smoke, atMs: number): Downwind {
    const known = air.get(smoke.id) ?? { says: 'unknown' };
    if (plane === undefined || known.says === 'rose' || atMs - smoke.lastMs > options.gapMs) return known;
    const step = Math.floor((atMs - settleMs) / minuteMs) - 1;
    const around = { sources: stations.all, plane, minutes };
    const asked = { place: smoke.fix, sinceMs: smoke.firstMs, step };
    const found = downwindOf(around, asked, { withinKm: straw.downwindKm, riseUgM3: straw.riseUgM3 });
    if (found.says === 'unknown') return known;
    air.set(smoke.id, found);
    return found;
  }

  function placeOf({ fix }: Smoke): Finding['place'] {
    if (plane === undefined) return { district: '' };
    const at = plane.placeOf(fix);
    const town = nearestTo(at, places.townships);
    return { district: town?.district ?? '', ...(town === undefined ? {} : { township: town.code }), ...at };
  }

  function describeFire(smoke: Smoke, said: Downwind): Description {
    const fromAir = said.says === 'unknown' ? [] : said.evidence;
    const doubt = said.says === 'calm' && smoke.views.length === 1;
    return {
      severity: said.says === 'rose' ? 'serious' : doubt ? 'notice' : 'warning',
      place: placeOf(smoke),
      sources: smoke.views.map(({ camera }) => camera),
      evidence: [...smoke.views.slice(0, evidenceCameras).flatMap(evidenceOf), ...fromAir],
      // Nobody owns a field by the register: whose it is, those who go there find out.
      candidates: [],
    };
  }

  function describePlant(smoke: Smoke, near: readonly Candidate[]): Description {
    return {
      severity: 'warning',
      place: placeOf(smoke),
      ...(near[0].score >= namedFrom ? { enterprise: near[0].id } : {}),
      sources: smoke.views.map(({ camera }) => camera),
      evidence: smoke.views.slice(0, evidenceCameras).flatMap(evidenceOf),
      candidates: near,
    };
  }

  function evidenceOf(view: Seen): Evidence[] {
    const { camera: source, firstMs: startMs, lastMs: endMs, confidence, looks, fires } = view;
    const of = { kind: 'camera', source, startMs, endMs } as const;
    return [
      { ...of, metric: 'confidence', value: confidence, unit: '1', says: fires > 0 ? 'cameraFire' : 'cameraSmoke' },
      { ...of, metric: 'rows', value: looks, unit: '1', says: 'cameraLooks' },
      { ...of, metric: 'bearingDeg', value: Math.round(bearingOf(view) * 10) / 10, unit: '°', says: 'cameraBearing' },
      { ...of, metric: 'rangeKm', value: Math.round(rangeOf(view) * 100) / 100, unit: 'km', says: 'cameraRange' },
    ];
  }

  return {
    rules: ['straw-fire', 'plant-smoke'],
    kinds: ['camera'],
    setSources(kind, first, sources) {
      stations.set(kind, first, sources);
      if (kind !== 'camera') return;
      sources.forEach((source, i) => {
        cameras[first + i] = source;
      });
      learnPlaces();
    },
    take(batch) {
      const type = batch.text?.type;
      for (let row = 0; row < batch.rows; row++) {
        const camera = cameras[batch.source[row]];
        if (!isTaken(batch.bin[row]) || plane === undefined || camera?.lon === undefined || camera.lat === undefined) continue;
        const bearingDeg = batch.values[bearingMetric][row] / scales.bearing;
        const rangeKm = batch.values[rangeMetric][row] / scales.range;
        const confidence = batch.values[confidenceMetric][row] / scales.confidence;
        if (Number.isNaN(bearingDeg + rangeKm + confidence)) continue;
        const detection: Detection = {
          eventMs: batch.eventMs[row],
          source: camera.id,
          id: batch.id?.[row] ?? `${camera.id}-${batch.eventMs[row]}`,
          camera: camera.id,
          at: plane.pointOf({ lon: camera.lon, lat: camera.lat }),
          bearingDeg,
          rangeKm,
          isFire: type?.[row] === 'fire',
          confidence,
        };
        if (!log.add(detection)) continue;
        // Most come in order: then nothing is told anew but this one.
        const isNewest = log.held[log.held.length - 1] === detection;
        current = current !== undefined && isNewest ? withDetection(current, detection, options) : undefined;
      }
    },
    advance({ nowMs }): readonly Finding[] {
      const atMs = Math.floor(nowMs / minuteMs) * minuteMs;
      if (atMs <= judgedMs) return [];
      judgedMs = atMs;
      settle(atMs);
      const smokes = current ?? [];
      const ids = new Set(smokes.map(({ id }) => id));
      air = new Map([...air].filter(([id]) => ids.has(id)));
      const drafts = smokes.flatMap((smoke) => draftOf(smoke, atMs));
      return tellings.update(drafts, { nowMs, settledMs: log.settledMs - 2 * options.gapMs });
    },
    save: (): Saved => ({ log: log.save(), settled, air: [...air], judgedMs, told: tellings.save() }),
    restore(state) {
      const saved = state as Saved;
      log.restore(saved.log);
      settled = saved.settled;
      current = undefined;
      air = new Map(saved.air);
      judgedMs = saved.judgedMs;
      tellings.restore(saved.told);
    },
  };
}
