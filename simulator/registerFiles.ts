// The register as files: city.json, districts.ndjson, sources.ndjson. Written by the simulator, read by the engine's verbs.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isKind, kinds } from '../engine/schema/catalog.ts';
import { shown } from '../engine/schema/problem.ts';
import type { District, Register, Source } from '../engine/schema/register.ts';
import type { FileProblem } from './fileProblem.ts';

export async function writeRegister(dir: string, register: Register): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'city.json'), `${JSON.stringify(register.city)}\n`);
  await writeFile(join(dir, 'districts.ndjson'), lines(register.districts));
  await writeFile(join(dir, 'sources.ndjson'), lines(register.sources));
}

function lines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

export interface RegisterReading {
  /** Undefined when there is any problem. */
  readonly register?: Register;
  readonly problems: readonly FileProblem[];
}

type Fields = Record<string, unknown>;
type Check = (value: unknown) => string | undefined;

const text: Check = (value) =>
  typeof value === 'string' && value !== '' && value.length <= 200 ? undefined : 'a text of 1 to 200 characters';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);
const range =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && value >= min && value <= max ? undefined : `a number from ${min} to ${max}`;
const oneOf =
  (choices: readonly string[]): Check =>
  (value) =>
    choices.includes(value as string) ? undefined : choices.join(', ');

const lon = range(-180, 180);
const lat = range(-90, 90);
const duration = optional(range(0, 30 * 86_400_000));

const districtChecks: Readonly<Record<keyof District, Check>> = { code: text, zh: text, en: text, lon, lat };

const sourceChecks: Readonly<Record<keyof Source, Check>> = {
  kind: (value) => (isKind(value) ? undefined : kinds.join(', ')),
  id: (value) => (typeof value === 'string' && value !== '' && value.length <= 64 ? undefined : 'a text of 1 to 64 characters'),
  zh: text,
  en: optional(text),
  district: (value) => (typeof value === 'string' ? undefined : 'a district code, or "" for none'),
  lon: optional(lon),
  lat: optional(lat),
  cadenceMs: duration,
  latenessMs: duration,
  idleMs: duration,
  national: optional((value) => (typeof value === 'boolean' ? undefined : 'true, false')),
  enterprise: optional(text),
  circuit: optional(oneOf(['main', 'production', 'treatment'])),
};

/** Never rejects for what the files hold: everything wrong is a problem with file and line. */
export async function readRegister(dir: string): Promise<RegisterReading> {
  const problems: FileProblem[] = [];
  const city = await readCity(join(dir, 'city.json'), problems);
  const districts = (await readLines(
    join(dir, 'districts.ndjson'),
    districtChecks,
    (row) => String(row.code),
    problems,
  )) as unknown as District[];
  const sources = (await readLines(
    join(dir, 'sources.ndjson'),
    sourceChecks,
    (row) => `${row.kind} ${row.id}`,
    problems,
    (row) => {
      if (row.district === '' || districts.some(({ code }) => code === row.district)) return undefined;
      return { field: 'district', allowed: `a code of districts.ndjson, or "" for none` };
    },
  )) as unknown as Source[];
  if (problems.length > 0 || city === undefined) return { problems };
  return { register: { city, districts, sources }, problems };
}

async function readText(file: string, problems: FileProblem[]): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    problems.push({
      file,
      message: isMissing ? 'the file is missing: `lantian city --out DIR` writes a register' : (error as Error).message,
    });
    return undefined;
  }
}

async function readCity(file: string, problems: FileProblem[]): Promise<Register['city'] | undefined> {
  const content = await readText(file, problems);
  if (content === undefined) return undefined;
  const value = parsed(content);
  if (value !== undefined && ['code', 'zh', 'en'].every((field) => text(value[field]) === undefined))
    return value as unknown as Register['city'];
  problems.push({
    file,
    line: 1,
    message: 'not a city',
    value: shown(content),
    allowed: '{"code":"131100","zh":"衡水市","en":"Hengshui"}',
  });
  return undefined;
}

function parsed(content: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

async function readLines(
  file: string,
  checks: Readonly<Record<string, Check>>,
  keyOf: (row: Fields) => string,
  problems: FileProblem[],
  more: (row: Fields) => { readonly field: string; readonly allowed: string } | undefined = () => undefined,
): Promise<Fields[]> {
  const content = await readText(file, problems);
  const rows: Fields[] = [];
  const seen = new Map<string, number>();
  (content ?? '').split('\n').forEach((lineText, i) => {
    if (lineText.trim() === '') return;
    const line = i + 1;
    const row = parsed(lineText);
    if (row === undefined) {
      problems.push({ file, line, message: 'not a JSON object', value: shown(lineText), allowed: 'one object a line' });
      return;
    }
    const wrong = fieldProblem(row, checks) ?? more(row);
    if (wrong !== undefined) {
      problems.push({
        file,
        line,
        message: `${wrong.field} is not valid`,
        value: shown(row[wrong.field]),
        allowed: wrong.allowed,
      });
      return;
    }
    const key = keyOf(row);
    const before = seen.get(key);
    if (before !== undefined)
      problems.push({ file, line, message: `the same as line ${before}`, value: key, allowed: 'each once' });
    seen.set(key, line);
    rows.push(row);
  });
  return rows;
}

function fieldProblem(
  row: Fields,
  checks: Readonly<Record<string, Check>>,
): { readonly field: string; readonly allowed: string } | undefined {
  for (const field of Object.keys(row)) {
    if (!Object.hasOwn(checks, field)) return { field, allowed: `only ${Object.keys(checks).join(', ')}` };
  }
  for (const [field, check] of Object.entries(checks)) {
    const allowed = check(row[field]);
    if (allowed !== undefined) return { field, allowed };
  }
  return undefined;
}
