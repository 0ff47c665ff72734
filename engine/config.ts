// Every option of a run: unit, default, limits, reason. Unknown keys fail; options are checked together.

import { watchedOf } from './domain/curtailment/watched.ts';
import { type ChoiceOption, choice, type NumberOption, number } from './domain/optionKinds.ts';
import type { PipelineOptions } from './pipeline/ports.ts';
import { catalog, kinds } from './schema/catalog.ts';
import type { RuleAction } from './schema/flags.ts';
import type { Register } from './schema/register.ts';
import { type Role, roles } from './schema/user.ts';
import type { EditionId } from './schema/window.ts';
import { cityPlacesOf } from './stages/correlate/cityPlaces.ts';
import { defaultRepairMs } from './stages/correlate/incidentAddress.ts';
import type { IncidentOptions } from './stages/correlate/incidentOptions.ts';
import { linksOf } from './stages/correlate/links.ts';
import { defaultRules, type Rules } from './stages/correlate/ruleCatalog.ts';
import { complianceOptions } from './stages/emergency/complianceOptions.ts';
import { plannedOf } from './stages/emergency/orderStage.ts';
import { warningOptions } from './stages/emergency/warningOptions.ts';

const rule = (value: RuleAction, why: string) =>
  choice<RuleAction>(
    value,
    ['leave-out', 'flag', 'off'],
    `${why}: stay out of larger windows, only be flagged, or not looked for`,
  );

const capital = (key: string) => `${key[0].toUpperCase()}${key.slice(1)}`;

