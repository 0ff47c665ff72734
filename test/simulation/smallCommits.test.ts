// A night of one commit a minute: what a live engine does to its history.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { storePath } from '../../engine/app.ts';
import { simulateSteps } from '../../simulator/simulate.ts';
import { airRegister, nightScenario, openTestRun } from '../harness/engine.ts';

const hours = 22;
const scenario = nightScenario(`${hours}h`);

test('the history takes small commits and checkpoints of its own within its memory', { timeout: 90_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lantian-night-'));
  const run = await openTestRun({
    store: { duckdb: storePath(dir) },
  });
  const feed = run.feedIndex('night');
  for (const step of simulateSteps(scenario, airRegister)) {
    for (const frame of step.frames) run.intake.add(feed, frame);
    run.tick(step.nowMs);
    await run.written();
  }
  const { series } = await run.history!.series({
    kind: 'air',
    sources: ['HS-001'],
    metrics: ['pm25'],
    size: '1m',
    fromMs: scenario.startMs,
    toMs: scenario.startMs + hours * 3_600_000,
  });
  // Some rows are missing, as in practice.
  expect(series[0].startMs.length).toBeGreaterThan(0.9 * hours * 60);
  await run.finish({});
  await rm(dir, { recursive: true, force: true });
});
