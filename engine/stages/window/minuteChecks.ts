// Judges each minute of a source as it closes, in event time: so the order and the batching of rows cannot change a flag.

import { isFlat, isFoggy, isInverted, isNegative, isSaturated, isSpike, spikeValues } from '../../domain/quality.ts';
import { catalog, type Kind, metricIndex } from '../../schema/catalog.ts';
import { Flag, type RuleAction } from '../../schema/flags.ts';
import { Cell, cellFields, inUnit } from './cell.ts';

/** Parameters of the checks of minutes: `engine/config.ts` has the defaults, with their reasons. */
export interface MinuteChecksOptions {
  readonly spike: RuleAction;
  readonly spikeMads: number;
  /** µg/m³; CO in mg/m³ a tenth of the number (30 -> 3 mg/m³) [P, ours]. */
  readonly spikeMin: number;
  readonly flat: RuleAction;
  readonly flatMinutes: number;
  readonly flatWindMinutes: number;
  /** Calmer air is exempt: a vane that does not turn is then no fault. */
  readonly flatWindMps: number;
  readonly inversion: RuleAction;
  readonly inversionFactor: number;
  readonly inversionOffset: number;
  readonly inversionMinutes: number;
  readonly stuck: RuleAction;
  readonly stuckMinutes: number;
  readonly warmUp: RuleAction;
  readonly warmUpMs: number;
  readonly fogRhPct: number;
}

export interface MinuteChecks {
  reserve(sources: number): void;
  /** Silence after which a source is taken to have been switched on again. */
  setIdle(source: number, idleMs: number): void;
  /** Adds the flags of a source's minute that closes, one mask per metric. A minute behind one that was judged before has no minutes before it to be compared with. */
  judge(source: number, minute: number, pane: JudgedPane): void;
  save(): SavedMinuteChecks;
  restore(saved: SavedMinuteChecks): void;
}

export interface JudgedPane {
  readonly cells: Float64Array;
  readonly flags: Uint16Array;
}

/** Per source, or per source and metric. */
export interface SavedMinuteChecks {
  readonly newest: Float64Array;
  readonly idleMinutes: Float64Array;
  readonly warmUntil: Float64Array;
  readonly inverted: Uint16Array;
  readonly saturated: Uint16Array;
  readonly recent: Float64Array;
  readonly recentCount: Uint8Array;
  readonly same: Float64Array;
  readonly sameMinutes: Uint16Array;
}

const minuteMs = 60_000;
/** After a longer gap the minutes before it say nothing. */
const forgetMinutes = 15;
const countMax = 65_535;

