// What a plan may ask on heavy-pollution days, whatever it says: measures that may become orders, and what is wrong with the others.

import type { PlannedEnterprise } from '../../schema/order.ts';
import { type Enterprise, type Grade, type Level, levels, type Measure } from '../../schema/register.ts';

/** In principle neither stopped nor limited [S]. Domain report 2.6. */
export const exemptGrades: readonly Grade[] = ['A', 'leading', 'positive'];

export interface CurtailmentRules {
  /**
   * Small and micro enterprises are a class of their own: as their plans say, or spared from stops and limits, which a city may do
   * while their share stays small [M].
   */
  readonly smallMicro: Readonly<Record<Level, 'as-planned' | 'spared'>>;
}

export const curtailmentRules: CurtailmentRules = {
  smallMicro: { yellow: 'as-planned', orange: 'as-planned', red: 'as-planned' },
};

export const planProblemCodes = [
  'exempt-grade',
  'below-certified',
  'above-certified',
  'not-emitting',
  'unknown-process',
  'unknown-action',
  'no-share',
  'process-of-transport',
  'twice',
  'weaker',
] as const;
export type PlanProblemCode = (typeof planProblemCodes)[number];

/** A measure that breaks a rule, and what becomes of it: no order, one at the certified load, or one as planned. */
export interface PlanProblem {
  readonly code: PlanProblemCode;
  readonly enterprise: string;
  readonly level: Level;
  readonly process?: string;
  /** Position in the level's measures. */
  readonly index: number;
  readonly becomes: 'nothing' | 'certified-load' | 'as-planned';
  readonly value: string;
  readonly allowed: string;
}

export interface JudgedPlan {
  /** At most one a process, the strictest, in the plan's order; limits have a share. Transport at most once. */
  readonly measures: readonly Measure[];
  readonly problems: readonly PlanProblem[];
}

export const isExempt = ({ grade }: Pick<Enterprise, 'grade'>): boolean => exemptGrades.includes(grade);

/** How much of the production may go on, %: -1 is a stop, so that it is stricter than a limit to nothing. */
const leftPct = ({ action, toPct }: Measure): number => (action === 'stop' ? -1 : action === 'limit' ? (toPct ?? 100) : 100);

export const measureText = ({ action, toPct }: Measure): string =>
  action === 'limit' ? `limit to ${toPct === undefined ? '?' : toPct} %` : String(action);

/** What of an enterprise's plan may be ordered at a level. */
export function judgePlan(enterprise: PlannedEnterprise, level: Level, rules: CurtailmentRules = curtailmentRules): JudgedPlan {
  const byProcess = new Map<string | undefined, Measure>();
  const problems: PlanProblem[] = [];
  enterprise.plan[level].forEach((measure, index) => {
    const tell = (code: PlanProblemCode, becomes: PlanProblem['becomes'], allowed: string) => {
      const { process } = measure;
      const about = process === undefined ? {} : { process };
      const value = measureText(measure);
      problems.push({ code, enterprise: enterprise.id, level, ...about, index, becomes, value, allowed });
    };
    const permitted = permittedOf(enterprise, measure, tell);
    if (permitted === undefined) return;
    const before = byProcess.get(permitted.process);
    if (before !== undefined) tell('twice', 'nothing', 'one measure a process: the strictest counts');
    if (before === undefined || leftPct(permitted) < leftPct(before)) byProcess.set(permitted.process, permitted);
  });
  const isSpared = enterprise.smallMicro === true && rules.smallMicro[level] === 'spared';
  const measures = [...byProcess.values()].filter(({ action }) => action === 'transport' || !isSpared);
  return { measures, problems };
}

type Tell = (code: PlanProblemCode, becomes: PlanProblem['becomes'], allowed: string) => void;

/** The measure as far as the rules go; undefined: it must not become an order, or asks for nothing. */
function permittedOf(enterprise: PlannedEnterprise, measure: Measure, tell: Tell): Measure | undefined {
  const { action, process } = measure;
  if (action === 'transport') {
    if (process === undefined) return { action };
    tell('process-of-transport', 'nothing', 'no process: transport is of the whole enterprise');
    return undefined;
  }
  if (action !== 'stop' && action !== 'limit') {
    tell('unknown-action', 'nothing', 'stop, limit, transport');
    return undefined;
  }
  if (isExempt(enterprise)) {
    tell('exempt-grade', 'nothing', `transport only: grade ${enterprise.grade} is neither stopped nor limited`);
    return undefined;
  }
  const named = enterprise.processes.filter(({ id }) => id === process);
  if (named.length === 0) {
    tell('unknown-process', 'nothing', enterprise.processes.map(({ id }) => id).join(', '));
    return undefined;
  }
  if (!named.every(({ emits }) => emits)) {
    tell('not-emitting', 'nothing', 'processes that emit to air');
    return undefined;
  }
  return loadOf(enterprise, { ...measure, process }, tell);
}

/** The load that the measure leaves: a share in a limit, the certified one where the enterprise is a guarantee. */
function loadOf({ guarantee }: PlannedEnterprise, { process, action, toPct }: Measure, tell: Tell): Measure | undefined {
  if (action === 'limit' && !(toPct !== undefined && toPct >= 0 && toPct <= 100)) {
    tell('no-share', 'nothing', 'a limit has the share that stays, 0 to 100 %');
    return undefined;
  }
  const left = action === 'stop' ? 0 : (toPct as number);
  if (guarantee === undefined) return action === 'stop' ? { process, action } : limitTo(process, left);
  const certified = `its certified load, ${guarantee.maxLoadPct} %`;
  if (left < guarantee.maxLoadPct) tell('below-certified', 'certified-load', `not below ${certified}`);
  if (left > guarantee.maxLoadPct) tell('above-certified', 'as-planned', `not above ${certified}`);
  return limitTo(process, Math.max(left, guarantee.maxLoadPct));
}

/** All of the production is no order. */
function limitTo(process: string | undefined, toPct: number): Measure | undefined {
  return toPct < 100 ? { process, action: 'limit', toPct } : undefined;
}

/** All that is wrong in an enterprise's plan: level by level, and a higher level that asks less than the one below it. */
export function planProblemsOf(enterprise: PlannedEnterprise): readonly PlanProblem[] {
  const problems: PlanProblem[] = [];
  let below: JudgedPlan | undefined;
  for (const level of levels) {
    const judged = judgePlan(enterprise, level);
    problems.push(...judged.problems);
    if (below !== undefined) problems.push(...weaker(enterprise.id, level, below.measures, judged.measures));
    below = judged;
  }
  return problems;
}

function weaker(enterprise: string, level: Level, below: readonly Measure[], own: readonly Measure[]): PlanProblem[] {
  return below.flatMap((lower) => {
    const index = own.findIndex(({ process }) => process === lower.process);
    const now = own[index];
    if (now !== undefined && leftPct(now) <= leftPct(lower)) return [];
    const about = lower.process === undefined ? {} : { process: lower.process };
    const value = now === undefined ? 'none' : measureText(now);
    const allowed = `at least what the lower level asks: ${measureText(lower)}`;
    return [{ code: 'weaker' as const, enterprise, level, ...about, index, becomes: 'as-planned' as const, value, allowed }];
  });
}
