// `lantian rules`: the rules with their defaults, their JSON Schema, and tests of rules.

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { problemText } from '../../../simulator/fileProblem.ts';
import { exampleTestFile, exampleTests } from '../../../simulator/lab/rules/exampleTests.ts';
import { rulesSchema } from '../../../simulator/lab/rules/rulesFile.ts';
import { rulesText } from '../../../simulator/lab/rules/rulesText.ts';
import { runRuleTest } from '../../../simulator/lab/rules/runTest.ts';
import { parseRuleTests, type RuleTest, ruleTestsSchema } from '../../../simulator/lab/rules/testFile.ts';
import { loadRules } from '../loadRules.ts';
import { UsageError } from '../usage.ts';

export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('the rules that find incidents: show (the default), schema, test')
    .addHelpText(
      'after',
      `
Example:
  lantian rules > rules.yaml                              # all rules with their defaults; leave in it what is to be other
  lantian rules schema > lantian-rules-1.schema.json      # for editors
  lantian check rules.yaml
  lantian rules test my-tests.yaml --rules rules.yaml
  lantian whatif ./run1 --rules rules.yaml
  lantian serve --rules rules.yaml                        # and again when the file changes
`,
    );
  rules
    .command('show', { isDefault: true })
    .description('print all rules with their defaults, as a rules file: unit, range and source of each number')
    .action(() => {
      process.stdout.write(rulesText());
    });
  rules
    .command('schema')
    .description('print the JSON Schema of rules files')
    .option('--tests', 'of files of rule tests', false)
    .action((flags: { readonly tests: boolean }) => {
      process.stdout.write(`${JSON.stringify(flags.tests ? ruleTestsSchema() : rulesSchema(), null, 2)}\n`);
    });
  addTest(rules);
}

interface TestFlags {
  readonly rules?: string;
  readonly json: boolean;
}

function addTest(rules: Command): void {
  rules
    .command('test')
    .description('run small tests of rules: rows with times in, expected findings out; exit code 1 where something else comes')
    .argument('[file...]', `files of tests (YAML), or names of those that ship: ${exampleTests().join(', ')}; absent: these`)
    .option('--rules <file>', "rules that the tests' own are set on; default: the defaults")
    .option('--json', 'one line of JSON a test', false)
    .addHelpText(
      'after',
      `
A file:
  schema: lantian-rule-tests/1
  tests:
    - name: the fan stops while the press runs
      rule: treatment-off                       # whose findings are looked at
      rules: { treatment-off: { offMinutes: 5 } }  # where it is not the default
      enterprises:
        - { id: E1, processes: [{ ratedKw: 100, production: P, treatmentKw: 20, treatment: T }] }
      rows:                                     # from included, to not; a row each minute, or every: 10m
        - { source: P, from: "08:00", to: "10:00", values: { kw: 80 } }
        - { source: T, from: "08:00", to: "10:00", values: { kw: 15 } }
        - { source: T, from: "08:40", to: "09:20", values: { kw: 0 } }   # later rows replace earlier ones
      expect:                                   # or: none
        - { unit: E1/P1, opens: "08:40", found: "08:50", closes: ["09:20", "09:40"] }

Example:
  lantian rules test                            # all that ship
  lantian rules test treatment my-tests.yaml --rules rules.yaml
`,
    )
    .action(async (files: readonly string[], flags: TestFlags) => {
      const base = await loadRules(flags.rules);
      let [good, failed] = [0, 0];
      for (const name of files.length === 0 ? exampleTests() : files) {
        const { file, tests } = await loadTests(name);
        if (!flags.json) process.stdout.write(`${file}\n`);
        for (const test of tests) {
          const failures = await runRuleTest(test, base);
          if (failures.length === 0) good += 1;
          else failed += 1;
          if (flags.json) process.stdout.write(`${JSON.stringify({ file, name: test.name, line: test.line, failures })}\n`);
          else process.stdout.write(testText(file, test, failures));
        }
      }
      if (!flags.json) process.stdout.write(`${good} good, ${failed} failed\n`);
      if (failed > 0) throw new Error(`${failed} of ${good + failed} tests failed`);
    });
}

function testText(file: string, { name }: RuleTest, failures: Awaited<ReturnType<typeof runRuleTest>>): string {
  const lines = failures.map(({ line, column, message }) => `          ${file}:${line}:${column}: ${message}\n`);
  return `  ${failures.length === 0 ? 'good  ' : 'FAILED'}  ${name}\n${lines.join('')}`;
}

async function loadTests(name: string): Promise<{ readonly file: string; readonly tests: readonly RuleTest[] }> {
  const file = exampleTestFile(name);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new UsageError(`there is no ${file}; allowed: a YAML file, or one of ${exampleTests().join(', ')}`);
  }
  const { tests, problems } = parseRuleTests(text, file);
  if (tests === undefined) throw new Error(`the tests cannot be used:\n${problems.map(problemText).join('\n')}`);
  return { file, tests };
}
