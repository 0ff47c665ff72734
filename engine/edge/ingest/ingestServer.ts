// The ingest door: WebSocket feeds come in, rows go to the intake, ticks go to the run.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../pipeline/ports.ts';
import type { Kind } from '../../schema/catalog.ts';
import type { FlowItem } from '../../schema/flow.ts';
import type { ClientMessage } from '../../schema/messages.ts';
import type { ProblemCode } from '../../schema/problem.ts';
import { columnsDecoder } from '../../wire/columns.ts';
import { decodeText } from '../../wire/control.ts';
import type { Decoded, Frame } from '../../wire/frame.ts';
import { decodeJsonValue } from '../../wire/json.ts';
import { defaultWireLimits, type WireLimits } from '../../wire/limits.ts';
import { closeCodes } from './closeCodes.ts';
import { type Feed, type Message, openFeed, priorityDefault } from './feed.ts';
import type { Intake } from './intake.ts';
import { clockConflict, helloMissing, notClockOwner, secondHello, tickBackwards, tooLarge } from './refusals.ts';
import { type WallTickLimits, wallTicks } from './wallTicks.ts';

/** What the door needs of the run behind it. */
export interface IngestRun {
  readonly intake: Intake;
  /** Next frame number by feed and epoch, and the clock: of a run that goes on after a crash. */
  readonly nextSeq: ReadonlyMap<string, number>;
  readonly nowMs: number | null;
  /** Feeds wait, and shedding would help nobody. */
  readonly isDiskFull: boolean;
  push(item: FlowItem): void;
  /** Stores have caught up far enough for more to come in. */
  settled(): Promise<void>;
  feedIndex(name: string): number;
  refused(feed: number, kind: Kind, rows: number, code: ProblemCode): void;
  noteFrame(key: string, seq: number): void;
  durable(): Promise<void>;
}

/** Of the configuration. */
export interface IngestLimits extends WallTickLimits {
  readonly clock: 'wall' | 'feed';
  readonly drainMs: number;
  readonly frameBytesMax: number;
  readonly frameRowsMax: number;
  readonly feedsMax: number;
  readonly problemsPerFeedMax: number;
  readonly rowsPendingMax: number;
}

