// Hands outputs to a slow taker (a store) in order, those that wait together, and says when it has caught up.

import type { Output } from '../pipeline/ports.ts';

export interface OutputQueue {
  offer(output: Output): void;
  /** Outputs not taken yet. */
  readonly waiting: number;
  /** Resolves when at most this many rows (raw, windows, places) wait; rejects with the first failure of the taker. */
  settled(rowsMax: number): Promise<void>;
  /** Resolves when the output of this number, and all before it, have been taken. */
  taken(seq: number): Promise<void>;
  /** What waits is dropped, who waits is released; resolves when what is being taken is. */
  stop(): Promise<void>;
}

/**
 * How many outputs come together depends on the machine: what is written must not depend on it.
 * After a failure nothing more is taken: the store would have a hole. `failed` is told once.
 */
export function outputQueue(take: (outputs: readonly Output[]) => Promise<void>, failed: (error: Error) => void): OutputQueue {
  let queue: Output[] = [];
  let taking = 0;
  let rowsWaiting = 0;
  let failure: Error | undefined;
  let takenSeq = 0;
  let offeredSeq = 0;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  let watchers: { isDone: () => boolean; resolve: () => void; reject: (error: Error) => void }[] = [];

  const waiting = () => queue.length + taking;

  function tell(): void {
    const still: typeof watchers = [];
    for (const watcher of watchers) {
      if (failure !== undefined) watcher.reject(failure);
      else if (watcher.isDone()) watcher.resolve();
      else still.push(watcher);
    }
    watchers = still;
  }

  function until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      watchers.push({ isDone, resolve, reject });
      tell();
    });
  }

  async function run(): Promise<void> {
    while (queue.length > 0 && failure === undefined) {
      const outputs = queue;
      queue = [];
      taking = outputs.length;
      try {
        await take(outputs);
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        failed(failure);
      }
      taking = 0;
      takenSeq = outputs[outputs.length - 1].seq;
      for (const output of outputs) rowsWaiting -= rowsOf(output);
      tell();
    }
  }

  return {
    offer(output) {
      if (failure !== undefined || isStopped) return;
      queue.push(output);
      offeredSeq = output.seq;
      rowsWaiting += rowsOf(output);
      if (taking === 0 && queue.length === 1) running = Promise.resolve().then(run);
    },
    get waiting() {
      return waiting();
    },
    settled: (rowsMax) => until(() => rowsWaiting <= rowsMax),
    async stop() {
      isStopped = true;
      queue = [];
      for (const { resolve } of watchers.splice(0)) resolve();
      await running;
    },
    taken: (seq) => until(() => takenSeq >= Math.min(seq, offeredSeq)),
  };
}

/** At least 1, so that nothing is taken for settled while anything waits. */
function rowsOf(output: Output): number {
  return [...output.rows, ...output.windows, ...output.places].reduce((sum, batch) => sum + batch.rows, 1);
}

/** Several outputs as one, for a store that keeps rows by key. */
export function joined(outputs: readonly Output[]): Output {
  return {
    rows: outputs.flatMap((output) => output.rows),
    windows: outputs.flatMap((output) => output.windows),
    places: outputs.flatMap((output) => output.places),
    nowMs: outputs.findLast(({ nowMs }) => nowMs !== null)?.nowMs ?? null,
    seq: outputs[outputs.length - 1].seq,
  };
}
