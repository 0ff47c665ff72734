// Joins the parts into a run: its own pipeline, clock, ledger, output folder and store.

import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import type { Config } from './config.ts';
import { type LedgerCounter, ledgerCounter, type SavedLedger } from './edge/files/ledgerCount.ts';
import { runFiles, type SavedRunFiles } from './edge/files/runFiles.ts';
import { type Intake, intake } from './edge/ingest/intake.ts';
import { type SourceTable, sourceTable } from './edge/ingest/sourceTable.ts';
import { readCheckpoint, writeCheckpoint } from './edge/journal/checkpoint.ts';
import { openCommits } from './edge/journal/commits.ts';
import { decodeEntry, encodeEntry, type JournalEntry, journalVersion } from './edge/journal/entries.ts';
import { type Journal, openJournal, readJournal } from './edge/journal/journal.ts';
import { joined, type OutputQueue, outputQueue } from './edge/outputQueue.ts';
import { openDuckdb } from './edge/store/duckdb.ts';
import { memoryHistory } from './edge/store/memory.ts';
import { type Mirror, mirror } from './edge/store/mirror.ts';
import { type PipelineState, startPipeline } from './pipeline/pipeline.ts';
import type { History, Output, PipelineOptions, Sink, SourceNames } from './pipeline/ports.ts';
import type { Kind } from './schema/catalog.ts';
import type { FlowItem, RegisterSources } from './schema/flow.ts';
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
  /** Sees every output as soon as it is made; its state goes with the run's. */
  readonly live?: (names: SourceNames) => LiveEdge;
  /** A store failed for good, or a stage threw: the run cannot go on. */
  readonly failed: (error: Error) => void;
}

export interface LiveEdge {
  publish(output: Output): void;
  save(): unknown;
  restore(saved: unknown): void;
}

/** What a checkpoint holds, beside the files. */
interface Core {
  readonly position: number;
  readonly options: PipelineOptions;
  readonly pipeline: PipelineState;
  readonly sources: readonly RegisterSources[];
  readonly ledger: SavedLedger;
  readonly live: unknown;
  readonly nowMs: number | null;
  readonly seq: number;
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
  /** This frame has been pushed, in the same turn of the event loop: it is acknowledged with its rows or not at all. */
  noteFrame(key: string, seq: number): void;
  /** Resolves when everything so far is durable. */
  durable(): Promise<void>;
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
  /** Lets go of everything as a crash would: nothing that waits is written, nothing is finished. */
  abandon(): Promise<void>;
  /** Closes all windows, writes everything out. */
  finish(summary: Readonly<Record<string, unknown>>): Promise<void>;
}

