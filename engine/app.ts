// Joins the parts into a run: its own pipeline, clock, ledger, output folder and store.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { changedOptions } from './changedOptions.ts';
import { pipelineOptions } from './config.ts';
import { auditTrail, trailEnd } from './edge/auditTrail.ts';
import { diskWatch, fullText } from './edge/disk.ts';
import { ledgerCounter } from './edge/files/ledgerCount.ts';
import { intake } from './edge/ingest/intake.ts';
import { goneText, sourceTable } from './edge/ingest/sourceTable.ts';
import { type JournalEntry, journalVersion } from './edge/journal/entries.ts';
import { noRecording, openRecording } from './edge/journal/recording.ts';
import { orderDesk } from './edge/orderDesk.ts';
import { openOutputs } from './edge/outputs.ts';
import { emergencyBoard } from './edge/serve/emergencyBoard.ts';
import { flagged } from './edge/serve/flagged.ts';
import { incidentBoard } from './edge/serve/incidentBoard.ts';
import { watermarks } from './edge/serve/watermarks.ts';
import { startPipeline } from './pipeline/pipeline.ts';
import type { Output, PipelineOptions } from './pipeline/ports.ts';
import type { Run, RunOptions, RunState } from './run.ts';
import { checkPlaces, isCutOff, removeOld } from './runFolder.ts';
import type { FlowItem, SetRules } from './schema/flow.ts';
import type { Refused } from './schema/problem.ts';
import { completeRules } from './stages/correlate/ruleCatalog.ts';

