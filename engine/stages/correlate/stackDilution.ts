// A stack whose monitor is drowned in air.

import { metricIndex } from '../../schema/catalog.ts';
import { type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import type { Rules } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { fraudDetector, runningAbove } from './stackFraud.ts';
import { meterEvidence, meterReach, stacks, stackUnits } from './stacks.ts';

/** O2 near that of air while production runs: the sample is diluted, or the probe sucks air. Where O2 matters: by the permit. */
export function stackDilution(links: readonly ProcessLink[], minutes: Series, rules: Rules): Detector {
  const { o2Above, aboveReference, productionOn, openMinutes, closeMinutes } = rules['stack-dilution'];
  const judged = links.filter(({ o2RefPct }) => o2RefPct !== undefined);
  const of = stacks(stackUnits(judged, ['cems']), minutes);
  const { units, sources } = of;
  const { monitor } = sources.of;
  const o2 = metricIndex('cems', 'o2Pct');
  // A brick kiln's reference is 18 %: it is always near air.
  const levels = units.map(({ link }) => Math.max(o2Above, (link.o2RefPct ?? 0) + aboveReference));
  return fraudDetector('stack-dilution', of, {
    size: '1m',
    life: { openAfter: openMinutes, openWithin: openMinutes + 5, closeAfter: closeMinutes },
    reach: meterReach,
    judge(unit, step) {
      const pct = minutes.mean('cems', o2, monitor[unit], step);
      if (Number.isNaN(pct)) return Judgement.unknown;
      if (pct < levels[unit]) return pct < levels[unit] - 0.5 ? Judgement.no : Judgement.near;
      const flow = of.flowShare(unit, step);
      if (Number.isNaN(flow)) return Judgement.unknown;
      if (flow < runningAbove) return Judgement.no;
      // Without a meter the fan alone may run.
      const power = of.productionShare(unit, step);
      if (Number.isNaN(power)) return Judgement.unknown;
      return power >= productionOn ? Judgement.yes : Judgement.no;
    },
    describe(unit, fromStep, toStep) {
      const high = { limit: levels[unit], side: 'above' } as const;
      const pct = meanEvidence(of.stretch(unit, o2, fromStep, toStep), 'stackO2', high);
      return { ...of.describe(unit, 'warning'), evidence: [pct, ...meterEvidence(of, unit, fromStep, toStep)] };
    },
  });
}
