// Every option of the warning engine: unit, default, limits, reason. Marks as in domain report 2: [S] source, [M] memory, [P] proposed.

import { choice, number } from '../../domain/optionKinds.ts';
import { type CriteriaId, criteriaIds, type DurationReading } from '../../schema/warning.ts';

export interface WarningOptions {
  readonly criteria: 'auto' | CriteriaId;
  readonly reading: DurationReading;
  /** Full hours of the Beijing day, ascending. */
  readonly startHours: readonly number[];
  readonly leadMs: number;
  readonly proposeAheadMs: number;
  readonly forecastMaxAgeMs: number;
  readonly observedMaxAgeMs: number;
  readonly fallbackMs: number;
  readonly fastStartAqi: number;
  readonly fastStartMs: number;
  readonly improvedShare: number;
  readonly dustShareMax: number;
  readonly downgradeHoldMs: number;
  readonly liftHoldMs: number;
  readonly reproposeMs: number;
  readonly assessDelayMs: number;
  readonly assessEveryMs: number;
  readonly autoSign: boolean;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export const warningOptions = {
  criteria: choice<'auto' | CriteriaId>('auto', ['auto', ...criteriaIds], 'edition of the criteria; auto: by date'),
  reading: choice<DurationReading>(
    'blocks',
    ['blocks', 'rolling'],
    '"for 48 h" is two 24 h blocks in a row, or 48 hours of the rolling index [P]: no source spells it out',
  ),
  startHours: {
    type: 'list' as const,
    default: [0, 8, 12, 18] as readonly number[],
    min: 0,
    max: 23,
    unit: 'h',
    why: 'full hours, Beijing time, at which levels begin and end: those of the notices of Hengshui [S]',
  },
  leadMs: number(dayMs, [0, 3 * dayMs], 'ms', 'a warning is issued so long before it begins [S]'),
  proposeAheadMs: number(2 * dayMs, [0, 7 * dayMs], 'ms', 'nothing is proposed for what begins later: 1-2 days, Hebei 2017 [S]'),
  forecastMaxAgeMs: number(
    30 * hourMs,
    [hourMs, 7 * dayMs],
    'ms',
    'an older forecast does not count: two issues a day, one may be missing [P]',
  ),
  observedMaxAgeMs: number(
    3 * hourMs,
    [hourMs, dayMs],
    'ms',
    'with an older newest hour nothing is lowered or lifted, and nothing starts fast [P]',
  ),
  fallbackMs: number(
    12 * hourMs,
    [0, 2 * dayMs],
    'ms',
    'without a forecast what is observed is carried on for so long: the horizon of the fast start; longer would make red of one heavy day [P]',
  ),
  fastStartAqi: number(200, [100, 500], 'AQI', 'fast start: the observed 24 h index is above it [S Liaocheng 2019]'),
  fastStartMs: number(12 * hourMs, [0, 2 * dayMs], 'ms', 'fast start: and no clear improvement is forecast within this [S]'),
  improvedShare: number(
    0.8,
    [0, 1],
    '1',
    'a clear improvement: the air that is forecast comes down to this share of the 24 h index [P]',
  ),
  dustShareMax: number(0.4, [0, 1], '1', 'PM10 leads and PM2.5/PM10 is lower: dust, advice and no warning [P]'),
  downgradeHoldMs: number(
    12 * hourMs,
    [0, 7 * dayMs],
    'ms',
    'a level goes down when only a lower one has been met for so long, and so long after its last change [P]',
  ),
  liftHoldMs: number(
    3 * hourMs,
    [0, 7 * dayMs],
    'ms',
    'the condition to lift (36 h below yellow are forecast) has held for so long [P]',
  ),
  reproposeMs: number(
    dayMs,
    [0, 7 * dayMs],
    'ms',
    'what a person withdrew or rejected is proposed again only for a higher level, or after this [P]',
  ),
  assessDelayMs: number(
    15 * minuteMs,
    [0, hourMs - minuteMs],
    'ms',
    'an hour that has not come so long after its end is missing; without news the criteria are applied then [P]',
  ),
  assessEveryMs: number(10 * minuteMs, [0, hourMs], 'ms', 'news (a city hour, a forecast) is not looked at more often [P]'),
  autoSign: choice<'off' | 'on'>(
    'off',
    ['off', 'on'],
    'on: proposals are submitted and issued at once by "auto"; replays and drills only',
  ),
} as const;

export const defaultWarningOptions: WarningOptions = {
  criteria: warningOptions.criteria.default,
  reading: warningOptions.reading.default,
  startHours: warningOptions.startHours.default,
  leadMs: warningOptions.leadMs.default,
  proposeAheadMs: warningOptions.proposeAheadMs.default,
  forecastMaxAgeMs: warningOptions.forecastMaxAgeMs.default,
  observedMaxAgeMs: warningOptions.observedMaxAgeMs.default,
  fallbackMs: warningOptions.fallbackMs.default,
  fastStartAqi: warningOptions.fastStartAqi.default,
  fastStartMs: warningOptions.fastStartMs.default,
  improvedShare: warningOptions.improvedShare.default,
  dustShareMax: warningOptions.dustShareMax.default,
  downgradeHoldMs: warningOptions.downgradeHoldMs.default,
  liftHoldMs: warningOptions.liftHoldMs.default,
  reproposeMs: warningOptions.reproposeMs.default,
  assessDelayMs: warningOptions.assessDelayMs.default,
  assessEveryMs: warningOptions.assessEveryMs.default,
  autoSign: false,
};
