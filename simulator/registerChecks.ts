// What a line of each register file must look like, and how the files refer to each other.

import { isKind, kinds } from '../engine/schema/catalog.ts';
import {
  type District,
  type Emission,
  type Enterprise,
  type EnterpriseProcess,
  grades,
  type Inspector,
  type Level,
  levels,
  type Measure,
  type Permit,
  type Source,
  type Stack,
  type Township,
  type Treatment,
} from '../engine/schema/register.ts';

/** What is wrong, and where in the line: `processes[0].stack.heightM`. */
export interface Wrong {
  readonly field: string;
  readonly value: unknown;
  readonly allowed: string;
}

/** Undefined: nothing is wrong. `field` is the way to the value. */
export type Check = (value: unknown, field: string) => Wrong | undefined;

const holds =
  (isGood: (value: unknown) => boolean, allowed: string): Check =>
  (value, field) =>
    isGood(value) ? undefined : { field, value, allowed };

export const text = holds(
  (value) => typeof value === 'string' && value !== '' && value.length <= 200,
  'a text of 1 to 200 characters',
);
const identifier = holds(
  (value) => typeof value === 'string' && value !== '' && value.length <= 64,
  'a text of 1 to 64 characters',
);
const truth = holds((value) => typeof value === 'boolean', 'true, false');
const range = (min: number, max: number): Check =>
  holds((value) => typeof value === 'number' && value >= min && value <= max, `a number from ${min} to ${max}`);
