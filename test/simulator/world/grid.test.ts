// The grid of the background air: mass is conserved whatever the wind does, edges move and stay edges, nothing is negative.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridSpecies } from '../../../simulator/world/episode.ts';
import {
  type Air,
  type Edges,
  type Grid,
  type GridShape,
  type GridStep,
  makeGrid,
  newAccount,
  type StepWeather,
} from '../../../simulator/world/grid.ts';
import { uniform } from '../../../simulator/world/random.ts';

const speciesCount = gridSpecies.length;
const index = Object.fromEntries(gridSpecies.map((name, s) => [name, s])) as Record<(typeof gridSpecies)[number], number>;
const stepS = 300;
/** The mixed layer goes with 1.6 times the wind at 10 m. */
const transport = 1.6;

const shapeOf = (columns: number, rows: number): GridShape => ({
  columns,
  rows,
  cellM: 5_000,
  west: -10_000,
  south: -15_000,
  topM: 1_600,
});
const calm: StepWeather = { mixingM: 400, tempC: 5, rhPct: 40, rainMmH: 0, sun: 0 };

/** The same value everywhere outside. */
function edgesOf({ columns, rows }: GridShape, value: (k: number) => number): Edges {
  const line = (cells: number, at: number) => Float64Array.from({ length: cells * speciesCount }, (_, k) => value(at + k));
  return { west: line(rows, 0), east: line(rows, 1_000), south: line(columns, 2_000), north: line(columns, 3_000) };
}

function stepOf(grid: Grid, given: Partial<GridStep> = {}): GridStep {
  const edges = edgesOf(grid.shape, () => 0);
  return {
    stepS,
    mixingBeforeM: (given.weather ?? calm).mixingM,
    weather: calm,
    u: new Float64Array(grid.cells),
    v: new Float64Array(grid.cells),
    emission: new Float64Array(grid.cells * speciesCount),
    emissionAloft: new Float64Array(grid.cells * speciesCount),
    edges: { mixed: edges, residual: edges },
    count: 0,
    ...given,
  };
}

/** Values from a seed: a stream a use, as everywhere. */
function drawer(seed: number) {
  let streams = 0;
  return (length: number, low: number, high: number): Float64Array => {
    streams += 1;
    return Float64Array.from({ length }, (_, k) => low + (high - low) * uniform(seed, streams, k));
  };
}

/** Everything at random: wind of any divergence, rain, sun, a layer that rises or sinks, air outside. */
function randomRun(seed: number, steps: number, windMps: number) {
  const draw = drawer(seed);
  const [columns, rows, first] = draw(3, 0, 1);
  const grid = makeGrid(shapeOf(3 + Math.floor(columns * 6), 3 + Math.floor(rows * 6)));
  const size = grid.cells * speciesCount;
  const air: Air = { mixed: draw(size, 0, 200), residual: draw(size, 0, 100) };
  // Some cells are empty: there a flux that is too large shows as a negative value.
  for (let k = 0; k < size; k++) if (air.residual[k] < 30) air.mixed[k] = 0;
  const heights = draw(steps + 1, 60, 1_500);
  const list = Array.from({ length: steps }, (_, n): GridStep => {
    const [tempC, rhPct, rain, sun] = draw(4, 0, 1);
    const outside = draw(4_000, 0, 300);
    return stepOf(grid, {
      mixingBeforeM: heights[n],
      weather: {
        mixingM: heights[n + 1],
        tempC: -15 + 50 * tempC,
        rhPct: 5 + 95 * rhPct,
        rainMmH: rain < 0.5 ? 0 : 40 * (rain - 0.5),
        sun,
      },
      u: draw(grid.cells, -windMps, windMps),
      v: draw(grid.cells, -windMps, windMps),
      emission: draw(size, 0, 1e9),
      emissionAloft: draw(size, 0, 1e8),
      edges: { mixed: edgesOf(grid.shape, (k) => outside[k]), residual: edgesOf(grid.shape, (k) => outside[k] / 2) },
      count: n + (first > 0.5 ? 1 : 0),
    });
  });
  return { grid, air, list };
}

