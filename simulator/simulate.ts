// A scenario as steps of rows, the same for a seed whatever the speed; and the driver that sends any steps at a speed.

import { type Kind, kinds } from '../engine/schema/catalog.ts';
import type { OrderNews } from '../engine/schema/messages.ts';
import type { Register } from '../engine/schema/register.ts';
import type { Frame } from '../engine/wire/frame.ts';
import { cutSteps } from './cutSteps.ts';
import type { EncodedFrame, FeedClient } from './feedClient.ts';
import { iteratorOf, type Step } from './readers/reader.ts';
import type { Order, SectorOrder } from './world/activity/orders.ts';
import type { Columns } from './world/columns.ts';
import type { Episode } from './world/episode.ts';
import { applyClocks } from './world/faults/clockFaults.ts';
import { faultPlan } from './world/faults/faultPlan.ts';
import { makeLink } from './world/faults/link.ts';
import { applySensorFaults } from './world/faults/sensorFaults.ts';
import { makeSensors } from './world/sensors/sensors.ts';
import type { TruthRecord } from './world/truth/record.ts';
import { makeTruth } from './world/truth/truth.ts';
import { makeWorld, type SimulatedCity, type WorldOptions } from './world/world.ts';

export interface Simulation {
  /** To be taken once, to the end or not. */
  steps(): Generator<Step>;
  readonly city: SimulatedCity;
  /** Orders from outside are obeyed from the next step on that is made; false: unknown enterprise or process, or known already. */
  order(order: Order): boolean;
  lift(id: string, atMs: number): boolean;
  sectorOrder(order: SectorOrder): boolean;
  /** The answer key of what has been simulated so far. */
  truth(): readonly TruthRecord[];
  /** Rows that the network holds back at this moment, and those that it lost for good. */
  readonly waiting: number;
  readonly lost: number;
}

/** The whole city: world, sensors, faults, network. Without an engine that gives orders the scenario's own act. */
export function makeSimulation(
  episode: Episode,
  register: Register,
  seed = episode.seed,
  options: WorldOptions = { scriptedFallback: true },
): Simulation {
  const city = makeWorld(seed, register, episode, options);
  const sensors = makeSensors(seed, register, episode, (ms) => city.weather.centre(ms));
  const plan = faultPlan(seed, register, episode);
  const sensorFaults = applySensorFaults(plan);
  const clocks = applyClocks(plan);
  const link = makeLink(plan, register, seed);
  const truth = makeTruth(seed, register, episode, city, plan);
  const framed = framesOf(register);
  const fromMs = episode.startMs - episode.warmupMs;
  const toMs = episode.startMs + episode.durationMs;
  let nowMs = fromMs;

  function* steps(): Generator<Step> {
    for (let eventMs = fromMs; eventMs < toMs; eventMs += episode.stepMs) {
      const state = city.step(eventMs);
      truth.step(state);
      nowMs = eventMs + episode.stepMs;
      const sent = sensors(state).map((columns) => clocks(sensorFaults(columns)));
      const frames = link
        .deliver(nowMs, sent)
        .filter(({ rows }) => rows > 0)
        .map(framed);
      yield { frames, nowMs, problems: [], share: (nowMs - fromMs) / (toMs - fromMs) };
    }
  }

  return {
    steps: () => cutSteps(steps()),
    city,
    order: (order) => city.activity.order(order),
    lift: (id, atMs) => city.activity.lift(id, atMs),
    sectorOrder: (order) => city.activity.sectorOrder(order),
    truth: () => truth.records(nowMs),
    get waiting() {
      return link.waiting;
    },
    get lost() {
      return link.lost;
    },
  };
}

/** Steps alone, for who needs neither orders nor the answer key. */
export function simulateSteps(episode: Episode, register: Register, seed = episode.seed): Generator<Step> {
  return makeSimulation(episode, register, seed).steps();
}

/** Gives the engine's orders to the city, from the next step on that is made. `note`: what a person should read. */
export function obedience(simulation: Simulation, note: (text: string) => void): (news: OrderNews) => void {
  /** Orders may be sent again. */
  const known = new Set<string>();

  function obeys(news: Extract<OrderNews, { readonly order: unknown }>): boolean {
    if (news.type === 'sector') return simulation.sectorOrder(news.order);
    return simulation.order(news.order);
  }

  return (news) => {
    if (news.type === 'lift') {
      if (!simulation.lift(news.id, news.atMs)) note(`lantian: there is no order ${news.id} to lift`);
      return;
    }
    if (known.has(news.order.id)) return;
    known.add(news.order.id);
    if (obeys(news) || news.type === 'sector') return;
    const { id, enterprise, process = '' } = news.order;
    note(`lantian: nobody obeys the order ${id}: the register has no ${enterprise} ${process}`.trimEnd());
  };
}

/** A frame names all sources of its kind (the list is the same object each time), or only its own where it has few rows. */
function framesOf(register: Register): (columns: Columns) => Frame {
  const names = Object.fromEntries(
    kinds.map((kind) => [kind, register.sources.filter((source) => source.kind === kind).map(({ id }) => id)]),
  ) as unknown as Readonly<Record<Kind, readonly string[]>>;
  return ({ kind, rows, periodMs, source, time, values, marks, id, text }) => {
    const all = names[kind];
    const rest = { kind, rows, periodMs, time, values, marks, id, text };
    if (rows * 4 >= all.length) return { ...rest, sources: all, source };
    const own = [...new Set(source)];
    const position = new Map(own.map((index, i) => [index, i]));
    return {
      ...rest,
      sources: own.map((index) => all[index]),
      source: Uint32Array.from(source, (index) => position.get(index) ?? 0),
    };
  };
}

export interface DriveOptions {
  /** Event time per wall time; `max`: as fast as the engine is done. */
  readonly speed: number | 'max';
  /** Steps before this event time go at `max`: the warm-up. */
  readonly paceFromMs?: number;
  readonly onStep?: (step: Step, rows: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Sends steps: rows, then the tick, then waits until the engine is done. Meanwhile the next step is made already, so what the engine
 * orders at a tick is obeyed from the step after the next on: one rule, whatever is faster.
 */
export async function drive(
  client: FeedClient,
  steps: AsyncIterable<Step> | Iterable<Step>,
  options: DriveOptions,
): Promise<void> {
  const { signal } = options;
  const iterator = iteratorOf(steps);
  let anchor: { readonly wallMs: number; readonly eventMs: number } | undefined;

  async function made(): Promise<{ readonly step: Step; readonly messages: readonly EncodedFrame[] } | undefined> {
    const next = await iterator.next();
    return next.done ? undefined : { step: next.value, messages: next.value.frames.map(client.encode) };
  }

  try {
    for (let now = await made(); now !== undefined && !signal?.aborted; ) {
      const { step, messages } = now;
      if (options.speed !== 'max' && step.nowMs >= (options.paceFromMs ?? Number.NEGATIVE_INFINITY)) {
        anchor ??= { wallMs: performance.now(), eventMs: step.nowMs };
        await pause(anchor.wallMs + (step.nowMs - anchor.eventMs) / options.speed - performance.now(), signal);
      }
      for (const message of messages) await client.sendEncoded(message);
      // In this order and in one turn: nothing of the tick's answer can come before the next step is made.
      [, now] = await Promise.all([client.tick(step.nowMs), made()]);
      options.onStep?.(
        step,
        step.frames.reduce((sum, { rows }) => sum + rows, 0),
      );
    }
  } finally {
    await iterator.return?.();
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
