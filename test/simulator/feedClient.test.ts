// The sending side against a small server that does what a test wants.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClientMessage, ServerMessage } from '../../engine/schema/messages.ts';
import { decodeText } from '../../engine/wire/control.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { decodeJsonValue } from '../../engine/wire/json.ts';
import { defaultWireLimits } from '../../engine/wire/limits.ts';
import { connectFeed, connectSteadily, type SteadyOptions } from '../../simulator/feedClient.ts';
import { runHeadless } from '../../simulator/lab/headless.ts';
import type { Step } from '../../simulator/readers/reader.ts';
import { parseScenario, type Scenario } from '../../simulator/scenario.ts';
import { drive, makeSimulation } from '../../simulator/simulate.ts';
import { openTestRun } from '../harness/engine.ts';
import { sensorCity } from './world/sensors/sensorCity.ts';

interface FakeEngine {
  readonly url: string;
  /** What it has been sent, over all connections. */
  readonly frames: Frame[];
  readonly ticks: number[];
  readonly hellos: Extract<ClientMessage, { type: 'hello' }>[];
  stop(): Promise<void>;
}

interface Behaviour {
  readonly port?: number;
  readonly resumeFrom?: (connection: number) => number;
  /** Before the tick is acknowledged; true: the connection is cut instead. */
  readonly onTick?: (nowMs: number, tell: (message: ServerMessage) => void) => boolean;
  /** A frame is taken unless this cuts the connection. */
  readonly onFrame?: (frame: Frame) => boolean;
}

const engines: FakeEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop();
});

async function fakeEngine({ port = 0, resumeFrom, onTick, onFrame }: Behaviour = {}): Promise<FakeEngine> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  const frames: Frame[] = [];
  const ticks: number[] = [];
  const hellos: Extract<ClientMessage, { type: 'hello' }>[] = [];

  server.on('connection', (socket: WebSocket) => {
    const tell = (message: ServerMessage) => socket.send(JSON.stringify(message));
    let isCut = false;
    socket.on('message', (data) => {
      if (isCut) return;
      const found = decodeText(String(data));
      if ('problem' in found) throw new Error(found.problem.message);
      if ('rows' in found) {
        const [frame] = decodeJsonValue(found.rows, defaultWireLimits).frames;
        if (onFrame?.(frame)) {
          isCut = true;
          socket.terminate();
        } else frames.push(frame);
        return;
      }
      const { control } = found;
      if (control.type === 'hello') {
        hellos.push(control);
        const from = resumeFrom?.(hellos.length) ?? frames.length;
        tell({ type: 'welcome', feed: control.feed, resumeFrom: from, clock: 'feed' });
      } else if (control.type === 'tick') {
        isCut = onTick?.(control.nowMs, tell) === true;
        if (isCut) {
          socket.terminate();
          return;
        }
        ticks.push(control.nowMs);
        if (frames.length > 0) tell({ type: 'ack', seq: frames.length - 1 });
        tell({ type: 'done', nowMs: control.nowMs });
      } else tell({ type: 'done', nowMs: null });
    });
  });
  const engine: FakeEngine = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    frames,
    ticks,
    hellos,
    async stop() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  engines.push(engine);
  return engine;
}

const options = (url: string, more: Partial<SteadyOptions> = {}): SteadyOptions => ({
  url,
  feed: 'f',
  clock: 'feed',
  format: 'json',
  epoch: '1',
  pausesMs: [1],
  ...more,
});

const frame = (value: number): Frame => ({
  kind: 'air',
  rows: 1,
  periodMs: 0,
  sources: ['A'],
  source: Uint32Array.of(0),
  time: Float64Array.of(0),
  values: { pm25: Float64Array.of(value) },
});

/** Three steps of two frames. */
async function sendSteps(client: Awaited<ReturnType<typeof connectFeed>>): Promise<void> {
  for (let step = 0; step < 3; step++) {
    await client.send(frame(step * 2));
    await client.send(frame(step * 2 + 1));
    await client.tick(step * 1000);
  }
  await client.end();
  client.close();
}

const valuesOf = ({ frames }: FakeEngine) => frames.map(({ values }) => values.pm25[0]);

