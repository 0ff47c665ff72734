// What to propose now: up as soon as a higher level is met, down only when that has held, nothing because data are missing.

import { pendingOf } from '../../domain/warningMoves.ts';
import { type Proposal, type ProposalAction, warningLevels } from '../../schema/warning.ts';
import { nextView, type Outlook, type View, viewAt } from './outlook.ts';
import { startFrom, startUpTo } from './startHours.ts';
import { type Kept, rankOf, rankToCome } from './warningLife.ts';
import type { WarningOptions } from './warningOptions.ts';

/** What has held since when; plain data, part of the saved state. */
export interface Watched {
  /** Only less than this rank has been met, as far as it can be told. */
  readonly lower?: { readonly rank: number; readonly sinceMs: number };
  /** Below the yellow condition, and forecast to stay so. */
  readonly clearSinceMs?: number;
  /** The level that is to hold was issued, or took effect. */
  readonly levelSinceMs: number;
  /** What a person withdrew or rejected: the rank that was to hold. */
  readonly refusedUp?: Refused;
  readonly refusedDown?: Refused;
}

interface Refused {
  readonly rank: number;
  readonly atMs: number;
}

export type Draft = Pick<Proposal, 'action' | 'level' | 'effectiveMs' | 'untilMs' | 'isFastStart'>;

export type Move =
  | { readonly do: 'propose'; readonly draft: Draft }
  | { readonly do: 'revise'; readonly draft: Draft; readonly why: string }
  | { readonly do: 'withdraw'; readonly why: string };

export const isUp = (action: ProposalAction): boolean => action === 'start' || action === 'upgrade';
/** Rank that a proposal leads to. */
export const rankAfter = ({ action, level }: Pick<Proposal, 'action' | 'level'>): number =>
  action === 'lift' ? -1 : rankOf(level);

const lowestMeasures = warningLevels.indexOf('yellow');

/** What is in force is measured by the episode that is on, what is to begin by its own, and nothing by the next that meets a level. */
export function viewFor(kept: Kept | undefined, outlook: Outlook): View {
  const pending = pendingOf(kept?.warning);
  if (kept !== undefined && rankToCome(kept) >= 0)
    return kept.warning.state === 'in-force' ? outlook.views[0] : viewAt(outlook, kept.coming[0].effectiveMs);
  return pending?.action === 'start' ? viewAt(outlook, pending.effectiveMs) : nextView(outlook);
}

/** What the new outlook says of how long something has held. What cannot be told has not held. */
export function watched(before: Watched, kept: Kept | undefined, outlook: Outlook, nowMs: number): Watched {
  const { lowerRank, isClear } = viewFor(kept, outlook);
  const pending = pendingOf(kept?.warning);
  const rank = pending !== undefined && isUp(pending.action) ? rankOf(pending.level) : rankToCome(kept);
  const isLower = lowerRank !== undefined && lowerRank < rank;
  const lower = isLower ? (before.lower?.rank === rank ? before.lower : { rank, sinceMs: nowMs }) : undefined;
  return { ...before, lower, clearSinceMs: isClear ? (before.clearSinceMs ?? nowMs) : undefined };
}

