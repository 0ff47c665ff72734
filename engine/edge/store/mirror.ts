// Writes outputs to a mirror in order, with a bounded queue and bounded retries.

import type { Output, Sink, SinkError } from '../../pipeline/ports.ts';

export interface MirrorHealth {
  readonly name: string;
  readonly ok: boolean;
  /** Outputs written, waiting, and given up. */
  readonly written: number;
  readonly queued: number;
  readonly failed: number;
  readonly lastError?: string;
}

export interface Mirror {
  offer(output: Output): void;
  health(): MirrorHealth;
  /** Resolves when nothing waits, written or given up. */
  flushed(): Promise<void>;
  /** Writes what waits, giving each a last try within `closeWithinMs`. */
  close(): Promise<void>;
}

export interface MirrorOptions {
  /** Outputs that may wait; beyond it the oldest is dropped and counted. A disk spool comes with the outage work. */
  readonly queueMax: number;
  readonly retryMs?: readonly number[];
  readonly closeWithinMs?: number;
  readonly sleep?: (ms: number) => Promise<void>;
}

export function mirror(sink: Sink, options: MirrorOptions): Mirror {
  const retryMs = options.retryMs ?? [200, 500, 1_000, 2_000, 5_000, 10_000];
  const sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()));
  const queue: Output[] = [];
  let isRunning = false;
  let isClosing = false;
  let written = 0;
  let failed = 0;
  let isOk = true;
  let lastError: string | undefined;
  let waiters: (() => void)[] = [];

  /** Refused points never get in by trying again; anything else is tried through all pauses. */
  async function writeOnce(output: Output): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await sink.write(output);
        written += 1;
        isOk = failed === 0; // points that were given up stay visible
        return;
      } catch (error) {
        isOk = false;
        lastError = (error as Error).message;
        const { code, retryAfterMs } = error as SinkError;
        // Within bounds: an outage longer than all pauses loses points, and says so, until the disk spool is there.
        if (code === 'refused' || attempt >= retryMs.length || isClosing) {
          failed += 1;
          return;
        }
        await sleep(Math.max(retryMs[attempt], Math.min(retryAfterMs ?? 0, 60_000)));
      }
    }
  }

  async function run(): Promise<void> {
    isRunning = true;
    for (let output = queue.shift(); output !== undefined; output = queue.shift()) await writeOnce(output);
    isRunning = false;
    for (const waiter of waiters) waiter();
    waiters = [];
  }

  const flushed = () => (isRunning ? new Promise<void>((resolve) => waiters.push(resolve)) : Promise.resolve());

  return {
    offer(output) {
      if (output.windows.length === 0 && output.places.length === 0) return;
      if (queue.length >= options.queueMax) {
        queue.shift();
        failed += 1;
        lastError = `queue full (${options.queueMax} outputs): the oldest was dropped; is the server down?`;
        isOk = false;
      }
      queue.push(output);
      if (!isRunning) void run();
    },
    health: () => ({ name: sink.name, ok: isOk, written, queued: queue.length + (isRunning ? 1 : 0), failed, lastError }),
    flushed,
    async close() {
      isClosing = true;
      const limit = new Promise<void>((resolve) => setTimeout(resolve, options.closeWithinMs ?? 10_000).unref());
      await Promise.race([flushed(), limit]);
      failed += queue.length; // what could not be written in time
      if (queue.splice(0).length > 0) isOk = false;
      await sink.close();
    },
  };
}
