// Normal production: who works when and at what load, by shifts, weekends, the Spring Festival, short stops and slow noise.

import type { ProcessRef } from '../processes.ts';
import { streamOf, uniform } from '../random.ts';
import { dayNumber, dayStartMs, daysFromNewYear, hourMs, minuteMs, minuteOfDay, weekday } from './beijingDay.ts';

/** One Beijing day of one process. `startMs` = `endMs` = Infinity: no work. -Infinity, Infinity: through midnight. */
export interface DayPlan {
  readonly startMs: number;
  readonly endMs: number;
  readonly level: number;
  /** A short stop; the treatment stays on. */
  readonly pauseFromMs: number;
  readonly pauseToMs: number;
}

/** Start and end, minutes of the day [D; brief: day 07:30–18, two 06–22]. */
const dayShift = [450, 1080] as const;
const twoShifts = [360, 1320] as const;
/** Everybody of an enterprise starts within this of the nominal time, minutes either way [D]. */
const shiftSpreadMinutes = 20;
/** From standstill to the load of the day [D]. */
const rampMs = 8 * minuteMs;
/** Share of enterprises that work on a Saturday or Sunday: small ones and single shifts, two shifts; three never rest [D]. */
const weekendSmall = { saturday: 0.75, sunday: 0.45 } as const;
const weekendTwo = { saturday: 0.95, sunday: 0.8 } as const;
/** Days before and after the lunar New Year on which an enterprise closes: earliest and latest [D]. */
const festivalFrom = [-10, -3] as const;
const festivalTo = [6, 15] as const;
/** Share that works through the festival; furnaces go on at a lower load [D]. */
const festivalShare = { continuous: 1, three: 0.15, two: 0.03, day: 0.03 } as const;
const festivalLoad = 0.75;
/** Load of the day, uniform [D]. */
const levelLow = 0.78;
const levelHigh = 0.98;
/** Chance of a short stop a day and its length [D]. */
const pauseChance = { continuous: 0.02, three: 0.05, two: 0.05, day: 0.05 } as const;
const pauseMinutes = { continuous: [60, 300], three: [15, 60], two: [10, 40], day: [10, 40] } as const;
/** Slow noise of the load: knots and largest share either way [D]. */
const knotMs = 30 * minuteMs;
const noiseShare = 0.08;
/** Three shifts hand over at 06, 14 and 22 h: half an hour at this share [D]. */
const handOverMinutes = [360, 840, 1320];
const handOverShare = 0.55;
const handOverLength = 30;
/** The treatment starts 5–10 min before production and stops 5 min after. */
const leadMinutes = [5, 10] as const;
const lagMs = 5 * minuteMs;
/** Share of rated power that a treatment draws without load [D]. */
export const treatmentIdleShare = 0.5;

const noWork: DayPlan = {
  startMs: Number.POSITIVE_INFINITY,
  endMs: Number.POSITIVE_INFINITY,
  level: 0,
  pauseFromMs: 0,
  pauseToMs: 0,
};

export interface Shifts {
  /** The plan of process `i` on a Beijing day: depends on nothing but seed, names and day. */
  readonly plan: (i: number, day: number) => DayPlan;
  /** Load of process `i` without its noise, at any time. */
  readonly loadAt: (i: number, ms: number) => number;
  /** Brings `load` and `treatmentOn` to a time. */
  readonly step: (ms: number) => void;
  readonly load: Float32Array;
  /** 1: the treatment runs (where there is one). */
  readonly treatmentOn: Uint8Array;
}

