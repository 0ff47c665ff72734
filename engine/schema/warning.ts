// Warnings of heavy pollution: what the criteria say, what is proposed, who signed what, what is in force.

import type { Level } from './register.ts';

/** Blue (2016 editions only) brings advice and no measures. */
export const warningLevels = ['blue', 'yellow', 'orange', 'red'] as const satisfies readonly (Level | 'blue')[];
export type WarningLevel = (typeof warningLevels)[number];

/** Which criteria: the unified ones of 2016, the ministry's of 2017, 2018 and 2024 (domain report 2.1). */
export const criteriaIds = ['jjj-2016', 'mep-2017', 'mee-2018', 'mee-2024'] as const;
export type CriteriaId = (typeof criteriaIds)[number];

/**
 * How "AQI > X for 48 h" is read (domain report 2.2): `blocks`: two 24 h blocks in a row, any start hour (reading A); `rolling`: the
 * rolling 24 h index stays above for 48 hours (reading B).
 */
export type DurationReading = 'blocks' | 'rolling';

/** One hour of the series that the criteria are applied to: observed, or forecast. */
export interface RollingHour {
  /** Start of the hour; the index is that of the 24 hours that end with it. */
  readonly hourMs: number;
  /** AQI of 24 hours by the daily table; NaN: cannot be told. */
  readonly aqi24: number;
  readonly isForecast: boolean;
  /** PM2.5 is a primary pollutant of the 24 hours (observed), or leads the forecast day. */
  readonly byPm25: boolean;
  /** Stations with a valid hour, and stations there are; 0 of a forecast. */
  readonly stations: number;
  readonly stationsAll: number;
}

/** A node of an explanation: what was asked, what was found, why. Leaves name hours and values. */
export interface Reason {
  readonly zh: string;
  readonly en: string;
  /** Undefined: it cannot be told. */
  readonly isMet?: boolean;
  readonly parts?: readonly Reason[];
}

/** What the criteria say at one tick. */
export interface Assessment {
  readonly atMs: number;
  readonly criteria: CriteriaId;
  readonly reading: DurationReading;
  /** Highest level whose condition is met by what is observed and forecast; undefined: none, or it cannot be told. */
  readonly level?: WarningLevel;
  /** Too little is known to say that no level is met. Never means "clear". */
  readonly cannotTell: boolean;
  /** First hour of the stretch that meets the level, and the hour at which its condition is complete. */
  readonly fromMs?: number;
  readonly metMs?: number;
  /** Hours, from now, for which the forecast stays below the yellow condition; 0: it does not. Undefined: not known. */
  readonly belowForHours?: number;
  readonly reason: Reason;
}

/** A warning's life: `proposed → submitted → issued → in-force → lifted`; or `withdrawn` before it was issued. */
export type WarningState = 'proposed' | 'submitted' | 'issued' | 'in-force' | 'lifted' | 'withdrawn';

/** What is proposed: to begin, to change the level of what is in force, to end it. */
export type ProposalAction = 'start' | 'upgrade' | 'downgrade' | 'lift';

/** What a person does to a warning. `start` of the engine's proposals has no person. */
export type WarningAction = 'propose' | 'edit' | 'submit' | 'issue' | 'withdraw' | 'reject';

export interface Proposal {
  /** `proposal:` and a number from 1 in each run. */
  readonly id: string;
  readonly action: ProposalAction;
  /** The level that is to hold; of a lift the one that ends. */
  readonly level: WarningLevel;
  /** Start hour (of a lift: end), run's clock or later. */
  readonly effectiveMs: number;
  /** Expected end, where one can be told. */
  readonly untilMs?: number;
  readonly state: 'proposed' | 'submitted' | 'issued' | 'withdrawn';
  /** 0 = first time. */
  readonly revision: number;
  readonly proposedMs: number;
  /** Monitoring alone: heavy already and no clear improvement in 12 h. */
  readonly isFastStart: boolean;
  /** Absent: the engine. */
  readonly by?: string;
  readonly assessment?: Assessment;
}

/** One line of an episode's life. */
export interface WarningChange {
  readonly atMs: number;
  readonly what:
    | 'proposed'
    | 'edited'
    | 'submitted'
    | 'issued'
    | 'withdrawn'
    | 'rejected'
    | 'in-force'
    | 'upgraded'
    | 'downgraded'
    | 'lifted';
  readonly level: WarningLevel;
  readonly proposal: string;
  readonly by?: string;
  readonly why?: string;
}

/** An episode: from its first proposal to its end. Two that are less than the lifting time apart are one. */
export interface Warning {
  /** `warning:` and a number from 1 in each run. */
  readonly id: string;
  readonly criteria: CriteriaId;
  readonly revision: number;
  readonly state: WarningState;
  /** In force, or issued and about to be; undefined before the first is issued. */
  readonly level?: WarningLevel;
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** What waits for a person; undefined: nothing. */
  readonly proposal?: Proposal;
  readonly changes: readonly WarningChange[];
}

/** Warnings that are new or have changed at one tick or command. */
export interface WarningBatch {
  readonly type: 'warnings';
  readonly warnings: readonly Warning[];
  /** What the criteria say now, each time they are applied: also without any warning, as for dust. */
  readonly assessment?: Assessment;
}

/** Part of the sequence, and of the recording. Who may do what is checked at the edge, before. */
export interface WarningCommand {
  readonly name: 'warning';
  readonly action: WarningAction;
  /** Absent with `propose`: an officer begins without the engine. */
  readonly proposal?: string;
  /** Of the proposal as it was seen: one that was changed meanwhile is not signed unseen. */
  readonly seen?: number;
  readonly by: string;
  /** Needed to edit, reject and withdraw. */
  readonly why?: string;
  /** `propose`, `edit`. */
  readonly level?: WarningLevel;
  readonly kind?: ProposalAction;
  readonly effectiveMs?: number;
  readonly untilMs?: number;
}
