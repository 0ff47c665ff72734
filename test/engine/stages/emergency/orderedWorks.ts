// A works with one metered process, a stack and its own habits, as 5-min windows: for tests of whether orders are obeyed.

import { watchedOf } from '../../../../engine/domain/curtailment/watched.ts';
import type { Kind } from '../../../../engine/schema/catalog.ts';
import type { EngineItem } from '../../../../engine/schema/flow.ts';
import type { Compliance, Order, ProcessActivity } from '../../../../engine/schema/order.ts';
import type { Enterprise, EnterpriseProcess } from '../../../../engine/schema/register.ts';
import { defaultComplianceOptions } from '../../../../engine/stages/emergency/complianceOptions.ts';
import { complianceStage } from '../../../../engine/stages/emergency/complianceStage.ts';
import { enterpriseOf, processOf } from '../../../harness/planRegisters.ts';
import { windowBatchOf } from '../../../harness/windowSteps.ts';

export const minuteMs = 60_000;
export const fiveMs = 5 * minuteMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
/** Monday, midnight in Beijing. */
export const mondayMs = Date.parse('2026-01-05T00:00:00+08:00');

export interface WorksOptions {
  readonly shifts?: EnterpriseProcess['shifts'];
  readonly meter?: boolean;
  readonly treatment?: boolean;
  readonly main?: boolean;
  readonly cems?: boolean;
  readonly id?: string;
}

/** P1: 100 kW with a treatment of 20 kW and a stack of 10 m³/s; P2 emits unseen; offices draw 12 kW. */
export function works({
  shifts = 'three',
  meter = true,
  treatment = true,
  main = false,
  cems = false,
  id = 'E1',
}: WorksOptions = {}) {
  const nothing = { so2: 0, nox: 0, pm: 0.9, voc: 0 };
  return enterpriseOf(id, {
    permit: { number: '1', limits: { so2: 35, nox: 50, pm: 10 } },
    ...(main ? { mainMeter: `${id}-M` } : {}),
    processes: [
      processOf('P1', {
        shifts,
        ratedKw: 100,
        treatment: { zh: '布袋', en: 'Baghouse', removes: nothing, ratedKw: 20 },
        ...(meter ? { productionMeter: `${id}-P` } : {}),
        ...(meter && treatment ? { treatmentMeter: `${id}-T` } : {}),
        stack: { heightM: 20, diameterM: 1, tempC: 80, flowM3S: 10, o2RefPct: 9, ...(cems ? { cems: `${id}-C` } : {}) },
      }),
      processOf('P2', { shifts }),
    ],
  });
}

/** What really goes on at a time. */
export interface Doing {
  readonly load: number;
  /** The treatment runs as the load asks, or as said: share of rated power. */
  readonly treatment?: number;
  /** The production meter shows 3 kW, whatever the process draws. */
  readonly bypass?: boolean;
  /** So does the main meter. */
  readonly beforeMain?: boolean;
}
export type Habit = (ms: number) => Doing;

