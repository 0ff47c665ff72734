// A real file system without room: the run waits, goes on when there is room, and nothing shows. Needs root to mount one.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storePath } from '../../engine/app.ts';
import { simulateSteps } from '../../simulator/simulate.ts';
import { airRegister, nightScenario, openTestRun, testRegister } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';

const folder = await mkdtemp(join(tmpdir(), 'lantian-full-'));
const mount = (size: string, again: readonly string[] = []) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', [...again, `size=${size}`].join(), 'tmpfs', folder]).status === 0;
const canMount = process.getuid?.() === 0 && mount('16m');

const scenario = nightScenario('12h');
let calm: string;
beforeAll(async () => {
  calm = await mkdtemp(join(tmpdir(), 'lantian-calm-'));
});
afterAll(async () => {
  if (canMount) spawnSync('umount', [folder]);
  for (const each of [folder, calm]) await rm(each, { recursive: true, force: true });
});

async function run(out: string, journalIn: string, notice: (text: string) => void) {
  const engine = await openTestRun({
    // Small writes, so that the history fills the disk.
    settings: { checkpointBytes: 1_000_000, checkpointTimes: 0, rowsQueuedMax: 60_000 },
    out,
    recording: { path: join(await mkdtemp(join(journalIn, 'journal-')), 'input.journal'), isDurable: true },
    store: { duckdb: storePath(out) },
    notice,
  });
  const feed = engine.feedIndex('sim');
  for (const step of simulateSteps(scenario, airRegister)) {
    for (const frame of step.frames) engine.intake.add(feed, frame);
    engine.tick(step.nowMs);
    await engine.settled();
  }
  await engine.written();
  const series = await engine.history?.series({
    kind: 'air',
    sources: testRegister.sources.filter(({ kind }) => kind === 'air').map(({ id }) => id),
    metrics: ['pm25'],
    size: 'raw',
    fromMs: scenario.startMs,
    toMs: scenario.startMs + 24 * 3_600_000,
  });
  await engine.finish({});
  return series?.series.map(({ startMs, mean }) => [startMs.length, mean]);
}

const withoutJournal = equalFiles.filter((name) => name !== 'input.journal');
const filesOf = (out: string) => Promise.all(withoutJournal.map((name) => readFile(join(out, name), 'latin1')));

// One disk at a time is full, so that it is known who waits: the history has to open its file again, the journal to cut it.
test.skipIf(!canMount).each([
  ['duckdb', 'history'],
  ['input.journal', 'journal'],
])('a full disk under %s that gets room again', { timeout: 120_000 }, async (file, which) => {
  mount('16m', ['remount']);
  const [out, journalIn] = which === 'history' ? [folder, calm] : [await mkdtemp(join(calm, 'out-')), folder];
  const said: string[] = [];
  const found = await run(out, journalIn, (line) => {
    said.push(line);
    if (line.includes(file)) mount('300m', ['remount']);
  });
  expect(said.join()).toMatch(new RegExp(`${file}[^,]* is full: feeds wait`));
  expect(said.at(-1)).toBe('there is room on the disk again');
  const other = await mkdtemp(join(calm, 'out-'));
  expect(await run(other, calm, () => {})).toEqual(found);
  expect(await filesOf(out)).toEqual(await filesOf(other));
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
});
