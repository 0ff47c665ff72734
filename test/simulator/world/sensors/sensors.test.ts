import { describe, expect, test } from 'vitest';
import { kinds } from '../../../../engine/schema/catalog.ts';
import type { CityState, Nuisance, Visible } from '../../../../simulator/world/cityState.ts';
import { makeSensors } from '../../../../simulator/world/sensors/sensors.ts';
import { calmWeather, hourMs, midnightMs, minuteMs, quietEpisode, run, sensorCity, stateOf, wrongValues } from './sensorCity.ts';

const register = sensorCity({ air: 6, enterprises: 3, dust: 3 });
const dawnMs = midnightMs + 6 * hourMs;
const hours = 4;
const make = (seed = 1) => makeSensors(seed, register, quietEpisode, () => calmWeather);
const fire: Visible = { id: 'B1', type: 'fire', x: 0, y: 900, startMs: midnightMs, endMs: midnightMs + 24 * hourMs, strength: 2 };
const smell: Nuisance = {
  id: 'E1',
  category: 'smell',
  ratePerH: 5,
  x: 0,
  y: 0,
  startMs: midnightMs,
  endMs: midnightMs + 24 * hourMs,
};
const busy: CityState = { ...stateOf(register, dawnMs), visible: [fire], nuisances: [smell] };
const day = run(make(), busy, hours * 60);

test('all nine kinds speak, in the order of the catalog', () => {
  expect([...new Set(day.map(({ kind }) => kind))].sort()).toEqual([...kinds].sort());
  const order = make()({ ...busy, eventMs: midnightMs + 12 * hourMs }).map(({ kind }) => kinds.indexOf(kind));
  expect([...order].sort((a, b) => a - b)).toEqual(order);
});

test('every value is a gap or a whole number of its resolution inside of the range', () => {
  expect(day.flatMap(wrongValues)).toEqual([]);
});

test('values stay in range in a storm, a frost and a fog of dust', () => {
  const many = (values: Float64Array, value: number) => values.map(() => value);
  const air = {
    ...busy.air,
    pm25: many(busy.air.pm25, 5000),
    pm10: many(busy.air.pm10, 60000),
    rhPct: many(busy.air.rhPct, 100),
    windMps: many(busy.air.windMps, 45),
    tempC: many(busy.air.tempC, -30),
  };
  const calm = {
    ...busy.air,
    pm25: many(busy.air.pm25, 0),
    pm10: many(busy.air.pm10, 0),
    o3: many(busy.air.o3, 0),
    windMps: many(busy.air.windMps, 0),
    rhPct: many(busy.air.rhPct, 0),
  };
  expect(run(make(), { ...busy, air }, 30).flatMap(wrongValues)).toEqual([]);
  expect(run(make(), { ...busy, air: calm }, 30).flatMap(wrongValues)).toEqual([]);
});

test('the same seed gives the same rows, another seed others', () => {
  const short = run(make(), busy, 30);
  expect(run(make(), busy, 30)).toEqual(short);
  expect(run(make(2), busy, 30)).not.toEqual(short);
});

test('what a sensor without memory draws depends on the time alone, not on when the run began', () => {
  const late = run(make(), { ...busy, eventMs: dawnMs + 2 * hourMs }, 10);
  const memoryless = ['dust', 'power', 'vehicle', 'camera'];
  const same = day.filter(
    ({ time, kind }) => memoryless.includes(kind) && time >= dawnMs + 2 * hourMs && time < dawnMs + 2 * hourMs + 10 * minuteMs,
  );
  expect(late.filter(({ kind }) => memoryless.includes(kind))).toEqual(same);
  expect(same.length).toBeGreaterThan(100);
});

test('a fire and a smell change no row of the other kinds', () => {
  const quiet = run(make(), { ...busy, visible: [], nuisances: [] }, hours * 60);
  const others = (rows: typeof day) => rows.filter(({ kind }) => kind !== 'camera' && kind !== 'petition');
  expect(others(day)).toEqual(others(quiet));
  expect(day.length).toBeGreaterThan(quiet.length);
});

describe('rows', () => {
  test('are not timed outside of their step, but for means of the past and complaints', () => {
    const step = make()({ ...busy, eventMs: midnightMs + 12 * hourMs });
    for (const { kind, time, periodMs } of step) {
      if (periodMs > minuteMs || kind === 'forecast') continue;
      expect(Math.min(...time)).toBeGreaterThanOrEqual(midnightMs + 12 * hourMs);
      expect(Math.max(...time)).toBeLessThan(midnightMs + 12 * hourMs + minuteMs);
    }
  });

  test('name their source by its place in its kind', () => {
    for (const { kind, source } of day) {
      const count = register.sources.filter((each) => each.kind === kind).length;
      expect(source < count).toBe(true);
    }
  });

  test('have an id where the kind has events, and no two the same', () => {
    for (const kind of ['camera', 'vehicle', 'petition']) {
      const ids = day.filter((row) => row.kind === kind).map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).not.toContain(undefined);
    }
  });
});
