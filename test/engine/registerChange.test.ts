// A register that changed while the engine stood: what is known of each unit stays with it, whatever its number is now.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run, RunOptions } from '../../engine/run.ts';
import type { Finding } from '../../engine/schema/finding.ts';
import type { Incident } from '../../engine/schema/incident.ts';
import type { Register } from '../../engine/schema/register.ts';
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
