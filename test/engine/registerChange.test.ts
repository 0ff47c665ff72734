// A register that changed while the engine stood: what is known of each unit stays with it, whatever its number is now.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run, RunOptions } from '../../engine/run.ts';
import type { Finding } from '../../engine/schema/finding.ts';
import type { Incident } from '../../engine/schema/incident.ts';
import type { Register } from '../../engine/schema/register.ts';
import { completeRules } from '../../engine/stages/correlate/ruleCatalog.ts';
import type { Frame } from '../../engine/wire/frame.ts';
import { recordedRegister, recordingStart, replayJournal } from '../../simulator/lab/replayJournal.ts';
import { registerOf, stepsOf } from '../../simulator/lab/rules/testCity.ts';
import { openTestRun } from '../harness/engine.ts';
import { equalFiles } from '../harness/outputs.ts';
import { storyOf } from '../harness/ruleCity.ts';

/** E1 is taken off the register at 09:00, with its treatment off; E3 is new then; E2 stands between them all the time. */
const city = storyOf(`    enterprises:
      - { id: E1, processes: [{ ratedKw: 100, production: P1, treatmentKw: 20, treatment: T1 }] }
      - { id: E2, processes: [{ ratedKw: 100, production: P2, treatmentKw: 20, treatment: T2 }] }
      - { id: E3, processes: [{ ratedKw: 100, production: P3, treatmentKw: 20, treatment: T3 }] }
    rows:
      - { source: P1, from: "08:00", to: "09:00", values: { kw: 80 } }
      - { source: T1, from: "08:00", to: "08:40", values: { kw: 15 } }
      - { source: T1, from: "08:40", to: "09:00", values: { kw: 0 } }
      - { source: P2, from: "08:00", to: "10:30", values: { kw: 80 } }
      - { source: T2, from: "08:00", to: "08:40", values: { kw: 15 } }
      - { source: T2, from: "08:40", to: "09:20", values: { kw: 0 } }
      - { source: T2, from: "09:20", to: "10:30", values: { kw: 15 } }
      - { source: P3, from: "09:00", to: "10:30", values: { kw: 80 } }
      - { source: T3, from: "09:00", to: "09:50", values: { kw: 15 } }
      - { source: T3, from: "09:50", to: "10:30", values: { kw: 0 } }
`);
const whole = registerOf(city);
const steps = stepsOf(city);
const stopAt = 60;

function without(id: string): Register {
  return {
    ...whole,
    enterprises: whole.enterprises.filter((enterprise) => enterprise.id !== id),
    sources: whole.sources.filter((source) => source.enterprise !== id),
  };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-register-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const open = (out: string, options: Partial<RunOptions> = {}) => openTestRun({ out: at(out), ...options });

async function feed(run: Run, from: number, to = steps.length): Promise<void> {
  const index = run.feedIndex('test');
  for (const { frames, nowMs } of steps.slice(from, to)) {
    for (const frame of frames) expect(run.intake.add(index, frame)).toBeUndefined();
    run.tick(nowMs);
    await run.settled();
  }
}

async function read<Row>(out: string, file: string): Promise<readonly Row[]> {
  const text = await readFile(join(at(out), file), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Row]));
}

const filesOf = (out: string) => Promise.all(equalFiles.map((name) => readFile(join(at(out), name), 'latin1')));

describe.each([
  ['at the end of the recording', {}],
  ['at a checkpoint', { settings: { checkpointBytes: 1024, checkpointTimes: 0 } }],
])('a works that goes and one that comes, %s', (where, given) => {
  test('move nobody else, and the recording does the same again', async () => {
    const undisturbed = await open(`undisturbed ${where}`, { register: whole, ...given });
    await feed(undisturbed, 0);
    await undisturbed.finish({});
    const want = await read<Finding>(`undisturbed ${where}`, 'findings.ndjson');

    const recording = { path: join(at(where), 'input.journal'), isDurable: true };
    const first = await open(where, { recording, register: without('E3'), ...given });
    await feed(first, 0, stopAt);
    await first.durable();
    await first.abandon();
    const said: string[] = [];
    const second = await open(where, { recording, register: without('E1'), notice: (text) => said.push(text), ...given });
    expect(said[0]).toContain('correlate.links changed');
    await feed(second, stopAt);
    await second.finish({});

    const found = await read<Finding>(where, 'findings.ndjson');
    const of = (findings: readonly Finding[], unit: string) => findings.filter((finding) => finding.unit.startsWith(unit));
    expect(of(found, 'E1')).toMatchObject([{ rule: 'treatment-off', state: 'closed', closedBy: 'register', revision: 1 }]);
    for (const unit of ['E2', 'E3']) expect(of(found, unit), unit).toEqual(of(want, unit));
    expect([of(want, 'E2'), of(want, 'E3')]).toMatchObject([[{ state: 'closed' }], [{ state: 'open' }]]);
    const incidents = await read<Incident>(where, 'incidents.ndjson');
    const emissions = incidents.filter(({ kind }) => kind === 'emission');
    expect(emissions.map(({ enterprise, state }) => [enterprise, state])).toEqual([
      ['E1', 'closed'],
      ['E2', 'closed'],
      ['E3', 'open'],
    ]);

    const { pipeline } = await recordingStart(recording.path);
    const again = await open(`${where} again`, { pipeline, register: recordedRegister(pipeline) });
    await replayJournal(again, recording.path, {});
    await again.finish({});
    expect(await filesOf(`${where} again`)).toEqual(await filesOf(where));
  });
});

