// Units and names of scenario files: times, draws, masses, distances, districts, species, stations, metrics.

import { hengshuiDistricts } from '../../engine/domain/geo.ts';
import { catalog } from '../../engine/schema/catalog.ts';
import { type Draw, emittedSpecies, type GridSpecies, gridSpecies } from '../world/episode.ts';
import { complain, type Field, mapped, named, number, optional, type ScalarField, scalar, text } from './fields.ts';
import { map } from './maps.ts';

const amount = '\\d{1,9}(?:\\.\\d{1,3})?';
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const durationPattern = new RegExp(`^${amount}[smhd]$`);

/** `8d`, `45m`, `90s` in whole ms; undefined for anything else. */
function durationMs(value: unknown): number | undefined {
  return measured(value, durationPattern, unitMs);
}

function measured(value: unknown, pattern: RegExp, units: Readonly<Record<string, number>>): number | undefined {
  if (typeof value !== 'string' || !pattern.test(value)) return undefined;
  const unit = /[a-z]+$/.exec(value)?.[0] ?? '';
  return Math.round(Number(value.slice(0, -unit.length)) * units[unit] * 1000) / 1000;
}

/** A length of time, ms. */
export const duration: ScalarField<number> = named(
  'duration',
  scalar(durationMs, 'a duration: 7d, 12h, 45m, 90s', { type: 'string', pattern: durationPattern.source }),
);

/** Longer than nothing, ms. */
export const span: ScalarField<number> = named(
  'span',
  scalar((value) => durationMs(value) || undefined, 'a duration: 7d, 12h, 45m, 90s', {
    type: 'string',
    pattern: `^(?=.*[1-9])${amount}[smhd]$`,
  }),
);

/** A time after the start and not after the end, ms. */
export const time: ScalarField<number> = named(
  'time',
  scalar(
    durationMs,
    'a time after the start: 0h, 90m, 2d',
    { type: 'string', pattern: durationPattern.source },
    (ms, cell) => ms <= cell.context.durationMs || (complain(cell, 'is after the end', 'up to clock.duration') ?? false),
  ),
);

const massPattern = new RegExp(`^${amount}(?:kg|t)$`);
export const massKg: ScalarField<number> = scalar(
  (value) => measured(value, massPattern, { kg: 1, t: 1_000 }),
  'a mass: 120t, 500kg',
  { type: 'string', pattern: massPattern.source },
);

const distancePattern = new RegExp(`^${amount}(?:m|km)$`);
export const distanceM: ScalarField<number> = named(
  'distance',
  scalar((value) => measured(value, distancePattern, { m: 1, km: 1_000 }), 'a distance: 900m, 2.5km', {
    type: 'string',
    pattern: distancePattern.source,
  }),
);

// A spread below 1 has no meaning: it is the factor that two thirds of the draws stay within.
const gsd = '(?:[1-9]|10)(?:\\.\\d{1,3})?';

function drawPattern(unit: string): string {
  return `^(?:lognormal\\(\\s*${amount}${unit}\\s*,\\s*${gsd}\\s*\\)|uniform\\(\\s*${amount}${unit}\\s*,\\s*${amount}${unit}\\s*\\))$`;
}

/** `one` reads what stands alone, `part` what stands between the brackets. */
function drawOf(
  value: unknown,
  pattern: RegExp,
  one: (value: unknown) => number | undefined,
  part: (text: string) => number | undefined,
): Draw | undefined {
  const fixed = one(value);
  if (fixed !== undefined) return { kind: 'fixed', value: fixed };
  if (typeof value !== 'string' || !pattern.test(value)) return undefined;
  const [first, second] = value
    .slice(value.indexOf('(') + 1, -1)
    .split(',')
    .map((each) => each.trim());
  const low = part(first) ?? 0;
  if (value.startsWith('lognormal')) return low > 0 ? { kind: 'lognormal', median: low, gsd: Number(second) } : undefined;
  const high = part(second) ?? 0;
  return low <= high ? { kind: 'uniform', low, high } : undefined;
}

const durationDrawPattern = new RegExp(drawPattern('[smhd]'));
/** Of lengths of time, ms. */
export const durationDraw: ScalarField<Draw> = named(
  'durationDraw',
  scalar(
    (value) => drawOf(value, durationDrawPattern, durationMs, durationMs),
    'a duration, lognormal(150m, 1.6), uniform(10m, 1h)',
    { type: 'string', pattern: `${durationPattern.source}|${durationDrawPattern.source}` },
  ),
);

