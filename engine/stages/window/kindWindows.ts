// The windows of one kind: where each row goes, what closes when, what goes out at a tick.

import { type Batch, Quality } from '../../schema/batch.ts';
import { catalog, type Kind, metricIndex } from '../../schema/catalog.ts';
import { Flag } from '../../schema/flags.ts';
import { Bin } from '../../schema/ledger.ts';
import type { Source } from '../../schema/register.ts';
import { type WindowBatch, type WindowColumn, type WindowSize, windowMs } from '../../schema/window.ts';
import { addDirection, addValue, Cell, cellFields, deviation, inUnit, meanDirection, mergeCell } from './cell.ts';
import { lateMinutes, type SavedLateMinutes } from './lateMinutes.ts';
import { forgetMinutes, leftOutMask, type MinuteChecksOptions, minuteChecks, type SavedMinuteChecks } from './minuteChecks.ts';
import { markDirty, type Pane, PaneState, panesOf, type SavedPanes } from './panes.ts';
import { rollingColumns, rollingHours } from './rolling.ts';

export interface KindWindowsOptions {
  /** How long a silent source may keep a window open after its lateness. */
  readonly holdMs: number;
  /** How long after its end a window of each size may still be revised. */
  readonly horizonMs: Readonly<Record<WindowSize, number>>;
  /** Late minutes of a kind that may wait to be judged; when more wait, all are judged at once. */
  readonly lateMinutesMax: number;
  readonly checks: MinuteChecksOptions;
}

export interface KindWindows {
  addSources(first: number, sources: readonly Source[]): void;
  /** Puts rows whose bin is pending into their windows and decides their bin. */
  addRows(batch: Batch): void;
  /** Closes what is due at this time and returns what changed, smallest size first. */
  tick(nowMs: number): WindowBatch[];
  flush(): WindowBatch[];
  save(): SavedKindWindows;
  restore(saved: SavedKindWindows): void;
}

export interface SavedKindWindows {
  readonly nowMs: number;
  readonly newestMs: Float64Array;
  readonly latenessMs: Float64Array;
  readonly cadenceMs: Float64Array;
  readonly levels: readonly SavedPanes[];
  readonly checks?: SavedMinuteChecks;
  readonly late: SavedLateMinutes;
}

/** Windows of a size, or one minute of one source. */
interface Aggregates {
  readonly cells: Float64Array;
  readonly flags: Uint16Array;
}

const sizes: readonly WindowSize[] = ['1m', '5m', '1h'];
const hourLevel = 2;

