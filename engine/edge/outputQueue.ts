// Hands outputs to a slow taker (a store) in order, those that wait together, and says when it has caught up.

import type { Output } from '../pipeline/ports.ts';

export interface OutputQueue {
  offer(output: Output): void;
  /** Outputs not taken yet. */
  readonly waiting: number;
  /** Resolves when at most this many rows (raw, windows, places) wait; rejects with the first failure of the taker. */
  settled(rowsMax: number): Promise<void>;
  /** Does the work when all that was offered before has been taken, and nothing after; undefined when stopped before. */
  inBetween<T>(work: () => Promise<T>): Promise<T | undefined>;
  /** What waits is dropped, who waits is released; resolves when what is being taken is. */
  stop(): Promise<void>;
}

/** A store that takes much at once does less than one that takes it bit by bit. */
export interface Gathering {
  /** So many rows are taken without a pause. Fewer are too when somebody waits for them. */
  readonly rows: number;
  /** How long fewer wait for others. */
  readonly pause: () => Promise<unknown>;
}

interface InBetween {
  readonly work: () => Promise<void>;
  readonly dropped: (failure: Error | undefined) => void;
}

/**
 * How many outputs come together depends on the machine: what is written must not depend on it.
 * After a failure nothing more is taken: the store would have a hole. `failed` is told once.
 */
export function outputQueue(
  take: (outputs: readonly Output[]) => Promise<void>,
  failed: (error: Error) => void,
  gathering?: Gathering,
): OutputQueue {
  const queue: (Output | InBetween)[] = [];
  let waiting = 0;
  let rowsWaiting = 0;
  let failure: Error | undefined;
  let isStopped = false;
  let running: Promise<void> | undefined;
  let endPause = () => {};
  let watchers: { rowsMax: number; resolve: () => void; reject: (error: Error) => void }[] = [];

  function tell(): void {
    const still: typeof watchers = [];
    for (const watcher of watchers) {
      if (failure !== undefined) watcher.reject(failure);
      else if (isStopped || rowsWaiting <= watcher.rowsMax) watcher.resolve();
      else still.push(watcher);
    }
    watchers = still;
  }

  function add(item: Output | InBetween): void {
    queue.push(item);
    hurry();
    running ??= Promise.resolve().then(run); // so that outputs of one turn come together
  }

  /** What waits must not wait for more. True without gathering. */
  function isUrgent(): boolean {
    const isSomebodyWaiting = watchers.length > 0 || queue.length > waiting; // the queue holds work as well
    return gathering === undefined || rowsWaiting >= gathering.rows || isSomebodyWaiting || isStopped;
  }

  function hurry(): void {
    if (isUrgent()) endPause();
  }

  async function gathered({ pause }: Gathering): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      endPause = resolve;
    });
    await Promise.race([pause(), ended]);
  }

  async function run(): Promise<void> {
    while (queue.length > 0) {
      if (gathering !== undefined && !isUrgent()) await gathered(gathering);
      if (isStopped) break;
      const end = queue.findIndex((item) => 'work' in item);
      if (end === 0) await (queue.shift() as InBetween).work();
      else await takeTogether(queue.splice(0, end === -1 ? queue.length : end) as Output[]);
    }
    running = undefined;
  }

  async function takeTogether(outputs: readonly Output[]): Promise<void> {
    try {
      await take(outputs);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      failed(failure);
      drop();
    }
    waiting -= outputs.length;
    for (const output of outputs) rowsWaiting -= rowsOf(output);
    tell();
  }

  function drop(): void {
    for (const item of queue.splice(0)) {
      if ('work' in item) {
        item.dropped(failure);
        continue;
      }
      waiting -= 1;
      rowsWaiting -= rowsOf(item);
    }
  }

  return {
    offer(output) {
      if (failure !== undefined || isStopped) return;
      waiting += 1;
      rowsWaiting += rowsOf(output);
      add(output);
    },
    get waiting() {
      return waiting;
    },
    settled(rowsMax) {
      return new Promise((resolve, reject) => {
        watchers.push({ rowsMax, resolve, reject });
        tell();
        hurry();
      });
    },
    inBetween(work) {
      return new Promise((resolve, reject) => {
        const dropped: InBetween['dropped'] = (error) => (error === undefined ? resolve(undefined) : reject(error));
        if (failure !== undefined || isStopped) dropped(failure);
        else add({ work: () => work().then(resolve, reject), dropped });
      });
    },
    async stop() {
      isStopped = true;
      drop();
      tell();
      hurry();
      await running;
    },
  };
}

/** At least 1, so that nothing is taken for settled while anything waits. */
function rowsOf(output: Output): number {
  const batches = [...output.rows, ...output.windows, ...output.places];
  const { findings, incidents, warnings = [], orders = [], compliance = [], refused = [], audit = [] } = output;
  const records = [findings, incidents, warnings, orders, compliance, refused, audit];
  return records.reduce(
    (sum, { length }) => sum + length,
    batches.reduce((sum, { rows }) => sum + rows, 1),
  );
}

/** Several outputs as one, for a store that keeps rows by key. */
export function joined(outputs: readonly Output[]): Output {
  return {
    rows: outputs.flatMap((output) => output.rows),
    windows: outputs.flatMap((output) => output.windows),
    places: outputs.flatMap((output) => output.places),
    findings: outputs.flatMap((output) => output.findings),
    incidents: outputs.flatMap((output) => output.incidents),
    warnings: outputs.flatMap((output) => output.warnings ?? []),
    orders: outputs.flatMap((output) => output.orders ?? []),
    compliance: outputs.flatMap((output) => output.compliance ?? []),
    nowMs: outputs.findLast(({ nowMs }) => nowMs !== null)?.nowMs ?? null,
    refused: outputs.flatMap((output) => output.refused ?? []),
    audit: outputs.flatMap((output) => output.audit ?? []),
    seq: outputs[outputs.length - 1].seq,
    parts: outputs,
  };
}
