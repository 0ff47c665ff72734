// A line of the answer key (`truth.ndjson`).

import type { Place } from '../../../engine/domain/geo.ts';
import type { ActivityLabel } from '../activity/labels.ts';

export const channels = ['air', 'cems', 'voc', 'power', 'dust', 'camera', 'complaint', 'network'] as const;
export type Channel = (typeof channels)[number];

export interface ChannelTruth {
  /** Ids of the sources that show it. */
  readonly sources: readonly string[];
  /** First time at which the documented rule's own minimum is met on noise-free data; null: never. */
  readonly detectableFromMs: number | null;
  /** Which rule. */
  readonly rule?: string;
}

/** A line of `truth.ndjson`. */
export interface TruthRecord {
  readonly id: string;
  readonly class: 'incident' | 'cheat' | 'order' | 'sensor_fault' | 'clock_fault' | 'network_fault' | 'maintenance' | 'weather';
  readonly kind: string;
  /** The scenario's incident, where it has several targets. */
  readonly incident?: string;
  readonly enterprise?: string;
  readonly process?: string;
  readonly site?: string;
  readonly field?: string;
  readonly sources?: readonly string[];
  readonly metrics?: readonly string[];
  readonly place?: Place;
  readonly fromMs: number;
  /** Null: still going on at the end. */
  readonly toMs: number | null;
  readonly windows?: ActivityLabel['windows'];
  readonly pollutant?: string;
  /** Mean given off on top, g/s. */
  readonly excessGps?: Readonly<Record<string, number>>;
  readonly channels?: Readonly<Partial<Record<Channel, ChannelTruth>>>;
  /** The most that its own smoke added at a station: µg/m³. */
  readonly maxIncrement?: { readonly pm25: number; readonly pm10: number; readonly source: string; readonly atMs: number };
  /** Minutes, summed over stations, with an increment that counts. */
  readonly stationMinutes?: number;
  /** Whose PM2.5 it was at that station and time: shares of the whole; the rest is background. */
  readonly attribution?: {
    readonly shares: readonly { readonly target: string; readonly share: number }[];
    readonly background: number;
  };
  readonly order?: ActivityLabel['order'];
  readonly isDefault?: boolean;
}
