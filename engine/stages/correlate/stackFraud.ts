// What a stack's monitor shows that no stack does: standing still, falling alone, drowned in air, marked away for hours.

import { metricIndex } from '../../schema/catalog.ts';
import { Flag } from '../../schema/flags.ts';
import { type Description, type Detector, Judgement, type Life } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import { type Line, meanOf, medianOf, standsStill } from './lookBack.ts';
import { type RuleId, type Rules, ruleCatalog } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import {
  flowAtIdle,
  meterEvidence,
  meterReach,
  pollutantUnits,
  type Stacks,
  stacks,
  stackUnits,
  standingBelow,
} from './stacks.ts';

/** Whose flow is above this runs with its fan on; under 80 % of the flow without load [ours]. */
const runningAbove = 0.8 * flowAtIdle;
/** Instruments end at two to three times the limit: a value that stands there is an exceedance, not a fraud [ours]. */
const rangeFrom = 1.9;

/** What takes hours is looked at so often. */
const everyMinutes = 15;

type FraudRule = Extract<RuleId, 'stack-constant' | 'stack-drop' | 'stack-dilution' | 'stack-marks'>;

function fraudDetector(
  id: FraudRule,
  of: Stacks,
  rest: Pick<Detector, 'size' | 'reach' | 'judge' | 'describe'> & { readonly life: Life },
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

const dropMinutes = 10;
const meanMinutes = 5;
/** Above this share of the limit a fall is more than the instrument's noise [ours]: that is 1 % of its range. */
const measurable = 0.15;
/** A level this far above the usual was an exceedance, and its end is no fraud [ours]. */
const usualUpTo = 1.6;

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
    return medianOf({ series: hours, kind, metric }, monitor[unit], [hour - 48, hour - 1], { least: 8, counts });
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

const hourOfBeijing = (hour: number) => (((hour + 8) % 24) + 24) % 24;
/** Night = 22:00 to 06:00 (domain report 4.6 [P]). */
const isNight = (hour: number) => hourOfBeijing(hour) >= 22 || hourOfBeijing(hour) < 6;
/** An hour is marked away when fewer good minutes are left [ours]. */
const goodMinutes = 15;

/**
 * Marks of maintenance, calibration or fault for hours, or every night and not by day. What is marked so long is first a fault of
 * the instrument, and a notice; by night alone it looks like a purpose.
 */
export function stackMarks(links: readonly ProcessLink[], minutes: Series, hours: Series, rules: Rules): Detector {
  const { markedHours, nights, closeHours } = rules['stack-marks'];
  const of = stacks(stackUnits(links, ['cems', 'voc']), minutes);
  const { units, sources } = of;
  const { monitor } = sources.of;

  /** Undefined: nothing came. */
  function isMarked(unit: number, hour: number): boolean | undefined {
    const { kind, limited } = units[unit];
    let isKnown = false;
    for (const { measured } of limited) {
      const covered = hours.metricCaptureMs(kind, measured, monitor[unit], hour);
      const flags = hours.flags(kind, measured, monitor[unit], hour);
      if ((flags & Flag.mark) !== 0 && covered < goodMinutes * 60_000) return true;
      if (covered > 0) isKnown = true;
    }
    return isKnown ? false : undefined;
  }

  function markedFor(unit: number, hour: number): boolean {
    for (let each = hour; each > hour - markedHours; each--) if (isMarked(unit, each) !== true) return false;
    return true;
  }

  /** In the last nights an hour or more each, and by day never. */
  function isNightly(unit: number, hour: number): boolean {
    let found = 0;
    let wasNight = false;
    let inNight = false;
    for (let each = hour; each > hour - 24 * nights; each--) {
      const night = isNight(each);
      if (night && !wasNight) inNight = false;
      wasNight = night;
      if (isMarked(unit, each) !== true) continue;
      if (!night) return false;
      if (!inNight) found += 1;
      inNight = true;
    }
    return found >= nights;
  }

  return fraudDetector('stack-marks', of, {
    size: '1h',
    life: { openAfter: 1, openWithin: 1, closeAfter: closeHours },
    reach: 24 * nights - 1,
    judge(unit, hour) {
      const now = isMarked(unit, hour);
      if (now === undefined) return Judgement.unknown;
      if (!now) return isNightly(unit, hour) ? Judgement.near : Judgement.no;
      return markedFor(unit, hour) || isNightly(unit, hour) ? Judgement.yes : Judgement.near;
    },
    describe(unit, fromStep, toStep) {
      const nightly = isNightly(unit, toStep) && !markedFor(unit, toStep);
      const { link, kind, id, limited } = units[unit];
      const { metric } = limited[0];
      const from = nightly ? fromStep - 24 * nights + 1 : Math.min(fromStep, toStep - markedHours + 1);
      const value = Array.from({ length: toStep - from + 1 }, (_, i) => from + i).filter((hour) => isMarked(unit, hour)).length;
      const {
        startMs,
        endMs,
        metric: name,
      } = meanEvidence({ ...of.stretch(unit, metric, from, toStep), series: hours }, 'markedHours');
      const marked = { kind, source: id, metric: name, startMs, endMs, value, unit: 'h', says: 'markedHours' } as const;
      return {
        ...of.describe(unit, nightly ? 'warning' : 'notice'),
        evidence: [{ ...marked, limit: nightly ? nights : markedHours, side: 'above' }],
        candidates: nightly
          ? [{ id: link.enterprise, score: 0.7, reasons: ['markedAtNight'] }]
          : [{ id: 'instrument', score: 0.8, reasons: ['marked'] }],
      };
    },
  });
}
