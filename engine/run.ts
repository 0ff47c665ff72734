// What a run is: what it is opened with, what can be done with it, what of it goes into a checkpoint.

import type { Config } from './config.ts';
import type { SavedTrail } from './edge/auditTrail.ts';
import type { LedgerCounter, SavedLedger } from './edge/files/ledgerCount.ts';
import type { Intake } from './edge/ingest/intake.ts';
import type { SourceTable } from './edge/ingest/sourceTable.ts';
import type { JournalEntry } from './edge/journal/entries.ts';
import type { RecordingPlace } from './edge/journal/recording.ts';
import type { SavedDesk } from './edge/orderDesk.ts';
import type { OutputPlaces } from './edge/outputs.ts';
import type { EmergencyBoard, SavedEmergency } from './edge/serve/emergencyBoard.ts';
import type { SavedFlagged } from './edge/serve/flagged.ts';
import type { IncidentBoard, SavedBoard } from './edge/serve/incidentBoard.ts';
import type { SavedWatermarks } from './edge/serve/watermarks.ts';
import type { PipelineState } from './pipeline/pipeline.ts';
import type { History, Output, PipelineOptions, SourceNames } from './pipeline/ports.ts';
import type { FlowItem, RegisterSources, SourcesGone } from './schema/flow.ts';
import type { FlagsAnswer, HealthAnswer, WatermarksAnswer } from './schema/live.ts';
import type { OrderNews } from './schema/messages.ts';
import type { Refused } from './schema/problem.ts';
import type { Register } from './schema/register.ts';
import type { Rules } from './stages/correlate/ruleCatalog.ts';

export interface RunOptions extends OutputPlaces {
  readonly config: Config;
  readonly register: Register;
  /** A source that is not in the register is refused instead of being windowed without a district. */
  readonly strict: boolean;
  /** Absent: the defaults. */
  readonly rules?: Rules;
  /** Where the flow is recorded; undefined: in `input.journal` of `out`, not synced, or nowhere. */
  readonly recording?: RecordingPlace;
  /** Instead of what the configuration says: of a recording that runs again. */
  readonly pipeline?: PipelineOptions;
  /** And where it begins, when its beginning was dropped. Such a run is not recorded again. */
  readonly state?: RunState;
  /** Sees every output as soon as it is made; its state goes with the run's. */
  readonly live?: (names: SourceNames) => LiveEdge;
  /** What an operator should read: the disk is full, there is room again, a mirror has not taken everything. */
  readonly notice?: (text: string) => void;
  /** A store failed for good, or a stage threw: the run cannot go on. */
  readonly failed: (error: Error) => void;
}

export interface LiveEdge {
  publish(output: Output): void;
  save(): unknown;
  restore(saved: unknown): void;
}

/** What a checkpoint holds, beside the files: everything that a run goes on from. */
export interface RunState {
  readonly options: PipelineOptions;
  readonly pipeline: PipelineState;
  readonly sources: readonly (RegisterSources | SourcesGone)[];
  readonly ledger: SavedLedger;
  readonly live: unknown;
  readonly clocks: SavedWatermarks;
  readonly flags: SavedFlagged;
  readonly board: SavedBoard;
  readonly audit: SavedTrail;
  readonly desk: SavedDesk;
  readonly emergency: SavedEmergency;
  readonly nowMs: number | null;
  /** Recorded, and not yet part of an output. */
  readonly refused: readonly Refused[];
}

export interface Run {
  readonly sources: SourceTable;
  readonly intake: Intake;
  readonly ledger: LedgerCounter;
  readonly history: History | undefined;
  /** The run's clock; null before the first tick. */
  readonly nowMs: number | null;
  /** Next frame number by feed and epoch, as far as it is durable. */
  readonly nextSeq: ReadonlyMap<string, number>;
  /** Index of a feed; a new one is recorded. */
  feedIndex(name: string): number;
  /** Rows refused before they became part of the flow: counted at once, recorded with the next item or frame number. */
  refused(what: Refused): void;
  /**
   * Everything that has arrived goes through every stage, before it returns; the disk works meanwhile. Resolves when all of it is
   * durable: the numbers of the frames that it came in, by feed and epoch, together with their rows or not at all.
   */
  pushArrived(frames: ReadonlyMap<string, number>): Promise<void>;
  /** Resolves when everything so far is durable. */
  durable(): Promise<void>;
  /** One entry of a recording, as if it came now. */
  replay(entry: JournalEntry): void;
  /** One item of the flow, through every stage, before it returns. */
  push(item: FlowItem): void;
  /** From here on these rules count: a command in the flow, so that a replay does the same. False: they count already. */
  setRules(rules: Rules): boolean;
  /** Hands over what has arrived, then the tick. */
  tick(nowMs: number): void;
  /** Stores have caught up far enough for more to come in. */
  settled(): Promise<void>;
  /** History and files have taken everything that went through the stages. */
  written(): Promise<void>;
  readonly isDiskFull: boolean;
  health(): HealthAnswer;
  /** With the names of feeds that are held back now. */
  watermarks(heldFeeds?: readonly string[]): WatermarksAnswer;
  flags(): FlagsAnswer;
  /** Incidents and findings as they are now. */
  readonly board: IncidentBoard;
  /** Warnings and orders as they are now. */
  readonly emergency: EmergencyBoard;
  /** Orders since the last time, for those who obey them: to be given on when they are durable. */
  takeNews(): readonly OrderNews[];
  /** Orders that hold, for one who comes anew. */
  holdingOrders(): readonly OrderNews[];
  /** Lets go of everything as a crash would: nothing that waits is written, nothing is finished. */
  abandon(): Promise<void>;
  /** Closes all windows, writes everything out. */
  finish(summary: Readonly<Record<string, unknown>>): Promise<void>;
}
