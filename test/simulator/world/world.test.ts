// The whole world on a small city: twin worlds under one weather, incidents that touch only the air, nothing before its cause.

import { describe, expect, test } from 'vitest';
import type { Register } from '../../../engine/schema/register.ts';
import type { ProcessState } from '../../../simulator/world/cityState.ts';
import type { Control, Episode, Fires, Fugitive, Incident, ScriptedOrder } from '../../../simulator/world/episode.ts';
import { placeOf } from '../../../simulator/world/local.ts';
import { processesOf } from '../../../simulator/world/processes.ts';
import { airNames } from '../../../simulator/world/stationAir.ts';
import { makeWorld, type SimulatedCity, type WorldOptions } from '../../../simulator/world/world.ts';
import { episodeOf, hourMs, minuteMs, mondayMs, obedient, smallCity } from './activity/smallCity.ts';

const startMs = mondayMs + 8 * hourMs;
/** Of the stations east of the first enterprise, m: downwind, in the row of the works. */
const distances = [1_000, 3_000, 6_000, 9_000, 12_000, 14_500];
const windMps = 3;

function city(): Register {
  const small = smallCity(16);
  const stations = distances.map(
    (x, i) => ({ kind: 'air', id: `S${i}`, zh: '', district: '131102', ...placeOf({ x, y: 0 }) }) as const,
  );
  return { ...small, sources: [...stations, ...small.sources.filter(({ kind }) => kind === 'dust')] };
}
const register = city();
const first = processesOf(register).findIndex(({ enterprise, process }) => enterprise.id === 'E-0001' && process.id === 'P1');

/** From eight in the morning, west wind, clouds. */
function episode(incidents: readonly Incident[] = [], control: Partial<Control> = {}): Episode {
  const met = [-2, 48].map((hour) => ({ atMs: hour * hourMs, windMps, windFromDeg: 270, cloud: 0.8, rainMmH: 0 }));
  return { ...episodeOf(incidents, control), startMs, durationMs: 12 * hourMs, met };
}

/** One minute of a run, copied. */
interface Minute {
  readonly air: readonly Float64Array[];
  readonly noOrders: readonly Float64Array[];
  readonly processes: ProcessState;
  readonly others: unknown;
  readonly sites: readonly Float64Array[];
  readonly fastestMps: number;
  readonly diverged: boolean;
}

function run(minutes: number, scenario: Episode, options: WorldOptions = {}, look: (world: SimulatedCity) => void = () => {}) {
  const world = makeWorld(7, register, scenario, options);
  return Array.from({ length: minutes }, (_, minute): Minute => {
    const state = world.step(startMs + minute * minuteMs);
    look(world);
    const { tempC, rhPct, pressureHpa, windMps: wind, windFromDeg } = state.air;
    return {
      air: airNames.map((name) => world.air[name].slice()),
      noOrders: airNames.map((name) => world.airNoOrders[name].slice()),
      processes: structuredClone(state.processes),
      others: structuredClone([tempC, rhPct, pressureHpa, wind, windFromDeg, state.traffic, state.truckBan, state.sites.work]),
      sites: structuredClone([state.sites.pm25, state.sites.pm10, state.sites.tsp]),
      fastestMps: Math.max(...wind),
      diverged: world.diverged,
    };
  });
}

const airOf = (minutes: readonly Minute[]) => minutes.map(({ air }) => air);

/** `more` less `less`, by minute, air (in the order of `airNames`) and station. */
const differences = (more: readonly Minute[], less: readonly Minute[]) =>
  more.map(({ air }, minute) => air.map((column, k) => Array.from(column, (value, i) => value - less[minute].air[k][i])));

/** The lowest of them against the air that it is the difference to. */
const lowestShare = (more: readonly Minute[], less: readonly Minute[], k: number) =>
  Math.min(...differences(more, less).flatMap((air, minute) => air[k].map((value, i) => value / less[minute].air[k][i])));

const usualMinutes = 300;
const usual = run(usualMinutes, episode());

const target = { type: 'cems', id: 'E-0001', pick: 'random', rank: 1, count: 1 } as const;
const leakFromMinute = 30;
const leak = (pm25: number): Fugitive => ({
  id: 'LEAK',
  kind: 'fugitive',
  fromMs: leakFromMinute * minuteMs,
  toMs: 3 * hourMs,
  target,
  emissionGps: { pm25 },
  heightM: 6,
});

