// Rules files: what is read, what is refused and where; the printed defaults and the JSON Schema agree with the reader.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultRules, isWhole, ruleIds, ruleSpec } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { problemText } from '../../../../simulator/fileProblem.ts';
import { parseRules, readRules, rulesSchema } from '../../../../simulator/lab/rules/rulesFile.ts';
import { rulesText } from '../../../../simulator/lab/rules/rulesText.ts';
import { widthOf } from '../../../../simulator/lab/textTable.ts';
import { editsBetween, nearest } from '../../../../simulator/scenario/nearest.ts';

const schemaFile = fileURLToPath(new URL('../../../../simulator/lab/rules/lantian-rules-1.schema.json', import.meta.url));
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
const matchesSchema = ajv.compile(JSON.parse(JSON.stringify(rulesSchema())));

const file = (rules: string) => `schema: lantian-rules/1\nrules:\n  ${rules}\n`;
const problemsOf = (text: string) => parseRules(text, 'f').problems.map(problemText);
const read = (text: string) => {
  const { rules, problems } = parseRules(text, 'f');
  expect(problems).toEqual([]);
  return rules;
};

describe('the printed defaults', () => {
  const text = rulesText();

  test('are a rules file, by reader and schema, that changes nothing', () => {
    expect(read(text)).toEqual(defaultRules);
    expect(matchesSchema(parse(text))).toBe(true);
  });

  test('name every rule and parameter, with range, unit and source', () => {
    const flat = text.replace(/\n\s*# /g, ' ');
    for (const id of ruleIds) {
      expect(text).toContain(`  ${id}:\n    on: true\n`);
      for (const [name, parameter] of Object.entries(ruleSpec(id)?.parameters ?? {})) {
        const { min, max, unit, why } = parameter;
        expect(flat).toContain(`${min} to ${max}${isWhole(parameter) ? ', whole' : ''} [${unit}]: ${why.replace(/\s+/g, ' ')}`);
        expect(text).toContain(`    ${name}: ${parameter.default}\n`);
      }
    }
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(132);
  });
});

describe('the catalog', () => {
  test.each(ruleIds)('%s: defaults lie in their ranges, and rise where they must', (id) => {
    const { rising = [], parameters } = ruleSpec(id) as NonNullable<ReturnType<typeof ruleSpec>>;
    for (const { default: value, min, max, why } of Object.values(parameters)) {
      expect(value >= min && value <= max).toBe(true);
      expect(why).toMatch(/\[(C|S|M|P|ours)\]/);
    }
    for (const names of rising)
      for (let i = 1; i < names.length; i++)
        expect(parameters[names[i - 1]].default).toBeLessThanOrEqual(parameters[names[i]].default);
  });
});

describe('what a file becomes', () => {
  test.each(['', 'rules: {}\n', 'rules:\n  treatment-off: {}\n'])('with "%s" every rule has its defaults', (rest) => {
    expect(read(`schema: lantian-rules/1\n${rest}`)).toEqual(defaultRules);
  });

  test('what it names is other, the rest is not', () => {
    expect(read(file('treatment-off: { offMinutes: 7, on: false }'))).toEqual({
      ...defaultRules,
      'treatment-off': { ...defaultRules['treatment-off'], offMinutes: 7, on: false },
    });
  });

  test.each([
    ['offMinutes', 1],
    ['offMinutes', 60],
    ['offBelow', 0],
  ])('%s may be %d, which is as far as it goes', (name, value) => {
    expect(read(file(`treatment-off: { ${name}: ${value} }`))?.['treatment-off']).toMatchObject({ [name]: value });
  });
});

describe('the reader and the schema refuse', () => {
  const cases: readonly (readonly [text: string, problem: RegExp])[] = [
    ['rules: {}\n', /^f:1:1: schema is missing \(allowed: lantian-rules\/1\)/],
    ['schema: lantian-rules/2\n', /^f:1:9: schema is not valid \(value lantian-rules\/2; allowed: lantian-rules\/1\)/],
    [
      file('treatment-of: { on: false }'),
      /^f:3:3: unknown key "rules\.treatment-of" \(allowed: treatment-off, .*; did you mean treatment-off\?\)/,
    ],
    [
      file('treatment-off: { offMinute: 3 }'),
      /^f:3:20: unknown key "rules\.treatment-off\.offMinute" \(allowed: on, .*; did you mean offMinutes\?\)/,
    ],
    [
      file('treatment-off: { offMinutes: 61 }'),
      /^f:3:32: rules\.treatment-off\.offMinutes is not valid \(value 61; allowed: a whole number from 1 to 60, in min; default 5\)/,
    ],
    [file('treatment-off: { offMinutes: 0 }'), /is not valid \(value 0;/],
    [file('treatment-off: { offMinutes: 2.5 }'), /is not valid \(value 2\.5; allowed: a whole number/],
    [file('treatment-off: { offMinutes: "5" }'), /is not valid \(value 5;/],
    [file('treatment-off: { offMinutes: }'), /is not valid/],
    [file('treatment-off: { offMinutes: .nan }'), /is not valid/],
    [file('treatment-off: { offBelow: 0.6 }'), /allowed: a number from 0 to 0\.5, in share of rated power; default 0\.05\)/],
    [
      file('treatment-off: { on: yes please }'),
      /rules\.treatment-off\.on is not valid \(value yes please; allowed: true, false\)/,
    ],
    [file('treatment-off: off'), /rules\.treatment-off is not valid/],
    [file('constructor: {}'), /unknown key "rules\.constructor"/],
    ['schema: lantian-rules/1\nrule: {}\n', /unknown key "rule" \(allowed: schema, rules; did you mean rules\?\)/],
    ['- 1\n', /not a rules file/],
  ];
  test.each(cases)('%j', (text, problem) => {
    expect(problemsOf(text).join('\n')).toMatch(problem);
    expect(matchesSchema(parse(text))).toBe(false);
  });

  test('only the reader: parameters that must rise', () => {
    const text = file('treatment-off: { offBelow: 0.2, clearAbove: 0.1 }');
    expect(problemsOf(text)).toEqual([
      'f:3:47: rules.treatment-off.clearAbove is below offBelow (0.2) (value 0.1; allowed: offBelow <= clearAbove)',
    ]);
    expect(matchesSchema(parse(text))).toBe(true);
  });

  test('each of several problems', () => {
    expect(problemsOf(file('treatment-off: { offMinutes: 0, startMinutes: -1 }'))).toHaveLength(2);
  });

  test('what is no YAML, with its place, and a file that is not there', async () => {
    expect(problemsOf('schema: [1,\n')[0]).toMatch(/^f:\d+:\d+: /);
    expect((await readRules('nowhere.yaml')).problems.map(problemText)).toEqual([
      'nowhere.yaml: there is no such rules file (allowed: a YAML file; lantian rules prints one)',
    ]);
  });

  test('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseRules(text, 'f');
        parseRules(file(text), 'f');
      }),
    );
  });
});

test('the published schema is the one of the catalog; `lantian rules schema` writes it anew', () => {
  expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(JSON.parse(JSON.stringify(rulesSchema())));
});

describe('the word that was meant', () => {
  test.each([
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['ab', 'ba', 2],
  ])('from %s to %s there are %d edits', (a, b, want) => {
    expect(editsBetween(a, b)).toBe(want);
    expect(editsBetween(b, a)).toBe(want);
  });

  test.each([
    ['offMinute', 'offMinutes'],
    ['OFFMINUTES', 'offMinutes'],
    ['off_minutes', 'offMinutes'],
    ['xyz', undefined],
    ['Q', undefined], // of one letter anything would be near
  ])('%s: %s', (word, want) => {
    expect(nearest(word, ['startMinutes', 'offMinutes', 'P'])).toBe(want);
  });
});
