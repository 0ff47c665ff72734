// The air at a station: NO2 and O3 in balance with the sun, nothing lost, nothing negative.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emittedSpecies, gridSpecies } from '../../../simulator/world/episode.ts';
import {
  airNames,
  factorCount,
  makePlaceFactors,
  mixInto,
  newAirColumns,
  no2Of,
  photoRatio,
  unmixedPpb,
} from '../../../simulator/world/stationAir.ts';
import { sinElevationAt } from '../../../simulator/world/weather.ts';

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** No denormal numbers. */
const tenths = (max: number) => fc.integer({ min: 0, max: 10 * max }).map((value) => value / 10);
const grid = (name: (typeof gridSpecies)[number]) => gridSpecies.indexOf(name);
const emitted = (name: (typeof emittedSpecies)[number]) => emittedSpecies.indexOf(name);
/** µg/m³ of 1 ppb at 25 °C. */
const no2PerPpb = 1.88;
const o3PerPpb = 1.962;

/** Logarithms of a place's factors: particles, NOx, SO2; all else 0. */
const own = (...first: readonly number[]) => Float64Array.from({ length: factorCount }, (_, k) => first[k] ?? 0);

/** One station; unnamed species are 0, logarithms of the place's factors too. */
function mixed(
  background: Partial<Record<(typeof gridSpecies)[number], number>>,
  plumes: Partial<Record<(typeof emittedSpecies)[number], number>>,
  ratio: number,
  factors: Float64Array = new Float64Array(factorCount),
) {
  const air = newAirColumns(1);
  const g = Float64Array.from(gridSpecies, (name) => background[name] ?? 0);
  const p = Float64Array.from(emittedSpecies, (name) => (plumes[name] ?? 0) / 1e6);
  mixInto(air, g, p, factors, ratio);
  return Object.fromEntries(airNames.map((name) => [name, air[name][0]])) as Record<(typeof airNames)[number], number>;
}

describe('NO2 of NOx and Ox', () => {
  test.each([
    // 100 − √(100² − 4 · 40 · 50) = 55.279, half of it; then O3 22.36 · NO 12.36 = 10 · 27.64.
    [40, 50, 10, 27.639],
    // (80 − √(6,400 − 3,600)) / 2
    [30, 30, 20, 13.542],
    [0, 50, 10, 0],
    [40, 0, 10, 0],
    [0, 0, 0, 0],
  ])('%d and %d ppb at a ratio of %d ppb: %d ppb', (nox, ox, ratio, want) => expect(no2Of(nox, ox, ratio)).toBeCloseTo(want, 3));

  test('is in balance: [O3][NO] = r [NO2], and neither is negative', () => {
    fc.assert(
      fc.property(tenths(400), tenths(200), tenths(60), (nox, ox, ratio) => {
        const no2 = no2Of(nox, ox, ratio);
        expect(no2).toBeGreaterThanOrEqual(0);
        expect(no2).toBeLessThanOrEqual(Math.min(nox, ox) + 1e-9);
        expect(Math.abs((ox - no2) * (nox - no2) - ratio * no2)).toBeLessThan(1e-7);
      }),
      { seed: 1 },
    );
  });

  test('at night is the smaller of the two, so that O3 is max(0, Ox − NOx) and a rest that is never mixed', () => {
    fc.assert(
      fc.property(between(0, 400), between(0, 200), (nox, ox) => {
        expect(no2Of(nox, ox, 0)).toBeCloseTo(Math.min(nox, ox), 9);
        const air = mixed({ nox: nox * no2PerPpb, ox: ox * o3PerPpb }, {}, 0);
        expect(air.o3).toBeCloseTo((ox - no2Of(nox, ox, unmixedPpb)) * o3PerPpb, 6);
        expect(air.o3).toBeGreaterThanOrEqual(Math.max(0, ox - nox) * o3PerPpb - 1e-9);
      }),
      { seed: 2 },
    );
  });

  test('the sun moves it to O3, more of it the higher it stands', () => {
    const o3 = [0, 5, 10, 20, 40].map((ratio) => mixed({ nox: 60, ox: 90 }, {}, ratio).o3);
    for (let i = 1; i < o3.length; i++) expect(o3[i]).toBeGreaterThan(o3[i - 1]);
    expect(o3[4]).toBeLessThan(90);
  });
});

