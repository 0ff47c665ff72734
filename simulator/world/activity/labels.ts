// Lines of the answer key that activity writes: what really happened, where, when and how much.

import { type EmittedSpecies, emittedSpecies } from '../episode.ts';
import type { Local } from '../local.ts';
import { speciesCount } from './rates.ts';

export type Obedience = 'comply' | 'partial' | 'cheat' | 'refuse';

export interface ActivityLabel extends Local {
  readonly id: string;
  readonly class: 'incident' | 'cheat' | 'order';
  /** The incident's kind, the cheat's style, or the order's action. */
  readonly kind: string;
  /** Id of the incident, where it has several targets. */
  readonly incident?: string;
  readonly enterprise?: string;
  /** Within the enterprise. */
  readonly process?: string;
  /** Ids of the source and of the burning field. */
  readonly site?: string;
  readonly field?: string;
  readonly fromMs: number;
  /** Infinity: an order that nobody has lifted. */
  readonly toMs: number;
  /** Part of the day, minutes of the Beijing day; over midnight when from > to. Absent: all of it. */
  readonly windows?: readonly { readonly fromMinute: number; readonly toMinute: number }[];
  /** What it is about: PM, SO2, NOx, VOC, all. */
  readonly pollutant: string;
  /** Mean of what is given off on top while it is in effect and has been simulated, g/s. Zero for orders. */
  readonly excessGps: Readonly<Record<EmittedSpecies, number>>;
  readonly order?: {
    readonly obedience: Obedience;
    /** How it cheats. */
    readonly style?: string;
    /** No-order world less factual one, summed so far, kg. */
    readonly cutKg: Readonly<Record<EmittedSpecies, number>>;
  };
}

/** A label while it is being written. */
export interface Account {
  readonly label: Omit<ActivityLabel, 'excessGps' | 'order'>;
  /** g on top so far, by species. */
  readonly grams: Float64Array;
  /** In effect so far. */
  seconds: number;
}

export function account(label: Account['label']): Account {
  return { label, grams: new Float64Array(speciesCount), seconds: 0 };
}

export function closeAccount({ label, grams, seconds }: Account): ActivityLabel {
  return { ...label, excessGps: bySpecies(grams, seconds > 0 ? 1 / seconds : 0) };
}

export function bySpecies(values: ArrayLike<number>, scale: number): Record<EmittedSpecies, number> {
  const out = {} as Record<EmittedSpecies, number>;
  emittedSpecies.forEach((species, k) => {
    out[species] = values[k] * scale;
  });
  return out;
}
