// The engine under test, in a process of its own: `engineProcess.ts none|duckdb wall|feed [journal] [noRules]`. Prints its address,
// then its cost since the start, or since it was told that what counts begins.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRun, storePath } from '../../engine/app.ts';
import { configFrom } from '../../engine/config.ts';
import { wallClock } from '../../engine/edge/clock.ts';
import { ingestServer } from '../../engine/edge/ingest/ingestServer.ts';
import { type LiveServer, liveServer } from '../../engine/edge/serve/liveServer.ts';
import { defaultRules, type Rules, ruleIds } from '../../engine/stages/correlate/ruleCatalog.ts';
import { makeRegister } from '../../simulator/world/city.ts';

const [store, clock, ...more] = process.argv.slice(2) as ['none' | 'duckdb', 'feed' | 'wall', ...('journal' | 'noRules')[]];
const allOff = Object.fromEntries(ruleIds.map((id) => [id, { ...defaultRules[id], on: false }])) as Rules;
const folder = mkdtempSync(join(tmpdir(), 'lantian-bench-'));
const config = configFrom({ clock });
const fail = (error: Error) => {
  console.error(error);
  process.exit(1);
};
let live: LiveServer | undefined;
const run = await openRun({
  config,
  register: makeRegister(1),
  strict: false,
  ...(more.includes('noRules') ? { rules: allOff } : {}),
  store: store === 'duckdb' ? { duckdb: storePath(folder) } : 'none',
  ...(more.includes('journal')
    ? { recording: { path: join(folder, 'journal'), segmentBytes: 64 * 1024 * 1024, isDurable: true } }
    : {}),
  mirrors: [],
  live(names) {
    live = liveServer({ names, clock, viewersMax: 10, viewerBytesMax: config.viewerBytesMax });
    return live;
  },
  failed: fail,
});
const ingest = ingestServer({ run, config, wall: wallClock, ended: async () => {}, failed: fail });
let rssMax = 0;
const sampler = setInterval(() => {
  rssMax = Math.max(rssMax, process.memoryUsage.rss());
}, 50);
const server = createServer();
server.on('upgrade', (request, socket, head) =>
  (request.url === '/live' ? (live as LiveServer) : ingest).upgrade(request, socket, head),
);
server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
let before = { user: 0, system: 0 };
process.on('message', async (message) => {
  if (message === 'begin') {
    await run.written();
    before = process.cpuUsage();
    process.send?.({});
    return;
  }
  clearInterval(sampler);
  const toldMs = performance.now();
  await run.written();
  const storedMs = performance.now() - toldMs;
  const { user, system } = process.cpuUsage(before);
  process.send?.({
    storedMs,
    cpuMs: (user + system) / 1000,
    rssMiB: Math.max(rssMax, process.memoryUsage.rss()) / 2 ** 20,
    received: run.ledger.ledger().rows.reduce((sum, row) => sum + row.received, 0),
  });
  await ingest.close();
  await run.finish({});
  rmSync(folder, { recursive: true, force: true });
  process.exit();
});
