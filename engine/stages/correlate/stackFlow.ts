// The fan of a stack is off: production runs, but the stack draws less than it would without any load.

import { type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { flowAtIdle, impliedFlow, loadOf, meterEvidence, meterReach, stacks, stackUnits, standingBelow } from './stacks.ts';

/** With a fan the flow is never under this share of that without load; below, also where no meter tells the load [ours]. */
const ofIdle = 0.8;

export function stackFlow(links: readonly ProcessLink[], minutes: Series, rules: Rules): Detector {
  const { flowBelow, clearAbove, lowMinutes, closeMinutes, productionOn } = rules['stack-flow'];
  const of = stacks(stackUnits(links, ['cems', 'voc']), minutes);
  const { units, sources } = of;

  /** Of the flow at full load; `share` of what the load implies. */
  function levelAt(unit: number, step: number, share: number): number {
    const power = of.productionShare(unit, step);
    return Math.max(ofIdle * flowAtIdle, Number.isNaN(power) ? 0 : share * impliedFlow(loadOf(power)));
  }

  return {
    rule: 'stack-flow',
    ruleVersion: ruleCatalog['stack-flow'].version,
    size: '1m',
    // Gaps of a few minutes must not put it off.
    life: { openAfter: lowMinutes, openWithin: lowMinutes + 5, closeAfter: closeMinutes },
    reach: meterReach,
    setSources: sources.set,
    units: () => units.length,
    unitId: (unit) => units[unit].id,
    unitsOf: sources.unitsOf,
    judge(unit, step) {
      const flow = of.flowShare(unit, step);
      if (Number.isNaN(flow)) return Judgement.unknown;
      // It stands; and the usual case is told without the meter.
      if (flow < standingBelow || flow > clearAbove) return Judgement.no;
      if (of.productionShare(unit, step) < productionOn) return Judgement.near;
      if (flow < levelAt(unit, step, flowBelow)) return Judgement.yes;
      return flow < levelAt(unit, step, clearAbove) ? Judgement.near : Judgement.no;
    },
    describe(unit, fromStep, toStep) {
      const limit = levelAt(unit, toStep, flowBelow) * units[unit].fullM3S;
      const flow = meanEvidence(of.stretch(unit, units[unit].flow, fromStep, toStep), 'stackFlow', { limit, side: 'below' });
      return { ...of.describe(unit, 'serious'), evidence: [flow, ...meterEvidence(of, unit, fromStep, toStep)] };
    },
  };
}
