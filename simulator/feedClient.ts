// The sending side of the ingest socket: numbered frames, lockstep ticks, backpressure; and the same over a lost connection.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import type { ClientMessage, OrderMessage, SectorMessage, ServerMessage } from '../engine/schema/messages.ts';
import { encodeControl } from '../engine/wire/control.ts';
import { encodeColumns } from '../engine/wire/encodeColumns.ts';
import type { Frame } from '../engine/wire/frame.ts';
import { encodeJson } from '../engine/wire/json.ts';

export interface FeedOptions {
  /** `http://host:port` or `ws://host:port`; the path `/ingest` is added where there is none. */
  readonly url: string;
  readonly feed: string;
  readonly token?: string;
  readonly clock: 'wall' | 'feed';
  readonly format: 'columns' | 'json';
  /** New at every restart of the numbering. */
  readonly epoch: string;
  /** In an overload 0 is shed first, 9 last. */
  readonly priority?: number;
  readonly onProblem?: (problem: Extract<ServerMessage, { type: 'problem' }>) => void;
  /** Asks the engine for its orders. On the feed clock those of a tick come before `tick` resolves, and not in the turn that sends it. */
  readonly onOrder?: (order: OrderMessage) => void;
  readonly onSector?: (order: SectorMessage) => void;
  readonly onLift?: (id: string, atMs: number) => void;
}

/** The engine is not there, or has closed the feed. */
export class FeedError extends Error {
  override readonly name = 'FeedError';
  /** Of the WebSocket; undefined: nobody answered. */
  readonly closeCode: number | undefined;
  constructor(message: string, closeCode?: number) {
    super(message);
    this.closeCode = closeCode;
  }
}

/** A frame as it travels. */
export interface EncodedFrame {
  readonly seq: number;
  readonly message: string | Uint8Array;
}

export interface FeedClient {
  /** Numbers a frame, to be sent behind those that were numbered before. Its columns may be written to afterwards. */
  encode(frame: Frame): EncodedFrame;
  /** Resolves when there is room for more. */
  sendEncoded(frame: EncodedFrame): Promise<void>;
  /** Both in one. */
  send(frame: Frame): Promise<void>;
  /** Resolves when the engine is done with everything up to this time. */
  tick(nowMs: number): Promise<void>;
  /** The feed is over: resolves when the engine has written everything out. */
  end(): Promise<void>;
  close(): void;
  readonly acked: number;
  readonly problems: number;
  /** Number of the next frame to be sent; after connecting, the first that the engine does not have. */
  readonly nextSeq: number;
  /** Resolves at the next word of the engine. */
  changed(): Promise<void>;
}

const bufferedMax = 4 * 1024 * 1024;
/** Frames sent in one go leave together: a system call each would cost more than encoding small ones. */
const corkedMax = 256 * 1024;
/**
 * Masks of zeros, which neither side has to apply. Random ones keep scripts of a web page from choosing the bytes that a proxy sees
 * (RFC 6455, 10.3); nobody but us writes these.
 */
const generateMask = (mask: Buffer): void => void mask.fill(0);

function encoded(frame: Frame, seq: number, format: FeedOptions['format']): EncodedFrame {
  const numbered = { ...frame, seq };
  return { seq, message: format === 'columns' ? encodeColumns(numbered) : encodeJson(numbered) };
}

