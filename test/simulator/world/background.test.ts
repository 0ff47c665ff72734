// The air of the plain and the city: two worlds under one weather, inflow that comes with the wind, values that can be.

import { describe, expect, test } from 'vitest';
import { type Background, gridStepMs, makeBackground, type WorldEmission } from '../../../simulator/world/background.ts';
import { gridSpecies, type Inflow, type KeyFrame } from '../../../simulator/world/episode.ts';
import { newAccount } from '../../../simulator/world/grid.ts';
import { makeWeather } from '../../../simulator/world/weather.ts';
import { smallCity } from './activity/smallCity.ts';

const speciesCount = gridSpecies.length;
const index = Object.fromEntries(gridSpecies.map((name, s) => [name, s])) as Record<(typeof gridSpecies)[number], number>;
const hourMs = 3_600_000;
const startMs = Date.parse('2025-11-17T08:00:00+08:00');
const cells = 960;

/** 4 m/s from the west, dry, all the time. */
const westWind: readonly KeyFrame[] = [-2, 100].map((hour) => ({
  atMs: hour * hourMs,
  windMps: 4,
  windFromDeg: 270,
  rhPct: 40,
  rainMmH: 0,
}));

function backgroundOf(met: readonly KeyFrame[] = [], inflow: readonly Inflow[] = []): Background {
  const episode = { startMs, durationMs: 48 * hourMs, warmupMs: 0, met, inflow };
  return makeBackground(7, episode, makeWeather(7, episode, 0), smallCity(1).districts);
}

/** g/s of carbon monoxide and PM2.5 in one cell on top of the area sources. */
function emissionOf(cell = 0, gps = 0): WorldEmission {
  const low = new Float64Array(cells * speciesCount);
  low[cell * speciesCount + index.co] = gps * 1e6;
  low[cell * speciesCount + index.pm25] = gps * 1e6;
  return { low, aloft: new Float64Array(cells * speciesCount), factors: { traffic: 1, heating: 1, solvent: 1, dust: 1 } };
}

function advance(background: Background, hours: number, worlds: readonly WorldEmission[], fromMs = startMs): void {
  for (let ms = fromMs; ms < fromMs + hours * hourMs; ms += gridStepMs) background.step(ms, worlds);
}

function readAll(background: Background, world: 0 | 1 = 0): Float64Array {
  const out = new Float64Array(cells * speciesCount);
  const { west, south, columns, cellM } = background.fine.shape;
  for (let cell = 0; cell < cells; cell++) {
    const x = west + ((cell % columns) + 0.5) * cellM;
    const y = south + (Math.floor(cell / columns) + 0.5) * cellM;
    background.readInto(world, x, y, out, cell * speciesCount);
  }
  return out;
}

const co = (background: Background, x: number, y = 0, world: 0 | 1 = 0) => {
  const out = new Float64Array(speciesCount);
  background.readInto(world, x, y, out, 0);
  return out[index.co];
};

describe('the second world', () => {
  test('is the first to the last bit while both give off the same', () => {
    const background = backgroundOf();
    const same = emissionOf(500, 50);
    advance(background, 0.5, [same]);
    background.split();
    expect(readAll(background, 1)).toEqual(readAll(background, 0));
    advance(background, 1, [same, emissionOf(500, 50)], startMs + hourMs / 2);
    expect(readAll(background, 1)).toEqual(readAll(background, 0));
  });

  test('without a split is the first, whatever is asked', () => {
    const background = backgroundOf();
    advance(background, 0.5, [emissionOf(500, 50)]);
    expect(readAll(background, 1)).toEqual(readAll(background, 0));
  });

  test('alone decides on the weather: the first may give off what it likes', () => {
    const usual = backgroundOf();
    const changed = backgroundOf();
    usual.split();
    changed.split();
    advance(usual, 2, [emissionOf(), emissionOf()]);
    advance(changed, 2, [emissionOf(cells / 2, 5_000), emissionOf()]);
    expect(changed.mixingM).toBe(usual.mixingM);
    expect(changed.cityPm25).toBe(usual.cityPm25);
    expect(readAll(changed, 1)).toEqual(readAll(usual, 1));
    expect(readAll(changed, 0)).not.toEqual(readAll(usual, 0));
  });

  test('differs by what one gives off on top: twice as much by twice as much', () => {
    const cell = 15 * 30 + 10;
    const incrementOf = (gps: number) => {
      const background = backgroundOf(westWind);
      background.split();
      advance(background, 2, [emissionOf(cell, gps), emissionOf()]);
      const [more, less] = [readAll(background, 0), readAll(background, 1)];
      return Float64Array.from(
        { length: cells },
        (_, i) => more[i * speciesCount + index.co] - less[i * speciesCount + index.co],
      );
    };
    const [once, twice] = [incrementOf(100), incrementOf(200)];
    expect(once[cell]).toBeGreaterThan(1);
    // The limiter at the edges of the smoke is not linear.
    for (const i of [cell, cell + 1, cell + 3]) expect(Math.abs(twice[i] / once[i] - 2)).toBeLessThan(0.1);
    // Nothing goes upwind.
    for (const i of [cell - 2, cell - 4]) expect(Math.abs(once[i])).toBeLessThan(0.01 * once[cell]);
  });
});

