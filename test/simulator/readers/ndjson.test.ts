import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ndjsonReader } from '../../../simulator/readers/ndjson.ts';

const minuteMs = 60_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-ndjson-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const row = (timeMs: number) => JSON.stringify({ kind: 'air', source: 'A', time: timeMs, pm25: 1 });
const tick = (nowMs: unknown) => JSON.stringify({ type: 'tick', nowMs });

async function stepsOf(lines: readonly string[]) {
  const file = join(folder, 'file.ndjson');
  await writeFile(file, `${lines.join('\n')}\n`);
  const steps: [nowMs: number, times: number[]][] = [];
  const problems: string[] = [];
  for await (const step of ndjsonReader(file).steps()) {
    steps.push([step.nowMs, step.frames.flatMap(({ time }) => [...time])]);
    for (const { line, message } of step.problems) problems.push(`${line}: ${message}`);
  }
  return { steps, problems };
}

test.each([
  [
    'without ticks a new minute makes one',
    [row(0), row(minuteMs), row(minuteMs + 1)],
    [
      [minuteMs, [0]],
      [minuteMs + 1000, [minuteMs, minuteMs + 1]],
    ],
  ],
  [
    'a tick ends its step, whatever the rows say',
    [row(0), row(5 * minuteMs), tick(minuteMs), row(1), tick(2 * minuteMs)],
    [
      [minuteMs, [0, 5 * minuteMs]],
      [2 * minuteMs, [1]],
    ],
  ],
  [
    'a step without rows is a tick alone',
    [tick(1000), tick(2000)],
    [
      [1000, []],
      [2000, []],
    ],
  ],
  [
    'hello and end of a recorded feed are no rows',
    ['{"type":"hello","feed":"f"}', row(0), tick(1000), '{"type":"end"}'],
    [[1000, [0]]],
  ],
  [
    'rows behind the last tick are not lost',
    [tick(1000), row(0)],
    [
      [1000, []],
      [1000, [0]],
    ],
  ],
  [
    'nor those that are newer',
    [tick(1000), row(minuteMs + 1)],
    [
      [1000, []],
      [minuteMs + 1000, [minuteMs + 1]],
    ],
  ],
] as const)('%s', async (_, lines, want) => {
  expect(await stepsOf(lines)).toEqual({ steps: want, problems: [] });
});

test.each([
  ['a tick that goes back', [tick(2000), tick(1000)], [[2000, []]], '2: the tick goes back'],
  ['a tick between two seconds', [tick(1000), tick(1500)], [[1000, []]], '2: The tick has no usable time.'],
  ['an unknown control message', [tick(1000), '{"type":"tock"}'], [[1000, []]], '2: There is no control message tock.'],
] as const)('%s is a problem by its line', async (_, lines, [first], problem) => {
  const { steps, problems } = await stepsOf(lines);
  expect(steps[0]).toEqual(first);
  expect(problems).toEqual([problem]);
});

test('the feed is named by the hello of the first line', async () => {
  const file = join(folder, 'hello.ndjson');
  await writeFile(file, '{"type":"hello","feed":"simulator x","clock":"feed"}\n');
  expect(await ndjsonReader(file).feed()).toBe('simulator x');
  await writeFile(file, `${row(0)}\n`);
  expect(await ndjsonReader(file).feed()).toBeUndefined();
});
