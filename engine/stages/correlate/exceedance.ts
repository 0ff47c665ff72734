// Stacks and VOC outlets above their permits: of whole hours, and within the hour as soon as it shows.

import type { Detector, Life } from './detector.ts';
import { Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { type RuleId, type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { meterEvidence, pollutantUnits, type Stacks, stacks } from './stacks.ts';

type ExceedanceRule = Extract<RuleId, 'stack-exceedance' | 'voc-exceedance' | 'stack-trend'>;

/** Hours, for the permit counts them: the mean of the O2-converted values. */
export const stackExceedance = (links: readonly ProcessLink[], minutes: Series, hours: Series, rules: Rules): Detector =>
  hourly('stack-exceedance', stacks(pollutantUnits(links, ['cems']), minutes), hours, rules);

export const vocExceedance = (links: readonly ProcessLink[], minutes: Series, hours: Series, rules: Rules): Detector =>
  hourly('voc-exceedance', stacks(pollutantUnits(links, ['voc']), minutes), hours, rules);

function hourly(id: 'stack-exceedance' | 'voc-exceedance', of: Stacks, hours: Series, rules: Rules): Detector {
  const { validMinutes, clearShare } = rules[id];
  const { units, sources } = of;
  const { monitor } = sources.of;
  const life = { openAfter: 1, openWithin: 1, closeAfter: rules[id].closeHours };
  return exceedanceDetector(id, of, hours, { life, reach: 0, version: ruleCatalog[id].version }, (unit, step) => {
    const { kind, limited } = units[unit];
    const { metric, limit } = limited[0];
    if (hours.metricCaptureMs(kind, metric, monitor[unit], step) < validMinutes * 60_000) return Judgement.unknown;
    const share = hours.mean(kind, metric, monitor[unit], step) / limit;
    return share > 1 ? Judgement.yes : share > clearShare ? Judgement.near : Judgement.no;
  });
}

/**
 * Within the hour: above the limit for so many minutes that it is no peak, or so much in the minutes so far that the hour's mean
 * is above the limit whatever follows (values are not below zero).
 */
export function stackTrend(links: readonly ProcessLink[], minutes: Series, rules: Rules): Detector {
  const of = stacks(pollutantUnits(links, ['cems', 'voc']), minutes);
  const { overMinutes, withinMinutes, clearShare, closeMinutes } = rules['stack-trend'];
  const { units, sources } = of;
  const { monitor } = sources.of;
  const life = { openAfter: overMinutes, openWithin: Math.max(overMinutes, withinMinutes), closeAfter: closeMinutes };

  /** Sum of the hour so far, over what the whole hour may have. */
  function isCertain(unit: number, metric: number, limit: number, step: number): boolean {
    const { kind } = units[unit];
    let sum = 0;
    for (let each = step - (step % 60); each <= step; each++) {
      const value = minutes.mean(kind, metric, monitor[unit], each);
      if (value > 0) sum += value;
    }
    return sum > limit * 60;
  }

  const version = ruleCatalog['stack-trend'].version;
  return exceedanceDetector('stack-trend', of, minutes, { life, reach: 59, version }, (unit, step) => {
    const { kind, limited } = units[unit];
    const { metric, limit } = limited[0];
    const share = minutes.mean(kind, metric, monitor[unit], step) / limit;
    if (Number.isNaN(share)) return Judgement.unknown;
    if (share <= clearShare) return Judgement.no;
    return share > 1 || isCertain(unit, metric, limit, step) ? Judgement.yes : Judgement.near;
  });
}

function exceedanceDetector(
  id: ExceedanceRule,
  of: Stacks,
  series: Series,
  { life, reach, version }: { readonly life: Life; readonly reach: number; readonly version: number },
  judge: (unit: number, step: number) => Judgement,
): Detector {
  const { units, sources } = of;
  const perMinute = series.sizeMs / 60_000;
  return {
    rule: id,
    ruleVersion: version,
    size: series.size,
    life,
    reach,
    setSources: sources.set,
    units: () => units.length,
    unitId: (unit) => units[unit].unitId,
    unitsOf: (kind, source) => (kind === 'power' ? [] : sources.unitsOf(kind, source)),
    judge,
    describe(unit, fromStep, toStep) {
      const { metric, limit } = units[unit].limited[0];
      const stretch = { ...of.stretch(unit, metric, fromStep, toStep), series };
      const meters = meterEvidence(of, unit, fromStep * perMinute, (toStep + 1) * perMinute - 1);
      const shown = meanEvidence(stretch, 'stackConcentration', { limit, side: 'above' });
      return { ...of.describe(unit, 'serious'), evidence: [shown, ...meters] };
    },
  };
}
