// Makes sensors lie: values stuck, drifting, stepped, spiked, missing, cut off, mixed, damp or tampered with.

import { catalog, type Kind, kinds } from '../../../engine/schema/catalog.ts';
import type { Columns } from '../columns.ts';
import { normal, streamOf, uniform } from '../random.ts';
import type { FaultKind, FaultPlan, FaultRecord } from './faultRecord.ts';
import { addBadMinutes } from './gilbert.ts';
import { faultsOfHour, keptByHour } from './hourlyFaults.ts';
import { addPosition, type Positions, withoutRows } from './takeRows.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** From what is measured to what is stored: each acts on what the ones before left. */
const order: readonly FaultKind[] = [
  'cross_interference',
  'rh_runaway',
  'tamper',
  'drift',
  'step',
  'swap',
  'spike',
  'saturate',
  'stuck',
  'dropout',
];

/** Humidity response of a light-scattering monitor, kappa-Koehler form [K]; 0.35 as in the example scenario. */
const kappa = 0.35;
const dryDensity = 1.65;
const runawayTimes = 3;
/** Above this the formula grows without end; real monitors do not. */
const rhPctMax = 95;

/** PM10 falls that much more than PM2.5 behind a cover: coarse particles do not come around the corner [D]. */
const coarseShare = 0.8;

/** Scenario spikes: one at most in each slot, from its first minute on. */
const slotMs = 3 * minuteMs;
const spikeGsd = 1.6;
const streams = { length: streamOf('spike length'), height: streamOf('spike height') };

/** A fault at one source in one hour. */
interface Acting {
  readonly record: FaultRecord;
  readonly stream: number;
  /** dropout of metrics: the hour's missing minutes. */
  readonly missing?: Uint32Array;
}

/** One kind in one hour. */
interface SensorHour {
  readonly acting: ReadonlyMap<number, readonly Acting[]>;
  /** Per source two words of minutes without a row. */
  readonly absent: Uint32Array;
  /** Per source: 0 = nothing happens in this hour, 1 = rows may be absent, 2 = faults act, 3 = both. */
  readonly marked: Uint8Array;
}

/** Values held by stuck sensors: by fault, then by period and source, in the order of the fault's metrics. */
type Held = Map<FaultRecord, Map<number, Float64Array>>;

/**
 * Applies a plan's sensor faults to rows as they leave the sensors, times still true; give steps in order of time (a stuck sensor
 * holds what it showed first). Uses up the given columns: arrays may be changed in place and are shared by the answer. Where nothing
 * acts the very same object comes back.
 */
export function applySensorFaults(plan: FaultPlan): (columns: Columns) => Columns {
  const held: Held = new Map();
  const gone: Positions = { list: new Int32Array(256), count: 0 };
  const hours = new Map<Kind, (eventMs: number) => SensorHour | null>();
  for (const kind of kinds) {
    const records = plan.records.filter((record) => record.sourceKind === kind && order.includes(record.kind));
    records.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
    if (records.length > 0)
      hours.set(
        kind,
        keptByHour((hour) => sensorHour(plan, { kind, records }, hour)),
      );
  }
  return (columns) => {
    const hourAt = hours.get(columns.kind);
    if (hourAt === undefined || columns.rows === 0) return columns;
    const { rows, source, time } = columns;
    gone.count = 0;
    let hour: SensorHour | null = null;
    let startMs = 0;
    let endMs = 0;
    for (let row = 0; row < rows; row++) {
      const eventMs = time[row];
      if (eventMs >= endMs || eventMs < startMs) {
        startMs = Math.floor(eventMs / hourMs) * hourMs;
        endMs = startMs + hourMs;
        hour = hourAt(eventMs);
      }
      if (hour === null) continue;
      const mark = hour.marked[source[row]];
      if (mark === 0) continue;
      const minute = Math.floor((eventMs - startMs) / minuteMs);
      if ((mark & 1) !== 0 && isMissing(hour.absent, 2 * source[row], minute)) addPosition(gone, row);
      // A stuck sensor needs to see its first value even where the row gets lost: dropouts must not change what others do.
      if ((mark & 2) !== 0) act({ columns, row, plan, held }, hour.acting.get(source[row])!);
    }
    return withoutRows(columns, gone.list, gone.count);
  };
}

function isMissing(words: Uint32Array, at: number, minute: number): boolean {
  return ((words[at + (minute >>> 5)] >>> (minute & 31)) & 1) === 1;
}

function sensorHour(
  plan: FaultPlan,
  { kind, records }: { readonly kind: Kind; readonly records: readonly FaultRecord[] },
  hour: number,
): SensorHour | null {
  const count = plan.sourceStreams[kind].length;
  const ofValues = records.filter(({ wholeRow }) => !wholeRow);
  const bySource = faultsOfHour(ofValues, count, hour)?.bySource;
  const absent = new Uint32Array(2 * count);
  const marked = new Uint8Array(count);
  for (const record of records) if (record.wholeRow) addAbsent(plan, record, { hour, absent, marked });
  const acting = new Map<number, Acting[]>();
  for (const [source, own] of bySource ?? []) {
    marked[source] |= 2;
    acting.set(
      source,
      own.map((record) => actingIn(plan, record, { source, hour })),
    );
  }
  return marked.some((mark) => mark !== 0) ? { acting, absent, marked } : null;
}

