// What the pipeline needs from outside, owned here and implemented at the edge.

import type { AuditEntry } from '../schema/audit.ts';
import type { Batch } from '../schema/batch.ts';
import type { Kind } from '../schema/catalog.ts';
import type { Finding } from '../schema/finding.ts';
import type { Incident, IncidentKind, IncidentState } from '../schema/incident.ts';
import type { AirHour, RowApart, SeriesAnswer } from '../schema/live.ts';
import type { Compliance, Order } from '../schema/order.ts';
import type { Refused } from '../schema/problem.ts';
import type { Warning } from '../schema/warning.ts';
import type { PlaceBatch, WindowBatch, WindowSize } from '../schema/window.ts';
import type { AirOptions } from '../stages/air/air.ts';
import type { CleanOptions } from '../stages/clean/clean.ts';
import type { CorrelateOptions } from '../stages/correlate/correlate.ts';
import type { IncidentOptions } from '../stages/correlate/incidentOptions.ts';
import type { ComplianceStageOptions } from '../stages/emergency/complianceStage.ts';
import type { OrderOptions } from '../stages/emergency/orderStage.ts';
import type { WarningOptions } from '../stages/emergency/warningOptions.ts';
import type { WindowOptions } from '../stages/window/window.ts';

/** Everything that the outputs depend on beside the flow itself. */
export interface PipelineOptions {
  readonly clean: CleanOptions;
  readonly window: WindowOptions;
  readonly air: AirOptions;
  readonly correlate: CorrelateOptions;
  readonly incidents: IncidentOptions;
  /** Absent in recordings that are older. */
  readonly warning?: WarningOptions;
  readonly orders?: OrderOptions;
  /** Absent: nobody is judged. */
  readonly compliance?: ComplianceStageOptions;
}

export interface Clock {
  nowMs(): number;
}

/** Names of sources by index, for edges that print or store them. */
export interface SourceNames {
  id(kind: Kind, index: number): string;
  district(kind: Kind, index: number): string;
}

/** What stores and the live feed are given after each drain or tick, in order. */
export interface Output {
  /** Rows whose bin is decided (all of them, also refused ones). */
  readonly rows: readonly Batch[];
  readonly windows: readonly WindowBatch[];
  readonly places: readonly PlaceBatch[];
  /** New or changed at this tick. */
  readonly findings: readonly Finding[];
  readonly incidents: readonly Incident[];
  readonly warnings?: readonly Warning[];
  readonly orders?: readonly Order[];
  readonly compliance?: readonly Compliance[];
  /** The tick that closed this output; null for rows between ticks. */
  readonly nowMs: number | null;
  /** Of a tick: how far the present is ahead of the run's clock, where that waits. */
  readonly aheadMs?: number;
  /** Rows refused before they became part of the flow, since the output before. */
  readonly refused?: readonly Refused[];
  /** Of the changes of its incidents. */
  readonly audit?: readonly AuditEntry[];
  /** Outputs of a run are numbered from 1; the same flow gives the same numbers. */
  readonly seq: number;
  /** Of outputs that were joined: they, in order. */
  readonly parts?: readonly Output[];
}

export interface SeriesQuery {
  readonly kind: Kind;
  readonly sources: readonly string[];
  readonly metrics: readonly string[];
  readonly size: WindowSize | 'raw';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface HoursQuery {
  readonly scope: AirHour['scope'];
  readonly place?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Those that held at any moment of [fromMs, toMs), in their newest revision. */
export interface FindingsQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ids?: readonly string[];
  readonly rule?: string;
  readonly unit?: string;
  readonly district?: string;
  readonly enterprise?: string;
  readonly limit: number;
}

/** As above. */
export interface IncidentsQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ids?: readonly string[];
  readonly states?: readonly IncidentState[];
  readonly kinds?: readonly IncidentKind[];
  readonly district?: string;
  readonly limit: number;
}

/** As above: from its first proposal until it is lifted or withdrawn. */
export interface WarningsQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ids?: readonly string[];
  readonly limit: number;
}

/** As above: from the hour at which it takes effect until it is lifted. */
export interface OrdersQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ids?: readonly string[];
  readonly warning?: string;
  /** Warnings whose orders are left out. */
  readonly notOf?: readonly string[];
  readonly enterprises?: readonly string[];
  readonly limit: number;
}

/** With the newest verdict, where there is one. */
export interface JudgedOrder extends Order {
  readonly compliance?: Compliance;
}

export interface AuditQuery {
  /** Of one incident only. */
  readonly incident?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit: number;
}

/** The run's own store: always there, answers every query. Writing a key again replaces it. */
export interface History {
  readonly name: string;
  /** Number of the newest output that is in it; 0 = none. Outputs up to it must not be written again. */
  readonly lastSeq: number;
  write(output: Output): Promise<void>;
  series(query: SeriesQuery): Promise<SeriesAnswer>;
  hours(query: HoursQuery): Promise<readonly AirHour[]>;
  /** Rows that are in no window, the newest first. */
  rowsApart(query: { readonly bin?: RowApart['bin']; readonly limit: number }): Promise<readonly RowApart[]>;
  /** By (openedMs, id), the newest first. */
  findings(query: FindingsQuery): Promise<readonly Finding[]>;
  incidents(query: IncidentsQuery): Promise<readonly Incident[]>;
  warnings(query: WarningsQuery): Promise<readonly Warning[]>;
  /** By (effectiveMs, id), those of the latest hour first. */
  orders(query: OrdersQuery): Promise<readonly JudgedOrder[]>;
  /** The newest first. */
  audit(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Removes raw rows that started before this time. */
  dropRawBefore(eventMs: number): Promise<void>;
  /** Removes the oldest of the rows that are in no window, down to this many of each bin. */
  keepApart(rows: number): Promise<void>;
  close(): Promise<void>;
}

export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
  readonly timestampMs: number;
}

/** A mirror elsewhere: write by key, revisions overwrite, no reads. */
export interface Sink<Item = Point> {
  readonly name: string;
  /** Rejects with `SinkError` when the points (or whatever it takes) did not arrive. */
  write(items: readonly Item[]): Promise<void>;
  close(): Promise<void>;
}

export interface SinkError extends Error {
  /** `retry`: may pass (network, 5xx, 429, a wrong token). `refused`: the server will never take these points (400, 413, 422). */
  readonly code: 'retry' | 'refused';
  readonly retryAfterMs?: number;
}
