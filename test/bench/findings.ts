// The judgement of the rules: mixed and quiet days on seeds that nobody tuned on, through `lantian run`, scored together.

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ruleSpec } from '../../engine/stages/correlate/ruleCatalog.ts';
import { daysEach, mixedDays } from '../../simulator/lab/judgement/mixedDays.ts';
import { quietDays } from '../../simulator/lab/judgement/quietDays.ts';
import { intervalsOf } from '../../simulator/lab/score/bootstrap.ts';
import { readRun } from '../../simulator/lab/score/runFolder.ts';
import { type RunScore, scoreRun } from '../../simulator/lab/score/scoreRun.ts';
import { scoreText } from '../../simulator/lab/score/scoreText.ts';
import { tally } from '../../simulator/lab/score/tally.ts';

const lantian = fileURLToPath(new URL('../../engine/cli/lantian.js', import.meta.url));
const findsFaults = (rule: string) => ruleSpec(rule)?.findsFaults === true;
/** Processes at a time. */
const atOnce = 2;

/** Runs `count` mixed scenarios from `firstSeed` on, and a third as many quiet ones; leaves their folders in `out`. */
export async function judge(firstSeed: number, count: number, out: string): Promise<void> {
  const seeds = Array.from({ length: count }, (_, i) => firstSeed + i);
  const quietSeeds = seeds.slice(0, Math.ceil(count / 3));
  const jobs = [
    ...seeds.map((seed) => ({ name: `mixed-${seed}`, text: mixedDays(seed) })),
    ...quietSeeds.map((seed) => ({ name: `quiet-${seed}`, text: quietDays(seed) })),
  ];
  mkdirSync(out, { recursive: true });
  const waiting = [...jobs];
  async function work(): Promise<void> {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      await run(job.name, job.text, out);
      console.error(`${job.name} of ${daysEach} days done, ${waiting.length} to go`);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  const scores: (readonly [string, RunScore])[] = [];
  for (const { name } of jobs) scores.push([name, scoreRun(await readRun(join(out, name)))]);
  const of = (kind: string) => scores.filter(([name]) => name.startsWith(kind)).map(([, score]) => score);
  const mixed = of('mixed');
  console.log(`Mixed days, seeds ${firstSeed} to ${firstSeed + count - 1}\n`);
  console.log(scoreText(tally(mixed, findsFaults), intervalsOf(mixed, findsFaults)));
  console.log(`\nQuiet days, seeds ${quietSeeds[0]} to ${quietSeeds[quietSeeds.length - 1]}\n`);
  console.log(scoreText(tally(of('quiet'), findsFaults)));
  console.log(`\nEach false finding and missed cause: lantian score ${out}/mixed-* --list`);
}

function run(name: string, scenario: string, out: string): Promise<void> {
  const file = join(out, `${name}.yaml`);
  writeFileSync(file, scenario);
  const args = [lantian, 'run', file, '--out', join(out, name), '--store', 'none'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data) => {
    said = `${said}${data}`.slice(-2_000);
  });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`lantian run ${file} ended with ${code}: ${said}`))));
  });
}