describe('without an order and an incident', () => {
  test('both worlds are equal to the last bit, also where both are computed', () => {
    const both = run(120, episode(), { forceTwin: true });
    expect(both[0].diverged).toBe(true);
    for (const { air, noOrders } of both) expect(noOrders).toEqual(air);
    expect(airOf(both)).toEqual(airOf(usual.slice(0, 120)));
    expect(usual[usualMinutes - 1].diverged).toBe(false);
    expect(usual[usualMinutes - 1].noOrders).toEqual(usual[usualMinutes - 1].air);
  });

  test('the same steps give the same bits', () => {
    expect(run(90, episode())).toEqual(usual.slice(0, 90));
  });

  test('the air is there from the first minute, finite and above zero', () => {
    for (const { air, sites } of usual)
      for (const column of [...air, ...sites]) expect(column.every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    expect(usual[0].air[0].every((value) => value > 1)).toBe(true);
  });

  test('nothing jumps between two minutes', () => {
    for (let minute = 1; minute < 60; minute++)
      expect(Math.abs(usual[minute].air[0][2] / usual[minute - 1].air[0][2] - 1)).toBeLessThan(0.3);
  });
});

describe('an order', () => {
  const order: ScriptedOrder = { id: 'RED', level: 'red', fromMs: hourMs, toMs: 10 * hourMs, kinds: ['gas', 'site'] };
  const quick = {
    ...obedient,
    notifyMs: { kind: 'fixed', value: 5 * minuteMs },
    rampMs: { kind: 'fixed', value: 20 * minuteMs },
  } as const;
  const ordered = run(usualMinutes, episode([], { mode: 'scripted', response: quick, scripted: [order] }));
  const last = ordered[usualMinutes - 1];

  test('leaves the air without orders as it is in a run without it, to the last bit', () => {
    expect(ordered.map(({ noOrders }) => noOrders)).toEqual(airOf(usual));
  });

  test('changes nothing before it is in effect', () => {
    expect(airOf(ordered.slice(0, 60))).toEqual(airOf(usual.slice(0, 60)));
    expect(ordered[59].diverged).toBe(false);
    expect(last.diverged).toBe(true);
  });

  test('lowers PM2.5 at every station, by a share that physics allows', () => {
    last.air[0].forEach((value, i) => {
      const share = value / last.noOrders[0][i];
      expect(share).toBeLessThan(0.999);
      expect(share).toBeGreaterThan(0.7);
    });
  });

  test('never raises what is given off: PM2.5, PM10, SO2, CO, nor NO2', () => {
    for (const name of ['pm25', 'pm10', 'so2', 'co', 'no2'] as const) {
      const k = airNames.indexOf(name);
      const highest = Math.max(
        ...ordered.flatMap(({ air, noOrders }) => Array.from(air[k], (value, i) => value / noOrders[k][i] - 1)),
      );
      // What the limiter of the grid moves: its steps are not exactly monotone.
      expect(highest).toBeLessThan(0.002);
    }
  });

  test('lowers gases more than particles', () => {
    const meanShare = (name: (typeof airNames)[number]) => {
      const k = airNames.indexOf(name);
      return last.air[k].reduce((sum, value, i) => sum + value / last.noOrders[k][i], 0) / distances.length;
    };
    expect(meanShare('so2')).toBeLessThan(meanShare('pm25'));
    expect(meanShare('no2')).toBeLessThan(meanShare('pm25'));
    expect(meanShare('o3')).toBeGreaterThan(1);
  });
});

describe('an incident', () => {
  const failing = run(
    150,
    episode([
      {
        id: 'FAIL',
        kind: 'control_failure',
        fromMs: leakFromMinute * minuteMs,
        toMs: 3 * hourMs,
        target,
        pollutant: 'PM',
        factor: 80,
        power: 'control_off',
      },
    ]),
  );

  test('changes nothing before it begins', () => {
    expect(failing.slice(0, leakFromMinute)).toEqual(usual.slice(0, leakFromMinute));
    expect(airOf(failing.slice(0, 150))).not.toEqual(airOf(usual.slice(0, 150)));
  });

  test('leaves everything but its own process and the air as it is', () => {
    failing.forEach(({ processes, others }, minute) => {
      expect(others).toEqual(usual[minute].others);
      for (const name of Object.keys(processes) as (keyof ProcessState)[]) {
        const own = Array.from(processes[name]);
        own[first] = usual[minute].processes[name][first];
        expect(own).toEqual(Array.from(usual[minute].processes[name]));
      }
    });
    expect(failing[60].processes.pmGps[first]).toBeGreaterThan(10 * usual[60].processes.pmGps[first]);
  });

  test('only adds particles, and only particles', () => {
    const added = differences(failing, usual.slice(0, 150));
    expect(Math.max(...added.flatMap((air) => air[0]))).toBeGreaterThan(5);
    for (const k of [0, 1]) expect(lowestShare(failing, usual, k)).toBeGreaterThan(-0.005);
    // Particles make the mixed layer a little shallower: all else feels that, and nothing more.
    for (const k of [2, 3, 4, 5])
      added.forEach((air, minute) => {
        air[k].forEach((value, i) => {
          expect(Math.abs(value)).toBeLessThan(0.002 * usual[minute].air[k][i]);
        });
      });
  });

  test('of fire adds its puffs, and takes nothing but ozone', () => {
    const fire: Fires = {
      id: 'FIRE',
      kind: 'fire',
      fromMs: leakFromMinute * minuteMs,
      toMs: 2 * hourMs,
      count: 1,
      areaMu: { kind: 'fixed', value: 5 },
      fuel: 'maize',
      at: { station: 'S1', distanceM: 1_500 },
    };
    const shares: number[] = [];
    const burning = run(120, episode([fire]), {}, ({ puffShares }) => {
      for (const share of puffShares.values()) shares.push(share[6]);
    });
    const added = differences(burning, usual.slice(0, 120));
    for (const name of ['pm25', 'pm10', 'so2', 'no2', 'co'] as const)
      expect(Math.min(...added.flatMap((air) => air[airNames.indexOf(name)]))).toBeGreaterThanOrEqual(0);
    const pm25 = added.map((air) => air[0][1]);
    expect(Math.max(...pm25)).toBeGreaterThan(30);
    // What is kept as the event's share is what the station has on top.
    expect(Math.max(...shares) * 1e6).toBeCloseTo(Math.max(...pm25), 6);
  });
});

describe('a leak at a roof', () => {
  const leakMinutes = 150;
  /** PM2.5 that the leak's plume brings, g/m³ by station and minute. */
  const plumes: number[][] = [];
  const leaking = run(leakMinutes, episode([leak(10)]), {}, (world) => {
    const emitter = world.emitterAt('roof', first);
    const parts = distances.map((_, i) => world.contributions(i).find((each) => each.emitter === emitter)?.pm25 ?? 0);
    plumes.push(parts);
  });
  const fastestMps = Math.max(...leaking.map((minute) => minute.fastestMps));
  /** Minutes after the start before which smoke cannot have come so far; the wind at 10 m is that of the roof. */
  const soonest = (x: number) => leakFromMinute + x / fastestMps / 60;

  test('has no plume at a station before its smoke can have come, and then one', () => {
    distances.forEach((x, i) => {
      const firstAt = plumes.findIndex((parts) => parts[i] > 0);
      if (firstAt < 0) expect(x).toBeGreaterThan(8_000);
      else expect(firstAt).toBeGreaterThanOrEqual(soonest(x));
    });
    expect(plumes.findIndex((parts) => parts[0] > 0)).toBeLessThan(leakFromMinute + 20);
    expect(plumes.findIndex((parts) => parts[2] > 0)).toBeGreaterThan(leakFromMinute + 10);
  });

  test('shows in the air near it when its smoke has come', () => {
    const added = differences(leaking, usual.slice(0, leakMinutes)).map((air) => air[0]);
    const firstOver = added.findIndex((stations) => stations[0] > 1);
    expect(firstOver).toBeGreaterThanOrEqual(soonest(distances[0]));
    expect(firstOver).toBeLessThan(leakFromMinute + 20);
    expect(Math.max(...added.map((stations) => stations[0]))).toBeGreaterThan(10);
  });

  // The grid is given the smoke where its plume will end in the very step in which it leaves the roof.
  test('shows nowhere, not even a little, before its smoke can have come', () => {
    const added = differences(leaking, usual.slice(0, leakMinutes)).map((air) => air[0]);
    distances.forEach((x, i) => {
      const firstAt = added.findIndex((stations) => stations[i] !== 0);
      // The grid knows places to a cell and a half.
      if (firstAt >= 0) expect(firstAt).toBeGreaterThanOrEqual(soonest(Math.max(0, x - 7_500)));
    });
  });

  test('of twice the emission adds twice as much', () => {
    const until = leakFromMinute + 60;
    const doubled: number[] = [];
    const [none, twice] = [0, 20].map((pm25) =>
      run(until, episode([leak(pm25)]), {}, (world) => {
        const emitter = world.emitterAt('roof', first);
        if (pm25 > 0) doubled.push(world.contributions(0).find((each) => each.emitter === emitter)?.pm25 ?? 0);
      }),
    );
    // Its particles lower the lid a little.
    doubled.forEach((value, minute) => {
      expect(Math.abs(value - 2 * plumes[minute][0])).toBeLessThanOrEqual(1e-3 * value);
    });
    const [base, once, more] = [none, leaking, twice].map((minutes) => minutes[until - 1].air[0][0]);
    expect(once - base).toBeGreaterThan(5);
    expect(Math.abs((more - base) / (once - base) - 2)).toBeLessThan(0.02);
  });
});
