// One plan per enterprise (一厂一策): what it stops or limits at each level, by its grade.

import type { Enterprise, EnterpriseProcess, Grade, Level, Measure } from '../../../engine/schema/register.ts';

type Emitting = Pick<EnterpriseProcess, 'id' | 'emits'>;

/** A level's measure for the processes that emit: 'stop', or how much production stays, %; undefined: transport only. */
type Rule = 'stop' | number | undefined;

/**
 * A, leading and the positive list are neither stopped nor limited [S]; C half of the lines at yellow, then stop [S]; D stop [S];
 * B: 20 % less at orange [S]. The rest of B, B- by analogy [P]. Domain report 2.6.
 */
const rules: Readonly<Record<Grade, Readonly<Record<Level, Rule>>>> = {
  A: { yellow: undefined, orange: undefined, red: undefined },
  leading: { yellow: undefined, orange: undefined, red: undefined },
  positive: { yellow: undefined, orange: undefined, red: undefined },
  B: { yellow: undefined, orange: 80, red: 50 },
  'B-': { yellow: 80, orange: 50, red: 30 },
  C: { yellow: 50, orange: 'stop', red: 'stop' },
  D: { yellow: 'stop', orange: 'stop', red: 'stop' },
};

/** No trucks of China IV and below: of everyone, at every level. */
const transport: Measure = { action: 'transport' };

/** Plans of the same grade and processes are one object: there are some hundred, for thousands of enterprises. */
const known = new Map<string, Enterprise['plan']>();

/** Processes that do not emit go on. A guarantee enterprise keeps its certified load, unless its grade spares it. */
export function planOf(grade: Grade, processes: readonly Emitting[], guarantee: Enterprise['guarantee']): Enterprise['plan'] {
  const emitting = processes.filter(({ emits }) => emits).map(({ id }) => id);
  const key = `${grade} ${emitting} ${guarantee?.maxLoadPct}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const measures = (level: Level): Measure[] => {
    const isSpared = rules[grade].red === undefined;
    const rule = guarantee === undefined || isSpared ? rules[grade][level] : guarantee.maxLoadPct;
    if (rule === undefined) return [transport];
    const measure = (process: string): Measure =>
      rule === 'stop' ? { process, action: 'stop' } : { process, action: 'limit', toPct: rule };
    return [...emitting.map(measure), transport];
  };
  const plan = { yellow: measures('yellow'), orange: measures('orange'), red: measures('red') };
  known.set(key, plan);
  return plan;
}
