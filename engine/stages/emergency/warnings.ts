// Keeps the city's warning: the engine proposes, people sign, ticks bring into force. Decisions keep what was known when they were taken.

import { stated } from '../../domain/stated.ts';
import { pendingOf, whyNot } from '../../domain/warningMoves.ts';
import type { CriteriaId, Proposal, Warning, WarningCommand, WarningLevel } from '../../schema/warning.ts';
import { type Draft, decide, isUp, type Move, rankAfter, viewFor, type Watched, watched } from './decide.ts';
import type { Outlook } from './outlook.ts';
import { startFrom } from './startHours.ts';
import { advanced, dropped, issued, type Kept, proposed, revised, submitted } from './warningLife.ts';
import type { WarningOptions } from './warningOptions.ts';

export interface Warnings {
  /** The run's clock: what was issued takes effect. */
  advance(nowMs: number): void;
  /** A new outlook: what follows from it. */
  consider(outlook: Outlook, nowMs: number): void;
  /** What a person did; what cannot be done now changes nothing. */
  act(command: WarningCommand, nowMs: number): void;
  /** What is new or has changed since the last time, each once. */
  told(): readonly Warning[];
  save(): SavedWarnings;
  restore(saved: SavedWarnings): void;
}

export interface SavedWarnings {
  readonly kept?: Kept;
  readonly since: Watched;
  readonly warnings: number;
  readonly proposals: number;
  /** How far apart two episodes are that are two, and under which criteria new ones begin: those of the last outlook. */
  readonly mergeMs: number;
  readonly criteria?: CriteriaId;
}

const auto = { by: 'auto', why: 'signed automatically: replays and drills only' };
const defaultMergeMs = 36 * 3_600_000;
/** One tick may take back one proposal and make another. */
const movesMost = 2;

export function warningKeeper(options: WarningOptions, criteriaAt: (ms: number) => CriteriaId): Warnings {
  const fresh: SavedWarnings = {
    since: { levelSinceMs: Number.NEGATIVE_INFINITY },
    warnings: 0,
    proposals: 0,
    mergeMs: defaultMergeMs,
  };
  /** Plain data that is replaced, never written into: saving it is enough. */
  let state: SavedWarnings = fresh;
  let toldOf: Warning | undefined;

  const criteriaNow = (nowMs: number) => state.criteria ?? (options.criteria === 'auto' ? criteriaAt(nowMs) : options.criteria);

  function put(kept: Kept | undefined): void {
    if (kept !== undefined) state = { ...state, kept };
  }

  function note(since: Partial<Watched>): void {
    state = { ...state, since: { ...state.since, ...since } };
  }

  /** The episode that a proposal belongs to: the one that is on, or ended less than the merging time before; else a new one. */
  function episodeFor(effectiveMs: number, nowMs: number): Kept {
    const { kept, mergeMs } = state;
    // What never began has no end: how long ago it was withdrawn counts.
    const againMs = kept?.warning.state === 'withdrawn' ? nowMs : effectiveMs;
    if (kept !== undefined && againMs - (kept.endedMs ?? againMs) < mergeMs) return kept;
    state = { ...state, warnings: state.warnings + 1 };
    const id = `warning:${state.warnings}`;
    return { warning: { id, criteria: criteriaNow(nowMs), revision: -1, state: 'proposed', changes: [] }, coming: [] };
  }

  function propose(draft: Draft, nowMs: number, more: Partial<Proposal>, why?: string): void {
    const episode = episodeFor(draft.effectiveMs, nowMs);
    state = { ...state, proposals: state.proposals + 1 };
    const id = `proposal:${state.proposals}`;
    const proposal: Proposal = { id, ...draft, state: 'proposed', revision: 0, proposedMs: nowMs, ...more };
    put(proposed(episode, proposal, nowMs, { by: more.by, why }));
  }

  function issue(nowMs: number, sign: { readonly by: string; readonly why?: string }): void {
    const { action } = pendingOf(state.kept?.warning) as Proposal;
    put(issued(state.kept as Kept, nowMs, sign));
    note({ levelSinceMs: nowMs, lower: undefined, ...(isUp(action) ? { refusedUp: undefined } : { refusedDown: undefined }) });
  }

  function made(move: Move, outlook: Outlook, nowMs: number): void {
    const { assessment } = viewFor(state.kept, outlook);
    if (move.do === 'withdraw') put(dropped(state.kept as Kept, 'withdrawn', nowMs, { why: move.why }));
    else if (move.do === 'propose') propose(move.draft, nowMs, { assessment });
    else put(revised(state.kept as Kept, { ...move.draft, assessment }, 'proposed', nowMs, { why: move.why }));
    if (!options.autoSign || move.do === 'withdraw') return;
    put(submitted(state.kept as Kept, nowMs, auto));
    issue(nowMs, auto);
  }

  function proposeFor({ kind = 'start', level, effectiveMs, untilMs, by, why }: WarningCommand, nowMs: number): void {
    const leadMs = kind === 'start' ? options.leadMs : 0;
    const draft = {
      action: kind,
      level: level ?? (state.kept?.warning.level as WarningLevel),
      effectiveMs: effectiveMs ?? startFrom(nowMs + leadMs, options.startHours),
      ...(untilMs !== undefined && { untilMs }),
      isFastStart: false,
    };
    propose(draft, nowMs, { by }, why);
  }

  function refuse({ action, by, why }: WarningCommand, nowMs: number): void {
    const proposal = pendingOf(state.kept?.warning) as Proposal;
    put(dropped(state.kept as Kept, action === 'reject' ? 'rejected' : 'withdrawn', nowMs, { by, why }));
    const refused = { rank: rankAfter(proposal), atMs: nowMs };
    note(isUp(proposal.action) ? { refusedUp: refused } : { refusedDown: refused });
  }

  return {
    advance(nowMs) {
      const { kept } = state;
      if (kept === undefined || kept.coming.length === 0 || kept.coming[0].effectiveMs > nowMs) return;
      put(advanced(kept, nowMs));
      note({ levelSinceMs: nowMs });
    },
    consider(outlook, nowMs) {
      state = { ...state, mergeMs: outlook.mergeMs, criteria: outlook.views[0].assessment.criteria };
      for (let move = 0; move < movesMost; move++) {
        note(watched(state.since, state.kept, outlook, nowMs));
        const next = decide(state.kept, state.since, outlook, nowMs, options);
        if (next === undefined) return;
        made(next, outlook, nowMs);
        if (next.do !== 'withdraw') return;
      }
    },
    act(command, nowMs) {
      const { kept } = state;
      if (whyNot(kept === undefined ? [] : [kept.warning], command) !== undefined) return;
      const { action, by, why, level, effectiveMs, untilMs } = command;
      const sign = { by, why };
      if (action === 'propose') proposeFor(command, nowMs);
      else if (action === 'submit') put(submitted(kept as Kept, nowMs, sign));
      else if (action === 'issue') issue(nowMs, sign);
      else if (action === 'edit') put(revised(kept as Kept, stated({ level, effectiveMs, untilMs, by }), 'edited', nowMs, sign));
      else refuse(command, nowMs);
    },
    told() {
      const { kept } = state;
      if (kept === undefined || kept.warning === toldOf) return [];
      toldOf = { ...kept.warning, revision: kept.warning.revision + 1 };
      state = { ...state, kept: { ...kept, warning: toldOf } };
      return [toldOf];
    },
    save: () => state,
    restore(saved) {
      state = saved;
      toldOf = saved.kept?.warning;
    },
  };
}