describe('the ratio of sunlight and recombination', () => {
  const sunAt = (time: string) => sinElevationAt(Date.parse(`${time}+08:00`));

  test('is 0 at night', () => {
    expect(photoRatio(-0.5, 0, 20)).toBe(0);
    expect(photoRatio(0, 0, 20)).toBe(0);
    expect(photoRatio(sunAt('2025-07-01T01:00'), 0, 25)).toBe(0);
  });

  test('is 10 to 30 ppb at noon of a summer day, less in winter and under clouds', () => {
    const summer = photoRatio(sunAt('2025-07-01T12:17'), 0, 30);
    expect(summer).toBeGreaterThan(10);
    expect(summer).toBeLessThan(30);
    expect(photoRatio(sunAt('2025-12-21T12:17'), 0, 0)).toBeLessThan(0.9 * summer);
    expect(photoRatio(sunAt('2025-07-01T12:17'), 1, 30)).toBeCloseTo(summer / 2, 9);
  });

  test('rises through the morning without a jump', () => {
    let before = 0;
    for (let minute = 0; minute <= 8 * 60; minute++) {
      const ratio = photoRatio(sinElevationAt(Date.parse('2025-07-01T04:17+08:00') + minute * 60_000), 0, 25);
      expect(ratio).toBeGreaterThanOrEqual(before);
      expect(ratio - before).toBeLessThan(0.2);
      before = ratio;
    }
    expect(before).toBeGreaterThan(10);
  });
});

