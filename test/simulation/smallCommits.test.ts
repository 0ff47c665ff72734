// A night of one commit a minute: what a live engine does to its history.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRun, storePath } from '../../engine/app.ts';
import { configFrom } from '../../engine/config.ts';
import { parseScenario } from '../../simulator/scenario.ts';
import { simulateSteps } from '../../simulator/simulate.ts';
import { testRegister } from '../harness/engine.ts';

const hours = 22;
const text = `schema: lantian-scenario/1
id: night
title: night
seed: 3
clock: { start: 2026-01-05T00:00:00+08:00, duration: ${hours}h, step: 1m }
`;

test('the history takes small commits and checkpoints of its own within its memory', { timeout: 90_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lantian-night-'));
  const run = await openRun({
    config: configFrom({ clock: 'feed' }),
    register: testRegister,
    strict: false,
    store: { duckdb: storePath(dir) },
    mirrors: [],
    failed: (error) => {
      throw error;
    },
  });
  const feed = run.feedIndex('night');
  const { scenario } = parseScenario(text, 'night');
  for (const step of simulateSteps(scenario!, testRegister)) {
    for (const frame of step.frames) run.intake.add(feed, frame);
    run.tick(step.nowMs);
    await run.written();
  }
  const { series } = await run.history!.series({
    kind: 'air',
    sources: ['1074A'],
    metrics: ['pm25'],
    size: '1m',
    fromMs: scenario!.startMs,
    toMs: scenario!.startMs + hours * 3_600_000,
  });
  expect(series[0].startMs.length).toBeGreaterThan(hours * 60 - 10);
  await run.finish({});
  await rm(dir, { recursive: true, force: true });
});
