// Joins the parts into a run: its own pipeline, clock, ledger, output folder and store.

import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from './config.ts';
import { type LedgerCounter, ledgerCounter } from './edge/files/ledgerCount.ts';
import { runFiles } from './edge/files/runFiles.ts';
import { type Intake, intake } from './edge/ingest/intake.ts';
import { type SourceTable, sourceTable } from './edge/ingest/sourceTable.ts';
import { openAcks } from './edge/journal/acks.ts';
import { decodeEntry, encodeEntry, type JournalEntry, journalVersion } from './edge/journal/entries.ts';
import { openJournal, readJournal } from './edge/journal/journal.ts';
import { joined, type OutputQueue, outputQueue } from './edge/outputQueue.ts';
import { openDuckdb } from './edge/store/duckdb.ts';
import { memoryHistory } from './edge/store/memory.ts';
import { type Mirror, mirror } from './edge/store/mirror.ts';
import { startPipeline } from './pipeline/pipeline.ts';
import type { History, Output, PipelineOptions, Sink, SourceNames } from './pipeline/ports.ts';
import type { Kind } from './schema/catalog.ts';
import type { FlowItem } from './schema/flow.ts';
import type { HealthAnswer } from './schema/live.ts';
import type { ProblemCode } from './schema/problem.ts';
import type { Register } from './schema/register.ts';

/** More waiting for the disk holds intake back. */
const journalBytesWaitingMax = 32 * 1024 * 1024;

export interface RunOptions {
  readonly config: Config;
  readonly register: Register;
  /** A source that is not in the register is refused instead of being windowed without a district. */
  readonly strict: boolean;
  /** Folder of the run's output files; undefined: none. */
  readonly out?: string;
  /** Where history is kept: a DuckDB file, or memory. `none`: nothing is kept (headless throughput). */
  readonly store: { readonly duckdb: string } | 'memory' | 'none';
  /** Where the flow is recorded; undefined: in `input.journal` of `out`, not synced, or nowhere. */
  readonly journal?: {
    /** A folder when there is `segmentBytes`, else a file. */
    readonly path: string;
    readonly segmentBytes?: number;
    /** Outputs wait until what they came from is on the disk, and a run that was cut off goes on. */
    readonly isDurable: boolean;
  };
  /** Instead of what the configuration says: of a recording that runs again. */
  readonly pipeline?: PipelineOptions;
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
  readonly ledger: LedgerCounter;
  readonly history: History | undefined;
  /** The run's clock; null before the first tick. */
  readonly nowMs: number | null;
  /** Next frame number by feed and epoch, as far as it is durable. */
  readonly nextSeq: ReadonlyMap<string, number>;
  /** Index of a feed; a new one is recorded. */
  feedIndex(name: string): number;
  /** Rows refused before they became part of the flow. */
  refused(feed: number, kind: Kind, rows: number, code: ProblemCode): void;
  /** Resolves when everything so far is durable, and with it these frames. */
  durable(frames?: readonly { readonly key: string; readonly seq: number }[]): Promise<void>;
  /** One entry of a recording, as if it came now. */
  replay(entry: JournalEntry): void;
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

export async function openRun(given: RunOptions): Promise<Run> {
  const options =
    given.out === undefined ? given : { journal: { path: join(given.out, 'input.journal'), isDurable: false }, ...given };
  const { config } = options;
  if (options.out !== undefined) await mkdir(options.out, { recursive: true });
  const isResumed = options.journal?.isDurable === true && (await isCutOff(options));
  if (!isResumed) await removeOld(options);
  const sync = options.journal?.isDurable === true ? 'data' : 'none';
  const journal = options.journal && (await openJournal({ ...options.journal, sync })).journal;
  const acks = options.journal?.isDurable === true ? await openAcks(`${options.journal.path}.acks`, sync) : undefined;
  const pipelineOptions = options.pipeline ?? pipelineOf(config, options.register);
  const sources = sourceTable({ strict: options.strict });
  const ledger = ledgerCounter();
  const rows = intake({ sources, rowsMax: config.frameRowsMax });
  const history = await openHistory(options, sources, isResumed);
  const skipUpTo = isResumed ? (history?.lastSeq ?? 0) : 0;
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
  const untilDurable = async () => journal?.until(journal.position);
  if (history !== undefined) {
    queues.push(
      outputQueue(async (outputs) => {
        await untilDurable();
        const fresh = outputs.filter(({ seq }) => seq > skipUpTo);
        if (fresh.length === 0) return;
        const output = joined(fresh);
        await history.write(output);
        outputsWritten += outputs.length;
        await dropRaw(output.nowMs);
      }, fail),
    );
  }
  if (files !== undefined) {
    queues.push(
      outputQueue(async (outputs) => {
        await untilDurable();
        for (const output of outputs) await files.take(output);
      }, fail),
    );
  }
  if (mirrors.length > 0) {
    queues.push(
      outputQueue(async (outputs) => {
        await untilDurable();
        for (const output of outputs) for (const each of mirrors) each.offer(output);
      }, fail),
    );
  }

  /** Once an hour of the run's clock: deleting is slow. */
  async function dropRaw(tickMs: number | null): Promise<void> {
    if (tickMs === null || tickMs < droppedMs + 3_600_000) return;
    droppedMs = tickMs;
    await history?.dropRawBefore(tickMs - config.rawKeepMs);
  }

  const pipeline = startPipeline(pipelineOptions, deliver);

  function deliver(output: Output): void {
    for (const batch of output.rows) ledger.count(batch);
    options.publish?.(output);
    for (const queue of queues) queue.offer(output);
  }

  let isRecovering = false;
  const record = (entry: JournalEntry) => {
    if (!isRecovering) journal?.append(encodeEntry(entry));
  };

  function push(item: FlowItem): void {
    if (item.type === 'tick') nowMs = item.nowMs;
    record(item); // before the stages: they write into the batch
    pipeline.push(item);
  }

  function feedIndex(name: string): number {
    const { index, isNew } = ledger.feed(name);
    if (isNew) record({ type: 'feed', index, name });
    return index;
  }

  function refused(feed: number, kind: Kind, count: number, code: ProblemCode): void {
    record({ type: 'refused', feed, kind, rows: count, code });
    ledger.refused(feed, kind, count, code);
  }

  function replay(entry: JournalEntry): void {
    if (entry.type === 'feed') feedIndex(entry.name);
    else if (entry.type === 'refused') refused(entry.feed, entry.kind, entry.rows, entry.code);
    else if (entry.type !== 'begin') {
      if (entry.type === 'command') sources.learn(entry.command);
      push(entry);
    }
  }

  /** Runs what was recorded before the cut through the stages again. */
  async function recover(path: string): Promise<void> {
    isRecovering = true;
    for await (const { bytes } of readJournal(path)) {
      const entry = decodeEntry(bytes);
      if (entry.type === 'begin') checkSame(path, entry.pipeline, pipelineOptions);
      replay(entry);
      await settled();
    }
    isRecovering = false;
  }

  async function settled(): Promise<void> {
    if (journal !== undefined) await journal.until(journal.position - journalBytesWaitingMax);
    for (const queue of queues) await queue.settled(config.rowsQueuedMax);
  }

  if (isResumed && options.journal !== undefined) await recover(options.journal.path);
  if (journal?.position === 0) record({ type: 'begin', version: journalVersion, pipeline: pipelineOptions });
  sources.addRegister(options.register);

  async function written(): Promise<void> {
    for (const queue of queues) await queue.settled(0);
  }

  return {
    sources,
    intake: rows,
    ledger,
    history,
    get nowMs() {
      return nowMs;
    },
    nextSeq: acks?.next ?? new Map(),
    feedIndex,
    refused,
    replay,
    async durable(frames = []) {
      await untilDurable();
      await acks?.record(frames);
    },
    push,
    tick(tickMs) {
      rows.drain(push);
      push({ type: 'tick', nowMs: tickMs });
    },
    settled,
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
      rows.drain(push);
      pipeline.end();
      await written();
      for (const each of mirrors) await each.close();
      await journal?.close();
      await acks?.close();
      await files?.finish({ ...summary, config }, ledger.ledger());
      await history?.close();
    },
  };
}

