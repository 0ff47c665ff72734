import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emissionInto, merge, neutral, raise } from '../../../../simulator/world/activity/modifier.ts';
import { ratesOf } from '../../../../simulator/world/activity/rates.ts';
import { processesOf } from '../../../../simulator/world/processes.ts';
import { smallCity } from './smallCity.ts';

const processes = processesOf(smallCity(4));
const rates = ratesOf(1, processes);
const pm = (out: Float64Array) => out[0] + out[1];

test('a particle removal of r gives rated × load × (1 - removes·r)/(1 - removes)', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.1, max: 1, noNaN: true }), (removal, load) => {
      const modifier = neutral();
      modifier.removal[2] = removal;
      const out = new Float64Array(12);
      emissionInto(out, rates, 0, true, load, modifier);
      expect(pm(out)).toBeCloseTo((0.72 / 3.6) * load * ((1 - 0.99 * removal) / (1 - 0.99)), 9);
    }),
  );
});

test('behind a baghouse three quarters of the particles are fine, without it less than half', () => {
  const out = new Float64Array(12);
  emissionInto(out, rates, 0, true, 1, neutral());
  expect(out[0] / pm(out)).toBeCloseTo(0.75, 9);
  const off = neutral();
  off.removal.fill(0);
  emissionInto(out, rates, 0, true, 1, off);
  expect(out[0] / pm(out)).toBeCloseTo(0.45, 9);
});

test.each([
  [1, 1, 1], // no more than usual
  [60, 1 - 59 / 99, 1], // within what the baghouse holds back (100 times)
  [100, 0, 1],
  [150, 0, 1.5], // more than the raw gas: on top
])('a factor of %d leaves a removal of %d and %d on top', (factor, removal, extra) => {
  const modifier = neutral();
  raise(modifier, rates, 0, 2, factor);
  expect(modifier.removal[2]).toBeCloseTo(removal, 9);
  expect(modifier.extra[2]).toBeCloseTo(extra, 9);
  const out = new Float64Array(12);
  emissionInto(out, rates, 0, true, 1, modifier);
  expect(pm(out)).toBeCloseTo((factor * 0.72) / 3.6, 9);
});

test('without its fan a stack of 0.15 g/s PM2.5 leaks 3 to 10 g/s at the roof and keeps a tenth', () => {
  const modifier = neutral();
  modifier.capture = 0.1;
  const out = new Float64Array(12);
  const usual = new Float64Array(12);
  emissionInto(usual, rates, 0, true, 1, neutral());
  emissionInto(out, rates, 0, true, 1, modifier);
  expect(usual[0]).toBeCloseTo(0.15, 9);
  expect(out[0]).toBeCloseTo(0.015, 9);
  expect(out[6]).toBeGreaterThan(2.5);
  expect(out[6]).toBeLessThan(10);
});

test('two modifiers merge to the same in either order', () => {
  const a = neutral();
  a.floor = 0.9;
  a.treatment = 0;
  a.removal[2] = 0.4;
  const b = neutral();
  b.capture = 0.1;
  b.treatment = 0.2;
  b.roof[0] = 6;
  const ab = neutral();
  merge(ab, a);
  merge(ab, b);
  const ba = neutral();
  merge(ba, b);
  merge(ba, a);
  expect(ab).toEqual(ba);
  expect(ab).toMatchObject({ floor: 0.9, treatment: 0, capture: 0.1 });
});
