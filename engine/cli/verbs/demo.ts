// `npm start`: engine, simulator and viewer, nothing to configure.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { rulesFlag } from '../loadRules.ts';
import { untilStopped } from '../signals.ts';
import { collect } from '../usage.ts';
import { printConfigFlag, startServe } from './serve.ts';
import { loadScenario } from './simulate.ts';

interface DemoFlags {
  readonly port: string;
  readonly speed?: string;
  readonly scenario: string;
  readonly rules?: string;
  readonly influx: readonly string[];
  readonly influx2: readonly string[];
  readonly printConfig: boolean;
}

const folder = join('.lantian', 'demo');
const bin = fileURLToPath(new URL('../lantian.js', import.meta.url));

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('engine + simulator + viewer (what `npm start` runs); each start begins afresh in .lantian/demo')
    .option('--port <number>', 'port of the viewer and the API', '8600')
    .option('--scenario <name>', 'what is simulated', 'quiet-week')
    .option('--speed <number|max>', "event time per real time; default: the scenario's (60)")
    .option(rulesFlag[0], `${rulesFlag[1]}; read again when it changes`)
    .option('--influx <url>', 'mirror into InfluxDB 1.x as well', collect, [])
    .option('--influx2 <url>', 'mirror into InfluxDB 2.x as well', collect, [])
    .option(...printConfigFlag)
    .addHelpText('after', '\nExample:\n  npm start -- --influx http://127.0.0.1:8086\n')
    .action(async (flags: DemoFlags) => {
      const scenario = await loadScenario(flags.scenario);
      await rm(folder, { recursive: true, force: true });
      const serving = await startServe(
        {
          host: '127.0.0.1',
          port: flags.port,
          rules: flags.rules,
          strict: false,
          clock: 'feed',
          edition: 'auto',
          store: 'duckdb',
          data: folder,
          influx: flags.influx,
          influx2: flags.influx2,
          webhook: [],
          viewer: true,
          option: [],
          printConfig: flags.printConfig,
        },
        (error) => {
          process.stderr.write(`lantian: ${error.message}\n`);
          process.exit(1);
        },
      );
      process.stdout.write(
        `Lantian 蓝天  ${serving.url}  (${scenario.title}, x${flags.speed ?? scenario.speed}; Ctrl-C stops)\n${serving.text}`,
      );
      const args = [
        bin,
        'simulate',
        flags.scenario,
        '--url',
        serving.url,
        ...(flags.speed === undefined ? [] : ['--speed', flags.speed]),
      ];
      const simulator = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
      let isStopping = false;
      simulator.on('exit', (code) => {
        if (!isStopping)
          process.stderr.write(
            code === 0 ? 'the scenario is over; the viewer stays up\n' : `the simulator ended with exit code ${code}\n`,
          );
      });
      await untilStopped();
      isStopping = true;
      const ended = simulator.exitCode === null ? once(simulator, 'exit') : undefined;
      simulator.kill('SIGTERM');
      await ended;
      await serving.close({ verb: 'demo' });
      process.exit();
    });
}
