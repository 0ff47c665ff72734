// The way from the sensors to the engine: rows come late, out of order, twice, all at once after a silence, or not at all.

import { type Kind, kinds } from '../../../engine/schema/catalog.ts';
import type { Register } from '../../../engine/schema/register.ts';
import type { Columns } from '../columns.ts';
import { drawn } from '../draw.ts';
import { streamOf, uniform } from '../random.ts';
import type { FaultKind, FaultPlan, FaultRecord } from './faultRecord.ts';
import { type FaultsOfHour, faultsBySource } from './hourlyFaults.ts';
import { sourcesByKind } from './namedSources.ts';
import { outagesOf } from './outages.ts';
import { addPosition, type Positions, withoutRows } from './takeRows.ts';
import { type WaitingRows, waitingRows } from './waitingRows.ts';

const minuteMs = 60_000;

/** A second copy is a repeat after a lost acknowledgement: it comes within the sender's patience [D]. */
const repeatMsMin = 5_000;
const repeatMsMax = minuteMs;

/** `late`: evenly on the logarithm between these. */
const lateMsMin = 10 * minuteMs;
const lateMsMax = 6 * 60 * minuteMs;

const streams = {
  fate: streamOf('link fate'),
  delay: streamOf('link delay'),
  repeat: streamOf('link repeat'),
  phase: streamOf('link phase'),
};

/** In the order in which they meet a row; outages come last, as they hold what has passed the others. */
const rowFaults: readonly FaultKind[] = ['delay', 'reorder', 'late', 'duplicate', 'burst'];

/** Default faults that meet each row with a small chance: one draw a row decides between them. */
interface Careless {
  readonly duplicate: number;
  readonly reorder?: FaultRecord;
  /** Upper ends of their parts of (0, 1): duplicates below the first, then reordered, then late rows. */
  readonly reorderEnd: number;
  readonly lateEnd: number;
}

/** One kind's part of the plan. */
interface KindLink {
  readonly kind: Kind;
  readonly sourceStreams: Uint32Array;
  readonly careless: Careless;
  /** Ordered by the scenario, and outages of any origin. */
  readonly faults: readonly FaultRecord[];
  readonly outages: ReturnType<typeof outagesOf>;
  /** Faults that act now, and until when that holds. */
  now: FaultsOfHour;
  nowFromMs: number;
  nowToMs: number;
}

export interface Link {
  /**
   * What arrives in the step that ends at `nowMs` (true time, never goes back), of `sent`, what the sensors sent in it, and of what was
   * under way. First the columns sent, without the rows that are held up, then one of held-up rows for each kind and period. Uses
   * up the given columns: arrays may be changed in place and are shared by the answer.
   */
  deliver(nowMs: number, sent: readonly Columns[]): readonly Columns[];
  /** Rows under way, second copies included. */
  readonly waiting: number;
  /** Rows that an outage without backfill swallowed. */
  readonly lost: number;
  /** Second copies that were sent: sent + duplicated = arrived + waiting + lost. */
  readonly duplicated: number;
}

