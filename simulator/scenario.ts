// Scenario files (`lantian-scenario/1`, YAML): read and checked, with line and column of what is wrong.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { parseTime } from '../engine/domain/calendar.ts';
import { shown } from '../engine/schema/problem.ts';
import type { FileProblem } from './fileProblem.ts';

export interface Scenario {
  readonly id: string;
  readonly title: string;
  readonly seed: number;
  /** First moment that is shown; the warm-up comes before it. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly stepMs: number;
  readonly warmupMs: number;
  readonly speed: number;
  /** Sections that the simulator does not act on yet. */
  readonly notYet: readonly string[];
}

export interface ScenarioReading {
  readonly scenario?: Scenario;
  readonly problems: readonly FileProblem[];
}

const known = ['schema', 'id', 'title', 'seed', 'clock', 'network', 'season'];
const later = ['met', 'background', 'emissions', 'sensors', 'network_faults', 'complaints', 'control', 'truth', 'score'];
const clockKeys = ['start', 'duration', 'step', 'warmup', 'speed'];

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `8d`, `45m`, `90s`; NaN for anything else. */
export function parseDuration(text: unknown): number {
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) : null;
  return match === null ? Number.NaN : Number(match[1]) * unitMs[match[2]];
}

/** A file, or the name of a scenario that ships (`quiet-week`). */
export function scenarioFile(name: string): string {
  return /[./\\]/.test(name) ? name : fileURLToPath(new URL(`scenarios/${name}.yaml`, import.meta.url));
}

export async function readScenario(file: string): Promise<ScenarioReading> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return {
      problems: [
        {
          file,
          message: isMissing ? 'there is no such scenario' : (error as Error).message,
          allowed: 'a YAML file, or the name of one that ships: quiet-week',
        },
      ],
    };
  }
  return parseScenario(text, file);
}

/** Never throws. */
export function parseScenario(text: string, file: string): ScenarioReading {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const problems: FileProblem[] = [];
  const report = (node: Node | null | undefined, message: string, value?: unknown, allowed?: string) => {
    const at = lineCounter.linePos(node?.range?.[0] ?? 0);
    problems.push({
      file,
      line: at.line,
      column: at.col,
      message,
      value: value === undefined ? undefined : shown(value),
      allowed,
    });
  };
  for (const error of document.errors)
    problems.push({
      file,
      line: error.linePos?.[0].line,
      column: error.linePos?.[0].col,
      message: error.message.split('\n', 1)[0],
    });
  if (problems.length > 0) return { problems };
  const root = document.contents;
  if (!isMap(root)) {
    report(root, 'not a scenario', text.slice(0, 40), 'a map with schema, id, title, seed, clock');
    return { problems };
  }
  const keyOf = (pair: Pair) => (isScalar(pair.key) ? String(pair.key.value) : '');
  const notYet: string[] = [];
  for (const pair of root.items as Pair<Node, Node>[]) {
    const key = keyOf(pair);
    if (later.includes(key)) notYet.push(key);
    else if (!known.includes(key)) report(pair.key, `unknown key "${key}"`, undefined, [...known, ...later].join(', '));
  }
  const nodeOf = (...path: string[]) => (document.getIn(path, true) as Node | undefined) ?? root;
  const cellOf = (...path: string[]): unknown => {
    const node = document.getIn(path, true);
    return isScalar(node) ? node.value : node;
  };
  const need = (path: string[], isGood: (value: unknown) => boolean, allowed: string): unknown => {
    const value = cellOf(...path);
    if (!isGood(value))
      report(
        nodeOf(...path),
        value === undefined ? `${path.join('.')} is missing` : `${path.join('.')} is not valid`,
        value,
        allowed,
      );
    return value;
  };
  const isDuration = (value: unknown) => parseDuration(value) > 0;
  const clock = document.getIn(['clock'], true);
  if (isMap(clock)) {
    for (const pair of clock.items as Pair<Node, Node>[])
      if (!clockKeys.includes(keyOf(pair)))
        report(pair.key, `unknown key "clock.${keyOf(pair)}"`, undefined, clockKeys.join(', '));
  }
  need(['schema'], (value) => value === 'lantian-scenario/1', 'lantian-scenario/1');
  const id = need(['id'], (value) => typeof value === 'string' && value !== '', 'a name');
  const title = need(['title'], (value) => typeof value === 'string', 'a text');
  const seed = need(['seed'], (value) => Number.isSafeInteger(value), 'a whole number');
  const start = need(
    ['clock', 'start'],
    (value) => !Number.isNaN(parseTime(value)),
    'ISO 8601 with offset: 2026-01-05T00:00:00+08:00',
  );
  const duration = need(['clock', 'duration'], isDuration, 'a duration: 7d, 12h, 45m');
  const step = cellOf('clock', 'step') ?? '1m';
  if (!(isDuration(step) && parseDuration(step) % 1000 === 0))
    report(nodeOf('clock', 'step'), 'clock.step is not valid', step, 'a duration in whole seconds: 1m, 10s');
  const warmup = cellOf('clock', 'warmup') ?? '0s';
  if (Number.isNaN(parseDuration(warmup)))
    report(nodeOf('clock', 'warmup'), 'clock.warmup is not valid', warmup, 'a duration: 26h');
  const speed = cellOf('clock', 'speed') ?? 60;
  if (!(typeof speed === 'number' && speed > 0))
    report(nodeOf('clock', 'speed'), 'clock.speed is not valid', speed, 'a number above 0');
  if (problems.length > 0) return { problems };
  return {
    scenario: {
      id: id as string,
      title: title as string,
      seed: seed as number,
      startMs: parseTime(start),
      durationMs: parseDuration(duration),
      stepMs: parseDuration(step),
      warmupMs: parseDuration(warmup),
      speed: speed as number,
      notYet,
    },
    problems,
  };
}
