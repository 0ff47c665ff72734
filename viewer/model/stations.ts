// The list of stations: joined with their newest hour, filtered, the worst first.

import type { AirHour, SourcesAnswer } from '../../engine/schema/live.ts';

export type Station = SourcesAnswer['sources'][number];

export interface StationRow {
  readonly station: Station;
  readonly hour: AirHour | undefined;
}

export interface StationFilter {
  readonly text: string;
  /** District code; '' = all. */
  readonly district: string;
}

export function stationRows(
  stations: readonly Station[],
  hourOf: (id: string) => AirHour | undefined,
  filter: StationFilter,
): StationRow[] {
  const text = filter.text.trim().toLowerCase();
  return stations
    .filter((station) => filter.district === '' || station.district === filter.district)
    .filter((station) => text === '' || `${station.id} ${station.zh} ${station.en ?? ''}`.toLowerCase().includes(text))
    .map((station) => ({ station, hour: hourOf(station.id) }))
    .sort((a, b) => (b.hour?.aqi ?? -1) - (a.hour?.aqi ?? -1) || (a.station.id < b.station.id ? -1 : 1));
}
