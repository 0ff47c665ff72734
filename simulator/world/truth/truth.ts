// The answer key: what really happened, where, on which channels it can be seen and from when, and whose smoke it was.

import type { Place } from '../../../engine/domain/geo.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { ActivityLabel } from '../activity/labels.ts';
import type { CityState } from '../cityState.ts';
import { type Episode, emittedSpecies } from '../episode.ts';
import type { FaultPlan } from '../faults/faultRecord.ts';
import { placeOf } from '../local.ts';
import { processesOf } from '../processes.ts';
import { cameraPlaces } from '../sensors/camera.ts';
import type { SimulatedCity } from '../world.ts';
import { expectLooks } from './looks.ts';
import { expectComplaints } from './people.ts';
import type { Channel, ChannelTruth, TruthRecord } from './record.ts';
import { makeRules, type Shown } from './rules.ts';
import { makeWeatherMarks } from './weatherMarks.ts';

const minuteMs = 60_000;
const physicsMs = 300_000;
const count = emittedSpecies.length;

export interface Truth {
  /** After each step of the world. */
  step(state: CityState): void;
  /** By time, then id. `endMs`: what lasts longer is still going on. */
  records(endMs: number): readonly TruthRecord[];
}

interface AirSeen {
  max: { pm25: number; pm10: number; station: number; atMs: number } | undefined;
  attribution: TruthRecord['attribution'];
  minutes: number;
  firstMs: number | null;
  readonly stations: Set<number>;
}

/** A station's own noise: s0 and r of a micro station (SIMULATION.md section 5) [D]. */
const stationNoise = { s0: 4, r: 0.08 };
/** Station-minutes that count as seen (SIMULATION.md section 7). */
const seenMinutes = 15;

