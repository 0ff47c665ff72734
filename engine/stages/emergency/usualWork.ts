// How each process usually works: what it draws at each hour of normal days, how often it is on, what else its meters show then.

import { median } from '../../domain/quality.ts';
import { hourOf, isWeekend, type Quarter, quarterMs, type Unit } from './quarters.ts';

/** Of one process, as known when an order begins. Loads are shares of full load; NaN: not known. */
export interface Usual {
  /** Normal days that it was seen at work in. */
  readonly days: number;
  /** What it draws when it stands. */
  readonly idleKw: number;
  /** By hour of the day: load while on, and how much of the hour it is on. */
  readonly load: readonly number[];
  readonly onWorkday: readonly number[];
  readonly onWeekend: readonly number[];
  /** Load while on, over all hours. */
  readonly working: number;
  /** Farthest that a day's mean load was from the middle one, as a share of it; NaN: too few days. */
  readonly spread: number;
  /** The most that the main meter carried beside the sub-meters. */
  readonly restMostKw: number;
  readonly treatmentKw: number;
  readonly flowM3S: number;
  readonly gases: readonly number[];
}

export interface UsualOptions {
  readonly baselineDays: number;
  readonly onShare: number;
  readonly idleTimes: number;
}

/** Less than this share of its best hours is standing, also where that draws much: heated and lit lines [ours]. */
const standsBelow = 0.25;
/** What a line draws without load, where it was never seen standing [ours, as our simulated city has it]. */
export const standby = 0.06;
/** Flow without load, as a share of that at full load; it grows evenly with the load [ours]. */
export const flowAtIdle = 0.35;

const hours = 24;
const quartersOfHour = 4;
/** Of the quarters of an hour so many must be known. */
const knownOfHour = 3;
/** The rest of the works counts on days with so many quarters of work. */
const restQuarters = 24;

type DayField = 'peak' | 'level' | 'idle' | 'rest' | 'treatment' | 'flow' | 'gas0' | 'gas1' | 'gas2';
const dayFields: readonly DayField[] = ['peak', 'level', 'idle', 'rest', 'treatment', 'flow', 'gas0', 'gas1', 'gas2'];

/** The most of the day counts, not the mean. */
const isMost = (field: DayField) => field === 'rest' || field === 'peak';

interface Saved {
  readonly ids: readonly string[];
  readonly columns: Columns;
}

interface Columns {
  /** By unit, hour and place in the ring: what the signal showed while on, share of the hour that it was on, 1 at weekends. */
  readonly value: Float32Array;
  readonly on: Float32Array;
  readonly weekend: Uint8Array;
  readonly written: Uint32Array;
  /** By unit, field and place in the ring. */
  readonly daily: Float32Array;
  readonly dailyWritten: Uint32Array;
  /** By unit: the hour and the day that go on. */
  readonly hour: Float64Array;
  readonly day: Float64Array;
  /** By unit: known, on, sum while on, of the hour. */
  readonly ofHour: Float64Array;
  /** By unit and field: count, sum; and quarters with work. */
  readonly ofDay: Float64Array;
  readonly worked: Uint16Array;
}

export interface UsualWork {
  /** Quarters of one unit in their order. */
  add(unit: number, quarter: number, of: Quarter): void;
  usual(unit: number): Usual;
  save(): Saved;
  restore(saved: unknown): void;
}

