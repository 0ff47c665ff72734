// Lines of a run's files: what stands in them of an hour, a place, a row that was left out, a warning's step.

import type { SourceNames } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { catalog } from '../../schema/catalog.ts';
import { flagsOf } from '../../schema/flags.ts';
import type { Refused } from '../../schema/problem.ts';
import type { Warning } from '../../schema/warning.ts';
import { type AirColumns, type PlaceBatch, pollutantIds, type WindowBatch } from '../../schema/window.ts';

export function windowLine(batch: WindowBatch, row: number, source: string): string {
  return JSON.stringify({
    startMs: batch.startMs[row],
    kind: batch.kind,
    source,
    captureMs: batch.captureMs[row],
    revision: batch.revision[row],
    ...meansOf(batch, row),
    ...flagsIn(batch, row),
    ...indexOf(batch.air, row),
  });
}

export function placeLine(batch: PlaceBatch, row: number): string {
  return JSON.stringify({
    startMs: batch.startMs[row],
    kind: 'air',
    source: batch.place[row],
    scope: batch.scope[row],
    stations: batch.stations[row],
    stationsAll: batch.stationsAll[row],
    revision: batch.revision[row],
    mean: Object.fromEntries(pollutantIds.map((id, i) => [id, rounded(batch.mean[i][row], id === 'co' ? 4 : 2)])),
    ...indexOf(batch.air, row),
    aqi24: orNull(batch.aqi24[row]),
  });
}

/** A line for each change but the first `known`: what was proposed, on what evidence, who signed, what came into force. */
export function warningLines({ id, criteria, changes, proposal }: Warning, known: number): string[] {
  return changes.slice(known).map(({ atMs, what, level, proposal: of, by, why }) =>
    JSON.stringify({
      id,
      edition: criteria,
      level,
      event: what,
      atMs,
      proposal: of,
      by: by ?? null,
      why: why ?? null,
      ...(proposal?.id === of
        ? {
            action: proposal.action,
            effectiveMs: proposal.effectiveMs,
            untilMs: proposal.untilMs ?? null,
            evidence: proposal.assessment ?? null,
          }
        : {}),
    }),
  );
}

interface RowNames {
  readonly sources: SourceNames;
  readonly feedName: (index: number) => string;
}

/** With the problem of one that was refused. */
export function rowLine(batch: Batch, row: number, { sources, feedName }: RowNames, problem?: string): string {
  const { metrics } = catalog[batch.kind];
  return JSON.stringify({
    eventMs: batch.eventMs[row],
    kind: batch.kind,
    source: sources.id(batch.kind, batch.source[row]),
    feed: feedName(batch.feed),
    periodMs: batch.periodMs[row],
    ...(batch.id === undefined ? {} : { id: batch.id[row] }),
    values: Object.fromEntries(
      metrics.map(({ id, resolution, scale }, m) => {
        const units = batch.values[m][row];
        return [id, Number.isFinite(units) ? (resolution < 1 ? units / scale : units * resolution) : null];
      }),
    ),
    ...(problem === undefined ? {} : { problem }),
  });
}

export function refusedLine({ rows, code, kind, source, eventMs, field, value }: Refused, feed: string): string {
  return JSON.stringify({
    eventMs: eventMs ?? null,
    kind: kind ?? null,
    source: source ?? null,
    feed,
    rows,
    field,
    value,
    problem: code,
  });
}

/** Means to one digit more than the metric's resolution. */
function meansOf(batch: WindowBatch, row: number) {
  const mean: Record<string, number> = {};
  catalog[batch.kind].metrics.forEach((metric, m) => {
    const value = batch.metrics[m].mean[row];
    if (!Number.isNaN(value)) mean[metric.id] = rounded(value, metric.resolution < 1 ? String(metric.scale).length : 1) as number;
  });
  return { mean };
}

/** Only where there are any. */
function flagsIn(batch: WindowBatch, row: number) {
  const { metrics } = catalog[batch.kind];
  const flagged = metrics.flatMap(({ id }, m) => {
    const mask = batch.metrics[m].flags[row];
    return mask === 0 ? [] : [[id, flagsOf(mask)] as const];
  });
  return flagged.length === 0 ? {} : { flags: Object.fromEntries(flagged) };
}

function indexOf(air: AirColumns | undefined, row: number) {
  if (air === undefined) return {};
  return {
    aqi: orNull(air.aqi[row]),
    iaqi: Object.fromEntries(pollutantIds.map((id, i) => [id, orNull(air.iaqi[i][row])])),
    primary: pollutantIds.filter((_, i) => ((air.primary[row] >> i) & 1) === 1),
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function rounded(value: number, digits: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toFixed(digits));
}
