// The live feed: connects, connects again, and says since when nothing has come.

import type { LiveMessage } from '../../engine/schema/live.ts';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'stale'; readonly sinceMs: number };

export interface ConnectionHandlers {
  readonly onMessages: (messages: readonly LiveMessage[]) => void;
  readonly onState: (state: ConnectionState) => void;
}

const pausesMs = [500, 1_000, 2_000, 5_000, 10_000];
/** The engine ticks at least once a second while its clock runs; a paused replay is quiet and says so by its time. */

/** Messages are handed over once per frame, so that a burst draws once. */
export function connect(handlers: ConnectionHandlers): void {
  let attempt = 0;
  let lastMs = Date.now();
  let waiting: LiveMessage[] = [];
  let isScheduled = false;

  function deliver(): void {
    isScheduled = false;
    const messages = waiting;
    waiting = [];
    handlers.onMessages(messages);
  }

  function open(): void {
    const url = new URL('live', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.onmessage = (event) => {
      const message = JSON.parse(String(event.data)) as LiveMessage;
      lastMs = Date.now();
      if (message.type === 'snapshot') {
        attempt = 0;
        handlers.onState({ kind: 'live' });
      }
      waiting.push(message);
      if (isScheduled) return;
      isScheduled = true;
      // A hidden page gets no animation frames; it must not pile messages up.
      if (document.hidden) setTimeout(deliver, 250);
      else requestAnimationFrame(deliver);
    };
    socket.onclose = () => {
      handlers.onState({ kind: 'stale', sinceMs: lastMs });
      setTimeout(open, pausesMs[Math.min(attempt, pausesMs.length - 1)]);
      attempt += 1;
    };
  }

  handlers.onState({ kind: 'connecting' });
  open();
}
