// Plumes to the stations: linear, never before their cause, and the search by bearing misses nothing that a plain loop finds.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plume, type Stability, sigmaY, type Terrain, windExponent } from '../../../simulator/world/dispersion.ts';
import { emittedSpecies } from '../../../simulator/world/episode.ts';
import type { Local } from '../../../simulator/world/local.ts';
import {
  buoyancyFlux,
  type Emitter,
  effectiveHeight,
  makePlumes,
  type PlumeStep,
  type Plumes,
  plumeReachM,
  plumeStepMs,
  riseFactor,
} from '../../../simulator/world/plumes.ts';
import { uniform } from '../../../simulator/world/random.ts';

const speciesCount = emittedSpecies.length;
const stepS = plumeStepMs / 1000;
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const stability = fc.integer({ min: 0, max: 5 }) as fc.Arbitrary<Stability>;

const stackAt = (x: number, y: number, given: Partial<Emitter> = {}): Emitter => ({
  x,
  y,
  heightM: 8,
  buoyancy: 0,
  terrain: 'rural',
  widthM: 0,
  ...given,
});

/** The same wind everywhere. */
function stepOf(receptors: number, u: number, v: number, given: Partial<PlumeStep> = {}): PlumeStep {
  const wind = Float64Array.from({ length: receptors * 2 }, (_, k) => (k % 2 === 0 ? u : v));
  return { stability: 3, lidM: 800, wind, ...given };
}

/** So long that every lag is filled. */
function steady(plumes: Plumes, gps: Float32Array, world: 0 | 1 = 0): void {
  for (let n = 0; n < 14; n++) {
    plumes.advance();
    plumes.remember(gps, world);
  }
}

function received(plumes: Plumes, step: PlumeStep, world: 0 | 1 = 0): Float64Array {
  const out = new Float64Array((step.wind.length / 2) * speciesCount).fill(Number.NaN);
  plumes.receive(step, world, out);
  return out;
}

/** Places, heights and strengths from a seed. */
function city(seed: number, emitterCount: number, receptorCount: number, areaM: number, widths: number) {
  const draw = (stream: number, k: number, low: number, high: number) => low + (high - low) * uniform(seed, stream, k);
  const emitters = Array.from({ length: emitterCount }, (_, k): Emitter => {
    const terrain: Terrain = draw(3, k, 0, 1) < 0.5 ? 'rural' : 'urban';
    return {
      x: draw(1, k, -areaM, areaM),
      y: draw(2, k, -areaM, areaM),
      heightM: draw(4, k, 2, 80),
      buoyancy: draw(5, k, -40, 100) < 0 ? 0 : draw(6, k, 0, 80),
      terrain,
      widthM: draw(7, k, 0, widths),
    };
  });
  const receptors = Array.from({ length: receptorCount }, (_, k) => ({
    x: draw(8, k, -areaM, areaM),
    y: draw(9, k, -areaM, areaM),
  }));
  const gps = Float32Array.from({ length: emitterCount * speciesCount }, (_, k) => draw(10, k, 0, 20));
  // Each receptor has a wind of its own.
  const wind = Float64Array.from({ length: receptorCount * 2 }, (_, k) => draw(11, k, -6, 6));
  return { emitters, receptors, gps, wind };
}

/** All pairs, one by one, straight from the formulas. */
function allPairs(emitters: readonly Emitter[], receptors: readonly Local[], gps: Float32Array, step: PlumeStep): Float64Array {
  const out = new Float64Array(receptors.length * speciesCount);
  receptors.forEach((receptor, r) => {
    const [u, v] = [step.wind[2 * r], step.wind[2 * r + 1]];
    const mps = Math.sqrt(u * u + v * v);
    emitters.forEach((emitter, e) => {
      const dx = receptor.x - emitter.x;
      const dy = receptor.y - emitter.y;
      if (Math.sqrt(dx * dx + dy * dy) > plumeReachM) return;
      const x = (dx * u + dy * v) / mps;
      const y = (dy * u - dx * v) / mps;
      const us = Math.max(0.5, mps * (Math.max(10, emitter.heightM) / 10) ** windExponent(step.stability, emitter.terrain));
      if (x <= 1 || x / us > 3600 || Math.abs(y) > 4 * sigmaY(step.stability, emitter.terrain, x)) return;
      const H = effectiveHeight(emitter.heightM, riseFactor(emitter.buoyancy, step.stability), us, step.stability);
      const mixing = { stability: step.stability, terrain: emitter.terrain, windMps: us, lid: step.lidM };
      const perGps = plume(mixing, H, x, y, 0);
      for (let s = 0; s < speciesCount; s++) out[r * speciesCount + s] += perGps * gps[e * speciesCount + s];
    });
  });
  return out;
}

