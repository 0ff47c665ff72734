// Runs a detector over time: judges each unit at each step, opens and closes findings, and does it again where windows came late.

import type { Finding } from '../../schema/finding.ts';
import { type Description, type Detector, Judgement } from './detector.ts';
import { type LateSteps, lateSteps } from './lateSteps.ts';
import { renumbered, type SavedUnits } from './renumbered.ts';
import type { Series, Touched } from './series.ts';

export interface StepRun {
  readonly detector: Detector;
  /** The newest step that was judged. */
  readonly judged: number;
  /**
   * Judges all steps up to this one, and again what `touched`, and hours of sources that came late, may have changed; findings that
   * are new or have changed.
   */
  advance(step: number, touched: readonly Touched[], nowMs: number, lateHours?: readonly Touched[]): readonly Finding[];
  /** All that is open is over, whatever is the case: the rule counts no longer. The run must not go on. */
  abolish(): readonly Finding[];
  save(): SavedRun;
  /** Units that are gone: their findings that were open, closed by what made them go. */
  restore(saved: SavedRun, judgedBy?: JudgedBy): readonly Finding[];
}

/** `settled`: what is saved was judged by other rules or another register. It stays; what comes is judged by this detector. */
export interface JudgedBy {
  readonly settled: boolean;
  readonly closedBy: NonNullable<Finding['closedBy']>;
}

export interface SavedRun extends SavedUnits<readonly Span[]> {
  readonly judged: number;
  /** Steps up to this one were judged by other rules, or by another register: late windows do not change them. */
  readonly settled: number;
}

/** A finding, and the steps at which it opened and closed. */
interface Span {
  readonly openedStep: number;
  readonly closedStep: number | undefined;
  readonly finding: Finding;
}

/**
 * What is kept of a unit and step, in one number: two bits of judgement, one for an open finding, and above them the steps of `no`
 * since the last other judgement, at most 255.
 */
const judgementMask = 3;
const openBit = 4;
const quietUnit = 8;
const quietMost = 255 * quietUnit;
/** What stays while nothing is known. */
const carriedMask = ~judgementMask;

/** The series that a detector looks at, or what a test needs of it. */
type StepsOf = Pick<Series, 'sizeMs' | 'steps'> & Partial<Pick<Series, 'hasWindows'>>;

