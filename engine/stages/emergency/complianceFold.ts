// From quarters of an hour to a verdict: what an order asks, folded over what was seen, with memory against flapping.

import { median } from '../../domain/quality.ts';
import type { Order, Verdict } from '../../schema/order.ts';
import type { ComplianceOptions } from './complianceOptions.ts';
import type { Look } from './processLook.ts';
import { quarterMs, type Unit } from './quarters.ts';
import { type Usual, usuallyOn, usualMost } from './usualWork.ts';

/** What a verdict rests on. */
export type Ground = 'level' | 'tight' | 'treatment' | 'silent' | 'invalid' | 'hangs' | 'no-usual' | 'unmetered';

export interface FoldState {
  readonly verdict?: Verdict;
  readonly sinceMs: number;
  readonly ground: Ground;
  /** Of the quarters that made the verdict: the last of them, and what it showed. */
  readonly quarter: number;
  readonly look?: Look;
  /** Seen at work past the grace. */
  readonly overran: boolean;
  /** Has obeyed in hours in which it usually runs. */
  readonly obeyed: boolean;
  /** Began again, or at an hour at which it never works, or with its meter bypassed: no stop undoes that. */
  readonly broken: boolean;
  /** `not` has become `partly` once. */
  readonly eased: boolean;
  readonly overMs: number;
  readonly overFromMs: number;
  readonly overQuarters: number;
  readonly within: number;
  readonly withinFromMs: number;
  readonly withinUsual: number;
  /** Loads of the last two hours that are known, oldest first. */
  readonly loads: readonly number[];
  readonly steady: number;
  /** Running mean of a limited process against its share. */
  readonly mean: number;
  readonly meanQuarters: number;
  /** Quarters in a row without evidence; what was said before them. */
  readonly unknown: number;
  readonly unknownFromMs: number;
  readonly unknownFor: Ground;
  readonly before?: Verdict;
  /** Quarters in a row that a main or treatment meter contradicts. */
  readonly contradicted: number;
  readonly treatmentOff: number;
  /** When the treatment was last seen on: its power, and the main meter's less production. */
  readonly treatmentKw: number;
  readonly beyondKw: number;
}

export const unseen: FoldState = {
  ...{ sinceMs: Number.NaN, ground: 'level', quarter: Number.NaN, overran: false, obeyed: false, broken: false, eased: false },
  ...{ overMs: 0, overFromMs: Number.NaN, overQuarters: 0, within: 0, withinFromMs: Number.NaN, withinUsual: 0 },
  ...{ loads: [], steady: 0, mean: Number.NaN, meanQuarters: 0, unknown: 0, unknownFromMs: Number.NaN, unknownFor: 'level' },
  ...{ contradicted: 0, treatmentOff: 0, treatmentKw: Number.NaN, beyondKw: Number.NaN },
};

export interface FoldContext {
  readonly order: Pick<Order, 'action' | 'toPct' | 'effectiveMs'>;
  readonly unit: Unit;
  readonly usual: Usual;
  readonly options: ComplianceOptions;
}

const quarters = (ms: number) => Math.ceil(ms / quarterMs);
const known = 8;
const hour = 4;
const meanQuartersMost = 16;
/** Between `partly` and `not` there is so much cut that changes nothing. */
const partlyBand = 0.1;
/** A hanging meter, or no usual work to compare with, is no sudden thing. */
const slowGrounds = 4;
/** Of an hour: usually at work, and usually not. */
const usually = { on: 0.8, off: 0.2 } as const;

export function graceMsOf({ unit, options }: Pick<FoldContext, 'unit' | 'options'>): number {
  return unit.watched.shifts === 'continuous' ? options.continuousGraceMs : options.graceMs;
}

