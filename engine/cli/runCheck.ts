// Verifies the audit trail in the folder of a run: its file, the table of the history, and that both say the same.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileProblem } from '../../simulator/fileProblem.ts';
import { storePath } from '../app.ts';
import { trailChecker } from '../edge/auditTrail.ts';
import { storedAudit } from '../edge/store/storedAudit.ts';
import type { AuditEntry } from '../schema/audit.ts';

export interface RunCheck {
  readonly problems: readonly FileProblem[];
  readonly entries: number;
}

interface Trail extends RunCheck {
  readonly trail: readonly AuditEntry[];
}

const fileName = 'audit.ndjson';

export function isRunFolder(dir: string): boolean {
  return existsSync(join(dir, fileName)) || existsSync(storePath(dir));
}

export async function checkRun(dir: string): Promise<RunCheck> {
  const file = existsSync(join(dir, fileName)) ? await checkFile(dir) : undefined;
  const table = existsSync(storePath(dir)) ? await checkTable(storePath(dir)) : undefined;
  const problems = [...(file?.problems ?? []), ...(table?.problems ?? [])];
  const entries = Math.max(file?.entries ?? 0, table?.entries ?? 0);
  if (problems.length > 0 || file === undefined || table === undefined) return { problems, entries };
  return { problems: differences(dir, file.trail, table.trail), entries };
}

async function checkFile(dir: string): Promise<Trail> {
  const file = join(dir, fileName);
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n').slice(0, -1);
  const wrong = trailChecker();
  const trail: AuditEntry[] = [];
  const broken = (message: string, line: number): Trail => ({ trail, entries: line, problems: [{ file, line, message }] });
  for (const [i, line] of lines.entries()) {
    const entry = entryOf(line);
    if (entry === undefined) return broken('audit trail: this is no entry', i + 1);
    const message = entry.number === i + 1 ? wrong(entry) : `number ${i + 1} belongs here: lines were removed, moved or put in`;
    if (message !== undefined) return broken(`audit trail: entry ${entry.number}: ${message}`, i + 1);
    trail.push(entry);
  }
  const atEnd = text.endsWith('\n') || text === '' ? await endProblem(dir, text) : 'its last line is cut off';
  const problems = atEnd === undefined ? [] : [{ file, line: lines.length + 1, message: `audit trail: ${atEnd}` }];
  return { trail, entries: trail.length, problems };
}

/** Entries that are gone from the end leave no trace in the rest: the summary of a run that was finished has the file's hash. */
async function endProblem(dir: string, text: string): Promise<string | undefined> {
  const path = join(dir, 'run.json');
  if (!existsSync(path)) return undefined;
  const { sha256 } = JSON.parse(await readFile(path, 'utf8')) as { readonly sha256?: Readonly<Record<string, string>> };
  const wanted = sha256?.[fileName];
  if (wanted === undefined || wanted === createHash('sha256').update(text).digest('hex')) return undefined;
  return `the file is not the one whose SHA-256 stands in run.json: entries after number ${text.split('\n').length - 1} are gone, or were added`;
}

function entryOf(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    return typeof entry.number === 'number' && typeof entry.hash === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}

async function checkTable(file: string): Promise<Trail> {
  let trail: readonly AuditEntry[];
  try {
    trail = await storedAudit(file);
  } catch (error) {
    const words = (error as Error).message.split('\n', 1)[0];
    const message = /lock/i.test(words) ? 'is in use by a run: stop it to check its audit trail' : `no audit trail: ${words}`;
    return { trail: [], entries: 0, problems: [{ file, message }] };
  }
  const wrong = trailChecker();
  for (const entry of trail) {
    const message = wrong(entry);
    if (message === undefined) continue;
    return { trail, entries: trail.length, problems: [{ file, message: `audit trail: entry ${entry.number}: ${message}` }] };
  }
  return { trail, entries: trail.length, problems: [] };
}

/** Each is whole by itself. One may end before the other where the run was killed; the history may hold trails of other runs too. */
function differences(dir: string, file: readonly AuditEntry[], table: readonly AuditEntry[]): readonly FileProblem[] {
  const stored = new Set(table.map(({ hash }) => hash));
  const last = Math.max(0, ...table.map(({ number }) => number));
  const isFinished = existsSync(join(dir, 'run.json'));
  const other = file.find(({ number, hash }) => (isFinished || number <= last) && !stored.has(hash));
  const problem = (message: string) => [{ file: join(dir, fileName), message: `audit trail: ${message}` }];
  if (other !== undefined) return problem(`entry ${other.number} is not the one in ${storePath(dir)}`);
  if (isFinished && last > file.length) return problem(`entry ${file.length + 1} is only in ${storePath(dir)}`);
  return [];
}