/** Deterministic trembling in [-1, 1]. */
export function noise(seed: number, step: number): number {
  let x = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(step + 7, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return ((x ^ (x >>> 15)) >>> 0) / 0x80000000 - 1;
}

type Values = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** By source id. */
export function shown(enterprise: Enterprise, { load, treatment, bypass, beforeMain }: Doing, step: number): Values {
  const [process] = enterprise.processes;
  const trueKw = process.ratedKw * (0.06 + 0.94 * load) * (1 + 0.02 * noise(1, step));
  const kw = bypass === true ? 3 * (1 + 0.02 * noise(1, step)) : trueKw;
  const treatmentKw = 20 * (treatment ?? (load > 0.02 ? 0.5 + 0.5 * load : 0)) * (1 + 0.01 * noise(2, step));
  const runs = load > 0.02;
  const flow = runs ? 0.35 + 0.65 * load : 0.02;
  const values: Record<string, Readonly<Record<string, number>>> = {};
  if (process.productionMeter !== undefined) values[process.productionMeter] = { kw };
  if (process.treatmentMeter !== undefined) values[process.treatmentMeter] = { kw: treatmentKw };
  if (enterprise.mainMeter !== undefined)
    values[enterprise.mainMeter] = { kw: (beforeMain === true ? kw : trueKw) + treatmentKw + 12 * (1 + 0.02 * noise(3, step)) };
  if (process.stack?.cems !== undefined)
    values[process.stack.cems] = {
      flowM3S: 10 * flow * (1 + 0.02 * noise(4, step)),
      so2: runs ? 12 : 0.3,
      nox: runs ? 30 : 0.4,
      pm: runs ? 4 : 0.1,
      o2Pct: runs ? 12 : 20.9,
    };
  return values;
}

export interface Run {
  readonly enterprise: Enterprise;
  readonly habit: Habit;
  readonly orders: readonly { readonly atMs: number; readonly order: Order }[];
  readonly fromMs?: number;
  readonly toMs: number;
  /** False: the window is missing. */
  readonly there?: (source: string, step: number) => boolean;
  /** Steps that a window comes later. */
  readonly late?: (source: string, step: number) => number;
  /** Instead of what is shown. */
  readonly shows?: (source: string, step: number, kw: number) => number;
}

export function sourcesOf(enterprise: Enterprise): readonly { readonly kind: Kind; readonly id: string }[] {
  const [{ productionMeter, treatmentMeter, stack }] = enterprise.processes;
  const power = [productionMeter, treatmentMeter, enterprise.mainMeter].flatMap((id) =>
    id === undefined ? [] : [{ kind: 'power' as const, id }],
  );
  return [...power, ...(stack?.cems === undefined ? [] : [{ kind: 'cems' as const, id: stack.cems }])];
}

/** Windows that close 3 min after their end, ticks every 5 min. */
export function itemsOf({ enterprise, habit, orders, fromMs = mondayMs, toMs, there, late, shows }: Run): EngineItem[] {
  const sources = sourcesOf(enterprise);
  const items: EngineItem[] = (['power', 'cems'] as const).map((kind) => ({
    type: 'command',
    command: {
      name: 'sources',
      kind,
      first: 0,
      sources: sources.filter((each) => each.kind === kind).map(({ id }) => ({ kind, id, zh: id, district: '' })),
    },
  }));
  const waiting = new Map<number, EngineItem[]>();
  let orderAt = 0;
  for (let step = fromMs / fiveMs; step < toMs / fiveMs; step++) {
    const values = shown(enterprise, habit(step * fiveMs), step);
    for (const kind of ['power', 'cems'] as const)
      sources
        .filter((each) => each.kind === kind)
        .forEach(({ id }, source) => {
          if (there?.(id, step) === false) return;
          const of = shows === undefined || kind !== 'power' ? values[id] : { kw: shows(id, step, values[id].kw) };
          const comes = step + (late?.(id, step) ?? 0);
          waiting.set(comes, [...(waiting.get(comes) ?? []), windowBatchOf('5m', step, { kind, source, values: of })]);
        });
    items.push(...(waiting.get(step) ?? []));
    waiting.delete(step);
    const nowMs = (step + 1) * fiveMs + 3 * minuteMs;
    for (; orderAt < orders.length && orders[orderAt].atMs <= nowMs; orderAt++)
      items.push({ type: 'orders', orders: [orders[orderAt].order], compliance: [] });
    items.push({ type: 'tick', nowMs });
  }
  return items;
}

export const stageOf = (...enterprises: readonly Enterprise[]) =>
  complianceStage({ ...defaultComplianceOptions, watched: watchedOf(enterprises) });

export function orderOf(fields: Partial<Order> & Pick<Order, 'effectiveMs'>): Order {
  const base = {
    id: 'order:1:E1:P1',
    warning: 'warning:1',
    level: 'red',
    enterprise: 'E1',
    process: 'P1',
    action: 'stop',
  } as const;
  return { ...base, revision: 0, zh: '停', en: 'stop', ...fields };
}

export interface Outcome {
  readonly told: readonly Compliance[];
  readonly activity: readonly ProcessActivity[];
}

export function outcome(run: Run): Outcome {
  const stage = stageOf(run.enterprise);
  const told: Compliance[] = [];
  const activity: ProcessActivity[] = [];
  for (const item of itemsOf(run))
    for (const out of stage.next(item)) {
      if (out.type !== 'orders') continue;
      told.push(...out.compliance);
      activity.push(...(out.activity ?? []));
    }
  return { told, activity };
}

/** `not 2.25`: verdict and hours from a time. */
export const inShort = (told: readonly Compliance[], fromMs: number) =>
  told.map(({ verdict, sinceMs }) => `${verdict} ${(sinceMs - fromMs) / hourMs}`);
