// The sending side of the ingest socket: numbered frames, lockstep ticks, backpressure.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import WebSocket from 'ws';
import type { ServerMessage } from '../engine/schema/messages.ts';
import { encodeColumns } from '../engine/wire/columns.ts';
import { encodeControl } from '../engine/wire/control.ts';
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
}

export interface FeedClient {
  /** Resolves when there is room for more. */
  send(frame: Frame): Promise<void>;
  /** Resolves when the engine is done with everything up to this time. */
  tick(nowMs: number): Promise<void>;
  /** The feed is over: resolves when the engine has written everything out. */
  end(): Promise<void>;
  close(): void;
  readonly acked: number;
  readonly problems: number;
  /** Number of the next frame; after connecting, the first that the engine does not have. */
  readonly nextSeq: number;
  /** Resolves at the next word of the engine. */
  changed(): Promise<void>;
}

const bufferedMax = 4 * 1024 * 1024;
/** Small frames sent in one go leave together: a system call each would cost more than encoding them. */
const corkedMax = 64 * 1024;

/** Rejects when the engine is not there or does not take the feed, saying what to do. */
export async function connectFeed(options: FeedOptions): Promise<FeedClient> {
  const url = ingestUrl(options.url);
  const socket = new WebSocket(url, { perMessageDeflate: false });
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
      }),
    ),
  );
  socket.on('message', (data) => take(JSON.parse(String(data)) as ServerMessage));
  socket.on('error', (error) =>
    fail(
      new Error(
        `no engine answers at ${url} (${error.message}): start one with \`lantian serve${options.clock === 'feed' ? ' --clock feed' : ''}\`, or give its address with --url`,
      ),
    ),
  );
  socket.on('close', (code, reason) =>
    fail(new Error(`the engine closed the feed (${code}${reason.length > 0 ? ` ${reason}` : ''}). ${lastProblem}`.trim())),
  );
  await until(() => isWelcome);

  return {
    async send(frame) {
      const numbered = { ...frame, seq };
      seq += 1;
      if (failure !== undefined) throw failure;
      sendTogether(options.format === 'columns' ? encodeColumns(numbered) : encodeJson(numbered));
      if (isSlow || socket.bufferedAmount > bufferedMax) await until(() => !isSlow && socket.bufferedAmount <= bufferedMax);
    },
    async tick(nowMs) {
      doneMs = undefined;
      socket.send(encodeControl({ type: 'tick', nowMs }));
      await until(() => doneMs === nowMs);
    },
    async end() {
      if (options.clock === 'wall') return until(() => acked === seq - 1);
      doneMs = undefined;
      socket.send(encodeControl({ type: 'end' }));
      await until(() => doneMs === null);
    },
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

function ingestUrl(text: string): string {
  if (!URL.canParse(text)) throw new Error(`the address "${text}" cannot be read; allowed: http://host:port`);
  const url = new URL(text);
  url.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss:' : 'ws:';
  if (url.pathname === '/') url.pathname = '/ingest';
  return url.href;
}