/** Equal but for what the search leaves out of the images of ground and lid: e^-30 of a plume's own. */
function expectEqual(found: Float64Array, want: Float64Array): void {
  expect(found.findIndex((value, k) => !(Math.abs(value - want[k]) <= 1e-9 * want[k] + 1e-12))).toBe(-1);
}

describe('the search by bearing', () => {
  test('finds what a loop over all pairs finds, for point sources', () => {
    let reached = 0;
    fc.assert(
      fc.property(fc.integer(), stability, between(60, 2_000), between(200, 14_000), (seed, k, lidM, areaM) => {
        const { emitters, receptors, gps, wind } = city(seed, 60, 6, areaM, 0);
        const step = { stability: k, lidM, wind };
        const plumes = makePlumes(emitters, receptors);
        steady(plumes, gps);
        const want = allPairs(emitters, receptors, gps, step);
        expectEqual(received(plumes, step), want);
        reached += want.filter((value) => value > 0).length;
      }),
      { numRuns: 80, seed: 1 },
    );
    expect(reached).toBeGreaterThan(500);
  });

  test('looks over the seam of the bearings, due west', () => {
    for (const degrees of [-3, -0.5, 0, 0.5, 3]) {
      const angle = Math.PI + (degrees * Math.PI) / 180;
      const emitters = [-40, 0, 40].map((y) => stackAt(-2_000, y));
      const plumes = makePlumes(emitters, [{ x: 0, y: 0 }]);
      const gps = new Float32Array(3 * speciesCount).fill(1);
      steady(plumes, gps);
      const step = stepOf(1, -3 * Math.cos(angle), -3 * Math.sin(angle));
      expectEqual(received(plumes, step), allPairs(emitters, [{ x: 0, y: 0 }], gps, step));
      expect(plumes.contributions(0, step, 0)).toHaveLength(3);
    }
  });

  const sumOfReach = (seed: number, k: Stability, areaM: number) => {
    const { emitters, receptors, gps, wind } = city(seed, 40, 6, areaM, 130);
    const step = { stability: k, lidM: 600, wind };
    const plumes = makePlumes(emitters, receptors);
    steady(plumes, gps);
    const want = new Float64Array(receptors.length * speciesCount);
    receptors.forEach((_, r) => {
      emitters.forEach((__, e) => {
        const { perGps } = plumes.reach(e, r, step);
        for (let s = 0; s < speciesCount; s++) want[r * speciesCount + s] += perGps * gps[e * speciesCount + s];
      });
    });
    return { found: received(plumes, step), want, emitters, receptors };
  };

  test('agrees with `reach`, pair by pair, where sources with an area are far', () => {
    fc.assert(
      fc.property(fc.integer(), stability, (seed, k) => {
        const { found, want, emitters, receptors } = sumOfReach(seed, k, 5_000);
        receptors.forEach((r, i) => {
          // 60 times the initial spread.
          if (emitters.some((e) => Math.hypot(e.x - r.x, e.y - r.y) < 14 * e.widthM)) return;
          for (let s = 0; s < speciesCount; s++) expect(found[i * speciesCount + s]).toBeCloseTo(want[i * speciesCount + s], 15);
        });
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  // Near a wide source four sigmas are wider than the window of its class: a third of the middle's value is left out.
  test('agrees with `reach`, pair by pair, beside sources with an area', () => {
    fc.assert(
      fc.property(fc.integer(), stability, (seed, k) => {
        const { found, want } = sumOfReach(seed, k, 300);
        for (let i = 0; i < want.length; i++) expect(Math.abs(found[i] - want[i])).toBeLessThanOrEqual(0.01 * want[i]);
      }),
      { numRuns: 20, seed: 3 },
    );
  });
});

describe('what a station is given', () => {
  const emitters = [stackAt(-3_000, 0), stackAt(-1_000, 60, { heightM: 30, buoyancy: 8 }), stackAt(-600, -20, { widthM: 30 })];
  const receptors = [
    { x: 0, y: 0 },
    { x: 900, y: 50 },
    { x: -9_000, y: 0 },
  ];
  const gps = Float32Array.from({ length: 3 * speciesCount }, (_, k) => 0.3 + k);
  const step = stepOf(3, 3, 0);
  const of = (values: Float32Array) => {
    const plumes = makePlumes(emitters, receptors);
    steady(plumes, values);
    return received(plumes, step);
  };

  test('doubles with the emission, to the last bit', () => {
    expect(of(gps.map((value) => 2 * value))).toEqual(of(gps).map((value) => 2 * value));
    expect(of(gps)[0]).toBeGreaterThan(0);
  });

  test('is the sum over the emitters', () => {
    const all = of(gps);
    const parts = emitters.map((_, e) => of(gps.map((value, k) => (Math.floor(k / speciesCount) === e ? value : 0))));
    for (let k = 0; k < all.length; k++) {
      const sum = parts[0][k] + parts[1][k] + parts[2][k];
      expect(Math.abs(all[k] - sum)).toBeLessThanOrEqual(1e-12 * all[k]);
    }
    for (const part of parts) expect(part[0]).toBeGreaterThan(0);
  });

  test('is the sum of the contributions, and none is without a part', () => {
    fc.assert(
      fc.property(fc.integer(), stability, fc.integer({ min: 0, max: speciesCount - 1 }), (seed, k, species) => {
        const random = city(seed, 40, 4, 4_000, 100);
        const now = { stability: k, lidM: 500, wind: random.wind };
        const plumes = makePlumes(random.emitters, random.receptors);
        steady(plumes, random.gps);
        const all = received(plumes, now);
        random.receptors.forEach((_, r) => {
          const parts = plumes.contributions(r, now, species);
          const sum = parts.reduce((total, { value }) => total + value, 0);
          expect(Math.abs(sum - all[r * speciesCount + species])).toBeLessThanOrEqual(1e-12 * sum);
          for (const { value } of parts) expect(value).toBeGreaterThan(0);
          expect(new Set(parts.map(({ emitter }) => emitter)).size).toBe(parts.length);
        });
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  test('is nothing upwind', () => {
    expect(Array.from(of(gps).slice(2 * speciesCount))).toEqual(new Array(speciesCount).fill(0));
  });

  test('is the same in both worlds after the split, and then each has its own', () => {
    const plumes = makePlumes(emitters, receptors);
    for (let n = 0; n < 20; n++) {
      plumes.advance();
      plumes.remember(
        gps.map((value) => value * (1 + n)),
        0,
      );
    }
    plumes.split();
    const before = received(plumes, step, 0);
    expect(received(plumes, step, 1)).toEqual(before);
    for (let n = 0; n < 13; n++) {
      plumes.advance();
      plumes.remember(gps, 0);
      plumes.remember(
        gps.map((value) => 3 * value),
        1,
      );
    }
    expect(received(plumes, step, 0)).toEqual(of(gps));
    expect(received(plumes, step, 1)).toEqual(of(gps.map((value) => 3 * value)));
  });
});

describe('time', () => {
  test('nothing comes before its cause and the way at the speed of the wind; then it comes', () => {
    fc.assert(
      fc.property(
        stability,
        between(60, 14_000),
        between(0.3, 9),
        between(2, 60),
        fc.integer({ min: 0, max: 20 }),
        (...given) => {
          const [k, x, mps, heightM, on] = given;
          const us = Math.max(0.5, mps * (Math.max(10, heightM) / 10) ** windExponent(k, 'rural'));
          fc.pre(x / us <= 3_600);
          const plumes = makePlumes([stackAt(-x, 0, { heightM })], [{ x: 0, y: 0 }]);
          // Far below the lid and near the source a stable plume does not reach the ground at all.
          const step = stepOf(1, mps, 0, { stability: k, lidM: 61 });
          const isSeen = plumes.reach(0, 0, step).perGps > 1e-30;
          const none = new Float32Array(speciesCount);
          const some = new Float32Array(speciesCount).fill(5);
          for (let n = 0; n < on + 15; n++) {
            plumes.advance();
            plumes.remember(n < on ? none : some, 0);
            const [value] = received(plumes, step);
            const sinceS = (n - on) * stepS;
            if (sinceS < x / us - 1e-6) expect(value).toBe(0);
            else if (isSeen && sinceS >= x / us + stepS) expect(value).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });

  test('what has stopped is over when the last smoke has come', () => {
    const plumes = makePlumes([stackAt(-3_000, 0)], [{ x: 0, y: 0 }]);
    const step = stepOf(1, 2, 0);
    steady(plumes, new Float32Array(speciesCount).fill(1));
    // 1,500 s are five steps.
    const values = Array.from({ length: 7 }, () => {
      plumes.advance();
      plumes.remember(new Float32Array(speciesCount), 0);
      return received(plumes, step)[0];
    });
    expect(values.map((value) => value > 0)).toEqual([true, true, true, true, true, false, false]);
  });
});

describe('wind and lid', () => {
  const [emitter, receptor] = [stackAt(-800, 0), { x: 0, y: 0 }];
  const at = (u: number, given: Partial<PlumeStep> = {}, source: Emitter = emitter) => {
    const plumes = makePlumes([source], [receptor]);
    steady(plumes, new Float32Array(speciesCount).fill(1));
    return received(plumes, stepOf(1, u, 0, given))[0];
  };

  test('below half a metre a second nothing thickens further', () => {
    expect(at(0.1)).toBe(at(0.5));
    expect(at(0.3)).toBe(at(0.5));
    expect(at(0.5)).toBeCloseTo(2 * at(1), 12);
    expect(at(0.5)).toBeGreaterThan(0);
  });

  test('a calm without a direction brings nothing, and no gaps', () => {
    expect(at(0)).toBe(0);
    const plumes = makePlumes([emitter], [receptor]);
    expect(plumes.reach(0, 0, stepOf(1, 0, 0)).perGps).toBe(0);
  });

  test('a plume above the lid gives nothing, and is known to be aloft', () => {
    fc.assert(
      fc.property(
        stability,
        between(20, 120),
        between(0, 60),
        between(0.5, 9),
        between(40, 400),
        (k, heightM, buoyancy, u, lidM) => {
          const source = stackAt(-800, 0, { heightM, buoyancy });
          const plumes = makePlumes([source], [receptor]);
          steady(plumes, new Float32Array(speciesCount).fill(1));
          const step = stepOf(1, u, 0, { stability: k, lidM });
          const us = Math.max(0.5, u * (heightM / 10) ** windExponent(k, 'rural'));
          const H = effectiveHeight(heightM, riseFactor(buoyancy, k), us, k);
          // To the last bits of the power; such a height is neither.
          fc.pre(Math.abs(H - lidM) > 1e-6);
          expect(plumes.isAloft(0, u, k, lidM)).toBe(H > lidM);
          if (H > lidM) expect(received(plumes, step)[0]).toBe(0);
          else if (H < 300 && k < 4) expect(received(plumes, step)[0]).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200, seed: 6 },
    );
  });

  test('a wide source is thinner in its middle and reaches further aside', () => {
    const wide = stackAt(-800, 0, { widthM: 300 });
    expect(at(3, {}, wide)).toBeLessThan(at(3));
    const aside = stackAt(-800, 250);
    expect(at(3, {}, { ...aside, widthM: 300 })).toBeGreaterThan(10 * at(3, {}, aside));
  });
});

describe('plume rise', () => {
  test.each([
    // 9.81 · 14 / π · 66.15 / 353.15
    [14, 80, 8.189],
    [100, 140, 95.3],
    [14, 13.85, 0],
    [14, -5, 0],
  ])('%d m³/s at %d °C are a flux of %d m⁴/s³', (flow, temp, want) => expect(buoyancyFlux(flow, temp)).toBeCloseTo(want, 1));

  test.each<[number, Stability, number]>([
    // 21.425 · 8.189^.75 and 38.71 · 95.3^.6
    [8.189, 3, 103.7],
    [95.3, 0, 596],
    // 2.6 · (8.189 / (9.81 / 287 · .020))^(1/3), and with .035
    [8.189, 4, 59.5],
    [8.189, 5, 49.4],
    [0, 3, 0],
  ])('a flux of %d m⁴/s³ in class %d has a factor of %d', (buoyancy, k, want) => {
    expect(Math.abs(riseFactor(buoyancy, k) - want)).toBeLessThan(0.003 * want + 1e-9);
  });

  test('falls with the wind and is bounded in a calm', () => {
    const factor = riseFactor(8, 3);
    expect(effectiveHeight(30, factor, 4, 3) - 30).toBeCloseTo((effectiveHeight(30, factor, 2, 3) - 30) / 2, 9);
    expect(effectiveHeight(30, factor, 0.5, 3)).toBe(30 + 3 * 30 + 60);
    expect(effectiveHeight(30, 0, 0.5, 3)).toBe(30);
  });
});
