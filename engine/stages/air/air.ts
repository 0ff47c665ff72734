// The air-quality index of every station hour, and hourly values of districts and the city.

import { type EditionChoice, realtimeAqi, resolveEdition } from '../../domain/aqi.ts';
import { catalog } from '../../schema/catalog.ts';
import { Flag } from '../../schema/flags.ts';
import type { EngineItem } from '../../schema/flow.ts';
import type { Stage } from '../../schema/stage.ts';
import { type AirColumns, editionIds, type PlaceBatch, pollutantIds, type WindowBatch } from '../../schema/window.ts';
import { type CollocationOptions, collocation, type SavedCollocation } from './collocation.ts';
import { stationConcentrations } from './concentrations.ts';
import { placeHours, type SavedPlaceHours } from './placeHours.ts';

export interface AirOptions {
  /** `auto`: the edition in force at the time of observation. */
  readonly edition: EditionChoice;
  /** Code of the city, and of its districts in the order of output. */
  readonly city: string;
  readonly districts: readonly string[];
  readonly holdMs: number;
  readonly collocation: Omit<CollocationOptions, 'waitMs'>;
}

interface Saved {
  readonly places: SavedPlaceHours;
  readonly drift: SavedCollocation;
  /** Absent in states of older versions. */
  readonly nowMs?: number;
}

/**
 * Passes everything on. Hour windows of kind air get their index; on each tick the hours of districts and the city
 * that are due follow, before the tick. A station without a district counts in neither.
 */
export function airStage(options: AirOptions): Stage<EngineItem, EngineItem> {
  const waitMs = options.holdMs + catalog.air.latenessMs; // the hours of silent stations close then, too
  const drift = collocation({ ...options.collocation, waitMs });
  const places = placeHours({ ...options, waitMs, without: options.collocation.drift === 'leave-out' ? Flag.drift : 0 });

  function indexed(batch: WindowBatch): AirColumns {
    const air = {
      edition: new Uint8Array(batch.rows),
      aqi: new Float64Array(batch.rows),
      iaqi: pollutantIds.map(() => new Float64Array(batch.rows)),
      primary: new Uint8Array(batch.rows),
    };
    for (let row = 0; row < batch.rows; row++) {
      const edition = resolveEdition(options.edition, batch.startMs[row]);
      const result = realtimeAqi(edition, stationConcentrations(batch, row));
      air.edition[row] = editionIds.indexOf(edition);
      air.aqi[row] = result.aqi;
      air.primary[row] = result.primary;
      for (let i = 0; i < pollutantIds.length; i++) air.iaqi[i][row] = result.iaqi[i];
    }
    return air;
  }

  let nowMs = Number.NEGATIVE_INFINITY;

  const asItems = (batch: PlaceBatch | undefined): EngineItem[] => (batch === undefined ? [] : [batch]);

  return {
    next(item) {
      if (item.type === 'windows' && item.kind === 'air' && item.size === '1h') {
        drift.take(item);
        places.add(item);
        return [{ ...item, air: indexed(item) }];
      }
      if (item.type === 'tick') {
        nowMs = item.nowMs;
        drift.tick(item.nowMs);
        return [...asItems(places.tick(item.nowMs)), item];
      }
      if (item.type === 'command' && item.command.name === 'sources' && item.command.kind === 'air') {
        const { first, sources } = item.command;
        drift.setStations(first, sources);
        for (let i = 0; i < sources.length; i++) places.setDistrict(first + i, sources[i].district);
      }
      if (item.type === 'command' && item.command.name === 'sources-gone' && item.command.kind === 'air')
        for (const station of item.command.sources) places.leave(station, nowMs);
      return [item];
    },
    flush: () => asItems(places.flush()),
    save: (): Saved => ({ places: places.save(), drift: drift.save(), nowMs }),
    restore(state) {
      const saved = state as Saved;
      places.restore(saved.places);
      drift.restore(saved.drift);
      nowMs = saved.nowMs ?? Number.NEGATIVE_INFINITY;
    },
  };
}