/** Longest distance between two airs, against the largest value. */
function apart(a: Float64Array, b: (k: number) => number): number {
  let most = 0;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k] - b(k)));
  return most;
}

describe('mass', () => {
  test('what is there after steps is what was there, came in, was given off and made, less what was deposited', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: 0, max: 14, noNaN: true }),
        (seed, steps, mps) => {
          const { grid, air, list } = randomRun(seed, steps, mps);
          const account = newAccount();
          const before = gridSpecies.map((_, s) => grid.massOf(air, s, list[0].mixingBeforeM));
          for (const step of list) grid.step(air, step, account);
          gridSpecies.forEach((_, s) => {
            const after = grid.massOf(air, s, list[steps - 1].weather.mixingM);
            const booked = account.emitted[s] + account.through[s] + account.made[s] - account.deposited[s];
            const error = Math.abs(after - before[s] - booked) / (before[s] + after);
            expect(error).toBeLessThan(1e-9);
          });
        },
      ),
      { numRuns: 80, seed: 1 },
    );
  });

  test('in a closed box without wind, what neither reacts nor is deposited stays to the last bits', () => {
    const draw = drawer(5);
    const grid = makeGrid(shapeOf(6, 5));
    const size = grid.cells * speciesCount;
    const air: Air = { mixed: draw(size, 0, 2_000), residual: draw(size, 0, 500) };
    const heights = [400, 700, 1_500, 300, 60, 61, 400];
    const before = grid.massOf(air, index.co, heights[0]);
    for (let n = 1; n < heights.length; n++)
      grid.step(
        air,
        stepOf(grid, { mixingBeforeM: heights[n - 1], weather: { ...calm, mixingM: heights[n], rainMmH: 8, sun: 0.5 } }),
      );
    expect(Math.abs(grid.massOf(air, index.co, 400) / before - 1)).toBeLessThan(1e-12);
    expect(grid.massOf(air, index.pm25, 400)).toBeLessThan(grid.massOf(air, index.co, 400));
  });

  test('the account of a step without wind, rain and chemistry is what was given off', () => {
    const grid = makeGrid(shapeOf(4, 3));
    const air = grid.newAir(new Float64Array(speciesCount));
    const emission = new Float64Array(grid.cells * speciesCount);
    emission[5 * speciesCount + index.co] = 1e9;
    const emissionAloft = new Float64Array(grid.cells * speciesCount);
    emissionAloft[6 * speciesCount + index.co] = 2e9;
    const account = newAccount();
    grid.step(air, stepOf(grid, { emission, emissionAloft }), account);
    expect(account.emitted[index.co]).toBe(3e9 * stepS);
    expect(account.through[index.co]).toBe(0);
    expect(account.deposited[index.co]).toBe(0);
    // 1 kg/s for 300 s in 25 km² × 400 m, 2 kg/s in the 1,200 m above.
    expect(air.mixed[5 * speciesCount + index.co]).toBeCloseTo((1e9 * 300) / (25e6 * 400), 9);
    expect(air.residual[6 * speciesCount + index.co]).toBeCloseTo((2e9 * 300) / (25e6 * 1_200), 9);
  });

  test('sulphur dioxide becomes 2.06 times its mass of ammonium sulphate, the more the damper and sunnier it is', () => {
    const grid = makeGrid(shapeOf(3, 3));
    const values = new Float64Array(speciesCount);
    values[index.so2] = 50;
    const madeIn = (weather: Partial<StepWeather>) => {
      const account = newAccount();
      grid.step(grid.newAir(values), stepOf(grid, { weather: { ...calm, ...weather } }), account);
      return account.made;
    };
    const [dry, sunny, damp] = [madeIn({}), madeIn({ sun: 0.6 }), madeIn({ rhPct: 90 })];
    for (const made of [dry, sunny, damp]) {
      expect(made[index.so4] / -made[index.so2]).toBeCloseTo(2.06, 9);
      for (const name of ['pm25', 'pmc', 'no3', 'soa', 'nox', 'co', 'voc'] as const) expect(made[index[name]]).toBe(0);
    }
    // Some per mille to a few per cent an hour in the dark and dry.
    const share = (12 * -dry[index.so2]) / (50 * 9 * 25e6 * 1_600);
    expect(share).toBeGreaterThan(0.001);
    expect(share).toBeLessThan(0.03);
    expect(sunny[index.so4]).toBeGreaterThan(2 * dry[index.so4]);
    expect(damp[index.so4]).toBeGreaterThan(2 * dry[index.so4]);
  });

  test('nitrate and organic aerosol are made from their gases, nitrate less when it is hot', () => {
    const grid = makeGrid(shapeOf(3, 3));
    const values = new Float64Array(speciesCount);
    values[index.nox] = 80;
    values[index.voc] = 60;
    const made = (tempC: number) => {
      const account = newAccount();
      grid.step(grid.newAir(values), stepOf(grid, { weather: { ...calm, tempC, sun: 0.5 } }), account);
      return account.made;
    };
    const cold = made(0);
    const hot = made(30);
    // NH4NO3 by NO2 is 80 / 46: when it is cold most of it stays in the particles, when it is hot little.
    expect(cold[index.no3]).toBeLessThanOrEqual(-1.74 * cold[index.nox]);
    expect(cold[index.no3]).toBeGreaterThan(-1.2 * cold[index.nox]);
    expect(hot[index.no3]).toBeGreaterThan(0);
    expect(hot[index.no3]).toBeLessThan(0.5 * cold[index.no3]);
    expect(cold[index.soa] / -cold[index.voc]).toBeGreaterThan(0);
    expect(cold[index.soa] / -cold[index.voc]).toBeLessThan(0.5);
    expect(hot[index.soa] / hot[index.voc]).toBeCloseTo(cold[index.soa] / cold[index.voc], 9);
  });
});