/** The first time only. */
function once1<Value>(isIt: (value: Value) => boolean): (value: Value) => boolean {
  let isOver = false;
  return (value) => {
    const is = !isOver && isIt(value);
    isOver ||= is;
    return is;
  };
}

test.each([
  ['at the first frame', { onFrame: once1<Frame>(({ seq }) => seq === 0) }],
  ['in the middle of a step', { onFrame: once1<Frame>(({ seq }) => seq === 3) }],
  ['at the first frame behind a tick', { onFrame: once1<Frame>(({ seq }) => seq === 2) }],
  ['at a tick, before it is answered', { onTick: once1<number>((nowMs) => nowMs === 1000) }],
] as const)('a connection that is cut %s goes on with what is missing', async (_, behaviour) => {
  const engine = await fakeEngine(behaviour);
  const notices: string[] = [];
  await sendSteps(await connectSteadily(options(engine.url, { onNotice: (text) => notices.push(text) })));
  expect(engine.hellos).toHaveLength(2);
  expect(engine.hellos[1]).toEqual(engine.hellos[0]);
  expect(valuesOf(engine)).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...new Set(engine.ticks)]).toEqual([0, 1000, 2000]);
  expect(notices.at(0)).toMatch(/the engine closed the feed \(1006\)\..*; trying again in 0.001 s/s);
  expect(notices.at(-1)).toMatch(/the engine is back: going on with frame \d/);
});