export function makeTruth(seed: number, register: Register, episode: Episode, city: SimulatedCity, plan: FaultPlan): Truth {
  const rules = makeRules(register);
  const weather = makeWeatherMarks(city.weather, episode);
  const refs = processesOf(register);
  const stationIds = register.sources.filter(({ kind }) => kind === 'air').map(({ id }) => id);
  const siteIds = register.sources.filter(({ kind }) => kind === 'dust').map(({ id }) => id);
  const looks = expectLooks(cameraPlaces(seed, register));
  const people = expectComplaints(episode.complaints);
  const air = new Map<string, AirSeen>();
  const added = new Float64Array(stationIds.length * count);
  const { minIncrement, top } = episode.truth;

  const targetOf = (emitter: number): string => {
    const { process, site } = city.emitterOf(emitter);
    return process === undefined ? siteIds[site ?? 0] : refs[process].enterprise.id;
  };

  /** Smoke of one incident at all stations in this step, g/m³, into `added`. */
  function addedBy(id: string): boolean {
    added.fill(0);
    let any = false;
    for (const excess of city.activity.excesses()) {
      if (excess.id !== id) continue;
      if (excess.at === 'field') {
        const share = city.puffShares.get(excess.index);
        if (share === undefined) continue;
        for (let k = 0; k < added.length; k++) added[k] += share[k];
        any = true;
        continue;
      }
      const emitter = city.emitterAt(excess.at, excess.index);
      if (emitter === undefined) continue;
      for (let station = 0; station < stationIds.length; station++) {
        const perGps = city.reach(emitter, station);
        if (perGps === 0) continue;
        any = true;
        for (let s = 0; s < count; s++) added[station * count + s] += perGps * excess.gps[s];
      }
    }
    return any;
  }

  function seeAir(state: CityState): void {
    const isNode = state.eventMs % physicsMs === 0;
    const ids = new Set(city.activity.excesses().map(({ id }) => id));
    // Puffs that still drift belong to fires that are out.
    for (const event of city.puffShares.keys()) ids.add(city.activity.fields[event].id);
    for (const id of ids) {
      const field = city.activity.fields.findIndex((each) => each.id === id);
      // Plumes change every five minutes, puffs every step.
      if (field < 0 && !isNode) continue;
      const stepMs = field < 0 ? physicsMs : state.stepMs;
      const share = field < 0 ? undefined : city.puffShares.get(field);
      if (share !== undefined) added.set(share);
      else if (!addedBy(id)) continue;
      note(id, state, stepMs);
    }
  }

  function note(id: string, state: CityState, stepMs: number): void {
    const seen: AirSeen = air.get(id) ?? {
      max: undefined,
      attribution: undefined,
      minutes: 0,
      firstMs: null,
      stations: new Set(),
    };
    air.set(id, seen);
    for (let station = 0; station < stationIds.length; station++) {
      const pm25 = added[station * count] * 1e6;
      const pm10 = pm25 + added[station * count + 1] * 1e6;
      if (pm25 > (seen.max?.pm25 ?? 0)) {
        seen.max = { pm25, pm10, station, atMs: state.eventMs };
        seen.attribution = undefined;
      }
      const noise = (value: number) => minIncrement.kSigma * (stationNoise.s0 + stationNoise.r * value);
      const counts =
        pm25 >= Math.max(minIncrement.pm25, noise(state.air.pm25[station])) ||
        pm10 >= Math.max(minIncrement.pm10, noise(state.air.pm10[station]));
      if (!counts) continue;
      seen.stations.add(station);
      seen.minutes += stepMs / minuteMs;
      if (seen.minutes >= seenMinutes) seen.firstMs ??= state.eventMs + stepMs;
    }
    if (seen.max !== undefined && seen.attribution === undefined && seen.max.atMs === state.eventMs) attribute(seen, state);
  }

  function attribute(seen: AirSeen, state: CityState): void {
    const station = seen.max?.station ?? 0;
    const total = state.air.pm25[station];
    const byTarget = new Map<string, number>();
    const add = (target: string, value: number) => byTarget.set(target, (byTarget.get(target) ?? 0) + value);
    for (const { emitter, pm25 } of city.contributions(station)) add(targetOf(emitter), pm25);
    for (const [event, share] of city.puffShares) add(city.activity.fields[event].id, share[station * count] * 1e6);
    const sorted = [...byTarget].filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const shares = sorted.slice(0, top).map(([target, value]) => ({ target, share: rounded(Math.min(1, value / total), 1e-4) }));
    const local = sorted.reduce((sum, [, value]) => sum + value, 0);
    seen.attribution = { shares, background: rounded(Math.max(0, 1 - local / total), 1e-4) };
  }

  function channelsOf(label: ActivityLabel, index: number, found: readonly Shown[]): TruthRecord['channels'] {
    const out: Partial<Record<Channel, ChannelTruth>> = {};
    const seen = air.get(label.id);
    if (seen !== undefined)
      out.air = { sources: [...seen.stations].sort((a, b) => a - b).map((i) => stationIds[i]), detectableFromMs: seen.firstMs };
    for (const channel of ['power', 'cems', 'voc', 'dust'] as const) {
      const sources = monitorsOf(label, index, channel);
      if (sources.length === 0) continue;
      const first = found.find((each) => each.channel === channel);
      out[channel] = {
        sources,
        detectableFromMs: first?.atMs ?? null,
        ...(first === undefined ? {} : { rule: first.rule }),
      };
    }
    const own = (id: string) => id.startsWith(`${label.id}/`);
    const views = [...looks.seen].filter(([id]) => own(id)).map(([, view]) => view);
    if (views.length > 0)
      out.camera = {
        sources: [...new Set(views.flatMap(({ sources }) => sources))].sort(),
        detectableFromMs: earliest(views.map(({ fromMs }) => fromMs)),
      };
    const told = [...people.toldFromMs].filter(([id]) => own(id)).map(([, atMs]) => atMs);
    if (told.length > 0) out.complaint = { sources: [], detectableFromMs: earliest(told) };
    return out;
  }

  function monitorsOf(label: ActivityLabel, index: number, channel: 'power' | 'cems' | 'voc' | 'dust'): readonly string[] {
    if (channel === 'dust') return label.site === undefined ? [] : [label.site];
    const process = refs[index]?.process;
    if (label.process === undefined || process === undefined) return [];
    if (channel === 'power')
      return process.treatmentMeter === undefined
        ? []
        : [process.productionMeter ?? '', process.treatmentMeter].filter((id) => id !== '');
    const source = process.stack?.[channel];
    return source === undefined ? [] : [source];
  }

  function ofActivity(label: ActivityLabel, endMs: number, byIndex: ReadonlyMap<string, readonly Shown[]>): TruthRecord {
    const index =
      label.process === undefined
        ? siteIds.indexOf(label.site ?? '')
        : refs.findIndex((ref) => ref.enterprise.id === label.enterprise && ref.process.id === label.process);
    // A rule that takes an hour may be met shortly after the end.
    const found = (byIndex.get(`${label.site === undefined ? 'process' : 'site'} ${index}`) ?? []).filter(
      ({ atMs }) => atMs > label.fromMs && atMs <= label.toMs + 3_600_000,
    );
    const seen = air.get(label.id);
    const { x, y, fromMs, toMs, excessGps, order, ...rest } = label;
    const hasPlace = x !== 0 || y !== 0;
    return {
      ...rest,
      ...(hasPlace ? { place: roundedPlaceOf(x, y) } : {}),
      fromMs,
      toMs: toMs > endMs ? null : toMs,
      ...(label.class === 'order' ? { order } : { excessGps: roundedAll(excessGps), channels: channelsOf(label, index, found) }),
      ...(seen?.max === undefined
        ? {}
        : {
            maxIncrement: {
              pm25: rounded(seen.max.pm25, 0.1),
              pm10: rounded(seen.max.pm10, 0.1),
              source: stationIds[seen.max.station],
              atMs: seen.max.atMs,
            },
            stationMinutes: rounded(seen.minutes, 1),
            attribution: seen.attribution,
          }),
    };
  }

  return {
    step(state) {
      rules.step(state);
      seeAir(state);
      looks.step(state);
      people.step(state);
      weather.step(state);
    },
    records(endMs) {
      const byIndex = new Map<string, Shown[]>();
      for (const each of rules.shown) {
        const key = `${each.channel === 'dust' ? 'site' : 'process'} ${each.index}`;
        const list = byIndex.get(key);
        if (list === undefined) byIndex.set(key, [each]);
        else list.push(each);
      }
      const startMs = episode.startMs - episode.warmupMs;
      const faults = plan.records
        .filter(({ fromMs, toMs }) => fromMs < endMs && toMs > startMs)
        .map((fault): TruthRecord => {
          const sources = register.sources.filter(({ kind }) => kind === fault.sourceKind);
          const ids = fault.sources.map((i) => sources[i].id);
          return {
            id: fault.id,
            class: fault.class,
            kind: fault.kind,
            // A fault of everybody is said by its kind alone.
            sources: ids.length === sources.length ? [`all ${fault.sourceKind}`] : ids,
            metrics: fault.metrics,
            fromMs: fault.fromMs,
            toMs: fault.toMs > endMs ? null : fault.toMs,
            isDefault: fault.isDefault,
          };
        });
      const records = [
        ...city.activity
          .labels()
          .filter(({ fromMs }) => fromMs < endMs)
          .map((label) => ofActivity(label, endMs, byIndex)),
        ...faults,
        ...weather.records(endMs),
      ];
      return records.sort((a, b) => a.fromMs - b.fromMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    },
  };
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((ms) => ms !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function rounded(value: number, resolution: number): number {
  return Math.round(value / resolution) / Math.round(1 / resolution);
}

function roundedAll(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value, 1e-4)]));
}

function roundedPlaceOf(x: number, y: number): Place {
  const { lon, lat } = placeOf({ x, y });
  return { lon: rounded(lon, 1e-5), lat: rounded(lat, 1e-5) };
}
