// A monitored stack: the gas that flows through it, and the days of calibration, maintenance and faults of its instruments.

import { beijingOffsetMs } from '../../../engine/domain/calendar.ts';
import { catalog, type Kind } from '../../../engine/schema/catalog.ts';
import type { Enterprise, EnterpriseProcess, Register, Stack } from '../../../engine/schema/register.ts';
import type { ProcessState } from '../cityState.ts';
import { processesOf } from '../processes.ts';
import { streamOf } from '../random.ts';
import { chanceAt, chanceKey, dayMs, hourMs, minuteMs, processesBySource } from './instrument.ts';

/** Instrument marks of HJ 212 (domain report section 3.4) as ASCII codes; back-flush of the probe is marked B here. */
export const Mark = { normal: 78, maintenance: 77, calibration: 67, fault: 68, off: 70, over: 84, backFlush: 66 } as const;

/** All metrics marked normal, in the catalog's order. */
export function newMarks(kind: 'cems' | 'voc', rows: number): Record<string, Uint8Array> {
  return Object.fromEntries(catalog[kind].metrics.map(({ id }) => [id, new Uint8Array(rows).fill(Mark.normal)]));
}

export interface StackUnit {
  /** Index among the sources of the kind. */
  readonly source: number;
  readonly enterprise: Enterprise;
  readonly stack: Stack;
  /** Indices in `processesOf` order of the processes that lead into it. */
  readonly processes: readonly number[];
}

/** Sources without a process in the register are left out: they stay silent. */
export function stacksOf(register: Register, kind: Extract<Kind, 'cems' | 'voc'>): readonly StackUnit[] {
  const all = processesOf(register);
  return processesBySource(register, kind, (process: EnterpriseProcess) => process.stack?.[kind]).flatMap((processes, source) => {
    const first = all[processes[0]];
    if (first?.process.stack === undefined) return [];
    return [{ source, enterprise: first.enterprise, stack: first.process.stack, processes }];
  });
}

export const stackOptions = {
  /** Below this share of the load the process counts as stopped, and the fan with it. */
  stoppedLoad: 0.02,
  /** Flow at no load, as a share of that at full load; linear to 1 [D]. */
  flowAtIdle: 0.35,
  /** Natural draught of a stopped stack, share of the full flow [D]. */
  draught: 0.02,
  /** With the fan off, false air and draught still give this share of the flow [D]: it dilutes what is left. */
  leak: 0.15,
  /** Cooling and heating of the flue [D]. */
  flueTauMs: 25 * minuteMs,
} as const;

/** O2 of air, %. */
export const airO2Pct = 20.95;

export interface StackGas {
  /** Mean over the processes of the stack. */
  load: number;
  capture: number;
  isStopped: boolean;
  /** Actual state. */
  flowM3S: number;
  /** Share of the flow that is exhaust; the rest is false air, 0 to 1. */
  exhaust: number;
}

/** Writes into `gas`, so that nothing is allocated. */
export function gasInto({ processes, stack }: StackUnit, state: ProcessState, gas: StackGas): void {
  gas.load = 0;
  gas.capture = 0;
  for (const process of processes) {
    gas.load += state.load[process] / processes.length;
    gas.capture += state.capture[process] / processes.length;
  }
  gas.isStopped = gas.load < stackOptions.stoppedLoad;
  const { flowAtIdle, draught, leak } = stackOptions;
  const share = leak + (1 - leak) * Math.min(1, gas.capture);
  gas.flowM3S = stack.flowM3S * (gas.isStopped ? draught : (flowAtIdle + (1 - flowAtIdle) * gas.load) * share);
  gas.exhaust = gas.isStopped ? 0 : gas.capture / share;
}

/** mg/m³ of what the processes give through the stack, in the state of the flow. */
export function concentration(gps: Float32Array, processes: readonly number[], flowM3S: number): number {
  let sum = 0;
  for (const process of processes) sum += gps[process];
  return (sum * 1000) / Math.max(flowM3S, 1e-3);
}

