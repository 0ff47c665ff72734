// A small simulated city under orders: verdicts against what its enterprises really do, the cut against what it really was.

import { expect, test } from 'vitest';
import { cutOf } from '../../../../engine/domain/curtailment/cut.ts';
import { ordersOf } from '../../../../engine/domain/curtailment/orders.ts';
import { watchedOf } from '../../../../engine/domain/curtailment/watched.ts';
import { catalog } from '../../../../engine/schema/catalog.ts';
import type { EngineItem } from '../../../../engine/schema/flow.ts';
import type { Compliance, ProcessActivity } from '../../../../engine/schema/order.ts';
import type { Register, Source } from '../../../../engine/schema/register.ts';
import type { WindowColumn } from '../../../../engine/schema/window.ts';
import { defaultComplianceOptions } from '../../../../engine/stages/emergency/complianceOptions.ts';
import { complianceStage } from '../../../../engine/stages/emergency/complianceStage.ts';
import { plannedOf } from '../../../../engine/stages/emergency/orderStage.ts';
import { makeActivity } from '../../../../simulator/world/activity/activity.ts';
import type { CityState } from '../../../../simulator/world/cityState.ts';
import type { Columns } from '../../../../simulator/world/columns.ts';
import type { Response } from '../../../../simulator/world/episode.ts';
import { cemsSensors } from '../../../../simulator/world/sensors/cems.ts';
import type { Sensors } from '../../../../simulator/world/sensors/instrument.ts';
import { powerSensors } from '../../../../simulator/world/sensors/power.ts';
import {
  episodeOf,
  hourMs,
  minuteMs,
  mondayMs,
  northWind,
  obedient,
  smallCity,
} from '../../../simulator/world/activity/smallCity.ts';

const dayMs = 24 * hourMs;
const seed = 5;
/** Monday to Saturday are usual; orders from Monday morning on. */
const t0 = mondayMs + 7 * dayMs + 8 * hourMs;
const endMs = t0 + 2 * dayMs;
const kinds = ['power', 'cems'] as const;
type Kind = (typeof kinds)[number];

/** Meters everywhere, a monitor at every third. */
function city(): Register {
  const small = smallCity(48);
  const enterprises = small.enterprises.map((enterprise, n) => ({
    ...enterprise,
    mainMeter: `P-${n + 1}-M`,
    processes: enterprise.processes.map((process) => {
      if (process.stack === undefined || n % 3 === 0) return process;
      const { cems: _, ...stack } = process.stack;
      return { ...process, stack };
    }),
    plan: {
      ...enterprise.plan,
      red: [{ process: 'P1', ...(n % 2 === 0 ? { action: 'stop' as const } : { action: 'limit' as const, toPct: 50 }) }],
    },
  }));
  const sources = enterprises.flatMap(({ id: enterprise, district, mainMeter, processes: [main] }): Source[] => {
    const ids = [mainMeter, main.productionMeter, main.treatmentMeter].flatMap((id) => id ?? []);
    const meters = ids.map((id) => ({ kind: 'power' as const, id, zh: id, district, enterprise }));
    const cems = (main.stack as { readonly cems?: string } | undefined)?.cems;
    return cems === undefined ? meters : [...meters, { kind: 'cems', id: cems, zh: cems, district, enterprise }];
  });
  return { ...small, sources, enterprises };
}

const response: Response = {
  ...obedient,
  comply: 0.6,
  cheat: 0.2,
  refuse: 0.1,
  rampMs: { kind: 'lognormal', median: 150 * minuteMs, gsd: 1.6 },
};

/** Rows of five minutes as windows; marked values are left out. */
function fiveMinutes(kind: Kind, startMs: number, rows: readonly Columns[]): EngineItem {
  const { metrics } = catalog[kind];
  const bySource = new Map<number, number[][]>();
  for (const { rows: count, source, values, marks } of rows)
    for (let row = 0; row < count; row++) {
      const known = bySource.get(source[row]) ?? metrics.map(() => []);
      bySource.set(source[row], known);
      metrics.forEach(({ id }, m) => {
        const mark = marks?.[id]?.[row] ?? 78;
        if (mark === 78 || mark === 84) known[m].push(values[id][row]);
      });
    }
  const sources = [...bySource.keys()].sort((a, b) => a - b);
  const of = (m: number, value: (each: readonly number[]) => number) =>
    Float64Array.from(sources, (source) => {
      const each = bySource.get(source)?.[m] ?? [];
      return each.length === 0 ? Number.NaN : value(each);
    });
  const column = (m: number): WindowColumn => {
    const mean = of(m, (each) => each.reduce((sum, value) => sum + value, 0) / each.length);
    const count = Uint32Array.from(sources, (source) => bySource.get(source)?.[m].length ?? 0);
    const [min, max] = [of(m, (each) => Math.min(...each)), of(m, (each) => Math.max(...each))];
    return { count, sum: mean, mean, min, max, last: mean, sd: mean, captureMs: mean, flags: new Uint16Array(sources.length) };
  };
  return {
    ...{ type: 'windows', kind, size: '5m', rows: sources.length, source: Uint32Array.from(sources) },
    startMs: new Float64Array(sources.length).fill(startMs),
    revision: new Uint16Array(sources.length),
    captureMs: new Float64Array(sources.length).fill(5 * minuteMs),
    metrics: metrics.map((_, m) => column(m)),
  };
}