export async function openRun(given: RunOptions): Promise<Run> {
  const options =
    given.out === undefined ? given : { journal: { path: join(given.out, 'input.journal'), isDurable: false }, ...given };
  const { config } = options;
  if (options.out !== undefined) await mkdir(options.out, { recursive: true });
  const isDurable = options.journal?.isDurable === true;
  const isResumed = isDurable && (await isCutOff(options));
  if (!isResumed) await removeOld(options);
  const sync = isDurable ? 'data' : 'none';
  const commits = isDurable ? await openCommits(`${options.journal?.path}.commits`, sync) : undefined;
  const journal = options.journal && (await openJournal({ ...options.journal, sync, keepTo: commits?.position })).journal;
  const checkpointPath = `${options.journal?.path}.checkpoint`;
  const saved = isResumed ? await savedState(checkpointPath) : undefined;
  const pipelineOptions = options.pipeline ?? pipelineOf(config, options.register);
  if (saved !== undefined) checkSame(checkpointPath, saved.core.options, pipelineOptions);
  const sources = sourceTable({ strict: options.strict });
  for (const command of saved?.core.sources ?? []) sources.learn(command);
  const ledger = ledgerCounter();
  if (saved !== undefined) ledger.restore(saved.core.ledger);
  const rows = intake({ sources, rowsMax: config.frameRowsMax });
  const history = await openHistory(options, sources, isResumed);
  const skipUpTo = isResumed ? (history?.lastSeq ?? 0) : 0;
  const files =
    options.out === undefined
      ? undefined
      : await runFiles(options.out, { sources, feedName: ledger.feedName, saved: saved?.files });
  const live = options.live?.(sources);
  if (saved !== undefined) live?.restore(saved.core.live);
  const mirrors: Mirror[] = options.mirrors.map((make) => mirror(make(sources), { queueMax: config.mirrorQueueMax }));
  const queues: OutputQueue[] = [];
  let outputsWritten = 0;
  let droppedMs = Number.NEGATIVE_INFINITY;
  let failure: Error | undefined;
  let nowMs = saved?.core.nowMs ?? null;
  /** Number of the newest output, and of the newest that the files have. */
  let seq = saved?.core.seq ?? 0;
  let filesSeq = seq;

  const fail = (error: Error) => {
    failure ??= error;
    options.failed(error);
  };
  /** Frames that came since the last commit, by feed and epoch. */
  const frames = new Map<string, number>();
  let committed = journal?.position ?? 0;
  let committing: Promise<void> | undefined;

  async function commit(to: Journal): Promise<void> {
    const position = to.position;
    const taken = [...frames];
    frames.clear();
    await to.until(position);
    await commits?.record(position, taken);
    committed = position;
  }

  async function durable(): Promise<void> {
    if (journal === undefined) return;
    const wanted = journal.position;
    while (committed < wanted || frames.size > 0) {
      committing ??= commit(journal).finally(() => {
        committing = undefined;
      });
      await committing;
    }
  }

  if (history !== undefined) {
    queues.push(
      outputQueue(async (outputs) => {
        await durable();
        const fresh = outputs.filter((output) => output.seq > skipUpTo);
        if (fresh.length === 0) return;
        const output = joined(fresh);
        await history.write(output);
        outputsWritten += outputs.length;
        await dropRaw(output.nowMs);
      }, fail),
    );
  }
  /** A checkpoint that wants the files as they are after one output. */
  let filesWanted: { readonly seq: number; readonly resolve: (state: SavedRunFiles) => void } | undefined;
  let filesSaving: Promise<void> = Promise.resolve();
  async function saveFiles(): Promise<void> {
    if (files === undefined || filesWanted === undefined || filesSeq < filesWanted.seq) return;
    const { resolve } = filesWanted;
    filesWanted = undefined;
    resolve(await files.save());
  }
  if (files !== undefined) {
    queues.push(
      outputQueue(async (outputs) => {
        await durable();
        for (const output of outputs) {
          await filesSaving;
          await files.take(output);
          filesSeq = output.seq;
          await saveFiles();
        }
      }, fail),
    );
  }
  if (mirrors.length > 0) {
    queues.push(
      outputQueue(async (outputs) => {
        await durable();
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
  if (saved !== undefined) pipeline.restore(saved.core.pipeline);

  function deliver(output: Output): void {
    seq = output.seq;
    for (const batch of output.rows) ledger.count(batch);
    live?.publish(output);
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

  /** Runs what was recorded behind the checkpoint through the stages again. */
  async function recover(path: string): Promise<void> {
    isRecovering = true;
    let isFirst = saved === undefined;
    for await (const { bytes } of readJournal(path, saved?.core.position)) {
      const entry = decodeEntry(bytes);
      if (isFirst && entry.type !== 'begin')
        throw new Error(`the recording ${path} has lost its beginning, and there is no checkpoint: move it away to start anew`);
      isFirst = false;
      if (entry.type === 'begin') checkSame(path, entry.pipeline, pipelineOptions);
      replay(entry);
      for (const queue of queues) await queue.settled(config.rowsQueuedMax);
    }
    isRecovering = false;
  }

  let isAbandoned = false;
  let checkpointPosition = saved?.core.position ?? 0;
  let checkpointing: Promise<void> | undefined;

  /** The state is copied at once, between two items; what is behind it catches up before the file is written. */
  async function checkpoint(to: Journal): Promise<void> {
    const position = to.position;
    const at = seq;
    const core: Core = {
      position,
      options: pipelineOptions,
      pipeline: pipeline.save(),
      sources: sources.announced(),
      ledger: ledger.save(),
      live: live?.save(),
      nowMs,
      seq,
    };
    const bytes = serialize(core);
    checkpointPosition = position;
    const filesState = files && savedFiles(at);
    for (const queue of queues) await queue.taken(at);
    if (isAbandoned) return;
    const state = { core: bytes, files: await filesState };
    await durable();
    await writeCheckpoint(checkpointPath, serialize(state));
    await commits?.compact();
    await to.dropBefore(Math.min(position, to.position - config.journalKeepBytes));
  }

  function savedFiles(at: number): Promise<SavedRunFiles> {
    return new Promise((resolve) => {
      filesWanted = { seq: at, resolve };
      // When the files have everything already, no later output will ask.
      if (filesSeq >= at) filesSaving = saveFiles();
    });
  }

  async function settled(): Promise<void> {
    if (journal === undefined) return settledQueues();
    if (isDurable && checkpointing === undefined && journal.position - checkpointPosition >= config.checkpointBytes) {
      checkpointing = checkpoint(journal)
        .catch(fail)
        .finally(() => {
          checkpointing = undefined;
        });
    }
    await journal.until(journal.position - journalBytesWaitingMax);
    await settledQueues();
  }

  async function settledQueues(): Promise<void> {
    for (const queue of queues) await queue.settled(config.rowsQueuedMax);
  }

  async function abandon(): Promise<void> {
    isAbandoned = true;
    for (const queue of queues) await queue.stop();
    await checkpointing;
    await history?.close();
    await journal?.close();
    await commits?.close();
  }

  try {
    if (isResumed && options.journal !== undefined) await recover(options.journal.path);
  } catch (error) {
    await abandon();
    throw error;
  }
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
    nextSeq: commits?.next ?? new Map(),
    feedIndex,
    refused,
    replay,
    abandon,
    noteFrame(key, number) {
      frames.set(key, number);
    },
    durable,
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
      await checkpointing;
      // A run without a folder of its own goes on at the next start: its open windows stay open.
      if (options.out !== undefined || !isDurable) pipeline.end();
      await written();
      for (const each of mirrors) await each.close();
      await journal?.close();
      await commits?.close();
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

async function savedState(path: string): Promise<{ readonly core: Core; readonly files?: SavedRunFiles } | undefined> {
  const state = (await readCheckpoint(path)) as { core: Uint8Array; files?: SavedRunFiles } | undefined;
  return state === undefined ? undefined : { core: deserialize(state.core) as Core, files: state.files };
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
    for (const suffix of ['commits', 'checkpoint']) await rm(`${journal.path}.${suffix}`, { force: true });
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