const oneOf = (choices: readonly string[]): Check => holds((value) => choices.includes(value as string), choices.join(', '));
const optional =
  (check: Check): Check =>
  (value, field) =>
    value === undefined ? undefined : check(value, field);

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object of exactly these fields. */
function object(checks: Readonly<Record<string, Check>>): Check {
  const names = Object.keys(checks);
  return (value, field) => {
    if (!isFields(value)) return { field, value, allowed: `an object of ${names.join(', ')}` };
    const at = (name: string) => (field === '' ? name : `${field}.${name}`);
    for (const name of Object.keys(value))
      if (!Object.hasOwn(checks, name)) return { field: at(name), value: value[name], allowed: `only ${names.join(', ')}` };
    for (const name of names) {
      const wrong = checks[name](value[name], at(name));
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

const listMax = 200;

function list(check: Check): Check {
  return (value, field) => {
    if (!Array.isArray(value) || value.length > listMax) return { field, value, allowed: `a list of up to ${listMax}` };
    for (const [i, each] of value.entries()) {
      const wrong = check(each, `${field}[${i}]`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

type Checks<Row> = Readonly<Record<keyof Row, Check>>;

const lon = range(-180, 180);
const lat = range(-90, 90);
const duration = optional(range(0, 30 * 86_400_000));
const kilograms = range(0, 1e6);
const kilowatts = range(0, 1e6);
const share = range(0, 1);
const milligrams = optional(range(0, 1e5));
const percent = range(0, 100);

const districtFields: Checks<District> = { code: text, zh: text, en: text, lon, lat };
export const districtCheck = object(districtFields);

const sourceFields: Checks<Source> = {
  kind: holds(isKind, kinds.join(', ')),
  id: identifier,
  zh: text,
  en: optional(text),
  district: holds((value) => typeof value === 'string', 'a district code, or "" for none'),
  lon: optional(lon),
  lat: optional(lat),
  cadenceMs: duration,
  latenessMs: duration,
  idleMs: duration,
  national: optional(truth),
  enterprise: optional(text),
  circuit: optional(oneOf(['main', 'production', 'treatment'])),
};
export const sourceCheck = object(sourceFields);

const townshipFields: Checks<Township> = { code: identifier, zh: text, en: text, district: text, lon, lat };
export const townshipCheck = object(townshipFields);

const inspectorFields: Checks<Inspector> = { id: identifier, zh: text, township: text, district: text };
export const inspectorCheck = object(inspectorFields);

const emissionFields: Checks<Emission> = { so2: kilograms, nox: kilograms, pm: kilograms, voc: kilograms };
const removedFields: Checks<Emission> = { so2: share, nox: share, pm: share, voc: share };
const treatmentFields: Checks<Treatment> = { zh: text, en: text, removes: object(removedFields), ratedKw: kilowatts };
const stackFields: Checks<Stack> = {
  heightM: range(0, 500),
  diameterM: range(0.01, 50),
  tempC: range(-40, 1000),
  flowM3S: range(0, 5000),
  o2RefPct: optional(range(0, 20)),
  cems: optional(identifier),
  voc: optional(identifier),
};
const processFields: Checks<EnterpriseProcess> = {
  id: identifier,
  zh: text,
  en: text,
  emits: truth,
  ratedKw: kilowatts,
  shifts: oneOf(['continuous', 'day', 'two', 'three']),
  emission: object(emissionFields),
  treatment: optional(object(treatmentFields)),
  stack: optional(object(stackFields)),
  productionMeter: optional(identifier),
  treatmentMeter: optional(identifier),
};
const measureFields: Checks<Measure> = {
  process: optional(identifier),
  action: oneOf(['stop', 'limit', 'transport']),
  toPct: optional(percent),
};
const planFields: Readonly<Record<Level, Check>> = {
  yellow: list(object(measureFields)),
  orange: list(object(measureFields)),
  red: list(object(measureFields)),
};
const limitFields: Checks<Permit['limits']> = { so2: milligrams, nox: milligrams, pm: milligrams, nmhc: milligrams };
const permitFields: Checks<Permit> = { number: text, limits: object(limitFields) };
const guaranteeFields: Checks<NonNullable<Enterprise['guarantee']>> = { zh: text, maxLoadPct: percent };
const enterpriseFields: Checks<Enterprise> = {
  id: identifier,
  zh: text,
  en: text,
  industry: text,
  grade: oneOf(grades),
  district: text,
  township: text,
  lon,
  lat,
  smallMicro: optional(truth),
  guarantee: optional(object(guaranteeFields)),
  permit: optional(object(permitFields)),
  processes: list(object(processFields)),
  mainMeter: optional(identifier),
  plan: object(planFields),
};
export const enterpriseCheck = object(enterpriseFields);

/** What a line may refer to: ids of the other files. Undefined: not known, so nothing is checked against it. */
export interface Known {
  readonly districts: ReadonlySet<string>;
  readonly townships?: ReadonlyMap<string, Township>;
  /** By kind and id, with a blank between. */
  readonly sources?: ReadonlyMap<string, Source>;
}

export function sourceLinks({ district }: Source, { districts }: Known): Wrong | undefined {
  if (district === '' || districts.has(district)) return undefined;
  return { field: 'district', value: district, allowed: 'a code of districts.ndjson, or "" for none' };
}

export function districtLink({ district }: { readonly district: string }, { districts }: Known): Wrong | undefined {
  return districts.has(district) ? undefined : { field: 'district', value: district, allowed: 'a code of districts.ndjson' };
}

/** Of an inspector or an enterprise. */
export function placeLinks(row: { readonly district: string; readonly township: string }, known: Known): Wrong | undefined {
  const wrong = districtLink(row, known);
  if (wrong !== undefined || known.townships === undefined) return wrong;
  const township = known.townships.get(row.township);
  if (township === undefined) return { field: 'township', value: row.township, allowed: 'a code of townships.ndjson' };
  if (township.district === row.district) return undefined;
  return { field: 'township', value: row.township, allowed: `a township of district ${row.district}` };
}

/** Meters, monitors and measures of an enterprise. */
export function enterpriseLinks(enterprise: Enterprise, known: Known): Wrong | undefined {
  return placeLinks(enterprise, known) ?? processLinks(enterprise, known) ?? planLinks(enterprise);
}

function processLinks({ id, mainMeter, processes }: Enterprise, { sources }: Known): Wrong | undefined {
  const link = (field: string, kind: Source['kind'], value: string | undefined, circuit?: Source['circuit']) => {
    if (value === undefined || sources === undefined) return undefined;
    const source = sources.get(`${kind} ${value}`);
    const isIts = source !== undefined && (source.enterprise === undefined || source.enterprise === id);
    const isCircuit = source?.circuit === undefined || source.circuit === circuit;
    if (isIts && isCircuit) return undefined;
    const which = circuit === undefined ? kind : `${kind} ${circuit}`;
    return { field, value, allowed: `the id of a ${which} source of sources.ndjson that belongs to ${id}` };
  };
  const seen = new Set<string>();
  for (const [i, process] of processes.entries()) {
    const at = `processes[${i}]`;
    if (seen.has(process.id)) return { field: `${at}.id`, value: process.id, allowed: 'each process once' };
    seen.add(process.id);
    const wrong =
      link(`${at}.productionMeter`, 'power', process.productionMeter, 'production') ??
      link(`${at}.treatmentMeter`, 'power', process.treatmentMeter, 'treatment') ??
      link(`${at}.stack.cems`, 'cems', process.stack?.cems) ??
      link(`${at}.stack.voc`, 'voc', process.stack?.voc);
    if (wrong !== undefined) return wrong;
  }
  return link('mainMeter', 'power', mainMeter, 'main');
}

function planLinks({ plan, processes }: Enterprise): Wrong | undefined {
  for (const level of levels)
    for (const [i, { process, action, toPct }] of plan[level].entries()) {
      const at = `plan.${level}[${i}]`;
      if (action === 'transport' && process === undefined) continue;
      if (action === 'transport') return { field: `${at}.process`, value: process, allowed: 'none for transport' };
      if (!processes.some(({ id }) => id === process))
        return { field: `${at}.process`, value: process, allowed: processes.map(({ id }) => id).join(', ') };
      if (action === 'limit' && toPct === undefined)
        return { field: `${at}.toPct`, value: toPct, allowed: 'a number from 0 to 100' };
    }
  return undefined;
}
