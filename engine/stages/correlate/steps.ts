// Runs a detector over time: judges each unit at each step, opens and closes findings, and does it again where windows came late.

import type { Finding } from '../../schema/finding.ts';
import { type Detector, Judgement } from './detector.ts';
import type { Series, Touched } from './series.ts';

export interface StepRun {
  readonly detector: Detector;
  /** The newest step that was judged. */
  readonly judged: number;
  /** Judges all steps up to this one, and again what `touched` has changed; findings that are new or have changed. */
  advance(step: number, touched: readonly Touched[], nowMs: number): readonly Finding[];
  /** All that is open is over, whatever is the case: the rule counts no longer. The run must not go on. */
  abolish(): readonly Finding[];
  save(): SavedRun;
  /** `byOthers`: what is saved was judged by other rules. It stays as it is; what comes is judged by this detector. */
  restore(saved: SavedRun, byOthers?: boolean): void;
}

export interface SavedRun {
  readonly judged: number;
  /** Steps up to this one were judged by other rules: late windows do not change them. */
  readonly settled: number;
  readonly capacity: number;
  readonly judgements: Uint8Array;
  readonly quiet: Uint8Array;
  readonly isOpen: Uint8Array;
  readonly spans: readonly (readonly [unit: number, spans: readonly Span[]])[];
}

