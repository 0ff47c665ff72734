// Messages of the live feed (`/live`) and answers of the HTTP API that the viewer reads. JSON.

import type { Kind } from './catalog.ts';
import type { Finding } from './finding.ts';
import type { Incident } from './incident.ts';
import type { Compliance, Order } from './order.ts';
import type { Warning } from './warning.ts';
import type { WindowSize } from './window.ts';

/** One hour of a station, district or the city. Gaps are null. */
export interface AirHour {
  readonly place: string;
  readonly scope: 'station' | 'district' | 'city';
  readonly startMs: number;
  readonly revision: number;
  readonly aqi: number | null;
  readonly aqi24?: number | null;
  readonly iaqi: Readonly<Record<string, number | null>>;
  readonly primary: readonly string[];
  readonly mean: Readonly<Record<string, number | null>>;
  readonly stations?: number;
  readonly stationsAll?: number;
}

/** Columns of new raw rows or closed windows of one kind; conflated to the newest per source when a client is slow. */
export interface LiveColumns {
  readonly kind: Kind;
  readonly sources: readonly string[];
  readonly eventMs: readonly number[];
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  /** Windows: names of flags by metric and position, only where there are any. */
  readonly flags?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export type LiveMessage =
  | {
      readonly type: 'snapshot';
      readonly seq: number;
      readonly nowMs: number | null;
      readonly clock: 'wall' | 'feed';
      readonly hours: readonly AirHour[];
      readonly latest: readonly LiveColumns[];
      /** Those that have not ended. */
      readonly warnings: readonly Warning[];
    }
  | { readonly type: 'rows'; readonly seq: number; readonly columns: LiveColumns }
  | {
      readonly type: 'windows';
      readonly seq: number;
      readonly size: WindowSize;
      readonly revisions: readonly number[];
      readonly columns: LiveColumns;
    }
  | { readonly type: 'hours'; readonly seq: number; readonly hours: readonly AirHour[] }
  | { readonly type: 'findings'; readonly seq: number; readonly findings: readonly Finding[] }
  | { readonly type: 'incidents'; readonly seq: number; readonly incidents: readonly Incident[] }
  | { readonly type: 'warnings'; readonly seq: number; readonly warnings: readonly Warning[] }
  | {
      readonly type: 'orders';
      readonly seq: number;
      /** Of the orders that changed, or whose verdict did; `orders` and `compliance` are empty where there are more than 100. */
      readonly count: number;
      readonly ids: readonly string[];
      readonly orders: readonly Order[];
      readonly compliance: readonly Compliance[];
    }
  | { readonly type: 'tick'; readonly seq: number; readonly nowMs: number };

/** GET /api/series?kind=air&source=A,B&metric=pm25,pm10&size=raw|1m|5m|1h|auto&from=ms&to=ms[&points=n] */
export interface SeriesAnswer {
  readonly kind: Kind;
  readonly size: WindowSize | 'raw';
  readonly fromMs: number;
  readonly toMs: number;
  /** One per source and metric; `mean`, `min`, `max` have the length of `startMs`; null = gap. `metric` may be `aqi` for size 1h. */
  readonly series: readonly {
    readonly source: string;
    readonly metric: string;
    readonly unit: string;
    readonly startMs: readonly number[];
    readonly mean: readonly (number | null)[];
    readonly min: readonly (number | null)[];
    readonly max: readonly (number | null)[];
    readonly revision: readonly number[];
    /** Names of flags by position in `startMs`, only where there are any: `{"3":["spike","fog"]}`. Raw rows: range or mark. */
    readonly flags: Readonly<Record<string, readonly string[]>>;
  }[];
}

/** GET /api/sources?kind=air */
export interface SourcesAnswer {
  readonly kind: Kind;
  readonly sources: readonly {
    readonly id: string;
    readonly zh: string;
    readonly en?: string;
    readonly district: string;
    readonly lon?: number;
    readonly lat?: number;
    readonly national?: boolean;
  }[];
}

/** GET /api/health */
export interface HealthAnswer {
  readonly live: boolean;
  readonly ready: boolean;
  readonly why: readonly string[];
  readonly clock: 'wall' | 'feed';
  readonly nowMs: number | null;
  /** Files that wait for room on a full disk: feeds wait with them. */
  readonly diskFull: readonly string[];
  /** Cut from the end of the recording at this start: a torn record, rows that nobody had been told about. */
  readonly cutBytes: number;
  /** How long a checkpoint held everything else up in one go, since this start; absent before the first. */
  readonly checkpointPauseMs?: { readonly last: number; readonly max: number };
  /** A server: feeds that wait for the engine now (the clock waits with them), and feeds whose rows are shed. */
  readonly ingest?: { readonly heldBack: number; readonly shed: readonly string[] };
  /** A server: how far the run's clock is behind the present, and the machine's clock behind that (it was turned back). */
  readonly time?: { readonly behindMs: number; readonly backMs: number };
  readonly stores: readonly {
    readonly name: string;
    readonly ok: boolean;
    /** The history: outputs, over restarts. Mirrors: points since this start. */
    readonly written: number;
    readonly queued: number;
    readonly failed: number;
    /** Mirrors: what waits on disk, and how long the oldest has waited. */
    readonly spoolBytes?: number;
    readonly oldestMs?: number;
    readonly lastError?: string;
  }[];
}

/** GET /api/hours?scope=station|district|city&from=ms&to=ms[&place=code] */
export interface HoursAnswer {
  readonly hours: readonly AirHour[];
}

/** GET /api/composite?from=ms&to=ms: over whole Beijing days; the best first, places without an index last. */
export interface CompositeAnswer {
  readonly fromMs: number;
  readonly toMs: number;
  readonly places: readonly {
    readonly place: string;
    readonly index: number | null;
    readonly validDays: number;
    readonly statistic: Readonly<Record<string, number | null>>;
  }[];
}

/** GET /api/watermarks. Times are of the run's clock; `behindMs` null = no accepted row yet. */
export interface WatermarksAnswer {
  readonly nowMs: number | null;
  readonly holdMs: number;
  /** Feeds that wait for the engine now: the clock waits with them, their sources are not silent. A server only. */
  readonly heldFeeds?: number;
  readonly kinds: readonly {
    readonly kind: Kind;
    /** Smallest watermark of the active sources that do not lag, at most `holdMs` behind the clock; never goes back. */
    readonly watermarkMs: number;
    readonly behindMs: number;
    readonly active: number;
    /** Further behind than `holdMs` and their own lateness: left out, their rows revise. */
    readonly lagging: number;
    /** Without a row for longer than their idle time, though we read their feed. */
    readonly silent: number;
    /** Without one for as long, of feeds that we hold back: it is not known whether they are silent. */
    readonly heldBack?: readonly { readonly feed: string; readonly sources: number }[];
    readonly heldBackBy: readonly { readonly source: string; readonly behindMs: number | null }[];
    readonly laggingSources: readonly { readonly source: string; readonly behindMs: number | null }[];
    /** Sources whose clock is more than a minute off; the worst of them follow. */
    readonly wrongClocks: number;
    /** Estimated from the least delayed row of the last one to two hours; positive = ahead. */
    readonly clocksOff: readonly { readonly source: string; readonly offsetMs: number }[];
  }[];
}

/** GET /api/rows-apart: rows that are in no window, the newest first. */
export interface RowsApartAnswer {
  readonly rows: readonly RowApart[];
}

export interface RowApart {
  /** Kind and source are empty where a refused row did not say them. */
  readonly kind: Kind | '';
  readonly source: string;
  readonly eventMs: number | null;
  readonly periodMs: number | null;
  readonly bin: 'lateDiverted' | 'rejected' | 'quarantined';
  /** Code of the problem; '' for a late row. */
  readonly problem: string;
  /** By metric; of rows that were refused before they were read whole: how many `rows`, and the `field` and `value` at fault. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** GET /api/flags: values that are flagged in the newest minute (drift: hour) of their source. */
export interface FlagsAnswer {
  readonly nowMs: number | null;
  /** Values by name of flag. */
  readonly counts: Readonly<Record<string, number>>;
  readonly values: readonly {
    readonly kind: Kind;
    readonly source: string;
    readonly metric: string;
    readonly flags: readonly string[];
    readonly startMs: number;
  }[];
}
