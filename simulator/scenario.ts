// Scenario files (`lantian-scenario/1`, YAML): read and checked, with line and column of what is wrong.

import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FileProblem } from './fileProblem.ts';
import { readYaml } from './scenario/document.ts';
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
export function parseScenario(text: string, file: string): ScenarioReading {
  const { value: scenario, problems } = readYaml(episode, text, file, {
    name: 'scenario',
    keys: 'schema, id, title, seed, clock',
  });
  return scenario === undefined ? { problems } : { scenario, problems };
}