export interface IngestServerOptions {
  readonly run: IngestRun;
  readonly config: IngestLimits;
  readonly wall: Clock;
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

/** A frame somewhat too large is still answered with a problem; beyond that the socket is closed (1009). */
const oversizeFactor = 2;
type Hello = Extract<ClientMessage, { type: 'hello' }>;

const helloWithinMs = 10_000;

export function ingestServer({ run, config, wall, beats, ended, failed }: IngestServerOptions): IngestServer {
  const wireLimits: WireLimits = { ...defaultWireLimits, frameBytesMax: config.frameBytesMax, rowsMax: config.frameRowsMax };
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: config.frameBytesMax * oversizeFactor,
    perMessageDeflate: false,
  });
  const feeds = new Set<Feed>();
  /** Next expected frame number by feed and epoch, over connections. */
  const nextSeq = new Map(run.nextSeq);
  let clockOwner: Feed | undefined;
  let lastTickMs = run.nowMs ?? Number.NEGATIVE_INFINITY;
  let drainTimer: NodeJS.Timeout | undefined;
  let isWaiting = false;
  const ticks =
    config.clock === 'feed'
      ? undefined
      : wallTicks({
          wall,
          limits: config,
          nowMs: run.nowMs,
          feeds,
          isDiskFull: () => run.isDiskFull,
          beats,
          tick: (nowMs) =>
            guarded(() => {
              void drain();
              run.push({ type: 'tick', nowMs });
            }),
        });

  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      failed(error as Error); // a stage threw: a bug
    }
  }

  /** Resolves when the frames that were drained are durable and acknowledged. */
  function drain(): Promise<void> {
    run.intake.drain(run.push);
    const due: { readonly feed: Feed; readonly seq: number }[] = [];
    for (const feed of feeds) {
      if (feed.ackDue < 0) continue;
      due.push({ feed, seq: feed.ackDue });
      run.noteFrame(feed.epochKey, feed.ackDue);
      feed.ackDue = -1;
    }
    return due.length === 0 ? Promise.resolve() : acknowledge(due);
  }

  async function acknowledge(due: readonly { readonly feed: Feed; readonly seq: number }[]): Promise<void> {
    try {
      await run.durable();
    } catch (error) {
      failed(error as Error);
      return;
    }
    for (const { feed, seq } of due) feed.send({ type: 'ack', seq });
  }

  function drainSoon(): void {
    if (config.clock === 'feed' || drainTimer !== undefined) return;
    drainTimer = setTimeout(() => {
      drainTimer = undefined;
      guarded(() => void drain());
      void settle();
    }, config.drainMs);
  }

  /** Feeds wait while stores are behind. */
  async function settle(): Promise<void> {
    if (isWaiting) return;
    isWaiting = true;
    try {
      await run.settled();
    } catch (error) {
      failed(error as Error);
    }
    isWaiting = false;
    for (const feed of feeds) {
      if (!feed.isSlow) continue;
      feed.send({ type: 'go' });
      feed.goOn();
    }
  }

  function take(feed: Feed, { data, binary }: Message): Promise<void> | undefined {
    if (binary) return takeRows(feed, () => feed.columns.decode(data));
    if (data.length > wireLimits.frameBytesMax) {
      feed.refuse(tooLarge(data.length, wireLimits.frameBytesMax));
      return undefined;
    }
    const text = decodeText(data.toString('utf8'));
    if ('rows' in text) return takeRows(feed, () => decodeJsonValue(text.rows, wireLimits));
    if ('problem' in text) {
      feed.refuse(text.problem);
      if (feed.index === undefined) feed.shut(closeCodes.badHello, 'bad-hello');
      return undefined;
    }
    return takeControl(feed, text.control);
  }

  function takeControl(feed: Feed, message: ClientMessage): Promise<void> | undefined {
    if (message.type === 'hello') return hello(feed, message);
    if (feed.index === undefined) return noHello(feed);
    if (!feed.ownsClock) {
      feed.refuse(notClockOwner(message.type));
      return undefined;
    }
    return message.type === 'tick' ? feedTick(feed, message.nowMs) : feedEnd(feed);
  }

  function hello(feed: Feed, message: Hello): undefined {
    if (feed.index !== undefined) {
      feed.refuse(secondHello);
      return;
    }
    if (message.clock === 'feed') {
      if (config.clock !== 'feed' || clockOwner !== undefined) {
        feed.refuse(clockConflict(config.clock));
        feed.shut(closeCodes.clockConflict, 'clock-conflict');
        return;
      }
      feed.ownsClock = true;
      clockOwner = feed;
    }
    feed.index = run.feedIndex(message.feed);
    feed.name = message.feed;
    feed.priority = message.priority ?? priorityDefault;
    feed.epochKey = JSON.stringify([message.feed, message.epoch ?? '']);
    feed.send({ type: 'welcome', feed: message.feed, resumeFrom: nextSeq.get(feed.epochKey) ?? 0, clock: config.clock });
  }

  function takeRows(feed: Feed, decode: () => Decoded): undefined {
    const { index } = feed;
    if (index === undefined) return noHello(feed);
    const decoded = decode();
    const seq = decoded.frames[0]?.seq;
    if (seq !== undefined && seq < (nextSeq.get(feed.epochKey) ?? 0)) {
      feed.ackDue = Math.max(feed.ackDue, seq); // re-sent: taken before
      drainSoon();
      return;
    }
    for (const frame of decoded.frames) takeFrame(feed, index, frame);
    for (const problem of decoded.problems) feed.refuse(problem);
    if (decoded.rowsRefused > 0) countRefused(index, decoded);
    if (seq !== undefined) {
      nextSeq.set(feed.epochKey, seq + 1);
      feed.ackDue = seq;
    }
    drainSoon();
    holdBack(feed);
  }

  /** Of a feed clock the tick waits; on the wall clock feeds are told. */
  function holdBack(feed: Feed): void {
    if (ticks === undefined || run.intake.pendingRows <= config.rowsPendingMax || ticks.isShed(feed.name)) return;
    if (!feed.isSlow) feed.send({ type: 'slow' });
    feed.wait();
    ticks.heldBack();
  }

  function takeFrame(feed: Feed, index: number, frame: Frame): void {
    feed.rows += frame.rows;
    if (ticks?.isShed(feed.name)) {
      run.refused(index, frame.kind, frame.rows, 'shed');
      return;
    }
    const problem = run.intake.add(index, frame);
    if (problem === undefined) return;
    run.refused(index, frame.kind, frame.rows, problem.code);
    feed.refuse(problem);
  }

  /** Rows that could not be read have no kind of their own: they count under the frame's, or air. */
  function countRefused(index: number, { frames, problems, rowsRefused }: Decoded): void {
    const kind = frames[0]?.kind ?? 'air';
    for (const problem of problems) run.refused(index, kind, rowsRefused / problems.length, problem.code);
  }

  async function feedTick(feed: Feed, nowMs: number): Promise<void> {
    if (nowMs < lastTickMs) {
      feed.refuse(tickBackwards(nowMs, lastTickMs));
      feed.send({ type: 'done', nowMs });
      return;
    }
    // After a reconnect the tick that was not answered comes again, with its rows, which are duplicates.
    const isAgain = nowMs === lastTickMs;
    lastTickMs = nowMs;
    await handOn(() => {
      if (!isAgain) run.push({ type: 'tick', nowMs });
    });
    feed.send({ type: 'done', nowMs });
  }

  async function feedEnd(feed: Feed): Promise<void> {
    await handOn(() => {});
    await ended();
    feed.send({ type: 'done', nowMs: null });
  }

  async function handOn(then: () => void): Promise<void> {
    let acknowledged = Promise.resolve();
    guarded(() => {
      acknowledged = drain();
      then();
    });
    try {
      await acknowledged;
      await run.settled();
    } catch (error) {
      failed(error as Error);
    }
  }

  function connected(socket: WebSocket): void {
    if (feeds.size >= config.feedsMax) {
      socket.close(closeCodes.tooManyFeeds, 'too-many-feeds');
      return;
    }
    const feed = openFeed({ socket, columns: columnsDecoder(wireLimits), problemsMax: config.problemsPerFeedMax, take });
    feeds.add(feed);
    const helloTimer = setTimeout(() => {
      if (feed.index === undefined) feed.shut(closeCodes.badHello, 'bad-hello');
    }, helloWithinMs);
    socket.on('message', (data, binary) => feed.offer({ data: data as Buffer, binary }));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearTimeout(helloTimer);
      feeds.delete(feed);
      if (clockOwner === feed) clockOwner = undefined;
    });
  }

  return {
    upgrade: (request, socket, head) => server.handleUpgrade(request, socket, head, connected),
    feeds: () => feeds.size,
    overload: () => ({ heldBack: [...feeds].filter(({ isSlow }) => isSlow).length, shed: ticks?.shed() ?? [] }),
    async close() {
      ticks?.stop();
      clearTimeout(drainTimer);
      let acknowledged = Promise.resolve();
      guarded(() => {
        acknowledged = drain();
      });
      await acknowledged;
      for (const feed of feeds) feed.shut(closeCodes.goingAway, 'engine-stops');
      server.close();
    },
  };
}

function noHello(feed: Feed): undefined {
  feed.refuse(helloMissing);
  feed.shut(closeCodes.badHello, 'bad-hello');
}
