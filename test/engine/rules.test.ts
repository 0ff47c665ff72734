// Rules of a run: changed while it goes on, recorded, run again, and taken up by a watched file.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changedOptions } from '../../engine/changedOptions.ts';
import { watchRules } from '../../engine/cli/rulesWatch.ts';
import { watchText } from '../../engine/edge/files/textWatch.ts';
import type { Run, RunOptions } from '../../engine/run.ts';
import type { Finding } from '../../engine/schema/finding.ts';
import { completeRules, defaultRules, type Rules } from '../../engine/stages/correlate/ruleCatalog.ts';
import { recordedRegister, recordingStart, replayJournal, withRules } from '../../simulator/lab/replayJournal.ts';
import { registerOf, stepsOf } from '../../simulator/lab/rules/testCity.ts';
import type { Step } from '../../simulator/readers/reader.ts';
import { openTestRun } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';
import { oneWorks, storyOf } from '../harness/ruleCity.ts';

/** The treatment is off from 08:40 to the end. */
const city = storyOf(`${oneWorks}    rows:
      - { source: P, from: "08:00", to: "10:00", values: { kw: 80 } }
      - { source: T, from: "08:00", to: "08:40", values: { kw: 15 } }
      - { source: T, from: "08:40", to: "10:00", values: { kw: 0 } }
`);
const register = registerOf(city);
const steps: readonly Step[] = stepsOf(city);
const other: Rules = completeRules({ 'treatment-off': { offMinutes: 30 } });
const off: Rules = completeRules({ 'treatment-off': { on: false } });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-rules-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const open = (out: string, options: Partial<RunOptions> = {}) => openTestRun({ register, out: at(out), ...options });

function feed(run: Run, from: number, to = steps.length): void {
  const index = run.feedIndex('test');
  for (const { frames, nowMs } of steps.slice(from, to)) {
    for (const frame of frames) expect(run.intake.add(index, frame)).toBeUndefined();
    run.tick(nowMs);
  }
}

async function findings(out: string): Promise<readonly Pick<Finding, 'state' | 'closedBy' | 'revision'>[]> {
  const text = await readFile(join(at(out), 'findings.ndjson'), 'utf8');
  const all = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Finding]));
  return all
    .filter(({ rule }) => rule === 'treatment-off')
    .map(({ state, closedBy, revision }) => ({ state, ...(closedBy === undefined ? {} : { closedBy }), revision }));
}

const filesOf = (out: string) => Promise.all(equalFiles.map((name) => readFile(join(at(out), name), 'latin1')));

async function replayed(from: string, to: string, rules?: Rules): Promise<void> {
  const path = join(at(from), 'input.journal');
  const { pipeline } = await recordingStart(path);
  const used = withRules(pipeline, rules);
  const run = await open(to, { pipeline: used, register: recordedRegister(used) });
  await replayJournal(run, path, { rules });
  await run.finish({});
}

describe('rules of a run', () => {
  test('that change while it goes on are part of the recording: run again it does the same at the same place', async () => {
    const run = await open('live');
    feed(run, 0, 60);
    expect(run.setRules(defaultRules)).toBe(false);
    expect(run.setRules(off)).toBe(true);
    expect(run.setRules(off)).toBe(false);
    feed(run, 60);
    await run.finish({});
    expect(await findings('live')).toEqual([{ state: 'closed', closedBy: 'rule', revision: 1 }]);
    await replayed('live', 'again');
    expect(await filesOf('again')).toEqual(await filesOf('live'));
  });

  test('can be others in a replay, from beginning to end', async () => {
    await replayed('live', 'under the defaults', defaultRules);
    expect(await findings('under the defaults')).toEqual([{ state: 'open', revision: 0 }]);
    await replayed('under the defaults', 'under others', completeRules({ 'treatment-off': { offMinutes: 60 } }));
    expect(await findings('under others')).toEqual([{ state: 'open', revision: 0 }]);
    await replayed('under the defaults', 'off', off);
    expect(await findings('off')).toEqual([]);
  });

  test('of the recording count in a replay that is given none', async () => {
    const run = await open('own', { rules: off });
    feed(run, 0);
    await run.finish({});
    await replayed('own', 'own again');
    expect(await findings('own again')).toEqual([]);
    expect(await filesOf('own again')).toEqual(await filesOf('own'));
  });

  test('that changed while it stood count from where it goes on, and close what is open under them', async () => {
    const recording = { path: join(at('cut'), 'input.journal'), isDurable: true };
    const first = await open('cut', { recording });
    feed(first, 0, 60);
    await first.durable();
    await first.abandon();
    const said: string[] = [];
    const second = await open('cut', { recording, rules: off, notice: (text) => said.push(text) });
    expect(said).toEqual(['from here on other options count: correlate.rules.treatment-off.on true -> false']);
    feed(second, 60, 80);
    await second.durable();
    await second.abandon();
    // The change is in the recording now.
    const third = await open('cut', { recording, rules: off, notice: (text) => said.push(text) });
    expect(said).toHaveLength(1);
    feed(third, 80);
    await third.finish({});
    expect(await findings('cut')).toEqual([{ state: 'closed', closedBy: 'rule', revision: 1 }]);
    await replayed('cut', 'cut again');
    expect(await filesOf('cut again')).toEqual(await filesOf('cut'));
  });

  test('changed by a command before a crash are those that it goes on with', async () => {
    const recording = { path: join(at('crashed'), 'input.journal'), isDurable: true };
    const first = await open('crashed', { recording });
    feed(first, 0, 60);
    first.setRules(other);
    feed(first, 60, 70);
    await first.durable();
    await first.abandon();
    const said: string[] = [];
    const second = await open('crashed', { recording, rules: other, notice: (text) => said.push(text) });
    expect(said).toEqual([]);
    expect(second.setRules(other)).toBe(false);
    await second.finish({});
  });
});