describe('inflow in a steady west wind', () => {
  const inflow: Inflow = { fromMs: hourMs, toMs: 5 * hourMs, rampMs: hourMs / 2, add: { co: 1_000, pm25: 400 } };
  /** The same hours without and with it, ended by hours after the start. */
  const hours = (() => {
    const [without, having] = [backgroundOf(westWind), backgroundOf(westWind, [inflow])];
    return Array.from({ length: 9 }, (_, hour) => {
      if (hour > 0) advance(without, 1, [emissionOf()], startMs + (hour - 1) * hourMs);
      if (hour > 0) advance(having, 1, [emissionOf()], startMs + (hour - 1) * hourMs);
      const added = [-57_000, 0, 50_000].map((x) => co(having, x) - co(without, x));
      return { added, isSame: added.every((each) => each === 0), mixing: having.mixingM / without.mixingM };
    });
  })();

  test('changes nothing before it begins', () => {
    expect(hours[1].isSame).toBe(true);
    expect(hours[1].mixing).toBe(1);
    expect(hours[2].isSame).toBe(false);
  });

  test('comes from where the wind comes, as fast as it', () => {
    // An hour at 1.6 · 4 m/s are 23 km: the west has it, the middle not yet.
    const [west, middle, east] = hours[2].added;
    expect(west).toBeGreaterThan(700);
    expect(Math.abs(middle)).toBeLessThan(50);
    expect(Math.abs(east)).toBeLessThan(1);
    // Four hours are 92 km: behind the middle, which is 60 km from the edge.
    expect(hours[5].added[1]).toBeGreaterThan(700);
    expect(hours[5].added[1]).toBeLessThan(1_050);
  });

  test('goes as it came', () => {
    expect(hours[4].added[0]).toBeGreaterThan(700);
    expect(hours[7].added[0]).toBeLessThan(150);
  });

  test('of particles makes the mixed layer of the city shallower, by 35 % at most', () => {
    expect(hours[5].mixing).toBeLessThan(0.85);
    expect(hours[5].mixing).toBeGreaterThan(0.6);
  });
});

describe('a day of any weather', () => {
  test('have no negative and no missing value; the account has what was given off', () => {
    const background = backgroundOf();
    const account = newAccount();
    const ahead = { ...emissionOf(400, 30), aloft: emissionOf(300, 20).low };
    for (let step = 0; step < 24 * 12; step++) {
      background.step(startMs + step * gridStepMs, [ahead], account);
      if (step % 36 > 0) continue;
      expect(readAll(background).every((value) => value >= 0)).toBe(true);
      expect(background.mixingM).toBeGreaterThanOrEqual(50);
      expect(background.mixingM).toBeLessThan(2_500);
      expect(background.cityPm25).toBeGreaterThan(0);
      expect(background.cityPm25).toBeLessThan(1_000);
    }
    // 50 g/s of ours and what the roads and stoves give.
    expect(account.emitted[index.co]).toBeGreaterThan(50e6 * 24 * 3_600);
    expect(account.emitted[index.so4]).toBe(0);
    expect(account.made[index.so4]).toBeGreaterThan(0);
  });

  test('come out the same twice', () => {
    const [first, second] = [backgroundOf(), backgroundOf()];
    advance(first, 1, [emissionOf(100, 10)]);
    advance(second, 1, [emissionOf(100, 10)]);
    expect(readAll(second)).toEqual(readAll(first));
    expect(second.mixingM).toBe(first.mixingM);
  });
});
