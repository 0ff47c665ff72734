// The verbs about rules, as a user runs them: what they print, and the exit code.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerOf, stepsOf } from '../../../simulator/lab/rules/testCity.ts';
import { parseRuleTests, type RuleTest } from '../../../simulator/lab/rules/testFile.ts';
import { lantian } from '../../harness/commandLine.ts';
import { openTestRun } from '../../harness/engine.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-cli-rules-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const tests = (expected: string) => `schema: lantian-rule-tests/1
tests:
  - name: the fan stops
    rule: treatment-off
    enterprises: [{ id: E1, processes: [{ ratedKw: 100, production: P, treatmentKw: 20, treatment: T }] }]
    rows:
      - { source: P, from: "08:00", to: "10:00", values: { kw: 80 } }
      - { source: T, from: "08:00", to: "10:00", values: { kw: 15 } }
      - { source: T, from: "08:40", to: "09:20", values: { kw: 0 } }
    expect: ${expected}
`;

describe('lantian rules', () => {
  test('prints what lantian check finds good', async () => {
    const { out, code } = await lantian('rules');
    expect(code).toBe(0);
    await writeFile(at('rules.yaml'), out);
    expect(await lantian('check', at('rules.yaml'))).toEqual({ out: `${at('rules.yaml')}: good\n`, err: '', code: 0 });
  });

  test('schema is JSON, of rules and of tests', async () => {
    expect(JSON.parse((await lantian('rules', 'schema')).out)).toMatchObject({ title: 'lantian-rules/1' });
    expect(JSON.parse((await lantian('rules', 'schema', '--tests')).out)).toMatchObject({ title: 'lantian-rule-tests/1' });
  });

  test('that are wrong are refused by check, with their place', async () => {
    await writeFile(at('bad.yaml'), 'schema: lantian-rules/1\nrules:\n  treatment-off: { offMinute: 3 }\n');
    const { out, code } = await lantian('check', at('bad.yaml'));
    expect(out).toMatch(/bad\.yaml:3:20: unknown key .*did you mean offMinutes\?/);
    expect(code).toBe(1);
  });

  test('an unknown subcommand is bad usage', async () => {
    expect((await lantian('rules', 'nonsense')).code).toBe(2);
  });
});

describe('lantian rules test', () => {
  test('ends with 0 where all comes as expected', async () => {
    await writeFile(at('good-tests.yaml'), tests('[{ opens: "08:40" }]'));
    const { out, code } = await lantian('rules', 'test', at('good-tests.yaml'));
    expect(out).toMatch(/ {2}good {4}the fan stops\n1 good, 0 failed\n$/);
    expect(code).toBe(0);
    expect((await lantian('check', at('good-tests.yaml'))).code).toBe(0);
  });

  test('ends with 1 where something else comes, and says what and where', async () => {
    await writeFile(at('bad-tests.yaml'), tests('none'));
    const { out, err, code } = await lantian('rules', 'test', at('bad-tests.yaml'));
    expect(out).toMatch(
      / {2}FAILED {2}the fan stops\n.*bad-tests\.yaml:3:5: came and was not expected: treatment-off of E1\/P1, opened 08:40/,
    );
    expect(err).toContain('1 of 1 tests failed');
    expect(code).toBe(1);
    const rules = at('late.yaml');
    await writeFile(rules, 'schema: lantian-rules/1\nrules: { treatment-off: { offMinutes: 60 } }\n');
    expect((await lantian('rules', 'test', at('bad-tests.yaml'), '--rules', rules)).code).toBe(0);
  });

  test('ends with 1 for a file that is wrong, with 2 for one that is not there', async () => {
    await writeFile(at('broken-tests.yaml'), tests('nothing'));
    const { err, code } = await lantian('rules', 'test', at('broken-tests.yaml'));
    expect(err).toMatch(/broken-tests\.yaml:10:13: tests\[0\]\.expect is not valid/);
    expect(code).toBe(1);
    expect(await lantian('rules', 'test', 'nowhere')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/one of .*treatment/),
    });
  });
});

describe('a recorded run', () => {
  const [city] = parseRuleTests(tests('none'), 'f').tests as readonly RuleTest[];
  const truth = {
    id: 'c',
    class: 'incident',
    kind: 'control_failure',
    enterprise: 'E1',
    process: 'P1',
    fromMs: city.dayMs + 520 * 60_000,
    toMs: city.dayMs + 560 * 60_000,
    channels: { power: { sources: ['T'], detectableFromMs: city.dayMs + 525 * 60_000 } },
  };

  beforeAll(async () => {
    const run = await openTestRun({ register: registerOf(city), out: at('run') });
    const feed = run.feedIndex('test');
    const steps = stepsOf(city);
    for (const { frames, nowMs } of steps) {
      for (const frame of frames) run.intake.add(feed, frame);
      run.tick(nowMs);
    }
    await run.finish({ startMs: city.dayMs, fromMs: city.dayMs, toMs: city.dayMs + 86_400_000 });
    await writeFile(join(at('run'), 'truth.ndjson'), `${JSON.stringify(truth)}\n`);
  });

  test('is scored', async () => {
    const { out, err, code } = await lantian('score', at('run'));
    expect(out).toMatch(/recall, detectable on any channel +1\.000 \(1\/1\)/);
    expect([err, code]).toEqual(['', 0]);
    expect(JSON.parse((await lantian('score', at('run'), at('run'), '--json')).out)).toMatchObject({ runs: 2, days: 2 });
    expect((await lantian('score', at('run'), '--list')).out).toContain('Missed, though detectable (0)');
  });

  test('that is none cannot be scored', async () => {
    const { err, code } = await lantian('score', folder);
    expect(err).toMatch(/there is no .*run\.json; allowed: the folder of a finished run/);
    expect(code).toBe(1);
    expect((await lantian('score')).code).toBe(2);
  });

  const bin = fileURLToPath(new URL('../../../engine/cli/lantian.js', import.meta.url));
  const whatif = (...args: readonly string[]) => spawnSync(process.execPath, [bin, 'whatif', ...args], { encoding: 'utf8' });

  test('shows what other rules would have found', async () => {
    await writeFile(at('other.yaml'), 'schema: lantian-rules/1\nrules: { treatment-off: { offMinutes: 60 } }\n');
    const { status, stdout, stderr } = whatif(at('run'), '--rules', at('other.yaml'), '--out', at('what'));
    expect(stderr).toContain('other rules: treatment-off.offMinutes 5 -> 60');
    expect(stdout).toMatch(/treatment-off +生产时治理设施未开启 +1 +0 +0 +1 +0 +0/);
    expect(stdout).toMatch(/recall, detectable on any channel +1\.000 +0\.000/);
    expect(status).toBe(0);
    expect((await readFile(join(at('what'), 'changes.ndjson'), 'utf8')).split('\n')).toHaveLength(2);
    expect(await readFile(join(at('what'), 'findings.ndjson'), 'utf8')).not.toContain('treatment-off');
  });

  test('shows nothing under its own rules', async () => {
    await writeFile(at('same.yaml'), 'schema: lantian-rules/1\n');
    const { status, stdout, stderr } = whatif(at('run'), '--rules', at('same.yaml'), '--rerun');
    expect(stderr).toContain('none, they are those of the recording');
    expect(stdout).toContain('Nothing changes.');
    expect(status).toBe(0);
  });

  test.each([
    [['nowhere', '--rules', 'x'], 2, /there is no nowhere\/input\.journal; allowed: the folder of a run/],
    [['nowhere'], 2, /required option '--rules <file>'/],
  ])('%j ends with %d', (args, code, words) => {
    const { status, stderr } = whatif(...args);
    expect(stderr).toMatch(words);
    expect(status).toBe(code);
  });
});
