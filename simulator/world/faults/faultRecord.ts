// A fault of a sensor, a clock or the network as one plain record: what the world obeys and what the answer key tells.

import type { Kind } from '../../../engine/schema/catalog.ts';
import type { Draw, NetworkFaultKind, SensorFaultKind } from '../episode.ts';

/** Beside what a scenario can order: `late`, rows hours behind; `swap`, a new device with its own gain. */
export type FaultKind = SensorFaultKind | NetworkFaultKind | 'late' | 'swap';

export type FaultClass = 'sensor_fault' | 'clock_fault' | 'network_fault' | 'maintenance';

export interface FaultRecord {
  /** Unique in the plan: the scenario's id (with the kind of source behind it where the fault meets several), or a made one. */
  readonly id: string;
  /** `maintenance` is no fault, only a known change: a device swap. */
  readonly class: FaultClass;
  readonly kind: FaultKind;
  readonly sourceKind: Kind;
  /** Which: indices among the register's sources of the kind, ascending, never empty. */
  readonly sources: readonly number[];
  /** Metric ids that change; empty where the values stay true (clocks, network). */
  readonly metrics: readonly string[];
  /** Epoch ms, half-open, true time. Not cut to the episode: a default fault may begin before it and end after it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** It happened by itself at a realistic rate; false: the scenario ordered it. */
  readonly isDefault: boolean;
  /** tamper, step, swap: times this. */
  readonly factor?: number;
  /** tamper: humidity reads so many points more, %. */
  readonly rhRisePct?: number;
  /** drift: share a day since `fromMs`, of any sign. */
  readonly ratePerDay?: number;
  /** spike: how many an hour; absent: one spike that lasts from `fromMs` to `toMs`. */
  readonly ratePerHour?: number;
  /** spike: median height, in the metric's unit; the height itself where `ratePerHour` is absent. */
  readonly size?: number;
  /** dropout, delay, reorder, duplicate, late: share of rows. */
  readonly share?: number;
  /** dropout: the row is missing, not only its metrics. */
  readonly wholeRow?: boolean;
  /** saturate: not above this, in the metric's unit. */
  readonly at?: number;
  /** cross_interference: adds `coef` of this metric. */
  readonly with?: string;
  readonly coef?: number;
  /** stuck: the held value trembles by so many resolutions of its metric. */
  readonly dither?: number;
  /** Clocks: what the source's time is ahead of true time, ms; at `toMs` where it grows from 0. */
  readonly offsetMs?: number;
  readonly grows?: boolean;
  /** delay, reorder: by how much, ms. */
  readonly delayMs?: Draw;
  /** burst: rows are held and sent together once in so many ms. */
  readonly everyMs?: number;
  /** outage, disconnect: false: the rows of the time are lost; true: they come afterwards, `batch` rows a source and minute. */
  readonly backfill?: boolean;
  readonly batch?: number;
  /** false_alarm: a day and camera (the camera's sensor obeys it). */
  readonly perDay?: number;
}

/** Every fault of an episode, drawn once. */
export interface FaultPlan {
  readonly seed: number;
  /** With the warm-up, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The scenario's in its order, then those that happen by themselves. */
  readonly records: readonly FaultRecord[];
  /** Per kind and source: the part of a stream's name that is the source's, from its id, so that a longer register moves no draw. */
  readonly sourceStreams: Readonly<Record<Kind, Uint32Array>>;
}
