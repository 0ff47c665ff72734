// Puffs: no mass is lost, in steady wind they are a plume, and they are nowhere before they can be there.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Stability, sigmaY } from '../../../simulator/world/dispersion.ts';
import { emittedSpecies } from '../../../simulator/world/episode.ts';
import type { Local } from '../../../simulator/world/local.ts';
import { makePlumes } from '../../../simulator/world/plumes.ts';
import { makePuffs, type PuffStep, type Puffs } from '../../../simulator/world/puffs.ts';
import { uniform } from '../../../simulator/world/random.ts';

const speciesCount = emittedSpecies.length;
const minuteMs = 60_000;
const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const stability = fc.integer({ min: 0, max: 5 }) as fc.Arbitrary<Stability>;
const anywhere = () => true;
const nobody = () => {
  throw new Error('a puff was handed over');
};

/** Releases of one minute at 1 g/s of each species. */
const perMinute = () => new Float64Array(speciesCount).fill(60);
const releaseAt = (place: Local, event = 0) => ({ event, ...place, heightM: 8, widthM: 10, mass: perMinute() });

function stepOf(u: number, v: number, given: Partial<PuffStep> = {}): PuffStep {
  const windInto = (_: number, __: number, out: Float64Array) => {
    out[0] = u;
    out[1] = v;
  };
  return { stepMs: minuteMs, stability: 3, lidM: 800, windInto, ...given };
}

function received(puffs: Puffs, receptors: number, lidM = 800): Float64Array {
  const out = new Float64Array(receptors * speciesCount);
  puffs.addTo(out, lidM);
  return out;
}

describe('puffs in steady wind', () => {
  /** A class and a wind at which it occurs. */
  const airs: readonly [string, Stability, number, number][] = [
    ['A', 0, 1.8, 1_500],
    ['B', 1, 2.5, 1_200],
    ['C', 2, 4, 900],
    ['D', 3, 6, 600],
    ['D', 3, 3, 600],
    ['E', 4, 3, 250],
    ['F', 5, 2, 150],
  ];
  const distances = [3_000, 4_100, 5_300, 6_400];

  test.each(airs)('class %s, %#: are a plume within a twentieth from 3 km on', (_, k, u, lidM) => {
    const receptors = distances.flatMap((x) => [
      { x, y: 0 },
      { x, y: 0.8 * sigmaY(k, 'rural', x) },
    ]);
    const puffs = makePuffs(receptors, anywhere);
    for (let minute = 0; minute < (1.6 * 6_400) / u / 60; minute++) {
      puffs.advance(stepOf(u, 0, { stability: k, lidM }), nobody);
      puffs.release(releaseAt({ x: 0, y: 0 }));
    }
    const found = received(puffs, receptors.length, lidM);
    const plumes = makePlumes([{ x: 0, y: 0, heightM: 8, buoyancy: 0, terrain: 'rural', widthM: 10 }], receptors);
    const wind = Float64Array.from({ length: receptors.length * 2 }, (__, i) => (i % 2 === 0 ? u : 0));
    const ratios = receptors.map((__, r) => found[r * speciesCount] / plumes.reach(0, r, { stability: k, lidM, wind }).perGps);
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
  });
});

