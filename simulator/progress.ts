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
  /** Shows the last state and ends the line. */
  end(): void;
}

const everyMs = 200;
const barWidth = 20;
const beijingOffsetMs = 8 * 3_600_000;

/** `[#####...] 42 %  ETA 12 s  2017-01-01 10:00  span 10.0 h  x3600  1200 rows/s  late 0.10 %` */
export function progress({ stream, nowMs }: ProgressOptions): Progress {
  const startMs = nowMs();
  let firstEventMs: number | undefined;
  let shownMs = Number.NEGATIVE_INFINITY;
  let share = 0;
  let last: ProgressState | undefined;

  function line({ eventMs, rows, lateRows }: ProgressState): string {
    const seconds = Math.max(0.001, (nowMs() - startMs) / 1000);
    const spanS = (eventMs - (firstEventMs as number)) / 1000;
    const filled = Math.round(share * barWidth);
    return [
      `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${Math.floor(share * 100)} %`,
      `ETA ${duration(share > 0 ? (seconds * (1 - share)) / share : Number.NaN)}`,
      new Date(eventMs + beijingOffsetMs).toISOString().slice(0, 16).replace('T', ' '),
      `span ${duration(spanS)}`,
      `x${Math.round(spanS / seconds)}`,
      `${Math.round(rows / seconds)} rows/s`,
      ...(lateRows === undefined || rows === 0 ? [] : [`late ${((100 * lateRows) / rows).toFixed(2)} %`]),
    ].join('  ');
  }

  function write(state: ProgressState): void {
    shownMs = nowMs();
    stream.write(`\r\u001b[K${line(state).slice(0, (stream.columns ?? 120) - 1)}`);
  }

  return {
    show(state) {
      firstEventMs ??= state.eventMs;
      share = Math.min(1, Math.max(share, state.share ?? 0));
      last = state;
      if (stream.isTTY === true && nowMs() - shownMs >= everyMs) write(state);
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
