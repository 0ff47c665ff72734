// VOC monitors: gas chromatographs that give a new value every few minutes and hold it in between.

import { catalog } from '../../../engine/schema/catalog.ts';
import type { Enterprise, Register } from '../../../engine/schema/register.ts';
import type { CityState } from '../cityState.ts';
import { streamOf } from '../random.ts';
import {
  chanceKey,
  clip,
  gapsOf,
  hourMs,
  minuteMs,
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
  concentration,
  gasInto,
  isZeroGas,
  Mark,
  newMarks,
  type StackGas,
  type StackUnit,
  scheduledMark,
  scheduleOf,
  stacksOf,
} from './stack.ts';

/** All [D]. */
export const vocOptions = {
  gainSd: 0.03,
  noise: 0.005,
  noiseShare: 0.03,
  /** NMHC in the air that is drawn in, mg/m³. */
  ambientMg: 0.5,
  rangeByLimit: [2, 3],
  /** Limit where the permit has none, mg/m³. */
  defaultLimitMg: 60,
  cyclesMs: [2 * minuteMs, 3 * minuteMs, 4 * minuteMs],
  missingShare: 0.02,
  gapMeanMs: 4 * minuteMs,
  flowGainSd: 0.03,
  flowNoise: 0.02,
} as const;

interface Split {
  readonly words: readonly string[];
  /** Share of the NMHC mass. */
  readonly benzene: number;
  readonly toluene: number;
}

/** Share of benzene and toluene by what the enterprise makes, found in its names: our estimate [D]. */
export const splits: readonly Split[] = [
  { words: ['橡胶', '轮胎', 'rubber'], benzene: 0.012, toluene: 0.05 },
  { words: ['玻璃钢', '复合材料', 'frp', 'fibre', 'fiberglass'], benzene: 0.003, toluene: 0.02 },
  { words: ['家具', '喷涂', '涂装', '油漆', '涂料', 'furniture', 'coating', 'paint'], benzene: 0.004, toluene: 0.14 },
  { words: ['印刷', '包装', 'print', 'packag'], benzene: 0.002, toluene: 0.06 },
  { words: ['化工', '化学', '制药', '药业', 'chem', 'pharma'], benzene: 0.02, toluene: 0.08 },
];
const otherSplit = { benzene: 0.005, toluene: 0.03 };

export function splitOf({ industry, zh, en }: Pick<Enterprise, 'industry' | 'zh' | 'en'>): Omit<Split, 'words'> {
  const name = `${industry} ${zh} ${en}`.toLowerCase();
  return splits.find(({ words }) => words.some((word) => name.includes(word))) ?? otherSplit;
}

interface Monitor extends StackUnit {
  readonly rangeMg: number;
  readonly benzene: number;
  readonly toluene: number;
  readonly cycleMs: number;
  cycle: number;
  nmhcMg: number;
}

const byId = Object.fromEntries(catalog.voc.metrics.map((metric) => [metric.id, metric]));
type Values = Readonly<Record<string, Float64Array>>;
type Marks = Readonly<Record<string, Uint8Array>>;

/** A row a step and stack, except in gaps; marks for every metric. */
export function vocSensors(seed: number, register: Register): Sensors {
  const monitors = monitorsOf(seed, register);
  const shares = new Float64Array(monitors.length).fill(vocOptions.missingShare);
  const gaps = gapsOf({ seed, name: 'voc', shares, meanMs: vocOptions.gapMeanMs, blockMs: hourMs });
  const readerAt = reader(seed, monitors);
  const there = new Uint32Array(monitors.length);
  return (state) => {
    const rows = present(gaps, state.eventMs, there);
    const values = newValues('voc', rows);
    const marks = newMarks('voc', rows);
    const read = readerAt(state, values, marks);
    for (let i = 0, row = 0; i < monitors.length; i++) {
      const isSent = row < rows && there[row] === i;
      read(i, isSent ? row : -1);
      if (isSent) row += 1;
    }
    if (rows === 0) return [];
    const source = Uint32Array.from(there.subarray(0, rows), (i) => monitors[i].source);
    return [
      { kind: 'voc', rows, periodMs: state.stepMs, source, time: new Float64Array(rows).fill(state.eventMs), values, marks },
    ];
  };
}

