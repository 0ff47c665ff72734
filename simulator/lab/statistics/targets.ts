// What simulated air is measured against: `targets.json`, read and checked.

import { readFileSync } from 'node:fs';
import { type Season, seasons } from './series.ts';

export interface Target {
  /** Season in small letters, then what is measured: `djf.pm25.mean`. */
  readonly id: string;
  readonly season: Season;
  readonly zh: string;
  readonly en: string;
  /** Empty for plain ratios. */
  readonly unit: string;
  /** Both ends belong to the range. */
  readonly low: number;
  readonly high: number;
  /** Where the range comes from. */
  readonly basis: string;
  /** Only the range counts: a quarter more or less would let anything pass (correlations, courses of the day around 1). */
  readonly strict?: true;
}

/** The committed file. Throws where a row is not as it should be. */
export function readTargets(): readonly Target[] {
  return decodeTargets(JSON.parse(readFileSync(new URL('./targets.json', import.meta.url), 'utf8')));
}

export function decodeTargets(rows: unknown): readonly Target[] {
  if (!Array.isArray(rows)) throw new Error('targets: not a list');
  const seen = new Set<string>();
  for (const row of rows as Partial<Target>[]) {
    const { id, season, zh, en, unit, low, high, basis } = row;
    const isWhole =
      [id, zh, en, unit, basis].every((text) => typeof text === 'string') &&
      seasons.includes(season as Season) &&
      id?.startsWith(`${season?.toLowerCase()}.`);
    if (!isWhole) throw new Error(`targets: ${id}: needs id, season, zh, en, unit and basis, and the id begins with the season`);
    if (!(Number.isFinite(low) && Number.isFinite(high) && (low as number) <= (high as number)))
      throw new Error(`targets: ${id}: low ${low} and high ${high} are no range`);
    if (seen.has(id as string)) throw new Error(`targets: ${id} is there twice`);
    seen.add(id as string);
  }
  return rows as Target[];
}
