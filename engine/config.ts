// Every option of a run: unit, default, limits, reason. Unknown keys fail; options are checked together.

import type { EditionId } from './schema/window.ts';

interface NumberOption {
  readonly type: 'number';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly why: string;
}

interface ChoiceOption<T extends string> {
  readonly type: 'choice';
  readonly default: T;
  readonly choices: readonly T[];
  readonly why: string;
}

const number = (value: number, range: readonly [min: number, max: number], unit: string, why: string): NumberOption => ({
  type: 'number',
  default: value,
  min: range[0],
  max: range[1],
  unit,
  why,
});

const choice = <T extends string>(value: T, choices: readonly T[], why: string): ChoiceOption<T> => ({
  type: 'choice',
  default: value,
  choices,
  why,
});

const minuteMs = 60_000;
const hourMs = 3_600_000;

export const options = {
  clock: choice<'wall' | 'feed'>(
    'wall',
    ['wall', 'feed'],
    'wall: real time; feed: one client sends the ticks (replays, simulator)',
  ),
  edition: choice<'auto' | EditionId>(
    'auto',
    ['auto', 'hj633-2012', 'hj633-2026', 'cnemc'],
    'auto: by observation date (2026 edition from 2026-03-01); cnemc: as CNEMC published before 2026',
  ),
  holdMs: number(2 * minuteMs, [0, hourMs], 'ms', 'how long a silent source may keep a window open'),
  horizon1mMs: number(15 * minuteMs, [0, 24 * hourMs], 'ms', 'late rows revise a 1-min window that long after its end'),
  horizon5mMs: number(2 * hourMs, [0, 48 * hourMs], 'ms', 'the same for 5-min windows'),
  horizon1hMs: number(48 * hourMs, [0, 7 * 24 * hourMs], 'ms', 'the same for hours; memory grows with it'),
  maxFutureMs: number(5 * minuteMs, [0, 24 * hourMs], 'ms', 'rows further ahead of the clock are quarantined'),
  drainMs: number(10, [1, 1000], 'ms', 'arrived rows are handed on that often: latency against batching'),
  rowsPendingMax: number(400_000, [1_000, 10_000_000], 'rows', 'arrived and not handed on; above it feeds are told to slow'),
  frameBytesMax: number(4 * 1024 * 1024, [1024, 64 * 1024 * 1024], 'bytes', 'largest frame of a feed'),
  frameRowsMax: number(65_536, [1, 1_000_000], 'rows', 'most rows in a frame'),
  problemsPerFeedMax: number(1_000, [1, 1_000_000], 'problems', 'a connection that sends more is closed'),
  feedsMax: number(2_000, [1, 100_000], 'connections', 'feeds at once'),
  viewersMax: number(1_000, [1, 100_000], 'connections', 'viewers at once'),
  viewerBytesMax: number(1024 * 1024, [64 * 1024, 64 * 1024 * 1024], 'bytes', 'unsent bytes of a viewer before it is conflated'),
  rowsQueuedMax: number(60_000, [1_000, 10_000_000], 'rows', 'rows and windows waiting for the store before intake waits'),
  checkpointBytes: number(
    16 * 1024 * 1024,
    [1024, 1024 * 1024 * 1024],
    'bytes',
    'journal between two checkpoints: what a restart runs again',
  ),
  journalKeepBytes: number(
    2 * 1024 * 1024 * 1024,
    [0, 1024 * 1024 * 1024 * 1024],
    'bytes',
    'journal kept behind the checkpoint, as a recording (not in --out, which keeps all)',
  ),
  rawKeepMs: number(
    48 * hourMs,
    [hourMs, 100 * 365 * 24 * hourMs],
    'ms',
    'raw rows are kept that long; a headless replay keeps all',
  ),
  mirrorQueueMax: number(20_000, [100, 10_000_000], 'points', 'points that wait for a mirror in memory; all are on disk too'),
} as const;

type Options = typeof options;

export type Config = {
  readonly [Key in keyof Options]: Options[Key] extends ChoiceOption<infer T> ? T : number;
};

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Fills defaults. Throws `ConfigError` that names the key, the value and what is allowed. */
export function configFrom(given: Readonly<Record<string, unknown>> = {}): Config {
  const config: Record<string, unknown> = {};
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(options, key)) {
      throw new ConfigError(`unknown option "${key}"; allowed: ${Object.keys(options).join(', ')}`);
    }
  }
  for (const [key, option] of Object.entries(options)) {
    config[key] = given[key] === undefined ? option.default : checked(key, option, given[key]);
  }
  return checkedTogether(config as Config);
}

function checked(key: string, option: NumberOption | ChoiceOption<string>, value: unknown): unknown {
  if (option.type === 'choice') {
    if (option.choices.includes(value as string)) return value;
    throw new ConfigError(`${key} is ${JSON.stringify(value)}; allowed: ${option.choices.join(', ')}`);
  }
  if (typeof value === 'number' && value >= option.min && value <= option.max) return value;
  throw new ConfigError(
    `${key} is ${JSON.stringify(value)}; allowed: ${option.min} to ${option.max} ${option.unit} (${option.why})`,
  );
}

function checkedTogether(config: Config): Config {
  if (config.horizon1mMs > config.horizon5mMs || config.horizon5mMs > config.horizon1hMs) {
    throw new ConfigError('horizons must not shrink with the window: horizon1mMs <= horizon5mMs <= horizon1hMs');
  }
  return config;
}
