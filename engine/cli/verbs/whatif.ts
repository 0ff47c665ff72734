// `lantian whatif`: a recorded run again under other rules, and what would have been other.

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { findingKeeper } from '../../../simulator/lab/findingsOf.ts';
import { recordedRegister, recordingStart, replayJournal, withRules } from '../../../simulator/lab/replayJournal.ts';
import { readFindings, readTimes, readTruth } from '../../../simulator/lab/score/runFolder.ts';
import { scoreRun } from '../../../simulator/lab/score/scoreRun.ts';
import { type Score, tally } from '../../../simulator/lab/score/tally.ts';
import { changesOf } from '../../../simulator/lab/whatIf.ts';
import { changesText, scoresText } from '../../../simulator/lab/whatIfText.ts';
import { progress } from '../../../simulator/progress.ts';
import { openRun } from '../../app.ts';
import { changedOptions } from '../../changedOptions.ts';
import { configFrom, options } from '../../config.ts';
import type { Finding } from '../../schema/finding.ts';
import { completeRules, type Rules, ruleSpec } from '../../stages/correlate/ruleCatalog.ts';
import { loadRules } from '../loadRules.ts';
import { untilStopped } from '../signals.ts';
import { UsageError } from '../usage.ts';

interface WhatIfFlags {
  readonly rules: string;
  readonly out?: string;
  readonly rerun: boolean;
  readonly all: boolean;
  readonly json: boolean;
}

export function addWhatIf(program: Command): void {
  program
    .command('whatif')
    .description('run a recorded run again under other rules: which findings come, go, or are at other times')
    .argument('<dir>', 'folder of a run, with input.journal, findings.ndjson, and truth.ndjson if it is to be scored')
    .requiredOption('--rules <file>', 'the other rules (lantian rules prints all with their defaults)')
    .option('--out <dir>', 'write findings.ndjson (under the other rules) and changes.ndjson there')
    .option('--rerun', 'run it under its own rules again too, instead of taking its findings.ndjson: of an older Lantian', false)
    .option('--all', 'list all changes, not only the first', false)
    .option('--json', 'changes and scores as JSON', false)
    .addHelpText(
      'after',
      `
Two findings of one rule and unit that share time are one finding; it moves when it opens, is found or closes at another time.
The rules of the file count from beginning to end: changes of rules during the recorded run are left out.

Example:
  lantian whatif ./run1 --rules rules.yaml
`,
    )
    .action(async (dir: string, flags: WhatIfFlags) => {
      const stop = new AbortController();
      void untilStopped().then(() => stop.abort());
      await whatIf(dir, flags, stop.signal);
      process.exit();
    });
}

async function whatIf(dir: string, flags: WhatIfFlags, signal: AbortSignal): Promise<void> {
  const file = join(dir, 'input.journal');
  if (!existsSync(file)) throw new UsageError(`there is no ${file}; allowed: the folder of a run (lantian run … --out DIR)`);
  if (flags.out !== undefined && resolve(flags.out) === resolve(dir))
    throw new UsageError(`--out is "${flags.out}", the folder of the recording; allowed: another folder`);
  const rules = (await loadRules(flags.rules)) as Rules;
  const own = completeRules((await recordingStart(file)).pipeline.correlate.rules);
  const others = changedOptions(own, rules);
  process.stderr.write(
    `lantian: other rules: ${others.length === 0 ? 'none, they are those of the recording' : others.join(', ')}\n`,
  );
  const before = flags.rerun ? await findingsUnder(file, undefined, signal) : await readFindings(dir);
  const after = await findingsUnder(file, rules, signal);
  if (signal.aborted) throw new Error('stopped before the end of the recording: nothing to compare');
  const changes = changesOf(before, after);
  const scores = existsSync(join(dir, 'truth.ndjson')) ? await scoresOf(dir, before, after) : undefined;
  if (flags.out !== undefined) {
    await mkdir(flags.out, { recursive: true });
    await writeFile(join(flags.out, 'findings.ndjson'), linesOf(after));
    await writeFile(join(flags.out, 'changes.ndjson'), linesOf(changes.filter(({ change }) => change !== 'same')));
  }
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ rules: others, changes: changes.filter(({ change }) => change !== 'same'), scores })}\n`
      : `${changesText(changes, flags.all)}${scores === undefined ? '' : `\n${scoresText(scores.before, scores.after)}`}`,
  );
}

const linesOf = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** In memory; nothing is stored, sent or recorded. */
async function findingsUnder(file: string, rules: Rules | undefined, signal: AbortSignal): Promise<readonly Finding[]> {
  const { pipeline, state, position } = await recordingStart(file);
  const keeper = findingKeeper();
  const used = withRules(pipeline, rules);
  const run = await openRun({
    config: configFrom({ clock: 'feed', rawKeepMs: options.rawKeepMs.max }),
    register: recordedRegister(used),
    strict: false,
    pipeline: used,
    state,
    store: 'none',
    mirrors: [],
    live: keeper.live,
    failed(error) {
      throw error;
    },
  });
  const bar = progress({ stream: process.stderr, nowMs: () => performance.now() });
  await replayJournal(run, file, { position, rules, signal, onStep: bar.show });
  bar.end();
  await run.finish({});
  return keeper.all();
}

async function scoresOf(
  dir: string,
  before: readonly Finding[],
  after: readonly Finding[],
): Promise<{ readonly before: Score; readonly after: Score }> {
  const times = await readTimes(dir);
  const truth = await readTruth(dir);
  const scored = (findings: readonly Finding[]) =>
    tally([scoreRun({ ...times, truth, findings })], (rule) => ruleSpec(rule)?.findsFaults === true);
  return { before: scored(before), after: scored(after) };
}