/** One more quarter of an hour, which lies after the effective hour. */
export function foldQuarter(state: FoldState, context: FoldContext, quarter: number, look: Look): FoldState {
  const { options } = context;
  const isContradicted = look.runs === true && look.by !== 'meter' && look.meterRuns === false;
  const s: FoldState = { ...state, contradicted: isContradicted ? state.contradicted + 1 : 0 };
  if (look.runs === undefined)
    return withoutEvidence(s, context, quarter, look, look.isSilent ? 'silent' : Number.isNaN(look.of.kw) ? 'invalid' : 'hangs');
  // Not believed yet, nor disbelieved: neither obeys nor disobeys.
  const isBelieved = look.by === 'stack' || s.contradicted >= quarters(options.witnessMs);
  if (isContradicted && !isBelieved) return s;
  const over = overMsOf(s, context, quarter, look);
  if (over === undefined) return withoutEvidence(s, context, quarter, look, 'no-usual');
  const seen = withLoads(s, context, quarter, look);
  if (over === 0 && look.runs === true && isTight(context))
    return withTreatment(withoutEvidence(seen, context, quarter, look, 'tight'), context, quarter, look);
  if (over === 0 && isTight(context)) return seen;
  const judged = over > 0 ? exceeded(seen, context, quarter, look, over) : kept(seen, context, quarter, look);
  return withTreatment({ ...judged, unknown: 0, unknownFromMs: Number.NaN }, context, quarter, look);
}

/** How long it did what it must not in this quarter; undefined: there is nothing to compare with. */
function overMsOf(s: FoldState, { order, usual, options }: FoldContext, quarter: number, look: Look): number | undefined {
  if (order.action === 'stop') return look.onMs;
  // At night nothing tells that a limit is kept by day.
  if (look.runs === false) return Number.isNaN(usual.working) ? undefined : 0;
  // Who bypasses the meter keeps no limit.
  if (s.contradicted >= quarters(options.witnessMs)) return quarterMs;
  const share = (order.toPct ?? 100) / 100;
  const own = usualMost(usual, quarter);
  // Usual work is never more than full load: what is above the share of that is over in any case.
  const ratio = look.load / (share * (Number.isNaN(own) ? 1 : own));
  if (Number.isNaN(ratio)) return undefined;
  const thin = thinOf(usual, options);
  const mean = nextMean(s, ratio);
  if (ratio > 1 + options.limitTolerance + thin) return quarterMs;
  if (mean.meanQuarters >= meanQuartersMost && mean.mean > 1 + meanTolerance(usual, options) && ratio > 1) return quarterMs;
  return Number.isNaN(own) ? undefined : 0;
}

const thinOf = ({ days }: Usual, { thinDays, thinTolerance }: ComplianceOptions) => (days < thinDays ? thinTolerance : 0);

/** Who works evenly is judged closely. Example: days within 2 % of each other: 8 %; within 8 %: 19 %. */
function meanTolerance(usual: Usual, options: ComplianceOptions): number {
  const most = options.limitMeanTolerance + thinOf(usual, options);
  const own = Math.max(options.evenTolerance, 2 * usual.spread + 0.03);
  return Number.isNaN(own) ? most : Math.min(most, own);
}

/** Who does nothing at all would not be told from who obeys: usual work differs by more than what is asked. */
function isTight({ order, usual, options }: FoldContext): boolean {
  return order.action === 'limit' && 100 / (order.toPct ?? 100) <= 1 + meanTolerance(usual, options);
}

function nextMean({ mean, meanQuarters }: FoldState, ratio: number): Pick<FoldState, 'mean' | 'meanQuarters'> {
  const count = Math.min(meanQuartersMost, meanQuarters + 1);
  return { mean: meanQuarters === 0 ? ratio : mean + (ratio - mean) / count, meanQuarters: count };
}

function withLoads(s: FoldState, context: FoldContext, quarter: number, look: Look): FoldState {
  const { order, usual, options } = context;
  const loads = [...s.loads, look.load].slice(-known);
  if (order.action === 'stop' || look.runs !== true) return { ...s, loads };
  const ratio = look.load / (((order.toPct ?? 100) / 100) * usualMost(usual, quarter));
  // The way down is not in the mean.
  const isBound = quarter * quarterMs >= order.effectiveMs + graceMsOf(context);
  if (!isBound || ratio > 1 + options.limitTolerance) return { ...s, loads, mean: Number.NaN, meanQuarters: 0 };
  return Number.isNaN(ratio) ? { ...s, loads } : { ...s, loads, ...nextMean(s, ratio) };
}

