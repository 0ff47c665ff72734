// Whose smoke it is: by the air's way, by what was wrong, by the mixture; and that nobody is an answer.

import { expect, test } from 'vitest';
import type { Source } from '../../../../engine/schema/register.ts';
import { attributionOf, type Fire, type Rise } from '../../../../engine/stages/correlate/attribution.ts';
import { districtHours } from '../../../../engine/stages/correlate/districtHours.ts';
import type { ProcessLink } from '../../../../engine/stages/correlate/links.ts';
import { windowSeries } from '../../../../engine/stages/correlate/series.ts';
import { put } from '../../../harness/windowSteps.ts';

const station = { lon: 115.7, lat: 37.7 };
/** km east and north of the station. */
const at = (x: number, y: number) => ({ lon: station.lon + x / 88, lat: station.lat + y / 111 });

const plant = (enterprise: string, x: number, y: number): ProcessLink => ({
  enterprise,
  district: '131102',
  township: '131102001',
  ...at(x, y),
  industry: 'foundry',
  process: 'P1',
  ratedKw: 100,
  treatmentKw: 20,
  productionMeter: `${enterprise}-P`,
  treatmentMeter: `${enterprise}-T`,
  cems: `${enterprise}-C`,
  flowM3S: 50,
  limits: {},
});
/** With a VOC monitor alone. */
const printer: ProcessLink = { ...plant('printer', 0, 1.2), cems: undefined, voc: 'printer-V' };
const plants = [plant('west', -1, 0), plant('west-far', -3, 0), plant('east', 1, 0), plant('south', 0, -1.5), printer];
const powers = plants.flatMap(({ productionMeter = '', treatmentMeter = '' }) => [productionMeter, treatmentMeter]);
const source = (kind: Source['kind'], id: string, place: object = {}): Source => ({
  kind,
  id,
  zh: id,
  district: '131102',
  ...place,
});

interface Case {
  /** Where the wind comes from, by step. */
  readonly wind?: (step: number) => readonly [mps: number, fromDeg: number];
  /** Kilowatts of the treatment, by plant and step; 18 = as it should be. */
  readonly treatment?: (plant: string, step: number) => number;
  readonly rises?: readonly Rise[];
  readonly siteUgM3?: number;
  readonly fires?: readonly Fire[];
}

const stack: readonly Rise[] = [
  { metric: 'pm25', rise: 50 },
  { metric: 'pm10', rise: 90 },
  { metric: 'so2', rise: 100 },
];
const dusty: readonly Rise[] = [
  { metric: 'pm25', rise: 20 },
  { metric: 'pm10', rise: 100 },
];
const mostlyCoarse: readonly Rise[] = [
  { metric: 'pm25', rise: 25 },
  { metric: 'pm10', rise: 80 },
];
const burning: readonly Rise[] = [
  { metric: 'pm25', rise: 80 },
  { metric: 'pm10', rise: 90 },
  { metric: 'co', rise: 0.4 },
];

function made({ wind = () => [2, 270], treatment = () => 18, siteUgM3 = 60, fires = [] }: Case) {
  const fives = windowSeries({ size: '5m', steps: 72, kinds: ['air', 'power', 'dust'] });
  const hours = windowSeries({ size: '1h', steps: 72, kinds: ['dust'] });
  const attribution = attributionOf({ links: plants, fives, hours, districts: districtHours(72), fires: () => fires });
  attribution.setSources('air', 0, [source('air', 'A', station)]);
  attribution.setSources('dust', 0, [source('dust', 'site', at(-0.5, 0))]);
  attribution.setSources(
    'power',
    0,
    powers.map((id) => source('power', id)),
  );
  for (let step = 60; step <= 100; step++) {
    const [windMps, windFromDeg] = wind(step);
    put(fives, step, { kind: 'air', source: 0, values: { windMps, windFromDeg } });
    put(fives, step, { kind: 'dust', source: 0, values: { pm10: siteUgM3 } });
    plants.forEach(({ enterprise }, i) => {
      put(fives, step, { kind: 'power', source: 2 * i, values: { kw: 80 } });
      put(fives, step, { kind: 'power', source: 2 * i + 1, values: { kw: treatment(enterprise, step) } });
    });
  }
  return attribution;
}

