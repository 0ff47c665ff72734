import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chanceAt,
  chanceKey,
  gapsOf,
  humidityFactor,
  monthsSince,
  noiseAt,
  poisson,
  present,
  quantise,
  quantiseDirection,
} from '../../../../simulator/world/sensors/instrument.ts';
import { hourMs, mean, midnightMs, minuteMs } from './sensorCity.ts';

const tenth = { scale: 10, min: -5, max: 1000 };

test.each([
  [12.34, 12.3],
  [-7, -5],
  [1e6, 1000],
  [-0.01, 0], // not a negative zero
  [Number.NaN, Number.NaN],
])('%d becomes the nearest tenth inside of the range: %d', (value, want) => {
  expect(Object.is(quantise(value, tenth), want)).toBe(true);
});

test.each([
  [359.6, 0],
  [360, 0],
  [-0.4, 0],
  [-1, 359],
  [725, 5],
  [Number.NaN, Number.NaN],
])('a direction of %d wraps to %d', (degrees, want) => {
  expect(Object.is(quantiseDirection(degrees, 1), want)).toBe(true);
});

test('any direction ends in [0, 360)', () => {
  fc.assert(
    fc.property(fc.double({ min: -2000, max: 2000, noNaN: true }), (degrees) => {
      const wrapped = quantiseDirection(degrees, 10);
      expect(wrapped).toBeGreaterThanOrEqual(0);
      expect(wrapped).toBeLessThan(360);
    }),
  );
});

describe('humidity', () => {
  test('the worked example: kappa .35 at 90 %, not dried', () => {
    expect(humidityFactor(90, 0.35, 0)).toBeCloseTo(2.909, 3);
  });
  test.each([0, 20, 60, 95, 100])('at %d % a dried instrument reads the truth', (rhPct) => {
    expect(humidityFactor(rhPct, 0.35, 1)).toBe(1);
  });
  test('it grows with humidity and ends in saturated air', () => {
    const factors = [0, 30, 60, 80, 95, 100].map((rhPct) => humidityFactor(rhPct, 0.35, 0.5));
    expect([...factors].sort((a, b) => a - b)).toEqual(factors);
    expect(factors.at(-1)).toBeLessThan(6);
  });
});

describe('chance', () => {
  test('noise is about standard normal over sources and over ticks', () => {
    const overSources = Array.from({ length: 4000 }, (_, i) => noiseAt(chanceKey(1, 2, 3), i));
    const overTicks = Array.from({ length: 4000 }, (_, tick) => noiseAt(chanceKey(1, 2, tick), 7));
    for (const draws of [overSources, overTicks]) {
      expect(Math.abs(mean(draws))).toBeLessThan(0.06);
      expect(mean(draws.map((z) => z * z))).toBeCloseTo(1, 1);
    }
  });
  test('neighbours in source and tick are not alike', () => {
    const pairs = Array.from(
      { length: 4000 },
      (_, i) => noiseAt(chanceKey(1, 2, i), i % 50) * noiseAt(chanceKey(1, 2, i + 1), i % 50),
    );
    expect(Math.abs(mean(pairs))).toBeLessThan(0.06);
  });
  test('uniform draws stay inside of (0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), (key, index) => {
        expect(chanceAt(key, index)).toBeGreaterThan(0);
        expect(chanceAt(key, index)).toBeLessThan(1);
      }),
    );
  });
});

test.each([0.02, 1, 6, 60])('Poisson counts have the mean %d', (expected) => {
  const counts = Array.from({ length: 5000 }, (_, i) => poisson(expected, chanceAt(chanceKey(1, 5, 0), i)));
  expect(Math.abs(mean(counts) - expected)).toBeLessThan(5 * Math.sqrt(expected / 5000));
});

describe('gaps', () => {
  const shares = new Float64Array(300).fill(0.04);
  const make = () => gapsOf({ seed: 3, name: 'test', shares, meanMs: 3 * minuteMs, blockMs: hourMs });

  test('take the share of the time that is asked for', () => {
    const gaps = make();
    const into = new Uint32Array(300);
    const rows = Array.from({ length: 2 * 24 * 60 }, (_, i) => present(gaps, midnightMs + i * minuteMs, into));
    expect(1 - mean(rows) / 300).toBeCloseTo(0.04, 2);
  });
  test('are the same whenever they are looked at', () => {
    const late = make();
    const early = make();
    early.roll(midnightMs - 5 * hourMs);
    early.roll(midnightMs);
    late.roll(midnightMs + 10 * minuteMs);
    expect(late.fromMs).toEqual(early.fromMs);
    expect(late.toMs).toEqual(early.toMs);
  });
});

test('the months since a calibration go from 0 to its period and start again', () => {
  const months = Array.from({ length: 200 }, (_, day) => monthsSince(midnightMs + day * 24 * hourMs, 0.3, 90));
  expect(Math.min(...months)).toBeLessThan(0.05);
  expect(Math.max(...months)).toBeLessThan(3);
  expect(Math.max(...months)).toBeGreaterThan(2.9);
});