function streamAt(plan: FaultPlan, { id, sourceKind }: FaultRecord, source: number): number {
  return (streamOf(id) ^ plan.sourceStreams[sourceKind][source]) >>> 0;
}

function actingIn(
  plan: FaultPlan,
  record: FaultRecord,
  { source, hour }: { readonly source: number; readonly hour: number },
): Acting {
  const stream = streamAt(plan, record, source);
  if (record.kind !== 'dropout') return { record, stream };
  const missing = new Uint32Array(2);
  addBadMinutes(missing, 0, { share: record.share ?? 0, seed: plan.seed, stream, hour });
  return { record, stream, missing };
}

/** Marks the minutes of the hour in which a dropout swallows the row. */
function addAbsent(
  plan: FaultPlan,
  record: FaultRecord,
  { hour, absent, marked }: { readonly hour: number; readonly absent: Uint32Array; readonly marked: Uint8Array },
): void {
  // In whole minutes; both ends of a fault are cut to them.
  const first = Math.max(0, Math.ceil(record.fromMs / minuteMs) - hour * 60);
  const end = Math.min(60, Math.ceil(record.toMs / minuteMs) - hour * 60);
  if (first >= end) return;
  const inside = new Uint32Array(2);
  for (let minute = first; minute < end; minute++) inside[minute >>> 5] |= 1 << (minute & 31);
  const named = streamOf(record.id);
  const sourceStreams = plan.sourceStreams[record.sourceKind];
  const own = new Uint32Array(2);
  for (const source of record.sources) {
    own.fill(0);
    addBadMinutes(own, 0, { share: record.share ?? 0, seed: plan.seed, stream: (named ^ sourceStreams[source]) >>> 0, hour });
    absent[2 * source] |= own[0] & inside[0];
    absent[2 * source + 1] |= own[1] & inside[1];
    if ((absent[2 * source] | absent[2 * source + 1]) !== 0) marked[source] |= 1;
  }
}

interface Row {
  readonly columns: Columns;
  readonly row: number;
  readonly plan: FaultPlan;
  readonly held: Held;
}

function act(at: Row, all: readonly Acting[]): void {
  const { time, periodMs } = at.columns;
  const eventMs = time[at.row];
  for (const acting of all) {
    const { record } = acting;
    // Only a spike is shorter than a mean's period and shows in it by its share.
    const untilMs = record.kind === 'spike' ? eventMs + Math.max(1, periodMs) : eventMs + 1;
    if (record.fromMs < untilMs && record.toMs > eventMs) change(at, acting, eventMs);
  }
}

function change(at: Row, acting: Acting, eventMs: number): void {
  const { record, stream } = acting;
  const { columns, row, plan } = at;
  switch (record.kind) {
    case 'cross_interference':
      addOther(at, record);
      break;
    case 'rh_runaway':
      multiply(at, record, runawayFactor(columns.values.rhPct?.[row] ?? Number.NaN));
      break;
    case 'tamper':
      tamper(at, record);
      break;
    case 'drift':
      multiply(at, record, Math.max(0, 1 + ((record.ratePerDay ?? 0) * (eventMs - record.fromMs)) / dayMs));
      break;
    case 'step':
    case 'swap':
      multiply(at, record, record.factor ?? 1);
      break;
    case 'spike':
      add(at, record, spikeHeight(record, { seed: plan.seed, stream, eventMs, periodMs: columns.periodMs }));
      break;
    case 'saturate':
      cut(at, record);
      break;
    case 'stuck':
      hold(at, record, stream);
      break;
    case 'dropout':
      if (isMissing(acting.missing!, 0, Math.floor(eventMs / minuteMs) - Math.floor(eventMs / hourMs) * 60)) empty(at, record);
  }
}

/** Writes a value as the instrument shows it: in steps of the metric's resolution. */
function write(columns: Columns, metric: string, row: number, value: number): void {
  const { scale } = scales[columns.kind][metric];
  columns.values[metric][row] = Math.round(value * scale) / scale;
}

const scales = Object.fromEntries(
  kinds.map((kind) => [
    kind,
    Object.fromEntries(catalog[kind].metrics.map((metric, index) => [metric.id, { scale: metric.scale, index }])),
  ]),
) as Record<Kind, Record<string, { readonly scale: number; readonly index: number }>>;

/** NaN changes nothing: a factor that cannot be known. */
function multiply({ columns, row }: Row, { metrics }: FaultRecord, factor: number): void {
  if (Number.isNaN(factor)) return;
  for (const metric of metrics) {
    const column = columns.values[metric];
    if (column !== undefined) write(columns, metric, row, column[row] * factor);
  }
}

