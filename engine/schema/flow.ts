// What flows: one ordered sequence of rows, ticks and commands; stages add windows and place values to it.

import type { Batch } from './batch.ts';
import type { Kind } from './catalog.ts';
import type { FindingBatch } from './finding.ts';
import type { IncidentBatch, IncidentCommand } from './incident.ts';
import type { OrderBatch, OrderCommand } from './order.ts';
import type { Source } from './register.ts';
import type { WarningBatch, WarningCommand } from './warning.ts';
import type { PlaceBatch, WindowBatch } from './window.ts';

/** Arrived rows. A batch never crosses a tick; batches may be cut or joined between ticks. */
export interface Rows {
  readonly type: 'rows';
  readonly batch: Batch;
}

/** The run's clock, whole seconds. Every timer runs on ticks; windows leave the window stage on ticks only. */
export interface Tick {
  readonly type: 'tick';
  readonly nowMs: number;
  /** The run's clock waits for feeds that we hold back: the present is that much later. Rows of the present are not of the future. */
  readonly aheadMs?: number;
}

/** A decision that changes output. It is part of the sequence and of the recording. */
export interface Command {
  readonly type: 'command';
  readonly command: RegisterSources | SourcesGone | SetRules | IncidentCommand | OrderCommand | WarningCommand;
}

/**
 * Sources become known, in order: the first of them gets index `first` among the kind's sources.
 * The register at the start of a run, and a source that is not in the register when its first row arrives. One that was gone, or
 * that the register did not have, keeps its index, and is what is said of it now.
 */
export interface RegisterSources {
  readonly name: 'sources';
  readonly kind: Kind;
  readonly first: number;
  readonly sources: readonly Source[];
}

/** Sources, by index, that the register no longer has. Each keeps its index, for what came of it, until `sources` says it again. */
export interface SourcesGone {
  readonly name: 'sources-gone';
  readonly kind: Kind;
  readonly sources: readonly number[];
}

/** One rule's parameters, and whether it is on. */
export type RuleSettings = Readonly<Record<string, number | boolean>>;

/** From here on these rules count. Complete: what it does not name has its default. */
export interface SetRules {
  readonly name: 'rules';
  readonly rules: Readonly<Record<string, RuleSettings>>;
}

/** What the edge puts in. */
export type FlowItem = Rows | Tick | Command;

/** What the stages hand on: the flow itself, and what was computed from it. */
export type EngineItem = FlowItem | WindowBatch | PlaceBatch | FindingBatch | IncidentBatch | OrderBatch | WarningBatch;
