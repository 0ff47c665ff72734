// Steps through the engine in one process, as fast as it goes.

import type { Run } from '../../engine/run.ts';
import { Bin } from '../../engine/schema/ledger.ts';
import type { OrderNews } from '../../engine/schema/messages.ts';
import { refusedOf } from '../../engine/schema/problem.ts';
import type { FileProblem } from '../fileProblem.ts';
import type { ProgressState } from '../progress.ts';
import { iteratorOf, type Step } from '../readers/reader.ts';

export interface HeadlessOptions {
  readonly feed: string;
  readonly onProblem?: (problem: FileProblem) => void;
  readonly onStep?: (state: ProgressState) => void;
  /** What the engine orders is obeyed. */
  readonly onNews?: (news: OrderNews) => void;
  readonly signal?: AbortSignal;
}

export interface HeadlessResult {
  readonly rows: number;
  readonly problems: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

const settleEvery = 16;

/**
 * The same calls as a feed on the feed clock makes: rows, tick, and so on. As over a socket (`drive`), the next step is made before
 * anything can be ordered at this one's tick. The run is not finished here.
 */
export async function runHeadless(
  run: Run,
  steps: AsyncIterable<Step> | Iterable<Step>,
  options: HeadlessOptions,
): Promise<HeadlessResult> {
  const feed = run.feedIndex(options.feed);
  let rows = 0;
  let problems = 0;
  let fromMs: number | null = null;
  let toMs: number | null = null;
  let count = 0;
  const iterator = iteratorOf(steps);
  try {
    for (let next = await iterator.next(); !next.done && !options.signal?.aborted; ) {
      const step = next.value;
      for (const problem of step.problems) {
        problems += 1;
        options.onProblem?.(problem);
      }
      for (const frame of step.frames) {
        rows += frame.rows;
        const problem = run.intake.add(feed, frame);
        if (problem === undefined) continue;
        problems += 1;
        run.refused(refusedOf(feed, problem, true));
        options.onProblem?.({ file: options.feed, message: problem.message, value: problem.value, allowed: problem.allowed });
      }
      next = await iterator.next();
      run.tick(step.nowMs);
      for (const news of run.takeNews()) options.onNews?.(news);
      fromMs ??= step.nowMs;
      toMs = step.nowMs;
      if (++count % settleEvery === 0) await run.settled();
      options.onStep?.({ eventMs: step.nowMs, rows, lateRows: lateRows(run), share: step.share });
    }
  } finally {
    await iterator.return?.();
  }
  return { rows, problems, fromMs, toMs };
}

function lateRows(run: Run): number {
  return run.ledger.total(Bin.lateRevised) + run.ledger.total(Bin.lateDiverted);
}
