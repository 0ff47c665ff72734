// Stack monitors of key enterprises (CEMS): concentrations measured and O2-converted, O2, flow, temperature, with marks.

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import { streamOf } from '../random.ts';
import {
  chanceKey,
  clip,
  gapsOf,
  hourMs,
  minuteMs,
  monthsSince,
  newValues,
  noiseAt,
  perSource,
  perSourceBetween,
  present,
  quantise,
  type Sensors,
  tickOf,
} from './instrument.ts';
import {
  airO2Pct,
  concentration,
  gasInto,
  isZeroGas,
  Mark,
  newMarks,
  type StackGas,
  type StackUnit,
  scheduledMark,
  scheduleOf,
  stackOptions,
  stacksOf,
} from './stack.ts';

/** SIMULATION section 5, column "CEMS": [D]. Shares of the instrument's range where they are shares. */
export const cemsOptions = {
  noise: 0.01,
  noiseShare: 0.02,
  gainSd: 0.02,
  biasSd: 0.01,
  /** Drift between two calibrations, share a month; 5 % is what HJ 75 allows [S]. */
  driftSd: 0.02,
  calibrationDays: 7,
  /** The range ends at so many times the limit: a failed baghouse looks like a flat line there. */
  rangeByLimit: [2, 3],
  missingShare: 0.02,
  gapMeanMs: 3 * minuteMs,
  backFlushMs: [minuteMs, 3 * minuteMs],
  flowGainSd: 0.03,
  flowNoise: 0.02,
  /** Above this O2 the exhaust is mostly air, and nothing is converted any more, %. */
  convertBelowO2Pct: 19,
  /** O2 above the permit's reference at full load, % [D]. */
  o2AboveRefPct: [0.3, 2],
  /** Without a reference the exhaust is ventilated air, % [D]. */
  ventilatedO2Pct: 20.3,
} as const;

/** Limits where the permit has none, mg/m³ (10/35/50 are those of ultra-low emission). */
export const defaultLimits = { so2: 35, nox: 50, pm: 10 } as const;

const gases = ['so2', 'nox', 'pm'] as const;
const metrics = catalog.cems.metrics;
/** Positions in the catalog's row: the three gases, the three converted, then these. */
const [CONVERTED, O2, FLOW, TEMP] = [3, 6, 7, 8];

interface Monitor extends StackUnit {
  /** In the order of `gases`. */
  readonly rangeMg: readonly number[];
  readonly o2AtFullPct: number;
  /** Last good values, which a back-flush holds: the gases and O2. */
  readonly held: Float64Array;
  flueTempC: number;
}

/** A row a step and stack, except in gaps; marks for every metric. */
export function cemsSensors(seed: number, register: Register): Sensors {
  const monitors = monitorsOf(seed, register);
  const gaps = gapsOf({
    seed,
    name: 'cems',
    shares: new Float64Array(monitors.length).fill(cemsOptions.missingShare),
    meanMs: cemsOptions.gapMeanMs,
    blockMs: hourMs,
  });
  const readerAt = reader(seed, monitors);
  const there = new Uint32Array(monitors.length);
  return (state) => {
    const rows = present(gaps, state.eventMs, there);
    const values = newValues('cems', rows);
    const marks = newMarks('cems', rows);
    const read = readerAt(state, { values: Object.values(values), marks: Object.values(marks) });
    for (let i = 0, row = 0; i < monitors.length; i++) {
      // A silent monitor measures all the same: what it holds must not depend on the line.
      const isSent = row < rows && there[row] === i;
      read(i, isSent ? row : -1);
      if (isSent) row += 1;
    }
    if (rows === 0) return [];
    const source = Uint32Array.from(there.subarray(0, rows), (i) => monitors[i].source);
    return [
      { kind: 'cems', rows, periodMs: state.stepMs, source, time: new Float64Array(rows).fill(state.eventMs), values, marks },
    ];
  };
}

