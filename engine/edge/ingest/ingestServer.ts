// The ingest door: WebSocket feeds come in, rows go to the intake, ticks go to the run.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { FlowItem } from '../../schema/flow.ts';
import type { OutOfTurn } from '../../schema/ledger.ts';
import type { ClientMessage, OrderNews } from '../../schema/messages.ts';
import { type Problem, type Refused, refusedOf } from '../../schema/problem.ts';
import { columnsDecoder } from '../../wire/columns.ts';
import { decodeText } from '../../wire/control.ts';
import type { Decoded, Frame } from '../../wire/frame.ts';
import { decodeJsonValue, refusedWhole } from '../../wire/json.ts';
import { defaultWireLimits, tooLarge, type WireLimits } from '../../wire/limits.ts';
import type { WallClock } from '../clock.ts';
import { closeCodes } from './closeCodes.ts';
import { type Feed, type Message, openFeed, priorityDefault } from './feed.ts';
import type { Intake } from './intake.ts';
import { outOfTurnCounter } from './outOfTurn.ts';
import { clockConflict, helloMissing, notClockOwner, secondHello, seqGap, tickBackwards } from './refusals.ts';
import { type WallTickLimits, type WallTicks, wallTicks } from './wallTicks.ts';

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
  refused(what: Refused): void;
  pushArrived(frames: ReadonlyMap<string, number>): Promise<void>;
  durable(): Promise<void>;
  takeNews(): readonly OrderNews[];
  holdingOrders(): readonly OrderNews[];
}

/** Of the configuration. */
export interface IngestLimits extends WallTickLimits {
  readonly clock: 'wall' | 'feed';
  readonly drainMs: number;
  readonly feedPingMs: number;
  readonly frameBytesMax: number;
  readonly frameRowsMax: number;
  readonly feedsMax: number;
  readonly problemsPerFeedMax: number;
  readonly rowsPendingMax: number;
}

export interface IngestServerOptions {
  readonly run: IngestRun;
  readonly config: IngestLimits;
  readonly wall: WallClock;
  /** Calls the work some times a second until it is stopped. */
  readonly beats?: (work: () => void) => () => void;
  /** Calls the work every `feedPingMs` until it is stopped. */
  readonly pings?: (work: () => void) => () => void;
  /** The feed that owns the clock has said that it is over. */
  readonly ended: () => Promise<void>;
  readonly failed: (error: Error) => void;
}

export interface IngestServer {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  feeds(): number;
  /** Feeds that wait for us now, and names of those whose rows are shed. */
  overload(): { readonly heldBack: number; readonly shed: readonly string[] };
  /** Names of feeds whose rows we do not take now: their sources are not silent. */
  heldFeeds(): readonly string[];
  outOfTurn(): readonly OutOfTurn[];
  time(): ReturnType<WallTicks['time']>;
  close(): Promise<void>;
}

/** A frame somewhat too large is still answered with a problem; beyond that the socket is closed (1009). */
const oversizeFactor = 2;
type Hello = Extract<ClientMessage, { type: 'hello' }>;

const helloWithinMs = 10_000;
/** Problems of a frame that are recorded one by one; those behind them are added up, by kind and code. */
const problemsToldMax = 1_000;