export function decide(
  kept: Kept | undefined,
  since: Watched,
  outlook: Outlook,
  nowMs: number,
  options: WarningOptions,
): Move | undefined {
  const target = rankToCome(kept);
  const pending = pendingOf(kept?.warning);
  const view = viewFor(kept, outlook);
  const { metRank, lowerRank } = view;
  // Carried on, nothing is forecast to stay lower: then it must have been observed for as long as a lift asks of the forecast.
  const hold = (ms: number) => (outlook.isFallback ? Math.max(ms, outlook.liftMs) : ms);
  const hasHeld = (sinceMs: number | undefined, ms: number) => sinceMs !== undefined && nowMs - sinceMs >= hold(ms);

  if (pending === undefined) return up() ?? down();
  return isUp(pending.action) ? waitingUp(pending) : waitingDown(pending);

  function up(): Move | undefined {
    if (metRank <= target || isRefused(since.refusedUp, metRank <= (since.refusedUp?.rank ?? -1))) return undefined;
    if (view.beginMs > nowMs + options.proposeAheadMs) return undefined;
    const draft = kept !== undefined && isEnding(kept) ? again(kept) : draftUp(target === -1 ? 'start' : 'upgrade', metRank);
    return draft.untilMs !== undefined && draft.untilMs <= draft.effectiveMs ? undefined : { do: 'propose', draft }; // over by then
  }

  /** A level is met again while the signed end of what is in force has not come: it goes on from there, a level lower at most. */
  function again({ warning, coming }: Kept): Draft {
    const held = rankOf(warning.level);
    if (metRank >= held) return draftUp('start', metRank);
    const draft = draftUp('start', Math.max(metRank, held - 1));
    return { ...draft, effectiveMs: Math.max(draft.effectiveMs, coming[0].effectiveMs) };
  }

  /** The next episode begins before the gap parts the two, or may be what an issued one, that has not begun, is for. */
  function goesOn(): boolean {
    const next = nextView(outlook);
    const { mergeMs } = outlook;
    const gapMs = kept?.warning.state === 'in-force' ? mergeMs : Math.max(mergeMs, options.proposeAheadMs);
    return next.metRank >= lowestMeasures && next.beginMs < startFrom(nowMs, options.startHours) + gapMs;
  }

  function down(): Move | undefined {
    if (target === -1 || lowerRank === undefined || !(nowMs - since.levelSinceMs >= options.downgradeHoldMs)) return undefined;
    if (lowerRank === -1 && hasHeld(since.clearSinceMs, options.liftHoldMs) && !goesOn()) return propose('lift', -1);
    const next = target - 1;
    // No measures below yellow: from there a warning is lifted. Blue only where an edition has it, and it is met.
    const isNext = next >= 0 && lowerRank <= next && (next >= lowestMeasures || lowerRank === next);
    return isNext && since.lower?.rank === target && hasHeld(since.lower.sinceMs, options.downgradeHoldMs)
      ? propose('downgrade', next)
      : undefined;
  }

  function propose(action: 'lift' | 'downgrade', rank: number): Move | undefined {
    if (isRefused(since.refusedDown, rank >= (since.refusedDown?.rank ?? -1))) return undefined;
    return { do: 'propose', draft: draftDown(action, action === 'lift' ? target : rank) };
  }

  function isRefused(refused: Refused | undefined, isNoMore: boolean): boolean {
    return refused !== undefined && isNoMore && nowMs - refused.atMs < options.reproposeMs;
  }

  /** What a person has edited or submitted is theirs; what is met beyond it is an upgrade as soon as that is issued. */
  function waitingUp(proposal: Proposal): Move | undefined {
    if (!isOurs(proposal) || proposal.state !== 'proposed') return undefined;
    const { action, effectiveMs, isFastStart } = proposal;
    const rank = rankOf(proposal.level);
    const revise = (to: number, why: string): Move => ({ do: 'revise', draft: draftUp(action, to), why });
    if (metRank > rank) return revise(metRank, 'a higher level is met');
    if (since.lower?.rank === rank && hasHeld(since.lower.sinceMs, options.downgradeHoldMs))
      return metRank > target ? revise(metRank, 'only a lower level is met') : { do: 'withdraw', why: 'it is no longer met' };
    if (view.isFastStart && metRank === rank && !isFastStart && effectiveMs > nowMs)
      return revise(rank, 'heavy already, and no clear improvement is forecast');
    if (effectiveMs <= nowMs && !isFastStart && metRank > target) return revise(rank, 'its hour has passed without a signature');
    return undefined;
  }

  /** Nobody is to sign the end of what is met again: the engine takes its own back, and a person's where more than that is met. */
  function waitingDown(proposal: Proposal): Move | undefined {
    const isBack = metRank > (isOurs(proposal) ? rankAfter(proposal) : target);
    if (isBack) return { do: 'withdraw', why: 'the level is met again' };
    if (!isOurs(proposal) || proposal.state !== 'proposed' || proposal.effectiveMs > nowMs) return undefined;
    const draft = draftDown(proposal.action === 'lift' ? 'lift' : 'downgrade', rankOf(proposal.level));
    return { do: 'revise', draft, why: 'its hour has passed without a signature' };
  }

  function draftUp(action: ProposalAction, rank: number): Draft {
    const { isFastStart } = view;
    return {
      action,
      level: warningLevels[rank],
      effectiveMs: isFastStart ? nowMs : startOf(action),
      untilMs: view.untilMs,
      isFastStart,
    };
  }

  function startOf(action: ProposalAction): number {
    const { startHours, leadMs } = options;
    const soonest = startFrom(nowMs + (action === 'start' ? leadMs : 0), startHours);
    if (action === 'start') return Math.max(soonest, startUpTo(view.beginMs, startHours));
    // What is issued and has not begun does not begin sooner because it is to be more.
    return Math.max(soonest, kept?.coming[0]?.effectiveMs ?? soonest);
  }

  function draftDown(action: 'lift' | 'downgrade', rank: number): Draft {
    const effectiveMs = startFrom(nowMs, options.startHours);
    const untilMs = action === 'lift' ? undefined : view.untilMs;
    return { action, level: warningLevels[rank], effectiveMs, untilMs, isFastStart: false };
  }
}

/** In force, with a lift that is issued. */
function isEnding(kept: Kept): boolean {
  return kept.warning.state === 'in-force' && rankToCome(kept) === -1;
}

/** Nobody has edited it. */
function isOurs({ by }: Proposal): boolean {
  return by === undefined;
}
