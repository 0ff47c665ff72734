// Every option of the judgement whether orders are obeyed: unit, default, limits, reason. Numbers of domain report 2.7 [P]; others [ours].

import { number } from '../../domain/optionKinds.ts';

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export const complianceOptions = {
  graceMs: number(120 * minuteMs, [0, 2 * dayMs], 'ms', 'after the effective hour: nobody is accused before [P]'),
  continuousGraceMs: number(
    8 * hourMs,
    [0, 7 * dayMs],
    'ms',
    'the same for furnaces and boilers that run day and night: they cool slowly; real lists name each [P]',
  ),
  onShare: number(0.1, [0.01, 1], '1', 'production is on above this share of rated power [P]'),
  idleTimes: number(1.5, [1, 5], '1', 'and above so many times what it draws when it stands: heated lines draw more [ours]'),
  onMs: number(quarterMs, [5 * minuteMs, 6 * hourMs], 'ms', 'a stopped process that is on for so long does not obey [P]'),
  overMs: number(
    30 * minuteMs,
    [quarterMs, 12 * hourMs],
    'ms',
    'a limited one above its share: two 15-min energies in a row [P]',
  ),
  offMs: number(30 * minuteMs, [quarterMs, 12 * hourMs], 'ms', 'it obeys when nothing else was seen for so long [ours]'),
  lateAfterMs: number(
    hourMs,
    [quarterMs, dayMs],
    'ms',
    'who did not obey is late, not disobeying, after so long of obeying in hours in which it usually runs [ours]',
  ),
  fallingMs: number(
    8 * hourMs,
    [0, 2 * dayMs],
    'ms',
    'so long after the grace nobody is accused whose load goes down hour by hour [ours]',
  ),
  fallingShare: number(0.04, [0.005, 0.5], '1', 'going down: by this share of full load from an hour to the next [ours]'),
  partlyFrom: number(0.25, [0.05, 0.9], '1', 'partly obeyed: from this share of the cut that was asked [ours]'),
  limitTolerance: number(
    0.3,
    [0, 1],
    '1',
    'a limit is exceeded when two 15-min energies are so far above it: loads differ by as much from day to day [ours]',
  ),
  limitMeanTolerance: number(0.2, [0, 1], '1', 'or the mean of four hours of running is [ours]'),
  evenTolerance: number(
    0.08,
    [0.01, 1],
    '1',
    'or by as little, where its days are alike: four-hour means of an even load differ by 2 % [ours]',
  ),
  thinDays: number(7, [1, 14], 'd', 'with fewer usual days the tolerances are wider [ours]'),
  thinTolerance: number(0.1, [0, 1], '1', 'by so much [ours]'),
  baselineDays: number(14, [1, 28], 'd', 'usual work: the median of the same hour of so many normal days before the order [P]'),
  offlineMs: number(quarterMs, [quarterMs, dayMs], 'ms', 'a meter that is silent for so long is offline: cannot tell [P]'),
  noDataMs: number(72 * hourMs, [hourMs, 30 * dayMs], 'ms', 'and for so long is a matter of its own [P]'),
  hangMs: number(hourMs, [quarterMs, dayMs], 'ms', 'a meter that repeats itself for so long is not believed [ours]'),
  judgeDelayMs: number(5 * minuteMs, [minuteMs, hourMs], 'ms', 'a quarter of an hour is judged so long after its end [ours]'),
  lateMs: number(
    2 * hourMs,
    [quarterMs, dayMs],
    'ms',
    'late windows change a verdict when they are of the last so many: as long as 5-min windows are revised [ours]',
  ),
  restAbove: number(0.2, [0.05, 1], '1', 'main meter less sub-meters above the most of usual days, share of rated power [P]'),
  witnessMs: number(hourMs, [quarterMs, dayMs], 'ms', 'the main or treatment meter contradicts the production meter so long [P]'),
  stackFlow: number(0.28, [0.05, 1], '1', 'a stack is at work above this share of its full flow, and with gas in it [ours]'),
  gasOfUsual: number(0.3, [0.05, 1], '1', 'gas: a pollutant above this share of what it usually shows at work [ours]'),
  gasOfLimit: number(0.2, [0.05, 1], '1', 'and above this share of the limit, where nothing usual is known [ours]'),
  heatO2Pct: number(19, [10, 20.9], '%', 'or O2 below this: a fire burns [P]'),
  treatmentOffShare: number(0.05, [0.01, 0.5], '1', 'the treatment is off below this share of rated power [P]'),
  treatmentOffMs: number(30 * minuteMs, [quarterMs, dayMs], 'ms', 'a running process without its treatment for so long [ours]'),
  treatmentRuns: number(
    0.85,
    [0.3, 1.2],
    '1',
    'a treatment at this share of what it usually draws at work has work, whatever the production meter says [ours]',
  ),
} as const;

export type ComplianceOptions = { readonly [Key in keyof typeof complianceOptions]: number };

export const defaultComplianceOptions = Object.fromEntries(
  Object.entries(complianceOptions).map(([key, option]) => [key, option.default]),
) as ComplianceOptions;
