// The register as files, city.json and five of lines: written by the simulator, read by the engine's verbs.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shown } from '../engine/schema/problem.ts';
import type { District, Enterprise, Inspector, Register, Source, Township } from '../engine/schema/register.ts';
import type { FileProblem } from './fileProblem.ts';
import {
  type Check,
  districtCheck,
  districtLink,
  enterpriseCheck,
  enterpriseLinks,
  inspectorCheck,
  type Known,
  placeLinks,
  sourceCheck,
  sourceLinks,
  text,
  townshipCheck,
  type Wrong,
} from './registerChecks.ts';

export async function writeRegister(dir: string, register: Register): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'city.json'), `${JSON.stringify(register.city)}\n`);
  for (const name of ['districts', 'sources', 'enterprises', 'townships', 'inspectors'] as const)
    await writeFile(join(dir, `${name}.ndjson`), lines(register[name]));
}

function lines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

export interface RegisterReading {
  /** Undefined when there is any problem. */
  readonly register?: Register;
  readonly problems: readonly FileProblem[];
}

/**
 * Never rejects for what the files hold: everything wrong is a problem with file and line. The files of enterprises, townships and
 * inspectors may be absent: then there are none.
 */
export async function readRegister(dir: string): Promise<RegisterReading> {
  const problems: FileProblem[] = [];
  const city = await readCity(join(dir, 'city.json'), problems);
  const read = async <Row>(name: string, file: LineFile<Row>): Promise<readonly Row[] | undefined> =>
    readLines(join(dir, `${name}.ndjson`), file, problems);
  const districts =
    (await read<District>('districts', { check: districtCheck, key: ({ code }) => code, links: none, isOptional: false })) ?? [];
  const known: Known = { districts: new Set(districts.map(({ code }) => code)) };
  const sources =
    (await read<Source>('sources', {
      check: sourceCheck,
      key: ({ kind, id }) => `${kind} ${id}`,
      links: (row) => sourceLinks(row, known),
      isOptional: false,
    })) ?? [];
  const townships = await read<Township>('townships', {
    check: townshipCheck,
    key: ({ code }) => code,
    links: (row) => districtLink(row, known),
    isOptional: true,
  });
  const all: Known = {
    districts: known.districts,
    // Links to what has problems itself would only tell of them again.
    townships:
      problems.length > 0 || townships === undefined
        ? undefined
        : new Map(townships.map((township) => [township.code, township])),
    sources: problems.length > 0 ? undefined : new Map(sources.map((source) => [`${source.kind} ${source.id}`, source])),
  };
  const enterprises = await read<Enterprise>('enterprises', {
    check: enterpriseCheck,
    key: ({ id }) => id,
    links: (row) => enterpriseLinks(row, all),
    isOptional: true,
  });
  const inspectors = await read<Inspector>('inspectors', {
    check: inspectorCheck,
    key: ({ id }) => id,
    links: (row) => placeLinks(row, all),
    isOptional: true,
  });
  if (problems.length > 0 || city === undefined) return { problems };
  return {
    register: {
      city,
      districts,
      sources,
      enterprises: enterprises ?? [],
      townships: townships ?? [],
      inspectors: inspectors ?? [],
    },
    problems,
  };
}

const none = () => undefined;

async function readText(file: string, isOptional: boolean, problems: FileProblem[]): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\ufeff/, '');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && isOptional) return undefined;
    problems.push({
      file,
      message: isMissing ? 'the file is missing: `lantian city --out DIR` writes a register' : (error as Error).message,
    });
    return undefined;
  }
}

async function readCity(file: string, problems: FileProblem[]): Promise<Register['city'] | undefined> {
  const content = await readText(file, false, problems);
  if (content === undefined) return undefined;
  const value = parsed(content);
  if (value !== undefined && ['code', 'zh', 'en'].every((field) => text(value[field], field) === undefined))
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

function parsed(content: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

interface LineFile<Row> {
  readonly check: Check;
  /** Each once. */
  readonly key: (row: Row) => string;
  /** Called with rows that passed `check`. */
  readonly links: (row: Row) => Wrong | undefined;
  readonly isOptional: boolean;
}

/** Undefined: the file is absent. Lines with problems are left out. */
async function readLines<Row>(
  file: string,
  { check, key, links, isOptional }: LineFile<Row>,
  problems: FileProblem[],
): Promise<Row[] | undefined> {
  const content = await readText(file, isOptional, problems);
  if (content === undefined) return undefined;
  const rows: Row[] = [];
  const seen = new Map<string, number>();
  content.split('\n').forEach((lineText, i) => {
    if (lineText.trim() === '') return;
    const line = i + 1;
    const value = parsed(lineText);
    if (value === undefined) {
      problems.push({ file, line, message: 'not a JSON object', value: shown(lineText), allowed: 'one object a line' });
      return;
    }
    const row = value as Row;
    const wrong = check(value, '') ?? links(row);
    if (wrong !== undefined) {
      problems.push({ file, line, message: `${wrong.field} is not valid`, value: shown(wrong.value), allowed: wrong.allowed });
      return;
    }
    const before = seen.get(key(row));
    if (before !== undefined)
      problems.push({ file, line, message: `the same as line ${before}`, value: key(row), allowed: 'each once' });
    seen.set(key(row), line);
    rows.push(row);
  });
  return rows;
}
