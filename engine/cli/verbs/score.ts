// `lantian score`: findings of runs against their answer keys.

import type { Command } from 'commander';
import { intervalsOf } from '../../../simulator/lab/score/bootstrap.ts';
import { readRun } from '../../../simulator/lab/score/runFolder.ts';
import { scoreRun } from '../../../simulator/lab/score/scoreRun.ts';
import { listText, scoreText } from '../../../simulator/lab/score/scoreText.ts';
import { tally } from '../../../simulator/lab/score/tally.ts';
import { ruleSpec } from '../../stages/correlate/ruleCatalog.ts';

const matching = `
How findings and causes are matched (findings.ndjson, truth.ndjson):
  A cause is hit when a finding names its target, found inside [from, to + 90 min]: by enterprise and process, by its own
  meter, monitor or site, for fires by a place within 1.5 km, or by one of the first three candidates. One finding hits one
  cause. More findings of one cause, by other rules or again, are not false.
  A finding is false when nothing in the key is its cause: no incident or cheat of what it is about overlaps it, no smoke of one
  reached its station. Faults of sensors, networks and clocks are causes for rules that find faults, and for no other.
  A corrected finding hits nothing; without a cause it was a false alarm all the same.
  The warm-up does not count: findings found in it are left out, and causes that began in it are no misses.
  Detectable: the key's own rule for a channel was met on noise-free data. Delay is counted from that moment, in event time.
  Of five runs and more each figure has its 95 % interval: percentiles of 1,000 draws of whole runs (bootstrap).
  Attribution by air: the first finding at a station that the smoke reached, and whether its candidates name the source.
`;

export function addScore(program: Command): void {
  program
    .command('score')
    .description('findings of runs against their answer keys: precision, recall, delay, false alarms, attribution')
    .argument('<dir...>', 'folders that lantian run has written; several are scored together')
    .option('--list', 'also list false findings and missed causes, folder by folder', false)
    .option('--json', 'the tables as JSON', false)
    .addHelpText(
      'after',
      `${matching}\nExample:\n  lantian run mixed-month --seed 7 --out ./run7 --store none && lantian score ./run7\n`,
    )
    .action(async (dirs: readonly string[], flags: { readonly json: boolean; readonly list: boolean }) => {
      const runs = [];
      for (const dir of dirs) {
        const run = await readRun(dir);
        if (!run.hasStart)
          process.stderr.write(`lantian: ${dir}/run.json does not say when the episode begins; a warm-up is scored with it\n`);
        runs.push(scoreRun(run));
      }
      const findsFaults = (rule: string) => ruleSpec(rule)?.findsFaults === true;
      const score = tally(runs, findsFaults);
      const intervals = intervalsOf(runs, findsFaults);
      process.stdout.write(flags.json ? `${JSON.stringify({ ...score, intervals })}\n` : scoreText(score, intervals));
      if (flags.list) runs.forEach((run, i) => void process.stdout.write(`\n${dirs[i]}\n${listText(run)}`));
    });
}