export function ingestServer({ run, config, wall, beats, pings, ended, failed }: IngestServerOptions): IngestServer {
  const wireLimits: WireLimits = { ...defaultWireLimits, frameBytesMax: config.frameBytesMax, rowsMax: config.frameRowsMax };
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: config.frameBytesMax * oversizeFactor,
    perMessageDeflate: false,
  });
  const feeds = new Set<Feed>();
  /** Next expected frame number by feed and epoch, over connections. */
  const nextSeq = new Map(run.nextSeq);
  /** Feeds with their epochs whose frame numbers are to be committed and acknowledged, whether or not they are connected now. */
  const ackDue = new Set<string>();
  const outOfTurn = outOfTurnCounter();
  let clockOwner: Feed | undefined;
  let lastTickMs = run.nowMs ?? Number.NEGATIVE_INFINITY;
  let drainTimer: NodeJS.Timeout | undefined;
  /** Stores are behind: what is read waits in the intake. */
  let isWaiting = false;
  let isDrainDue = false;
  const ticks: WallTicks | undefined =
    config.clock === 'feed'
      ? undefined
      : wallTicks({
          wall,
          limits: config,
          nowMs: run.nowMs,
          feeds,
          isDiskFull: () => run.isDiskFull,
          isWaiting: () => isWaiting,
          beats,
          tick: (tick) =>
            guarded(() => {
              if (!isWaiting) void drain();
              run.push(tick);
              void tellOrders();
            }),
        });
  const stopPings = (pings ?? everyMs(config.feedPingMs))(() => {
    for (const feed of feeds) feed.checkAlive();
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
    const due = new Map([...ackDue].map((key) => [key, (nextSeq.get(key) as number) - 1]));
    ackDue.clear();
    return acknowledge(due, run.pushArrived(due));
  }

  async function acknowledge(due: ReadonlyMap<string, number>, durable: Promise<void>): Promise<void> {
    try {
      await durable;
    } catch (error) {
      failed(error as Error);
      return;
    }
    for (const feed of feeds) {
      const seq = due.get(feed.epochKey);
      if (seq !== undefined) feed.send({ type: 'ack', seq });
    }
  }

  function drainSoon(): void {
    if (config.clock === 'feed' || drainTimer !== undefined) return;
    drainTimer = setTimeout(() => {
      drainTimer = undefined;
      if (isWaiting) {
        isDrainDue = true;
        return;
      }
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
    if (isDrainDue) drainSoon();
    isDrainDue = false;
    ticks?.beat();
    for (const feed of feeds) {
      if (!feed.isSlow) continue;
      feed.send({ type: 'go' });
      feed.goOn();
    }
  }

  function take(feed: Feed, { data, binary }: Message): Promise<void> | undefined {
    if (binary) return takeRows(feed, () => feed.columns.decode(data));
    const large = data.length > wireLimits.frameBytesMax ? tooLarge(data.length, wireLimits) : undefined;
    const text = decodeText(data.toString('utf8'));
    if ('rows' in text)
      return takeRows(feed, () =>
        large === undefined ? decodeJsonValue(text.rows, wireLimits) : refusedWhole(text.rows, large),
      );
    if ('problem' in text || large !== undefined) {
      refuseFrame(feed, large ?? (text as { problem: Problem }).problem);
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
    if (message.orders) {
      feed.obeys = true;
      void feed.sendAll(run.holdingOrders());
    }
    if (nextSeq.has(feed.epochKey)) {
      ackDue.add(feed.epochKey); // its acknowledgement may have gone with the connection before
      drainSoon();
    }
  }

  function takeRows(feed: Feed, decode: () => Decoded): undefined {
    const { index } = feed;
    if (index === undefined) return noHello(feed);
    const decoded = decode();
    const seq = decoded.seq ?? decoded.frames[0]?.seq;
    if (seq !== undefined && !isInTurn(feed, seq, decoded)) return;
    for (const frame of decoded.frames) takeFrame(feed, index, frame);
    refuseRows(feed, index, decoded);
    drainSoon();
    holdBack(feed);
  }

  /** A frame that is refused for what it holds takes its number all the same: it would be refused again. */
  function isInTurn(feed: Feed, seq: number, decoded: Decoded): boolean {
    const expected = nextSeq.get(feed.epochKey) ?? 0;
    if (seq > expected) {
      outOfTurn.gap(feed.name, rowsIn(decoded));
      feed.refuse(seqGap(seq, expected));
      return false;
    }
    ackDue.add(feed.epochKey);
    if (seq === expected) nextSeq.set(feed.epochKey, seq + 1);
    else {
      outOfTurn.resent(feed.name, rowsIn(decoded));
      drainSoon();
    }
    return seq === expected;
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
      run.refused({ feed: index, kind: frame.kind, rows: frame.rows, code: 'shed' });
      return;
    }
    const problem = run.intake.add(index, frame);
    if (problem === undefined) return;
    run.refused(refusedOf(index, problem, true));
    feed.refuse(problem);
  }

  function refuseRows(feed: Feed, index: number, { problems, isRefused = false }: Decoded): void {
    for (const problem of problems) feed.refuse(problem);
    for (const problem of problems.slice(0, problemsToldMax)) run.refused(refusedOf(index, problem, isRefused));
    const counted = new Map<string, Problem>();
    for (const { code, kind, rows = 0 } of problems.slice(problemsToldMax)) {
      const key = `${kind} ${code}`;
      counted.set(key, { code, kind, message: '', rows: (counted.get(key)?.rows ?? 0) + rows });
    }
    for (const problem of counted.values()) run.refused(refusedOf(index, problem, false));
  }

  /** A frame of which not even the number can be read. */
  function refuseFrame(feed: Feed, problem: Problem): void {
    feed.refuse(problem);
    if (feed.index !== undefined) run.refused(refusedOf(feed.index, problem, true));
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
    await tellOrders();
    feed.send({ type: 'done', nowMs });
  }

  /** An order goes out when it can no longer be lost. */
  async function tellOrders(): Promise<void> {
    const news = run.takeNews();
    if (news.length === 0) return;
    try {
      await run.durable();
    } catch (error) {
      failed(error as Error);
      return;
    }
    for (const feed of feeds) {
      if (!feed.obeys) continue;
      const sent = feed.sendAll(news);
      if (feed.ownsClock) await sent; // they come before its `done`; nobody waits for another who does not read
    }
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
    socket.on('pong', () => feed.heard());
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
    heldFeeds: () =>
      [...feeds].filter(({ index, isSlow }) => index !== undefined && (isSlow || run.isDiskFull)).map(({ name }) => name),
    outOfTurn: outOfTurn.counts,
    time: () => ticks?.time() ?? { behindMs: 0, backMs: 0 },
    async close() {
      ticks?.stop();
      stopPings();
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

function rowsIn({ frames, rowsRefused }: Decoded): number {
  return frames.reduce((sum, frame) => sum + frame.rows, rowsRefused);
}

function noHello(feed: Feed): undefined {
  feed.refuse(helloMissing);
  feed.shut(closeCodes.badHello, 'bad-hello');
}

function everyMs(ms: number): (work: () => void) => () => void {
  return (work) => {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  };
}
