// A run's folder as its score needs it: findings, answer key, and which part of it counts.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../../engine/schema/finding.ts';
import { FileError } from '../../fileProblem.ts';
import type { TruthRecord } from '../../world/truth/record.ts';
import type { ScoredRun } from './scoreRun.ts';

export interface RunTimes {
  readonly fromMs: number;
  readonly toMs: number;
  /** The run says when its episode begins; otherwise its warm-up, if it has one, is scored too. */
  readonly hasStart: boolean;
}

/** Rejects with `FileError` that says what is missing and how to make it. */
export async function readRun(dir: string): Promise<ScoredRun & RunTimes> {
  return { ...(await readTimes(dir)), findings: await readFindings(dir), truth: await readTruth(dir) };
}

export async function readTimes(dir: string): Promise<RunTimes> {
  const file = join(dir, 'run.json');
  const text = await textOf(file, 'the folder of a finished run: lantian run SCENARIO --out DIR');
  let run: { readonly startMs?: unknown; readonly fromMs?: unknown; readonly toMs?: unknown };
  try {
    run = JSON.parse(text);
  } catch (error) {
    throw new FileError(`${file} is not JSON: ${(error as Error).message}`);
  }
  const { startMs, fromMs, toMs } = run;
  const hasStart = typeof startMs === 'number';
  const from = hasStart ? startMs : fromMs;
  if (typeof from !== 'number' || typeof toMs !== 'number')
    throw new FileError(`${file} does not say from when to when the run goes (startMs or fromMs, toMs)`);
  return { fromMs: from, toMs, hasStart };
}

export function readFindings(dir: string): Promise<readonly Finding[]> {
  return readLines(join(dir, 'findings.ndjson'), 'the folder of a run: lantian run SCENARIO --out DIR');
}

export function readTruth(dir: string): Promise<readonly TruthRecord[]> {
  return readLines(
    join(dir, 'truth.ndjson'),
    'the answer key, which lantian run SCENARIO --out DIR writes, and a replay has not',
  );
}

async function readLines<T extends object>(file: string, allowed: string): Promise<readonly T[]> {
  const lines = (await textOf(file, allowed)).split('\n');
  return lines.flatMap((line, i) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as T];
    } catch {
      throw new FileError(`${file}:${i + 1}: not a line of JSON`);
    }
  });
}

async function textOf(file: string, allowed: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (isMissing) throw new FileError(`there is no ${file}; allowed: ${allowed}`);
    throw error;
  }
}