/** A finding, and the steps at which it opened and closed. */
interface Span {
  readonly openedStep: number;
  readonly closedStep: number | undefined;
  readonly finding: Finding;
}

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
  let settled = after;
  let capacity = 0;
  // Position: slot of the step * capacity + unit.
  let judgements = new Uint8Array(0);
  /** Steps of `no` since the last other judgement, at most 255. */
  let quiet = new Uint8Array(0);
  let isOpen = new Uint8Array(0);
  let spans = new Map<number, readonly Span[]>();

  const slotOf = (step: number) => ((step % steps) + steps) % steps;
  const at = (unit: number, step: number) => slotOf(step) * capacity + unit;
  const isKept = (step: number) => step > judged - steps && step <= judged;
  /** The first step that late windows can change: all that its judgement and its opening look back to is kept. */
  const oldest = () => Math.max(judged - steps + detector.reach + life.openWithin - 1, settled) + 1;

  function grow(units: number): void {
    if (units <= capacity) return;
    const wider = Math.ceil(units / 16) * 16;
    const widened = (old: Uint8Array<ArrayBuffer>) => {
      const column = new Uint8Array(wider * steps);
      for (let slot = 0; slot < steps; slot++) column.set(old.subarray(slot * capacity, (slot + 1) * capacity), slot * wider);
      return column;
    };
    judgements = widened(judgements);
    quiet = widened(quiet);
    isOpen = widened(isOpen);
    capacity = wider;
  }

  /** From the judgements and the step before: whether a finding is open after this step. */
  function fold(unit: number, step: number): void {
    const here = at(unit, step);
    const before = at(unit, step - 1);
    const judgement = judgements[here];
    quiet[here] =
      judgement === Judgement.no ? Math.min(255, quiet[before] + 1) : judgement === Judgement.unknown ? quiet[before] : 0;
    if (isOpen[before] === 1) isOpen[here] = quiet[here] >= life.closeAfter ? 0 : 1;
    else isOpen[here] = judgement === Judgement.yes && yesesBefore(unit, step) >= life.openAfter ? 1 : 0;
  }

  /** Nothing is known of the steps up to this one: what was open stays open. */
  function leap(step: number): void {
    for (let unit = 0; unit < capacity; unit++) {
      const [wasOpen, wasQuiet] = [isOpen[at(unit, judged)], quiet[at(unit, judged)]];
      for (let each = step - steps + 1; each <= step; each++) {
        judgements[at(unit, each)] = Judgement.unknown;
        isOpen[at(unit, each)] = wasOpen;
        quiet[at(unit, each)] = wasQuiet;
      }
    }
    judged = step;
  }

  /** Nothing came in this step from anywhere: what was open stays open. */
  function pass(now: number): void {
    const [here, before] = [slotOf(now) * capacity, slotOf(now - 1) * capacity];
    judgements.fill(Judgement.unknown, here, here + capacity);
    quiet.copyWithin(here, before, before + capacity);
    isOpen.copyWithin(here, before, before + capacity);
  }

  function yesesBefore(unit: number, step: number): number {
    let yeses = 0;
    for (let each = step; each > step - life.openWithin && isKept(each); each--)
      if (judgements[at(unit, each)] === Judgement.yes) yeses += 1;
    return yeses;
  }

  function firstYes(unit: number, step: number): number {
    let first = step;
    for (let each = step; each > step - life.openWithin && isKept(each); each--)
      if (judgements[at(unit, each)] === Judgement.yes) first = each;
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
      ...detector.describe(unit, first, step),
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

  /** The usual way: the newest step. */
  function step(unit: number, now: number, nowMs: number, changed: Finding[]): void {
    judgements[at(unit, now)] = detector.judge(unit, now);
    fold(unit, now);
    const wasOpen = isOpen[at(unit, now - 1)] === 1;
    const isNow = isOpen[at(unit, now)] === 1;
    if (wasOpen === isNow) return;
    const open = (spans.get(unit) ?? []).find(({ closedStep }) => closedStep === undefined);
    const span = isNow ? opened(unit, now, nowMs) : open && closed(open, now);
    if (span !== undefined) tell(unit, span, changed);
  }

  /** Late windows changed judgements from this step on: what follows from them may be another story. */
  function redo(unit: number, fromStep: number, nowMs: number, changed: Finding[]): void {
    for (let each = fromStep; each <= judged; each++) {
      judgements[at(unit, each)] = detector.judge(unit, each);
      fold(unit, each);
    }
    const known = spans.get(unit) ?? [];
    const before = known.find(({ openedStep, closedStep }) => openedStep < oldest() && (closedStep ?? judged) >= oldest() - 1);
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
    let was = isOpen[at(unit, isKept(first - 1) ? first - 1 : first)] === 1;
    if (was) story.push({ openedStep: undefined, closedStep: undefined });
    for (let each = first; each <= judged; each++) {
      const is = isOpen[at(unit, each)] === 1;
      if (is && !was) story.push({ openedStep: each, closedStep: undefined });
      if (!is && was) story[story.length - 1].closedStep = each;
      was = is;
    }
    return story;
  }

  return {
    detector,
    get judged() {
      return judged;
    },
    advance(toStep, touched, nowMs) {
      const changed: Finding[] = [];
      const units = detector.units();
      grow(units);
      const dirty = new Map<number, number>();
      for (const { kind, source, step: late } of touched)
        for (const unit of detector.unitsOf(kind, source))
          dirty.set(unit, Math.min(dirty.get(unit) ?? Number.POSITIVE_INFINITY, Math.max(late, oldest())));
      if (Number.isFinite(judged))
        for (const unit of [...dirty.keys()].sort((a, b) => a - b)) redo(unit, dirty.get(unit) as number, nowMs, changed);
      else judged = toStep - 1;
      if (toStep - judged > steps) leap(toStep - steps);
      for (let now = judged + 1; now <= toStep; now++) {
        judged = now;
        if (!hasWindows(now)) {
          pass(now);
          continue;
        }
        for (let unit = 0; unit < units; unit++) step(unit, now, nowMs, changed);
      }
      return changed;
    },
    abolish: () =>
      [...spans.values()]
        .flat()
        .filter(({ finding }) => finding.state === 'open')
        .map((span) => again(span, { state: 'closed', closedBy: 'rule', closedMs: (judged + 1) * sizeMs })),
    save: () => ({
      judged,
      settled,
      capacity,
      judgements: judgements.slice(),
      quiet: quiet.slice(),
      isOpen: isOpen.slice(),
      spans: [...spans],
    }),
    restore(saved, byOthers = false) {
      ({ judged, settled, capacity } = saved);
      if (byOthers) settled = judged;
      judgements = Uint8Array.from(saved.judgements);
      quiet = Uint8Array.from(saved.quiet);
      isOpen = Uint8Array.from(saved.isOpen);
      spans = new Map(saved.spans);
    },
  };
}