/** `sizeMs`: of a step; `steps`: that the series keeps, so many can be judged again; `after`: the last step of which it says nothing. */
export function stepRun(
  detector: Detector,
  { sizeMs, steps, hasWindows = () => true }: StepsOf,
  after = Number.NEGATIVE_INFINITY,
): StepRun {
  const { life } = detector;
  let judged = after;
  let judgedSlot = 0;
  let settled = after;
  let capacity = 0;
  /** Position: slot of the step * capacity + unit. */
  let states = new Uint16Array(0);
  let spans = new Map<number, readonly Span[]>();

  /** Of a step that is kept, or one before or behind. A division for each would be most of what a step costs. */
  function slotOf(step: number): number {
    const slot = judgedSlot + step - judged;
    return slot < 0 ? slot + steps : slot < steps ? slot : slot - steps;
  }
  function judgedUpTo(step: number): void {
    judged = step;
    judgedSlot = Number.isFinite(step) ? ((step % steps) + steps) % steps : 0;
  }
  judgedUpTo(after);
  const at = (unit: number, step: number) => slotOf(step) * capacity + unit;
  const isKept = (step: number) => step > judged - steps && step <= judged;
  const judgementAt = (unit: number, step: number) => states[at(unit, step)] & judgementMask;
  const isOpenAt = (unit: number, step: number) => (states[at(unit, step)] & openBit) !== 0;
  /** The first step that late windows can change: all that its judgement and its opening look back to is kept. */
  const oldest = () => Math.max(judged - steps + Math.max(1, detector.reach + life.openWithin - 1), settled) + 1;

  function grow(units: number): void {
    if (units <= capacity) return;
    const wider = Math.ceil(units / 16) * 16;
    const widened = new Uint16Array(wider * steps);
    for (let slot = 0; slot < steps; slot++) widened.set(states.subarray(slot * capacity, (slot + 1) * capacity), slot * wider);
    states = widened;
    capacity = wider;
  }

  /** From a judgement and the state before: the state after this step. */
  function folded(unit: number, step: number, judgement: Judgement, before: number): number {
    const carried = before & carriedMask;
    let quiet = 0;
    if (judgement === Judgement.no) quiet = Math.min(quietMost, (carried & ~openBit) + quietUnit);
    else if (judgement === Judgement.unknown) quiet = carried & ~openBit;
    const isOpen =
      (before & openBit) !== 0
        ? quiet < life.closeAfter * quietUnit
        : judgement === Judgement.yes && 1 + yesesBefore(unit, step) >= life.openAfter;
    return quiet | (isOpen ? openBit : 0) | judgement;
  }

  /** Nothing is known of the steps up to this one: what was open stays open. */
  function leap(step: number): void {
    const from = slotOf(judged) * capacity;
    const carried = states.slice(from, from + capacity).map((state) => state & carriedMask);
    for (let slot = 0; slot < steps; slot++) states.set(carried, slot * capacity);
    judgedUpTo(step);
  }

  /** Nothing came in this step from anywhere: what was open stays open. */
  function pass(now: number): void {
    const [here, before] = [slotOf(now) * capacity, slotOf(now - 1) * capacity];
    for (let unit = 0; unit < capacity; unit++) states[here + unit] = states[before + unit] & carriedMask;
  }

  /** Of the steps before this one. */
  function yesesBefore(unit: number, step: number): number {
    let yeses = 0;
    for (let each = step - 1; each > step - life.openWithin && isKept(each); each--)
      if (judgementAt(unit, each) === Judgement.yes) yeses += 1;
    return yeses;
  }

  function firstYes(unit: number, step: number): number {
    let first = step;
    for (let each = step; each > step - life.openWithin && isKept(each); each--)
      if (judgementAt(unit, each) === Judgement.yes) first = each;
    return first;
  }

  function spanFrom(unit: number, openedMs: number): Span | undefined {
    return spans.get(unit)?.find(({ finding }) => finding.openedMs === openedMs);
  }

  function opened(unit: number, step: number, nowMs: number): Span {
    const first = firstYes(unit, step);
    const openedMs = first * sizeMs;
    const known = spanFrom(unit, openedMs);
    if (known !== undefined) return reopened({ ...known, openedStep: step }); // it was corrected, and is back
    const id = `${detector.rule}:${detector.unitId(unit)}:${openedMs}`;
    const finding: Finding = {
      id,
      rule: detector.rule,
      ruleVersion: detector.ruleVersion,
      unit: detector.unitId(unit),
      openedMs,
      foundMs: nowMs,
      state: 'open',
      revision: 0,
      candidates: [],
      ...measured(detector.describe(unit, first, step)),
    };
    return { openedStep: step, closedStep: undefined, finding };
  }

  const again = ({ finding }: Span, change: Partial<Finding>): Finding => ({
    ...finding,
    ...change,
    revision: finding.revision + 1,
  });
  const closed = (span: Span, step: number): Span => ({
    ...span,
    closedStep: step,
    // It has been clear for `closeAfter` steps: that is when the cause went.
    finding: again(span, { state: 'closed', closedMs: (step + 1) * sizeMs }),
  });

  const reopened = (span: Span): Span => ({
    ...span,
    closedStep: undefined,
    finding: again(span, { state: 'open', closedMs: undefined }),
  });

  /** Those that ended before all that can still change are forgotten. */
  function keep(unit: number, span: Span): void {
    const others = (spans.get(unit) ?? []).filter(
      ({ finding, closedStep }) => finding.id !== span.finding.id && (closedStep === undefined || isKept(closedStep)),
    );
    spans.set(unit, [...others, span]);
  }

  /** The usual way: the newest step, of all units. */
  function stepAll(units: number, now: number, nowMs: number, changed: Finding[]): void {
    const [here, before] = [slotOf(now) * capacity, slotOf(now - 1) * capacity];
    const column = states;
    for (let unit = 0; unit < units; unit++) {
      const was = column[before + unit];
      const judgement = detector.judge(unit, now);
      // Most units are in order, and were.
      const is =
        judgement === Judgement.no && (was & openBit) === 0
          ? Math.min(quietMost, (was & carriedMask) + quietUnit) | judgement
          : folded(unit, now, judgement, was);
      column[here + unit] = is;
      if (((was ^ is) & openBit) === 0) continue;
      const open = (spans.get(unit) ?? []).find(({ closedStep }) => closedStep === undefined);
      const span = (is & openBit) !== 0 ? opened(unit, now, nowMs) : open && closed(open, now);
      if (span !== undefined) tell(unit, span, changed);
    }
  }

  /** False: all judgements are as they were. */
  function judgeAgain(unit: number, { from, to, besideFrom, besideTo }: LateSteps): boolean {
    let first: number | undefined;
    for (let each = Math.min(from, besideFrom); each <= Math.max(to, besideTo); each++) {
      const here = at(unit, each);
      const isOwn = each >= from && each <= to;
      const isBeside = each >= besideFrom && each <= besideTo && (states[here] & judgementMask) >= Judgement.near;
      if (!isOwn && !isBeside) continue;
      const judgement = detector.judge(unit, each);
      if ((states[here] & judgementMask) === judgement) continue;
      states[here] = (states[here] & carriedMask) | judgement;
      first ??= each;
    }
    if (first === undefined) return false;
    for (let each = first; each <= judged; each++)
      states[at(unit, each)] = folded(unit, each, judgementAt(unit, each) as Judgement, states[at(unit, each - 1)]);
    return true;
  }

  /** Late windows may have changed judgements of these steps: what follows from them may be another story. */
  function redo(unit: number, dirty: LateSteps, nowMs: number, changed: Finding[]): void {
    if (!judgeAgain(unit, dirty)) return;
    const known = spans.get(unit) ?? [];
    const before = known.find(
      ({ openedStep, closedStep, finding }) =>
        finding.state !== 'corrected' && openedStep < oldest() && (closedStep ?? judged) >= oldest() - 1,
    );
    const story = storyOf(unit).map(({ openedStep, closedStep }) => ({
      openedStep,
      closedStep,
      span: openedStep === undefined ? before : spanFrom(unit, firstYes(unit, openedStep) * sizeMs),
    }));
    for (const span of known) {
      if (span.openedStep < oldest() || span.finding.state === 'corrected' || story.some((each) => each.span === span)) continue;
      const { closedMs = nowMs } = span.finding;
      tell(
        unit,
        { ...span, closedStep: span.closedStep ?? judged, finding: again(span, { state: 'corrected', closedMs }) },
        changed,
      );
    }
    for (const { openedStep, closedStep, span } of story) {
      if (span === undefined) {
        if (openedStep === undefined) continue;
        const made = opened(unit, openedStep, nowMs);
        const over = closedStep === undefined ? made : closed(made, closedStep);
        tell(unit, { ...over, finding: { ...over.finding, revision: 0 } }, changed); // found when it was over
        continue;
      }
      const moved = { ...span, openedStep: openedStep ?? span.openedStep };
      if (span.finding.state !== 'corrected' && span.closedStep === closedStep) keep(unit, moved);
      else tell(unit, closedStep === undefined ? reopened(moved) : closed(moved, closedStep), changed);
    }
  }

  function tell(unit: number, span: Span, changed: Finding[]): void {
    keep(unit, span);
    changed.push(span.finding);
  }

  /** When a finding is open, over all steps that can change; `openedStep` undefined: before them. */
  function storyOf(unit: number): { openedStep: number | undefined; closedStep: number | undefined }[] {
    const story: { openedStep: number | undefined; closedStep: number | undefined }[] = [];
    const first = oldest();
    // What is open at the oldest step that is kept counts as open before it: nobody knows.
    let was = isOpenAt(unit, isKept(first - 1) ? first - 1 : first);
    if (was) story.push({ openedStep: undefined, closedStep: undefined });
    for (let each = first; each <= judged; each++) {
      const is = isOpenAt(unit, each);
      if (is && !was) story.push({ openedStep: each, closedStep: undefined });
      if (!is && was) story[story.length - 1].closedStep = each;
      was = is;
    }
    return story;
  }

  const unitIds = () => Array.from({ length: detector.units() }, (_, unit) => detector.unitId(unit));

  function ended(all: readonly (readonly Span[])[], closedBy: NonNullable<Finding['closedBy']>): readonly Finding[] {
    return all
      .flat()
      .filter(({ finding }) => finding.state === 'open')
      .map((span) => again(span, { state: 'closed', closedBy, closedMs: (judged + 1) * sizeMs }));
  }

  return {
    detector,
    get judged() {
      return judged;
    },
    advance(toStep, touched, nowMs, lateHours = []) {
      const changed: Finding[] = [];
      const units = detector.units();
      grow(units);
      if (!Number.isFinite(judged)) judgedUpTo(toStep - 1);
      else if (touched.length > 0 || lateHours.length > 0)
        for (const [unit, dirty] of lateSteps(detector, { touched, lateHours, first: oldest(), judged, sizeMs }))
          redo(unit, dirty, nowMs, changed);
      if (toStep - judged > steps) leap(toStep - steps);
      for (let now = judged + 1; now <= toStep; now++) {
        judgedUpTo(now);
        if (!hasWindows(now)) {
          pass(now);
          continue;
        }
        stepAll(units, now, nowMs, changed);
      }
      return changed;
    },
    abolish: () => ended([...spans.values()], 'rule'),
    save: () => ({
      judged,
      settled,
      units: unitIds(),
      capacity,
      states: states.slice(),
      spans: [...spans],
    }),
    restore(saved, { settled: isSettled, closedBy } = { settled: false, closedBy: 'register' }) {
      ({ settled } = saved);
      judgedUpTo(saved.judged);
      if (isSettled) settled = judged;
      const { known, gone } = renumbered(saved, unitIds());
      capacity = known.capacity;
      states = known.states.slice();
      spans = new Map(known.spans);
      return ended(
        gone.map(([, own]) => own),
        closedBy,
      );
    },
  };
}

/** What nobody measured is no evidence: a meter that was silent in that time. */
function measured(description: Description): Description {
  return { ...description, evidence: description.evidence.filter(({ value }) => !Number.isNaN(value)) };
}