test('frames and the tick that an engine had not on its disk come again', async () => {
  const engine = await fakeEngine({
    onFrame: once1<Frame>(({ seq }) => seq === 3),
    resumeFrom(connection) {
      // It was killed: of the step under way nothing is left.
      if (connection === 2) engine.frames.length = 2;
      return engine.frames.length;
    },
  });
  await sendSteps(await connectSteadily(options(engine.url)));
  expect(valuesOf(engine)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(engine.ticks).toEqual([0, 0, 1000, 2000]);
});

test('an engine that has lost what it acknowledged is told apart', async () => {
  const engine = await fakeEngine({ onFrame: once1<Frame>(({ seq }) => seq === 3), resumeFrom: () => 0 });
  await expect(connectSteadily(options(engine.url)).then(sendSteps)).rejects.toThrow(
    /cannot go on with this feed: it wants frame 0, and 2 to 4 can be had\. It has been started in another folder/,
  );
});

test('an engine that does not come back is given up, with growing pauses before', async () => {
  const engine = await fakeEngine({ onTick: () => true });
  const notices: string[] = [];
  const client = await connectSteadily(
    options(engine.url, { pausesMs: [1, 2, 4], giveUpMs: 12, onNotice: (text) => notices.push(text) }),
  );
  await engine.stop();
  await expect(sendSteps(client)).rejects.toThrow(/the engine did not come back in 0.011 s: no engine answers at/);
  expect(notices.map((text) => /in ([\d.]+) s$/.exec(text)?.[1])).toEqual(['0.001', '0.002', '0.004', '0.004']);
});

test('the signal ends the trying', async () => {
  const engine = await fakeEngine();
  const stop = new AbortController();
  const client = await connectSteadily(
    options(engine.url, { pausesMs: [60_000], signal: stop.signal, onNotice: () => stop.abort() }),
  );
  await engine.stop();
  await expect(sendSteps(client)).rejects.toThrow();
});

test('without an engine at the start nothing is tried again', async () => {
  const engine = await fakeEngine();
  await engine.stop();
  const notices: string[] = [];
  await expect(connectSteadily(options(engine.url, { onNotice: (text) => notices.push(text) }))).rejects.toThrow(
    /no engine answers at .*lantian serve --clock feed/,
  );
  expect(notices).toEqual([]);
});

test('orders are asked for only by who obeys them', async () => {
  const engine = await fakeEngine();
  const plain = await connectFeed(options(engine.url));
  const obedient = await connectFeed(options(engine.url, { onOrder: () => {} }));
  expect(engine.hellos.map(({ orders }) => orders)).toEqual([undefined, true]);
  plain.close();
  obedient.close();
});

/** Steps of a few rows; what is ordered shows in those that are made afterwards. */
function* orderedSteps(ordered: () => number): Generator<Step> {
  for (let n = 0; n < 6; n++) yield { frames: [frame(ordered())], nowMs: n * 1000, problems: [] };
}

test('an order of a tick is obeyed from the step after the next on, over a socket and in one process', async () => {
  let ordered = 0;
  const engine = await fakeEngine({
    onTick(nowMs, tell) {
      if (nowMs === 1000) tell({ type: 'order', order: { id: 'O-1', enterprise: 'E', action: 'stop', effectiveMs: nowMs } });
      return false;
    },
  });
  const obey = () => {
    ordered = 1;
  };
  const client = await connectSteadily(options(engine.url, { onOrder: obey }));
  await drive(
    client,
    orderedSteps(() => ordered),
    { speed: 'max' },
  );
  client.close();
  expect(valuesOf(engine)).toEqual([0, 0, 0, 1, 1, 1]);

  ordered = 0;
  const run = await openTestRun();
  const taken: number[] = [];
  const watched = {
    ...run,
    intake: { ...run.intake, add: (_: number, { values }: Frame) => void taken.push(values.pm25[0]) },
    tick: (nowMs: number) => (nowMs === 1000 ? obey() : undefined),
  };
  await runHeadless(
    watched,
    orderedSteps(() => ordered),
    { feed: 'f' },
  );
  await run.finish({});
  expect(taken).toEqual(valuesOf(engine));
});

test('frames that were encoded and not sent yet go on behind a lost connection', async () => {
  const engine = await fakeEngine({ onTick: once1<number>((nowMs) => nowMs === 1000) });
  const client = await connectSteadily(options(engine.url));
  await drive(
    client,
    orderedSteps(() => 7),
    { speed: 'max' },
  );
  expect(engine.hellos).toHaveLength(2);
  expect(engine.frames.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
  client.close();
});

test('an order of the engine is obeyed, and lifted again', async () => {
  const text = `schema: lantian-scenario/1
id: loop
title: loop
seed: 3
clock: { start: 2025-01-13T09:00:00+08:00, duration: 90m, step: 1m }
control:
  mode: closed_loop
  response: { compliance: 1, cheating: 0, refuse: 0, notify: 1m, ramp: 5m }
`;
  const { scenario, problems } = parseScenario(text, 'loop');
  expect(problems).toEqual([]);
  const episode = { ...(scenario as Scenario), cheatRate: 0, sensorFaultRate: 0, networkFaultRate: 0 };
  const minutes = (nowMs: number) => Math.round((nowMs - episode.startMs) / 60_000);
  const engine = await fakeEngine({
    onTick(nowMs, tell) {
      const order = { id: 'O-1', enterprise: 'E-003', process: 'P1', action: 'stop', effectiveMs: nowMs } as const;
      if (minutes(nowMs) === 30) tell({ type: 'order', order });
      if (minutes(nowMs) === 31) tell({ type: 'order', order });
      if (minutes(nowMs) === 60) tell({ type: 'lift', id: 'O-1', atMs: nowMs });
      return false;
    },
  });
  const simulation = makeSimulation(episode, sensorCity());
  const taken: boolean[] = [];
  const client = await connectSteadily(
    options(engine.url, {
      onOrder: (order) => taken.push(simulation.order(order)),
      onLift: (id, atMs) => taken.push(simulation.lift(id, atMs)),
    }),
  );
  await drive(client, simulation.steps(), { speed: 'max' });
  client.close();
  const kw = (meter: string, from: number, to: number) => {
    const values = engine.frames.flatMap((each) =>
      each.kind !== 'power'
        ? []
        : [...each.time].flatMap((ms, row) =>
            each.sources[each.source[row]] === meter && minutes(ms) >= from && minutes(ms) < to ? [each.values.kw[row]] : [],
          ),
    );
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  expect(taken).toEqual([true, false, true]);
  const before = kw('P-003-P', 0, 30);
  expect(kw('P-003-P', 40, 60)).toBeLessThan(0.2 * before);
  expect(kw('P-003-P', 75, 90)).toBeGreaterThan(0.7 * before);
  expect(kw('P-004-P', 40, 60)).toBeGreaterThan(0.7 * kw('P-004-P', 0, 30)); // nobody ordered that
});
