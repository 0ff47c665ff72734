// How far figures of several runs would differ with other runs: percentiles of runs drawn again (bootstrap, Efron 1979).

import { streamOf, uniform } from '../../world/random.ts';
import { quantileOf, sorted } from '../statistics/numbers.ts';
import type { RunScore } from './scoreRun.ts';
import { overallOf } from './tally.ts';

/** 95 %. */
export type Interval = readonly [number, number];

export interface Intervals {
  readonly detectable?: Interval;
  readonly air?: Interval;
  readonly all?: Interval;
  readonly precision?: Interval;
  readonly falsePerDay?: Interval;
  readonly top1?: Interval;
  readonly top3?: Interval;
}

/** Fewer runs say nothing about others. */
const runsLeast = 5;
const drawCount = 1_000;

/** Undefined for fewer than five runs; the same for the same runs in the same order. */
export function intervalsOf(runs: readonly RunScore[], findsFaults: (rule: string) => boolean): Intervals | undefined {
  if (runs.length < runsLeast) return undefined;
  const stream = streamOf('runs drawn again');
  const drawn = Array.from({ length: drawCount }, (_, draw) => {
    const again = runs.map((_, i) => runs[Math.floor(uniform(1, stream, draw * runs.length + i) * runs.length)]);
    return overallOf(again, findsFaults);
  });
  const between = (name: string, value: (overall: (typeof drawn)[number]) => number | null) => {
    const values = sorted(drawn.map(value).filter((each) => each !== null));
    return values.length === 0 ? {} : { [name]: [quantileOf(values, 0.025), quantileOf(values, 0.975)] as const };
  };
  return {
    ...between('detectable', ({ detectable }) => detectable.recall),
    ...between('air', ({ air }) => air.recall),
    ...between('all', ({ all }) => all.recall),
    ...between('precision', ({ precision }) => precision.precision),
    ...between('falsePerDay', ({ precision }) => precision.falsePerDay),
    ...between('top1', ({ airAttribution }) => airAttribution.top1),
    ...between('top3', ({ airAttribution }) => airAttribution.top3),
  };
}