function monitorsOf(seed: number, register: Register): readonly Monitor[] {
  const units = stacksOf(register, 'cems');
  const count = register.sources.length;
  const range = perSourceBetween(seed, 'cems range', count, ...cemsOptions.rangeByLimit);
  const above = perSourceBetween(seed, 'cems o2', count, ...cemsOptions.o2AboveRefPct);
  return units.map((unit) => {
    const limits = unit.enterprise.permit?.limits ?? {};
    const { o2RefPct } = unit.stack;
    return {
      ...unit,
      rangeMg: gases.map((gas) => range[unit.source] * (limits[gas] ?? defaultLimits[gas])),
      o2AtFullPct: o2RefPct === undefined ? cemsOptions.ventilatedO2Pct : Math.min(o2RefPct + above[unit.source], 19),
      held: new Float64Array(gases.length + 1).fill(Number.NaN),
      flueTempC: Number.NaN,
    };
  });
}

/** Conv = c (21 - ref) / (21 - O2) (HJ 212-2017 appendix D). Example: 20 mg/m³ at 12 % O2, reference 9: 20 · 12/9 = 26.67. */
export function converted(measured: number, o2Pct: number, o2RefPct: number | undefined): number {
  if (o2RefPct === undefined || o2Pct >= cemsOptions.convertBelowO2Pct) return measured;
  return (measured * (21 - o2RefPct)) / (21 - o2Pct);
}

/** Columns in the catalog's order. */
interface Rows {
  readonly values: readonly Float64Array[];
  readonly marks: readonly Uint8Array[];
}
/** Measures unit `i` and, where `row` is not -1, writes its row. */
type Read = (i: number, row: number) => void;

function reader(seed: number, monitors: readonly Monitor[]): (state: CityState, rows: Rows) => Read {
  const count = monitors.length;
  const schedule = scheduleOf(seed, 'cems', count);
  const analyser = analysers(seed, monitors);
  const flowGain = perSource(seed, 'cems flow gain', count, 1, cemsOptions.flowGainSd);
  const flushAt = perSourceBetween(seed, 'cems flush', count, 0, hourMs - 3 * minuteMs).map(
    (ms) => Math.floor(ms / minuteMs) * minuteMs,
  );
  const flushMs = perSourceBetween(seed, 'cems flush length', count, ...cemsOptions.backFlushMs).map(
    (ms) => Math.round(ms / minuteMs) * minuteMs,
  );
  const streams = ['flow', 'o2', 'temp'].map((what) => streamOf(`cems noise ${what}`));
  const gas: StackGas = { load: 0, capture: 0, isStopped: false, flowM3S: 0, exhaust: 0 };
  const four = new Float64Array(gases.length + 1);
  return (state, rows) => {
    const { eventMs, processes } = state;
    schedule.roll(eventMs);
    const [flowKey, o2Key, tempKey] = streams.map((stream) => chanceKey(seed, stream, tickOf(eventMs)));
    const measure = analyser(state);
    const warm = 1 - Math.exp(-state.stepMs / stackOptions.flueTauMs);
    return (i, row) => {
      const monitor = monitors[i];
      gasInto(monitor, processes, gas);
      moveTemperature(monitor, gas, state.weather.tempC, warm);
      const flow = gas.flowM3S * flowGain[i] * (1 + cemsOptions.flowNoise * noiseAt(flowKey, i));
      let mark = scheduledMark(schedule, i, eventMs);
      const inHour = eventMs - Math.floor(eventMs / hourMs) * hourMs;
      if (mark === Mark.normal && inHour >= flushAt[i] && inHour < flushAt[i] + flushMs[i]) mark = Mark.backFlush;
      // A run may begin while nothing is measured: then there is a value to hold all the same.
      if (mark === Mark.normal || Number.isNaN(monitor.held[0])) {
        measure(i, gas, monitor.held);
        monitor.held[gases.length] = clip(o2Of(monitor, gas) + 0.06 * noiseAt(o2Key, i), 0, 21.5);
      }
      if (row < 0) return;
      const isZero = isZeroGas(schedule, i, eventMs);
      for (let g = 0; g < four.length; g++) four[g] = shown(mark, monitor, g, isZero, i);
      const isOff = mark === Mark.off;
      writeConcentrations(monitor, four, mark, row, rows);
      const own = isOwn(mark) ? mark : Mark.normal;
      write(FLOW, isOff ? 0 : flow, own, row, rows);
      const temp = monitor.flueTempC + 0.4 * noiseAt(tempKey, i);
      write(TEMP, isOff ? 0 : temp, own, row, rows);
    };
  };
}