export function usualWork(units: readonly Unit[], ids: readonly string[], options: UsualOptions): UsualWork {
  const ring = options.baselineDays;
  const count = units.length;
  const widths: Readonly<Record<keyof Columns, number>> = {
    ...{ value: hours * ring, on: hours * ring, weekend: hours * ring, written: hours },
    ...{ daily: dayFields.length * ring, dailyWritten: dayFields.length, hour: 1, day: 1 },
    ...{ ofHour: 3, ofDay: dayFields.length * 2, worked: 1 },
  };
  let columns: Columns = {
    value: new Float32Array(count * widths.value),
    on: new Float32Array(count * widths.on),
    weekend: new Uint8Array(count * widths.weekend),
    written: new Uint32Array(count * widths.written),
    daily: new Float32Array(count * widths.daily),
    dailyWritten: new Uint32Array(count * widths.dailyWritten),
    hour: new Float64Array(count).fill(Number.NaN),
    day: new Float64Array(count).fill(Number.NaN),
    ofHour: new Float64Array(count * widths.ofHour),
    ofDay: new Float64Array(count * widths.ofDay),
    worked: new Uint16Array(count),
  };

  function dailyOf(unit: number, field: DayField): Float32Array {
    const at = unit * dayFields.length + dayFields.indexOf(field);
    return columns.daily.subarray(at * ring, at * ring + Math.min(ring, columns.dailyWritten[at]));
  }

  function closeHour(unit: number): void {
    const [known, on, sum] = columns.ofHour.subarray(unit * 3, unit * 3 + 3);
    const hour = columns.hour[unit];
    if (known >= knownOfHour) {
      const at = unit * hours + hourOf(hour * 3_600_000);
      const place = at * ring + (columns.written[at] % ring);
      columns.value[place] = on === 0 ? Number.NaN : sum / on;
      columns.on[place] = on / known;
      columns.weekend[place] = isWeekend(hour * 3_600_000) ? 1 : 0;
      columns.written[at] += 1;
    }
    columns.ofHour.fill(0, unit * 3, unit * 3 + 3);
  }

  /** By unit: what the days before say, until another has ended. */
  const known: ({ readonly idleKw: number; readonly peak: number } | undefined)[] = units.map(() => undefined);

  function daysBefore(unit: number) {
    known[unit] ??= { idleKw: idle(unit), peak: middle(dailyOf(unit, 'peak')) };
    return known[unit];
  }

  function closeDay(unit: number): void {
    known[unit] = undefined;
    dayFields.forEach((field, f) => {
      const at = unit * dayFields.length + f;
      const [count, sum] = columns.ofDay.subarray(at * 2, at * 2 + 2);
      if (count === 0 || (field === 'rest' && columns.worked[unit] < restQuarters)) return;
      columns.daily[at * ring + (columns.dailyWritten[at] % ring)] = isMost(field) ? sum : sum / count;
      columns.dailyWritten[at] += 1;
    });
    columns.ofDay.fill(0, unit * dayFields.length * 2, (unit + 1) * dayFields.length * 2);
    columns.worked[unit] = 0;
  }

  function count1(unit: number, field: DayField, value: number): void {
    if (Number.isNaN(value)) return;
    const at = (unit * dayFields.length + dayFields.indexOf(field)) * 2;
    const { ofDay } = columns;
    ofDay[at + 1] = isMost(field) && ofDay[at] > 0 ? Math.max(ofDay[at + 1], value) : ofDay[at + 1] + value;
    ofDay[at] += 1;
  }

  return {
    add(unit, quarter, of) {
      const hour = Math.floor(quarter / quartersOfHour);
      const day = Math.floor((hour + 8) / hours); // Beijing
      if (columns.hour[unit] !== hour) {
        if (!Number.isNaN(columns.hour[unit])) closeHour(unit);
        columns.hour[unit] = hour;
      }
      if (columns.day[unit] !== day) {
        if (!Number.isNaN(columns.day[unit])) closeDay(unit);
        columns.day[unit] = day;
      }
      const { watched, production } = units[unit];
      const signal = production < 0 ? of.flowM3S : of.kw;
      if (Number.isNaN(signal)) return;
      const least =
        production < 0
          ? 0.8 * flowAtIdle * (watched.flowM3S ?? Number.NaN)
          : onFromKw(units[unit], daysBefore(unit).idleKw, options);
      const isOn = signal > least && !(signal < standsBelow * daysBefore(unit).peak);
      count1(unit, 'peak', signal);
      const at = unit * 3;
      columns.ofHour[at] += 1;
      if (isOn) {
        columns.ofHour[at + 1] += 1;
        columns.ofHour[at + 2] += signal;
        columns.worked[unit] += 1;
        count1(unit, 'level', signal);
        count1(unit, 'treatment', of.treatmentKw);
        count1(unit, 'flow', of.flowM3S);
        of.gases.forEach((gas, g) => {
          count1(unit, `gas${g as 0 | 1 | 2}`, gas);
        });
      } else if (production >= 0) count1(unit, 'idle', signal);
      count1(unit, 'rest', of.restKw);
    },
    usual(unit) {
      const { watched, production } = units[unit];
      const hoursSeen = hoursOf(unit);
      const idleKw = idle(unit, hoursSeen);
      const loadOf = (signal: number) =>
        production < 0 ? flowLoad(signal, watched.flowM3S) : loadOfKw(signal, idleKw, watched.ratedKw);
      const isAlike = watched.shifts === 'continuous' || watched.shifts === 'three';
      const ofDays = (weekend: 0 | 1) => hoursSeen.byHour.map((hour) => meanOn(hour, weekend, isAlike));
      const most = (values: ArrayLike<number>) =>
        Array.from(values).reduce((best, each) => (each > best || Number.isNaN(best) ? each : best), Number.NaN);
      return {
        days: Math.max(0, ...hoursSeen.byHour.map(({ values }) => values.length)),
        idleKw,
        load: hoursSeen.byHour.map(({ values }) => loadOf(middle(values))),
        onWorkday: ofDays(0),
        onWeekend: ofDays(1),
        working: loadOf(middle(hoursSeen.byHour.flatMap(({ values }) => values))),
        spread: spreadOf([...dailyOf(unit, 'level')].map(loadOf)),
        restMostKw: most(dailyOf(unit, 'rest')),
        treatmentKw: middle(dailyOf(unit, 'treatment')),
        flowM3S: middle(dailyOf(unit, 'flow')),
        gases: (['gas0', 'gas1', 'gas2'] as const).map((field) => middle(dailyOf(unit, field))),
      };
    },
    save: () => ({
      ids,
      columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice()])) as unknown as Columns,
    }),
    restore(state) {
      const saved = state as Saved;
      known.fill(undefined);
      const own = new Map(ids.map((id, unit) => [id, unit]));
      // A unit keeps what is known of it under another register.
      for (const name of Object.keys(widths) as (keyof Columns)[]) {
        const [from, to, width] = [saved.columns[name], columns[name], widths[name]];
        saved.ids.forEach((id, before) => {
          const unit = own.get(id);
          if (unit !== undefined) to.set(from.subarray(before * width, (before + 1) * width), unit * width);
        });
      }
      columns = { ...columns };
    },
  };

  /** What was seen by hour of the day; what looked like work before its best hours were known is told apart now. */
  function hoursOf(unit: number): Hours {
    const seen = Array.from({ length: hours }, (_, hour) => {
      const at = unit * hours + hour;
      const range = [at * ring, at * ring + Math.min(ring, columns.written[at])] as const;
      const [values, on, weekend] = [columns.value, columns.on, columns.weekend].map((column) => [...column.subarray(...range)]);
      return { values, on, weekend };
    });
    const best = Math.max(
      0,
      ...seen.map(({ values }) => middle(values.filter((value) => !Number.isNaN(value)))).filter((each) => each > 0),
    );
    const standing: number[] = [];
    const byHour = seen.map(({ values, on, weekend }) => ({
      values: values.filter((value) => {
        if (value < standsBelow * best) standing.push(value);
        return value >= standsBelow * best;
      }),
      on: on.map((share, i) => (values[i] < standsBelow * best ? 0 : share)),
      weekend,
    }));
    return { byHour, standing };
  }

  function idle(unit: number, { standing }: Pick<Hours, 'standing'> = { standing: [] }): number {
    const seen = middle([...dailyOf(unit, 'idle'), ...standing]);
    return Number.isNaN(seen) ? standby * units[unit].watched.ratedKw : seen;
  }
}

