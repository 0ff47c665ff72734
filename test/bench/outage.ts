// A mirror away while the whole city sends a round a second: `outage.ts stopped|500|429|hang|cut SECONDS`, with --expose-gc.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import { openRun } from '../../engine/app.ts';
import { configFrom } from '../../engine/config.ts';
import { influx1Sink } from '../../engine/edge/store/influx1.ts';
import { makeRegister } from '../../simulator/world/city.ts';
import { badServer, type Misbehaviour } from '../harness/badServer.ts';
import { startInflux1 } from '../harness/servers.ts';
import { cityRoundFrames } from './cityFrames.ts';

const [way, secondsText] = process.argv.slice(2) as ['stopped' | Misbehaviour, string];
const outageS = Number(secondsText);
/** Before the outage, as fast as it goes: what grows with event time (15 min of minutes, the hour) has grown. */
const beforeS = 3_600;
const mib = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'lantian-outage-'));
const influx = await startInflux1();
const door = way === 'stopped' ? influx : await badServer(influx.url, way);
const sink = influx1Sink({ url: door.url });
const config = configFrom({ clock: 'feed' });
const run = await openRun({
  config,
  register: makeRegister(1),
  strict: false,
  store: 'none',
  recording: { path: join(folder, 'journal'), segmentBytes: 64 * mib, isDurable: true },
  mirrors: [sink],
  spoolDir: join(folder, 'mirrors'),
  failed: (error) => {
    console.error(error);
    process.exit(1);
  },
});
const frames = cityRoundFrames(100_000);
const feed = run.feedIndex('bench');
const startMs = Date.parse('2026-01-05T00:00:00+08:00');
function health() {
  const [mirror] = run.health().stores;
  if (mirror === undefined) throw new Error('BUG: the run has no mirror');
  return mirror;
}
const points = () => health().written;
const waitingBytes = () => health().spoolBytes ?? 0;

function memoryMiB(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / mib;
}

let round = 0;
async function second(): Promise<void> {
  const eventMs = startMs + round * 1000;
  for (const frame of frames) {
    frame.time.fill(eventMs);
    run.intake.add(feed, frame);
  }
  round += 1;
  run.tick(eventMs + 1000);
  await run.settled();
}

// The city before the outage: state that grows with event time is there.
while (round < beforeS) await second();
await run.written();
while (waitingBytes() > 0) await new Promise((resolve) => setTimeout(resolve, 50));
const pointsBefore = points();
const before = memoryMiB();
await door.pause();
let most = before;
const untilRound = round + outageS;
for await (const _ of every(1000)) {
  await second();
  if (round % 30 === 0) most = Math.max(most, memoryMiB());
  if (round >= untilRound) break;
}
await run.written();
most = Math.max(most, memoryMiB());
const spooledMiB = waitingBytes() / mib;
const pausedPoints = points();
await door.resume();
const backMs = performance.now();
while (waitingBytes() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
const drainMs = performance.now() - backMs; // with the pause before the next try
const drained = points() - pausedPoints;
const found = await (
  await fetch(`${influx.url}/query?${new URLSearchParams({ db: 'lantian', q: 'SELECT count(n) FROM /.*/' })}`)
).json();
const inInflux = (found as { results: { series: { values: number[][] }[] }[] }).results[0].series.reduce(
  (sum, { values }) => sum + values[0][1],
  0,
);
process.send?.({
  before,
  growth: most - before,
  spooledMiB,
  points: points(),
  lost: points() - inInflux,
  failed: health().failed,
  inflow: (drained + pausedPoints - pointsBefore) / outageS,
  drain: (drained / drainMs) * 1000,
});
await run.abandon();
if (door !== influx) await door.stop();
await influx.stop();
rmSync(folder, { recursive: true, force: true });
process.exit();
