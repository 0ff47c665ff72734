// A noisy plateau about a limit for a day, through the whole engine: one incident, opened once and closed once.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Incident } from '../../engine/schema/incident.ts';
import { runHeadless } from '../../simulator/lab/headless.ts';
import { registerOf, stepsOf } from '../../simulator/lab/rules/testCity.ts';
import { parseRuleTests } from '../../simulator/lab/rules/testFile.ts';
import { uniform } from '../../simulator/world/random.ts';
import { openTestRun } from '../harness/engine.ts';

const limit = 10;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-plateau-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Stretches of ten minutes, each somewhere between 15 % below and 15 % above the limit; quiet hours before and behind. */
function plateau(seed: number): string {
  const clock = (minute: number) => {
    const days = Math.floor(minute / 1440);
    const pad = (value: number) => String(value).padStart(2, '0');
    return `"${days === 0 ? '' : `${days}d `}${pad(Math.floor((minute % 1440) / 60))}:${pad(minute % 60)}"`;
  };
  const row = (from: number, to: number, pm: number) =>
    `      - { source: C, from: ${clock(from)}, to: ${clock(to)}, wobble: 10, values: { pm: ${pm}, pmConv: ${pm}, o2Pct: 10, flowM3S: 20 } }`;
  const noisy = Array.from({ length: 24 * 6 }, (_, i) =>
    row(360 + i * 10, 370 + i * 10, Math.round((0.85 + 0.3 * uniform(seed, 7, i)) * limit * 100) / 100),
  );
  return `schema: lantian-rule-tests/1
tests:
  - name: plateau
    rule: stack-exceedance
    enterprises:
      - { id: E1, limits: { pm: ${limit} }, processes: [{ cems: C, flow: 20 }] }
    rows:
${[row(0, 360, 4), ...noisy, row(1800, 2160, 4)].join('\n')}
    expect: none
`;
}

test.each([1, 2, 3])('seed %d', async (seed) => {
  const { tests = [], problems } = parseRuleTests(plateau(seed), 'plateau');
  expect(problems).toEqual([]);
  const out = join(folder, String(seed));
  const run = await openTestRun({ register: registerOf(tests[0]), strict: true, out });
  await runHeadless(run, stepsOf(tests[0]), { feed: 'test' });
  await run.finish({});
  const incidents = (await readFile(join(out, 'incidents.ndjson'), 'utf8')).split('\n').filter((line) => line !== '');
  expect(incidents).toHaveLength(1);
  const { state, changes, parts } = JSON.parse(incidents[0]) as Incident;
  expect(state).toBe('closed');
  expect(parts.some(({ rule }) => rule === 'stack-exceedance')).toBe(true);
  const times = (what: string) => changes.filter((change) => change.what === what).length;
  expect([times('opened'), times('cause-gone')]).toEqual([1, 1]);
});
