// Steps of the simulated city, and the driver that sends any steps at a speed.

import type { Register } from '../engine/schema/register.ts';
import type { Frame } from '../engine/wire/frame.ts';
import type { FeedClient } from './feedClient.ts';
import type { Step } from './readers/reader.ts';
import type { Scenario } from './scenario.ts';
import { airInto, airMetrics, weatherAt } from './world/air.ts';

/** All stations once per step of the clock; the same for a scenario and seed, whatever the speed. */
export function* simulateSteps(scenario: Scenario, register: Register, seed = scenario.seed): Generator<Step> {
  const stations = register.sources.filter((source) => source.kind === 'air').map((source) => source.id);
  const indices = Uint16Array.from(stations, (_, i) => i);
  const fromMs = scenario.startMs - scenario.warmupMs;
  const toMs = scenario.startMs + scenario.durationMs;
  for (let eventMs = fromMs; eventMs < toMs; eventMs += scenario.stepMs) {
    const columns = airMetrics.map(() => new Float64Array(stations.length));
    const weather = weatherAt(seed, eventMs);
    for (let station = 0; station < stations.length; station++) airInto(seed, weather, station, eventMs, columns, station);
    const frame: Frame = {
      kind: 'air',
      rows: stations.length,
      periodMs: 0,
      sources: stations,
      source: indices,
      time: new Float64Array(stations.length).fill(eventMs),
      values: Object.fromEntries(airMetrics.map((metric, m) => [metric, columns[m]])),
    };
    yield {
      frames: [frame],
      nowMs: eventMs + scenario.stepMs,
      problems: [],
      share: (eventMs + scenario.stepMs - fromMs) / (toMs - fromMs),
    };
  }
}

export interface DriveOptions {
  /** Event time per wall time; `max`: as fast as the engine is done. */
  readonly speed: number | 'max';
  /** Steps before this event time go at `max`: the warm-up. */
  readonly paceFromMs?: number;
  readonly onStep?: (step: Step, rows: number) => void;
  readonly signal?: AbortSignal;
}

/** Sends steps in lockstep: rows, then the tick, then waits until the engine is done. */
export async function drive(
  client: FeedClient,
  steps: AsyncIterable<Step> | Iterable<Step>,
  options: DriveOptions,
): Promise<void> {
  let anchor: { readonly wallMs: number; readonly eventMs: number } | undefined;
  for await (const step of steps) {
    if (options.signal?.aborted) return;
    if (options.speed !== 'max' && step.nowMs >= (options.paceFromMs ?? Number.NEGATIVE_INFINITY)) {
      anchor ??= { wallMs: performance.now(), eventMs: step.nowMs };
      await pause(anchor.wallMs + (step.nowMs - anchor.eventMs) / options.speed - performance.now(), options.signal);
    }
    let rows = 0;
    for (const frame of step.frames) {
      await client.send(frame);
      rows += frame.rows;
    }
    await client.tick(step.nowMs);
    options.onStep?.(step, rows);
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
}
