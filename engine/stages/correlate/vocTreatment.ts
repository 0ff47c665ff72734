// VOC high while its treatment is off: what the outlet shows, joined with the treatment meter's state at that time.

import { type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { meterEvidence, meterReach, stacks, stackUnits } from './stacks.ts';

/** Needs no production meter: a bypassed one hides nothing here. */
export function vocTreatment(links: readonly ProcessLink[], minutes: Series, rules: Rules): Detector {
  const { highShare, clearShare, offBelow, highMinutes, withinMinutes, closeMinutes } = rules['voc-treatment'];
  const judged = links.filter(({ treatmentMeter, limits }) => treatmentMeter !== undefined && limits.nmhc !== undefined);
  const of = stacks(stackUnits(judged, ['voc']), minutes);
  const { units, sources } = of;
  const { monitor } = sources.of;
  return {
    rule: 'voc-treatment',
    ruleVersion: ruleCatalog['voc-treatment'].version,
    size: '1m',
    life: { openAfter: highMinutes, openWithin: Math.max(highMinutes, withinMinutes), closeAfter: closeMinutes },
    reach: meterReach,
    setSources: sources.set,
    units: () => units.length,
    unitId: (unit) => units[unit].id,
    unitsOf: sources.unitsOf,
    judge(unit, step) {
      const { metric, limit } = units[unit].limited[0];
      const share = minutes.mean('voc', metric, monitor[unit], step) / limit;
      if (Number.isNaN(share)) return Judgement.unknown;
      if (share < clearShare) return Judgement.no;
      const treatment = of.treatmentShare(unit, step);
      if (Number.isNaN(treatment)) return Judgement.unknown;
      if (treatment >= offBelow) return Judgement.no;
      return share >= highShare ? Judgement.yes : Judgement.near;
    },
    describe(unit, fromStep, toStep) {
      const { metric, limit } = units[unit].limited[0];
      const high = { limit: highShare * limit, side: 'above' } as const;
      const nmhc = meanEvidence(of.stretch(unit, metric, fromStep, toStep), 'stackConcentration', high);
      return { ...of.describe(unit, 'serious'), evidence: [nmhc, ...meterEvidence(of, unit, fromStep, toStep)] };
    },
  };
}
