// The life of one warning: proposed, signed, in force at its hour, changed, ended. Histories only grow.

import { pendingOf } from '../../domain/warningMoves.ts';
import { type Proposal, type Warning, type WarningChange, warningLevels } from '../../schema/warning.ts';

/** A warning, and what was issued and has not taken effect, by hour. */
export interface Kept {
  readonly warning: Warning;
  readonly coming: readonly Proposal[];
  /** When it was lifted, or withdrawn before it began. */
  readonly endedMs?: number;
}

/** Who did it and why, where it was not the engine. */
export interface Signature {
  readonly by?: string;
  readonly why?: string;
}

export const rankOf = (level: Warning['level']): number => (level === undefined ? -1 : warningLevels.indexOf(level));

/** The level that holds when everything issued has taken effect; -1: none. */
export function rankToCome(kept: Kept | undefined): number {
  if (kept === undefined || kept.endedMs !== undefined) return -1;
  const last = kept.coming.at(-1);
  if (last !== undefined) return last.action === 'lift' ? -1 : rankOf(last.level);
  return rankOf(kept.warning.level);
}

type What = WarningChange['what'];

function told(
  kept: Kept,
  patch: Partial<Warning>,
  what: What,
  { level, id }: Proposal,
  atMs: number,
  sign: Signature = {},
): Kept {
  const { warning } = kept;
  const change = { atMs, what, level, proposal: id, ...stated(sign) };
  return { ...kept, warning: { ...warning, ...patch, changes: [...warning.changes, change] } };
}

function stated({ by, why }: Signature): Signature {
  return { ...(by !== undefined && { by }), ...(why !== undefined && { why }) };
}

/** A warning that holds goes on while something is proposed for it; one that has ended begins again. */
export function proposed(kept: Kept, proposal: Proposal, atMs: number, sign?: Signature): Kept {
  const isOn = kept.warning.state === 'issued' || kept.warning.state === 'in-force';
  const open = { ...kept, endedMs: undefined };
  const patch = isOn ? { proposal } : { proposal, state: 'proposed' as const, level: undefined };
  return told(open, patch, 'proposed', proposal, atMs, sign);
}

/** The engine's again, or a person's edit: what was submitted has to be submitted again. */
export function revised(
  kept: Kept,
  change: Partial<Proposal>,
  what: 'proposed' | 'edited',
  atMs: number,
  sign?: Signature,
): Kept {
  const before = pendingOf(kept.warning) as Proposal;
  const proposal = { ...before, ...change, state: 'proposed' as const, revision: before.revision + 1 };
  return told(kept, { proposal, ...pendingState(kept, 'proposed') }, what, proposal, atMs, sign);
}

export function submitted(kept: Kept, atMs: number, sign: Signature): Kept {
  const proposal = { ...(pendingOf(kept.warning) as Proposal), state: 'submitted' as const };
  return told(kept, { proposal, ...pendingState(kept, 'submitted') }, 'submitted', proposal, atMs, sign);
}

function pendingState({ warning }: Kept, state: 'proposed' | 'submitted'): Partial<Warning> {
  return warning.state === 'proposed' || warning.state === 'submitted' ? { state } : {};
}

/** Nothing is in force before it was signed: an hour that has passed becomes the present one. What was to come later falls away. */
export function issued(kept: Kept, atMs: number, sign: Signature): Kept {
  const pending = pendingOf(kept.warning) as Proposal;
  const proposal = { ...pending, state: 'issued' as const, effectiveMs: Math.max(pending.effectiveMs, atMs) };
  const coming = [...kept.coming.filter(({ effectiveMs }) => effectiveMs < proposal.effectiveMs), proposal];
  const next = told({ ...kept, coming }, { proposal }, 'issued', proposal, atMs, sign);
  return { ...next, warning: { ...next.warning, ...announced(next) } };
}

/** Before anything is in force the warning shows what will be. */
function announced({ warning, coming }: Kept): Partial<Warning> {
  const first = coming.find(({ action }) => action !== 'lift');
  if (warning.state === 'in-force' || first === undefined) return {};
  return { state: 'issued', level: first.level, fromMs: first.effectiveMs, untilMs: first.untilMs };
}

/** What waited is gone; what was issued before it shows again. */
export function dropped(kept: Kept, what: 'withdrawn' | 'rejected', atMs: number, sign?: Signature): Kept {
  const pending = pendingOf(kept.warning) as Proposal;
  const next = told(kept, { proposal: kept.coming.at(-1) }, what, pending, atMs, sign);
  const { warning } = next;
  if (warning.state !== 'proposed' && warning.state !== 'submitted') return next;
  // One that was lifted, and was to begin again, has ended when it was lifted.
  const isOver = warning.changes.some((change) => change.what === 'lifted');
  const endedMs = isOver ? (warning.untilMs ?? atMs) : atMs;
  return { ...next, endedMs, warning: { ...warning, state: isOver ? 'lifted' : 'withdrawn' } };
}

/** What was issued takes effect at its hour. The end that was expected passes without any. */
export function advanced(kept: Kept, nowMs: number): Kept {
  let next = kept;
  while (next.coming.length > 0 && next.coming[0].effectiveMs <= nowMs) next = inEffect(next, nowMs);
  return next;
}

function inEffect(kept: Kept, nowMs: number): Kept {
  const [proposal, ...coming] = kept.coming;
  const { warning } = kept;
  const isShown = warning.proposal?.id === proposal.id;
  const rest = { ...kept, coming };
  const cleared = isShown ? { proposal: undefined } : {};
  if (proposal.action === 'lift') {
    const over = { ...cleared, state: 'lifted' as const, level: undefined, untilMs: proposal.effectiveMs };
    const next = told(rest, over, 'lifted', proposal, nowMs);
    if (coming.length > 0) return { ...next, warning: { ...next.warning, ...announced(next) } };
    if (pendingOf(next.warning) === undefined) return { ...next, endedMs: proposal.effectiveMs };
    // A start waits for a person: the episode is not over.
    return { ...next, warning: { ...next.warning, state: next.warning.proposal?.state as 'proposed' | 'submitted' } };
  }
  const what = warning.state !== 'in-force' || proposal.action === 'start' ? 'in-force' : (`${proposal.action}d` as const);
  const { level, effectiveMs: fromMs, untilMs = warning.untilMs } = proposal;
  return told(rest, { ...cleared, state: 'in-force', level, fromMs, untilMs }, what, proposal, nowMs);
}