/** T1 falls silent at 08:12 and is found at 08:47; the register loses it at 09:00. M1 is another meter of the same works. */
const quiet = storyOf(`    enterprises:
      - { id: E1, processes: [{ ratedKw: 100, production: P1, treatmentKw: 20, treatment: T1 }] }
      - { id: E2, processes: [{ ratedKw: 100, production: P2, treatmentKw: 20, treatment: T2 }] }
    rows:
      - { source: P1, from: "08:00", to: "10:30", values: { kw: 10 } }
      - { source: T1, from: "08:00", to: "08:12", values: { kw: 0 } }
      - { source: P2, from: "08:00", to: "10:30", values: { kw: 80 } }
      - { source: T2, from: "08:00", to: "10:30", values: { kw: 15 } }
`);
const quietRegister = registerOf(quiet);
const quietSteps = stepsOf(quiet);
const lost: Register = { ...quietRegister, sources: quietRegister.sources.filter(({ id }) => id !== 'T1') };
const rules = completeRules({ 'silent-source': { silentMinutes: 35 } });

async function feedQuiet(run: Run, from: number, to = quietSteps.length, more?: (run: Run, step: number) => void): Promise<void> {
  const index = run.feedIndex('test');
  for (const [i, { frames, nowMs }] of quietSteps.slice(from, to).entries()) {
    for (const frame of frames) expect(run.intake.add(index, frame)).toBeUndefined();
    more?.(run, from + i);
    run.tick(nowMs);
    await run.settled();
  }
}

const rowOf = (source: string, eventMs: number): Frame => ({
  kind: 'power',
  rows: 1,
  periodMs: 0,
  sources: [source],
  source: Uint32Array.of(0),
  time: Float64Array.of(eventMs),
  values: { kw: Float64Array.of(15) },
});

const silences = async (out: string, unit: string) =>
  (await read<Finding>(out, 'findings.ndjson')).filter((finding) => finding.rule === 'silent-source' && finding.unit === unit);

async function replayed(from: string, to: string): Promise<void> {
  const { pipeline } = await recordingStart(join(at(from), 'input.journal'));
  const run = await open(to, { pipeline, register: recordedRegister(pipeline) });
  await replayJournal(run, join(at(from), 'input.journal'), {});
  await run.finish({});
}