interface HourSeen {
  readonly values: readonly number[];
  readonly on: readonly number[];
  readonly weekend: readonly number[];
}

interface Hours {
  readonly byHour: readonly HourSeen[];
  readonly standing: readonly number[];
}

/** Of fewer days chance makes it too small. */
const spreadDays = 7;

function spreadOf(loads: readonly number[]): number {
  const own = middle(loads);
  return loads.length < spreadDays ? Number.NaN : Math.max(...loads.map((load) => Math.abs(load / own - 1)));
}

/** On above this. Example: rated 100 kW, idle 6: 10; idle 12: 18. */
export function onFromKw({ watched }: Unit, idleKw: number, { onShare, idleTimes }: UsualOptions): number {
  return Math.max(onShare * watched.ratedKw, idleTimes * idleKw);
}

export function loadOfKw(kw: number, idleKw: number, ratedKw: number): number {
  return Math.max(0, (kw - idleKw) / (ratedKw - idleKw));
}

export function flowLoad(flowM3S: number, fullM3S: number | undefined): number {
  return Math.max(0, (flowM3S / (fullM3S ?? Number.NaN) - flowAtIdle) / (1 - flowAtIdle));
}

function middle(values: ArrayLike<number>): number {
  return values.length === 0 ? Number.NaN : median(values);
}

/** Of days of one kind; where none was seen of all, if its shifts know no weekend. */
function meanOn({ on, weekend }: HourSeen, kind: 0 | 1, isAlike: boolean): number {
  const own = on.filter((_, i) => weekend[i] === kind);
  const of = own.length > 0 || !isAlike ? own : on;
  return of.length === 0 ? Number.NaN : of.reduce((sum, each) => sum + each, 0) / of.length;
}

/** How much of the hour it usually is on; NaN: not known. */
export function usuallyOn({ onWorkday, onWeekend }: Usual, quarter: number): number {
  const ms = quarter * quarterMs;
  return (isWeekend(ms) ? onWeekend : onWorkday)[hourOf(ms)];
}

/** Load while on at this hour, or that of all hours; NaN: not known. */
export function usualLoad({ load, working }: Usual, quarter: number): number {
  const own = load[hourOf(quarter * quarterMs)];
  return Number.isNaN(own) ? working : own;
}

/** The most of this hour and those beside it: shifts begin, end and hand over within an hour. What a limit is a share of. */
export function usualMost(usual: Usual, quarter: number): number {
  const hour = hourOf(quarter * quarterMs);
  const near = [hour - 1, hour, hour + 1].map((each) => usual.load[(each + hours) % hours]).filter((load) => !Number.isNaN(load));
  return near.length === 0 ? usual.working : Math.max(...near);
}
