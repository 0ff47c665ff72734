// Sends frames as fast as the engine takes them, in a process of its own:
// `generator.ts URL columns|json ROWS_PER_FRAME ROUNDS [WARM_MINUTES]`. Warm minutes have a round each; then it says so and waits.

import { connectFeed } from '../../simulator/feedClient.ts';
import { cityRoundFrames, trembling, valuesOf } from './cityFrames.ts';

const [url, format, rowsPerFrame, rounds, warmMinutes = '0'] = process.argv.slice(2);
const frames = cityRoundFrames(Number(rowsPerFrame));
const tremble = trembling(frames);
const client = await connectFeed({ url, feed: 'bench', clock: 'feed', format: format as 'columns' | 'json', epoch: '1' });
const firstMs = Date.parse('2026-01-05T00:00:00+08:00');
const startMs = firstMs + Number(warmMinutes) * 60_000;
const ticksEvery = 10;

async function send(round: number, eventMs: number): Promise<void> {
  tremble(round);
  for (const frame of frames) {
    frame.time.fill(eventMs);
    await client.send(frame);
  }
}

if (startMs > firstMs) {
  for (let eventMs = firstMs; eventMs < startMs; eventMs += 60_000) {
    await send((eventMs - firstMs) / 60_000, eventMs);
    await client.tick(eventMs + 60_000);
  }
  process.send?.({ isWarm: 1 });
  await new Promise((resolve) => process.once('message', resolve));
}
const beganMs = performance.now();
for (let round = 0; round < Number(rounds); round++) {
  const eventMs = startMs + round * 1000;
  await send(round, eventMs);
  if (round % ticksEvery === ticksEvery - 1) await client.tick(eventMs + 1000);
}
await client.tick(startMs + Number(rounds) * 1000);
const seconds = (performance.now() - beganMs) / 1000;
const rowsOfRound = frames.reduce((sum, frame) => sum + frame.rows, 0);
process.send?.({
  seconds,
  rows: rowsOfRound * Number(rounds),
  sent: rowsOfRound * (Number(rounds) + Number(warmMinutes)),
  values: valuesOf(frames) * Number(rounds),
  frames: frames.length * Number(rounds),
  problems: client.problems,
});
client.close();