/** When the instruments of each unit are not measuring, by Beijing day: epoch ms, half-open; equal ends = not that day. */
export interface Schedule {
  readonly calibrationFromMs: Float64Array;
  readonly calibrationToMs: Float64Array;
  readonly maintenanceFromMs: Float64Array;
  readonly maintenanceToMs: Float64Array;
  readonly faultFromMs: Float64Array;
  readonly faultToMs: Float64Array;
  /** Of the fault: fault or off. */
  readonly faultMark: Uint8Array;
  roll(eventMs: number): void;
}

/** How often, all [D]: calibration on some nights at 02-04 h, maintenance by day, faults rarely. */
export const scheduleOptions = {
  calibrationShare: 0.35,
  calibrationMs: 20 * minuteMs,
  maintenanceShare: 0.03,
  faultShare: 0.006,
  /** Of the faults: the power is off. */
  offShare: 0.3,
} as const;

export function scheduleOf(seed: number, name: string, count: number): Schedule {
  const keyNames = [
    'calibration',
    'calibration start',
    'maintenance',
    'maintenance start',
    'maintenance length',
    'fault',
    'fault start',
  ];
  const streams = [...keyNames, 'fault length', 'fault mark'].map((what) => streamOf(`${name} ${what}`));
  const columns = Array.from({ length: 6 }, () => new Float64Array(count));
  const [calibrationFromMs, calibrationToMs, maintenanceFromMs, maintenanceToMs, faultFromMs, faultToMs] = columns;
  const faultMark = new Uint8Array(count);
  let rolled = Number.NaN;
  const fill = (day: number) => {
    const startMs = day * dayMs - beijingOffsetMs;
    const keys = streams.map((stream) => chanceKey(seed, stream, day));
    for (let i = 0; i < count; i++) {
      const chance = (k: number) => chanceAt(keys[k], i);
      calibrationFromMs[i] = startMs + 2 * hourMs + Math.floor(chance(1) * 100) * minuteMs;
      calibrationToMs[i] =
        calibrationFromMs[i] + (chance(0) < scheduleOptions.calibrationShare ? scheduleOptions.calibrationMs : 0);
      maintenanceFromMs[i] = startMs + 9 * hourMs + Math.floor(chance(3) * 6 * 60) * minuteMs;
      const maintenanceMs = Math.floor(30 + chance(4) * 90) * minuteMs;
      maintenanceToMs[i] = maintenanceFromMs[i] + (chance(2) < scheduleOptions.maintenanceShare ? maintenanceMs : 0);
      faultFromMs[i] = startMs + Math.floor(chance(6) * 18 * 60) * minuteMs;
      const faultMs = Math.floor(30 + chance(7) * 300) * minuteMs;
      faultToMs[i] = faultFromMs[i] + (chance(5) < scheduleOptions.faultShare ? faultMs : 0);
      faultMark[i] = chance(8) < scheduleOptions.offShare ? Mark.off : Mark.fault;
    }
  };
  return {
    calibrationFromMs,
    calibrationToMs,
    maintenanceFromMs,
    maintenanceToMs,
    faultFromMs,
    faultToMs,
    faultMark,
    roll(eventMs) {
      const day = Math.floor((eventMs + beijingOffsetMs) / dayMs);
      if (day === rolled) return;
      rolled = day;
      fill(day);
    },
  };
}

/** What the schedule says of unit `i`; a fault counts before maintenance, that before calibration. */
export function scheduledMark(schedule: Schedule, i: number, eventMs: number): number {
  if (eventMs >= schedule.faultFromMs[i] && eventMs < schedule.faultToMs[i]) return schedule.faultMark[i];
  if (eventMs >= schedule.maintenanceFromMs[i] && eventMs < schedule.maintenanceToMs[i]) return Mark.maintenance;
  if (eventMs >= schedule.calibrationFromMs[i] && eventMs < schedule.calibrationToMs[i]) return Mark.calibration;
  return Mark.normal;
}

/** The first half of a calibration is zero gas, the second half span gas. */
export function isZeroGas(schedule: Schedule, i: number, eventMs: number): boolean {
  return eventMs < (schedule.calibrationFromMs[i] + schedule.calibrationToMs[i]) / 2;
}