function exceeded(state: FoldState, context: FoldContext, quarter: number, look: Look, over: number): FoldState {
  const { order, usual, options } = context;
  const startMs = quarter * quarterMs;
  const rested = state.within >= quarters(options.offMs);
  const boundFromMs = order.effectiveMs + graceMsOf(context);
  // A stretch that began before the grace was over counts from then on.
  if (startMs < boundFromMs) return { ...state, within: 0, withinUsual: 0 };
  const isOutside = rested && usuallyOn(usual, quarter) < usually.off;
  const isNew = state.overMs === 0;
  const s: FoldState = {
    ...state,
    within: 0,
    withinUsual: 0,
    overMs: state.overMs + over,
    overFromMs: isNew ? startMs : state.overFromMs,
    overQuarters: state.overQuarters + 1,
  };
  const needMs = order.action === 'stop' ? options.onMs : options.overMs;
  const isBypassed = state.contradicted >= quarters(options.witnessMs);
  const begins = state.obeyed || isOutside || isBypassed || (!isNew && state.broken);
  const marked: FoldState = { ...s, broken: s.broken || begins };
  if (s.overMs < needMs) return isNew && !state.broken ? { ...s, broken: begins } : marked;
  const overran: FoldState = { ...marked, overran: true };
  const mayFall = startMs < boundFromMs + options.fallingMs && !overran.broken;
  if (mayFall && isFalling(overran.loads, options)) return { ...overran, steady: 0 };
  const steady = overran.steady + 1;
  if (mayFall && steady < 2) return { ...overran, steady };
  const verdict = degree(overran, context, quarter);
  if (verdict === state.verdict && state.ground === 'level') return { ...overran, steady };
  // What was said before of the same offence: since then.
  const isOngoing = (state.verdict === 'not' || state.verdict === 'partly') && state.ground === 'level';
  const eased = overran.eased || (state.verdict === 'not' && verdict === 'partly');
  return {
    ...overran,
    steady,
    eased,
    verdict,
    sinceMs: isOngoing ? state.sinceMs : s.overFromMs,
    ground: 'level',
    quarter,
    look,
  };
}

/** Hour by hour. */
function isFalling(loads: readonly number[], { fallingShare }: ComplianceOptions): boolean {
  if (loads.length < known) return false;
  const mean = (from: number) => loads.slice(from, from + hour).reduce((sum, load) => sum + load, 0) / hour;
  return mean(0) - mean(hour) >= fallingShare;
}

/** `partly` from some share of the cut on, `not` below; a verdict that stands is changed by more than noise only. */
function degree(
  { verdict, loads, broken, eased, overQuarters, mean, meanQuarters }: FoldState,
  { order, usual, options }: FoldContext,
  quarter: number,
): 'not' | 'partly' {
  if ((broken || eased) && verdict === 'not') return 'not';
  // Shifts begin within an hour: of less the most counts, and what was said is not changed by it.
  if (isOffence(verdict) && overQuarters < known) return verdict as 'not' | 'partly';
  const own = loads.slice(-Math.min(overQuarters, verdict === 'not' ? known : hour));
  const level =
    meanQuarters >= meanQuartersMost
      ? (mean * (order.toPct ?? 100)) / 100
      : (own.length < hour ? Math.max(...own) : median(own)) / usualMost(usual, quarter);
  const asked = order.action === 'stop' ? 1 : 1 - (order.toPct ?? 100) / 100;
  const done = (1 - level) / asked;
  const band = verdict === 'not' ? partlyBand : verdict === 'partly' ? -partlyBand : 0;
  return done >= options.partlyFrom + band ? 'partly' : 'not';
}

function kept(state: FoldState, context: FoldContext, quarter: number, look: Look): FoldState {
  const { order, options } = context;
  const startMs = quarter * quarterMs;
  const within = state.within + 1;
  const withinUsual = state.withinUsual + (countsAsWork(context, quarter, look) ? 1 : 0);
  const withinFromMs = state.within === 0 ? startMs : state.withinFromMs;
  const isRested = within >= quarters(options.offMs);
  // What stands at night anyway has not obeyed by that, nor by a break.
  const isHeard = withinUsual >= quarters(options.lateAfterMs) && (look.runs === true || order.action === 'stop');
  const obeyed = state.obeyed || isHeard;
  const s: FoldState = { ...state, within, withinUsual, withinFromMs, obeyed, steady: 0 };
  const rested: FoldState = { ...s, overMs: 0, overQuarters: 0 };
  if (state.broken && isOffence(state.verdict)) return rested;
  // It began again, but stopped before it counted.
  const calm: FoldState = state.overMs < minimum(order.action, options) ? { ...rested, broken: false } : rested;
  const said = { sinceMs: withinFromMs, ground: 'level' as const, quarter, look };
  if (calm.overran && calm.verdict !== 'late' && calm.verdict !== 'cannot-tell')
    return withinUsual >= quarters(options.lateAfterMs) ? { ...calm, ...said, verdict: 'late' } : calm;
  if (!isRested || (calm.verdict !== undefined && calm.verdict !== 'cannot-tell')) return calm;
  return { ...calm, ...said, verdict: calm.overran ? 'late' : (calm.before ?? 'obeying'), before: undefined };
}

