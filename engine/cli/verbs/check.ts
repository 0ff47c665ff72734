// `lantian check`: validates registers, scenarios and rules files, and the audit trail of a run.

import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { type FileProblem, problemText } from '../../../simulator/fileProblem.ts';
import { readRules } from '../../../simulator/lab/rules/rulesFile.ts';
import { parseRuleTests } from '../../../simulator/lab/rules/testFile.ts';
import { readRegister } from '../../../simulator/registerFiles.ts';
import { schemaOfText } from '../../../simulator/scenario/document.ts';
import { scenarioSchema } from '../../../simulator/scenario/format.ts';
import { readScenario, scenarioFile, scenarioNames } from '../../../simulator/scenario.ts';
import { checkRun, isRunFolder } from '../runCheck.ts';
import { UsageError } from '../usage.ts';

interface CheckFlags {
  readonly json: boolean;
  readonly schema: boolean;
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description(
      'validate register folders, files of scenarios, rules and rule tests, and the audit trail in the folder of a run: file, line and column of what is wrong',
    )
    .argument(
      '[path...]',
      'folders of registers and runs, files of scenarios, rules and rule tests (.yaml), names of scenarios that ship',
    )
    .option('--json', 'problems as JSON, one a line', false)
    .option(
      '--schema',
      'print the JSON Schema of scenario files, and check nothing (of rules files: lantian rules schema)',
      false,
    )
    .addHelpText(
      'after',
      '\nExample:\n  lantian check ./register quiet-week my-scenario.yaml rules.yaml\n  lantian check ./run1\n',
    )
    .action(async (paths: readonly string[], flags: CheckFlags) => {
      if (flags.schema) {
        process.stdout.write(`${JSON.stringify(scenarioSchema(), null, 2)}\n`);
        return;
      }
      if (paths.length === 0) throw new UsageError('nothing to check; allowed: paths, names of scenarios, or --schema');
      let count = 0;
      for (const path of paths) {
        const { problems, good } = await check(path);
        count += problems.length;
        for (const problem of problems) process.stdout.write(`${flags.json ? JSON.stringify(problem) : problemText(problem)}\n`);
        if (problems.length === 0 && !flags.json) process.stdout.write(`${path}: ${good}\n`);
      }
      if (count > 0) throw new Error(`${count} problem${count === 1 ? '' : 's'} found`);
    });
}

interface Checked {
  readonly problems: readonly FileProblem[];
  /** What is said when there are none. */
  readonly good: string;
}

async function check(path: string): Promise<Checked> {
  if (isRunFolder(path)) {
    const { problems, entries, firstNumber } = await checkRun(path);
    return { problems, good: `audit trail: ${trailText(entries, firstNumber)}` };
  }
  return { problems: await problemsOf(path), good: 'good' };
}

/** What was checked, and what cannot be. */
function trailText(entries: number, first: number): string {
  const count = `${entries} ${entries === 1 ? 'entry' : 'entries'}`;
  if (first === 1) return `${count}, unbroken`;
  const numbers = entries === 0 ? '' : `, numbers ${first} to ${first + entries - 1}`;
  return `${count}${numbers}, unbroken; it begins at number ${first}, as the beginning of the recording was dropped: entries 1 to ${first - 1} are not here and cannot be checked`;
}

async function problemsOf(path: string): Promise<readonly FileProblem[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined && scenarioNames().includes(path)) return (await readScenario(scenarioFile(path))).problems;
  if (found === undefined)
    return [
      { file: path, message: 'there is no such file or folder', allowed: `a path, or one of ${scenarioNames().join(', ')}` },
    ];
  if (found.isDirectory()) return (await readRegister(path)).problems;
  if (/\.ya?ml$/.test(path)) return (await readYamlFile(path)).problems;
  return [
    {
      file: path,
      message: 'nothing is known to check here',
      allowed: 'the folder of a register or of a run, or a file of a scenario, of rules or of rule tests ending in .yaml',
    },
  ];
}

/** By what stands behind `schema:`; a scenario where nothing does. */
async function readYamlFile(path: string): Promise<{ readonly problems: readonly FileProblem[] }> {
  const schema = schemaOfText(await readFile(path, 'utf8').catch(() => '')) ?? '';
  if (schema.startsWith('lantian-rules/')) return readRules(path);
  if (schema.startsWith('lantian-rule-tests/')) return parseRuleTests(await readFile(path, 'utf8'), path);
  return readScenario(path);
}
