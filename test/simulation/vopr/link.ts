// A connection to the door without a network: a real `ws` client on one end of a pair, the engine's server on the other.

import { createServer, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import WebSocket from 'ws';
import type { IngestServer } from '../../../engine/edge/ingest/ingestServer.ts';

export interface Link {
  readonly socket: WebSocket;
  /** The connection breaks behind that many more bytes to the door, or from it. */
  cutAfter(direction: 'to' | 'from', bytes: number): void;
  cut(): void;
}

/** What is written comes out of the other end, up to a limit. */
class End extends Duplex {
  other: End | undefined;
  bytesLeft = Number.POSITIVE_INFINITY;
  private taken: (() => void) | undefined;

  override _read(): void {
    const { taken } = this;
    this.taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const other = this.other as End;
    const passed = chunk.subarray(0, Math.min(chunk.length, this.bytesLeft));
    this.bytesLeft -= passed.length;
    const isFull = passed.length > 0 && !other.destroyed && !other.push(Buffer.from(passed)); // a copy: the writer uses its bytes again
    if (passed.length < chunk.length) {
      done();
      this.cut();
    } else if (isFull) other.taken = done;
    else process.nextTick(done);
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  cut(): void {
    this.destroy();
    this.other?.destroy();
  }
}

/** Of one door; nothing listens on a port. */
export function doorway(door: IngestServer): Server {
  return createServer().on('upgrade', (request, socket, head) => door.upgrade(request, socket, head));
}

export function openLink(server: Server): Link {
  const [near, far] = [new End(), new End()];
  near.other = far;
  far.other = near;
  for (const end of [near, far]) end.on('error', () => {});
  server.emit('connection', far);
  const socket = new WebSocket('ws://in-process/ingest', { createConnection: () => near as never, perMessageDeflate: false });
  socket.on('error', () => {}); // its close follows
  return {
    socket,
    cutAfter(direction, bytes) {
      (direction === 'to' ? near : far).bytesLeft = bytes;
    },
    cut: () => near.cut(),
  };
}
