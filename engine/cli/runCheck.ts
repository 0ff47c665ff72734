// Verifies the audit trail in the folder of a run: its file, the table of the history, and that both say the same. Of a replay whose
// recording had lost its beginning, from where it begins.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileProblem } from '../../simulator/fileProblem.ts';
import { storePath } from '../app.ts';
import { beginning, type TrailEnd, trailChecker } from '../edge/auditTrail.ts';
import { storedAudit } from '../edge/store/storedAudit.ts';
import type { AuditEntry } from '../schema/audit.ts';

export interface RunCheck {
  readonly problems: readonly FileProblem[];
  readonly entries: number;
  /** Number of the first entry: more than 1 where those before are not in the folder, as its summary says. */
  readonly firstNumber: number;
}

interface Trail extends Omit<RunCheck, 'firstNumber'> {
  readonly trail: readonly AuditEntry[];
}

const fileName = 'audit.ndjson';

export function isRunFolder(dir: string): boolean {
  return existsSync(join(dir, fileName)) || existsSync(storePath(dir));
}

export async function checkRun(dir: string): Promise<RunCheck> {
  const { sha256, auditAfter = beginning } = await readSummary(dir);
  const firstNumber = auditAfter.number + 1;
  const file = existsSync(join(dir, fileName)) ? await checkFile(dir, auditAfter, sha256?.[fileName]) : undefined;
  const table = existsSync(storePath(dir)) ? await checkTable(storePath(dir), auditAfter) : undefined;
  const problems = [...(file?.problems ?? []), ...(table?.problems ?? [])];
  const entries = Math.max(file?.entries ?? 0, table?.entries ?? 0);
  if (problems.length > 0 || file === undefined || table === undefined) return { problems, entries, firstNumber };
  return { problems: differences(dir, file.trail, table.trail, auditAfter.number), entries, firstNumber };
}

interface Summary {
  readonly sha256?: Readonly<Record<string, string>>;
  readonly auditAfter?: TrailEnd;
}

/** Of a run that was finished. */
async function readSummary(dir: string): Promise<Summary> {
  const path = join(dir, 'run.json');
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Summary) : {};
}

async function checkFile(dir: string, after: TrailEnd, sha256: string | undefined): Promise<Trail> {
  const file = join(dir, fileName);
  const text = await readFile(file, 'utf8');
  const lines = text.split('\n').slice(0, -1);
  const wrong = trailChecker(after);
  const trail: AuditEntry[] = [];
  const broken = (message: string, line: number): Trail => ({ trail, entries: line, problems: [{ file, line, message }] });
  for (const [i, line] of lines.entries()) {
    const entry = entryOf(line);
    if (entry === undefined) return broken('audit trail: this is no entry', i + 1);
    const number = after.number + i + 1;
    const message = entry.number === number ? wrong(entry) : `number ${number} belongs here: lines were removed, moved or put in`;
    if (message !== undefined) return broken(`audit trail: entry ${entry.number}: ${message}`, i + 1);
    trail.push(entry);
  }
  const isWhole = text.endsWith('\n') || text === '';
  const atEnd = isWhole ? endProblem(text, after.number + lines.length, sha256) : 'its last line is cut off';
  const problems = atEnd === undefined ? [] : [{ file, line: lines.length + 1, message: `audit trail: ${atEnd}` }];
  return { trail, entries: trail.length, problems };
}

/** Entries that are gone from the end leave no trace in the rest: the summary of a run that was finished has the file's hash. */
function endProblem(text: string, last: number, wanted: string | undefined): string | undefined {
  if (wanted === undefined || wanted === createHash('sha256').update(text).digest('hex')) return undefined;
  return `the file is not the one whose SHA-256 stands in run.json: entries after number ${last} are gone, or were added`;
}

function entryOf(line: string): AuditEntry | undefined {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    return typeof entry.number === 'number' && typeof entry.hash === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}

async function checkTable(file: string, after: TrailEnd): Promise<Trail> {
  let trail: readonly AuditEntry[];
  try {
    trail = await storedAudit(file);
  } catch (error) {
    const words = (error as Error).message.split('\n', 1)[0];
    const message = /lock/i.test(words) ? 'is in use by a run: stop it to check its audit trail' : `no audit trail: ${words}`;
    return { trail: [], entries: 0, problems: [{ file, message }] };
  }
  const wrong = trailChecker(after);
  for (const entry of trail) {
    const message = wrong(entry);
    if (message === undefined) continue;
    return { trail, entries: trail.length, problems: [{ file, message: `audit trail: entry ${entry.number}: ${message}` }] };
  }
  return { trail, entries: trail.length, problems: [] };
}

/** Each is whole by itself. One may end before the other where the run was killed; the history may hold trails of other runs too. */
function differences(
  dir: string,
  file: readonly AuditEntry[],
  table: readonly AuditEntry[],
  after: number,
): readonly FileProblem[] {
  const stored = new Set(table.map(({ hash }) => hash));
  const last = Math.max(0, ...table.map(({ number }) => number));
  const isFinished = existsSync(join(dir, 'run.json'));
  const other = file.find(({ number, hash }) => (isFinished || number <= last) && !stored.has(hash));
  const problem = (message: string) => [{ file: join(dir, fileName), message: `audit trail: ${message}` }];
  if (other !== undefined) return problem(`entry ${other.number} is not the one in ${storePath(dir)}`);
  const lastOfFile = after + file.length;
  if (isFinished && last > lastOfFile) return problem(`entry ${lastOfFile + 1} is only in ${storePath(dir)}`);
  return [];
}
