// `lantian bench`: the benchmarks of test/bench.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

const script = fileURLToPath(new URL('../../../test/bench/main.ts', import.meta.url));

export function addBench(program: Command): void {
  program
    .command('bench')
    .description('measure throughput and latency on this machine (test/bench)')
    .argument(
      '[name]',
      'columns, json, latency, rxjs, state, recovery, simulator, websocket, orders, all of these; or outage (12 min), air: simulated seasons against real data, RUNS seeds; or findings: the rules against the answer key, RUNS scenarios of two mixed days from seed LANTIAN_SEED (9000) on',
      'all',
    )
    .option('--runs <number>', 'runs of each; the median is printed', '5')
    .addHelpText('after', '\nExample:\n  lantian bench columns --runs 7\n  lantian bench findings --runs 15\n')
    .action(async (name: string, flags: { readonly runs: string }) => {
      if (!existsSync(script)) throw new Error('the benchmarks are not part of this installation: run them in a checkout');
      const child = spawn(process.execPath, ['--import', 'tsx', script, name, flags.runs], { stdio: 'inherit' });
      const code = await new Promise<number>((resolve) => child.on('exit', (exit) => resolve(exit ?? 1)));
      if (code !== 0) throw new Error(`the benchmark ended with exit code ${code}`);
    });
}