describe('mass', () => {
  test('what was released was handed over or is alive', () => {
    fc.assert(
      fc.property(fc.integer(), stability, fc.integer({ min: 1, max: 100 }), between(0, 12), (seed, k, minutes, mps) => {
        let isOpen = true;
        const puffs = makePuffs([{ x: 0, y: 0 }], (x, y) => isOpen && Math.abs(x) < 30_000 && Math.abs(y) < 30_000);
        const handed = new Float64Array(speciesCount);
        const take = (_: number, __: number, mass: Float64Array) => {
          for (let s = 0; s < speciesCount; s++) handed[s] += mass[s];
        };
        const step = stepOf(mps * Math.cos(seed), mps * Math.sin(seed), { stability: k });
        const released = new Float64Array(speciesCount);
        let count = 0;
        let handedCount = 0;
        for (let minute = 0; minute < minutes; minute++) {
          puffs.advance(step, (x, y, mass) => {
            handedCount += 1;
            take(x, y, mass);
          });
          if (uniform(seed, 1, minute) < 0.4) continue;
          const mass = Float64Array.from({ length: speciesCount }, (_, s) => 100 * uniform(seed, 2, minute * 8 + s));
          puffs.release({ ...releaseAt({ x: 5_000 * uniform(seed, 3, minute), y: 0 }), mass });
          for (let s = 0; s < speciesCount; s++) released[s] += mass[s];
          count += 1;
        }
        expect(puffs.count).toBe(count - handedCount);
        // Whoever is still alive is counted by sending it away.
        isOpen = false;
        puffs.advance(step, take);
        expect(puffs.count).toBe(0);
        for (let s = 0; s < speciesCount; s++) expect(Math.abs(handed[s] - released[s])).toBeLessThanOrEqual(1e-12 * released[s]);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('a puff is handed over where it has gone', () => {
    const puffs = makePuffs([], (x) => x < 1_000);
    puffs.release(releaseAt({ x: 0, y: 50 }));
    const places: Local[] = [];
    for (let minute = 1; minute <= 6; minute++) puffs.advance(stepOf(4, 0), (x, y) => places.push({ x, y }));
    // 240 m a minute: over the line in the fifth.
    expect(places).toEqual([{ x: 1_200, y: 50 }]);
  });

  test('no puff is older than four hours, even in a calm', () => {
    const puffs = makePuffs([], anywhere);
    puffs.release(releaseAt({ x: 0, y: 0 }));
    let handed = 0;
    for (let minute = 1; minute <= 240; minute++) puffs.advance(stepOf(0, 0, { stability: 5 }), () => (handed += 1));
    expect([puffs.count, handed]).toEqual([1, 0]);
    puffs.advance(stepOf(0, 0, { stability: 5 }), () => (handed += 1));
    expect([puffs.count, handed]).toEqual([0, 1]);
  });
});

describe('a puff', () => {
  test('is nowhere before it can be there, and is strongest as it passes', () => {
    fc.assert(
      fc.property(stability, between(1, 8), between(1_500, 9_000), between(0, 2 * Math.PI), (k, mps, x, angle) => {
        const receptor = { x: x * Math.cos(angle), y: x * Math.sin(angle) };
        const puffs = makePuffs([receptor], anywhere);
        puffs.release(releaseAt({ x: 0, y: 0 }));
        const wind = stepOf(mps * Math.cos(angle), mps * Math.sin(angle), { stability: k });
        const minutes = Math.min(239, Math.ceil((1.5 * x) / mps / 60));
        const values = Array.from({ length: minutes }, () => {
          puffs.advance(wind, nobody);
          return received(puffs, 1)[0];
        });
        values.forEach((value, i) => {
          const gone = (i + 1) * 60 * mps;
          // Four sigmas ahead of its middle; the initial 2.3 m are a few tens of metres of way.
          const ahead =
            4 * Math.max(sigmaY(k, 'rural', gone + 120), Math.sqrt(sigmaY(k, 'rural', gone + 120) ** 2 + (60 * mps) ** 2 / 12));
          if (gone + ahead < x) expect(value).toBe(0);
        });
        const passesAt = values.indexOf(Math.max(...values)) + 1;
        expect(Math.max(...values)).toBeGreaterThan(0);
        // It thins while it passes, so that it is strongest a little before its middle is there.
        expect(passesAt * 60 * mps).toBeGreaterThan(0.7 * x - 60 * mps);
        expect(passesAt * 60 * mps).toBeLessThan(x + 60 * mps);
      }),
      { numRuns: 80, seed: 2 },
    );
  });

  test('follows a wind that turns', () => {
    const receptors = [
      { x: 3_600, y: 0 },
      { x: 1_800, y: 1_800 },
    ];
    const puffs = makePuffs(receptors, anywhere);
    puffs.release(releaseAt({ x: 0, y: 0 }));
    for (let minute = 0; minute < 10; minute++) puffs.advance(stepOf(3, 0), nobody);
    for (let minute = 0; minute < 10; minute++) puffs.advance(stepOf(0, 3), nobody);
    const [ahead, aside] = [received(puffs, 2)[0], received(puffs, 2)[speciesCount]];
    expect(aside).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(1e-3 * aside);
  });

  /** In the middle of a puff that goes 1,800 m in one class and then the minutes in another. */
  function inMiddle(first: Stability, later: Stability, minutes: number, mass = perMinute()): number {
    const puffs = makePuffs([{ x: 1_800 + 180 * minutes, y: 0 }], anywhere);
    puffs.release({ ...releaseAt({ x: 0, y: 0 }), mass });
    for (let minute = 0; minute < 10 + minutes; minute++)
      puffs.advance(stepOf(3, 0, { stability: minute < 10 ? first : later }), nobody);
    return received(puffs, 1)[0];
  }

  test('doubles with its mass', () => {
    expect(
      inMiddle(
        2,
        2,
        10,
        perMinute().map((grams) => 2 * grams),
      ),
    ).toBe(2 * inMiddle(2, 2, 10));
  });

  test('goes on growing, slower, when the class changes', () => {
    // From D, 78 m high, to E, which goes to 100 m.
    expect(inMiddle(3, 4, 10)).toBeLessThan(inMiddle(3, 4, 0));
    expect(inMiddle(3, 4, 10)).toBeGreaterThan(1.1 * inMiddle(3, 3, 10));
  });

  // The vertical spread of E never exceeds 100 m, that of F 53 m: no distance gives what the day's puff has already.
  test('does not shrink when a night comes whose own plumes stay thinner', () => {
    for (const day of [0, 1, 2] as const)
      for (const night of [4, 5] as const) expect(inMiddle(day, night, 1)).toBeLessThanOrEqual(inMiddle(day, night, 0));
  });

  test('of each event has its own share of what the stations are given', () => {
    const receptors = [
      { x: 1_200, y: 0 },
      { x: 2_400, y: 100 },
    ];
    const puffs = makePuffs(receptors, anywhere);
    for (let minute = 0; minute < 20; minute++) {
      puffs.advance(stepOf(2, 0), nobody);
      for (const event of [0, 1, 4]) puffs.release(releaseAt({ x: 0, y: 30 * event }, event));
    }
    const out = new Float64Array(2 * speciesCount);
    const sums = new Float64Array(2 * speciesCount);
    const events = new Set<number>();
    puffs.addTo(out, 800, (event, receptor, species, value) => {
      events.add(event);
      sums[receptor * speciesCount + species] += value;
    });
    expect([...events].sort()).toEqual([0, 1, 4]);
    expect(sums).toEqual(out);
    expect(out.every((value) => value > 0)).toBe(true);
  });
});
