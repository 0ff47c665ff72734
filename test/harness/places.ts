// Hours of districts for detectors.

import { type PlaceBatch, type PollutantId, pollutantIds, windowMs } from '../../engine/schema/window.ts';

export interface TestPlace {
  readonly place: string;
  /** startMs / 1 h. */
  readonly step: number;
  /** What is left out is a gap. */
  readonly means: Readonly<Partial<Record<PollutantId, number>>>;
}

export function placeBatchOf(rows: readonly TestPlace[]): PlaceBatch {
  const column = (of: (row: TestPlace) => number) => Float64Array.from(rows, of);
  const gap = () => column(() => Number.NaN);
  return {
    type: 'places',
    rows: rows.length,
    place: rows.map(({ place }) => place),
    scope: rows.map(() => 'district'),
    startMs: column(({ step }) => step * windowMs['1h']),
    revision: Uint16Array.from(rows, () => 0),
    stations: Uint32Array.from(rows, () => 8),
    stationsAll: Uint32Array.from(rows, () => 8),
    mean: pollutantIds.map((id) => column(({ means }) => means[id] ?? Number.NaN)),
    air: {
      edition: new Uint8Array(rows.length),
      aqi: gap(),
      iaqi: pollutantIds.map(gap),
      primary: new Uint8Array(rows.length),
    },
    aqi24: gap(),
    primary24: new Uint8Array(rows.length),
    valid24: new Uint8Array(rows.length),
  };
}
