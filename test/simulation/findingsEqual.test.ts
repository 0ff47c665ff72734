// Every rule's findings: headless, over WebSocket, and after a crash in the middle, the same bytes.

import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../engine/run.ts';
import { completeRules, ruleIds } from '../../engine/stages/correlate/ruleCatalog.ts';
import { connectFeed } from '../../simulator/feedClient.ts';
import { runHeadless } from '../../simulator/lab/headless.ts';
import { exampleTestFile, exampleTests } from '../../simulator/lab/rules/exampleTests.ts';
import { registerOf, stepsOf } from '../../simulator/lab/rules/testCity.ts';
import { parseRuleTests, type RuleTest } from '../../simulator/lab/rules/testFile.ts';
import type { Step } from '../../simulator/readers/reader.ts';
import { drive } from '../../simulator/simulate.ts';
import { openTestRun, startEngine } from '../harness/engine.ts';

/** The shortest that ships for each rule, of those that find something. */
const tests: readonly RuleTest[] = (() => {
  const all = exampleTests().flatMap((name) => parseRuleTests(readFileSync(exampleTestFile(name), 'utf8'), name).tests ?? []);
  const byLength = all.filter(({ expect: wanted }) => wanted.length > 0).sort((a, b) => stepsOf(a).length - stepsOf(b).length);
  return ruleIds.flatMap((id) => byLength.find(({ expect: wanted }) => wanted.some(({ rule }) => rule === id)) ?? []);
})();
const files = ['findings.ndjson', 'incidents.ndjson', 'audit.ndjson'] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-findings-equal-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const readAll = (out: string) => Promise.all(files.map((name) => readFile(join(out, name), 'utf8')));
const optionsOf = (rule: RuleTest) => ({ register: registerOf(rule), strict: true, rules: completeRules(rule.rules) });

async function headless(rule: RuleTest, out: string): Promise<readonly string[]> {
  const run = await openTestRun({ ...optionsOf(rule), out });
  await runHeadless(run, stepsOf(rule), { feed: 'test' });
  await run.finish({});
  return readAll(out);
}

async function overWebSocket(rule: RuleTest, out: string): Promise<readonly string[]> {
  const engine = await startEngine({ ...optionsOf(rule), out });
  const client = await connectFeed({ url: engine.url, feed: 'test', clock: 'feed', format: 'columns', epoch: '1' });
  await drive(client, stepsOf(rule), { speed: 'max' });
  await client.end();
  client.close();
  await engine.close();
  return readAll(out);
}

/** Ends without a word in the middle of a step: its rows have come, its tick has not. */
async function crashed(rule: RuleTest, out: string): Promise<readonly string[]> {
  const recording = { path: join(out, 'input.journal'), isDurable: true };
  const settings = { checkpointBytes: 20_000, checkpointTimes: 0 };
  const steps = stepsOf(rule);
  const middle = Math.floor(steps.length / 2);
  const first = await openTestRun({ ...optionsOf(rule), settings, out, recording });
  for (const step of steps.slice(0, middle)) await take(first, step);
  addRows(first, steps[middle]);
  await first.durable();
  await first.abandon();
  const second = await openTestRun({ ...optionsOf(rule), settings, out, recording });
  expect(second.nowMs).toBe(steps[middle - 1].nowMs);
  // Rows that no tick has taken over are nobody's yet: the feed sends them again.
  for (const step of steps.slice(middle)) await take(second, step);
  await second.finish({});
  return readAll(out);
}

function addRows(run: Run, step: Step): void {
  const feed = run.feedIndex('test');
  for (const frame of step.frames) expect(run.intake.add(feed, frame)).toBeUndefined();
}

async function take(run: Run, step: Step): Promise<void> {
  addRows(run, step);
  run.tick(step.nowMs);
  await run.settled();
}

test('there is one for every rule', () => {
  expect(tests).toHaveLength(ruleIds.length);
});

describe.each(tests.map((rule, i) => ({ name: `${ruleIds[i]}: ${rule.name}`, rule, i })))('$name', ({ rule, i }) => {
  test('headless, live and after a crash', { timeout: 120_000 }, async () => {
    const want = await headless(rule, join(folder, `${i}-headless`));
    expect(want[0]).toContain(`"rule":"${ruleIds[i]}"`);
    expect(await overWebSocket(rule, join(folder, `${i}-live`))).toEqual(want);
    expect(await crashed(rule, join(folder, `${i}-crashed`))).toEqual(want);
  });
});
