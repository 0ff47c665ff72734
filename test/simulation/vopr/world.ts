// The rows of an episode: what each source measured, by a clock that may be wrong, and when it reaches its gateway.

import type { Register, Source } from '../../../engine/schema/register.ts';
import { streamOf, uniform } from '../../../simulator/world/random.ts';
import { testRegister } from '../../harness/engine.ts';
import { type Drawn, hourMs, minuteMs } from './draw.ts';

export const t0 = Date.parse('2026-01-05T08:00:00+08:00');
/** Behind the minutes of the episode the clock goes on in larger steps, until all that is late has come. */
const restStepMs = hourMs;

export interface Row {
  readonly kind: 'air' | 'cems' | 'vehicle' | 'forecast';
  readonly source: string;
  readonly eventMs: number;
  readonly periodMs: number;
  /** In units; NaN = gap. */
  readonly values: Readonly<Record<string, number>>;
  readonly marks?: Readonly<Record<string, string>>;
  readonly id?: string;
}

export interface Tick {
  readonly nowMs: number;
  /** Rows that come before it, by feed, in order. */
  readonly rows: readonly (readonly Row[])[];
}

export interface Planned {
  readonly source: Source;
  readonly feed: number;
  readonly cadenceMs: number;
  readonly periodMs: number;
}

export function worldOf(drawn: Drawn): { readonly register: Register; readonly ticks: readonly Tick[] } {
  const planned = sourcesOf(drawn);
  const arrivals: { row: Row; feed: number; atMs: number }[] = [];
  for (const [number, plan] of planned.entries()) {
    const chance = (name: string, i: number) =>
      uniform(drawn.seed, streamOf(`${plan.source.kind} ${name}`), number * 1_000_000 + i);
    const count = Math.ceil((drawn.minutes * minuteMs) / plan.cadenceMs);
    for (let i = 0; i < count; i++) {
      for (const row of rowsAt(drawn, plan, number, i)) {
        const atMs = arrivalMs(drawn, plan, number, i, chance);
        arrivals.push({ row, feed: plan.feed, atMs });
        if (chance('again', i) >= (drawn.isDense ? 0.01 : drawn.duplicateShare)) continue;
        // Most come again soon, some after days.
        const laterMs = chance('again late', i) < 0.05 ? 60 * hourMs : 20 * minuteMs;
        arrivals.push({ row, feed: plan.feed, atMs: atMs + Math.floor(chance('again when', i) * laterMs) });
      }
    }
  }
  const { districts } = testRegister;
  return {
    register: { ...testRegister, districts, sources: planned.map(({ source }) => source) },
    ticks: ticksOf(drawn, arrivals),
  };
}

/** Stations, one of them national (an hour a row), stacks (a minute and an hour a row), a lane, the forecast. */
function sourcesOf(drawn: Drawn): Planned[] {
  const [first, second] = testRegister.districts;
  const feed = (name: string, i: number) => Math.floor(uniform(drawn.seed, streamOf(`feed ${name}`), i) * drawn.feeds);
  const airMs = drawn.isDense ? 1_000 : minuteMs;
  const source = (kind: Source['kind'], id: string, cadenceMs: number, district = ''): Source => ({
    kind,
    id,
    zh: id,
    district,
    cadenceMs,
  });
  return [
    ...Array.from({ length: drawn.stations }, (_, i) => ({
      source: source('air', `V${i}`, airMs, i % 3 === 2 ? second.code : first.code),
      feed: drawn.isDense ? 0 : feed('air', i),
      cadenceMs: airMs,
      periodMs: 0,
    })),
    { source: source('air', 'NATIONAL', hourMs, first.code), feed: feed('national', 0), cadenceMs: hourMs, periodMs: hourMs },
    { source: source('cems', 'STACK', minuteMs), feed: feed('cems', 0), cadenceMs: minuteMs, periodMs: 0 },
    { source: source('cems', 'STACK-H', hourMs), feed: feed('cems', 1), cadenceMs: hourMs, periodMs: hourMs },
    { source: source('vehicle', 'LANE', 10_000), feed: feed('vehicle', 0), cadenceMs: 2 * minuteMs, periodMs: 0 },
    { source: source('forecast', 'CITY', hourMs), feed: feed('forecast', 0), cadenceMs: hourMs, periodMs: 0 },
  ];
}

function rowsAt(drawn: Drawn, plan: Planned, number: number, i: number): Row[] {
  const { kind, id: source } = plan.source;
  const chance = (name: string) => uniform(drawn.seed, streamOf(`value ${name}`), number * 1_000_000 + i);
  const eventMs = t0 + i * plan.cadenceMs + clockErrorMs(drawn, plan, number, i);
  const shared = { source, eventMs, periodMs: plan.periodMs };
  const tenths = (name: string, low: number, high: number) => Math.floor((low + chance(name) * (high - low)) * 10) / 10;
  switch (kind) {
    case 'air':
      return [{ ...shared, kind, values: airValues(chance, tenths) }];
    case 'cems':
      return [{ ...shared, kind, values: { so2: tenths('so2', 0, 60), flowM3S: tenths('flow', 5, 50) }, marks: marksOf(chance) }];
    case 'vehicle': {
      const at = { ...shared, eventMs: eventMs + Math.floor(chance('passes') * 100) * 1_000 };
      return [{ ...at, kind, values: { co: tenths('co', 0, 5), no: Math.floor(chance('no') * 900) }, id: `car-${i}` }];
    }
    default:
      return [0, 1, 2].map((day) => ({
        ...shared,
        kind: 'forecast' as const,
        values: {
          targetMs: t0 + day * 24 * hourMs,
          aqi: Math.floor(chance(`aqi ${day}`) * 300),
          pm25: tenths(`pm ${day}`, 0, 200),
        },
      }));
  }
}

