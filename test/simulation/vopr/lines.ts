// Lines of a run's files, as far as they are looked at.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface HourLine {
  readonly startMs: number;
  readonly kind: string;
  readonly source: string;
  readonly captureMs: number;
  readonly revision: number;
  readonly mean: Readonly<Record<string, number | null>>;
  readonly aqi?: number | null;
  readonly flags?: Readonly<Record<string, readonly string[]>>;
}

export interface PlaceLine {
  readonly startMs: number;
  readonly source: string;
  readonly stations: number;
  readonly revision: number;
  readonly mean: { readonly pm25: number | null };
}

export interface RowLine {
  readonly eventMs: number;
  readonly kind: string;
  readonly source: string;
  readonly id?: string;
}

export const hourKey = ({ kind, source, startMs }: HourLine) => `${kind} ${source} ${startMs}`;

export async function ndjson<T>(out: string, name: string): Promise<T[]> {
  const text = await readFile(join(out, name), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
}
