import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../engine/wire/frame.ts';
import { encodeJson, jsonRow } from '../../engine/wire/json.ts';
import { cutSteps } from '../../simulator/cutSteps.ts';
import { runHeadless } from '../../simulator/lab/headless.ts';
import { ndjsonReader } from '../../simulator/readers/ndjson.ts';
import type { Step } from '../../simulator/readers/reader.ts';
import { openRecorder, recorded } from '../../simulator/record.ts';
import { parseScenario, type Scenario } from '../../simulator/scenario.ts';
import { makeSimulation } from '../../simulator/simulate.ts';
import { openTestRun } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';
import { sensorCity } from './world/sensors/sensorCity.ts';

/** Rows come late, twice, out of order, and all at once: without the ticks of the file nothing would be the same. */
const bumpy = parseScenario(
  `schema: lantian-scenario/1
id: bumpy
title: bumpy
seed: 3
clock: { start: 2025-01-12T06:00:00+08:00, duration: 3h, step: 1m }
network_faults:
  - { id: N1, scope: { type: meter }, kind: outage, from: 10m, to: 80m, backfill: true, batch: 200 }
  - { id: N2, scope: { type: air, share: 0.5 }, kind: delay, delay: 20m, share: 0.5 }
  - { id: N3, scope: { type: dust }, kind: duplicate, share: 0.3 }
`,
  'bumpy',
);
const register = sensorCity();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-record-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const simulated = () => makeSimulation(bumpy.scenario as Scenario, register).steps();

async function filesOf(steps: AsyncIterable<Step> | Iterable<Step>, feed: string, out: string) {
  const run = await openTestRun({ register, out });
  const { rows, problems } = await runHeadless(run, steps, { feed });
  await run.finish({});
  const files = await Promise.all(equalFiles.map((name) => readFile(join(out, name), 'latin1')));
  return { rows, problems, files };
}

test('the scenario of these tests is good', () => {
  expect(bumpy.problems).toEqual([]);
});

test('what a run recorded gives the same bytes when it is replayed, gzipped or not', async () => {
  const file = join(folder, 'run.ndjson.gz');
  const steps = recorded(simulated(), await openRecorder(file, 'simulator bumpy'));
  const first = await filesOf(steps, 'simulator bumpy', join(folder, 'first'));
  expect(first.rows).toBeGreaterThan(5_000);
  expect(first.files[equalFiles.indexOf('revisions.ndjson')]).not.toBe('');
  const plain = join(folder, 'run.ndjson');
  await writeFile(plain, gunzipSync(await readFile(file)));
  for (const [i, path] of [file, plain].entries()) {
    const reader = ndjsonReader(path);
    const again = await filesOf(reader.steps(), (await reader.feed()) as string, join(folder, `again ${i}`));
    expect([again.rows, again.problems]).toEqual([first.rows, 0]);
    for (const [k, each] of equalFiles.entries()) expect(again.files[k] === first.files[k], `${path} ${each}`).toBe(true);
  }
});

test('a recording that is stopped ends with a whole step', async () => {
  const file = join(folder, 'stopped.ndjson.gz');
  let taken = 0;
  for await (const _ of recorded(simulated(), await openRecorder(file, 'x'))) if (++taken === 7) break;
  let ticks = 0;
  for await (const { nowMs } of ndjsonReader(file).steps()) ticks += Number(nowMs > 0);
  expect(ticks).toBe(7);
});

test('a file that cannot be written is named', async () => {
  await expect(openRecorder(join(folder, 'none', 'x.ndjson'), 'x')).rejects.toThrow(
    /the recording .*x\.ndjson cannot be written: ENOENT/,
  );
});

describe('a frame that is too long for the wire', () => {
  const rows = 20_000;
  const long: Frame = {
    kind: 'petition',
    rows,
    periodMs: 0,
    sources: ['P1', 'P2'],
    source: Uint32Array.from({ length: rows }, (_, i) => i % 2),
    time: Float64Array.from({ length: rows }, (_, i) => i),
    values: { lon: Float64Array.from({ length: rows }, (_, i) => 115 + i / 1e6) },
    marks: { lon: Uint8Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 67 : 0)) },
    id: Array.from({ length: rows }, (_, i) => `id ${i}`),
    text: { category: Array.from({ length: rows }, () => 'smell'), text: Array.from({ length: rows }, (_, i) => `味 ${i}`) },
  };
  const [step] = cutSteps([{ frames: [long], nowMs: 1000, problems: [] }]);

  test('is cut, row by row the same', () => {
    const all = (frames: readonly Frame[]) =>
      frames.flatMap((frame) => Array.from({ length: frame.rows }, (_, row) => JSON.stringify(jsonRow(frame, row))));
    expect(all(step.frames)).toEqual(all([long]));
  });

  test('fits the wire', () => {
    expect(step.frames.length).toBeGreaterThan(1);
    for (const frame of step.frames) expect(Buffer.byteLength(encodeJson(frame))).toBeLessThan(4 * 1024 * 1024);
  });

  test('and a short one stays the same object', () => {
    const short: Step = { frames: [{ ...long, rows: 1 }], nowMs: 1000, problems: [] };
    expect([...cutSteps([short])][0]).toBe(short);
  });
});
