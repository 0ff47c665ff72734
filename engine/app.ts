// Joins the parts into a run: its own pipeline, clock, ledger, output folder and store.

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { ledgerCounter } from './edge/files/ledgerCount.ts';
import { runFiles } from './edge/files/runFiles.ts';
import { type Intake, intake } from './edge/ingest/intake.ts';
import { type SourceTable, sourceTable } from './edge/ingest/sourceTable.ts';
import { joined, type OutputQueue, outputQueue } from './edge/outputQueue.ts';
import { openDuckdb } from './edge/store/duckdb.ts';
import { memoryHistory } from './edge/store/memory.ts';
import { type Mirror, mirror } from './edge/store/mirror.ts';
import { startPipeline } from './pipeline/pipeline.ts';
import type { History, Output, Sink, SourceNames } from './pipeline/ports.ts';
import type { FlowItem } from './schema/flow.ts';
import type { HealthAnswer } from './schema/live.ts';
import type { Register } from './schema/register.ts';

export interface RunOptions {
  readonly config: Config;
  readonly register: Register;
  /** A source that is not in the register is refused instead of being windowed without a district. */
  readonly strict: boolean;
  /** Folder of the run's output files; undefined: none. */
  readonly out?: string;
  /** Where history is kept: a DuckDB file, or memory. `none`: nothing is kept (headless throughput). */
  readonly store: { readonly duckdb: string } | 'memory' | 'none';
  /** A store file of an earlier run in the same place is removed first. */
  readonly freshStore?: boolean;
  /** Makes the mirrors, given the names of sources. */
  readonly mirrors: readonly ((names: SourceNames) => Sink)[];
  /** Sees every output as soon as it is made. */
  readonly publish?: (output: Output) => void;
  /** A store failed for good, or a stage threw: the run cannot go on. */
  readonly failed: (error: Error) => void;
}

export interface Run {
  readonly sources: SourceTable;
  readonly intake: Intake;
  readonly ledger: ReturnType<typeof ledgerCounter>;
  readonly history: History | undefined;
  /** One item of the flow, through every stage, before it returns. */
  push(item: FlowItem): void;
  /** Hands over what has arrived, then the tick. */
  tick(nowMs: number): void;
  /** Stores have caught up far enough for more to come in. */
  settled(): Promise<void>;
  /** History and files have taken everything that went through the stages. */
  written(): Promise<void>;
  health(): HealthAnswer;
  /** Closes all windows, writes everything out. */
  finish(summary: Readonly<Record<string, unknown>>): Promise<void>;
}

export async function openRun(options: RunOptions): Promise<Run> {
  const { config } = options;
  if (options.out !== undefined) await mkdir(options.out, { recursive: true });
  const sources = sourceTable(options.register, { strict: options.strict });
  const ledger = ledgerCounter();
  const rows = intake({ sources, rowsMax: config.frameRowsMax });
  const history = await openHistory(options, sources);
  const files = options.out === undefined ? undefined : await runFiles(options.out, { sources, feedName: ledger.feedName });
  const mirrors: Mirror[] = options.mirrors.map((make) => mirror(make(sources), { queueMax: config.mirrorQueueMax }));
  const queues: OutputQueue[] = [];
  let outputsWritten = 0;
  let droppedMs = Number.NEGATIVE_INFINITY;
  let failure: Error | undefined;
  let nowMs: number | null = null;

  const fail = (error: Error) => {
    failure ??= error;
    options.failed(error);
  };
  if (history !== undefined) {
    queues.push(
      outputQueue(async (outputs) => {
        const output = joined(outputs);
        await history.write(output);
        outputsWritten += outputs.length;
        await dropRaw(output.nowMs);
      }, fail),
    );
  }
  if (files !== undefined) {
    queues.push(
      outputQueue(async (outputs) => {
        for (const output of outputs) await files.take(output);
      }, fail),
    );
  }

  /** Once an hour of the run's clock: deleting is slow. */
  async function dropRaw(tickMs: number | null): Promise<void> {
    if (tickMs === null || tickMs < droppedMs + 3_600_000) return;
    droppedMs = tickMs;
    await history?.dropRawBefore(tickMs - config.rawKeepMs);
  }

  const pipeline = startPipeline(
    {
      clean: { maxFutureMs: config.maxFutureMs },
      window: {
        holdMs: config.holdMs,
        horizonMs: { '1m': config.horizon1mMs, '5m': config.horizon5mMs, '1h': config.horizon1hMs },
      },
      air: {
        edition: config.edition,
        city: options.register.city.code,
        districts: options.register.districts.map((district) => district.code),
        holdMs: config.holdMs,
      },
    },
    deliver,
  );

  function deliver(output: Output): void {
    for (const batch of output.rows) ledger.count(batch);
    options.publish?.(output);
    for (const queue of queues) queue.offer(output);
    for (const each of mirrors) each.offer(output);
  }

  async function written(): Promise<void> {
    for (const queue of queues) await queue.settled(0);
  }

  return {
    sources,
    intake: rows,
    ledger,
    history,
    push(item) {
      if (item.type === 'tick') nowMs = item.nowMs;
      pipeline.push(item);
    },
    tick(tickMs) {
      rows.drain(pipeline.push);
      nowMs = tickMs;
      pipeline.push({ type: 'tick', nowMs: tickMs });
    },
    async settled() {
      for (const queue of queues) await queue.settled(config.rowsQueuedMax);
    },
    written,
    health() {
      const stores = [
        ...(history === undefined
          ? []
          : [
              {
                name: history.name,
                ok: failure === undefined,
                written: outputsWritten,
                queued: queues[0].waiting,
                failed: failure === undefined ? 0 : 1,
                lastError: failure?.message,
              },
            ]),
        ...mirrors.map((each) => each.health()),
      ];
      const why = stores.filter((store) => !store.ok).map((store) => `${store.name}: ${store.lastError ?? 'not answering'}`);
      return { live: true, ready: failure === undefined, why, clock: config.clock, nowMs, stores };
    },
    async finish(summary) {
      rows.drain(pipeline.push);
      pipeline.end();
      await written();
      for (const each of mirrors) await each.close();
      await files?.finish({ ...summary, config }, ledger.ledger());
      await history?.close();
    },
  };
}

async function openHistory(options: RunOptions, sources: SourceTable): Promise<History | undefined> {
  if (options.store === 'none') return undefined;
  if (options.store === 'memory') return memoryHistory({ sources });
  const path = options.store.duckdb;
  if (options.freshStore === true) for (const file of [path, `${path}.wal`]) await rm(file, { force: true });
  return openDuckdb({ path, sources });
}

/** The run's store file inside its folder. */
export function storePath(folder: string): string {
  return join(folder, 'history.duckdb');
}
