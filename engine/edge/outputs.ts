// Where a run's outputs go: history, files and mirrors, each behind a queue of its own, none before the recording has them.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { History, Output, Sink, SourceNames } from '../pipeline/ports.ts';
import type { Incident } from '../schema/incident.ts';
import type { HealthAnswer } from '../schema/live.ts';
import type { Disk } from './disk.ts';
import { type RunFiles, runFiles, type SavedRunFiles } from './files/runFiles.ts';
import type { EmergencyNews } from './notify/webhook.ts';
import { type Gathering, joined, type OutputQueue, outputQueue } from './outputQueue.ts';
import { openDuckdb } from './store/duckdb.ts';
import { memoryHistory } from './store/memory.ts';
import { type Mirror, openMirror } from './store/mirror.ts';
import { pointsOf } from './store/points.ts';

export interface OutputPlaces {
  /** Folder of the run's output files; undefined: none. */
  readonly out?: string;
  /** Where history is kept: a DuckDB file, or memory. `none`: nothing is kept (headless throughput). */
  readonly store: { readonly duckdb: string } | 'memory' | 'none';
  readonly mirrors: readonly Sink[];
  /** Are told of every incident that is new or has changed. */
  readonly webhooks?: readonly Sink<Incident>[];
  /** Are told of every warning and order that is new or has changed. */
  readonly emergencyWebhooks?: readonly Sink<EmergencyNews>[];
  /** Folder of their spools; needed when there are any. */
  readonly spoolDir?: string;
  /** Of the pauses before a mirror is tried again; a simulation gives its own. */
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface OutputsOptions extends OutputPlaces {
  /** Of the configuration. */
  readonly config: {
    readonly rawKeepMs: number;
    readonly apartKeepRows: number;
    readonly mirrorQueueMax: number;
    readonly rowsQueuedMax: number;
  };
  readonly sources: SourceNames;
  readonly feedName: (index: number) => string;
  readonly disk: Disk;
  /** Go on after the outputs that are there, with the files as they were saved. */
  readonly resume: boolean;
  readonly saved: readonly unknown[] | undefined;
  /** Everything so far is recorded: only then is it stored. */
  readonly durable: () => Promise<void>;
  readonly failed: (error: Error) => void;
}

export interface Outputs {
  readonly history: History | undefined;
  offer(output: Output): void;
  /** Resolves when at most this many rows wait for a store. */
  settled(rowsMax: number): Promise<void>;
  /** Resolves when all that was offered before is stored for good, with the files' state at that point; undefined when abandoned. */
  stored(): Promise<{ readonly files: readonly unknown[] } | undefined>;
  health(failure: Error | undefined): HealthAnswer['stores'];
  /** Lets go of everything as a crash would. */
  abandon(): Promise<void>;
  /** After the last output has been stored: summary and ledger go to the files. */
  close(summary: Readonly<Record<string, unknown>>, ledger: unknown): Promise<void>;
}

const hourMs = 3_600_000;
/** A write of the history costs tens of milliseconds however few its rows are; a row can be asked for that much later. */
const gatherMs = 250;

export async function openOutputs(options: OutputsOptions): Promise<Outputs> {
  const { out, sources, disk } = options;
  const history = await openHistory(options);
  const files =
    out === undefined
      ? undefined
      : await runFiles(out, { sources, feedName: options.feedName, disk, saved: savedFiles(options) });
  const mirrors = await openMirrors(options, options.mirrors);
  const webhooks = await openMirrors(options, options.webhooks ?? []);
  const emergencyWebhooks = await openMirrors(options, options.emergencyWebhooks ?? []);
  const away = [...mirrors, ...webhooks, ...emergencyWebhooks];
  /** Number of the newest output in the history: they count from 1, over restarts. */
  let written = history !== undefined && options.resume ? history.lastSeq : 0;
  // The other half of the queue fills while one half is written.
  const gathering = { rows: options.config.rowsQueuedMax / 2, pause: () => pause(gatherMs, undefined, { ref: false }) };
  const historyQueue =
    history &&
    queueOf(
      historyTaker(history, options, (seq) => {
        written = seq;
      }),
      typeof options.store === 'object' ? gathering : undefined, // memory takes bits as gladly
    );
  const filesQueue = files && queueOf((outputs) => inOrder(outputs, files.take));
  const mirrorsQueue = away.length === 0 ? undefined : queueOf((outputs) => inOrder(outputs, mirror));
  const queues = [historyQueue, filesQueue, mirrorsQueue].filter((queue) => queue !== undefined);
  let isAbandoned = false;

  async function mirror(output: Output): Promise<void> {
    const points = pointsOf(output, sources);
    for (const each of mirrors) await each.offer(points);
    for (const each of webhooks) await each.offer(output.incidents);
    for (const each of emergencyWebhooks) await each.offer(newsOf(output));
  }

  function queueOf(take: (outputs: readonly Output[]) => Promise<void>, gathering?: Gathering): OutputQueue {
    const takeRecorded = async (outputs: readonly Output[]) => {
      await options.durable();
      await take(outputs);
    };
    return outputQueue(takeRecorded, options.failed, gathering);
  }

  function historyHealth({ name }: History, failure: Error | undefined): HealthAnswer['stores'][number] {
    const ok = failure === undefined;
    return { name, ok, written, queued: historyQueue?.waiting ?? 0, failed: ok ? 0 : 1, lastError: failure?.message };
  }

  return {
    history,
    offer(output) {
      for (const queue of queues) queue.offer(output);
    },
    async settled(rowsMax) {
      for (const queue of queues) await queue.settled(rowsMax);
    },
    async stored() {
      const [saved] = await Promise.all([
        filesQueue?.inBetween(() => (files as RunFiles).save()),
        historyQueue?.inBetween(async () => {}),
        mirrorsQueue?.inBetween(async () => {
          for (const each of away) await each.synced();
        }),
      ]);
      return isAbandoned ? undefined : { files: saved ?? [] };
    },
    health: (failure) => [
      ...(history === undefined ? [] : [historyHealth(history, failure)]),
      ...away.map((each) => each.health()),
    ],
    async abandon() {
      isAbandoned = true;
      for (const queue of queues) await queue.stop();
      for (const each of away) await each.abandon();
      await history?.close();
    },
    async close(summary, ledger) {
      for (const each of away) await each.close();
      await files?.finish(summary, ledger);
      await history?.close();
    },
  };
}

function savedFiles({ saved = [] }: OutputsOptions): SavedRunFiles | undefined {
  return saved.length === 0 ? undefined : (saved as unknown as SavedRunFiles);
}

/** Orders follow from their warning: it comes first. */
function newsOf({ warnings = [], orders = [] }: Output): EmergencyNews[] {
  return [...warnings.map((warning) => ({ warning })), ...orders.map((order) => ({ order }))];
}

async function inOrder(outputs: readonly Output[], take: (output: Output) => Promise<void>): Promise<void> {
  for (const output of outputs) await take(output);
}

/** Writes what is not there yet, and once an hour of the run's clock removes what is too old: deleting is slow. */
function historyTaker(
  history: History,
  { config, disk, resume }: OutputsOptions,
  written: (seq: number) => void,
): (outputs: readonly Output[]) => Promise<void> {
  const skipUpTo = resume ? history.lastSeq : 0;
  let droppedMs = Number.NEGATIVE_INFINITY;

  async function drop(nowMs: number | null): Promise<void> {
    if (nowMs === null || nowMs < droppedMs + hourMs) return;
    droppedMs = nowMs;
    await disk.keepTrying(history.name, () => history.dropRawBefore(nowMs - config.rawKeepMs));
    await disk.keepTrying(history.name, () => history.keepApart(config.apartKeepRows));
  }

  return async (outputs) => {
    const fresh = outputs.filter((output) => output.seq > skipUpTo);
    if (fresh.length === 0) return;
    const output = joined(fresh);
    await disk.keepTrying(history.name, () => history.write(output));
    written(output.seq);
    await drop(output.nowMs);
  };
}

function openMirrors<Item>(
  { spoolDir, sleep, config, disk }: OutputsOptions,
  sinks: readonly Sink<Item>[],
): Promise<Mirror<Item>[]> {
  if (sinks.length > 0 && spoolDir === undefined) throw new Error('BUG: mirrors need a folder for their spools');
  return Promise.all(
    sinks.map((sink, i) =>
      openMirror(sink, {
        dir: join(spoolDir as string, sink.name.replace(/[^a-z0-9.-]+/gi, '_')),
        queueMax: config.mirrorQueueMax,
        seed: i,
        disk,
        sleep,
      }),
    ),
  );
}

async function openHistory({ store, sources, resume }: OutputsOptions): Promise<History | undefined> {
  if (store === 'none') return undefined;
  if (store === 'memory') return memoryHistory({ sources });
  return openDuckdb({ path: store.duckdb, sources, resume });
}
