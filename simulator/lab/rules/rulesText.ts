// The defaults of all rules as a commented rules file, which is itself a valid one.

import { isWhole, type Parameter, ruleIds, ruleSpec } from '../../../engine/stages/correlate/ruleCatalog.ts';
import { rulesFormat } from './rulesFile.ts';

const head = `# The rules that find incidents, with their defaults: unit, range and source of each number.
# [C] confirmed from the standard, [S] stated by a source, [M] not confirmed, [P] proposed by the domain report, [ours] by us.
# What a rules file leaves out keeps its default. Use it: lantian serve --rules FILE (read again when it changes); try it on a
# recording: lantian whatif DIR --rules FILE; test it: lantian rules test TESTS --rules FILE; check it: lantian check FILE.
schema: ${rulesFormat}
rules:
`;

/** Widest line of a comment. */
const widthMax = 120;

export function rulesText(): string {
  return head + ruleIds.map(ruleText).join('\n');
}

function ruleText(id: string): string {
  const { zh, en, version, parameters } = ruleSpec(id) ?? { zh: '', en: '', version: 0, parameters: {} };
  const lines = Object.entries(parameters).flatMap(([name, parameter]) => [
    ...comment(parameterText(parameter), 4),
    `    ${name}: ${parameter.default}`,
  ]);
  return [...comment(`${zh}: ${en}. Version ${version}.`, 2), `  ${id}:`, '    on: true', ...lines, ''].join('\n');
}

function parameterText(parameter: Parameter): string {
  const { min, max, unit, why } = parameter;
  return `${min} to ${max}${isWhole(parameter) ? ', whole' : ''} [${unit}]: ${why}`;
}

function comment(text: string, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent + 2 + line.length + 1 + word.length > widthMax) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${' '.repeat(indent)}# ${each}`);
}
