// Roads where more vehicles than usual give off too much: counted by gate, ten minutes and class, so that more trucks are no finding.

import { distanceKm } from '../../domain/geo.ts';
import { catalog, metricIndex } from '../../schema/catalog.ts';
import type { Evidence, Finding } from '../../schema/finding.ts';
import type { Source } from '../../schema/register.ts';
import type { Description } from './detector.ts';
import { atResolution, meanEvidence } from './evidence.ts';
import { meanOf } from './lookBack.ts';
import { medianOf } from './median.ts';
import { neighboursOf } from './neighbours.ts';
import type { Rules } from './ruleCatalog.ts';
import type { Series } from './series.ts';
import { sourceIndex } from './sourceIndex.ts';
import { type Draft, type SavedTold, told } from './told.ts';
import { isTaken, type Watcher } from './watcher.ts';

const minuteMs = 60_000;
const cellMs = 10 * minuteMs;
const hourCells = 6;
/** What is usual is that of the week before the hour. */
const usualCells = 7 * 24 * hourCells;
/** Cells whose rows may still come: six hours, as long as networks are down. */
const openCells = 36;
/** With the next cell, of clocks that are a little ahead. */
const ringCells = usualCells + hourCells + openCells + 1;
/** A cell is judged so long after its end. */
const settleMs = 2 * minuteMs;
/** An hour with fewer vehicles says nothing [ours]. */
const hourLeast = 30;
/** A station so near may show the road. */
const besideKm = 2;
/** What is above the median of these is the place's own; of fewer a median says nothing [ours]. */
const neighbourhood = { most: 8, withinKm: 20 };
const neighboursLeast = 3;

/** Each has its own usual share; what has another name is one of the last. */
const classes = ['petrol car', 'taxi', 'bus', 'light diesel truck', 'heavy diesel truck', 'other'] as const;
/** Vehicles and high emitters of each class. */
const classWidth = 2 * classes.length;
const metrics = ['co', 'hc', 'no', 'opacity'].map((id) => metricIndex('vehicle', id));
const scales = metrics.map((metric) => catalog.vehicle.metrics[metric].scale);
/** What vehicles give off, and what a station beside the road shows of it: all of the exhaust's NO is NO2 some minutes later. */
const gases = [
  { own: metricIndex('vehicle', 'no'), air: metricIndex('air', 'no2') },
  { own: metricIndex('vehicle', 'co'), air: metricIndex('air', 'co') },
] as const;
/** Behind the classes: sums of each gas over all vehicles, and over high emitters, in steps of its resolution. */
const width = classWidth + 2 * gases.length;

/** One gate. `settled`: since which cell its share is high after the settled cells, -1 = it is not. */
interface Gate {
  /** Position of a count: slot of the cell * width + 2 * class; behind them the gases. */
  readonly counts: Uint32Array;
  settled: number;
}

interface Saved {
  readonly gates: readonly (Gate | undefined)[];
  readonly newest: number;
  readonly settledCell: number;
  readonly told: SavedTold;
}

/** An hour, and what the same vehicles usually show. */
interface Hour {
  readonly vehicles: number;
  readonly high: number;
  readonly expected: number;
  readonly sigma: number;
  readonly usualVehicles: number;
  /** Of what all vehicles gave off, by gas: the high emitters' share, 0 to 1; NaN: nothing was measured. */
  readonly shares: readonly number[];
}

