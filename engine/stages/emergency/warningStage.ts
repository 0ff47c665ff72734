// Warnings of heavy pollution: behind the air stage and the incidents, before the orders.

import { hourStart } from '../../domain/calendar.ts';
import { criteriaAt } from '../../domain/warningEditions.ts';
import type { EngineItem } from '../../schema/flow.ts';
import type { Stage } from '../../schema/stage.ts';
import type { Assessment } from '../../schema/warning.ts';
import { cityHours, type SavedCityHours } from './cityHours.ts';
import { forecasts, type SavedForecasts } from './forecasts.ts';
import { joined } from './joinedSeries.ts';
import { type Assess, nextView, outlookOf } from './outlook.ts';
import type { WarningOptions } from './warningOptions.ts';
import { type SavedWarnings, warningKeeper } from './warnings.ts';

interface Saved {
  readonly observed: SavedCityHours;
  readonly forecast: SavedForecasts;
  readonly warnings: SavedWarnings;
  readonly nowMs: number;
  readonly assessedMs: number;
  readonly isNews: boolean;
}

/**
 * Passes everything on. The criteria are applied on ticks: to news (a city hour, a forecast), and once an hour without any. What
 * they say, and warnings that are new or have changed, follow before the tick, or behind the command that changed them.
 */
export function warningStage(options: WarningOptions, assess?: Assess): Stage<EngineItem, EngineItem> {
  const observed = cityHours();
  const forecast = forecasts();
  const warnings = warningKeeper(options, criteriaAt);
  let nowMs = Number.NEGATIVE_INFINITY;
  let assessedMs = Number.NEGATIVE_INFINITY;
  let isNews = false;

  function isDue(): boolean {
    if (Number.isNaN(observed.firstMs()) && forecast.days().length === 0) return false;
    if (isNews) return nowMs - assessedMs >= options.assessEveryMs;
    return hourStart(nowMs) > assessedMs && nowMs - hourStart(nowMs) >= options.assessDelayMs;
  }

  function assessed(): Assessment {
    const outlook = outlookOf(joined(observed, forecast, nowMs, options), nowMs, options, assess);
    warnings.consider(outlook, nowMs);
    assessedMs = nowMs;
    isNews = false;
    return nextView(outlook).assessment;
  }

  function batch(assessment?: Assessment): EngineItem[] {
    const changed = warnings.told();
    if (changed.length === 0 && assessment === undefined) return [];
    return [{ type: 'warnings', warnings: changed, ...(assessment !== undefined && { assessment }) }];
  }

  return {
    next(item) {
      if (item.type === 'places') isNews = observed.take(item) || isNews;
      else if (item.type === 'rows') isNews = forecast.take(item.batch) || isNews;
      else if (item.type === 'command' && item.command.name === 'warning') {
        warnings.act(item.command, nowMs);
        return [item, ...batch()];
      } else if (item.type === 'tick') {
        nowMs = item.nowMs;
        warnings.advance(nowMs);
        return [...batch(isDue() ? assessed() : undefined), item];
      }
      return [item];
    },
    flush: () => [],
    save: (): Saved => ({
      observed: observed.save(),
      forecast: forecast.save(),
      warnings: warnings.save(),
      nowMs,
      assessedMs,
      isNews,
    }),
    restore(state) {
      const saved = state as Saved;
      observed.restore(saved.observed);
      forecast.restore(saved.forecast);
      warnings.restore(saved.warnings);
      ({ nowMs, assessedMs, isNews } = saved);
    },
  };
}
