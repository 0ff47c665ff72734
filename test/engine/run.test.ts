import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRun } from '../../engine/app.ts';
import { configFrom } from '../../engine/config.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { testRegister } from '../harness/engine.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const t0 = Date.parse('2026-01-05T08:00:00+08:00');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-run-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function frame(times: readonly number[], source: string): Frame {
  return {
    kind: 'air',
    rows: times.length,
    periodMs: 0,
    sources: [source],
    source: new Uint16Array(times.length),
    time: Float64Array.from(times),
    values: { pm25: Float64Array.from(times, (_, i) => 50 + i) },
  };
}

const files = ['windows-1h.ndjson', 'city-1h.ndjson', 'revisions.ndjson', 'late.ndjson', 'rejected.ndjson', 'ledger.json'];

/** Three hours of minutes with late, too late and broken rows in every tick, in an order that changes. */
async function runInto(out: string, settle: (run: Awaited<ReturnType<typeof openRun>>) => Promise<void>) {
  const run = await openRun({
    config: configFrom({ clock: 'feed', edition: 'hj633-2012' }),
    register: testRegister,
    strict: false,
    out,
    store: 'none',
    mirrors: [],
    failed: (error) => {
      throw error;
    },
  });
  const feed = run.ledger.feedIndex('test');
  for (let nowMs = t0; nowMs < t0 + 3 * hourMs; nowMs += minuteMs) {
    for (const source of ['HS-009', 'HS-005', '1074A']) {
      run.intake.add(feed, frame([nowMs, nowMs - 25 * minuteMs, nowMs - 60 * hourMs, 5, nowMs + 90 * minuteMs], source));
    }
    run.tick(nowMs);
    await settle(run);
  }
  await run.finish({});
  return Promise.all(files.map((name) => readFile(join(out, name), 'utf8')));
}

describe('output files', () => {
  test('do not depend on how fast the disk takes them', async () => {
    const quick = await runInto(join(folder, 'quick'), (run) => run.written());
    const slow = await runInto(join(folder, 'slow'), async () => {});
    expect(quick[3].length).toBeGreaterThan(10_000);
    expect(quick[4].length).toBeGreaterThan(10_000);
    for (const [i, name] of files.entries()) expect(slow[i] === quick[i], name).toBe(true);
  });
});
