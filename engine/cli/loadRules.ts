// The rules file that a verb was given.

import { problemText } from '../../simulator/fileProblem.ts';
import { readRules } from '../../simulator/lab/rules/rulesFile.ts';
import type { Rules } from '../stages/correlate/ruleCatalog.ts';

export const rulesFlag = [
  '--rules <file>',
  'rules that find incidents (lantian rules prints them); default: all, with their defaults',
] as const;

/** Undefined without a file: the defaults. Rejects with every problem, file, line and column each. */
export async function loadRules(file: string | undefined): Promise<Rules | undefined> {
  if (file === undefined) return undefined;
  const { rules, problems } = await readRules(file);
  if (rules === undefined) throw new Error(`the rules cannot be used:\n${problems.map(problemText).join('\n')}`);
  return rules;
}
