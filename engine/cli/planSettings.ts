// The plan check's settings that a verb was given: the defaults, with what a JSON file says otherwise.

import { readFile } from 'node:fs/promises';
import { type CheckSettings, checkSettings, settingsProblem } from '../domain/curtailment/checkSettings.ts';
import { shown } from '../schema/problem.ts';
import { UsageError } from './usage.ts';

/** Rejects with the field, its value and what is allowed. */
export async function loadPlanSettings(file: string | undefined): Promise<CheckSettings> {
  if (file === undefined) return checkSettings;
  let given: unknown;
  try {
    given = JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/, ''));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(isMissing ? `there is no file ${file}` : `${file} is not JSON: ${(error as Error).message}`);
  }
  const settings = merged(checkSettings, given, '', file) as CheckSettings;
  const problem = settingsProblem(settings);
  if (problem !== undefined) throw new UsageError(`${file}: ${problem}`);
  return settings;
}

/** Inventories are the only numbers that are no share, hour or per cent. */
const tpdMax = 1e5;

/** The same fields as the defaults, of the same types; `tpd` of a sector, which has no default, is of the form of `sharePct`. */
function merged(defaults: unknown, given: unknown, path: string, file: string): unknown {
  const wrong = (allowed: string) => new UsageError(`${file}: ${path || 'the whole'} is ${shown(given)}; allowed: ${allowed}`);
  if (typeof defaults === 'number') {
    const max = path.includes('.tpd.') ? tpdMax : path.startsWith('usualHours') ? 24 : path === 'usualLoad' ? 1 : 100;
    if (typeof given === 'number' && given >= 0 && given <= max) return given;
    throw wrong(`a number from 0 to ${max}`);
  }
  if (typeof defaults !== 'object' || defaults === null) {
    if (typeof given === typeof defaults) return given;
    throw wrong(`a ${typeof defaults}`);
  }
  const fields = defaults as Readonly<Record<string, unknown>>;
  const known: Readonly<Record<string, unknown>> = 'sharePct' in fields ? { ...fields, tpd: fields.sharePct } : fields;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong(`an object of ${Object.keys(known).join(', ')}`);
  const result: Record<string, unknown> = { ...fields };
  for (const [key, value] of Object.entries(given)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (!Object.hasOwn(known, key)) throw new UsageError(`${file}: there is no ${at}; allowed: ${Object.keys(known).join(', ')}`);
    result[key] = merged(known[key], value, at, file);
  }
  if (isWholeInventory(path) && Object.keys(given).length < Object.keys(known).length)
    throw wrong(`all of ${Object.keys(known).join(', ')}`);
  return result;
}

/** What an inventory does not name must not be taken from the shares. */
const isWholeInventory = (path: string): boolean => path.endsWith('.tpd');
