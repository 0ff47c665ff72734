// State of the whole city after 49 h, and what a checkpoint costs: `state.ts EVERY_SECONDS`, with --expose-gc.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { configFrom, pipelineOptions } from '../../engine/config.ts';
import { intake } from '../../engine/edge/ingest/intake.ts';
import { sourceTable } from '../../engine/edge/ingest/sourceTable.ts';
import { freeze, writeCheckpoint } from '../../engine/edge/journal/checkpoint.ts';
import { startPipeline } from '../../engine/pipeline/pipeline.ts';
import { makeRegister } from '../../simulator/world/city.ts';
import { cityRoundFrames, trembling } from './cityFrames.ts';

const everyS = Number(process.argv[2]);
const mib = 2 ** 20;
const register = makeRegister(1);
const config = configFrom();
const sources = sourceTable({ strict: false });
const door = intake({ sources, rowsMax: config.frameRowsMax });
const running = startPipeline(pipelineOptions(config, register), () => {});
sources.addRegister(register);
const frames = cityRoundFrames(100_000);
const tremble = trembling(frames);
const startMs = Date.parse('2026-01-05T00:00:00+08:00');
const hours = 49;
for (let second = 0; second < hours * 3600; second += everyS) {
  const eventMs = startMs + second * 1000;
  tremble(second / everyS);
  for (const frame of frames) {
    frame.time.fill(eventMs);
    door.add(0, frame);
  }
  for (const item of door.drain()) running.push(item);
  running.push({ type: 'tick', nowMs: eventMs + 1000 });
}
globalThis.gc?.();
const { heapUsed, external } = process.memoryUsage();
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const copies: number[] = [];
const pauses: number[] = [];
const portions: number[] = [];
const writes: number[] = [];
const folder = mkdtempSync(join(tmpdir(), 'lantian-state-'));
for (let turn = 0; turn < 5; turn++) {
  const beganMs = performance.now();
  const state = running.save();
  copies.push(performance.now() - beganMs);
  const frozen = freeze(state);
  pauses.push(performance.now() - beganMs);
  let longestMs = 0;
  await writeCheckpoint(join(folder, 'state'), [frozen], (ms) => {
    longestMs = Math.max(longestMs, ms);
  });
  portions.push(longestMs);
  writes.push(performance.now() - beganMs);
}
rmSync(folder, { recursive: true });
const parts = Object.entries(running.save()).map(([name, state]) => [name, serialize(state).length / mib] as const);
process.send?.({
  memory: (heapUsed + external) / mib,
  copyMs: median(copies),
  pauseMs: median(pauses),
  portionMs: median(portions),
  writtenMs: median(writes),
  state: parts.reduce((sum, [, size]) => sum + size, 0),
  ...Object.fromEntries(parts),
});
if (process.send === undefined) console.log({ parts, pauses, portions, memory: (heapUsed + external) / mib });
