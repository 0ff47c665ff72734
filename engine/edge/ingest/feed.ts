// One connection of a feed: its messages are taken in order, and it is not read while one has to wait.

import type { WebSocket } from 'ws';
import type { ServerMessage } from '../../schema/messages.ts';
import type { Problem } from '../../schema/problem.ts';
import type { ColumnsDecoder } from '../../wire/columns.ts';
import { encodeControl } from '../../wire/control.ts';
import { closeCodes } from './closeCodes.ts';

export interface Message {
  readonly data: Buffer;
  readonly binary: boolean;
}

export interface FeedOptions {
  readonly socket: WebSocket;
  readonly columns: ColumnsDecoder;
  readonly problemsMax: number;
  /** Takes one message; a promise when those after it have to wait (a tick). */
  readonly take: (feed: Feed, message: Message) => Promise<void> | undefined;
}

export interface Feed {
  readonly columns: ColumnsDecoder;
  /** Undefined until the hello; so are the others below without a meaning. */
  index: number | undefined;
  name: string;
  /** Feed and epoch: what frame numbers belong to. */
  epochKey: string;
  ownsClock: boolean;
  /** It obeys orders, and is told of them. */
  obeys: boolean;
  /** 0 to 9; the lowest is shed first. */
  priority: number;
  /** Rows sent since a feed was last shed or taken back. */
  rows: number;
  /** It has been told to wait, and is not read. */
  readonly isSlow: boolean;
  offer(message: Message): void;
  /** It has answered a ping. */
  heard(): void;
  /** From time to time: pings it, and lets go of a connection that has said nothing since the pings before. */
  checkAlive(): void;
  /** An answer: left out for one that does not read. */
  send(message: ServerMessage): void;
  /** Never left out; resolves when all have gone out, or the connection has. */
  sendAll(messages: readonly ServerMessage[]): Promise<void>;
  /** Answers with a problem of the newest frame. */
  tell(problem: Problem): void;
  /** As well; after too many of them the feed is shut. */
  refuse(problem: Problem): void;
  /** What it has still in its queue is not taken. */
  shut(code: number, reason: string): void;
  wait(): void;
  goOn(): void;
}

/** Answers to a feed that does not read them are not piled up. */
const answersBytesMax = 256 * 1024;
export const priorityDefault = 5;
/** Pings without an answer. One may be missed where this process was busy itself. */
const pingsMax = 2;

export function openFeed({ socket, columns, problemsMax, take }: FeedOptions): Feed {
  const queue: Message[] = [];
  /** Frames received, for problems to name. */
  let frame = 0;
  let problems = 0;
  let isBusy = false;
  let isSlow = false;
  let isShut = false;
  let isPaused = false;
  let pingsUnanswered = 0;

  function work(): void {
    while (!isBusy && !isSlow && queue.length > 0) {
      const message = queue.shift() as Message;
      frame += 1;
      const waits = isShut ? undefined : take(feed, message);
      if (waits === undefined) continue;
      isBusy = true;
      void waits.then(() => {
        isBusy = false;
        work();
      });
    }
    setPaused(isBusy || isSlow);
  }

  function setPaused(wanted: boolean): void {
    if (isPaused === wanted) return;
    isPaused = wanted;
    if (isPaused) socket.pause();
    else {
      pingsUnanswered = 0;
      socket.resume();
    }
  }

  const feed: Feed = {
    columns,
    index: undefined,
    name: '',
    epochKey: '',
    ownsClock: false,
    obeys: false,
    priority: priorityDefault,
    rows: 0,
    get isSlow() {
      return isSlow;
    },
    offer(message) {
      pingsUnanswered = 0;
      queue.push(message);
      work();
    },
    heard() {
      pingsUnanswered = 0;
    },
    checkAlive() {
      if (isPaused) return; // its answers are not read
      if (pingsUnanswered >= pingsMax) socket.terminate();
      else socket.ping();
      pingsUnanswered += 1;
    },
    send(message) {
      if (socket.bufferedAmount < answersBytesMax) socket.send(encodeControl(message));
    },
    sendAll(messages) {
      if (messages.length === 0) return Promise.resolve();
      const last = messages.length - 1;
      return new Promise((resolve) => {
        messages.forEach((message, i) => {
          socket.send(encodeControl(message), i === last ? () => resolve() : undefined);
        });
      });
    },
    tell(problem) {
      feed.send({ type: 'problem', frame, ...problem });
    },
    refuse(problem) {
      problems += 1;
      feed.tell(problem);
      if (problems >= problemsMax) feed.shut(closeCodes.tooManyProblems, 'too-many-problems');
    },
    shut(code, reason) {
      isShut = true;
      socket.close(code, reason);
    },
    wait() {
      isSlow = true;
    },
    goOn() {
      isSlow = false;
      work();
    },
  };
  return feed;
}
