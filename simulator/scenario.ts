// Scenario files (`lantian-scenario/1`, YAML): read and checked, with line and column of what is wrong.

import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Document, isMap, LineCounter, type Node, parseDocument } from 'yaml';
import { shown } from '../engine/schema/problem.ts';
import type { FileProblem } from './fileProblem.ts';
import { type Context, maskedDraws } from './scenario/fields.ts';
import { episode } from './scenario/format.ts';
import type { Episode } from './world/episode.ts';

/** What a scenario file asks for, all defaults filled in. */
export type Scenario = Episode;

export interface ScenarioReading {
  /** Only when there is no problem. */
  readonly scenario?: Scenario;
  readonly problems: readonly FileProblem[];
}

const folder = new URL('scenarios/', import.meta.url);
/** Far above any scenario; a file that is not one is not taken apart. */
const textMax = 1_000_000;

/** Those that ship, by name. */
export function scenarioNames(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** A file, or the name of a scenario that ships (`quiet-week`). */
export function scenarioFile(name: string): string {
  return /[./\\]/.test(name) ? name : fileURLToPath(new URL(`${encodeURIComponent(name)}.yaml`, folder));
}

/** Never throws. */
export async function readScenario(file: string): Promise<ScenarioReading> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing ? 'there is no such scenario' : (error as Error).message;
    const allowed = `a YAML file, or the name of one that ships: ${scenarioNames().join(', ')}`;
    return { problems: [{ file, message, allowed }] };
  }
  return parseScenario(text, file);
}

/** Never throws. */
export function parseScenario(source: string, file: string): ScenarioReading {
  const text = maskedDraws(source);
  if (text.length > textMax)
    return { problems: [{ file, message: 'too long for a scenario', allowed: `up to ${textMax} characters` }] };
  const lineCounter = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter });
  } catch (error) {
    // The parser recurses, so that very deep nesting ends its stack.
    return { problems: [{ file, message: `not readable as YAML: ${(error as Error).message}` }] };
  }
  if (document.errors.length > 0)
    return {
      problems: document.errors.map(({ linePos, message }) => ({
        file,
        line: linePos?.[0].line,
        column: linePos?.[0].col,
        message: message.split('\n', 1)[0],
      })),
    };
  return readDocument(document, text, file, lineCounter);
}

function readDocument(document: Document.Parsed, text: string, file: string, lineCounter: LineCounter): ScenarioReading {
  const problems: FileProblem[] = [];
  const report: Context['report'] = (node, message, value, allowed) => {
    const at = lineCounter.linePos(node?.range?.[0] ?? 0);
    context.problems += 1;
    problems.push({ file, line: at.line, column: at.col, message, value, allowed });
  };
  const context: Context = {
    document,
    text,
    report,
    problems: 0,
    durationMs: Number.POSITIVE_INFINITY,
    ids: new Map(),
  };
  const root = document.contents as Node | null;
  if (!isMap(root)) {
    report(root ?? undefined, 'not a scenario', shown(text.slice(0, 40)), 'a map with schema, id, title, seed, clock');
    return { problems };
  }
  const scenario = episode.read({ node: root, path: '', around: root, context });
  return scenario === undefined || problems.length > 0 ? { problems } : { scenario, problems };
}
