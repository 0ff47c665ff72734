// How long a start after a crash takes, with a minute of the whole city at one row a second behind the checkpoint.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRun, storePath } from '../../engine/app.ts';
import { configFrom } from '../../engine/config.ts';
import type { Run } from '../../engine/run.ts';
import { makeRegister } from '../../simulator/world/city.ts';
import { cityRoundFrames } from './cityFrames.ts';

const folder = mkdtempSync(join(tmpdir(), 'lantian-recovery-'));
const register = makeRegister(1);
const frames = cityRoundFrames(100_000);
const startMs = Date.parse('2026-01-05T00:00:00+08:00');
const beforeMinutes = 120;
let firstOutputMs = Number.NaN;

function open(checkpointBytes: number): Promise<Run> {
  return openRun({
    config: configFrom({ clock: 'feed', checkpointBytes, checkpointTimes: 0 }),
    register,
    strict: false,
    store: { duckdb: storePath(folder) },
    recording: { path: join(folder, 'journal'), segmentBytes: 64 * 2 ** 20, isDurable: true },
    mirrors: [],
    live: () => ({
      publish() {
        if (Number.isNaN(firstOutputMs)) firstOutputMs = performance.now();
      },
      save: () => null,
      restore: () => {},
    }),
    failed: (error) => {
      throw error;
    },
  });
}

async function round(run: Run, eventMs: number): Promise<void> {
  for (const frame of frames) {
    frame.time.fill(eventMs);
    run.intake.add(run.feedIndex('bench'), frame);
  }
  run.tick(eventMs + 1000);
  await run.settled();
}

// Two hours at a row a minute with checkpoints, the last of them at the end; then a minute at a row a second without.
let run = await open(1024);
for (let minute = 0; minute < beforeMinutes; minute++) await round(run, startMs + minute * 60_000);
await run.written();
await run.settled();
await run.durable();
await run.abandon();
run = await open(2 ** 30);
for (let second = 0; second < 60; second++) await round(run, startMs + beforeMinutes * 60_000 + second * 1000);
await run.durable();
await run.abandon();

firstOutputMs = Number.NaN;
const beganMs = performance.now();
run = await open(2 ** 30);
const openMs = performance.now() - beganMs;
const first = firstOutputMs - beganMs;
await run.abandon();
rmSync(folder, { recursive: true, force: true });
process.send?.({ openMs, firstMs: first });
if (process.send === undefined) console.log({ openMs, firstMs: first });
process.exit();