function pipelineOf(config: Config, register: Register): PipelineOptions {
  return {
    clean: { maxFutureMs: config.maxFutureMs },
    window: {
      holdMs: config.holdMs,
      horizonMs: { '1m': config.horizon1mMs, '5m': config.horizon5mMs, '1h': config.horizon1hMs },
    },
    air: {
      edition: config.edition,
      city: register.city.code,
      districts: register.districts.map((district) => district.code),
      holdMs: config.holdMs,
    },
  };
}

/** There is a recording, and no summary that says that it was finished. */
async function isCutOff({ journal, out }: RunOptions): Promise<boolean> {
  if (journal === undefined || !existsSync(journal.path)) return false;
  return out === undefined || !existsSync(join(out, 'run.json'));
}

/** A run begins afresh: what an earlier one left in the same place goes. History outside of a run's folder stays. */
async function removeOld({ journal, out, store }: RunOptions): Promise<void> {
  if (journal !== undefined) {
    await rm(journal.path, { recursive: true, force: true });
    await rm(`${journal.path}.acks`, { force: true });
  }
  if (out === undefined) return;
  await rm(join(out, 'run.json'), { force: true });
  if (typeof store === 'object') for (const file of [store.duckdb, `${store.duckdb}.wal`]) await rm(file, { force: true });
}

function checkSame(path: string, recorded: PipelineOptions, wanted: PipelineOptions): void {
  if (isDeepStrictEqual(recorded, wanted)) return;
  throw new Error(
    `the recording ${path} was made with other options: ${JSON.stringify(recorded)}; now they are ${JSON.stringify(wanted)}. Start with the same options, or in another folder (--data or --out)`,
  );
}

async function openHistory(options: RunOptions, sources: SourceTable, resume: boolean): Promise<History | undefined> {
  if (options.store === 'none') return undefined;
  if (options.store === 'memory') return memoryHistory({ sources });
  return openDuckdb({ path: options.store.duckdb, sources, resume });
}

/** The run's store file inside its folder. */
export function storePath(folder: string): string {
  return join(folder, 'history.duckdb');
}
