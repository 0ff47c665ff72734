// Which judgements late windows may change: by unit, from and to.

import type { Detector } from './detector.ts';
import type { Touched } from './series.ts';

/** Steps of a unit that late windows may change; and those that they change only where it judges `near` or `yes`. */
export interface LateSteps {
  from: number;
  to: number;
  besideFrom: number;
  besideTo: number;
}

export interface Late {
  /** Windows of the detector's own size, and of hours. */
  readonly touched: readonly Touched[];
  readonly lateHours: readonly Touched[];
  /** The first step that can be judged again, and the newest that was judged. */
  readonly first: number;
  readonly judged: number;
  /** Of a step. */
  readonly sizeMs: number;
}

const hourMs = 3_600_000;

/** In the order of units. */
export function lateSteps(detector: Detector, late: Late): readonly (readonly [unit: number, LateSteps])[] {
  const { reach, hoursReach } = detector;
  const byUnit = new Map<number, LateSteps>();
  for (const each of late.touched) {
    const { step, lastStep = step } = each;
    mark(byUnit, detector, late, each, step, lastStep + reach);
  }
  if (hoursReach !== undefined) {
    const [after, until] = hoursReach;
    const inHour = hourMs / late.sizeMs;
    for (const each of late.lateHours) {
      const { step, lastStep = step } = each;
      mark(byUnit, detector, late, each, (step + after) * inHour, (lastStep + until + 1) * inHour - 1);
    }
  }
  return [...byUnit].sort(([a], [b]) => a - b);
}

/** Networks that were down bring thousands at once: numbers only. */
function mark(
  byUnit: Map<number, LateSteps>,
  detector: Detector,
  { first, judged }: Late,
  { kind, source }: Touched,
  fromStep: number,
  toStep: number,
): void {
  const from = Math.max(fromStep, first);
  const to = Math.min(toStep, judged);
  if (to < from) return;
  for (const unit of detector.unitsOf(kind, source)) {
    const known = ofUnit(byUnit, unit);
    if (from < known.from) known.from = from;
    if (to > known.to) known.to = to;
  }
  if (detector.besideOf === undefined) return;
  for (const unit of detector.besideOf(kind, source)) {
    const known = ofUnit(byUnit, unit);
    if (from < known.besideFrom) known.besideFrom = from;
    if (to > known.besideTo) known.besideTo = to;
  }
}

function ofUnit(byUnit: Map<number, LateSteps>, unit: number): LateSteps {
  let known = byUnit.get(unit);
  if (known === undefined) {
    const [never, always] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    known = { from: never, to: always, besideFrom: never, besideTo: always };
    byUnit.set(unit, known);
  }
  return known;
}