export function vehicleWatcher({ rules, minutes }: { readonly rules: Rules; readonly minutes: Series }): Watcher {
  const rule = rules['vehicle-high'];
  const limits = [rule.coPct, rule.hcPpm, rule.noPpm, rule.opacityPerM];
  const sources = sourceIndex('vehicle');
  const stations = sourceIndex('air');
  const tellings = told((id) => rules[id].on);
  let gates: (Gate | undefined)[] = [];
  /** By the clock of the run. */
  let newest = Number.NaN;
  let settledCell = Number.NaN;

  const slotOf = (cell: number) => (((cell % ringCells) + ringCells) % ringCells) * width;

  function isHigh(values: readonly Float64Array[], row: number): boolean {
    // A gap is not above anything.
    for (let m = 0; m < limits.length; m++) if (values[metrics[m]][row] / scales[m] > limits[m]) return true;
    return false;
  }

  /** The next cell begins. */
  function goOn(cell: number): void {
    if (Number.isNaN(newest)) {
      newest = cell;
      settledCell = cell - openCells - 1;
      return;
    }
    for (const gate of gates) gate?.counts.fill(0, slotOf(cell + 1), slotOf(cell + 1) + width);
    newest = cell;
  }

  function add(sums: Float64Array, { counts }: Gate, cell: number, sign: number): void {
    const at = slotOf(cell);
    for (let i = 0; i < width; i++) sums[i] += sign * counts[at + i];
  }

  /** `usual`: sums of the week before the hour. */
  function hourAt(gate: Gate, cell: number, usual: Float64Array): Hour {
    const sums = new Float64Array(width);
    for (let back = 0; back < hourCells; back++) add(sums, gate, cell - back, 1);
    let [vehicles, high, expected, variance, usualVehicles] = [0, 0, 0, 0, 0];
    for (let i = 0; i < classWidth; i += 2) {
      // One more of each, so that a class that was never high is not impossible.
      const share = (usual[i + 1] + 0.5) / (usual[i] + 1);
      vehicles += sums[i];
      high += sums[i + 1];
      expected += sums[i] * share;
      variance += sums[i] * share * (1 - share);
      usualVehicles += usual[i];
    }
    const shares = gases.map((_, g) => sums[classWidth + 2 * g + 1] / sums[classWidth + 2 * g]);
    return { vehicles, high, expected, sigma: Math.sqrt(variance), usualVehicles, shares };
  }

  function isAbove({ vehicles, high, expected, sigma, usualVehicles }: Hour, times: number): boolean {
    if (vehicles < hourLeast || usualVehicles < rule.usualVehicles) return false;
    return high > times * expected && high - expected > rule.sigmas * sigma;
  }

  /** What the judged cells say, from the settled ones on. */
  function draftsOf(index: number, gate: Gate, last: number): Draft[] {
    const usual = new Float64Array(width);
    const first = settledCell + 1;
    for (let back = 0; back < usualCells; back++) add(usual, gate, first - hourCells - 1 - back, 1);
    const drafts: Draft[] = [];
    let since = gate.settled;
    for (let cell = first; cell <= last; cell++) {
      add(usual, gate, cell - hourCells, 1);
      add(usual, gate, cell - hourCells - usualCells, -1);
      const hour = hourAt(gate, cell, usual);
      if (since < 0 && isAbove(hour, rule.times)) since = cell;
      // Half of what is above the usual has gone; an hour without vehicles changes nothing.
      else if (since >= 0 && hour.vehicles >= hourLeast && !isAbove(hour, (1 + rule.times) / 2)) {
        drafts.push(draftOf(index, since, cell, hour));
        since = -1;
      }
      if (cell === last && since >= 0) drafts.push(draftOf(index, since, null, hour));
      if (cell <= newest - openCells) gate.settled = since;
    }
    return drafts;
  }

  function draftOf(index: number, since: number, over: number | null, hour: Hour): Draft {
    const openedMs = (since + 1 - hourCells) * cellMs;
    return {
      rule: 'vehicle-high',
      unit: sources.id(index),
      openedMs,
      ...(over === null ? {} : { closedMs: (over + 1) * cellMs }),
      gist: '',
      describe: () => describe(index, openedMs, hour),
    };
  }

  function describe(index: number, startMs: number, { vehicles, high, expected, shares }: Hour): Description {
    const { id, district, lon, lat } = sources.all[index];
    const endMs = startMs + hourCells * cellMs;
    const share = (count: number) => Math.round((count / vehicles) * 1000) / 10;
    const of = { kind: 'vehicle', source: id, startMs, endMs } as const;
    return {
      severity: 'notice',
      place: { district, ...(lon === undefined || lat === undefined ? {} : { lon, lat }) },
      sources: [id],
      evidence: [
        { ...of, metric: 'rows', value: share(high), unit: '%', limit: share(expected), side: 'above', says: 'highEmitters' },
        { ...of, metric: 'rows', value: vehicles, unit: '1', says: 'vehicles' },
        ...besideRoad(sources.all[index], startMs, endMs, shares),
      ],
      candidates: [],
    };
  }

  /**
   * What the nearest station measured in the hour, and how much of what it shows above its neighbours the high emitters may have
   * given off: told beside it, and no proof. Its air is that of all roads around.
   */
  function besideRoad({ lon, lat }: Source, startMs: number, endMs: number, shares: readonly number[]): Evidence[] {
    let best = -1;
    let leastKm: number = besideKm;
    stations.all.forEach((station, index) => {
      if (lon === undefined || lat === undefined || station.lon === undefined || station.lat === undefined) return;
      const km = distanceKm({ lon, lat }, { lon: station.lon, lat: station.lat });
      if (km >= leastKm) return;
      leastKm = km;
      best = index;
    });
    if (best < 0) return [];
    const steps = { fromStep: startMs / minuteMs, toStep: endMs / minuteMs - 1 };
    const of = { series: minutes, kind: 'air', source: best, sources: stations, ...steps } as const;
    const around = neighboursOf(stations.all, neighbourhood)[best] ?? [];
    return gases.flatMap(({ air: metric }, g) => {
      const measured = meanEvidence({ ...of, metric }, 'stationBesideRoad');
      if (!(measured.value >= 0)) return [];
      const line = { series: minutes, kind: 'air', metric } as const;
      const others = Float64Array.from(around, (each) => meanOf(line, each.index, [steps.fromStep, steps.toStep])).filter(
        (value) => !Number.isNaN(value),
      );
      const rise = others.length < neighboursLeast ? Number.NaN : measured.value - medianOf(others, others.length);
      if (!(rise > 0 && shares[g] >= 0)) return [measured];
      const ofRise = { value: atResolution('air', metric, rise * shares[g]), limit: atResolution('air', metric, rise) };
      return [measured, { ...measured, ...ofRise, side: 'below' as const, says: 'highEmittersOfRise' as const }];
    });
  }

  return {
    rules: ['vehicle-high'],
    kinds: ['vehicle'],
    setSources(kind, first, added) {
      sources.set(kind, first, added);
      stations.set(kind, first, added);
    },
    leave(kind, indices) {
      if (kind !== 'vehicle') return;
      const units = new Set(indices.map(sources.id));
      for (const index of indices) gates[index] = undefined;
      tellings.leave(({ unit }) => units.has(unit));
    },
    take({ rows, source, bin, eventMs, values, text }) {
      for (let row = 0; row < rows; row++) {
        const cell = Math.floor(eventMs[row] / cellMs);
        if (!isTaken(bin[row]) || cell > newest + 1 || cell <= newest - openCells || Number.isNaN(newest)) continue;
        let gate = gates[source[row]];
        if (gate === undefined) {
          gate = { counts: new Uint32Array(ringCells * width), settled: -1 };
          gates[source[row]] = gate;
        }
        const named = classes.indexOf((text?.class?.[row] ?? 'other') as (typeof classes)[number]);
        const at = slotOf(cell) + 2 * (named < 0 ? classes.length - 1 : named);
        gate.counts[at] += 1;
        const high = isHigh(values, row);
        if (high) gate.counts[at + 1] += 1;
        for (let g = 0; g < gases.length; g++) {
          const given = values[gases[g].own][row];
          if (!(given > 0)) continue;
          const of = slotOf(cell) + classWidth + 2 * g;
          gate.counts[of] += given;
          if (high) gate.counts[of + 1] += given;
        }
      }
    },
    advance({ nowMs }): readonly Finding[] {
      const cell = Math.floor((nowMs - settleMs) / cellMs);
      if (cell <= newest) return [];
      let drafts: Draft[] = [];
      // One by one, also where the clock has leapt; not more than there are.
      for (let next = Math.max(cell - ringCells, Number.isNaN(newest) ? cell : newest + 1); next <= cell; next++) {
        goOn(next);
        drafts = gates.flatMap((gate, index) => (gate === undefined ? [] : draftsOf(index, gate, next - 1)));
        settledCell = next - openCells;
      }
      return tellings.update(drafts, { nowMs, settledMs: (settledCell + 1) * cellMs });
    },
    save: (): Saved => ({
      gates: gates.map((gate) => gate && { ...gate, counts: gate.counts.slice() }),
      newest,
      settledCell,
      told: tellings.save(),
    }),
    restore(state) {
      const saved = state as Saved;
      gates = saved.gates.map((gate) => gate && { ...gate, counts: gate.counts.slice() });
      ({ newest, settledCell } = saved);
      tellings.restore(saved.told);
    },
  };
}