/** Rejects when the engine is not there or does not take the feed, saying what to do. */
export async function connectFeed(options: FeedOptions): Promise<FeedClient> {
  const url = ingestUrl(options.url);
  const socket = new WebSocket(url, { perMessageDeflate: false, generateMask });
  /** Of the next frame to be encoded, and to be sent. */
  let encodedSeq = 0;
  let seq = 0;
  let acked = -1;
  let problems = 0;
  let isSlow = false;
  let failure: Error | undefined;
  /** Everyone who waits for something; each is tried again whenever something has changed. */
  let waiting: { readonly isDone: () => boolean; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  let doneMs: number | null | undefined;
  let isWelcome = false;
  let stream: Socket | undefined;
  let corkedBytes = 0;

  function sendTogether(data: string | Uint8Array): void {
    if (corkedBytes === 0) {
      stream?.cork();
      setImmediate(uncork);
    }
    corkedBytes += data.length;
    socket.send(data, () => changed());
    if (corkedBytes > corkedMax) uncork();
  }

  function uncork(): void {
    if (corkedBytes === 0) return;
    corkedBytes = 0;
    stream?.uncork();
  }

  function changed(): void {
    const still: typeof waiting = [];
    for (const each of waiting) {
      if (each.isDone()) each.resolve();
      else if (failure !== undefined) each.reject(failure);
      else still.push(each);
    }
    waiting = still;
  }

  function until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      waiting.push({ isDone, resolve, reject });
      changed();
    });
  }

  function fail(error: Error): void {
    failure ??= error;
    changed();
  }

  let lastProblem = '';
  function take(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        seq = message.resumeFrom;
        encodedSeq = seq;
        isWelcome = true;
        break;
      case 'ack':
        acked = message.seq;
        break;
      case 'slow':
        isSlow = true;
        break;
      case 'go':
        isSlow = false;
        break;
      case 'done':
        doneMs = message.nowMs;
        break;
      case 'problem':
        problems += 1;
        lastProblem = `${message.message}${message.allowed === undefined ? '' : ` Allowed: ${message.allowed}.`}`;
        options.onProblem?.(message);
        break;
      case 'order':
        options.onOrder?.(message.order);
        break;
      case 'sector':
        options.onSector?.(message.order);
        break;
      case 'lift':
        options.onLift?.(message.id, message.atMs);
        break;
    }
    changed();
  }

  socket.on('upgrade', (response) => {
    stream = response.socket;
  });
  socket.on('open', () =>
    socket.send(
      encodeControl({
        type: 'hello',
        feed: options.feed,
        token: options.token,
        epoch: options.epoch,
        clock: options.clock,
        priority: options.priority,
        orders: options.onOrder === undefined ? undefined : true,
      }),
    ),
  );
  socket.on('message', (data) => take(JSON.parse(String(data)) as ServerMessage));
  socket.on('error', (error) =>
    fail(
      new FeedError(
        `no engine answers at ${url} (${error.message}): start one with \`lantian serve${options.clock === 'feed' ? ' --clock feed' : ''}\`, or give its address with --url`,
      ),
    ),
  );
  socket.on('close', (code, reason) =>
    fail(
      new FeedError(`the engine closed the feed (${code}${reason.length > 0 ? ` ${reason}` : ''}). ${lastProblem}`.trim(), code),
    ),
  );
  await until(() => isWelcome);

  function encode(frame: Frame): EncodedFrame {
    return encoded(frame, encodedSeq++, options.format);
  }

  async function sendEncoded(frame: EncodedFrame): Promise<void> {
    seq = frame.seq + 1;
    if (failure !== undefined) throw failure;
    sendTogether(frame.message);
    if (isSlow || socket.bufferedAmount > bufferedMax) await until(() => !isSlow && socket.bufferedAmount <= bufferedMax);
  }

  /** Resolves at `done`. It leaves at once: who sends it computes for a while before the next turn of the event loop. */
  async function control(message: Extract<ClientMessage, { type: 'tick' | 'end' }>, wantedMs: number | null): Promise<void> {
    doneMs = undefined;
    sendTogether(encodeControl(message));
    uncork();
    await until(() => doneMs === wantedMs);
  }

  return {
    encode,
    sendEncoded,
    send: (frame) => sendEncoded(encode(frame)),
    tick: (nowMs) => control({ type: 'tick', nowMs }, nowMs),
    end: () => (options.clock === 'wall' ? until(() => acked === seq - 1) : control({ type: 'end' }, null)),
    close: () => socket.close(),
    get nextSeq() {
      return seq;
    },
    async changed() {
      await once(socket, 'message');
    },
    get acked() {
      return acked;
    },
    get problems() {
      return problems;
    },
  };
}

export interface SteadyOptions extends FeedOptions {
  readonly clock: 'feed';
  /** Ends the trying. */
  readonly signal?: AbortSignal;
  /** What a person should read: the engine is gone, it is back. */
  readonly onNotice?: (text: string) => void;
  /** Before each try, the last one again and again; default: 0.5 s to 10 s, for ten minutes in all. */
  readonly pausesMs?: readonly number[];
  /** Without an engine for that long it gives up; default ten minutes. */
  readonly giveUpMs?: number;
}