const question = (rises: readonly Rise[] = stack) => ({ station: 0, fromStep: 97, toStep: 100, rises });
const best = (given: Case) => made(given).candidates(question(given.rises))[0];
const off =
  (...ids: readonly string[]) =>
  (id: string) =>
    ids.includes(id) ? 0 : 18;

test.each<[string, Case, string]>([
  ['the one upwind whose treatment is off', { treatment: off('west') }, 'west'],
  ['the far one, when the near one is in order', { treatment: off('west-far') }, 'west-far'],
  ['the near one, when both are off', { treatment: off('west', 'west-far') }, 'west'],
  ['not the one downwind', { treatment: off('east') }, 'unknown'],
  [
    'the way that the air came, not the present wind',
    { treatment: off('south'), wind: (step) => (step < 99 ? [2, 180] : [2, 270]) },
    'south',
  ],
  ['a site, where it is dust', { rises: dusty, siteUgM3: 800 }, 'site'],
  ['no site, where it is SO2', { siteUgM3: 800 }, 'unknown'],
  ['nobody is out of order', {}, 'unknown'],
  ['a fire upwind', { rises: burning, fires: [{ id: 'F', ...at(-2, 0), fromMs: 90 * 300_000, toMs: 96 * 300_000 }] }, 'F'],
  ['no fire that is out for long', { rises: burning, fires: [{ id: 'F', ...at(-2, 0), fromMs: 0, toMs: 300_000 }] }, 'unknown'],
  [
    'no fire downwind',
    { rises: burning, fires: [{ id: 'F', ...at(2, 0), fromMs: 90 * 300_000, toMs: 96 * 300_000 }] },
    'unknown',
  ],
  [
    'one that went off only when its air had passed',
    { treatment: (id, step) => (id === 'west-far' && step > 98 ? 0 : 18) },
    'unknown',
  ],
  ['no wind known: the near one', { wind: () => [Number.NaN, Number.NaN], treatment: off('west') }, 'west'],
])('the best candidate: %s', (_, given, want) => {
  expect(best(given).id).toBe(want);
});

test('scores are shares of one, the best first, each with its parts as reasons', () => {
  const all = made({ treatment: off('west') }).candidates(question());
  expect(all.map(({ score }) => score)).toEqual([...all.map(({ score }) => score)].sort((a, b) => b - a));
  expect(all.reduce((sum, { score }) => sum + score, 0)).toBeLessThan(1.01);
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(['unknown', 'outside']));
  expect(all[0].reasons).toEqual(['treatmentOff', 'km=1.0', 'minutes=8', 'upwind=1.00', 'mixture=1.00']);
});

test.each<[string, Case, boolean]>([
  ['its treatment is off', { treatment: off('west') }, true],
  ['it stands downwind', { treatment: off('east') }, false],
  ['all are in order', {}, false],
  ['a dusty site that is always so', { rises: dusty, siteUgM3: 800 }, false],
  ['fumes of a printer', { rises: burning, treatment: off('printer'), wind: () => [2, 0] }, true],
  ['dust is none of a printer', { rises: mostlyCoarse, treatment: off('printer'), wind: () => [2, 0] }, false],
])('explained by a neighbour: %s', (_, given, want) => {
  expect(made(given).isExplained(question(given.rises))).toBe(want);
});

test('a station without a place has no candidates but nobody', () => {
  expect(
    made({})
      .candidates({ ...question(), station: 7 })
      .map(({ id }) => id),
  ).toEqual(['unknown', 'outside']);
});
