// What the rules about monitors that show what no stack does have in common.

import type { Detector, Life } from './detector.ts';
import { type RuleId, ruleCatalog } from './ruleCatalog.ts';
import { flowAtIdle, type Stacks } from './stacks.ts';

/** Whose flow is above this runs with its fan on; under 80 % of the flow without load [ours]. */
export const runningAbove = 0.8 * flowAtIdle;

/** What takes hours is looked at so often. */
export const everyMinutes = 15;

type FraudRule = Extract<RuleId, 'stack-constant' | 'stack-drop' | 'stack-dilution' | 'stack-marks'>;

export function fraudDetector(
  id: FraudRule,
  of: Stacks,
  rest: Pick<Detector, 'size' | 'reach' | 'hoursReach' | 'judge' | 'describe'> & { readonly life: Life },
): Detector {
  const { units, sources } = of;
  return {
    rule: id,
    ruleVersion: ruleCatalog[id].version,
    setSources: sources.set,
    units: () => units.length,
    unitId: (unit) => units[unit].unitId,
    unitsOf: sources.unitsOf,
    ...rest,
  };
}