const usualPausesMs = [500, 1_000, 2_000, 4_000, 7_000, 10_000];
const usualGiveUpMs = 600_000;
/** The engine knows this feed and does not want it: it would say so again. */
const finalCodes: readonly (number | undefined)[] = [1009, 4001, 4008]; // frame too large, bad hello, too many problems

/**
 * As `connectFeed`, and when the engine goes away in the middle it is looked for again and the feed goes on with the first frame that
 * the engine does not have. Frames are kept, as they travel, until they are acknowledged.
 * Rejects as `connectFeed` does when there is no engine at the start, and when one does not come back.
 */
export async function connectSteadily(options: SteadyOptions): Promise<FeedClient> {
  const { signal, onNotice, pausesMs = usualPausesMs, giveUpMs = usualGiveUpMs } = options;
  let client = await connectFeed(options);
  /** Not acknowledged yet; the first has the number `firstSeq`. */
  let kept: EncodedFrame[] = [];
  let firstSeq = client.nextSeq;
  let encodedSeq = firstSeq;
  /** The newest tick that was answered. All frames before it are acknowledged, those in `kept` came after it. */
  let doneMs: number | undefined;
  let problemsBefore = 0;

  async function goOn(lost: unknown): Promise<void> {
    let error = lost;
    let waitedMs = 0;
    for (let n = 0; ; n++) {
      if (signal?.aborted || !(error instanceof FeedError) || finalCodes.includes(error.closeCode)) throw error;
      const pauseMs = pausesMs[Math.min(n, pausesMs.length - 1)];
      if (waitedMs + pauseMs > giveUpMs)
        throw new FeedError(`the engine did not come back in ${waitedMs / 1000} s: ${error.message}`);
      onNotice?.(`${error.message}; trying again in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal }).catch(() => {}); // by the signal
      waitedMs += pauseMs;
      try {
        await resume();
        onNotice?.(`the engine is back: going on with frame ${firstSeq}`);
        return;
      } catch (again) {
        error = again;
      }
    }
  }

  async function resume(): Promise<void> {
    problemsBefore += client.problems;
    client = await connectFeed(options);
    const seq = client.nextSeq;
    if (seq < firstSeq || seq > firstSeq + kept.length) {
      throw new Error(
        `the engine at ${options.url} cannot go on with this feed: it wants frame ${seq}, and ${firstSeq} to ${firstSeq + kept.length} can be had. It has been started in another folder, or without one; begin the simulation again`,
      );
    }
    const isOfStep = seq > firstSeq;
    kept = kept.slice(seq - firstSeq);
    firstSeq = seq;
    // Rows are durable before their tick is: without any of the rows that followed it, the tick itself may be lost.
    if (!isOfStep && doneMs !== undefined) await client.tick(doneMs);
    for (const frame of kept) await client.sendEncoded(frame);
  }

  async function steadily(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        await goOn(error);
      }
    }
  }

  const encode = (frame: Frame) => encoded(frame, encodedSeq++, options.format);

  async function sendEncoded(frame: EncodedFrame): Promise<void> {
    kept.push(frame);
    try {
      await client.sendEncoded(frame);
    } catch (error) {
      await goOn(error); // it is among those that are sent again
    }
  }

  return {
    encode,
    sendEncoded,
    send: (frame) => sendEncoded(encode(frame)),
    async tick(nowMs) {
      await steadily(() => client.tick(nowMs));
      firstSeq += kept.length;
      kept = [];
      doneMs = nowMs;
    },
    end: () => steadily(() => client.end()),
    close: () => client.close(),
    changed: () => client.changed(),
    get nextSeq() {
      return client.nextSeq;
    },
    get acked() {
      return client.acked;
    },
    get problems() {
      return problemsBefore + client.problems;
    },
  };
}

function ingestUrl(text: string): string {
  if (!URL.canParse(text)) throw new Error(`the address "${text}" cannot be read; allowed: http://host:port`);
  const url = new URL(text);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  if (url.pathname === '/') url.pathname = '/ingest';
  return url.href;
}