describe.each([
  ['at the end of the recording', {}],
  ['at a checkpoint', { settings: { checkpointBytes: 1024, checkpointTimes: 0 } }],
])('a silent source that leaves the register, %s', (where, given) => {
  test('is silent no longer: finding and incident end, live, after a crash and in a replay', async () => {
    const out = `quiet ${where}`;
    const options = { rules, recording: { path: join(at(out), 'input.journal'), isDurable: true }, ...given };
    const first = await open(out, { register: quietRegister, ...options });
    await feedQuiet(first, 0, stopAt);
    await first.durable();
    await first.abandon();
    const said: string[] = [];
    const second = await open(out, { register: lost, notice: (text) => said.push(text), ...options });
    expect(said).toEqual(['no longer in the register: power T1; rows of theirs are those of unknown sources from here on']);
    await feedQuiet(second, stopAt, stopAt + 3);
    await second.durable();
    await second.abandon();
    said.length = 0;
    const third = await open(out, { register: lost, notice: (text) => said.push(text), ...options });
    expect(said).toEqual([]); // the recording knows
    await feedQuiet(third, stopAt + 3);
    await third.finish({});

    const goneMs = quietSteps[stopAt].nowMs;
    expect(await silences(out, 'T1')).toMatchObject([
      { state: 'closed', closedBy: 'register', closedMs: goneMs, revision: 1, sources: ['T1'] },
    ]);
    const incidents = await read<Incident>(out, 'incidents.ndjson');
    expect(incidents.map(({ rule, state }) => [rule, state])).toEqual([['silent-source', 'closed']]);
    await replayed(out, `${out} again`);
    expect(await filesOf(`${out} again`)).toEqual(await filesOf(out));
  });

  test('is unknown where it sends again: refused when strict, else without a district and silent on its own', async () => {
    const out = `sends ${where}`;
    const options = { rules, recording: { path: join(at(out), 'input.journal'), isDurable: true }, ...given };
    const first = await open(out, { register: quietRegister, ...options });
    await feedQuiet(first, 0, stopAt);
    await first.durable();
    await first.abandon();
    const strict = await open(out, { register: lost, strict: true, ...options });
    const [, t1] = quietRegister.sources;
    const rowAt = (step: number) => rowOf(t1.id, quietSteps[step].nowMs);
    expect(strict.intake.add(0, rowAt(stopAt))).toMatchObject({ code: 'unknown-source', source: 'T1' });
    await strict.abandon();

    const sends = (run: Run, step: number) => {
      if (step < stopAt + 20) expect(run.intake.add(0, rowAt(step))).toBeUndefined();
    };
    const second = await open(out, { register: lost, ...options });
    await feedQuiet(second, stopAt, stopAt + 10, sends);
    await second.durable();
    await second.abandon();
    const third = await open(out, { register: lost, ...options });
    await feedQuiet(third, stopAt + 10, undefined, sends);
    expect(third.sources.source('power', 1)).toEqual({ kind: 'power', id: 'T1', zh: 'T1', district: '' });
    await third.finish({});

    const [before, after] = await silences(out, 'T1');
    expect(before).toMatchObject({ state: 'closed', closedBy: 'register', place: { district: t1.district } });
    expect(after).toMatchObject({ state: 'open', place: { district: '' } });
    await replayed(out, `${out} again`);
    expect(await filesOf(`${out} again`)).toEqual(await filesOf(out));
  });

  test('comes back as what the register says of it', async () => {
    const out = `back ${where}`;
    const options = { rules, recording: { path: join(at(out), 'input.journal'), isDurable: true }, ...given };
    for (const [register, from, to] of [
      [quietRegister, 0, stopAt],
      [lost, stopAt, stopAt + 10],
      [quietRegister, stopAt + 10, stopAt + 20],
    ] as const) {
      const run = await open(out, { register, ...options });
      await feedQuiet(run, from, to, (_, step) => {
        if (step === stopAt + 5) expect(run.intake.add(0, rowOf('T1', quietSteps[step].nowMs))).toBeUndefined();
      });
      await run.durable();
      await run.abandon();
    }
    const run = await open(out, { register: quietRegister, ...options });
    expect(run.sources.source('power', 1)).toEqual(quietRegister.sources[1]);
    await feedQuiet(run, stopAt + 20);
    await run.finish({});
    const [, after] = await silences(out, 'T1');
    expect(after).toMatchObject({ state: 'open', place: { district: quietRegister.sources[1].district } });
    await replayed(out, `${out} again`);
    expect(await filesOf(`${out} again`)).toEqual(await filesOf(out));
  });
});

test('what is open of a station that leaves closes with it, whatever windows of it are still on their way', async () => {
  const story = storyOf(`    sources:
      - { id: S0, kind: air, county: taocheng }
      - { id: S1, kind: air, county: taocheng, north: 2 }
    rows:
      - { source: [S0, S1], from: "06:00", to: "08:00", wobble: 3, values: { pm25: 50, pm10: 80, rhPct: 40 } }
      - { source: [S0, S1], from: "08:00", to: "09:00", wobble: 3, values: { pm25: 110, pm10: 80, rhPct: 40 } }
      - { source: S1, from: "09:00", to: "10:00", wobble: 3, values: { pm25: 110, pm10: 80, rhPct: 40 } }
`);
  const [register, all] = [registerOf(story), stepsOf(story)];
  const recording = { path: join(at('station'), 'input.journal'), isDurable: true };
  const play = async (run: Run, part: typeof all) => {
    for (const { frames, nowMs } of part) {
      for (const frame of frames) run.intake.add(run.feedIndex('test'), frame);
      run.tick(nowMs);
    }
    await run.durable();
  };
  const first = await open('station', { register, recording });
  await play(first, all.slice(0, 180));
  await first.abandon();
  const second = await open('station', { register: { ...register, sources: register.sources.slice(1) }, recording });
  await play(second, all.slice(180));
  await second.finish({});
  const found = (await read<Finding>('station', 'findings.ndjson')).filter(({ rule }) => rule === 'sensor-inversion');
  expect(found.map(({ unit, state, closedBy }) => [unit, state, closedBy])).toEqual([
    ['S0', 'closed', 'register'],
    ['S1', 'open', undefined],
  ]);
  await replayed('station', 'station again');
  expect(await filesOf('station again')).toEqual(await filesOf('station'));
});
