// The live feed: connects, connects again, and says since when nothing has come.

import type { LiveMessage } from '../../engine/schema/live.ts';
import { getHealth } from './api.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Connected, but the engine's clock stands, as with a paused replay. */
  | { readonly kind: 'quiet'; readonly sinceMs: number }
  | { readonly kind: 'stale'; readonly sinceMs: number };

export interface ConnectionHandlers {
  readonly onMessages: (messages: readonly LiveMessage[]) => void;
  readonly onState: (state: ConnectionState) => void;
}

const pausesMs = [500, 1_000, 2_000, 5_000, 10_000];
/** The engine ticks at least once a second while its clock runs. */
const silenceMs = 15_000;
const answerWithinMs = 5_000;

/** Messages are handed over once per frame, so that a burst draws once. */
export function connect(handlers: ConnectionHandlers): void {
  let attempt = 0;
  let lastMs: number | undefined;
  let nowMs: number | null = null;
  let waiting: LiveMessage[] = [];
  let isScheduled = false;

  function deliver(): void {
    isScheduled = false;
    const messages = waiting;
    waiting = [];
    handlers.onMessages(messages);
  }

  function take(message: LiveMessage): void {
    // What a snapshot replaces need not be kept, however long the page was hidden; but the chart must see it.
    if (message.type === 'snapshot') waiting = [];
    if (message.type === 'snapshot' || message.type === 'tick') nowMs = message.nowMs;
    waiting.push(message);
    if (isScheduled) return;
    isScheduled = true;
    // A hidden page gets no animation frames; it must not pile messages up.
    if (document.hidden) setTimeout(deliver, 250);
    else requestAnimationFrame(deliver);
  }

  function open(): void {
    const url = new URL('live', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    let silence: ReturnType<typeof setTimeout> | undefined;
    let isQuiet = false;
    let isOver = false;

    /** Only once per socket: a half-open one may report its end much later, or never. */
    function lost(): void {
      if (isOver) return;
      isOver = true;
      clearTimeout(silence);
      socket.close();
      handlers.onState(lastMs === undefined ? { kind: 'connecting' } : { kind: 'stale', sinceMs: lastMs });
      const pauseMs = pausesMs[Math.min(attempt, pausesMs.length - 1)];
      attempt += 1;
      setTimeout(open, pauseMs * (0.8 + 0.4 * Math.random()));
    }

    function listen(): void {
      clearTimeout(silence);
      silence = setTimeout(ask, silenceMs);
    }

    /** Silence: either the engine's clock stands still, or this socket is dead. */
    async function ask(): Promise<void> {
      const askedMs = lastMs;
      try {
        const health = await getHealth(AbortSignal.timeout(answerWithinMs));
        if (isOver || lastMs !== askedMs) return; // ended, or spoke in the meantime
        if (health.nowMs !== nowMs) return lost();
        isQuiet = true;
        handlers.onState({ kind: 'quiet', sinceMs: lastMs ?? Date.now() });
        listen();
      } catch {
        if (lastMs === askedMs) lost();
      }
    }

    socket.onopen = listen;
    socket.onmessage = (event) => {
      if (isOver) return;
      lastMs = Date.now();
      listen();
      const message = JSON.parse(String(event.data)) as LiveMessage;
      if (message.type === 'snapshot') attempt = 0;
      if (message.type === 'snapshot' || isQuiet) handlers.onState({ kind: 'live' });
      isQuiet = false;
      take(message);
    };
    socket.onclose = lost;
  }

  handlers.onState({ kind: 'connecting' });
  open();
}
