// A door in front of a real server that misbehaves on demand.

import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** `cut`: the connection is closed in the middle of the request's body, or the answer breaks off after it was taken. */
export type Misbehaviour = '500' | '429' | 'hang' | 'cut';

export interface BadServer {
  readonly url: string;
  /** Requests that were treated badly so far. */
  readonly refused: number;
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export async function badServer(target: string, how: Misbehaviour): Promise<BadServer> {
  let isBad = false;
  let refused = 0;
  const sockets = new Set<Socket>();
  const hanging = new Set<ServerResponse>();

  const server = createServer((incoming, answer) => {
    const parts: Buffer[] = [];
    incoming.on('error', () => {});
    incoming.on('data', (part: Buffer) => {
      parts.push(part);
      if (!isBad || how !== 'cut' || refused % 2 === 1) return;
      refused += 1;
      incoming.destroy();
    });
    incoming.on('end', () => {
      const body = Buffer.concat(parts);
      if (!isBad) return forward(body, (status, text) => answer.writeHead(status).end(text));
      refused += 1;
      if (how === '500') answer.writeHead(500).end('{"error":"engine: out of order"}');
      else if (how === '429') answer.writeHead(429, { 'retry-after': '1' }).end('{"error":"too many"}');
      else if (how === 'hang') hanging.add(answer);
      else
        forward(body, () => {
          answer.writeHead(500, { 'content-length': '1000' });
          answer.write('{"resu', () => answer.destroy());
        });
    });

    function forward(body: Buffer, then: (status: number, text: string) => void): void {
      const { method, headers } = incoming;
      const passed = request(`${target}${incoming.url}`, { method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => then(response.statusCode ?? 502, response.statusCode === 204 ? '' : text));
      });
      passed.on('error', () => answer.destroy());
      passed.end(body);
    }
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get refused() {
      return refused;
    },
    async pause() {
      isBad = true;
    },
    async resume() {
      isBad = false;
      for (const answer of hanging) answer.destroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