test('who does not obey is found, nobody who does is accused, and the cut is what it was', () => {
  const register = city();
  const { enterprises } = register;
  const activity = makeActivity(seed, register, { ...episodeOf([], { response }), seed }, northWind);
  const sensors: Record<Kind, Sensors> = { power: powerSensors(seed, register), cems: cemsSensors(seed, register) };
  const stage = complianceStage({ ...defaultComplianceOptions, watched: watchedOf(enterprises) });
  const orders = ordersOf({ enterprises: enterprises.map(plannedOf), warning: 'warning:1', level: 'red', effectiveMs: t0 });
  const told = new Map<string, Compliance[]>();
  const hours: ProcessActivity[] = [];
  const take = (item: EngineItem) => {
    for (const out of stage.next(item)) {
      if (out.type !== 'orders') continue;
      for (const each of out.compliance) told.set(each.order, [...(told.get(each.order) ?? []), each]);
      hours.push(...(out.activity ?? []));
    }
  };
  for (const kind of kinds)
    take({
      type: 'command',
      command: { name: 'sources', kind, first: 0, sources: register.sources.filter((each) => each.kind === kind) },
    });
  const rows: Record<Kind, Columns[]> = { power: [], cems: [] };
  /** What is settled at the end; the truth of that time. */
  const settledMs = endMs - 3 * hourMs;
  let settled = activity.labels();
  for (let ms = mondayMs; ms < endMs; ms += minuteMs) {
    if (ms === settledMs) settled = activity.labels();
    if (ms === t0 - dayMs) {
      take({ type: 'orders', orders, compliance: [] });
      for (const { id, enterprise, process, action, toPct, effectiveMs } of orders)
        if (action !== 'transport') activity.order({ id, enterprise, process, action, toPct, effectiveMs });
    }
    activity.step(ms, minuteMs);
    const state = { eventMs: ms, stepMs: minuteMs, weather: { tempC: 0 }, processes: activity.factual.processes };
    for (const kind of kinds) rows[kind].push(...sensors[kind](state as CityState));
    if ((ms + minuteMs) % (5 * minuteMs) !== 0) continue;
    for (const kind of kinds) take(fiveMinutes(kind, ms - 4 * minuteMs, rows[kind].splice(0)));
    take({ type: 'tick', nowMs: ms + 4 * minuteMs });
  }
  const labels = new Map(activity.labels().map((label) => [label.id, label]));
  const wrong: string[] = [];
  let disobeying = 0;
  for (const { id } of orders) {
    const truth = labels.get(id)?.order;
    const history = told.get(id) ?? [];
    const isAccused = history.some(({ verdict }) => verdict === 'not' || verdict === 'partly');
    if (truth?.obedience !== 'comply') disobeying += 1;
    if (isAccused !== (truth?.obedience !== 'comply'))
      wrong.push(`${id} ${truth?.obedience} ${truth?.style ?? ''}: ${history.map(({ verdict }) => verdict)}`);
  }
  expect(wrong).toEqual([]);
  expect(disobeying).toBeGreaterThan(12);

  // An idling fan shows on a stack's monitor only: what it gives off is no evidence elsewhere.
  const seen = orders.filter(({ id }) => labels.get(id)?.order?.style !== 'idle_fan');
  const cut = cutOf({ enterprises, orders: seen, activity: hours, fromMs: t0, toMs: settledMs });
  const truth = (species: 'nox' | 'so2') =>
    settled.reduce((sum, { id, order }) => sum + (seen.some((each) => each.id === id) ? (order?.cutKg[species] ?? 0) : 0), 0);
  for (const pollutant of ['nox', 'so2'] as const) {
    const points = (100 * (cut.evidenceKg[pollutant] - truth(pollutant))) / cut.plannedMeasuredKg[pollutant];
    expect(Math.abs(points), pollutant).toBeLessThan(3);
  }
});