/** The same options under longer names: `criteria` becomes `warningCriteria`. */
function prefixed<Prefix extends string, Given extends object>(prefix: Prefix, given: Given) {
  const entries = Object.entries(given).map(([key, option]) => [`${prefix}${capital(key)}`, option]);
  return Object.fromEntries(entries) as { readonly [Key in keyof Given & string as `${Prefix}${Capitalize<Key>}`]: Given[Key] };
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
const { startHours, ...warningChoices } = warningOptions;

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
  lateMinutesMax: number(
    30_000,
    [0, 10_000_000],
    'minutes',
    'minutes of a kind that came too late for a minute window wait holdMs to be judged in order; when more wait, all are judged',
  ),
  // Checks of one-minute means: domain report section 5, all [P]. What lasts minutes is left out, what may last hours is only flagged.
  spike: rule('leave-out', 'a minute far from the five before it (air pollutants)'),
  spikeMinutes: number(5, [3, 60], 'min', 'spike: minutes before, that the median is of'),
  spikeMads: number(6, [1, 1_000], 'MAD', 'spike: that many median absolute deviations from the median'),
  spikeMin: number(30, [0, 10_000], 'µg/m³', 'spike: and more than this from the median'),
  spikeMinCo: number(3, [0, 1_000], 'mg/m³', 'the same for CO; our number'),
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
  driftDays: number(7, [1, 60], 'd', 'drift: nights that the median is over'),
  driftFromHour: number(2, [0, 23], 'h', 'drift: the night begins, Beijing time'),
  driftToHour: number(5, [1, 24], 'h', 'drift: the night ends; the stations are judged then'),
  driftHoursMin: number(9, [1, 180], 'h', 'drift: fewer night hours with both stations say nothing; our number'),
  driftKm: number(10, [0, 1_000], 'km', 'drift: a standard station further away is no comparison; our number'),
  driftMinSo2: number(5, [0, 1_000], 'µg/m³', 'drift: a ratio to less than this says nothing; our number'),
  driftMinNo2: number(5, [0, 1_000], 'µg/m³', 'the same for NO2'),
  driftMinPm10: number(10, [0, 1_000], 'µg/m³', 'the same for PM10'),
  driftMinCo: number(0.2, [0, 1_000], 'mg/m³', 'the same for CO'),
  driftMinO3: number(20, [0, 1_000], 'µg/m³', 'the same for O3'),
  driftMinPm25: number(10, [0, 1_000], 'µg/m³', 'the same for PM2.5'),
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
    hourMs,
    [0, 24 * hourMs],
    'ms',
    'while feeds wait for us (overload, full disk, restart) the clock waits too, that far behind at most: it is not their silence; an hour is time to make room on a disk',
  ),
  catchUpRate: number(
    60,
    [2, 3_600],
    's/s',
    'afterwards it catches up that fast: an hour in a minute, slowly enough for the rows that waited to come before it',
  ),
  startGraceMs: number(
    30_000,
    [0, hourMs],
    'ms',
    'a run that goes on waits that long for its feeds to come back before its clock goes on; feeds try again every half minute at least',
  ),
  feedPingMs: number(
    10_000,
    [1_000, hourMs],
    'ms',
    'feeds are pinged that often; one that leaves two pings without an answer is let go of',
  ),
  frameBytesMax: number(4 * 1024 * 1024, [1024, 64 * 1024 * 1024], 'bytes', 'largest frame of a feed'),
  frameRowsMax: number(65_536, [1, 1_000_000], 'rows', 'most rows in a frame'),
  problemsPerFeedMax: number(1_000, [1, 1_000_000], 'problems', 'a connection that sends more is closed'),
  feedsMax: number(2_000, [1, 100_000], 'connections', 'feeds at once'),
  viewersMax: number(1_000, [1, 100_000], 'connections', 'viewers at once'),
  viewerBytesMax: number(1024 * 1024, [64 * 1024, 64 * 1024 * 1024], 'bytes', 'unsent bytes of a viewer before it is conflated'),
  rowsQueuedMax: number(
    720_000,
    [1_000, 10_000_000],
    'rows',
    'rows and windows waiting for the store before intake waits: an hour of the city, as what is written together costs less',
  ),
  incidentDispatchMs: number(
    5 * minuteMs,
    [0, 24 * hourMs],
    'ms',
    'from found to dispatched, then overdue: 5 min for straw fires in Hebei 2018 (domain report 4.5 [S]), taken for all [ours]',
  ),
  incidentFeedbackMs: number(3 * hourMs, [0, 7 * 24 * hourMs], 'ms', 'from dispatched to feedback, then overdue: 3 h, as above'),
  incidentRepairMs: number(
    defaultRepairMs,
    [0, 30 * 24 * hourMs],
    'ms',
    'from found to repaired, of a device or a network that failed, then overdue: a day [ours]; no inspector is sent for it',
  ),
  incidentJoinMs: number(
    hourMs,
    [0, 24 * hourMs],
    'ms',
    'a finding of the same cause that begins later than this behind the end of the last is another incident [ours]',
  ),
  incidentJoinKm: number(1.5, [0, 20], 'km', 'findings without an address belong together within this [ours]'),
  incidentCauseScore: number(
    0.6,
    [0, 1],
    'score',
    'a candidate with it is taken for the cause of a finding without an address [ours]',
  ),
  checkpointBytes: number(
    32 * 1024 * 1024,
    [1024, 1024 * 1024 * 1024],
    'bytes',
    'journal between two checkpoints, at least: what a restart runs again',
  ),
  checkpointTimes: number(
    1,
    [0, 100],
    'times',
    'as much journal as a checkpoint has bytes, so many times, before the next one: a large state is not written again and again for a little journal; 0: by checkpointBytes alone',
  ),
  checkpointMs: number(
    600_000,
    [1000, 24 * hourMs],
    'ms',
    'or so long after the last one, if anything has come since: a restart runs no more than that again',
  ),
  journalKeepBytes: number(
    2 * 1024 * 1024 * 1024,
    [0, 1024 * 1024 * 1024 * 1024],
    'bytes',
    'journal kept behind the checkpoint, at least, as a recording that can be run again from its oldest snapshot (not in --out, which keeps all); snapshots, one for each quarter, come on top',
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
    'rows in no window that the history keeps: the newest late, the newest refused, the newest from the future, as many of each',
  ),
  mirrorQueueMax: number(20_000, [100, 10_000_000], 'points', 'points that wait for a mirror in memory; all are on disk too'),
  ...prefixed('warning', warningChoices),
  compliance: choice<'off' | 'on'>(
    'off',
    ['off', 'on'],
    'on: says of each order from meters and stack monitors whether it is obeyed; looks back over days, so it has to be on before',
  ),
  ...prefixed('compliance', complianceOptions),
  signBlue: choice<Role>('approver', roles, 'who may issue, reject and lift a blue warning'),
  signYellow: choice<Role>('approver', roles, 'the same for yellow'),
  signOrange: choice<Role>('approver', roles, 'the same for orange'),
  signRed: choice<Role>('admin', roles, 'the same for red: the highest'),
} as const;

type Options = typeof options;

export type Config = {
  readonly [Key in keyof Options]: Options[Key] extends ChoiceOption<infer T> ? T : number;
} & {
  /** Valid ranges by `kind.metric`, in the metric's unit, where they are not the catalog's: options `range.KIND.METRIC`. */
  readonly ranges: Readonly<Record<string, readonly [min: number, max: number]>>;
};

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const rangePrefix = 'range.';

/** Fills defaults. Throws `ConfigError` that names the key, the value and what is allowed. */
export function configFrom(given: Readonly<Record<string, unknown>> = {}): Config {
  const ranges: Record<string, readonly [number, number]> = {};
  const config: Record<string, unknown> = { ranges };
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith(rangePrefix)) ranges[key.slice(rangePrefix.length)] = rangeFrom(key, value);
    else if (!Object.hasOwn(options, key))
      throw new ConfigError(`unknown option "${key}"; allowed: ${Object.keys(options).join(', ')}, range.KIND.METRIC`);
  }
  for (const [key, option] of Object.entries(options)) {
    config[key] = given[key] === undefined ? option.default : checked(key, option, given[key]);
  }
  return checkedTogether(config as Config);
}

