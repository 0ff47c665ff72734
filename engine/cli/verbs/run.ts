// `lantian run`: a scenario through the engine in one process, as fast as it goes.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { runHeadless } from '../../../simulator/lab/headless.ts';
import { openRecorder, recorded } from '../../../simulator/record.ts';
import { obedience } from '../../../simulator/simulate.ts';
import { runToFiles } from '../headless.ts';
import { loadRules, rulesFlag } from '../loadRules.ts';
import { untilStopped } from '../signals.ts';
import { collect } from '../usage.ts';
import { feedName, loadSimulation, truthText } from './simulate.ts';

const note = (text: string) => process.stderr.write(`${text}\n`);

interface RunFlags {
  readonly out: string;
  readonly seed?: string;
  readonly edition: string;
  readonly register?: string;
  readonly rules?: string;
  readonly record?: string;
  readonly autoSign: boolean;
  readonly strict: boolean;
  readonly store: string;
  readonly json: boolean;
  readonly option: readonly string[];
}

export function addRun(program: Command): void {
  program
    .command('run')
    .description('engine and simulator in one process at full speed: the files of a run, with the answer key in truth.ndjson')
    .argument('[scenario]', 'a scenario file, or the name of one that ships', 'quiet-week')
    .requiredOption('--out <dir>', 'write the files of a run there')
    .option('--seed <number>', "default: the scenario's")
    .option('--edition <id>', 'AQI edition: auto, hj633-2012, hj633-2026, cnemc', 'auto')
    .option('--register <dir>', 'register of the city; default: the simulated Hengshui')
    .option(...rulesFlag)
    .option('--record <file>', 'also write all rows and ticks there, for lantian replay; gzipped where the name ends with .gz')
    .option('--auto-sign', 'a drill: warnings are signed at once by "auto", and the simulated enterprises obey the orders', false)
    .option('--strict', 'refuse sources that are not in the register', false)
    .option('--store <duckdb|none>', 'keep history.duckdb beside the files', 'duckdb')
    .option('--json', 'print the summary as JSON', false)
    .option('--option <key=value>', 'any other option of engine/config.ts', collect, [])
    .addHelpText(
      'after',
      `
Example:
  lantian run quiet-week --seed 7 --out ./run1
  lantian run sensor-storm --out ./run2 --register ./register --strict --edition hj633-2026 --store none --json
  lantian run winter-stagnation --auto-sign --out ./drill
  lantian run fan-off --out ./run3 --record fan-off.ndjson.gz --option horizon1mMs=3600000
`,
    )
    .action(async (name: string, flags: RunFlags) => {
      const stop = new AbortController();
      void untilStopped().then(() => stop.abort());
      const rules = await loadRules(flags.rules);
      const { episode, seed, register, simulation } = await loadSimulation(name, flags);
      const feed = feedName(episode);
      const made = simulation.steps();
      const steps = flags.record === undefined ? made : recorded(made, await openRecorder(flags.record, feed));
      await runToFiles(
        async (run, options) => {
          const onNews = flags.autoSign ? obedience(simulation, note) : undefined;
          const result = await runHeadless(run, steps, { ...options, onNews });
          // Before the run is finished: its summary has the hash of every file.
          await writeFile(join(flags.out, 'truth.ndjson'), truthText(simulation.truth()));
          return result;
        },
        {
          ...flags,
          option: flags.autoSign ? ['compliance=on', ...flags.option, 'warningAutoSign=on'] : flags.option,
          register,
          rules,
          feed,
          signal: stop.signal,
          // The warm-up before `startMs` is not scored.
          summary: {
            verb: 'run',
            scenario: episode.id,
            seed,
            startMs: episode.startMs,
            rules: flags.rules,
            autoSign: flags.autoSign,
          },
        },
      );
      process.exit();
    });
}