/** Mostly quiet, with peaks that are spikes, values out of range, gaps, and rows without any value. */
function airValues(chance: (name: string) => number, tenths: (name: string, low: number, high: number) => number): Row['values'] {
  const what = chance('what');
  if (what < 0.005) return { pm25: Number.NaN, o3: Number.NaN, windMps: Number.NaN, windFromDeg: Number.NaN };
  const pm25 = what < 0.02 ? 1_500 : what < 0.04 ? Number.NaN : what < 0.08 ? tenths('peak', 90, 260) : tenths('pm25', 60, 90);
  return {
    pm25,
    o3: chance('o3 what') < 0.03 ? Number.NaN : tenths('o3', 90, 130),
    windMps: chance('wind what') < 0.03 ? Number.NaN : tenths('wind', 0, 12),
    windFromDeg: Math.floor(chance('wind from') * 361),
  };
}

function marksOf(chance: (name: string) => number): Row['marks'] {
  const marks = 'NMCDFTB';
  return chance('marked') < 0.3 ? { so2: marks[Math.floor(chance('mark') * marks.length)] } : {};
}

/** Minute stations have clocks of their own; the others are right. */
function clockErrorMs(drawn: Drawn, { source: { kind }, periodMs }: Planned, number: number, i: number): number {
  if (kind !== 'air' || periodMs > 0) return 0;
  const minute = drawn.isDense ? i / 60 : i;
  const { stepBack, stepForward } = drawn;
  const skewMs = Math.floor((uniform(drawn.seed, streamOf('skew'), number) - 0.8) * 10 * 60) * 1_000; // 8 min slow to 2 min fast
  return (
    skewMs +
    (number === drawn.dayAhead ? 24 * hourMs : 0) -
    (number === stepBack.station && minute >= stepBack.fromMinute ? stepBack.byMs : 0) +
    (number === stepForward.station && minute >= stepForward.fromMinute ? stepForward.byMs : 0)
  );
}

function arrivalMs(drawn: Drawn, plan: Planned, number: number, i: number, chance: (name: string, i: number) => number): number {
  const sentMs = t0 + i * plan.cadenceMs + plan.periodMs + 1;
  // Every second station is near and its rows are never late.
  const isNear = plan.source.kind === 'air' && number % 2 === 0;
  const lateMs =
    !isNear && chance('is late', i) < drawn.delayShare ? Math.floor(chance('late', i) * drawn.delayMaxMinutes) * minuteMs : 0;
  const { station, fromMinute, toMinute } = drawn.silent;
  const minute = (sentMs - t0) / minuteMs;
  const isSilent = number === station && minute >= fromMinute && minute < toMinute;
  // Dense: the gateway of all stations has no connection for most of the episode.
  const isCut = drawn.isDense && plan.feed === 0 && minute >= 5 && minute < 25;
  return Math.max(sentMs + lateMs, isSilent ? t0 + toMinute * minuteMs : 0, isCut ? t0 + 25 * minuteMs : 0);
}

function ticksOf(drawn: Drawn, arrivals: readonly { readonly row: Row; readonly feed: number; readonly atMs: number }[]): Tick[] {
  const endMs = arrivals.reduce((latest, { atMs }) => Math.max(latest, atMs), t0) + 2 * restStepMs;
  const times = Array.from({ length: drawn.minutes + 10 }, (_, i) => t0 + i * minuteMs);
  // On the hours: the clock is then where a horizon ends, to the millisecond.
  while (times[times.length - 1] < endMs) times.push((Math.floor(times[times.length - 1] / restStepMs) + 1) * restStepMs);
  const rows = times.map(() => Array.from({ length: drawn.feeds }, () => [] as Row[]));
  for (const { row, feed, atMs } of arrivals) rows[times.findIndex((nowMs) => nowMs >= atMs)][feed].push(row);
  return times.map((nowMs, tick) => ({
    nowMs,
    rows: rows[tick].map((each, feed) => shuffled(drawn.seed, each, tick * 100 + feed)),
  }));
}

/** Kinds and lengths one after the other, so that they fill frames; within them in any order. */
function shuffled(seed: number, rows: readonly Row[], at: number): Row[] {
  const keyed = rows.map((row, i) => ({
    row,
    group: `${row.kind} ${row.periodMs}`,
    by: uniform(seed, streamOf('order'), at * 100_000 + i),
  }));
  return keyed.sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.by - b.by)).map(({ row }) => row);
}
