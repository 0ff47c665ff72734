// Bad input as a value: a stable code, what is wrong, the value and what is allowed.

import type { Kind } from './catalog.ts';

/** Stable codes; position 0 is "none". A row's `reason` column holds the position. Append only. */
export const problemCodes = [
  'none',
  'bad-json',
  'bad-msgpack',
  'bad-frame',
  'bad-version',
  'unknown-kind',
  'unknown-metric',
  'unknown-field',
  'bad-type',
  'bad-length',
  'too-many-rows',
  'too-many-sources',
  'frame-too-large',
  'bad-source',
  'unknown-source',
  'foreign-source',
  'bad-time',
  'bad-period',
  'bad-value',
  'missing-id',
  'empty-row',
  'future-time',
  'bad-hello',
  'bad-token',
  'bad-control',
  'clock-conflict',
  'tick-backwards',
  'too-many-problems',
  'too-many-feeds',
  'bad-file-row',
  'shed',
  'seq-gap',
] as const;

export type ProblemCode = (typeof problemCodes)[number];

export interface Problem {
  readonly code: ProblemCode;
  /** One sentence for an operator: what failed and what to change. */
  readonly message: string;
  readonly field?: string;
  /** The offending value, shortened to 80 characters. */
  readonly value?: string;
  /** What is allowed. */
  readonly allowed?: string;
  /** Row within the frame, where only one row is at fault. */
  readonly row?: number;
  /** Rows that are refused with it, as far as they can be counted; what is known of them follows. */
  readonly rows?: number;
  readonly kind?: Kind;
  readonly source?: string;
  readonly eventMs?: number;
}

/** Rows that were refused before they became part of a batch. */
export interface Refused extends Pick<Problem, 'field' | 'value' | 'kind' | 'source' | 'eventMs'> {
  /** Index of the feed. */
  readonly feed: number;
  readonly code: ProblemCode;
  /** 0: of a frame whose rows cannot be counted. */
  readonly rows: number;
  /** The frame was refused whole. */
  readonly isFrame?: boolean;
}

/** Columns of it in the order of the recording, and only those that are known. */
export function refusedOf(
  feed: number,
  { code, rows = 0, kind, field, value, source, eventMs }: Problem,
  isFrame: boolean,
): Refused {
  return {
    feed,
    code,
    rows,
    ...(isFrame ? { isFrame } : {}),
    ...(kind === undefined ? {} : { kind }),
    ...(field === undefined ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    ...(source === undefined ? {} : { source }),
    ...(eventMs === undefined ? {} : { eventMs }),
  };
}

export function problemIndex(code: ProblemCode): number {
  return problemCodes.indexOf(code);
}

/** A value as it is shown in a problem: short, printable, never throws. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    text = typeof value;
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
