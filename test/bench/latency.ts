// From the socket that sends a row to the live socket that shows it, at one city round a second: `latency.ts URL SECONDS`.

import WebSocket from 'ws';
import { connectFeed } from '../../simulator/feedClient.ts';
import { cityRoundFrames } from './cityFrames.ts';

const [url, seconds] = process.argv.slice(2);
const live = new WebSocket(`${url.replace('http', 'ws')}/live`);
await new Promise((resolve) => live.once('open', resolve));
const sentMs = new Map<number, number>();
const latencies: number[] = [];
live.on('message', (data) => {
  const nowMs = performance.now();
  const message = JSON.parse(String(data)) as { type: string; columns?: { kind: string; eventMs: number[] } };
  if (message.type !== 'rows' || message.columns?.kind !== 'air') return;
  const sent = sentMs.get(message.columns.eventMs[0]);
  if (sent !== undefined) latencies.push(nowMs - sent);
});
const client = await connectFeed({ url, feed: 'bench', clock: 'wall', format: 'columns', epoch: '1' });
const frames = cityRoundFrames(100_000).sort((a, b) => Number(b.kind === 'air') - Number(a.kind === 'air'));
for (let second = 0; second < Number(seconds); second++) {
  const beganMs = performance.now();
  const eventMs = Date.now();
  sentMs.set(eventMs, beganMs);
  for (const frame of frames) {
    frame.time.fill(eventMs);
    await client.send(frame);
  }
  await new Promise((resolve) => setTimeout(resolve, 1000 - (performance.now() - beganMs)));
}
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
process.send?.({ p50: at(0.5), p99: at(0.99), max: latencies[latencies.length - 1], n: latencies.length });
live.close();
client.close();