/** Marks that concern the whole cabinet, not only the analysers. */
function isOwn(mark: number): boolean {
  return mark === Mark.maintenance || mark === Mark.off || mark === Mark.fault;
}

/** What stands in the row for gas `g` (the last is O2) under a mark. */
function shown(mark: number, monitor: Monitor, g: number, isZero: boolean, i: number): number {
  const isO2 = g === gases.length;
  if (mark === Mark.off) return 0;
  if (mark === Mark.maintenance) return isO2 ? airO2Pct : 0;
  if (mark === Mark.calibration) {
    if (isZero) return isO2 ? 0 : 0.002 * monitor.rangeMg[g] * ((i % 5) - 2);
    return isO2 ? airO2Pct : 0.8 * monitor.rangeMg[g];
  }
  return monitor.held[g]; // measured, held by a back-flush, or stuck in a fault
}

function writeConcentrations(monitor: Monitor, four: Float64Array, mark: number, row: number, rows: Rows): void {
  const o2 = four[gases.length];
  for (let g = 0; g < gases.length; g++) {
    const isOver = mark === Mark.normal && four[g] >= monitor.rangeMg[g];
    const own = isOver ? Mark.over : mark;
    write(g, four[g], own, row, rows);
    write(CONVERTED + g, converted(four[g], o2, monitor.stack.o2RefPct), own, row, rows);
  }
  write(O2, o2, mark, row, rows);
}

function write(metric: number, value: number, mark: number, row: number, { values, marks }: Rows): void {
  values[metric][row] = quantise(value, metrics[metric]);
  marks[metric][row] = mark;
}

/** The three gases of unit `i` as its analysers read them, into `out`. */
function analysers(seed: number, monitors: readonly Monitor[]) {
  const count = monitors.length;
  const drift = perSource(seed, 'cems drift', count, 0, cemsOptions.driftSd);
  const phase = perSourceBetween(seed, 'cems calibration phase', count, 0, 1);
  const models = gases.map((gas) => ({
    gain: perSource(seed, `cems ${gas} gain`, count, 1, cemsOptions.gainSd),
    bias: perSource(seed, `cems ${gas} bias`, count, 0, cemsOptions.biasSd),
    stream: streamOf(`cems noise ${gas}`),
  }));
  return ({ eventMs, processes }: CityState) => {
    const keys = models.map(({ stream }) => chanceKey(seed, stream, tickOf(eventMs)));
    const columns = [processes.so2Gps, processes.noxGps, processes.pmGps];
    return (i: number, gas: StackGas, out: Float64Array) => {
      const { rangeMg, processes: own } = monitors[i];
      const drifted = 1 + drift[i] * monthsSince(eventMs, phase[i], cemsOptions.calibrationDays);
      for (let g = 0; g < gases.length; g++) {
        const truth = gas.isStopped ? 0 : concentration(columns[g], own, gas.flowM3S);
        const range = rangeMg[g];
        const constant = cemsOptions.noise * range;
        const share = cemsOptions.noiseShare * truth;
        const noise = Math.sqrt(constant * constant + share * share) * noiseAt(keys[g], i);
        const read = truth * models[g].gain[i] * drifted + models[g].bias[i] * range + noise;
        out[g] = clip(read, -0.02 * range, range);
      }
    };
  };
}

/** More excess air at part load; false air on top. */
function o2Of({ o2AtFullPct }: Monitor, { load, isStopped, exhaust }: StackGas): number {
  if (isStopped) return airO2Pct;
  const inside = o2AtFullPct + (airO2Pct - o2AtFullPct) * 0.3 * clip(1 - load, 0, 1);
  return airO2Pct - (airO2Pct - inside) * clip(exhaust, 0, 1);
}

function moveTemperature(monitor: Monitor, { load, isStopped, exhaust }: StackGas, ambientC: number, share: number): void {
  const hot = (monitor.stack.tempC - ambientC) * (0.75 + 0.25 * load) * clip(exhaust, 0, 1);
  const target = ambientC + (isStopped ? 0 : hot);
  monitor.flueTempC = Number.isNaN(monitor.flueTempC) ? target : monitor.flueTempC + share * (target - monitor.flueTempC);
}