export function kindWindows(kind: Kind, options: KindWindowsOptions): KindWindows {
  const spec = catalog[kind];
  const metrics = spec.metrics;
  const width = metrics.length * cellFields;
  const rolls = kind === 'air';
  const directionIndex = metrics.findIndex((metric) => metric.aggregate === 'direction');
  const speedIndex = directionIndex < 0 ? -1 : metricIndex(kind, metrics[directionIndex].speed ?? '');
  const checks = minuteChecks(kind, options.checks);
  const leftOut = leftOutMask(options.checks);
  const late = lateMinutes(metrics.length);
  const horizons = sizes.map((size) => options.horizonMs[size]);
  let nowMs = Number.NEGATIVE_INFINITY;
  /** Per source: latest end of an accepted row. */
  let newestMs: Float64Array = new Float64Array(0);
  let latenessMs: Float64Array = new Float64Array(0);
  let cadenceMs: Float64Array = new Float64Array(0);
  const levels = sizes.map((size) => panesOf(windowMs[size], metrics.length, () => newestMs.length));

  function reserve(sources: number): void {
    if (sources <= newestMs.length) return;
    const size = Math.max(sources, Math.ceil(newestMs.length * 1.5));
    newestMs = resized(newestMs, size, Number.NEGATIVE_INFINITY);
    latenessMs = resized(latenessMs, size, spec.latenessMs);
    cadenceMs = resized(cadenceMs, size, spec.cadenceMs);
  }

  function isClosed(source: number, endMs: number): boolean {
    return endMs <= newestMs[source] - latenessMs[source] || endMs + latenessMs[source] + options.holdMs <= nowMs;
  }

  /** The minute takes rows of this source, and they are on time. */
  function isOpen(pane: Pane, source: number, endMs: number): boolean {
    return (
      source < pane.state.length &&
      pane.state[source] !== PaneState.closed &&
      !isClosed(source, endMs) &&
      Math.max(newestMs[source], nowMs) <= endMs + horizons[0]
    );
  }

  /** Smallest size that a row of this length is put into. */
  function firstLevel(periodMs: number): number {
    if (periodMs < windowMs['5m']) return 0;
    return periodMs < windowMs['1h'] ? 1 : 2;
  }

  function addRow(batch: Batch, row: number): void {
    const source = batch.source[row];
    const eventMs = batch.eventMs[row];
    const periodMs = batch.periodMs[row];
    const captureMs = periodMs > 0 ? periodMs : cadenceMs[source];
    const referenceMs = Math.max(newestMs[source], nowMs);
    const smallest = firstLevel(periodMs);
    let bin: number = Bin.lateDiverted;
    let minute: Pane | undefined;
    for (let level = smallest; level < levels.length; level++) {
      const { sizeMs } = levels[level];
      const index = Math.floor(eventMs / sizeMs);
      const endMs = (index + 1) * sizeMs;
      if (referenceMs > endMs + horizons[level]) continue;
      if (bin === Bin.lateDiverted) bin = level > smallest || isClosed(source, endMs) ? Bin.lateRevised : Bin.onTime;
      if (checks !== undefined && smallest === 0 && level > 0 && minute === undefined) {
        gather(batch, row, captureMs, level);
        break; // it reaches its windows when its minute has been judged
      }
      const pane = levels[level].at(index, source);
      addTo(pane, source, batch, row, captureMs, minute);
      if (level === 0) minute = pane;
      if (minute?.state[source] === PaneState.closed) addUnchecked(pane, minute, batch, row);
      if (pane.state[source] === PaneState.closed) touched(level, pane, source);
      else {
        if (pane.state[source] === PaneState.empty) open(pane, source);
        break; // it reaches the larger windows when this one closes
      }
    }
    batch.bin[row] = bin;
    const endMs = eventMs + periodMs;
    if (endMs > newestMs[source]) newestMs[source] = endMs;
  }

  /** Too late for a minute window. */
  function gather(batch: Batch, row: number, captureMs: number, level: number): void {
    const minute = Math.floor(batch.eventMs[row] / windowMs['1m']);
    addTo(late.at(batch.source[row], { minute, level, sinceMs: nowMs }), 0, batch, row, captureMs);
    if (late.count > options.lateMinutesMax) judgeAllLate(Number.POSITIVE_INFINITY);
  }

  /** `at`: position of the source. `minute`: the row's own, closed; what is left out of it is left out of the larger ones. */
  function addTo({ cells, flags }: Aggregates, at: number, batch: Batch, row: number, captureMs: number, minute?: Pane): void {
    const source = batch.source[row];
    const eventMs = batch.eventMs[row];
    const base = at * width;
    for (let m = 0; m < metrics.length; m++) {
      const quality = batch.quality[m][row];
      if (quality !== Quality.good) {
        if (quality !== Quality.gap) flags[at * metrics.length + m] |= quality === Quality.range ? Flag.range : Flag.mark;
        continue;
      }
      if (minute !== undefined && (minute.flags[source * metrics.length + m] & leftOut) !== 0) continue;
      const cell = base + m * cellFields;
      if (m !== directionIndex) addValue(cells, cell, batch.values[m][row], eventMs, captureMs);
      else if (batch.quality[speedIndex][row] === Quality.good) {
        const speed = inUnit(metrics[speedIndex], batch.values[speedIndex][row], 1);
        addDirection(cells, cell, batch.values[m][row], speed, eventMs, captureMs);
      }
    }
  }

  /** The minute has been judged without this row. */
  function addUnchecked(pane: Pane, minute: Pane, batch: Batch, row: number): void {
    if (checks === undefined) return;
    const from = batch.source[row] * metrics.length;
    for (const m of checks.compared) {
      if (batch.quality[m][row] === Quality.good && (minute.flags[from + m] & leftOut) === 0)
        pane.flags[from + m] |= Flag.unchecked;
    }
  }

  function open(pane: Pane, source: number): void {
    pane.state[source] = PaneState.open;
    pane.openCount += 1;
  }

  /** A closed window changed. An hour also changes the rolling means of the hours behind it. */
  function touched(level: number, pane: Pane, source: number): void {
    markDirty(pane, source);
    if (!rolls || level !== hourLevel) return;
    for (let index = pane.index + 1; index < pane.index + rollingHours; index++) {
      const later = levels[level].find(index);
      if (later !== undefined && later.state[source] === PaneState.closed) markDirty(later, source);
    }
  }

  /** Closes windows of one size, smallest first, so that a larger one has everything before it closes. */
  function closeLevel(level: number, isDue: (source: number, endMs: number) => boolean): void {
    const { sizeMs } = levels[level];
    for (const pane of levels[level].sorted()) {
      if (pane.openCount === 0) continue;
      const endMs = (pane.index + 1) * sizeMs;
      for (let source = 0; source < pane.state.length; source++) {
        if (pane.state[source] === PaneState.open && isDue(source, endMs)) close(level, pane, source);
      }
    }
  }

  function close(level: number, pane: Pane, source: number): void {
    pane.state[source] = PaneState.closed;
    pane.openCount -= 1;
    if (level === 0) judge(pane, source);
    touched(level, pane, source);
    const startMs = pane.index * levels[level].sizeMs;
    reach(level + 1, { source, startMs }, { smaller: pane, at: source, without: level === 0 ? leftOut : 0 });
  }

  /** Merges into the windows around, from one size on: up to the first that has not gone out yet, which takes it on. */
  function reach(
    level: number,
    { source, startMs }: { readonly source: number; readonly startMs: number },
    from: { readonly smaller: Aggregates; readonly at: number; readonly without: number },
  ): void {
    for (let up = level; up < levels.length; up++) {
      const larger = levels[up].at(Math.floor(startMs / levels[up].sizeMs), source);
      mergeInto(larger, source, from);
      if (larger.state[source] !== PaneState.closed) {
        if (larger.state[source] === PaneState.empty) open(larger, source);
        return;
      }
      touched(up, larger, source); // a backlog: the larger window had gone out already
    }
  }

  /** Flags always go along, values with a flag of `without` do not. */
  function mergeInto(
    larger: Pane,
    source: number,
    { smaller, at, without }: { readonly smaller: Aggregates; readonly at: number; readonly without: number },
  ): void {
    for (let m = 0; m < metrics.length; m++) {
      const to = source * metrics.length + m;
      const from = at * metrics.length + m;
      const flags = smaller.flags[from];
      larger.flags[to] |= flags;
      if ((flags & without) === 0) mergeCell(larger.cells, to * cellFields, smaller.cells, from * cellFields);
    }
  }

  /** A minute that closes; what came late before it goes first, so that a backlog is judged as if it had come in time. */
  function judge(pane: Pane, source: number): void {
    if (checks === undefined) return;
    judgeLate(source, Number.POSITIVE_INFINITY);
    if (checks.isBehind(source, pane.index)) compareAgain(source, pane.index);
    addFlags(pane.flags, source, checks.judge(source, pane.index, pane.cells, source));
  }

  /** The minutes before one that is behind, as far as they are still there. */
  function compareAgain(source: number, minute: number): void {
    checks?.restart(source);
    for (let index = minute - forgetMinutes; index < minute; index++) {
      const pane = levels[0].find(index);
      if (pane?.state[source] === PaneState.closed) checks?.judge(source, index, pane.cells, source);
    }
  }

  /** Of one source, what waits since this time or longer. */
  function judgeLate(source: number, sinceMs: number): void {
    if (checks === undefined || late.count === 0) return;
    for (const each of late.take(source, sinceMs)) {
      addFlags(each.flags, 0, checks.judge(source, each.minute, each.cells, 0));
      const startMs = each.minute * windowMs['1m'];
      reach(each.level, { source, startMs }, { smaller: each, at: 0, without: leftOut });
    }
  }

  function judgeAllLate(sinceMs: number): void {
    for (const source of late.sources()) judgeLate(source, sinceMs);
  }

  function addFlags(flags: Uint16Array, at: number, found: Uint16Array): void {
    for (let m = 0; m < metrics.length; m++) flags[at * metrics.length + m] |= found[m];
  }

  function emit(level: number): WindowBatch[] {
    const rows: { source: number; pane: Pane }[] = [];
    for (const pane of levels[level].sorted()) {
      if (pane.dirtyCount === 0) continue;
      for (let source = 0; source < pane.dirty.length; source++) if (pane.dirty[source] === 1) rows.push({ source, pane });
      pane.dirty.fill(0);
      pane.dirtyCount = 0;
    }
    return rows.length === 0 ? [] : [windowBatch(level, rows)];
  }

  function windowBatch(level: number, rows: readonly { source: number; pane: Pane }[]): WindowBatch {
    const { sizeMs } = levels[level];
    const source = new Uint32Array(rows.length);
    const startMs = new Float64Array(rows.length);
    const revision = new Uint16Array(rows.length);
    const captureMs = new Float64Array(rows.length);
    const columns = metrics.map(() => emptyColumn(rows.length));
    for (let i = 0; i < rows.length; i++) {
      const { pane } = rows[i];
      source[i] = rows[i].source;
      startMs[i] = pane.index * sizeMs;
      revision[i] = pane.emissions[source[i]];
      if (pane.emissions[source[i]] < 65_535) pane.emissions[source[i]] += 1;
      for (let m = 0; m < metrics.length; m++) {
        columns[m].flags[i] = pane.flags[source[i] * metrics.length + m];
        fillColumn(columns[m], i, m, pane.cells, source[i] * width + m * cellFields);
        if (columns[m].captureMs[i] > captureMs[i]) captureMs[i] = columns[m].captureMs[i];
      }
    }
    const batch = {
      type: 'windows' as const,
      kind,
      size: sizes[level],
      rows: rows.length,
      source,
      startMs,
      revision,
      captureMs,
      metrics: columns,
    };
    if (!rolls || level !== hourLevel) return batch;
    const places = rows.map(({ source: at, pane }) => ({ source: at, hour: pane.index }));
    return {
      ...batch,
      rolling8h: rollingColumns(levels[level], metrics, places, 8),
      rolling24h: rollingColumns(levels[level], metrics, places, 24),
    };
  }

  function fillColumn(column: ReturnType<typeof emptyColumn>, i: number, m: number, cells: Float64Array, at: number): void {
    const metric = metrics[m];
    const count = cells[at + Cell.count];
    column.count[i] = count;
    column.captureMs[i] = cells[at + Cell.captureMs];
    const isDirection = m === directionIndex;
    column.sum[i] = isDirection ? Number.NaN : cells[at + Cell.sum];
    if (count === 0) {
      column.mean[i] = column.min[i] = column.max[i] = column.last[i] = column.sd[i] = Number.NaN;
      return;
    }
    column.mean[i] = isDirection
      ? meanDirection(cells[at + Cell.sum], cells[at + Cell.sumSq])
      : inUnit(metric, cells[at + Cell.sum], count);
    column.min[i] = inUnit(metric, cells[at + Cell.min], 1);
    column.max[i] = inUnit(metric, cells[at + Cell.max], 1);
    column.last[i] = inUnit(metric, cells[at + Cell.last], 1);
    column.sd[i] = isDirection ? Number.NaN : deviation(metric, count, cells[at + Cell.sum], cells[at + Cell.sumSq]);
  }

  /** Windows that no row may reach any more, also none that waits. Hours of air are kept a day longer, for the rolling means. */
  function dropOld(): void {
    for (let level = 0; level < levels.length; level++) {
      const keepMs = horizons[level] + options.holdMs + (rolls && level === hourLevel ? rollingHours * windowMs['1h'] : 0);
      for (const pane of levels[level].sorted()) {
        if ((pane.index + 1) * levels[level].sizeMs + keepMs >= nowMs) break;
        if (pane.openCount === 0) levels[level].drop(pane.index);
      }
    }
  }

  function closeAndEmit(isDue: (source: number, endMs: number) => boolean): WindowBatch[] {
    for (let level = 0; level < levels.length; level++) closeLevel(level, isDue);
    return levels.flatMap((_, level) => emit(level));
  }

  return {
    addSources(first, sources) {
      reserve(first + sources.length);
      checks?.reserve(first + sources.length);
      for (let i = 0; i < sources.length; i++) {
        latenessMs[first + i] = sources[i].latenessMs ?? spec.latenessMs;
        cadenceMs[first + i] = sources[i].cadenceMs ?? spec.cadenceMs;
        checks?.setIdle(first + i, sources[i].idleMs ?? spec.idleMs);
      }
    },
    addRows(batch) {
      let pane: Pane | undefined;
      let startMs = 0;
      let endMs = 0;
      for (let row = 0; row < batch.rows; row++) {
        if (batch.bin[row] !== Bin.pending) continue;
        const source = batch.source[row];
        if (source >= newestMs.length) reserve(source + 1);
        const eventMs = batch.eventMs[row];
        const periodMs = batch.periodMs[row];
        // Most rows: in the minute of the row before, which is open. Everything else is told apart in addRow.
        if (
          pane !== undefined &&
          eventMs >= startMs &&
          eventMs < endMs &&
          periodMs < windowMs['5m'] &&
          isOpen(pane, source, endMs)
        ) {
          addTo(pane, source, batch, row, periodMs > 0 ? periodMs : cadenceMs[source]);
          if (pane.state[source] === PaneState.empty) open(pane, source);
          batch.bin[row] = Bin.onTime;
          if (eventMs + periodMs > newestMs[source]) newestMs[source] = eventMs + periodMs;
          continue;
        }
        addRow(batch, row);
        const index = Math.floor(eventMs / windowMs['1m']);
        pane = levels[0].find(index);
        startMs = index * windowMs['1m'];
        endMs = startMs + windowMs['1m'];
      }
    },
    tick(tickMs) {
      nowMs = tickMs;
      judgeAllLate(nowMs - options.holdMs);
      const batches = closeAndEmit(isClosed);
      dropOld();
      return batches;
    },
    flush() {
      judgeAllLate(Number.POSITIVE_INFINITY);
      return closeAndEmit(() => true);
    },
    save: () => ({
      nowMs,
      newestMs: newestMs.slice(),
      latenessMs: latenessMs.slice(),
      cadenceMs: cadenceMs.slice(),
      levels: levels.map((level) => level.save()),
      checks: checks?.save(),
      late: late.save(),
    }),
    restore(saved) {
      nowMs = saved.nowMs;
      newestMs = saved.newestMs.slice();
      latenessMs = saved.latenessMs.slice();
      cadenceMs = saved.cadenceMs.slice();
      for (let level = 0; level < levels.length; level++) levels[level].restore(saved.levels[level]);
      if (saved.checks !== undefined) checks?.restore(saved.checks);
      late.restore(saved.late);
    },
  };
}

function resized(array: Float64Array, size: number, fill: number): Float64Array {
  const larger = new Float64Array(size).fill(fill);
  larger.set(array);
  return larger;
}

function emptyColumn(rows: number) {
  return {
    count: new Uint32Array(rows),
    sum: new Float64Array(rows),
    mean: new Float64Array(rows),
    min: new Float64Array(rows),
    max: new Float64Array(rows),
    last: new Float64Array(rows),
    sd: new Float64Array(rows),
    captureMs: new Float64Array(rows),
    flags: new Uint16Array(rows),
  } satisfies WindowColumn;
}
