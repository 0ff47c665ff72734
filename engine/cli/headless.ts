// What `replay --out` and `run` share: steps through an engine in this process, as fast as it goes, into the files of a run.

import { resolve } from 'node:path';
import type { HeadlessOptions, HeadlessResult } from '../../simulator/lab/headless.ts';
import { progress } from '../../simulator/progress.ts';
import { openRun, storePath } from '../app.ts';
import { options } from '../config.ts';
import type { PipelineOptions } from '../pipeline/ports.ts';
import type { Run, RunState } from '../run.ts';
import type { Register } from '../schema/register.ts';
import type { Rules } from '../stages/correlate/ruleCatalog.ts';
import { problemPrinter } from './problemPrinter.ts';
import { parseConfig, UsageError } from './usage.ts';

export interface RunToFiles {
  readonly out: string;
  /** Of a recording; otherwise from `edition` and `option`. */
  readonly pipeline?: PipelineOptions;
  /** Of one that has lost its beginning. */
  readonly state?: RunState;
  readonly register: Register;
  /** Absent: the defaults, or those of the recording. */
  readonly rules?: Rules;
  readonly strict: boolean;
  readonly store: string;
  readonly edition: string;
  readonly option: readonly string[];
  readonly json: boolean;
  readonly feed: string;
  readonly signal: AbortSignal;
  /** Goes into `run.json`. */
  readonly summary: Readonly<Record<string, unknown>>;
}

/** `drive` puts everything through the run. */
export async function runToFiles(
  drive: (run: Run, options: HeadlessOptions) => Promise<HeadlessResult>,
  flags: RunToFiles,
): Promise<void> {
  if (flags.store !== 'duckdb' && flags.store !== 'none')
    throw new UsageError(`--store is "${flags.store}"; allowed: duckdb, none`);
  const config = parseConfig(flags.option, { clock: 'feed', edition: flags.edition, rawKeepMs: options.rawKeepMs.max });
  const out = resolve(flags.out);
  const run = await openRun({
    config,
    register: flags.register,
    strict: flags.strict,
    rules: flags.rules,
    out,
    pipeline: flags.pipeline,
    state: flags.state,
    store: flags.store === 'none' ? 'none' : { duckdb: storePath(out) },
    mirrors: [],
    failed: (error) => {
      process.stderr.write(`lantian: ${error.message}\n`);
      process.exit(1);
    },
  });
  const bar = progress({ stream: process.stderr, nowMs: () => performance.now() });
  const problems = problemPrinter();
  const startMs = performance.now();
  const result = await drive(run, {
    feed: flags.feed,
    signal: flags.signal,
    onProblem: problems.print,
    onStep: bar.show,
  });
  bar.end();
  const seconds = (performance.now() - startMs) / 1000;
  const summary = {
    ...flags.summary,
    ...result,
    problems: problems.end(),
    isComplete: !flags.signal.aborted,
    seconds,
    rowsPerSecond: Math.round(result.rows / seconds),
    node: process.version,
  };
  await run.finish(summary);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(summary)}\n`
      : `${result.rows} rows in ${seconds.toFixed(1)} s (${summary.rowsPerSecond} rows/s), ${summary.problems} problems. Files: ${flags.out}\n`,
  );
}
