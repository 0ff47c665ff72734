// Judges each minute of a source as it closes, in event time: so the order and the batching of rows cannot change a flag.

import { isFlat, isFoggy, isInverted, isNegative, isSaturated, isSpike } from '../../domain/quality.ts';
import { catalog, type Kind, metricIndex } from '../../schema/catalog.ts';
import { Flag, type RuleAction } from '../../schema/flags.ts';
import { Cell, cellFields, inUnit } from './cell.ts';

/** Parameters of the checks of minutes: `engine/config.ts` has the defaults, with their reasons. */
export interface MinuteChecksOptions {
  readonly spike: RuleAction;
  readonly spikeMinutes: number;
  readonly spikeMads: number;
  readonly spikeMin: number;
  readonly spikeMinCo: number;
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

/**
 * A source's minutes are judged in the order of event time, as far as they come in it. One that is behind (a later one was
 * judged before) goes into a second track, with the minutes behind that came before it: a backlog is compared with itself,
 * and with what was before the gap that it fills. One that finds too few minutes before it carries the flag `unchecked`.
 */
export interface MinuteChecks {
  /** Metrics that are compared with the minutes before, by position. */
  readonly compared: readonly number[];
  reserve(sources: number): void;
  /** Silence after which a source is taken to have been switched on again. */
  setIdle(source: number, idleMs: number): void;
  /** The flags of a source's minute, one mask per metric, until the next call. `at`: position of the minute in `cells`. */
  judge(source: number, minute: number, cells: Float64Array, at: number): Uint16Array;
  isBehind(source: number, minute: number): boolean;
  /** Minutes behind begin anew: what was judged there before says nothing of the next. */
  restart(source: number): void;
  save(): SavedMinuteChecks;
  restore(saved: SavedMinuteChecks): void;
}

/** Per source, or per source and metric. */
interface Track {
  readonly newest: Float64Array;
  readonly warmUntil: Float64Array;
  readonly inverted: Uint16Array;
  readonly saturated: Uint16Array;
  readonly recent: Float64Array;
  readonly recentCount: Uint8Array;
  readonly same: Float64Array;
  readonly sameMinutes: Uint16Array;
}

export interface SavedMinuteChecks {
  readonly idleMinutes: Float64Array;
  readonly ahead: Track;
  readonly behind: Track;
}

const minuteMs = 60_000;
/** After a longer gap the minutes before it say nothing. */
export const forgetMinutes = 15;
const countMax = 65_535;

// Short peaks of a dust site are what its limit is about, so they are not called spikes. Stacks, VOC, meters: fraud rules, not these.
const spikeMetrics: Partial<Record<Kind, readonly string[]>> = { air: ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co'] };
const flatMetrics: Partial<Record<Kind, readonly string[]>> = {
  air: ['pm25', 'pm10', 'so2', 'no2', 'o3', 'co', 'windMps', 'windFromDeg'],
  dust: ['pm25', 'pm10', 'tsp', 'windMps', 'windFromDeg'],
};
const pmMetrics: Partial<Record<Kind, readonly string[]>> = { air: ['pm25', 'pm10'], dust: ['pm25', 'pm10', 'tsp'] };

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
  let idleMinutes: Float64Array = new Float64Array(0);
  let ahead = emptyTrack(0, width, options.spikeMinutes);
  let behind = emptyTrack(0, width, options.spikeMinutes);
  const values = new Float64Array(width);
  const found = new Uint16Array(width);

  function reserve(wanted: number): void {
    if (wanted <= sources) return;
    const size = Math.max(wanted, Math.ceil(sources * 1.5));
    const idle = new Float64Array(size).fill(Math.ceil(idleMs / minuteMs));
    idle.set(idleMinutes);
    idleMinutes = idle;
    ahead = grown(ahead, size);
    behind = grown(behind, size);
    sources = size;
  }

  function grown(track: Track, size: number): Track {
    const larger = emptyTrack(size, width, options.spikeMinutes);
    for (const key of trackKeys) larger[key].set(track[key]);
    return larger;
  }

  /** The minutes behind go on where the gap begins that they may fill. */
  function rememberGap(source: number): void {
    if (ahead.newest[source] <= behind.newest[source]) return;
    for (const key of trackKeys) {
      const each = ahead[key].length / sources;
      behind[key].set(ahead[key].subarray(source * each, (source + 1) * each), source * each);
    }
  }

  function forget(track: Track, source: number): void {
    track.inverted[source] = 0;
    track.saturated[source] = 0;
    for (let i = source * width; i < (source + 1) * width; i++) {
      track.recentCount[i] = 0;
      track.sameMinutes[i] = 0;
    }
  }

  function restart(source: number): void {
    forget(behind, source);
    behind.newest[source] = Number.NEGATIVE_INFINITY;
  }

  /** From the minutes before, which this one then joins. */
  function spike(track: Track, source: number, m: number): number {
    const each = source * width + m;
    const count = options.spikeMinutes;
    const before = track.recent.subarray(each * count, (each + 1) * count);
    const min = m === co ? options.spikeMinCo : options.spikeMin;
    const isCompared = track.recentCount[each] === count;
    const isFar = isCompared && isSpike(values[m], before, { mads: options.spikeMads, min });
    before.copyWithin(0, 1);
    before[count - 1] = values[m];
    if (!isCompared) track.recentCount[each] += 1;
    if (isFar) return Flag.spike;
    return isCompared || track === ahead ? 0 : Flag.unchecked;
  }

  function flat(track: Track, source: number, m: number, cells: Float64Array, cell: number): number {
    const each = source * width + m;
    const isSame = cells[cell + Cell.min] === cells[cell + Cell.max] && cells[cell + Cell.min] === track.same[each];
    track.sameMinutes[each] = isSame ? Math.min(countMax, track.sameMinutes[each] + 1) : 1;
    track.same[each] = cells[cell + Cell.max];
    const isWind = m === wind || m === windFrom;
    const minutes = isWind ? options.flatWindMinutes : options.flatMinutes;
    const isStill = isFlat(track.sameMinutes[each], { minutes });
    return isStill && !(isWind && !(values[wind] >= options.flatWindMps)) ? Flag.flat : 0;
  }

  /** Adds to every PM metric that has a value. */
  function flagPm(flag: number): void {
    for (const m of pms) if (!Number.isNaN(values[m])) found[m] |= flag;
  }

  function pair(track: Track, source: number): void {
    const { inversionFactor: factor, inversionOffset: offset } = options;
    const isNow = isInverted(values[pm25], values[pm10], { factor, offset });
    track.inverted[source] = isNow ? Math.min(countMax, track.inverted[source] + 1) : 0;
    if (options.inversion === 'off' || track.inverted[source] < options.inversionMinutes) return;
    found[pm25] |= Flag.inversion;
    found[pm10] |= Flag.inversion;
  }

  function humid(track: Track, source: number): void {
    if (humidity < 0) return;
    track.saturated[source] = isSaturated(values[humidity]) ? Math.min(countMax, track.saturated[source] + 1) : 0;
    const isStuck = options.stuck !== 'off' && track.saturated[source] >= options.stuckMinutes;
    if (isStuck) found[humidity] |= Flag.stuck;
    else if (isFoggy(values[humidity], { abovePct: options.fogRhPct })) flagPm(Flag.fog);
  }

  /** Only ahead: whether a source was silent before a minute behind, nobody knows any more. */
  function warm(source: number, minute: number): void {
    const silent = minute - ahead.newest[source] - 1;
    // Before its first row nothing is known: it need not have been off.
    const isRestart = Number.isFinite(silent) && silent >= idleMinutes[source];
    if (isRestart && options.warmUp !== 'off') ahead.warmUntil[source] = minute + Math.ceil(options.warmUpMs / minuteMs);
    if (minute < ahead.warmUntil[source]) flagPm(Flag.warmUp);
  }

  function valuesOf(cells: Float64Array, from: number): void {
    for (let m = 0; m < width; m++) {
      const cell = (from + m) * cellFields;
      const count = cells[cell + Cell.count];
      const isDirection = metrics[m].aggregate === 'direction';
      values[m] =
        count === 0
          ? Number.NaN
          : inUnit(metrics[m], cells[cell + (isDirection ? Cell.last : Cell.sum)], isDirection ? 1 : count);
      if (metrics[m].min < 0 && metrics[m].unit !== '°C' && isNegative(values[m])) found[m] |= Flag.negative;
    }
  }

  return {
    compared: [...spikes],
    reserve,
    setIdle(source, ms) {
      reserve(source + 1);
      idleMinutes[source] = Math.ceil(ms / minuteMs);
    },
    isBehind: (source, minute) => source < sources && minute <= ahead.newest[source],
    restart(source) {
      reserve(source + 1);
      restart(source);
    },
    judge(source, minute, cells, at) {
      reserve(source + 1);
      found.fill(0);
      const from = at * width;
      valuesOf(cells, from);
      const track = minute > ahead.newest[source] ? ahead : behind;
      if (track === behind && minute <= behind.newest[source]) restart(source);
      if (minute - track.newest[source] > forgetMinutes) {
        if (track === ahead) rememberGap(source);
        forget(track, source);
      }
      if (track === ahead) warm(source, minute);
      for (let m = 0; m < width; m++) {
        if (Number.isNaN(values[m])) continue;
        if (spikes.has(m)) found[m] |= spike(track, source, m);
        if (flats.has(m)) found[m] |= flat(track, source, m, cells, (from + m) * cellFields);
      }
      pair(track, source);
      humid(track, source);
      track.newest[source] = minute;
      return found;
    },
    save: () => ({ idleMinutes: idleMinutes.slice(), ahead: copied(ahead), behind: copied(behind) }),
    restore(saved) {
      sources = saved.idleMinutes.length;
      idleMinutes = saved.idleMinutes.slice();
      ahead = fitted(saved.ahead);
      behind = fitted(saved.behind);
    },
  };

  /** With another number of minutes to look back, those that were kept are of no use. */
  function fitted(track: Track): Track {
    if (track.recent.length === sources * width * options.spikeMinutes) return copied(track);
    const recent = new Float64Array(sources * width * options.spikeMinutes);
    return { ...copied(track), recent, recentCount: new Uint8Array(sources * width) };
  }
}

function emptyTrack(sources: number, width: number, spikeMinutes: number): Track {
  return {
    newest: new Float64Array(sources).fill(Number.NEGATIVE_INFINITY),
    warmUntil: new Float64Array(sources).fill(Number.NEGATIVE_INFINITY),
    inverted: new Uint16Array(sources),
    saturated: new Uint16Array(sources),
    recent: new Float64Array(sources * width * spikeMinutes),
    recentCount: new Uint8Array(sources * width),
    same: new Float64Array(sources * width).fill(Number.NaN),
    sameMinutes: new Uint16Array(sources * width),
  };
}

const trackKeys = Object.keys(emptyTrack(0, 0, 0)) as readonly (keyof Track)[];

function copied(track: Track): Track {
  return Object.fromEntries(trackKeys.map((key) => [key, track[key].slice()])) as unknown as Track;
}