/** `range.air.pm10=-5..5000`, in the metric's unit. */
function rangeFrom(key: string, value: unknown): readonly [number, number] {
  const [kind, metric] = key.slice(rangePrefix.length).split('.');
  const ids = kinds.find((each) => each === kind) && catalog[kind as keyof typeof catalog].metrics.map(({ id }) => id);
  if (ids === undefined)
    throw new ConfigError(`unknown option "${key}"; allowed: range.KIND.METRIC with KIND of ${kinds.join(', ')}`);
  if (!ids.includes(metric))
    throw new ConfigError(`unknown option "${key}"; allowed: range.${kind}. with one of ${ids.join(', ')}`);
  const [min, max] = String(value)
    .split('..')
    .map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (Number.isFinite(min) && Number.isFinite(max) && min <= max) return [min, max];
  throw new ConfigError(`${key} is ${JSON.stringify(value)}; allowed: two numbers, as in -5..5000`);
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
  if (config.driftFromHour >= config.driftToHour)
    throw new ConfigError('the night must end after it begins: driftFromHour < driftToHour');
  return config;
}

const minuteCheckKeys = [
  ...([
    'spike',
    'spikeMinutes',
    'spikeMads',
    'spikeMin',
    'spikeMinCo',
    'flat',
    'flatMinutes',
    'flatWindMinutes',
    'flatWindMps',
  ] as const),
  ...(['inversion', 'inversionFactor', 'inversionOffset', 'inversionMinutes'] as const),
  ...(['stuck', 'stuckMinutes', 'warmUp', 'warmUpMs', 'fogRhPct'] as const),
];
const collocationKeys = [
  ...(['drift', 'driftLow', 'driftHigh', 'driftDays', 'driftFromHour', 'driftToHour', 'driftHoursMin', 'driftKm'] as const),
  ...(['driftMinSo2', 'driftMinNo2', 'driftMinPm10', 'driftMinCo', 'driftMinO3', 'driftMinPm25'] as const),
];

/** What the outputs depend on, stage by stage: a recording keeps it. */
export function pipelineOptions(
  config: Config,
  register: Pick<Register, 'city' | 'districts' | 'enterprises' | 'townships' | 'inspectors'>,
  rules: Rules = defaultRules,
): PipelineOptions {
  const { holdMs, edition, maxFutureMs } = config;
  const { city, districts, enterprises } = register;
  return {
    // The newest row that counts, the oldest, and the hour in which that lies.
    clean: { maxFutureMs, rememberMs: config.horizon1hMs + hourMs + maxFutureMs, ranges: config.ranges },
    window: {
      holdMs,
      lateMinutesMax: config.lateMinutesMax,
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
    correlate: { rules, links: linksOf(enterprises), places: cityPlacesOf(enterprises, register.townships), holdMs },
    incidents: incidentOptions(config, register),
    warning: {
      ...unprefixed('warning', warningChoices, config),
      startHours: startHours.default,
      autoSign: config.warningAutoSign === 'on',
    },
    orders: { enterprises: enterprises.map(plannedOf) },
    ...(config.compliance === 'off'
      ? {}
      : { compliance: { ...unprefixed('compliance', complianceOptions, config), watched: watchedOf(enterprises) } }),
  };
}

/** Back to the short names. */
function unprefixed<Prefix extends string, Given extends object>(prefix: Prefix, given: Given, config: Config) {
  const entries = Object.keys(given).map((key) => [key, config[`${prefix}${capital(key)}` as keyof Config]]);
  return Object.fromEntries(entries) as {
    readonly [Key in keyof Given & string]: Config[`${Prefix}${Capitalize<Key>}` & keyof Config];
  };
}

function incidentOptions(
  config: Config,
  { enterprises, townships, inspectors }: Pick<Register, 'enterprises' | 'townships' | 'inspectors'>,
): IncidentOptions {
  return {
    dispatchMs: config.incidentDispatchMs,
    feedbackMs: config.incidentFeedbackMs,
    repairMs: config.incidentRepairMs,
    joinMs: config.incidentJoinMs,
    joinKm: config.incidentJoinKm,
    causeScore: config.incidentCauseScore,
    townships: townships.map(({ code, district, lon, lat }) => ({
      code,
      district,
      lon,
      lat,
      inspectors: inspectors.filter(({ township }) => township === code).map(({ id }) => id),
    })),
    townshipOf: Object.fromEntries(enterprises.map(({ id, township }) => [id, township])),
  };
}

function picked<Key extends keyof Config>(config: Config, keys: readonly Key[]): Pick<Config, Key> {
  return Object.fromEntries(keys.map((key) => [key, config[key]])) as Pick<Config, Key>;
}