describe('values', () => {
  test('are never negative and never missing', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: 0, max: 14, noNaN: true }),
        (seed, steps, mps) => {
          const { grid, air, list } = randomRun(seed, steps, mps);
          for (const step of list) grid.step(air, step);
          for (const layer of [air.mixed, air.residual]) expect(layer.every((value) => value >= 0)).toBe(true);
        },
      ),
      { numRuns: 80, seed: 2 },
    );
  });

  test('of uniform air stay uniform in a wind that neither gathers nor spreads', () => {
    const grid = makeGrid(shapeOf(7, 6));
    const air = grid.newAir(new Float64Array(speciesCount).fill(100));
    const edges = edgesOf(grid.shape, () => 100);
    // East wind by row, south wind by column: shear, but no divergence.
    const u = Float64Array.from({ length: grid.cells }, (_, cell) => 4 * Math.sin(Math.floor(cell / 7)));
    const v = Float64Array.from({ length: grid.cells }, (_, cell) => 6 * Math.cos(cell % 7));
    for (let n = 0; n < 20; n++) grid.step(air, stepOf(grid, { u, v, edges: { mixed: edges, residual: edges }, count: n }));
    for (const layer of [air.mixed, air.residual])
      for (let k = index.co; k < layer.length; k += speciesCount) expect(Math.abs(layer[k] - 100)).toBeLessThan(1e-10);
  });

  // The two directions are one after the other, but what gathers or spreads is closed only after both.
  test('of uniform air stay uniform in any wind', () => {
    const { u, v, grid } = divergent();
    const air = grid.newAir(new Float64Array(speciesCount).fill(100));
    const edges = edgesOf(grid.shape, () => 100);
    for (let n = 0; n < 12; n++) grid.step(air, stepOf(grid, { u, v, edges: { mixed: edges, residual: edges }, count: n }));
    const co = (layer: Float64Array) => layer.filter((_, k) => k % speciesCount === index.co);
    const off = { mixed: apart(co(air.mixed), () => 100), residual: apart(co(air.residual), () => 100) };
    expect(off.mixed).toBeLessThan(1e-9);
    expect(off.residual).toBeLessThan(1e-9);
  });

  /** Air flows together in the west and apart in the east, as at a front: 1 m/s in 15 km. */
  function divergent() {
    const grid = makeGrid(shapeOf(9, 8));
    const wave = (n: number) => 2 + Math.sin((2 * Math.PI * n) / 9);
    const u = Float64Array.from({ length: grid.cells }, (_, cell) => wave(cell % 9));
    const v = Float64Array.from({ length: grid.cells }, (_, cell) => wave(Math.floor(cell / 9)));
    return { grid, u, v };
  }
});

