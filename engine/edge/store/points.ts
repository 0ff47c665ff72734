// Closed windows, findings, warnings and orders as the points that InfluxDB-like stores take.

import type { Output, Point, SourceNames } from '../../pipeline/ports.ts';
import { catalog } from '../../schema/catalog.ts';
import { type Finding, severities } from '../../schema/finding.ts';
import type { Order, OrderAction } from '../../schema/order.ts';
import { type Warning, type WarningLevel, type WarningState, warningLevels } from '../../schema/warning.ts';
import { pollutantIds } from '../../schema/window.ts';
import { openedMsOf } from './emergencyTables.ts';

/**
 * In `…_flags` of a revision: it has no value any more. Beyond the bits of `Flag`. Line protocol cannot take a field back, so
 * the value of an earlier revision still stands beside it.
 */
export const gapFlag = 0x8000;

/**
 * Windows and places; a metric's flags are a number, bits of `Flag`; raw rows are not mirrored. A gap has no field; a window
 * without a value is left out. A store keeps the fields of a point that are not written again: so the first time a window has
 * flags only where there are any, a revision has them all, also those that are gone (0), and `gapFlag` where there is no value.
 */
export function pointsOf(output: Output, names: SourceNames): Point[] {
  const points: Point[] = [];
  for (const batch of output.windows) {
    const { metrics } = catalog[batch.kind];
    for (let row = 0; row < batch.rows; row++) {
      const fields: Record<string, number> = {};
      let n = 0;
      const revision = batch.revision[row];
      metrics.forEach((metric, m) => {
        put(fields, metric.id, { value: batch.metrics[m].mean[row], flags: batch.metrics[m].flags[row], revision });
        n = Math.max(n, batch.metrics[m].count[row]);
      });
      if (n === 0) continue;
      if (batch.air !== undefined) put(fields, 'aqi', { value: batch.air.aqi[row], flags: 0, revision });
      points.push({
        measurement: `${batch.kind}_${batch.size}`,
        tags: tagsOf(names.id(batch.kind, batch.source[row]), names.district(batch.kind, batch.source[row]), batch.kind),
        fields: { ...fields, n, revision },
        timestampMs: batch.startMs[row],
      });
    }
  }
  for (const batch of output.places) {
    for (let row = 0; row < batch.rows; row++) {
      const fields: Record<string, number> = {};
      const revision = batch.revision[row];
      pollutantIds.forEach((id, i) => {
        put(fields, id, { value: batch.mean[i][row], flags: 0, revision });
      });
      put(fields, 'aqi', { value: batch.air.aqi[row], flags: 0, revision });
      put(fields, 'aqi24', { value: batch.aqi24[row], flags: 0, revision });
      points.push({
        measurement: `${batch.scope[row]}_1h`,
        tags: tagsOf(batch.place[row], batch.scope[row] === 'district' ? batch.place[row] : '', 'air'),
        fields: { ...fields, n: batch.stations[row], revision },
        timestampMs: batch.startMs[row],
      });
    }
  }
  for (const finding of output.findings) points.push(findingPoint(finding));
  for (const warning of output.warnings ?? []) points.push(warningPoint(warning));
  for (const order of output.orders ?? []) points.push(orderPoint(order));
  return points;
}

/** At its opening, so that a later revision overwrites it; times in epoch ms. */
function findingPoint({ rule, unit, severity, place, openedMs, foundMs, closedMs, state, revision }: Finding): Point {
  const { district } = place;
  return {
    measurement: 'finding',
    tags: { rule, unit, ...(district === '' ? {} : { district }) },
    fields: {
      open: state === 'open' ? 1 : 0,
      corrected: state === 'corrected' ? 1 : 0,
      severity: severities.indexOf(severity),
      foundMs,
      ...(closedMs === undefined ? {} : { closedMs }),
      revision,
    },
    timestampMs: openedMs,
  };
}

const warningStates: readonly WarningState[] = ['proposed', 'submitted', 'issued', 'in-force', 'lifted', 'withdrawn'];
const orderActions: readonly OrderAction[] = ['stop', 'limit', 'transport'];
/** 0: none; 1 to 4: blue to red. */
const levelNumber = (level: WarningLevel | undefined) => (level === undefined ? 0 : warningLevels.indexOf(level) + 1);

/** At its first proposal. `proposed`: the level that waits for a signature, or for its hour; `state`: 0 to 5, in the order of its life. */
function warningPoint(warning: Warning): Point {
  const { id, level, state, proposal, fromMs, untilMs, revision } = warning;
  return {
    measurement: 'warning',
    tags: { id },
    fields: {
      level: levelNumber(level),
      state: warningStates.indexOf(state),
      proposed: levelNumber(proposal?.level),
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(untilMs === undefined ? {} : { untilMs }),
      revision,
    },
    timestampMs: openedMsOf(warning),
  };
}

/**
 * At the hour at which it takes effect; one that gets another hour is another point. Its id is no tag: there would be thousands of
 * series more with each warning. `action`: 0 stop, 1 limit, 2 transport; `toPct`: what stays.
 */
function orderPoint(order: Order): Point {
  const { warning, level, enterprise, process = '-', action, toPct, effectiveMs, liftedMs, exemptBy, revision } = order;
  const isExempt = exemptBy !== undefined;
  return {
    measurement: 'order',
    tags: { enterprise, process },
    fields: {
      warning: Number(warning.replace(/^warning:/, '')),
      level: levelNumber(level),
      action: orderActions.indexOf(action),
      toPct: toPct ?? (action === 'stop' ? 0 : 100),
      holds: liftedMs === undefined && !isExempt ? 1 : 0,
      exempt: isExempt ? 1 : 0,
      ...(liftedMs === undefined ? {} : { liftedMs }),
      revision,
    },
    timestampMs: effectiveMs,
  };
}

interface Value {
  readonly value: number;
  readonly flags: number;
  readonly revision: number;
}

function put(fields: Record<string, number>, name: string, { value, flags, revision }: Value): void {
  const isThere = Number.isFinite(value);
  if (isThere) fields[name] = value;
  if (revision > 0) fields[`${name}_flags`] = isThere ? flags : flags | gapFlag;
  else if (flags !== 0) fields[`${name}_flags`] = flags;
}

function tagsOf(source: string, district: string, kind: string): Record<string, string> {
  return district === '' ? { source, kind } : { source, district, kind };
}
