// Every option of a run: unit, default, limits, reason. Unknown keys fail; options are checked together.

import type { PipelineOptions } from './pipeline/ports.ts';
import type { RuleAction } from './schema/flags.ts';
import type { Register } from './schema/register.ts';
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

const rule = (value: RuleAction, why: string) =>
  choice<RuleAction>(
    value,
    ['leave-out', 'flag', 'off'],
    `${why}: stay out of larger windows, only be flagged, or not looked for`,
  );

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
  // Checks of one-minute means: domain report section 5, all [P]. What lasts minutes is left out, what may last hours is only flagged.
  spike: rule('leave-out', 'a minute far from the five before it (air pollutants)'),
  spikeMads: number(6, [1, 1_000], 'MAD', 'spike: that many median absolute deviations from the median'),
  spikeMin: number(30, [0, 10_000], 'µg/m³', 'spike: and more than this; CO a tenth of it in mg/m³'),
  flat: rule('flag', 'the same value for minutes (air and dust; not stacks or meters, which may stand still)'),
  flatMinutes: number(30, [2, 60_000], 'min', 'flat line of a concentration'),
  flatWindMinutes: number(60, [2, 60_000], 'min', 'flat line of wind speed or direction'),
  flatWindMps: number(0.2, [0, 60], 'm/s', 'flat line: calmer wind is exempt'),
  inversion: rule('flag', 'PM2.5 > PM10 * inversionFactor + inversionOffset'),
  inversionFactor: number(1.05, [1, 10], '1', 'inversion'),
  inversionOffset: number(5, [0, 1_000], 'µg/m³', 'inversion'),
  inversionMinutes: number(3, [1, 60_000], 'min', 'inversion: that many minutes one after the other'),
  stuck: rule('flag', 'humidity at 100 %; a stuck one makes no fog'),
  stuckMinutes: number(60, [1, 60_000], 'min', 'stuck humidity; our number'),
  warmUp: rule('leave-out', 'PM of a sensor that comes back after its idle time'),
  warmUpMs: number(30_000, [0, hourMs], 'ms', 'warm-up, in whole minutes begun'),
  fogRhPct: number(85, [0, 101], '%', 'above it PM carries the flag fog; 101 = never'),
  drift: rule('flag', 'night-time ratio to the nearest standard station outside of driftLow to driftHigh'),
  driftLow: number(0.7, [0, 1], '1', 'drift: smallest median ratio'),
  driftHigh: number(1.4, [1, 100], '1', 'drift: largest median ratio'),
  driftDays: number(7, [1, 60], 'd', 'drift: nights that the median is over (02:00 to 05:00)'),
  driftHoursMin: number(9, [1, 180], 'h', 'drift: fewer night hours with both stations say nothing; our number'),
  driftKm: number(10, [0, 1_000], 'km', 'drift: a standard station further away is no comparison; our number'),
  drainMs: number(10, [1, 1000], 'ms', 'arrived rows are handed on that often: latency against batching'),
  rowsPendingMax: number(400_000, [1_000, 10_000_000], 'rows', 'arrived and not handed on; above it feeds are told to slow'),
  shedAfterMs: number(
    minuteMs,
    [0, hourMs],
    'ms',
    'feeds wait for us that long before the least important one is shed; 0 = never',
  ),
  takeBackAfterMs: number(minuteMs, [1_000, hourMs], 'ms', 'nobody waits that long before a shed feed is taken back'),
  heldClockMs: number(
    2 * minuteMs,
    [0, hourMs],
    'ms',
    'while feeds wait for us the clock waits too, that long at most: it is not their silence',
  ),
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
  journalKeepMs: number(
    30 * 24 * hourMs,
    [0, 100 * 365 * 24 * hourMs],
    'ms',
    'the same by age: since it was written, by the clock of the machine',
  ),
  rawKeepMs: number(
    48 * hourMs,
    [hourMs, 100 * 365 * 24 * hourMs],
    'ms',
    'raw rows are kept that long; a headless replay keeps all',
  ),
  apartKeepRows: number(
    1_000_000,
    [0, 1_000_000_000],
    'rows',
    'rows in no window (late, refused, from the future) that the history keeps, the newest',
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

const minuteCheckKeys = [
  ...(['spike', 'spikeMads', 'spikeMin', 'flat', 'flatMinutes', 'flatWindMinutes', 'flatWindMps'] as const),
  ...(['inversion', 'inversionFactor', 'inversionOffset', 'inversionMinutes'] as const),
  ...(['stuck', 'stuckMinutes', 'warmUp', 'warmUpMs', 'fogRhPct'] as const),
];
const collocationKeys = ['drift', 'driftLow', 'driftHigh', 'driftDays', 'driftHoursMin', 'driftKm'] as const;

/** What the outputs depend on, stage by stage: a recording keeps it. */
export function pipelineOptions(config: Config, { city, districts }: Pick<Register, 'city' | 'districts'>): PipelineOptions {
  const { holdMs, edition, maxFutureMs } = config;
  return {
    clean: { maxFutureMs },
    window: {
      holdMs,
      horizonMs: { '1m': config.horizon1mMs, '5m': config.horizon5mMs, '1h': config.horizon1hMs },
      checks: picked(config, minuteCheckKeys),
    },
    air: {
      edition,
      city: city.code,
      districts: districts.map(({ code }) => code),
      holdMs,
      collocation: picked(config, collocationKeys),
    },
  };
}

function picked<Key extends keyof Config>(config: Config, keys: readonly Key[]): Pick<Config, Key> {
  return Object.fromEntries(keys.map((key) => [key, config[key]])) as Pick<Config, Key>;
}