describe('a watched rules file', () => {
  const text = (settings: string) => `schema: lantian-rules/1\nrules:\n  treatment-off: { ${settings} }\n`;

  async function watched(name: string) {
    const file = at(name);
    await writeFile(file, text('on: true'));
    const given: Rules[] = [];
    const said: string[] = [];
    const failed: Error[] = [];
    let now: Rules = defaultRules;
    const watch = watchRules({
      file,
      rules: defaultRules,
      run: {
        setRules(rules) {
          if (JSON.stringify(rules) === JSON.stringify(now)) return false;
          now = rules;
          given.push(rules);
          return true;
        },
      },
      notice: (line) => said.push(line),
      failed: (error) => failed.push(error),
      everyMs: 3_600_000, // only when asked
    });
    const twice = async () => {
      await watch.poll();
      await watch.poll();
    };
    await twice();
    return { file, watch, twice, given, said, failed };
  }

  test('is taken up when it has changed, and it is said what is other', async () => {
    const { file, watch, twice, given, said } = await watched('good.yaml');
    expect(said).toEqual([]);
    await writeFile(file, text('offMinutes: 7'));
    await twice();
    await twice();
    expect(given).toEqual([completeRules({ 'treatment-off': { offMinutes: 7 } })]);
    expect(said).toEqual([`${file} has changed; from here on: treatment-off.offMinutes 5 -> 7`]);
    await writeFile(file, `# a remark\n${text('offMinutes: 7')}`);
    await twice();
    expect(said).toHaveLength(1);
    watch.stop();
  });

  test('that is wrong changes nothing, and it is said what is wrong', async () => {
    const { file, watch, twice, given, said } = await watched('bad.yaml');
    await writeFile(file, text('offMinutes: 700'));
    await twice();
    await twice();
    expect(given).toEqual([]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /cannot be used; the rules stay as they are:\n.*bad\.yaml:3:32: rules\.treatment-off\.offMinutes is not valid/,
    );
    await writeFile(file, text('offMinutes: 8'));
    await twice();
    expect(given).toHaveLength(1);
    watch.stop();
  });

  test('that is gone changes nothing; it is said once', async () => {
    const { file, watch, twice, given, said } = await watched('gone.yaml');
    await rm(file);
    await twice();
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('cannot be read any more; the rules stay as they are');
    await writeFile(file, text('on: false'));
    await twice();
    expect(given).toHaveLength(1);
    watch.stop();
  });

  test('half written is not read', async () => {
    const file = at('half');
    await writeFile(file, 'all');
    const seen: string[] = [];
    const watch = watchText({ file, text: 'all', everyMs: 3_600_000, changed: (now) => seen.push(now), unreadable: () => {} });
    await writeFile(file, 'ha');
    await watch.poll();
    await writeFile(file, 'half and half');
    await watch.poll();
    expect(seen).toEqual([]);
    await watch.poll();
    expect(seen).toEqual(['half and half']);
    watch.stop();
  });
});

test.each([
  [{ a: 1 }, { a: 1 }, []],
  [{ a: 1 }, { a: 2 }, ['a 1 -> 2']],
  [{ a: { b: true } }, { a: { b: false } }, ['a.b true -> false']],
  [{ a: [1, 2] }, { a: [1, 3] }, ['a changed']],
  [{ a: 1 }, {}, ['a 1 -> nothing']],
  [{}, { a: { b: 1 } }, ['a changed']],
])('from %j to %j: %j', (before, after, want) => {
  expect(changedOptions(before, after)).toEqual(want);
});
