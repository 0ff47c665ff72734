// A recording through the engine again: the same flow, so the same outputs.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { decodeEntry, type JournalEntry } from '../../engine/edge/journal/entries.ts';
import { readJournal } from '../../engine/edge/journal/journal.ts';
import { oldestSnapshot } from '../../engine/edge/journal/snapshots.ts';
import type { PipelineOptions } from '../../engine/pipeline/ports.ts';
import type { Run, RunState } from '../../engine/run.ts';
import type { Register } from '../../engine/schema/register.ts';
import type { Rules } from '../../engine/stages/correlate/ruleCatalog.ts';
import { FileError } from '../fileProblem.ts';
import type { HeadlessOptions, HeadlessResult } from './headless.ts';

/** A file that begins like a journal, or a folder (of segments). */
export function isJournal(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) return found !== undefined;
  const head = Buffer.alloc(4);
  const file = openSync(path, 'r');
  readSync(file, head, 0, 4, 0);
  closeSync(file);
  return head.toString() === 'LTJ1';
}

export interface RecordingStart {
  /** What the recorded run computed with. */
  readonly pipeline: PipelineOptions;
  /** What it goes on from where its beginning was dropped: the oldest point that was kept. */
  readonly state?: RunState;
  /** Entries behind this position follow. */
  readonly position: number;
}

/** Rejects with `FileError` for a journal that has neither its beginning nor a snapshot. */
export async function recordingStart(path: string): Promise<RecordingStart> {
  for await (const { bytes } of readJournal(path)) {
    const entry = decodeEntry(bytes);
    if (entry.type === 'begin') return { pipeline: entry.pipeline, position: 0 };
    break;
  }
  const snapshot = await oldestSnapshot(path);
  if (snapshot === undefined)
    throw new FileError(
      `${path} does not begin with the start of a recording, and has no snapshot of this version to start from`,
    );
  const state = snapshot.core as RunState;
  return { pipeline: state.options, state, position: snapshot.position };
}

/** City and districts of a recording; its sources come with the flow. */
export function recordedRegister({ air }: PipelineOptions): Register {
  return {
    city: { code: air.city, zh: air.city, en: air.city },
    districts: air.districts.map((code) => ({ code, zh: code, en: code, lon: 0, lat: 0 })),
    sources: [],
    enterprises: [],
    townships: [],
    inspectors: [],
  };
}

/** What a recording computed with, under other rules where there are any. */
export function withRules(pipeline: PipelineOptions, rules: Rules | undefined): PipelineOptions {
  return rules === undefined ? pipeline : { ...pipeline, correlate: { ...pipeline.correlate, rules } };
}

/** `rules`: count from beginning to end instead of those of the recording. */
export async function replayJournal(
  run: Run,
  path: string,
  options: Pick<HeadlessOptions, 'onStep' | 'signal'> & { readonly position?: number; readonly rules?: Rules },
): Promise<HeadlessResult> {
  let rows = 0;
  let fromMs: number | null = null;
  let toMs: number | null = null;
  for await (const { bytes, share } of readJournal(path, options.position)) {
    if (options.signal?.aborted) break;
    const entry = ruledBy(options.rules, decodeEntry(bytes));
    if (entry === undefined) continue;
    run.replay(entry);
    if (entry.type === 'rows') rows += entry.batch.rows;
    if (entry.type === 'refused') rows += entry.rows;
    if (entry.type !== 'tick') continue;
    fromMs ??= entry.nowMs;
    toMs = entry.nowMs;
    await run.settled();
    options.onStep?.({ eventMs: entry.nowMs, rows, share });
  }
  return { rows, problems: 0, fromMs, toMs };
}

/** An entry without rules of its own. */
function ruledBy(rules: Rules | undefined, entry: JournalEntry): JournalEntry | undefined {
  if (rules === undefined) return entry;
  if (entry.type === 'begin') return { ...entry, pipeline: withRules(entry.pipeline, rules) };
  return entry.type === 'command' && entry.command.name === 'rules' ? undefined : entry;
}
