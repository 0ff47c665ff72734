// One line of progress for long work on a terminal; nothing elsewhere.

export interface ProgressState {
  /** Event time reached. */
  readonly eventMs: number;
  readonly rows: number;
  /** Rows that came late, of all. */
  readonly lateRows?: number;
}

export interface ProgressOptions {
  readonly stream: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  readonly nowMs: () => number;
  /** Event time to be covered, where it is known. */
  readonly spanMs?: readonly [fromMs: number, toMs: number];
}

export interface Progress {
  show(state: ProgressState): void;
  /** Ends the line. */
  end(): void;
}

const everyMs = 200;
const barWidth = 24;
const beijingOffsetMs = 8 * 3_600_000;

export function progress({ stream, nowMs, spanMs }: ProgressOptions): Progress {
  const startMs = nowMs();
  let firstEventMs: number | undefined;
  let shownMs = Number.NEGATIVE_INFINITY;
  let isOpen = false;

  function line({ eventMs, rows, lateRows }: ProgressState): string {
    const seconds = Math.max(0.001, (nowMs() - startMs) / 1000);
    const from = spanMs?.[0] ?? (firstEventMs as number);
    const speed = (eventMs - from) / 1000 / seconds;
    const parts = [
      new Date(eventMs + beijingOffsetMs).toISOString().slice(0, 16).replace('T', ' '),
      `x${Math.round(speed)}`,
      `${Math.round(rows / seconds)} rows/s`,
    ];
    if (lateRows !== undefined && rows > 0) parts.push(`late ${((100 * lateRows) / rows).toFixed(2)} %`);
    if (spanMs === undefined) return parts.join('  ');
    const share = Math.min(1, Math.max(0, (eventMs - spanMs[0]) / (spanMs[1] - spanMs[0])));
    const filled = Math.round(share * barWidth);
    parts.push(`ETA ${duration(share > 0 ? (seconds * (1 - share)) / share : Number.NaN)}`);
    return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${Math.round(share * 100)} %  ${parts.join('  ')}`;
  }

  return {
    show(state) {
      firstEventMs ??= state.eventMs;
      if (stream.isTTY !== true || nowMs() - shownMs < everyMs) return;
      shownMs = nowMs();
      isOpen = true;
      stream.write(`\r\u001b[K${line(state).slice(0, (stream.columns ?? 100) - 1)}`);
    },
    end() {
      if (isOpen) stream.write('\n');
      isOpen = false;
    },
  };
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
