// What is kept of the newest windows, by size: as much as the rules look back, and as late windows can make them look again.

import type { Kind } from '../../schema/catalog.ts';
import type { SeriesOptions } from './series.ts';

const kinds: readonly Kind[] = ['air', 'cems', 'voc', 'dust', 'power'];

/**
 * Sizes that rules look at; means of all kinds, and more only where a rule asks for it. Steps: the longest look back, and as long
 * as windows may come late by default (15 min, 2 h, 48 h): what is judged again must see all that it saw at first.
 */
export const keptWindows = {
  '1m': { size: '1m', steps: 240, kinds, flags: ['air', 'power'], capture: [], metricCapture: [] },
  '5m': { size: '5m', steps: 72, kinds, flags: ['air'], capture: ['air'], metricCapture: [] },
  '1h': { size: '1h', steps: 144, kinds, flags: ['cems', 'voc'], capture: [], metricCapture: ['cems', 'voc', 'dust'] },
} as const satisfies Readonly<Record<string, SeriesOptions>>;

export type KeptSize = keyof typeof keptWindows;
export const keptSizes = Object.keys(keptWindows) as readonly KeptSize[];
