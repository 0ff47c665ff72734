// The way of a row, in one screen: flow -> clean -> window -> air -> output. Start reading here.

import { Observable } from 'rxjs';
import type { EngineItem, FlowItem } from '../schema/flow.ts';
import type { Stage } from '../schema/stage.ts';
import { airStage } from '../stages/air/air.ts';
import { cleanStage } from '../stages/clean/clean.ts';
import { windowStage } from '../stages/window/window.ts';
import { outputStage } from './outputStage.ts';
import type { Output, PipelineOptions } from './ports.ts';
import { runStage } from './runStage.ts';

/** RxJS only wires here: items are batches, ticks and commands, never single rows. */
export function pipeline(flow: Observable<FlowItem>, options: PipelineOptions): Observable<Output> {
  return flow.pipe(
    runStage((): Stage<FlowItem, EngineItem> => cleanStage(options.clean)), // quality flags, duplicates
    runStage(() => windowStage(options.window)), //                            watermarks, panes, revisions
    runStage(() => airStage(options.air)), //                                  IAQI, AQI, districts, city
    runStage(outputStage),
  );
}

/** A pipeline that is fed by plain calls. */
export interface RunningPipeline {
  /** Goes through every stage before it returns; what came of it has been given to `deliver`. */
  push(item: FlowItem): void;
  /** Closes every open window, delivers it, and ends. */
  end(): void;
}

/** Throws out of `push` what a stage threw: a bug, after which the run must stop. */
export function startPipeline(options: PipelineOptions, deliver: (output: Output) => void): RunningPipeline {
  let push: (item: FlowItem) => void = () => {};
  let end: () => void = () => {};
  let failure: unknown;
  const flow = new Observable<FlowItem>((subscriber) => {
    push = (item) => subscriber.next(item);
    end = () => subscriber.complete();
  });
  pipeline(flow, options).subscribe({
    next: deliver,
    error: (error: unknown) => {
      failure = error ?? new Error('BUG: the pipeline failed without a reason');
    },
  });
  const check = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    push(item) {
      check();
      push(item);
      check();
    },
    end() {
      check();
      end();
      check();
    },
  };
}