const numberDrawPattern = new RegExp(drawPattern(''));
const plain = number(0, 1e6);
/** Of numbers from 0. */
export const numberDraw: ScalarField<Draw> = named(
  'numberDraw',
  scalar((value) => drawOf(value, numberDrawPattern, plain.parse, Number), 'a number from 0, lognormal(6, 2), uniform(2, 8)', {
    anyOf: [
      { type: 'number', minimum: 0, maximum: 1e6 },
      { type: 'string', pattern: numberDrawPattern.source },
    ],
  }),
);

const windowPattern = /^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/;
/** A part of every day by Beijing time; over midnight when it ends before it begins. */
export const dayWindow: ScalarField<{ readonly fromMinute: number; readonly toMinute: number }> = scalar(
  (value) => {
    if (typeof value !== 'string' || !windowPattern.test(value)) return undefined;
    const [fromMinute, toMinute] = value.split('-').map((part) => Number(part.slice(0, 2)) * 60 + Number(part.slice(3)));
    return fromMinute === toMinute ? undefined : { fromMinute, toMinute };
  },
  'a time of day: "22:00-04:30"',
  { type: 'string', pattern: windowPattern.source },
);

/** `Jing County` is `jing`, `High-tech Zone` is `high-tech`. */
const shortName = (name: string) => name.toLowerCase().replace(/ (county|zone|new area)$/, '');
const districtCodes = new Map<string, string>(
  hengshuiDistricts.flatMap(({ code, zh, en }) => [shortName(en), en, zh, code].map((name) => [name, code])),
);
/** By English name, Chinese name or code; gives the code. */
export const county: ScalarField<string> = named(
  'county',
  scalar(
    (value) => districtCodes.get(String(value)),
    `${hengshuiDistricts.map(({ en }) => shortName(en)).join(', ')}, or a code`,
    { enum: [...districtCodes.keys(), ...hengshuiDistricts.map(({ code }) => Number(code))] },
  ),
);

/** `S012` is the twelfth of its kind; the world finds it. */
export const sourceId: ScalarField<string> = named(
  'source',
  text(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/, 'an id of the register, or S and a number: S012 is the twelfth of its kind'),
);

/** One for the whole file, since the answer key names incidents, faults and orders by it. */
export const ownId: ScalarField<string> = named(
  'id',
  text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/, 'letters, digits, - and _, up to 32', (id, cell) => {
    const first = cell.context.ids.get(id);
    if (first !== undefined) return complain(cell, `is the same as ${first}`, 'each id once in a file') ?? false;
    cell.context.ids.set(id, cell.path);
    return true;
  }),
);

/** Amounts by species as files write them: `PM25`. */
function amounts<T extends string>(species: readonly T[], high: number): Field<Readonly<Partial<Record<T, number>>>> {
  const shape = Object.fromEntries(species.map((each) => [each.toUpperCase(), optional(number(0, high))]));
  return mapped(map(shape), (value) => {
    const given = species.filter((each) => value[each.toUpperCase()] !== undefined);
    return Object.fromEntries(given.map((each) => [each, value[each.toUpperCase()]])) as Partial<Record<T, number>>;
  });
}

/** On top of the air, µg/m³. */
export const concentrations: Field<Readonly<Partial<Record<GridSpecies, number>>>> = amounts(gridSpecies, 20_000);
/** g/s. */
export const emissions = amounts(emittedSpecies, 10_000);

/** Kinds whose sensors a scenario can disturb. */
export const sensorKinds = ['air', 'cems', 'voc', 'dust', 'power'] as const;
export type SensorKind = (typeof sensorKinds)[number];

/** Short names of metrics that the catalog calls after their unit. */
const metricNames: Readonly<Record<string, string>> = {
  rh: 'rhPct',
  temp: 'tempC',
  pressure: 'pressureHpa',
  ws: 'windMps',
  wd: 'windFromDeg',
  o2: 'o2Pct',
  flow: 'flowM3S',
};

const metricIds = [...new Set(sensorKinds.flatMap((kind) => catalog[kind].metrics.map(({ id }) => id)))];
const allowedMetrics = [...Object.keys(metricNames), ...metricIds];
/** Of any kind; whether it is one of the source's kind is checked beside it. */
export const metric: ScalarField<string> = named(
  'metric',
  scalar(
    (value) => {
      const id = typeof value === 'string' && Object.hasOwn(metricNames, value) ? metricNames[value] : value;
      return metricIds.find((each) => each === id);
    },
    allowedMetrics.join(', '),
    { enum: allowedMetrics },
  ),
);
