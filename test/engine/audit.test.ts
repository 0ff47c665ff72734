// The audit trail of a run: in its file and in its history, over crashes and replays, verified by `lantian check`.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { storePath } from '../../engine/app.ts';
import { main } from '../../engine/cli/main.ts';
import { configFrom } from '../../engine/config.ts';
import type { Run, RunOptions } from '../../engine/run.ts';
import type { AuditEntry } from '../../engine/schema/audit.ts';
import type { IncidentCommand } from '../../engine/schema/incident.ts';
import { recordedRegister, recordingStart, replayJournal } from '../../simulator/lab/replayJournal.ts';
import { registerOf, stepsOf } from '../../simulator/lab/rules/testCity.ts';
import { openTestRun } from '../harness/engine.ts';
import { oneWorks, storyOf } from '../harness/ruleCity.ts';

/** The treatment is off for half an hour, twice. */
const city = storyOf(`${oneWorks}    rows:
      - { source: P, from: "08:00", to: "12:00", values: { kw: 80 } }
      - { source: T, from: "08:00", to: "08:40", values: { kw: 15 } }
      - { source: T, from: "08:40", to: "09:10", values: { kw: 0 } }
      - { source: T, from: "09:10", to: "11:00", values: { kw: 15 } }
      - { source: T, from: "11:00", to: "11:30", values: { kw: 0 } }
      - { source: T, from: "11:30", to: "12:00", values: { kw: 15 } }
`);
const register = registerOf(city);
const steps = stepsOf(city);
/** What people do, behind that step. */
const acts: Readonly<Record<number, Pick<IncidentCommand, 'action' | 'by' | 'why'>>> = {
  55: { action: 'dispatch', by: '王' },
  60: { action: 'on-site', by: '李' },
  65: { action: 'dismiss', by: '王', why: '检修' },
};

const bin = fileURLToPath(new URL('../../engine/cli/lantian.js', import.meta.url));
let folder: string;
const at = (name: string) => join(folder, name);
const config = { settings: { checkpointBytes: 4_000, checkpointTimes: 0 } };

function open(out: string, options: Partial<RunOptions> = {}): Promise<Run> {
  const recording = { path: join(at(out), 'input.journal'), isDurable: true };
  return openTestRun({ register, out: at(out), store: { duckdb: storePath(at(out)) }, recording, ...config, ...options });
}

async function feed(run: Run, from: number, to = steps.length): Promise<void> {
  const index = run.feedIndex('test');
  for (let step = from; step < to; step++) {
    for (const frame of steps[step].frames) expect(run.intake.add(index, frame)).toBeUndefined();
    run.tick(steps[step].nowMs);
    const [incident] = run.board.incidents();
    if (acts[step] !== undefined) run.push({ type: 'command', command: { name: 'incident', id: incident.id, ...acts[step] } });
    await run.pushArrived(new Map([['test', step]]));
    await run.settled();
  }
}

const ever = { fromMs: -8e15, toMs: 8e15, limit: 1_000 };
const fileOf = (out: string) => readFile(join(at(out), 'audit.ndjson'), 'utf8');
const entriesIn = (text: string) => text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditEntry]));

