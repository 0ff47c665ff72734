// The simulator beside an engine, each in a process of its own, in lockstep over WebSocket: `websocket.ts URL FORMAT MINUTES WARM`.

import { loadSimulation } from '../../engine/cli/verbs/simulate.ts';
import { connectSteadily } from '../../simulator/feedClient.ts';
import type { Step } from '../../simulator/readers/reader.ts';
import { drive } from '../../simulator/simulate.ts';

const [url, format, minutesText, warmText] = process.argv.slice(2);
const minutes = Number(minutesText);
const { simulation } = await loadSimulation('quiet-week', {});
const client = await connectSteadily({
  url,
  feed: 'simulator',
  clock: 'feed',
  format: format as 'columns' | 'json',
  epoch: '1',
  onOrder: () => {}, // asked for, as `lantian simulate` does
});
const startMs = process.uptime() * 1000;
const steps = simulation.steps();
let rows = 0;

/** The next so many; the rest stays to be taken. */
function* some(count: number): Generator<Step> {
  for (let n = 0; n < count; n++) yield steps.next().value as Step;
}

function sendSome(count: number): Promise<void> {
  const onStep = (_: Step, sent: number) => {
    rows += sent;
  };
  return drive(client, some(count), { speed: 'max', onStep });
}

// Code is compiled and the first hours are closed before what counts.
await sendSome(Number(warmText));
process.send?.({ isWarm: 1 });
await new Promise((resolve) => process.once('message', resolve));
const before = process.cpuUsage();
const beganMs = performance.now();
rows = 0;
await sendSome(minutes);
const seconds = (performance.now() - beganMs) / 1000;
const { user, system } = process.cpuUsage(before);
const { problems } = client;
client.close();
process.send?.({ startMs, seconds, minutes, rows, problems, cpuMs: (user + system) / 1000 });
process.exit();
