// A stack's monitor that stands still: values that are the same for hours, to all digits.

import { metricIndex } from '../../schema/catalog.ts';
import { type Description, type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { standsStill } from './lookBack.ts';
import type { Rules } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { everyMinutes, fraudDetector } from './stackFraud.ts';
import { type Stacks, stacks, stackUnits, standingBelow } from './stacks.ts';

/** Instruments end at two to three times the limit: a value that stands there is an exceedance, not a fraud [ours]. */
const rangeFrom = 1.9;

/**
 * Values that stand still for hours to all digits. A hanging instrument does so, and a simulated signal: the values alone do not
 * tell which, so it is a notice. Where everything hangs with it, it is the logger; where the load moved meanwhile, fraud gains.
 */
export function stackConstant(links: readonly ProcessLink[], minutes: Series, rules: Rules): Detector {
  const { stillHours, spread, knownShare, closeMinutes } = rules['stack-constant'];
  const of = stacks(stackUnits(links, ['cems', 'voc']), minutes);
  const { units, sources } = of;
  const { monitor } = sources.of;
  const steps = stillHours * 60;
  // Digits of the catalog's 0.01; half of one more, as values are kept as 32-bit floats.
  const stillness = { steps, least: Math.ceil(knownShare * steps), spread: spread + 0.005 };
  // Not benzene and toluene: so little of them that digits repeat in good order.
  const others = units.map(({ kind }) => (kind === 'cems' ? [metricIndex('cems', 'o2Pct')] : []));

  function isStill(unit: number, metric: number, step: number): boolean {
    return standsStill({ series: minutes, kind: units[unit].kind, metric }, monitor[unit], step, stillness);
  }

  function stillOnes(unit: number, step: number): readonly number[] {
    const { kind, limited, flow } = units[unit];
    const still = limited
      .filter(({ measured, limit }) => minutes.mean(kind, measured, monitor[unit], step) < rangeFrom * limit)
      .filter(({ measured }) => isStill(unit, measured, step))
      .map(({ measured }) => measured);
    for (const metric of others[unit]) if (isStill(unit, metric, step)) still.push(metric);
    // A stack that stands has next to no flow, and that repeats.
    if (of.flowShare(unit, step) > standingBelow && isStill(unit, flow, step)) still.push(flow);
    return still;
  }

  /** Without an array: judged every minute. */
  function anyStill(unit: number, step: number): boolean {
    const { kind, limited, flow } = units[unit];
    for (const { measured, limit } of limited)
      if (minutes.mean(kind, measured, monitor[unit], step) < rangeFrom * limit && isStill(unit, measured, step)) return true;
    for (const metric of others[unit]) if (isStill(unit, metric, step)) return true;
    return of.flowShare(unit, step) > standingBelow && isStill(unit, flow, step);
  }

  function cause(unit: number, step: number, still: readonly number[]): Description['candidates'] {
    const { enterprise } = units[unit].link;
    const isLogger = still.length === units[unit].limited.length + others[unit].length + 1;
    const isLoadMoving = movedBy(of, unit, step - steps + 1, step) > 0.3;
    const fraud = isLogger ? 0.1 : isLoadMoving ? 0.5 : 0.3;
    const reasons = isLogger ? ['allStandStill'] : isLoadMoving ? ['standsStill', 'loadMoved'] : ['standsStill'];
    const candidates = [
      { id: 'instrument', score: 1 - fraud, reasons },
      { id: enterprise, score: fraud, reasons },
    ];
    return candidates.sort((a, b) => b.score - a.score);
  }

  return fraudDetector('stack-constant', of, {
    size: '1m',
    life: { openAfter: 1, openWithin: 1, closeAfter: Math.ceil(closeMinutes / everyMinutes) },
    reach: steps - 1,
    judge(unit, step) {
      if (step % everyMinutes !== 0) return Judgement.unknown;
      const { kind, flow, limited } = units[unit];
      const first = limited[0]?.measured ?? flow;
      if (Number.isNaN(minutes.mean(kind, first, monitor[unit], step))) return Judgement.unknown;
      return anyStill(unit, step) ? Judgement.yes : Judgement.no;
    },
    describe(unit, _, toStep) {
      const still = stillOnes(unit, toStep);
      const evidence = still.map((metric) => meanEvidence(of.stretch(unit, metric, toStep - steps + 1, toStep), 'standsStill'));
      return { ...of.describe(unit, 'notice'), evidence, candidates: cause(unit, toStep, still) };
    },
  });
}

/** Largest less smallest load by the production meter, as a share of the largest; 0 where nothing is known. */
function movedBy(of: Stacks, unit: number, fromStep: number, toStep: number): number {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (let step = fromStep; step <= toStep; step++) {
    const share = of.productionShare(unit, step);
    if (Number.isNaN(share)) continue;
    low = Math.min(low, share);
    high = Math.max(high, share);
  }
  return high > 0 ? (high - low) / high : 0;
}
