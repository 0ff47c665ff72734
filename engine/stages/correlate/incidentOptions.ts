// What the life of incidents depends on: clocks, how near is together, and who is responsible where.

import type { Place } from '../../domain/geo.ts';

export interface IncidentOptions {
  /** From found to dispatched: 5 min for straw fires (Hebei 2018, domain report 4.5 [S]), taken for all emissions [ours]. */
  readonly dispatchMs: number;
  /** From dispatched to feedback: 3 h, as above. */
  readonly feedbackMs: number;
  /** From found to repaired, of a device or a network [ours]. Absent in recordings that are older: a day. */
  readonly repairMs?: number;
  /** Findings of one cause that begin so long after the last one ended are another incident [ours]. */
  readonly joinMs: number;
  /** Fires and complaints without an address belong together within this [ours]. */
  readonly joinKm: number;
  /** A candidate with this score is taken for the cause [ours]. */
  readonly causeScore: number;
  readonly townships: readonly Township[];
  /** Township of an enterprise. */
  readonly townshipOf: Readonly<Record<string, string>>;
}

export interface Township extends Place {
  readonly code: string;
  readonly district: string;
  /** Ids, in the order of their turns. */
  readonly inspectors: readonly string[];
}