export async function openRun(given: RunOptions): Promise<Run> {
  const options =
    given.out === undefined || given.state !== undefined
      ? given
      : { recording: { path: join(given.out, 'input.journal'), isDurable: false }, ...given };
  const { config } = options;
  if (options.out !== undefined) await mkdir(options.out, { recursive: true });
  const isResumed = isCutOff(options);
  if (!isResumed) await removeOld(options);
  const disk = diskWatch({ notice: options.notice, sleep: options.sleep });
  const recording =
    options.recording === undefined
      ? noRecording
      : await openRecording({
          ...options.recording,
          resume: isResumed,
          checkpointBytes: config.checkpointBytes,
          checkpointTimes: config.checkpointTimes,
          checkpointMs: config.checkpointMs,
          keepBytes: config.journalKeepBytes,
          keepMs: config.journalKeepMs,
          disk,
        });
  const { cutBytes, lostBytes } = recording;
  if (lostBytes > 0)
    options.notice?.(
      `the recording ${options.recording?.path} is damaged: ${lostBytes} bytes that had been acknowledged are lost; feeds are asked for frames from there on again`,
    );
  else if (cutBytes > 0)
    options.notice?.(`${cutBytes} bytes at the end of the recording were cut: they had not been acknowledged`);
  const core = options.state ?? (recording.checkpoint?.core as RunState | undefined);
  const pipelineWanted = options.pipeline ?? pipelineOptions(config, options.register, options.rules);
  let pipelineUsed = core?.options ?? pipelineWanted;
  const sources = sourceTable({ strict: options.strict });
  for (const command of core?.sources ?? []) sources.learn(command);
  const ledger = ledgerCounter();
  if (core !== undefined) ledger.restore(core.ledger);
  const rows = intake({ sources, rowsMax: config.frameRowsMax });
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    options.failed(error);
  };
  const outputs = await openOutputs({
    ...options,
    sources,
    feedName: ledger.feedName,
    disk,
    resume: isResumed,
    saved: recording.checkpoint?.files,
    durable: recording.durable,
    failed: fail,
  });
  const live = options.live?.(sources);
  const flags = flagged(sources.id);
  const board = incidentBoard();
  const trail = auditTrail();
  const desk = orderDesk();
  const emergency = emergencyBoard();
  const clocks = watermarks({ source: sources.source, holdMs: pipelineWanted.window.holdMs, feedName: ledger.feedName });
  if (core !== undefined) {
    live?.restore(core.live);
    clocks.restore(core.clocks);
    flags.restore(core.flags);
    board.restore(core.board);
    trail.restore(core.audit);
    desk.restore(core.desk);
    emergency.restore(core.emergency);
  }
  let nowMs = core?.nowMs ?? null;
  /** Refused and not recorded yet: a frame number is committed with what was refused of its frame, or neither is. */
  let unrecorded: Refused[] = [];
  /** Recorded, for the next output. */
  let refusedRows: readonly Refused[] = core?.refused ?? [];

  let pipeline = startPipeline(pipelineUsed, deliver);
  if (core !== undefined) pipeline.restore(core.pipeline);

  function deliver(made: Output): void {
    const output = trail.follow(refusedRows.length === 0 ? made : { ...made, refused: refusedRows });
    refusedRows = [];
    for (const batch of output.rows) ledger.count(batch);
    clocks.publish(output);
    flags.publish(output);
    board.publish(output);
    desk.publish(output);
    emergency.publish(output);
    live?.publish(output);
    outputs.offer(output);
  }

  let isRecovering = false;
  const record = (entry: JournalEntry) => {
    if (!isRecovering) recording.record(entry);
  };

  function push(item: FlowItem): void {
    recordRefused();
    record(item); // before the stages: they write into the batch
    pass(item);
  }

  function pushArrived(frames: ReadonlyMap<string, number>): Promise<void> {
    const items = rows.drain();
    recordRefused();
    for (const item of items) record(item);
    for (const [key, seq] of frames) recording.noteFrame(key, seq);
    const durable = frames.size > 0 ? recording.durable() : Promise.resolve();
    durable.catch(() => {}); // whoever waits is told; nobody does if a stage throws
    for (const item of items) pass(item);
    return durable;
  }

  /** Through the stages. */
  function pass(item: FlowItem): void {
    if (item.type === 'tick') nowMs = item.nowMs;
    if (item.type === 'command' && item.command.name === 'rules') pipelineUsed = withRules(pipelineUsed, item.command);
    if (item.type === 'command' && item.command.name === 'sources-gone') clocks.forget(item.command);
    if (item.type === 'rows') ledger.received(item.batch.feed, item.batch.kind, item.batch.rows);
    pipeline.push(item);
    if (item.type === 'tick' && !ledger.isBalanced())
      throw new Error(`BUG: the ledger does not balance: ${JSON.stringify(ledger.ledger())}`);
  }

  function feedIndex(name: string): number {
    const { index, isNew } = ledger.feed(name);
    if (isNew) record({ type: 'feed', index, name });
    return index;
  }

  function refused(what: Refused): void {
    const { feed, kind = 'air', rows: count, code } = what; // what does not say its kind counts under air
    if (count > 0) ledger.refused(feed, kind, count, code);
    if (what.isFrame) ledger.refusedFrame(feed, code);
    unrecorded.push(what);
  }

  function recordRefused(): void {
    if (unrecorded.length === 0) return;
    for (const what of unrecorded) record({ type: 'refused', ...what });
    // What was shed is only counted.
    refusedRows = [...refusedRows, ...unrecorded.filter(({ code }) => code !== 'shed')];
    unrecorded = [];
  }

  /** From here on other options count. The recording says so, and does the same when it is run again. */
  function reconfigure(next: PipelineOptions): void {
    if (isDeepStrictEqual(next, pipelineUsed)) return;
    record({ type: 'begin', version: journalVersion, pipeline: next });
    const state = pipeline.save();
    const { rules } = next.correlate;
    const isOther = !isDeepStrictEqual(rules, pipelineUsed.correlate.rules);
    pipelineUsed = next;
    pipeline = startPipeline(next, deliver);
    pipeline.restore(state); // with its rules: findings that are open under them are not to be forgotten
    if (isOther) pipeline.push({ type: 'command', command: { name: 'rules', rules } });
  }

  function replay(entry: JournalEntry): void {
    if (entry.type === 'feed') feedIndex(entry.name);
    else if (entry.type === 'refused') {
      const { type: _, ...what } = entry;
      refused(what);
      recordRefused();
    } else if (entry.type === 'begin') reconfigure(entry.pipeline);
    else {
      if (entry.type === 'command' && (entry.command.name === 'sources' || entry.command.name === 'sources-gone'))
        sources.learn(entry.command);
      push(entry);
    }
  }

  /** Runs what was recorded behind the checkpoint through the stages again. */
  async function recover(): Promise<void> {
    isRecovering = true;
    for await (const entry of recording.tail()) {
      replay(entry);
      await outputs.settled(config.rowsQueuedMax);
    }
    isRecovering = false;
  }

  let checkpointing: Promise<void> | undefined;

  /** The state is copied at once, between two items; stores and files then catch up with it. */
  function checkpoint(): Promise<void> {
    const state = (): RunState => ({
      options: pipelineUsed,
      pipeline: pipeline.save(),
      sources: sources.announced(),
      ledger: ledger.save(),
      live: live?.save(),
      clocks: clocks.save(),
      flags: flags.save(),
      board: board.save(),
      audit: trail.save(),
      desk: desk.save(),
      emergency: emergency.save(),
      nowMs,
      refused: refusedRows,
    });
    return recording.writeCheckpoint(state, outputs.stored());
  }

  async function settled(): Promise<void> {
    // The ledger counts already what is not recorded yet: then the next time will do.
    if (checkpointing === undefined && unrecorded.length === 0 && recording.isCheckpointDue()) {
      checkpointing = checkpoint()
        .catch(fail)
        .finally(() => {
          checkpointing = undefined;
        });
    }
    await recording.settled();
    await outputs.settled(config.rowsQueuedMax);
  }

  async function abandon(): Promise<void> {
    disk.stop();
    await outputs.abandon();
    await checkpointing;
    await recording.close();
  }

  try {
    if (isResumed) await recover();
    checkPlaces(options.recording?.path, pipelineUsed, pipelineWanted);
  } catch (error) {
    await abandon();
    throw error;
  }
  if (recording.isEmpty) record({ type: 'begin', version: journalVersion, pipeline: pipelineUsed });
  else if (!isDeepStrictEqual(pipelineUsed, pipelineWanted)) {
    options.notice?.(
      `from here on other options count: ${changedOptions({ ...pipelineUsed }, { ...pipelineWanted }).join(', ')}`,
    );
    reconfigure(pipelineWanted);
  }
  // A recording that runs again says itself who comes and goes.
  const goneNow = options.pipeline === undefined ? sources.keepOnly(options.register) : [];
  if (goneNow.length > 0) options.notice?.(goneText(goneNow));
  sources.addRegister(options.register);

  return {
    sources,
    intake: rows,
    ledger,
    history: outputs.history,
    get nowMs() {
      return nowMs;
    },
    nextSeq: recording.nextSeq,
    feedIndex,
    refused,
    replay,
    abandon,
    durable: recording.durable,
    push,
    pushArrived,
    setRules(rules) {
      if (isDeepStrictEqual(rules, completeRules(pipelineUsed.correlate.rules))) return false;
      push({ type: 'command', command: { name: 'rules', rules } });
      return true;
    },
    tick(tickMs) {
      for (const item of rows.drain()) push(item);
      push({ type: 'tick', nowMs: tickMs });
    },
    takeNews: desk.take,
    holdingOrders: desk.holding,
    settled,
    written: () => outputs.settled(0),
    get isDiskFull() {
      return disk.full.length > 0;
    },
    health() {
      const stores = outputs.health(failure);
      const diskFull = disk.full;
      const full = diskFull.length === 0 ? [] : [fullText(diskFull)];
      const why = stores.filter((store) => !store.ok).map((store) => `${store.name}: ${store.lastError ?? 'not answering'}`);
      return {
        live: true,
        ready: failure === undefined && diskFull.length === 0,
        why: [...full, ...why],
        diskFull,
        cutBytes,
        checkpointPauseMs: recording.pauseMs,
        clock: config.clock,
        nowMs,
        stores,
      };
    },
    watermarks: clocks.answer,
    flags: flags.answer,
    board,
    emergency,
    async finish(summary) {
      for (const item of rows.drain()) push(item);
      recordRefused();
      await checkpointing;
      // A run without a folder of its own goes on at the next start: its open windows stay open.
      if (options.out !== undefined || options.recording?.isDurable !== true) pipeline.end();
      await outputs.settled(0);
      await recording.close();
      // Of a recording without its beginning: `lantian check` goes on from there.
      const audit = options.state === undefined ? {} : { auditAfter: trailEnd(options.state.audit) };
      await outputs.close({ ...summary, config, ...audit }, ledger.ledger());
      for (const { name, spoolBytes = 0 } of outputs.health(failure))
        if (spoolBytes > 0) options.notice?.(`${name}: ${spoolBytes} bytes wait in its spool for the next start`);
    },
  };
}

function withRules(options: PipelineOptions, { rules }: SetRules): PipelineOptions {
  return { ...options, correlate: { ...options.correlate, rules: completeRules(rules) } };
}

/** The run's store file inside its folder. */
export function storePath(folder: string): string {
  return join(folder, 'history.duckdb');
}
