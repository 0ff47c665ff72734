// `lantian run`: a scenario through the engine in one process, as fast as it goes.

import type { Command } from 'commander';
import { runHeadless } from '../../../simulator/lab/headless.ts';
import { simulateSteps } from '../../../simulator/simulate.ts';
import { runToFiles } from '../headless.ts';
import { loadRegister } from '../loadRegister.ts';
import { untilStopped } from '../signals.ts';
import { collect } from '../usage.ts';
import { loadScenario, parseSeed, tellNotYet } from './simulate.ts';

interface RunFlags {
  readonly out: string;
  readonly seed?: string;
  readonly edition: string;
  readonly register?: string;
  readonly strict: boolean;
  readonly store: string;
  readonly json: boolean;
  readonly option: readonly string[];
}

export function addRun(program: Command): void {
  program
    .command('run')
    .description('engine and simulator in one process at full speed: the files of a run')
    .argument('[scenario]', 'a scenario file, or the name of one that ships', 'quiet-week')
    .requiredOption('--out <dir>', 'write the files of a run there')
    .option('--seed <number>', "default: the scenario's")
    .option('--edition <id>', 'AQI edition: auto, hj633-2012, hj633-2026, cnemc', 'auto')
    .option('--register <dir>', 'register of the city; default: the simulated Hengshui')
    .option('--strict', 'refuse sources that are not in the register', false)
    .option('--store <duckdb|none>', 'keep history.duckdb beside the files', 'duckdb')
    .option('--json', 'print the summary as JSON', false)
    .option('--option <key=value>', 'any other option of engine/config.ts', collect, [])
    .addHelpText('after', '\nExample:\n  lantian run quiet-week --seed 7 --out ./run1\n')
    .action(async (name: string, flags: RunFlags) => {
      const stop = new AbortController();
      void untilStopped().then(() => stop.abort());
      const scenario = await loadScenario(name);
      const seed = parseSeed(flags.seed, scenario.seed);
      tellNotYet(scenario);
      const register = await loadRegister(flags.register);
      await runToFiles((run, options) => runHeadless(run, simulateSteps(scenario, register, seed), options), {
        ...flags,
        register,
        feed: `simulator ${scenario.id}`,
        signal: stop.signal,
        summary: { verb: 'run', scenario: scenario.id, seed },
      });
      process.exit();
    });
}