describe('an edge', () => {
  /** Clean air comes from the west into air of 100: where it stands at 50, and how wide it is from 90 to 10, in cells. */
  function front(windMps: number, hours: number): { readonly at: number; readonly width: number } {
    const grid = makeGrid(shapeOf(60, 3));
    const air = grid.newAir(new Float64Array(speciesCount).fill(100));
    const sides = edgesOf(grid.shape, () => 100);
    const edges = { ...sides, west: sides.west.map(() => 0) };
    const u = new Float64Array(grid.cells).fill(windMps);
    for (let n = 0; n < hours * 12; n++) grid.step(air, stepOf(grid, { u, edges: { mixed: edges, residual: edges }, count: n }));
    const row = Array.from({ length: 60 }, (_, i) => air.mixed[(60 + i) * speciesCount + index.co]);
    const crosses = (value: number) => {
      const i = row.findIndex((each) => each > value);
      return i + 0.5 - (row[i] - value) / (row[i] - (row[i - 1] ?? 0));
    };
    return { at: crosses(50), width: crosses(90) - crosses(10) };
  }

  test.each([
    [1, 24],
    [3, 10],
    [8, 4],
  ])('moves at 1.6 times a wind of %d m/s and stays within a few cells', (windMps, hours) => {
    const { at, width } = front(windMps, hours);
    const moved = (transport * windMps * hours * 3_600) / 5_000;
    expect(Math.abs(at - moved)).toBeLessThan(0.5);
    expect(width).toBeLessThan(5);
  });

  test('makes no new extremes', () => {
    const grid = makeGrid(shapeOf(20, 12));
    const air = grid.newAir(new Float64Array(speciesCount).fill(10));
    for (let j = 3; j < 8; j++)
      for (let i = 3; i < 9; i++) air.mixed.fill(90, (j * 20 + i) * speciesCount, (j * 20 + i + 1) * speciesCount);
    const edges = edgesOf(grid.shape, () => 10);
    const u = new Float64Array(grid.cells).fill(2.7);
    const v = new Float64Array(grid.cells).fill(-1.3);
    for (let n = 0; n < 12; n++) grid.step(air, stepOf(grid, { u, v, edges: { mixed: edges, residual: edges }, count: n }));
    for (let k = index.co; k < air.mixed.length; k += speciesCount) {
      expect(air.mixed[k]).toBeGreaterThan(10 - 1e-9);
      expect(air.mixed[k]).toBeLessThan(90 + 1e-9);
    }
  });
});

