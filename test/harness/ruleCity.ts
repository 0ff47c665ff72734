// A small city with a story, written as a test of rules.

import { problemText } from '../../simulator/fileProblem.ts';
import { parseRuleTests, type RuleTest } from '../../simulator/lab/rules/testFile.ts';

/** `rest`: enterprises, rows and so on of the one test, as `lantian-rule-tests/1` has them, indented by four. */
export function storyOf(rest: string): RuleTest {
  const text = `schema: lantian-rule-tests/1\ntests:\n  - name: story\n    rule: treatment-off\n${rest}    expect: none\n`;
  const { tests = [], problems } = parseRuleTests(text, 'story');
  if (problems.length > 0) throw new Error(problems.map(problemText).join('\n'));
  return tests[0];
}

/** A works with a meter of its production, P, and of its treatment, T. */
export const oneWorks =
  '    enterprises: [{ id: E1, processes: [{ ratedKw: 100, production: P, treatmentKw: 20, treatment: T }] }]\n';