describe('background and plumes together', () => {
  test('PM2.5 is what is primary and what was made; PM10 the coarse on top; CO in mg/m³', () => {
    const air = mixed({ pm25: 20, so4: 5, no3: 7, soa: 3, pmc: 40, so2: 9, co: 900 }, { pm25: 6, pmc: 8, so2: 2, co: 500 }, 0);
    expect(air.pm25).toBeCloseTo(41, 9);
    expect(air.pm10).toBeCloseTo(89, 9);
    expect(air.so2).toBeCloseTo(11, 9);
    expect(air.co).toBeCloseTo(1.4, 9);
  });

  test('the place changes the background, not the smoke that comes straight from its source', () => {
    const [fine, nox, so2] = [1.5, 2, 3].map(Math.log);
    const plain = mixed({ pm25: 20, so4: 5, pmc: 40, so2: 9, co: 900 }, {}, 0);
    const near = mixed({ pm25: 20, so4: 5, pmc: 40, so2: 9, co: 900 }, { pm25: 6, so2: 2, co: 100 }, 0, own(fine, nox, so2));
    expect(near.so2).toBeCloseTo(3 * 9 + 2, 9);
    expect(near.co).toBeCloseTo(2 * 0.9 + 0.1, 9);
    const share = (near.pm25 - 6) / plain.pm25;
    expect(share).toBeGreaterThan(1);
    expect(share).toBeLessThan(1.5);
    expect(near.pm10 - 6).toBeCloseTo(share * plain.pm10, 9);
  });

  test('places differ less where the whole plain is dirty, but cleaner air is never dirtier', () => {
    for (const factor of [-2.5, -1, 1, 2.5]) {
      const at = (pm25: number) => mixed({ pm25 }, {}, 0, own(factor)).pm25;
      expect(Math.abs(Math.log(at(400) / 400))).toBeLessThan(0.5 * Math.abs(Math.log(at(10) / 10)));
      for (let pm25 = 1; pm25 < 600; pm25 += 3) expect(at(pm25 + 3)).toBeGreaterThan(at(pm25));
    }
  });

  test('Ox and NOx are conserved, with the NO2 that fresh smoke has in it', () => {
    fc.assert(
      fc.property(tenths(300), tenths(300), tenths(200), tenths(40), (nox, ox, fresh, ratio) => {
        const air = mixed({ nox, ox }, { nox: fresh }, ratio);
        const oxPpb = air.o3 / o3PerPpb + air.no2 / no2PerPpb;
        expect(oxPpb).toBeCloseTo(ox / o3PerPpb + (0.1 * fresh) / no2PerPpb, 6);
        const no2Ppb = air.no2 / no2PerPpb;
        const noxPpb = (nox + fresh) / no2PerPpb;
        expect(no2Ppb).toBeLessThanOrEqual(noxPpb + 1e-9);
        // What is not NO2 is NO, and it is in balance.
        expect((noxPpb - no2Ppb) * (air.o3 / o3PerPpb)).toBeCloseTo(Math.max(ratio, unmixedPpb) * no2Ppb, 4);
      }),
      { seed: 3 },
    );
  });

  test('fresh smoke eats ozone where there is little NO2 in it', () => {
    const clean = mixed({ nox: 10, ox: 100 }, {}, 8);
    const smoky = mixed({ nox: 10, ox: 100 }, { nox: 60 }, 8);
    expect(smoky.o3).toBeLessThan(0.7 * clean.o3);
    expect(smoky.no2).toBeGreaterThan(clean.no2);
  });

  test('whatever comes in, what goes out is finite and not negative', () => {
    const values = (count: number, max: number) =>
      fc.array(
        fc.integer({ min: 0, max: 1_000 }).map((each) => (each * max) / 1_000),
        { minLength: count, maxLength: count },
      );
    const stations = 3;
    fc.assert(
      fc.property(
        values(stations * gridSpecies.length, 6_000),
        values(stations * emittedSpecies.length, 0.01),
        fc.array(between(-3, 3), { minLength: stations * factorCount, maxLength: stations * factorCount }),
        between(0, 60),
        (background, plumes, factors, ratio) => {
          const air = newAirColumns(stations);
          for (const name of airNames) air[name].fill(Number.NaN);
          mixInto(air, Float64Array.from(background), Float64Array.from(plumes), Float64Array.from(factors), ratio);
          for (const name of airNames) expect(air[name].every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
          expect(air.pm10.every((value, i) => value >= air.pm25[i])).toBe(true);
        },
      ),
      { seed: 4 },
    );
  });

  test('each station has its own', () => {
    const air = newAirColumns(2);
    const background = new Float64Array(2 * gridSpecies.length);
    background[grid('pm25')] = 10;
    background[gridSpecies.length + grid('pm25')] = 30;
    const plumes = new Float64Array(2 * emittedSpecies.length);
    plumes[emittedSpecies.length + emitted('so2')] = 7e-6;
    mixInto(air, background, plumes, new Float64Array(2 * factorCount), 0);
    expect([...air.pm25]).toEqual([10, 30]);
    expect(air.so2[0]).toBe(0);
    expect(air.so2[1]).toBeCloseTo(7, 9);
  });
});

describe('factors of places', () => {
  /** In a row, 4 km apart. */
  const placesOf = (count: number) => Array.from({ length: count }, (_, i) => ({ x: 4_000 * i - 60_000, y: 500 * i }));
  const factorsAt = (seed: number, count: number, ms: number) => {
    const out = new Float64Array(count * factorCount);
    makePlaceFactors(seed, placesOf(count))(ms, out);
    return out;
  };

  test('are the same whatever was asked before and however many stations there are', () => {
    const factors = makePlaceFactors(3, placesOf(5));
    const out = new Float64Array(5 * factorCount);
    for (let hour = 0; hour < 50; hour++) factors(hour * 3_600_000, out);
    factors(7_200_000, out);
    expect(out).toEqual(factorsAt(3, 5, 7_200_000));
    expect(out.slice(0, 2 * factorCount)).toEqual(factorsAt(3, 2, 7_200_000));
    expect(out).not.toEqual(factorsAt(4, 5, 7_200_000));
  });

  test('are about 1 in the middle, and never far from it', () => {
    const logs: number[] = [];
    for (let day = 0; day < 40; day++) logs.push(...factorsAt(11, 30, day * 86_400_000));
    const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
    expect(Math.abs(mean)).toBeLessThan(0.08);
    expect(Math.max(...logs.map(Math.abs))).toBeLessThan(4);
    expect(Math.max(...logs.map(Math.abs))).toBeGreaterThan(0.3);
  });

  test('change slowly: no step from minute to minute', () => {
    const factors = makePlaceFactors(5, placesOf(4));
    const before = new Float64Array(4 * factorCount);
    const now = new Float64Array(4 * factorCount);
    let most = 0;
    for (let minute = 0; minute < 600; minute++) {
      factors(minute * 60_000, now);
      if (minute > 0) for (let k = 0; k < now.length; k++) most = Math.max(most, Math.abs(now[k] - before[k]));
      before.set(now);
    }
    expect(most).toBeLessThan(0.06);
    expect(most).toBeGreaterThan(0);
  });
});