function monitorsOf(seed: number, register: Register): readonly Monitor[] {
  const units = stacksOf(register, 'voc');
  const count = register.sources.length;
  const range = perSourceBetween(seed, 'voc range', count, ...vocOptions.rangeByLimit);
  const spread = perSource(seed, 'voc split', count, 0, 0.4);
  const cycle = perSourceBetween(seed, 'voc cycle', count, 0, vocOptions.cyclesMs.length);
  return units.map((unit) => {
    const { benzene, toluene } = splitOf(unit.enterprise);
    const own = Math.exp(spread[unit.source]);
    return {
      ...unit,
      rangeMg: range[unit.source] * (unit.enterprise.permit?.limits.nmhc ?? vocOptions.defaultLimitMg),
      benzene: benzene * own,
      toluene: toluene * own,
      cycleMs: vocOptions.cyclesMs[Math.floor(cycle[unit.source])],
      cycle: Number.NaN,
      nmhcMg: 0,
    };
  });
}

function reader(seed: number, monitors: readonly Monitor[]) {
  const count = monitors.length;
  const schedule = scheduleOf(seed, 'voc', count);
  const gain = perSource(seed, 'voc gain', count, 1, vocOptions.gainSd);
  const flowGain = perSource(seed, 'voc flow gain', count, 1, vocOptions.flowGainSd);
  const nmhcStream = streamOf('voc noise nmhc');
  const flowStream = streamOf('voc noise flow');
  const gas: StackGas = { load: 0, capture: 0, isStopped: false, flowM3S: 0, exhaust: 0 };
  return (state: CityState, values: Values, marks: Marks) => {
    const { eventMs } = state;
    schedule.roll(eventMs);
    const nmhcKey = chanceKey(seed, nmhcStream, tickOf(eventMs));
    const flowKey = chanceKey(seed, flowStream, tickOf(eventMs));
    return (i: number, row: number) => {
      const monitor = monitors[i];
      gasInto(monitor, state.processes, gas);
      const cycle = Math.floor(eventMs / monitor.cycleMs + i / count);
      if (cycle !== monitor.cycle) {
        monitor.cycle = cycle;
        monitor.nmhcMg = nmhc(monitor, gas, state, gain[i], noiseAt(nmhcKey, i));
      }
      if (row < 0) return;
      const mark = scheduledMark(schedule, i, eventMs);
      const isZero = isZeroGas(schedule, i, eventMs);
      const flow = mark === Mark.off ? 0 : gas.flowM3S * flowGain[i] * (1 + vocOptions.flowNoise * noiseAt(flowKey, i));
      writeRow(monitor, mark, isZero, flow, row, values, marks);
    };
  };
}

function nmhc(monitor: Monitor, gas: StackGas, state: CityState, gain: number, z: number): number {
  const fromProcess = gas.isStopped ? 0 : concentration(state.processes.vocGps, monitor.processes, gas.flowM3S);
  const truth = fromProcess + vocOptions.ambientMg;
  const constant = vocOptions.noise * monitor.rangeMg;
  const share = vocOptions.noiseShare * truth;
  return clip(truth * gain + Math.sqrt(constant * constant + share * share) * z, 0, monitor.rangeMg);
}

function writeRow(
  monitor: Monitor,
  mark: number,
  isZero: boolean,
  flow: number,
  row: number,
  values: Values,
  marks: Marks,
): void {
  const value = shown(monitor, mark, isZero);
  const own = mark === Mark.normal && value >= monitor.rangeMg ? Mark.over : mark;
  put('nmhc', value, own, row, values, marks);
  put('benzene', value * monitor.benzene, own, row, values, marks);
  put('toluene', value * monitor.toluene, own, row, values, marks);
  put('flowM3S', flow, mark === Mark.calibration ? Mark.normal : mark, row, values, marks);
}

function shown({ rangeMg, nmhcMg }: Monitor, mark: number, isZero: boolean): number {
  if (mark === Mark.off || mark === Mark.maintenance) return 0;
  if (mark === Mark.calibration) return isZero ? 0 : 0.8 * rangeMg;
  return nmhcMg;
}

function put(id: string, value: number, mark: number, row: number, values: Values, marks: Marks): void {
  values[id][row] = quantise(value, byId[id]);
  marks[id][row] = mark;
}
