// The command line: one file a verb. Exit code 0 good, 1 failed, 2 bad usage.

import { Command, CommanderError } from 'commander';
import { UsageError } from './usage.ts';
import { addBench } from './verbs/bench.ts';
import { addCheck } from './verbs/check.ts';
import { addCity } from './verbs/city.ts';
import { addDemo } from './verbs/demo.ts';
import { addExplain } from './verbs/explain.ts';
import { addPlan } from './verbs/plan.ts';
import { addReplay } from './verbs/replay.ts';
import { addRules } from './verbs/rules.ts';
import { addRun } from './verbs/run.ts';
import { addScore } from './verbs/score.ts';
import { addServe } from './verbs/serve.ts';
import { addSimulate } from './verbs/simulate.ts';
import { addUserVerb } from './verbs/user.ts';
import { addWarnings } from './verbs/warnings.ts';
import { addWhatIf } from './verbs/whatif.ts';

export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('lantian')
    .description("Lantian 蓝天: real-time stream processing for a city's air-quality sensors")
    .version('0.1.0')
    .showHelpAfterError('(add --help for the options and an example)')
    .exitOverride();
  for (const add of [
    addDemo,
    addServe,
    addCity,
    addSimulate,
    addReplay,
    addRun,
    addScore,
    addExplain,
    addWhatIf,
    addWarnings,
    addRules,
    addPlan,
    addUserVerb,
    addCheck,
    addBench,
  ])
    add(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`lantian: ${message}\n`);
  if (error instanceof UsageError) return 2;
  if (message.startsWith('BUG:') && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 1;
}
