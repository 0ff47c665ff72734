// The way of a row, in one screen: flow -> clean -> window -> air -> correlate -> incidents -> warning -> orders -> compliance -> output. Start reading here.

import { Observable } from 'rxjs';
import type { EngineItem, FlowItem } from '../schema/flow.ts';
import type { Stage, StageState } from '../schema/stage.ts';
import { airStage } from '../stages/air/air.ts';
import { cleanStage } from '../stages/clean/clean.ts';
import { correlateStage } from '../stages/correlate/correlate.ts';
import { incidentStage } from '../stages/correlate/incidentStage.ts';
import { complianceStage } from '../stages/emergency/complianceStage.ts';
import { orderStage } from '../stages/emergency/orderStage.ts';
import { defaultWarningOptions } from '../stages/emergency/warningOptions.ts';
import { warningStage } from '../stages/emergency/warningStage.ts';
import { windowStage } from '../stages/window/window.ts';
import { outputStage } from './outputStage.ts';
import type { Output, PipelineOptions } from './ports.ts';
import { runStage } from './runStage.ts';

/** RxJS only wires here: items are batches, ticks and commands, never single rows. */
export function pipeline(flow: Observable<FlowItem>, stages: Stages): Observable<Output> {
  return flow.pipe(
    runStage((): Stage<FlowItem, EngineItem> => stages.clean), // quality flags, duplicates
    runStage(() => stages.window), //                             watermarks, panes, revisions
    runStage(() => stages.air), //                                IAQI, AQI, districts, city
    runStage(() => stages.correlate), //                       findings from several kinds
    runStage(() => stages.incidents), //                       what people deal with
    runStage(() => stages.warning), //                         heavy pollution: what is proposed, who signed
    runStage(() => stages.orders), //                          curtailment, an order a measure
    runStage(() => stages.compliance), //                      who obeys
    runStage(() => stages.output),
  );
}

function stagesOf(options: PipelineOptions) {
  return {
    clean: cleanStage(options.clean),
    window: windowStage(options.window),
    air: airStage(options.air),
    correlate: correlateStage(options.correlate),
    incidents: incidentStage(options.incidents),
    warning: warningStage(options.warning ?? defaultWarningOptions),
    orders: orderStage(options.orders ?? { enterprises: [] }),
    compliance: options.compliance === undefined ? passing : complianceStage(options.compliance),
    output: outputStage(),
  };
}

/** In place of a stage that is switched off. */
const passing: Stage<EngineItem, EngineItem> = { next: (item) => [item], flush: () => [], save: () => undefined, restore() {} };

type Stages = ReturnType<typeof stagesOf>;
const names = ['clean', 'window', 'air', 'correlate', 'incidents', 'warning', 'orders', 'compliance', 'output'] as const;

/** State of every stage, by name. */
export type PipelineState = Readonly<Record<(typeof names)[number], StageState>>;

/** A pipeline that is fed by plain calls. */
export interface RunningPipeline {
  /** Goes through every stage before it returns; what came of it has been given to `deliver`. */
  push(item: FlowItem): void;
  /** Closes every open window, delivers it, and ends. */
  end(): void;
  /** Between two items. */
  save(): PipelineState;
  restore(state: PipelineState): void;
}

/** Throws out of `push` what a stage threw: a bug, after which the run must stop. */
export function startPipeline(options: PipelineOptions, deliver: (output: Output) => void): RunningPipeline {
  const stages = stagesOf(options);
  let push: (item: FlowItem) => void = () => {};
  let end: () => void = () => {};
  let failure: unknown;
  const flow = new Observable<FlowItem>((subscriber) => {
    push = (item) => subscriber.next(item);
    end = () => subscriber.complete();
  });
  pipeline(flow, stages).subscribe({
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
    save: () => Object.fromEntries(names.map((name) => [name, stages[name].save()])) as PipelineState,
    restore(state) {
      for (const name of names) if (state[name] !== undefined) stages[name].restore(state[name]);
    },
  };
}