describe('directions', () => {
  test('east and north are treated alike: a city mirrored at its diagonal has mirrored air', () => {
    const [columns, rows] = [7, 5];
    const plain = makeGrid(shapeOf(columns, rows));
    const turned = makeGrid({ ...shapeOf(rows, columns) });
    const draw = drawer(9);
    const size = plain.cells * speciesCount;
    const mirrored = (from: Float64Array, width: number) =>
      Float64Array.from({ length: from.length }, (_, k) => {
        const cell = Math.floor(k / width);
        return from[((cell % rows) * columns + Math.floor(cell / rows)) * width + (k % width)];
      });
    const air: Air = { mixed: draw(size, 0, 100), residual: draw(size, 0, 100) };
    const other: Air = { mixed: mirrored(air.mixed, speciesCount), residual: mirrored(air.residual, speciesCount) };
    const u = draw(plain.cells, -6, 6);
    const v = draw(plain.cells, -6, 6);
    const outside = draw(4_000, 0, 50);
    const edges = edgesOf(plain.shape, (k) => outside[k]);
    const swapped: Edges = { west: edges.south, east: edges.north, south: edges.west, north: edges.east };
    for (let n = 0; n < 3; n++) {
      plain.step(air, stepOf(plain, { u, v, edges: { mixed: edges, residual: edges }, count: n }));
      turned.step(
        other,
        stepOf(turned, {
          u: mirrored(v, 1),
          v: mirrored(u, 1),
          edges: { mixed: swapped, residual: swapped },
          // The other direction has its turn.
          count: n + 1,
        }),
      );
    }
    expect(other.mixed).toEqual(mirrored(air.mixed, speciesCount));
    expect(other.residual).toEqual(mirrored(air.residual, speciesCount));
  });
});

describe('reading', () => {
  const grid = makeGrid(shapeOf(6, 5));
  const layer = drawer(3)(grid.cells * speciesCount, 0, 100);
  const read = (x: number, y: number) => {
    const out = new Float64Array(speciesCount + 2);
    grid.readInto(layer, x, y, out, 2);
    return out.slice(2);
  };
  const valuesOf = (cell: number) => layer.slice(cell * speciesCount, (cell + 1) * speciesCount);
  const middle = (cell: number) => ({
    x: -10_000 + ((cell % 6) + 0.5) * 5_000,
    y: -15_000 + (Math.floor(cell / 6) + 0.5) * 5_000,
  });

  test('in the middle of a cell gives the cell', () => {
    for (let cell = 0; cell < grid.cells; cell++) {
      const { x, y } = middle(cell);
      expect(read(x, y)).toEqual(valuesOf(cell));
      expect(grid.cellOf(x, y)).toBe(cell);
    }
  });

  test('between two middles is between them, and halfway their mean', () => {
    const [a, b] = [valuesOf(8), valuesOf(9)];
    const { x, y } = middle(8);
    const half = read(x + 2_500, y);
    for (let s = 0; s < speciesCount; s++) expect(half[s]).toBeCloseTo((a[s] + b[s]) / 2, 9);
    const between = read(x + 1_000, y);
    for (let s = 0; s < speciesCount; s++) expect(between[s]).toBeCloseTo(a[s] + (b[s] - a[s]) / 5, 9);
  });

  const outermost = (x: number, y: number, cell: number) => {
    expect(grid.cellOf(x, y)).toBe(cell);
    const found = read(x, y);
    const own = valuesOf(cell);
    for (let s = 0; s < speciesCount; s++) expect(found[s]).toBeCloseTo(own[s], 6);
  };

  test.each([
    ['far west', -50_000, -12_500, 0],
    ['far south-west', -50_000, -90_000, 0],
    ['at the west edge', -9_000, -12_500, 0],
    ['at the south edge', 17_500, -14_900, 5],
  ])('beyond the outermost middles gives the outermost cell: %s', (_, x, y, cell) => outermost(x, y, cell));

  // Goes on with the slope between the last two middles: negative where they fall.
  test.each([
    ['far east', 90_000, -12_500, 5],
    ['at the east edge', 19_000, -12_500, 5],
    ['far north', -7_500, 90_000, 24],
    ['far north-east', 90_000, 90_000, 29],
  ])('beyond the outermost middles gives the outermost cell: %s', (_, x, y, cell) => outermost(x, y, cell));
});