/** As a user runs it. */
async function check(out: string) {
  let text = '';
  const keep = (words: unknown) => {
    text += words;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  await main(['check', at(out)]);
  const code = process.exitCode ?? 0;
  vi.restoreAllMocks();
  process.exitCode = undefined;
  return { text: text.replaceAll(at(out), 'DIR'), code };
}

/** By SQL, in the table of the stored revisions. */
async function sql(out: string, ...statements: readonly string[]): Promise<unknown> {
  const instance = await DuckDBInstance.create(storePath(at(out)));
  const connection = await instance.connect();
  let rows: unknown;
  for (const statement of statements) rows = (await connection.runAndReadAll(statement)).getRows();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lantian-audit-'));
  const run = await open('whole');
  await feed(run, 0);
  await run.finish({});
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a run', () => {
  test('writes what the engine and people did, in its file and in its history', async () => {
    const entries = entriesIn(await fileOf('whole'));
    const told = entries.map(({ by, what, why }) => [by, what, why?.split(':')[0]]);
    expect(told.filter(([by]) => by !== null)).toEqual([
      ['王', 'dispatch', undefined],
      ['李', 'on-site', undefined],
      ['王', 'dismiss', '检修'],
    ]);
    expect(told.filter(([, what]) => what === 'opened').length).toBeGreaterThanOrEqual(2);
    expect(await sql('whole', 'SELECT "by", what, incident, hash FROM audit ORDER BY number')).toEqual(
      entries.map(({ by, what, incident, hash }) => [by, what, incident, hash]),
    );
    expect(await sql('whole', 'SELECT DISTINCT rule, unit, state FROM finding')).toEqual([['treatment-off', 'E1/P1', 'closed']]);
    expect(await check('whole')).toEqual({ text: `DIR: audit trail: ${entries.length} entries, unbroken\n`, code: 0 });
  });

  test('that is replayed has the same trail', async () => {
    const path = join(at('whole'), 'input.journal');
    const { pipeline } = await recordingStart(path);
    const again = await open('again', { pipeline, register: recordedRegister(pipeline), recording: undefined });
    await replayJournal(again, path, {});
    await again.finish({});
    expect(await fileOf('again')).toBe(await fileOf('whole'));
  });

  test.each([54, 56, 66, 130, 220])(
    'cut off after %d steps goes on with the same trail, and with board and history as they were',
    async (cut) => {
      const out = `cut ${cut}`;
      const first = await open(out);
      await feed(first, 0, cut);
      await first.written();
      const board = [first.board.incidents(), first.board.findings()];
      const stored = [await first.history?.incidents(ever), await first.history?.findings(ever)];
      await first.abandon();
      expect(existsSync(join(at(out), 'input.journal.checkpoint'))).toBe(true);
      const second = await open(out);
      expect([second.board.incidents(), second.board.findings()]).toEqual(board);
      await second.written();
      expect([await second.history?.incidents(ever), await second.history?.findings(ever)]).toEqual(stored);
      await feed(second, cut);
      await second.finish({});
      expect(await fileOf(out)).toBe(await fileOf('whole'));
      expect(await check(out)).toEqual(await check('whole'));
      const all = 'SELECT number, hash FROM audit_revisions ORDER BY number';
      expect(await sql(out, all)).toEqual(await sql('whole', all));
    },
  );
});

describe('lantian check of a replay whose recording has lost its beginning', () => {
  let first: AuditEntry;
  let last: AuditEntry;
  let entries = 0;

  beforeAll(async () => {
    const settings = { checkpointBytes: 4_000, checkpointTimes: 0, journalKeepBytes: 16_000 };
    const recording = { path: join(at('short'), 'journal'), segmentBytes: 4_000, isDurable: true };
    const run = await open('short', { recording, config: configFrom({ clock: 'feed', ...settings }) });
    for (let step = 0; step < steps.length; step++) {
      await feed(run, step, step + 1);
      await run.written(); // so that checkpoints are really written
    }
    await run.finish({});
    const replay = spawnSync(process.execPath, [bin, 'replay', recording.path, '--out', at('late')], { encoding: 'utf8' });
    expect(replay.status, replay.stderr).toBe(0);
    const own = entriesIn(await fileOf('late'));
    [first, last, entries] = [own[0], own[own.length - 1], own.length];
    expect(own).toEqual(entriesIn(await fileOf('short')).slice(first.number - 1));
    expect(first.number).toBeGreaterThan(1);
  });

  test('says what it has checked and what it cannot, and is content', async () => {
    expect(await check('late')).toEqual({
      text: `DIR: audit trail: ${entries} entries, numbers ${first.number} to ${last.number}, unbroken; it begins at number ${first.number}, as the beginning of the recording was dropped: entries 1 to ${first.number - 1} are not here and cannot be checked\n`,
      code: 0,
    });
    await cp(at('late'), at('late, files alone'), { recursive: true });
    await rm(storePath(at('late, files alone')));
    expect(await check('late, files alone')).toEqual(await check('late'));
  });

  test('finds what was taken out of it, from the beginning as well', async () => {
    const without = async (out: string, index: number) => {
      await cp(at('late'), at(out), { recursive: true });
      const lines = (await fileOf(out)).trim().split('\n');
      lines.splice(index, 1);
      await writeFile(join(at(out), 'audit.ndjson'), lines.map((line) => `${line}\n`).join(''));
      return check(out);
    };
    const begun = await without('late without its first', 0);
    expect(begun.text).toContain(`audit.ndjson:1: audit trail: entry ${first.number + 1}: number ${first.number} belongs here`);
    const middle = await without('late without its second', 1);
    expect(middle.text).toContain(
      `audit.ndjson:2: audit trail: entry ${first.number + 2}: number ${first.number + 1} belongs here`,
    );
    const end = await without('late without its last', entries - 1);
    expect(end.text).toContain(`entries after number ${last.number - 1} are gone, or were added`);
    expect([begun.code, middle.code, end.code]).toEqual([1, 1, 1]);
    await cp(at('late'), at('late, table'), { recursive: true });
    await sql('late, table', `DELETE FROM audit_revisions WHERE number = ${first.number}`);
    expect((await check('late, table')).text).toContain(`entry ${first.number + 1}: number ${first.number} is missing`);
  });

  test('does not take the word of a file alone: without a summary that says so its first entry is number 1', async () => {
    await cp(at('late'), at('late, no word'), { recursive: true });
    await rm(join(at('late, no word'), 'run.json'));
    const { text, code } = await check('late, no word');
    expect(text).toContain(`audit.ndjson:1: audit trail: entry ${first.number}: number 1 belongs here`);
    expect(code).toBe(1);
  });
});

