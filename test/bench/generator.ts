// Sends frames as fast as the engine takes them, in a process of its own: `generator.ts URL columns|json ROWS_PER_FRAME ROUNDS`.

import { connectFeed } from '../../simulator/feedClient.ts';
import { cityRoundFrames, valuesOf } from './cityFrames.ts';

const [url, format, rowsPerFrame, rounds] = process.argv.slice(2);
const frames = cityRoundFrames(Number(rowsPerFrame));
const client = await connectFeed({ url, feed: 'bench', clock: 'feed', format: format as 'columns' | 'json', epoch: '1' });
const startMs = Date.parse('2026-01-05T00:00:00+08:00');
const ticksEvery = 10;
const beganMs = performance.now();
for (let round = 0; round < Number(rounds); round++) {
  const eventMs = startMs + round * 1000;
  for (const frame of frames) {
    frame.time.fill(eventMs);
    await client.send(frame);
  }
  if (round % ticksEvery === ticksEvery - 1) await client.tick(eventMs + 1000);
}
await client.tick(startMs + Number(rounds) * 1000);
const seconds = (performance.now() - beganMs) / 1000;
const rows = frames.reduce((sum, frame) => sum + frame.rows, 0) * Number(rounds);
process.send?.({
  seconds,
  rows,
  values: valuesOf(frames) * Number(rounds),
  frames: frames.length * Number(rounds),
  problems: client.problems,
});
client.close();
