// `lantian check`: validates registers and scenarios.

import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { type FileProblem, problemText } from '../../../simulator/fileProblem.ts';
import { readRegister } from '../../../simulator/registerFiles.ts';
import { readScenario } from '../../../simulator/scenario.ts';

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('validate register folders and scenario files: file, line and column of what is wrong')
    .argument('<path...>', 'register folders, scenario files (.yaml)')
    .option('--json', 'problems as JSON, one a line', false)
    .addHelpText('after', '\nExample:\n  lantian check ./register simulator/scenarios/quiet-week.yaml\n')
    .action(async (paths: readonly string[], flags: { readonly json: boolean }) => {
      let count = 0;
      for (const path of paths) {
        const problems = await check(path);
        count += problems.length;
        for (const problem of problems) process.stdout.write(`${flags.json ? JSON.stringify(problem) : problemText(problem)}\n`);
        if (problems.length === 0 && !flags.json) process.stdout.write(`${path}: good\n`);
      }
      if (count > 0) throw new Error(`${count} problem${count === 1 ? '' : 's'} found`);
    });
}

async function check(path: string): Promise<readonly FileProblem[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [{ file: path, message: 'there is no such file or folder' }];
  if (found.isDirectory()) return (await readRegister(path)).problems;
  if (/\.ya?ml$/.test(path)) return (await readScenario(path)).problems;
  return [
    { file: path, message: 'nothing is known to check here', allowed: 'a register folder, or a scenario file ending in .yaml' },
  ];
}