describe('lantian check', () => {
  const lines = async (out: string, change: (lines: string[]) => unknown) => {
    const all = (await fileOf(out)).trim().split('\n');
    change(all);
    await writeFile(join(at(out), 'audit.ndjson'), all.map((line) => `${line}\n`).join(''));
  };

  test.each<[string, (out: string) => Promise<unknown>, RegExp]>([
    [
      'a word was changed in the file',
      (out) => lines(out, (all) => all.splice(2, 1, all[2].replace('"by":"王"', '"by":"李"').replace('"state":"', '"state":"x'))),
      /^DIR\/audit\.ndjson:3: audit trail: entry 3: it was changed/,
    ],
    [
      'a line was taken out',
      (out) => lines(out, (all) => all.splice(1, 1)),
      /audit\.ndjson:2: audit trail: entry 3: number 2 belongs here/,
    ],
    [
      'the last line was taken out',
      (out) => lines(out, (all) => all.pop()),
      /the file is not the one whose SHA-256 stands in run\.json/,
    ],
    ['a line is none', (out) => lines(out, (all) => all.splice(1, 0, '{}')), /audit\.ndjson:2: audit trail: this is no entry/],
    [
      'the table was changed',
      (out) => sql(out, `UPDATE audit_revisions SET why = 'nothing' WHERE "by" = '王' AND why IS NOT NULL`),
      /^DIR\/history\.duckdb: audit trail: entry \d+: it was changed/,
    ],
    [
      'rows were taken out of the table',
      (out) => sql(out, 'DELETE FROM audit_revisions WHERE number = 2'),
      /^DIR\/history\.duckdb: audit trail: entry 3: number 2 is missing/,
    ],
    [
      'the end was taken out of the table',
      (out) => sql(out, 'DELETE FROM audit_revisions WHERE number > 3'),
      /^DIR\/audit\.ndjson: audit trail: entry 4 is not the one in DIR\/history\.duckdb/,
    ],
  ])('says so where %s', async (name, tamper, words) => {
    await cp(at('whole'), at(name), { recursive: true });
    await tamper(name);
    const { text, code } = await check(name);
    expect(text).toMatch(words);
    expect(code).not.toBe(0);
  });

  test('says that a history is in use by a run', async () => {
    const run = await open('in use');
    const { stdout, status } = spawnSync(process.execPath, [bin, 'check', at('in use')], { encoding: 'utf8' });
    await run.abandon();
    expect(stdout).toBe(`${storePath(at('in use'))}: is in use by a run: stop it to check its audit trail\n`);
    expect(status).toBe(1);
  });
});
