// The ingest door: WebSocket feeds come in, rows go to the intake, ticks go to the run.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../pipeline/ports.ts';
import type { Kind } from '../../schema/catalog.ts';
import type { FlowItem } from '../../schema/flow.ts';
import type { ClientMessage, ServerMessage } from '../../schema/messages.ts';
import type { Problem, ProblemCode } from '../../schema/problem.ts';
import { type ColumnsDecoder, columnsDecoder } from '../../wire/columns.ts';
import { decodeText, encodeControl } from '../../wire/control.ts';
import type { Decoded, Frame } from '../../wire/frame.ts';
import { decodeJsonValue } from '../../wire/json.ts';
import { defaultWireLimits, type WireLimits } from '../../wire/limits.ts';
import type { Intake } from './intake.ts';
import { overload } from './overload.ts';

export interface IngestServerOptions {
  readonly clock: 'wall' | 'feed';
  readonly wall: Clock;
  readonly drainMs: number;
  readonly intake: Intake;
  readonly push: (item: FlowItem) => void;
  /** Stores have caught up far enough for more to come in. */
  readonly settled: () => Promise<void>;
  /** Of the run. */
  readonly feedIndex: (name: string) => number;
  readonly refused: (feed: number, kind: Kind, rows: number, code: ProblemCode) => void;
  readonly noteFrame: (key: string, seq: number) => void;
  readonly durable: () => Promise<void>;
  /** Of a run that goes on after a crash: frame numbers by feed and epoch, and its clock. */
  readonly nextSeq: ReadonlyMap<string, number>;
  readonly nowMs: number | null;
  readonly limits: {
    readonly frameBytesMax: number;
    readonly rowsMax: number;
    readonly feedsMax: number;
    readonly problemsPerFeedMax: number;
    readonly rowsPendingMax: number;
    readonly shedAfterMs: number;
    readonly takeBackAfterMs: number;
    readonly heldClockMs: number;
  };
  /** The disk is full: feeds wait, and shedding would help nobody. */
  readonly isDiskFull?: () => boolean;
  /** Calls the work some times a second until it is stopped. */
  readonly beats?: (work: () => void) => () => void;
  /** The feed that owns the clock has said that it is over. */
  readonly ended: () => Promise<void>;
  readonly failed: (error: Error) => void;
}

export interface IngestServer {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  feeds(): number;
  /** Feeds that wait for us now, and names of those whose rows are shed. */
  overload(): { readonly heldBack: number; readonly shed: readonly string[] };
  close(): Promise<void>;
}

/** Close codes are part of the wire format (wire/README.md). */
export const closeCodes = {
  badHello: 4001,
  badToken: 4003,
  tooManyProblems: 4008,
  clockConflict: 4009,
  tooManyFeeds: 4013,
} as const;

/** A frame somewhat too large is still answered with a problem; beyond that the socket is closed (1009). */
const oversizeFactor = 2;
/** Answers to a feed that does not read them are not piled up. */
const answersBytesMax = 256 * 1024;
const helloWithinMs = 10_000;
const priorityDefault = 5;
const closeGoingAway = 1001;

interface Feed {
  readonly socket: WebSocket;
  readonly columns: ColumnsDecoder;
  /** Undefined until the hello. */
  index: number | undefined;
  name: string;
  /** Feed and epoch: what frame numbers belong to. */
  epochKey: string;
  ownsClock: boolean;
  /** Frames received, for problems to name. */
  frame: number;
  problems: number;
  /** Messages are taken one after the other; a tick is one that waits. */
  queue: { readonly data: Buffer; readonly binary: boolean }[];
  isBusy: boolean;
  isSlow: boolean;
  isRefused: boolean;
  isPaused: boolean;
  priority: number;
  /** Rows sent since a feed was last shed or taken back. */
  rows: number;
  /** Highest frame number handed on and not yet acknowledged. */
  ackDue: number;
}

