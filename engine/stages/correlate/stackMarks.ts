// A stack whose monitor is marked away for hours, or by night alone.

import { Flag } from '../../schema/flags.ts';
import { type Detector, Judgement } from './detector.ts';
import { meanEvidence } from './evidence.ts';
import type { ProcessLink } from './links.ts';
import type { Rules } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { fraudDetector } from './stackFraud.ts';
import { stacks, stackUnits } from './stacks.ts';

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
    reach: Math.max(24 * nights, markedHours) - 1,
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
