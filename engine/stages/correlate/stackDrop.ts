// A stack whose concentration falls alone, while flow and production stay.

import { type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { type Line, meanOf, medianOf } from './lookBack.ts';
import type { Rules } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { everyMinutes, fraudDetector, runningAbove } from './stackFraud.ts';
import { meterEvidence, pollutantUnits, stacks } from './stacks.ts';

const dropMinutes = 10;
const meanMinutes = 5;
/** Above this share of the limit a fall is more than the instrument's noise [ours]: that is 1 % of its range. */
const measurable = 0.15;
/** A level this far above the usual was an exceedance, and its end is no fraud [ours]. */
const usualUpTo = 1.6;
const usualHours = 48;

/**
 * A usual concentration falls by 80 % within ten minutes while flow and production stay: a probe pulled, diluted, or simulated.
 * `near` as long as it stays down with production on, so that it is one finding.
 */
export function stackDrop(links: readonly ProcessLink[], minutes: Series, hours: Series, rules: Rules): Detector {
  const { fallShare, steadyShare, closeMinutes, openMinutes } = rules['stack-drop'];
  const of = stacks(pollutantUnits(links, ['cems', 'voc']), minutes);
  const { units, sources } = of;
  const { monitor, production } = sources.of;
  const left = 1 - fallShare;
  const reach = dropMinutes + 2 * meanMinutes;

  /** Median of two days, of hours in which the stack ran: the end of an exceedance must not look like a fall from the usual. */
  function usual(unit: number, metric: number, step: number): number {
    const { kind, flow, fullM3S } = units[unit];
    const hour = Math.floor(step / 60) - 1;
    const counts = (each: number) => hours.mean(kind, flow, monitor[unit], each) > runningAbove * fullM3S;
    return medianOf({ series: hours, kind, metric }, monitor[unit], [hour - usualHours, hour - 1], { least: 8, counts });
  }

  function isSteady(line: Line, source: number, step: number): boolean {
    const [before, after] = spansOf(step).map((span) => meanOf(line, source, span, 3));
    return after >= steadyShare * before;
  }

  function wasMeasurable(unit: number, step: number): boolean {
    const { kind, limited } = units[unit];
    const { measured, limit } = limited[0];
    const last = step - dropMinutes - meanMinutes;
    for (let each = last - meanMinutes + 1; each <= last; each++)
      if (minutes.mean(kind, measured, monitor[unit], each) > measurable * limit) return true;
    return false;
  }

  function judge(unit: number, step: number): Judgement {
    const { kind, flow, limited } = units[unit];
    const { metric, measured, limit } = limited[0];
    const now = minutes.mean(kind, measured, monitor[unit], step);
    if (Number.isNaN(now)) return Judgement.unknown;
    if (now > left * limit) return Judgement.no;
    if (!(of.flowShare(unit, step) > runningAbove)) return Judgement.no;
    // Whether it is still down is asked now and then: medians cost.
    if (step % everyMinutes !== 0 && !wasMeasurable(unit, step)) return Judgement.unknown;
    const [before, after] = spansOf(step).map((span) =>
      meanOf({ series: minutes, kind, metric: measured }, monitor[unit], span, 3),
    );
    if (after > left * limit) return Judgement.no;
    const isFallen = after < left * before && before > measurable * limit;
    if (!isFallen && step % everyMinutes !== 0) return Judgement.unknown;
    const level = usual(unit, measured, step);
    if (!(level > measurable * limit) || after > left * level) return Judgement.no;
    const isSudden =
      isFallen &&
      before < usualUpTo * level &&
      meanOf({ series: minutes, kind, metric }, monitor[unit], spansOf(step)[0], 3) < limit;
    const isAlone =
      isSteady({ series: minutes, kind, metric: flow }, monitor[unit], step) &&
      (production[unit] < 0 || isSteady({ series: minutes, kind: 'power', metric: 0 }, production[unit], step));
    return isSudden && isAlone ? Judgement.yes : Judgement.near;
  }

  return fraudDetector('stack-drop', of, {
    size: '1m',
    life: { openAfter: openMinutes, openWithin: openMinutes + 2, closeAfter: closeMinutes },
    reach,
    hoursReach: [2, usualHours + 1],
    judge,
    describe(unit, fromStep, toStep) {
      const { limited, flow } = units[unit];
      const { measured } = limited[0];
      const [before] = spansOf(fromStep);
      const flowNow = meanEvidence(of.stretch(unit, flow, fromStep, toStep), 'stackFlow');
      return {
        ...of.describe(unit, 'warning'),
        evidence: [
          meanEvidence(of.stretch(unit, measured, before[0], before[1]), 'concentrationBefore'),
          meanEvidence(of.stretch(unit, measured, fromStep, toStep), 'concentrationAfter'),
          flowNow,
          ...meterEvidence(of, unit, fromStep, toStep),
        ],
      };
    },
  });
}

/** Five minutes before the fall, and the newest five. */
function spansOf(step: number): readonly [readonly [number, number], readonly [number, number]] {
  const before = step - dropMinutes - meanMinutes;
  return [
    [before - meanMinutes + 1, before],
    [step - meanMinutes + 1, step],
  ];
}