export function ingestServer(options: IngestServerOptions): IngestServer {
  const wireLimits: WireLimits = {
    ...defaultWireLimits,
    frameBytesMax: options.limits.frameBytesMax,
    rowsMax: options.limits.rowsMax,
  };
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.limits.frameBytesMax * oversizeFactor,
    perMessageDeflate: false,
  });
  const feeds = new Set<Feed>();
  /** Next expected frame number by feed and epoch, over connections. */
  const nextSeq = new Map(options.nextSeq);
  let clockOwner: Feed | undefined;
  let lastTickMs = options.nowMs ?? Number.NEGATIVE_INFINITY;
  let drainTimer: NodeJS.Timeout | undefined;
  let isWaiting = false;

  const load = overload(options.limits);
  /** Since the last beat. */
  let wasSlow = false;
  const beats = options.beats ?? fiveASecond;
  const stopBeats = options.clock === 'wall' ? beats(wallTick) : undefined;
  if (options.clock === 'wall') wallTick(); // before a clock is known no row is in the future

  function send(feed: Feed, message: ServerMessage): void {
    if (feed.socket.bufferedAmount < answersBytesMax) feed.socket.send(encodeControl(message));
  }

  /** What such a feed has still in its queue is not taken. */
  function shut(feed: Feed, code: number, reason: string): void {
    feed.isRefused = true;
    feed.socket.close(code, reason);
  }

  function refuse(feed: Feed, problem: Problem): void {
    feed.problems += 1;
    send(feed, { type: 'problem', frame: feed.frame, ...problem });
    if (feed.problems >= options.limits.problemsPerFeedMax) shut(feed, closeCodes.tooManyProblems, 'too-many-problems');
  }

  /** Resolves when the frames that were drained are durable and acknowledged. */
  function drain(): Promise<void> {
    options.intake.drain(options.push);
    const due: { readonly feed: Feed; readonly seq: number }[] = [];
    for (const feed of feeds) {
      if (feed.ackDue < 0) continue;
      due.push({ feed, seq: feed.ackDue });
      options.noteFrame(feed.epochKey, feed.ackDue);
      feed.ackDue = -1;
    }
    return due.length === 0 ? Promise.resolve() : acknowledge(due);
  }

  async function acknowledge(due: readonly { readonly feed: Feed; readonly seq: number }[]): Promise<void> {
    try {
      await options.durable();
    } catch (error) {
      options.failed(error as Error);
      return;
    }
    for (const { feed, seq } of due) send(feed, { type: 'ack', seq });
  }

  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      options.failed(error as Error); // a stage threw: a bug
    }
  }

  function drainSoon(): void {
    if (options.clock === 'feed' || drainTimer !== undefined) return;
    drainTimer = setTimeout(() => {
      drainTimer = undefined;
      guarded(() => void drain());
      void settle();
    }, options.drainMs);
  }

  /** Feeds wait while stores are behind. */
  async function settle(): Promise<void> {
    if (isWaiting) return;
    isWaiting = true;
    try {
      await options.settled();
    } catch (error) {
      options.failed(error as Error);
    }
    isWaiting = false;
    for (const feed of feeds) {
      if (!feed.isSlow) continue;
      feed.isSlow = false;
      send(feed, { type: 'go' });
      work(feed);
    }
  }

  function wallTick(): void {
    const wallMs = options.wall.nowMs();
    const isHeldBack = wasSlow;
    wasSlow = [...feeds].some(({ isSlow }) => isSlow);
    shedOrTakeBack(wallMs, isHeldBack || wasSlow);
    // Rows that we have not read are not missing: the clock waits with their feeds.
    const heldMs = isHeldBack || wasSlow ? options.limits.heldClockMs : 0;
    const nowMs = Math.floor((wallMs - heldMs) / 1000) * 1000;
    if (nowMs <= lastTickMs) return;
    lastTickMs = nowMs;
    guarded(() => {
      void drain();
      options.push({ type: 'tick', nowMs });
    });
  }

  function shedOrTakeBack(nowMs: number, isHeldBack: boolean): void {
    const known = [...feeds].filter(({ index }) => index !== undefined);
    const { shed, back } = load.judge(nowMs, isHeldBack && options.isDiskFull?.() !== true, known);
    if (shed === undefined && back === undefined) return;
    for (const feed of known) {
      feed.rows = 0;
      if (feed.name === back) send(feed, { type: 'go' });
      if (feed.name !== shed) continue;
      send(feed, { type: 'problem', frame: feed.frame, ...shedProblem(feed) });
      feed.isSlow = false; // it is read on, so that it does not pile up
      work(feed);
    }
  }

  /** Messages of a feed in order; at one that has to wait (a tick) the rest wait with it. */
  function work(feed: Feed): void {
    while (!feed.isBusy && !feed.isSlow && feed.queue.length > 0) {
      const { data, binary } = feed.queue.shift() as Feed['queue'][number];
      const waits = take(feed, data, binary);
      if (waits === undefined) continue;
      feed.isBusy = true;
      void waits.then(() => {
        feed.isBusy = false;
        work(feed);
      });
    }
    setPaused(feed, feed.isBusy || feed.isSlow);
  }

  function setPaused(feed: Feed, isPaused: boolean): void {
    if (feed.isPaused === isPaused) return;
    feed.isPaused = isPaused;
    if (isPaused) feed.socket.pause();
    else feed.socket.resume();
  }

  function take(feed: Feed, data: Buffer, binary: boolean): Promise<void> | undefined {
    feed.frame += 1;
    if (feed.isRefused) return undefined;
    if (binary) {
      if (feed.index === undefined) badHello(feed);
      else takeDecoded(feed, feed.columns.decode(data));
      return undefined;
    }
    if (data.length > wireLimits.frameBytesMax) {
      refuse(feed, {
        code: 'frame-too-large',
        message: `The frame has ${data.length} bytes.`,
        value: String(data.length),
        allowed: `at most ${wireLimits.frameBytesMax} bytes`,
      });
      return undefined;
    }
    const text = decodeText(data.toString('utf8'));
    if ('problem' in text) {
      refuse(feed, text.problem);
      if (feed.index === undefined) shut(feed, closeCodes.badHello, 'bad-hello');
      return undefined;
    }
    if ('rows' in text) {
      if (feed.index === undefined) badHello(feed);
      else takeDecoded(feed, decodeJsonValue(text.rows, wireLimits));
      return undefined;
    }
    const { control } = text;
    if (control.type === 'hello') {
      hello(feed, control);
      return undefined;
    }
    if (feed.index === undefined) {
      badHello(feed);
      return undefined;
    }
    if (!feed.ownsClock) {
      refuse(feed, {
        code: 'bad-control',
        message: `This feed may not send "${control.type}": it does not own the clock.`,
        field: 'type',
        value: control.type,
        allowed: 'the one feed that said hello with clock "feed" to an engine served with --clock feed',
      });
      return undefined;
    }
    return control.type === 'tick' ? feedTick(feed, control.nowMs) : feedEnd(feed);
  }

  function badHello(feed: Feed): void {
    refuse(feed, {
      code: 'bad-hello',
      message: 'The first message must be a hello.',
      field: 'type',
      allowed: '{"type":"hello","feed":"name"}',
    });
    shut(feed, closeCodes.badHello, 'bad-hello');
  }

  function hello(feed: Feed, message: Extract<ClientMessage, { type: 'hello' }>): void {
    if (feed.index !== undefined) {
      refuse(feed, { code: 'bad-hello', message: 'This feed has said hello already.', allowed: 'one hello per connection' });
      return;
    }
    const wantsClock = message.clock === 'feed';
    if (wantsClock && (options.clock !== 'feed' || clockOwner !== undefined)) {
      refuse(feed, {
        code: 'clock-conflict',
        message: options.clock === 'feed' ? 'Another feed owns the clock.' : 'This engine runs on the wall clock.',
        field: 'clock',
        value: 'feed',
        allowed: options.clock === 'feed' ? 'one feed with clock "feed" at a time' : '"wall", or serve with --clock feed',
      });
      shut(feed, closeCodes.clockConflict, 'clock-conflict');
      return;
    }
    if (wantsClock) {
      feed.ownsClock = true;
      clockOwner = feed;
    }
    feed.index = options.feedIndex(message.feed);
    feed.name = message.feed;
    feed.priority = message.priority ?? priorityDefault;
    feed.epochKey = JSON.stringify([message.feed, message.epoch ?? '']);
    send(feed, { type: 'welcome', feed: message.feed, resumeFrom: nextSeq.get(feed.epochKey) ?? 0, clock: options.clock });
  }

  function takeDecoded(feed: Feed, decoded: Decoded): void {
    const index = feed.index as number;
    const seq = decoded.frames[0]?.seq;
    if (seq !== undefined && seq < (nextSeq.get(feed.epochKey) ?? 0)) {
      feed.ackDue = Math.max(feed.ackDue, seq); // re-sent: taken before
      drainSoon();
      return;
    }
    for (const frame of decoded.frames) takeFrame(feed, index, frame);
    for (const problem of decoded.problems) refuse(feed, problem);
    if (decoded.rowsRefused > 0) countRefused(index, decoded);
    if (seq !== undefined) {
      nextSeq.set(feed.epochKey, seq + 1);
      feed.ackDue = seq;
    }
    drainSoon();
    if (options.clock !== 'wall' || options.intake.pendingRows <= options.limits.rowsPendingMax || load.isShed(feed.name)) return;
    if (!feed.isSlow) send(feed, { type: 'slow' });
    feed.isSlow = true;
    wasSlow = true;
  }

  function takeFrame(feed: Feed, index: number, frame: Frame): void {
    feed.rows += frame.rows;
    if (load.isShed(feed.name)) {
      options.refused(index, frame.kind, frame.rows, 'shed');
      return;
    }
    const problem = options.intake.add(index, frame);
    if (problem === undefined) return;
    options.refused(index, frame.kind, frame.rows, problem.code);
    refuse(feed, problem);
  }

  /** Rows that could not be read have no kind of their own: they count under the frame's, or air. */
  function countRefused(index: number, decoded: Decoded): void {
    const kind = decoded.frames[0]?.kind ?? 'air';
    for (const problem of decoded.problems)
      options.refused(index, kind, decoded.rowsRefused / decoded.problems.length, problem.code);
  }

  async function feedTick(feed: Feed, nowMs: number): Promise<void> {
    if (nowMs < lastTickMs) {
      refuse(feed, {
        code: 'tick-backwards',
        message: 'The clock may not go back.',
        field: 'nowMs',
        value: String(nowMs),
        allowed: `at least ${lastTickMs}`,
      });
      send(feed, { type: 'done', nowMs });
      return;
    }
    // After a reconnect the tick that was not answered comes again, with its rows, which are duplicates.
    const isAgain = nowMs === lastTickMs;
    lastTickMs = nowMs;
    await handOn(() => {
      if (!isAgain) options.push({ type: 'tick', nowMs });
    });
    send(feed, { type: 'done', nowMs });
  }

  async function feedEnd(feed: Feed): Promise<void> {
    await handOn(() => {});
    await options.ended();
    send(feed, { type: 'done', nowMs: null });
  }

  async function handOn(then: () => void): Promise<void> {
    let acknowledged = Promise.resolve();
    guarded(() => {
      acknowledged = drain();
      then();
    });
    try {
      await acknowledged;
      await options.settled();
    } catch (error) {
      options.failed(error as Error);
    }
  }

  return {
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (websocket) => {
        const feed: Feed = {
          socket: websocket,
          columns: columnsDecoder(wireLimits),
          index: undefined,
          name: '',
          epochKey: '',
          priority: priorityDefault,
          rows: 0,
          ownsClock: false,
          frame: 0,
          problems: 0,
          queue: [],
          isBusy: false,
          isSlow: false,
          isRefused: false,
          isPaused: false,
          ackDue: -1,
        };
        if (feeds.size >= options.limits.feedsMax) {
          websocket.close(closeCodes.tooManyFeeds, 'too-many-feeds');
          return;
        }
        feeds.add(feed);
        const helloTimer = setTimeout(() => {
          if (feed.index === undefined) websocket.close(closeCodes.badHello, 'bad-hello');
        }, helloWithinMs);
        websocket.on('message', (data, binary) => {
          feed.queue.push({ data: data as Buffer, binary });
          work(feed);
        });
        websocket.on('error', () => websocket.terminate());
        websocket.on('close', () => {
          clearTimeout(helloTimer);
          feeds.delete(feed);
          if (clockOwner === feed) clockOwner = undefined;
        });
      });
    },
    feeds: () => feeds.size,
    overload: () => ({ heldBack: [...feeds].filter(({ isSlow }) => isSlow).length, shed: load.shed() }),
    async close() {
      stopBeats?.();
      clearTimeout(drainTimer);
      let acknowledged = Promise.resolve();
      guarded(() => {
        acknowledged = drain();
      });
      await acknowledged;
      for (const feed of feeds) feed.socket.close(closeGoingAway, 'engine-stops');
      server.close();
    },
  };
}

function fiveASecond(work: () => void): () => void {
  const timer = setInterval(work, 200);
  return () => clearInterval(timer);
}

function shedProblem({ name, priority }: Feed): Problem {
  return {
    code: 'shed',
    message: 'The engine is overloaded: rows of this feed are counted and thrown away until it is not.',
    field: 'priority',
    value: `${name}: ${priority}`,
    allowed: 'a higher priority in the hello (0 to 9), fewer rows, or a faster machine; option shedAfterMs',
  };
}