// Short peaks of a dust site are what its limit is about, so they are not called spikes. Stacks, VOC, meters: fraud rules, not these.
const spikeMetrics: Partial<Record<Kind, readonly string[]>> = { air: ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co'] };
const flatMetrics: Partial<Record<Kind, readonly string[]>> = {
  air: ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co', 'windMps', 'windFromDeg'],
  dust: ['pm25', 'pm10', 'tsp', 'windMps', 'windFromDeg'],
};
const pmMetrics: Partial<Record<Kind, readonly string[]>> = { air: ['pm25', 'pm10'], dust: ['pm25', 'pm10', 'tsp'] };
const coSpikeShare = 0.1;

/** Flags whose minutes stay out of larger windows. */
export function leftOutMask(options: MinuteChecksOptions): number {
  const rules = ['spike', 'flat', 'inversion', 'stuck', 'warmUp'] as const;
  return rules.reduce((mask, rule) => (options[rule] === 'leave-out' ? mask | Flag[rule] : mask), 0);
}

/** Undefined for kinds without checks. */
export function minuteChecks(kind: Kind, options: MinuteChecksOptions): MinuteChecks | undefined {
  if (pmMetrics[kind] === undefined) return undefined;
  const { metrics, idleMs } = catalog[kind];
  const width = metrics.length;
  const indices = (of: Partial<Record<Kind, readonly string[]>>) => new Set(of[kind]?.map((id) => metricIndex(kind, id)));
  const spikes = options.spike === 'off' ? new Set<number>() : indices(spikeMetrics);
  const flats = options.flat === 'off' ? new Set<number>() : indices(flatMetrics);
  const pms = indices(pmMetrics);
  const at = (id: string) => metricIndex(kind, id);
  const [pm25, pm10, wind, windFrom, humidity, co] = ['pm25', 'pm10', 'windMps', 'windFromDeg', 'rhPct', 'co'].map(at);
  let sources = 0;
  let state: SavedMinuteChecks = emptyState(0, width);
  const values = new Float64Array(width);

  function reserve(wanted: number): void {
    if (wanted <= sources) return;
    const grown = emptyState(Math.max(wanted, Math.ceil(sources * 1.5)), width);
    grown.idleMinutes.fill(Math.ceil(idleMs / minuteMs));
    for (const key of Object.keys(grown) as (keyof SavedMinuteChecks)[]) grown[key].set(state[key]);
    state = grown;
    sources = state.newest.length;
  }

  function forget(source: number): void {
    state.inverted[source] = 0;
    state.saturated[source] = 0;
    for (let i = source * width; i < (source + 1) * width; i++) {
      state.recentCount[i] = 0;
      state.sameMinutes[i] = 0;
    }
  }

  /** From the minutes before, which this one then joins. */
  function spikeAndFlat(source: number, m: number, cells: Float64Array, cell: number): number {
    const each = source * width + m;
    const value = values[m];
    let flags = 0;
    if (spikes.has(m)) {
      const from = each * spikeValues;
      const min = options.spikeMin * (m === co ? coSpikeShare : 1);
      const before = state.recent.subarray(from, from + spikeValues);
      if (state.recentCount[each] === spikeValues && isSpike(value, before, { mads: options.spikeMads, min }))
        flags |= Flag.spike;
      before.copyWithin(0, 1);
      before[spikeValues - 1] = value;
      if (state.recentCount[each] < spikeValues) state.recentCount[each] += 1;
    }
    if (flats.has(m)) {
      const isSame = cells[cell + Cell.min] === cells[cell + Cell.max] && cells[cell + Cell.min] === state.same[each];
      state.sameMinutes[each] = isSame ? Math.min(countMax, state.sameMinutes[each] + 1) : 1;
      state.same[each] = cells[cell + Cell.max];
      const isWind = m === wind || m === windFrom;
      const minutes = isWind ? options.flatWindMinutes : options.flatMinutes;
      if (isFlat(state.sameMinutes[each], { minutes }) && !(isWind && !(values[wind] >= options.flatWindMps))) flags |= Flag.flat;
    }
    return flags;
  }

  /** Adds to every PM metric that has a value. */
  function flagPm(flags: Uint16Array, from: number, flag: number): void {
    for (const m of pms) if (!Number.isNaN(values[m])) flags[from + m] |= flag;
  }

  function pair(source: number, flags: Uint16Array, from: number): void {
    const { inversionFactor: factor, inversionOffset: offset } = options;
    const isNow = isInverted(values[pm25], values[pm10], { factor, offset });
    state.inverted[source] = isNow ? Math.min(countMax, state.inverted[source] + 1) : 0;
    if (options.inversion === 'off' || state.inverted[source] < options.inversionMinutes) return;
    flags[from + pm25] |= Flag.inversion;
    flags[from + pm10] |= Flag.inversion;
  }

  function humid(source: number, flags: Uint16Array, from: number): void {
    if (humidity < 0) return;
    state.saturated[source] = isSaturated(values[humidity]) ? Math.min(countMax, state.saturated[source] + 1) : 0;
    const isStuck = options.stuck !== 'off' && state.saturated[source] >= options.stuckMinutes;
    if (isStuck) flags[from + humidity] |= Flag.stuck;
    else if (isFoggy(values[humidity], { abovePct: options.fogRhPct })) flagPm(flags, from, Flag.fog);
  }

  function warm(source: number, minute: number, flags: Uint16Array, from: number): void {
    const silent = minute - state.newest[source] - 1;
    // Before its first row nothing is known: it need not have been off.
    const isRestart = Number.isFinite(silent) && silent >= state.idleMinutes[source];
    if (isRestart && options.warmUp !== 'off') state.warmUntil[source] = minute + Math.ceil(options.warmUpMs / minuteMs);
    if (minute < state.warmUntil[source]) flagPm(flags, from, Flag.warmUp);
  }

  return {
    reserve,
    setIdle(source, ms) {
      reserve(source + 1);
      state.idleMinutes[source] = Math.ceil(ms / minuteMs);
    },
    judge(source, minute, { cells, flags }) {
      reserve(source + 1);
      const from = source * width;
      for (let m = 0; m < width; m++) {
        const cell = (from + m) * cellFields;
        const count = cells[cell + Cell.count];
        const isDirection = metrics[m].aggregate === 'direction';
        values[m] =
          count === 0
            ? Number.NaN
            : inUnit(metrics[m], cells[cell + (isDirection ? Cell.last : Cell.sum)], isDirection ? 1 : count);
        if (metrics[m].min < 0 && metrics[m].unit !== '°C' && isNegative(values[m])) flags[from + m] |= Flag.negative;
      }
      if (minute <= state.newest[source]) {
        if (humidity >= 0 && isFoggy(values[humidity], { abovePct: options.fogRhPct })) flagPm(flags, from, Flag.fog);
        return;
      }
      if (minute - state.newest[source] > forgetMinutes) forget(source);
      warm(source, minute, flags, from);
      for (let m = 0; m < width; m++)
        if (!Number.isNaN(values[m])) flags[from + m] |= spikeAndFlat(source, m, cells, (from + m) * cellFields);
      pair(source, flags, from);
      humid(source, flags, from);
      state.newest[source] = minute;
    },
    save: () => copied(state),
    restore(saved) {
      state = copied(saved);
      sources = state.newest.length;
    },
  };
}

function emptyState(sources: number, width: number): SavedMinuteChecks {
  return {
    newest: new Float64Array(sources).fill(Number.NEGATIVE_INFINITY),
    idleMinutes: new Float64Array(sources),
    warmUntil: new Float64Array(sources).fill(Number.NEGATIVE_INFINITY),
    inverted: new Uint16Array(sources),
    saturated: new Uint16Array(sources),
    recent: new Float64Array(sources * width * spikeValues),
    recentCount: new Uint8Array(sources * width),
    same: new Float64Array(sources * width).fill(Number.NaN),
    sameMinutes: new Uint16Array(sources * width),
  };
}

function copied(state: SavedMinuteChecks): SavedMinuteChecks {
  return Object.fromEntries(Object.entries(state).map(([key, column]) => [key, column.slice()])) as unknown as SavedMinuteChecks;
}
