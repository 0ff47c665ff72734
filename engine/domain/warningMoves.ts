// What can be done to a warning now, and why something else cannot: for the state machine, and for whoever answers a person.

import { type Proposal, type Warning, type WarningCommand, type WarningLevel, warningLevels } from '../schema/warning.ts';

/** Nothing holds and nothing waits any more. */
export function isEnded({ state }: Warning): boolean {
  return state === 'lifted' || state === 'withdrawn';
}

/** What waits for a person. */
export function pendingOf(warning: Warning | undefined): Proposal | undefined {
  const state = warning?.proposal?.state;
  return state === 'proposed' || state === 'submitted' ? warning?.proposal : undefined;
}

/** The level that holds, or will when what is issued takes effect; undefined: none. */
export function levelToCome(warning: Warning | undefined): WarningLevel | undefined {
  if (warning === undefined || isEnded(warning)) return undefined;
  const { proposal, level } = warning;
  if (proposal?.state !== 'issued') return level;
  return proposal.action === 'lift' ? undefined : proposal.level;
}

const rank = (level: WarningLevel) => warningLevels.indexOf(level);
const has = (text: string | undefined) => (text ?? '').trim() !== '';

/**
 * Why this cannot be done now; undefined: it can. `warnings` are those that have not ended, and any others. Who may do it is
 * another question.
 */
export function whyNot(warnings: readonly Warning[], command: WarningCommand): string | undefined {
  const { action, by, why, effectiveMs, untilMs } = command;
  if (!has(by)) return '"by" is missing: say who';
  if ((action === 'edit' || action === 'reject' || action === 'withdraw') && !has(why))
    return `"why" is missing: needed to ${action}`;
  if (effectiveMs !== undefined && !Number.isFinite(effectiveMs)) return `"effectiveMs" is ${effectiveMs}`;
  if (untilMs !== undefined && !(untilMs > (effectiveMs ?? Number.NEGATIVE_INFINITY)))
    return `"untilMs" is ${untilMs}; allowed: later than the beginning`;
  const active = warnings.findLast((warning) => !isEnded(warning));
  return action === 'propose' ? whyNotPropose(active, command) : whyNotMove(active, command);
}

function whyNotPropose(active: Warning | undefined, { proposal, kind, level }: WarningCommand): string | undefined {
  const pending = pendingOf(active);
  if (proposal !== undefined) return '"proposal" is given; a new proposal has no id yet: edit changes one that waits';
  if (pending !== undefined) return `${pending.id} is ${pending.state}: edit it, or withdraw it first`;
  if (kind === undefined) return '"kind" is missing; allowed: start, upgrade, downgrade, lift';
  if (level === undefined && kind !== 'lift') return `"level" is missing; allowed: ${warningLevels.join(', ')}`;
  const holding = levelToCome(active);
  if (kind === 'start') return holding === undefined ? undefined : `${active?.id} is at ${holding}: upgrade or downgrade it`;
  if (holding === undefined) return `nothing is issued or in force: there is nothing to ${kind}`;
  return whyNotLevel(kind, level, holding);
}

/** A level that does not go with what is proposed. */
function whyNotLevel(kind: Proposal['action'], level: WarningLevel | undefined, holding: WarningLevel): string | undefined {
  if (kind === 'start' || level === undefined) return undefined;
  const step = rank(level) - rank(holding);
  if (kind === 'lift') return step === 0 ? undefined : `"level" is ${level}; a lift ends ${holding}`;
  if (kind === 'upgrade' ? step > 0 : step < 0) return undefined;
  return `"level" is ${level}; a${kind === 'upgrade' ? 'n' : ''} ${kind} is from ${holding} to a ${kind === 'upgrade' ? 'higher' : 'lower'} one`;
}

function whyNotMove(active: Warning | undefined, command: WarningCommand): string | undefined {
  const { action, proposal, seen, level, kind, effectiveMs, untilMs } = command;
  const pending = pendingOf(active);
  if (proposal === undefined) return `"proposal" is missing: say what to ${action}`;
  if (pending?.id !== proposal) {
    const is =
      active?.proposal?.id === proposal ? `${proposal} is ${active.proposal.state}` : `${proposal} does not wait for anybody`;
    return pending === undefined ? is : `${is}; ${pending.id} is ${pending.state}`;
  }
  if (seen !== undefined && seen !== pending.revision) return `${proposal} was changed meanwhile: look at it again`;
  if (action === 'submit' && pending.state !== 'proposed') return `${proposal} is ${pending.state} already`;
  if ((action === 'issue' || action === 'reject') && pending.state !== 'submitted')
    return `${proposal} is ${pending.state}; allowed for ${action}: submitted`;
  if (action !== 'edit') return undefined;
  if (kind !== undefined && kind !== pending.action)
    return `${proposal} is a ${pending.action}: withdraw it and propose a ${kind}`;
  if (level === undefined && effectiveMs === undefined && untilMs === undefined)
    return 'nothing to edit: give "level", "effectiveMs" or "untilMs"';
  const holding = levelToCome({ ...(active as Warning), proposal: undefined });
  return holding === undefined ? undefined : whyNotLevel(pending.action, level, holding);
}