export function makeLink(plan: FaultPlan, register: Pick<Register, 'sources'>, seed: number): Link {
  const byKind = sourcesByKind(register);
  const links = Object.fromEntries(kinds.map((kind) => [kind, kindLink(plan, kind)])) as Record<Kind, KindLink>;
  for (const kind of kinds) {
    if (byKind[kind].length !== plan.sourceStreams[kind].length)
      throw new Error(`BUG: the plan is of another register (${kind})`);
  }
  const lanes = new Map<string, { readonly rank: number; readonly rows: WaitingRows }>();
  let inOrder: readonly WaitingRows[] = [];
  const gone: Positions = { list: new Int32Array(256), count: 0 };
  let waiting = 0;
  let lost = 0;
  let duplicated = 0;

  // Rows are held one by one, mostly of the same columns as the one before.
  let lastColumns: Columns | undefined;
  let lastLane: WaitingRows;
  function laneOf(columns: Columns): WaitingRows {
    if (columns !== lastColumns) lastLane = findLane(columns);
    lastColumns = columns;
    return lastLane;
  }

  function findLane({ kind, periodMs, marks }: Columns): WaitingRows {
    const hasMarks = marks !== undefined;
    const name = `${kind} ${periodMs} ${hasMarks}`;
    let lane = lanes.get(name);
    if (lane === undefined) {
      lane = { rank: (kinds.indexOf(kind) * 1e9 + periodMs) * 2 + Number(hasMarks), rows: waitingRows(kind, periodMs, hasMarks) };
      lanes.set(name, lane);
      inOrder = [...lanes.values()].sort((a, b) => a.rank - b.rank).map(({ rows }) => rows);
    }
    return lane.rows;
  }

  function pass(columns: Columns, nowMs: number): Columns {
    const link = links[columns.kind];
    const { now, careless, sourceStreams } = refreshed(link, nowMs);
    const { source, rows } = columns;
    const { lateEnd } = careless;
    const { marked, bySource } = now;
    if (lateEnd === 0 && bySource.size === 0) return columns;
    gone.count = 0;
    for (let row = 0; row < rows; row++) {
      const stream = sourceStreams[source[row]];
      const chance = lateEnd === 0 ? 1 : uniform(seed, (stream ^ streams.fate) >>> 0, tickOf(columns, row));
      if (chance >= lateEnd && marked[source[row]] === 0) continue;
      const fate = fateOf({ seed, stream, tick: tickOf(columns, row), nowMs }, careless, chance, bySource.get(source[row]) ?? []);
      const dueMs = link.outages.arrival(source[row], fate.dueMs);
      if (dueMs > nowMs) addPosition(gone, row);
      // What was never kept cannot be repeated.
      if (dueMs === Number.POSITIVE_INFINITY) {
        lost++;
        continue;
      }
      if (dueMs > nowMs) hold(columns, row, dueMs);
      for (const copyMs of fate.copies) repeat(columns, row, link.outages.arrival(source[row], copyMs));
    }
    return withoutRows(columns, gone.list, gone.count);
  }

  function repeat(columns: Columns, row: number, dueMs: number): void {
    if (dueMs === Number.POSITIVE_INFINITY) return;
    duplicated++;
    hold(columns, row, dueMs);
  }

  function hold(columns: Columns, row: number, dueMs: number): void {
    laneOf(columns).add(columns, row, dueMs);
    waiting++;
  }

  return {
    deliver(nowMs, sent) {
      const arrived: Columns[] = [];
      for (const columns of sent) {
        const passed = pass(columns, nowMs);
        if (passed.rows > 0) arrived.push(passed);
      }
      lastColumns = undefined;
      for (const lane of inOrder) {
        const late = lane.take(nowMs);
        if (late === undefined) continue;
        waiting -= late.rows;
        arrived.push(late);
      }
      return arrived;
    },
    get waiting() {
      return waiting;
    },
    get lost() {
      return lost;
    },
    get duplicated() {
      return duplicated;
    },
  };
}

function kindLink(plan: FaultPlan, kind: Kind): KindLink {
  const own = plan.records.filter(({ sourceKind }) => sourceKind === kind);
  const isHolding = (record: FaultRecord) => record.kind === 'outage' || record.kind === 'disconnect';
  return {
    kind,
    sourceStreams: plan.sourceStreams[kind],
    careless: carelessOf(own.filter(({ isDefault }) => isDefault)),
    faults: own.filter((record) => isHolding(record) || (!record.isDefault && rowFaults.includes(record.kind))),
    outages: outagesOf(plan, kind),
    now: faultsBySource([], plan.sourceStreams[kind].length),
    nowFromMs: Number.NEGATIVE_INFINITY,
    nowToMs: Number.NEGATIVE_INFINITY,
  };
}

function carelessOf(records: readonly FaultRecord[]): Careless {
  const of = (kind: FaultKind) => records.find((record) => record.kind === kind);
  const reorder = of('reorder');
  const duplicate = of('duplicate')?.share ?? 0;
  const reorderEnd = duplicate + (reorder?.share ?? 0);
  return { duplicate, reorder, reorderEnd, lateEnd: reorderEnd + (of('late')?.share ?? 0) };
}