/** An hour in which it usually is at work, and in which a limit is kept well, not just within the tolerance. */
function countsAsWork({ order, usual, options }: FoldContext, quarter: number, { runs, load }: Look): boolean {
  if (order.action === 'limit' && runs === true) {
    const ratio = load / (((order.toPct ?? 100) / 100) * usualMost(usual, quarter));
    if (ratio > 1 + meanTolerance(usual, options)) return false;
  }
  return Number.isNaN(usual.working) || usuallyOn(usual, quarter) >= usually.on;
}

const minimum = (action: Order['action'], { onMs, overMs }: ComplianceOptions) => (action === 'stop' ? onMs : overMs);
const isOffence = (verdict: Verdict | undefined) => verdict === 'not' || verdict === 'partly';

/** Missing data never makes an offence, nor does it wash one off. */
function withoutEvidence(s: FoldState, { options }: FoldContext, quarter: number, look: Look, ground: Ground): FoldState {
  const startMs = quarter * quarterMs;
  // Silence and values without validity are one.
  const unknownFor = ground === 'invalid' ? 'silent' : ground;
  const isOngoing = s.unknown > 0 && s.unknownFor === unknownFor;
  const unknown = isOngoing ? s.unknown + 1 : 1;
  const unknownFromMs = isOngoing ? s.unknownFromMs : startMs;
  const next: FoldState = { ...s, unknown, unknownFromMs, unknownFor };
  if (isOffence(s.verdict)) return next;
  const isOther = (s.ground === 'invalid' ? 'silent' : s.ground) !== unknownFor;
  if (s.verdict === 'cannot-tell' && (!isOther || unknown < slowGrounds)) return next;
  const least = ground === 'silent' ? quarters(options.offlineMs) : slowGrounds;
  if (unknown < least) return next;
  return {
    ...next,
    within: 0,
    withinUsual: 0,
    verdict: 'cannot-tell',
    before: s.verdict === 'cannot-tell' ? s.before : s.verdict,
    sinceMs: unknownFromMs,
    ground,
    quarter,
    look,
  };
}

/** A process that may run must run with its treatment. */
function withTreatment(state: FoldState, context: FoldContext, quarter: number, look: Look): FoldState {
  const { order, unit, usual, options } = context;
  const { treatmentKw, beyondKw } = look.of;
  const ratedKw = unit.watched.treatmentKw;
  if (ratedKw === undefined || Number.isNaN(treatmentKw)) return state;
  const isOff = treatmentKw < options.treatmentOffShare * ratedKw;
  if (!isOff) return { ...state, treatmentOff: 0, treatmentKw, beyondKw };
  // A treatment meter that never showed anything is no evidence; nor one that fell while the main meter did not.
  const was = Number.isNaN(state.treatmentKw) ? usual.treatmentKw : state.treatmentKw;
  const isMissed = state.beyondKw - beyondKw < was / 2 && was > 0.06 * state.beyondKw;
  if (look.runs !== true || look.by !== 'meter' || !(was > 2 * options.treatmentOffShare * ratedKw) || isMissed)
    return { ...state, treatmentOff: 0 };
  const treatmentOff = state.treatmentOff + 1;
  const next: FoldState = { ...state, treatmentOff };
  const isBound = quarter * quarterMs >= order.effectiveMs + graceMsOf(context);
  if (!isBound || order.action === 'stop' || isOffence(state.verdict)) return next;
  if (treatmentOff < quarters(options.treatmentOffMs)) return next;
  const sinceMs = (quarter - treatmentOff + 1) * quarterMs;
  return { ...next, verdict: 'partly', broken: true, sinceMs, ground: 'treatment', quarter, look };
}