function add({ columns, row }: Row, { metrics }: FaultRecord, increment: number): void {
  if (increment === 0) return;
  for (const metric of metrics) {
    const column = columns.values[metric];
    if (column !== undefined) write(columns, metric, row, column[row] + increment);
  }
}

function addOther(at: Row, record: FaultRecord): void {
  const other = at.columns.values[record.with ?? '']?.[at.row] ?? Number.NaN;
  if (!Number.isNaN(other)) add(at, record, (record.coef ?? 0) * other);
}

/** Growth of a particle's scattering at a humidity, against dry. */
function humidGrowth(strength: number, rhPct: number): number {
  const activity = Math.min(rhPctMax, Math.max(0, rhPct)) / 100;
  return 1 + (strength / dryDensity) * (activity / (1 - activity));
}

/** What a monitor with a response three times as strong shows more than an ordinary one. At 80 %: (1 + 2.545) / (1 + 0.848) = 1.918. */
export function runawayFactor(rhPct: number): number {
  return humidGrowth(runawayTimes * kappa, rhPct) / humidGrowth(kappa, rhPct);
}

function tamper(at: Row, record: FaultRecord): void {
  const { columns, row } = at;
  const factor = record.factor ?? 1;
  for (const metric of record.metrics) {
    const column = columns.values[metric];
    if (column === undefined) continue;
    if (metric === 'rhPct') write(columns, metric, row, Math.min(100, column[row] + (record.rhRisePct ?? 0)));
    else write(columns, metric, row, column[row] * (metric === 'pm10' || metric === 'tsp' ? factor * coarseShare : factor));
  }
}

function cut({ columns, row }: Row, { metrics, at = Number.POSITIVE_INFINITY }: FaultRecord): void {
  for (const metric of metrics) {
    const column = columns.values[metric];
    if (column !== undefined && column[row] > at) column[row] = at;
  }
}

function empty({ columns, row }: Row, { metrics }: FaultRecord): void {
  for (const metric of metrics) {
    const column = columns.values[metric];
    if (column !== undefined) column[row] = Number.NaN;
  }
}

function hold({ columns, row, plan, held }: Row, record: FaultRecord, stream: number): void {
  const eventMs = columns.time[row];
  let bySource = held.get(record);
  if (bySource === undefined) held.set(record, (bySource = new Map()));
  const key = columns.periodMs * 1_000_000 + columns.source[row];
  let values = bySource.get(key);
  if (values === undefined) bySource.set(key, (values = new Float64Array(record.metrics.length).fill(Number.NaN)));
  for (const [index, metric] of record.metrics.entries()) {
    const column = columns.values[metric];
    if (column === undefined) continue;
    if (Number.isNaN(values[index])) values[index] = column[row];
    else column[row] = values[index] + trembling(plan, record, { stream, metric, eventMs });
  }
}

interface Moment {
  readonly stream: number;
  readonly metric: string;
  readonly eventMs: number;
}

/** -1, 0 or 1 times the dither, in the metric's unit. */
function trembling(plan: FaultPlan, { dither = 0, sourceKind }: FaultRecord, { stream, metric, eventMs }: Moment): number {
  if (dither === 0) return 0;
  const { scale, index } = scales[sourceKind][metric];
  const steps = Math.floor(3 * uniform(plan.seed, (stream ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0, eventMs)) - 1;
  return (steps * dither) / scale;
}

/** Mean height over the row's period. */
function spikeHeight(
  record: FaultRecord,
  {
    seed,
    stream,
    eventMs,
    periodMs,
  }: { readonly seed: number; readonly stream: number; readonly eventMs: number; readonly periodMs: number },
): number {
  const lasts = Math.max(1, periodMs);
  const endMs = eventMs + lasts;
  const size = record.size ?? 0;
  if (record.ratePerHour === undefined) return size * shareOf(record.fromMs, record.toMs, { eventMs, endMs });
  const chance = (record.ratePerHour * slotMs) / hourMs;
  let height = 0;
  for (let slot = Math.floor(eventMs / slotMs); slot * slotMs < endMs; slot++) {
    if (uniform(seed, stream, slot) >= chance) continue;
    const minutes = 1 + Math.floor(3 * uniform(seed, (stream ^ streams.length) >>> 0, slot));
    const peak = size * Math.exp(Math.log(spikeGsd) * normal(seed, (stream ^ streams.height) >>> 0, slot));
    height += peak * shareOf(slot * slotMs, slot * slotMs + minutes * minuteMs, { eventMs, endMs });
  }
  return height;
}

/** Share of `[eventMs, endMs)` that lies within `[fromMs, toMs)`. */
function shareOf(fromMs: number, toMs: number, { eventMs, endMs }: { readonly eventMs: number; readonly endMs: number }): number {
  return Math.max(0, Math.min(endMs, toMs) - Math.max(eventMs, fromMs)) / (endMs - eventMs);
}