/** Looks up the faults that act in the step before `nowMs` anew where a fault has begun or ended. */
function refreshed(link: KindLink, nowMs: number): KindLink {
  if (nowMs > link.nowFromMs && nowMs <= link.nowToMs) return link;
  const acting: FaultRecord[] = [];
  link.nowFromMs = Number.NEGATIVE_INFINITY;
  link.nowToMs = Number.POSITIVE_INFINITY;
  for (const record of link.faults) {
    if (record.fromMs < nowMs && nowMs <= record.toMs) acting.push(record);
    for (const edgeMs of [record.fromMs, record.toMs]) {
      if (edgeMs < nowMs) link.nowFromMs = Math.max(link.nowFromMs, edgeMs);
      else link.nowToMs = Math.min(link.nowToMs, edgeMs);
    }
  }
  acting.sort((a, b) => rowFaults.indexOf(a.kind) - rowFaults.indexOf(b.kind));
  link.now = faultsBySource(acting, link.sourceStreams.length);
  return link;
}

/** A row's number for chance: its time; of event kinds, of which two may pass in one moment, its time and id. */
function tickOf({ time, id }: Columns, row: number): number {
  return id === undefined ? time[row] : time[row] + streamOf(id[row]);
}

interface Sent {
  readonly seed: number;
  readonly stream: number;
  readonly tick: number;
  readonly nowMs: number;
}

/** Where the line is up: when the row arrives, and its second copies. */
interface Fate {
  readonly dueMs: number;
  readonly copies: readonly number[];
}

const noCopies: readonly number[] = [];

function fateOf(row: Sent, careless: Careless, chance: number, faults: readonly FaultRecord[]): Fate {
  const { seed, stream, tick } = row;
  let dueMs = row.nowMs;
  let copies = noCopies;
  if (chance < careless.duplicate) copies = [repeatAt(row, 0)];
  else if (chance < careless.reorderEnd) dueMs += drawn(careless.reorder!.delayMs!, seed, (stream ^ streams.delay) >>> 0, tick);
  else if (chance < careless.lateEnd) {
    const share = uniform(seed, (stream ^ streams.delay) >>> 0, tick);
    dueMs += lateMsMin * Math.exp(share * Math.log(lateMsMax / lateMsMin));
  }
  for (const fault of faults) {
    const own = streamOf(fault.id);
    if (fault.kind === 'burst') dueMs = nextBurst(row, fault, dueMs);
    else if (fault.share === undefined || uniform(seed, (stream ^ own) >>> 0, tick) >= fault.share) continue;
    else if (fault.kind === 'duplicate') copies = [...copies, repeatAt(row, own)];
    else dueMs += drawn(fault.delayMs!, seed, (stream ^ own ^ streams.delay) >>> 0, tick);
  }
  return { dueMs: Math.ceil(dueMs), copies: copies.map((afterMs) => Math.ceil(dueMs) + afterMs) };
}

/** How long after the first a second copy comes, ms. */
function repeatAt({ seed, stream, tick }: Sent, fault: number): number {
  const share = uniform(seed, (stream ^ fault ^ streams.repeat) >>> 0, tick);
  return Math.ceil(repeatMsMin + (repeatMsMax - repeatMsMin) * share);
}

/** The next time at which a source that saves up its rows sends them; at the end of the fault it sends the rest. */
function nextBurst({ seed, stream }: Sent, { fromMs, toMs, everyMs = minuteMs, id }: FaultRecord, dueMs: number): number {
  if (dueMs > toMs) return dueMs;
  const phaseMs = Math.floor(everyMs * uniform(seed, (stream ^ streamOf(id) ^ streams.phase) >>> 0, 0));
  const next = fromMs + phaseMs + Math.ceil((dueMs - fromMs - phaseMs) / everyMs) * everyMs;
  return Math.min(next, toMs);
}
