// Rules files (`lantian-rules/1`, YAML): read and checked against the catalog of rules, with line and column of what is wrong.

import { readFile } from 'node:fs/promises';
import type { RuleSettings } from '../../../engine/schema/flow.ts';
import {
  completeRules,
  isWhole,
  type Parameter,
  type Rules,
  ruleIds,
  ruleSpec,
} from '../../../engine/stages/correlate/ruleCatalog.ts';
import type { FileProblem } from '../../fileProblem.ts';
import { documentSchema, readYaml } from '../../scenario/document.ts';
import {
  about,
  choice,
  complain,
  defaulted,
  type Field,
  type JsonSchema,
  mapped,
  optional,
  type ScalarField,
  scalar,
  section,
  yesOrNo,
} from '../../scenario/fields.ts';
import { map } from '../../scenario/maps.ts';

export const rulesFormat = 'lantian-rules/1';

export interface RulesReading {
  /** All rules, with defaults where the file says nothing. Only when there is no problem. */
  readonly rules?: Rules;
  readonly problems: readonly FileProblem[];
}

/** What a file says of some rules: those that it names, each complete. */
export type SomeRules = Readonly<Record<string, RuleSettings>>;

function parameterField(parameter: Parameter): ScalarField<number> {
  const { min, max, unit } = parameter;
  const isGood = (value: unknown) =>
    typeof value === 'number' && value >= min && value <= max && (!isWhole(parameter) || Number.isInteger(value));
  return scalar(
    (value) => (isGood(value) ? (value as number) : undefined),
    `a ${isWhole(parameter) ? 'whole ' : ''}number from ${min} to ${max}, in ${unit}; default ${parameter.default}`,
    { type: isWhole(parameter) ? 'integer' : 'number', minimum: min, maximum: max },
  );
}

function ruleField(id: string): Field<RuleSettings> {
  const { zh, en, version, rising = [], parameters } = ruleSpec(id) ?? { zh: '', en: '', version: 0, parameters: {} };
  const shape = {
    on: about('false: the rule is switched off.', defaulted(yesOrNo, true)),
    ...Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [
        name,
        about(
          `${parameter.unit}. ${parameter.why}`,
          defaulted(parameterField(parameter) as ScalarField<number | boolean>, parameter.default),
        ),
      ]),
    ),
  };
  const fields = map<Readonly<Record<string, Field<number | boolean>>>>(shape, {
    check(value, at) {
      for (const names of rising)
        for (let i = 1; i < names.length; i++)
          if (value[names[i - 1]] > value[names[i]])
            complain(at(names[i]), `is below ${names[i - 1]} (${value[names[i - 1]]})`, `${names.join(' <= ')}`);
    },
  });
  return about(`${zh}: ${en} (version ${version}).`, optional(fields) as Field<RuleSettings>);
}

/** The rules of a file; those that it does not name are left out. */
export const someRules: Field<SomeRules> = mapped(
  section(map(Object.fromEntries(ruleIds.map((id) => [id, ruleField(id)])))),
  (rules) => Object.fromEntries(Object.entries(rules).filter(([, settings]) => settings !== undefined)),
);

const rulesDocument: Field<Rules> = mapped(map({ schema: choice(rulesFormat), rules: someRules }), ({ rules }) =>
  completeRules(rules),
);

/** Never throws. */
export function parseRules(text: string, file: string): RulesReading {
  const { value: rules, problems } = readYaml(rulesDocument, text, file, { name: 'rules file', keys: 'schema, rules' });
  return rules === undefined ? { problems } : { rules, problems };
}

/** Never throws. */
export async function readRules(file: string): Promise<RulesReading> {
  try {
    return parseRules(await readFile(file, 'utf8'), file);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing ? 'there is no such rules file' : (error as Error).message;
    return { problems: [{ file, message, allowed: 'a YAML file; lantian rules prints one' }] };
  }
}

/** What it cannot say, the reader does: parameters of a rule that must rise. */
export function rulesSchema(): JsonSchema {
  return documentSchema(
    rulesDocument,
    rulesFormat,
    'Rules that find incidents. What is left out has its default; `lantian rules` prints them all.',
  );
}