export function makeShifts(seed: number, processes: readonly ProcessRef[]): Shifts {
  const count = processes.length;
  const streams = processes.map(({ enterprise, process }) => ({
    closed: streamOf(`festival ${enterprise.id}`),
    weekend: streamOf(`weekend ${enterprise.id}`),
    spread: streamOf(`shift ${enterprise.id}`),
    through: streamOf(`through the festival ${enterprise.id} ${process.id}`),
    level: streamOf(`load of the day ${enterprise.id} ${process.id}`),
    pause: streamOf(`short stop ${enterprise.id} ${process.id}`),
    fixed: streamOf(`process ${enterprise.id} ${process.id}`),
  }));
  const between = (stream: number, tick: number, low: number, high: number) => low + (high - low) * uniform(seed, stream, tick);

  function inFestival(i: number, day: number): boolean {
    const from = daysFromNewYear(day);
    if (Number.isNaN(from)) return false;
    const year = day - from;
    const { closed } = streams[i];
    return (
      from >= Math.round(between(closed, year, festivalFrom[0], festivalFrom[1])) &&
      from <= Math.round(between(closed, year + 1, festivalTo[0], festivalTo[1]))
    );
  }

  function works(i: number, day: number): boolean {
    const { enterprise, process } = processes[i];
    if (inFestival(i, day)) {
      const year = day - daysFromNewYear(day);
      if (uniform(seed, streams[i].through, year) >= festivalShare[process.shifts]) return false;
    }
    const of = weekday(day);
    if (of !== 0 && of !== 6) return true;
    if (process.shifts === 'continuous' || process.shifts === 'three') return true;
    const share = enterprise.smallMicro === true || process.shifts === 'day' ? weekendSmall : weekendTwo;
    return uniform(seed, streams[i].weekend, day) < (of === 6 ? share.saturday : share.sunday);
  }

  function hours(i: number, day: number): readonly [startMs: number, endMs: number] {
    const { shifts } = processes[i].process;
    const midnight = dayStartMs(day);
    const spread = Math.round(between(streams[i].spread, 0, -shiftSpreadMinutes, shiftSpreadMinutes));
    if (shifts === 'day') return [midnight + (dayShift[0] + spread) * minuteMs, midnight + (dayShift[1] + spread) * minuteMs];
    if (shifts === 'two') return [midnight + (twoShifts[0] + spread) * minuteMs, midnight + (twoShifts[1] + spread) * minuteMs];
    // Round the clock; the first day after a rest begins with the morning shift, the last ends with the evening one.
    return [
      works(i, day - 1) ? Number.NEGATIVE_INFINITY : midnight + (twoShifts[0] + spread) * minuteMs,
      works(i, day + 1) ? Number.POSITIVE_INFINITY : midnight + (twoShifts[1] + spread) * minuteMs,
    ];
  }

  function plan(i: number, day: number): DayPlan {
    if (!works(i, day)) return noWork;
    const { shifts } = processes[i].process;
    const [startMs, endMs] = hours(i, day);
    // A furnace keeps its load over midnight.
    const level = between(streams[i].level, shifts === 'continuous' ? 0 : day, levelLow, levelHigh);
    const paused = uniform(seed, streams[i].pause, day * 4) < pauseChance[shifts];
    const [shortest, longest] = pauseMinutes[shifts];
    const pauseFromMs = paused ? dayStartMs(day) + Math.floor(between(streams[i].pause, day * 4 + 1, 0, 19)) * hourMs : 0;
    const pauseToMs = pauseFromMs + Math.round(between(streams[i].pause, day * 4 + 2, shortest, longest)) * minuteMs;
    const share = inFestival(i, day) ? festivalLoad : 1;
    return { startMs, endMs, level: level * share, pauseFromMs, pauseToMs: paused ? pauseToMs : 0 };
  }

  const lead = Float64Array.from(
    streams,
    ({ fixed }) => Math.round(between(fixed, 0, leadMinutes[0], leadMinutes[1])) * minuteMs,
  );
  const dips = Float32Array.from({ length: 1440 }, (_, minute) =>
    handOverMinutes.some((at) => minute >= at - handOverLength / 2 && minute < at + handOverLength / 2) ? handOverShare : 1,
  );
  const dipShift = Int32Array.from(streams, ({ fixed }, i) =>
    processes[i].process.shifts === 'three' ? Math.round(between(fixed, 1, 1430, 1450)) : -1,
  );
  const startMs = new Float64Array(count);
  const endMs = new Float64Array(count);
  const level = new Float64Array(count);
  const pauseFromMs = new Float64Array(count);
  const pauseToMs = new Float64Array(count);
  const noiseFrom = new Float64Array(count);
  const noiseTo = new Float64Array(count);
  const load = new Float32Array(count);
  const treatmentOn = new Uint8Array(count);
  const noiseStreams = Uint32Array.from(processes, ({ enterprise, process }) => streamOf(`noise ${enterprise.id} ${process.id}`));
  let plannedDay = Number.NaN;
  let plannedKnot = Number.NaN;

  function planDay(day: number): void {
    for (let i = 0; i < count; i++) {
      const each = plan(i, day);
      startMs[i] = each.startMs;
      endMs[i] = each.endMs;
      level[i] = each.level;
      pauseFromMs[i] = each.pauseFromMs;
      pauseToMs[i] = each.pauseToMs;
    }
    plannedDay = day;
  }

  function planNoise(knot: number): void {
    const onward = knot === plannedKnot + 1;
    for (let i = 0; i < count; i++) {
      noiseFrom[i] = onward ? noiseTo[i] : noiseShare * (2 * uniform(seed, noiseStreams[i], knot) - 1);
      noiseTo[i] = noiseShare * (2 * uniform(seed, noiseStreams[i], knot + 1) - 1);
    }
    plannedKnot = knot;
  }

  function step(ms: number): void {
    const day = dayNumber(ms);
    if (day !== plannedDay) planDay(day);
    const knot = Math.floor(ms / knotMs);
    if (knot !== plannedKnot) planNoise(knot);
    const share = ms / knotMs - knot;
    const minute = Math.floor(minuteOfDay(ms));
    for (let i = 0; i < count; i++) {
      const start = startMs[i];
      const end = endMs[i];
      treatmentOn[i] = ms >= start - lead[i] && ms < end + lagMs ? 1 : 0;
      if (ms < start || ms >= end || (ms < pauseToMs[i] && ms >= pauseFromMs[i])) {
        load[i] = 0;
        continue;
      }
      let value = level[i] * (1 + noiseFrom[i] + (noiseTo[i] - noiseFrom[i]) * share);
      const fromStart = ms - start;
      if (fromStart < rampMs) value *= fromStart / rampMs;
      const toEnd = end - ms;
      if (toEnd < rampMs) value *= toEnd / rampMs;
      const shift = dipShift[i];
      if (shift >= 0) value *= dips[(minute + shift) % 1440];
      load[i] = value;
    }
  }

  function loadAt(i: number, ms: number): number {
    const of = plan(i, dayNumber(ms));
    const idle = ms < of.startMs || ms >= of.endMs || (ms < of.pauseToMs && ms >= of.pauseFromMs);
    return idle ? 0 : of.level;
  }

  return { plan, loadAt, step, load, treatmentOn };
}
