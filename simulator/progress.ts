// One line of progress for long work on a terminal; nothing elsewhere.

export interface ProgressState {
  /** Event time reached. */
  readonly eventMs: number;
  readonly rows: number;
  /** Rows that came late, of all; undefined where it is not known. */
  readonly lateRows?: number;
  /** Part of the work that is done, 0 to 1; undefined: as before. */
  readonly share?: number;
}

export interface ProgressOptions {
  readonly stream: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  readonly nowMs: () => number;
}

export interface Progress {
  show(state: ProgressState): void;
  /** A line of its own; the progress goes on below it. Also where there is no terminal. */
  note(text: string): void;
  /** Shows the last state and ends the line. */
  end(): void;
}

const everyMs = 200;
const barWidth = 20;
const beijingOffsetMs = 8 * 3_600_000;
/** Speed and time left go by the last so long: a warm-up goes faster than what is paced behind it. */
const recentMs = 15_000;

interface Mark {
  readonly atMs: number;
  readonly eventMs: number;
  readonly rows: number;
  readonly share: number;
}

/** `[#####...] 42 %  ETA 12 s  2017-01-01 10:00  span 10.0 h  x3600  1200 rows/s  late 0.10 %  1200000 rows` */
export function progress({ stream, nowMs }: ProgressOptions): Progress {
  let firstEventMs: number | undefined;
  let share = 0;
  let last: ProgressState | undefined;
  let shownMs = Number.NEGATIVE_INFINITY;
  /** The last few, the oldest about as old as the recent time. */
  let marks: Mark[] = [];

  function line({ eventMs, rows, lateRows }: ProgressState): string {
    const from = marks[0];
    const seconds = Math.max(0.001, (nowMs() - from.atMs) / 1000);
    const done = share - from.share;
    const filled = Math.round(share * barWidth);
    return [
      `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${Math.floor(share * 100)} %`,
      `ETA ${duration(share >= 1 ? 0 : done > 0 ? (seconds * (1 - share)) / done : Number.NaN)}`,
      new Date(eventMs + beijingOffsetMs).toISOString().slice(0, 16).replace('T', ' '),
      `span ${duration((eventMs - (firstEventMs as number)) / 1000)}`,
      `x${Math.round((eventMs - from.eventMs) / 1000 / seconds)}`,
      `${Math.round((rows - from.rows) / seconds)} rows/s`,
      ...(lateRows === undefined || rows === 0 ? [] : [`late ${((100 * lateRows) / rows).toFixed(2)} %`]),
      `${rows} rows`,
    ].join('  ');
  }

  function remember({ eventMs, rows }: ProgressState): void {
    const atMs = nowMs();
    const newest = marks.at(-1);
    if (newest === undefined || atMs - newest.atMs >= recentMs / 10) marks.push({ atMs, eventMs, rows, share });
    while (marks.length > 1 && atMs - marks[1].atMs >= recentMs) marks = marks.slice(1);
  }

  function write(state: ProgressState): void {
    shownMs = nowMs();
    stream.write(`\r\u001b[K${line(state).slice(0, (stream.columns ?? 120) - 1)}`);
  }

  return {
    show(state) {
      if (stream.isTTY !== true) return;
      firstEventMs ??= state.eventMs;
      share = Math.min(1, Math.max(share, state.share ?? 0));
      last = state;
      remember(state);
      if (nowMs() - shownMs >= everyMs) write(state);
    },
    note(text) {
      stream.write(`${stream.isTTY === true && last !== undefined ? '\r\u001b[K' : ''}${text}\n`);
    },
    end() {
      if (stream.isTTY !== true || last === undefined) return;
      write(last);
      stream.write('\n');
    },
  };
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`;
}
