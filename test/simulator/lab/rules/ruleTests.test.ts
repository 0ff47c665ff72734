// Tests of rules: the files, what runs, what is said where something else comes; and all that ship.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Finding } from '../../../../engine/schema/finding.ts';
import { completeRules, ruleIds } from '../../../../engine/stages/correlate/ruleCatalog.ts';
import { problemText } from '../../../../simulator/fileProblem.ts';
import { exampleTestFile, exampleTests } from '../../../../simulator/lab/rules/exampleTests.ts';
import { clockText, failuresOf, runRuleTest } from '../../../../simulator/lab/rules/runTest.ts';
import { stepsOf } from '../../../../simulator/lab/rules/testCity.ts';
import { parseRuleTests, type RuleTest, ruleTestsSchema } from '../../../../simulator/lab/rules/testFile.ts';

const schemaFile = fileURLToPath(new URL('../../../../simulator/lab/rules/lantian-rule-tests-1.schema.json', import.meta.url));
const matchesSchema = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(
  JSON.parse(JSON.stringify(ruleTestsSchema())),
);
const minuteMs = 60_000;

function testsOf(text: string): readonly RuleTest[] {
  const { tests, problems } = parseRuleTests(text, 'f');
  expect(problems.map(problemText)).toEqual([]);
  return tests ?? [];
}

/** One test about one pair of meters. */
const fileOf = (rest: string) => `schema: lantian-rule-tests/1
tests:
  - name: a name
    rule: treatment-off
    enterprises:
      - { id: E1, processes: [{ ratedKw: 100, production: P, treatmentKw: 20, treatment: T }] }
${rest}`;
const usual = `    rows:
      - { source: P, from: "08:00", to: "10:00", values: { kw: 80 } }
      - { source: T, from: "08:00", to: "10:00", values: { kw: 15 } }
      - { source: T, from: "08:40", to: "09:00", values: { kw: 0 } }
`;

describe('the tests that ship', () => {
  const all = exampleTests().map((name) => {
    const text = readFileSync(exampleTestFile(name), 'utf8');
    return { name, text, tests: parseRuleTests(text, name).tests ?? [] };
  });

  test.each(all)('$name is good by reader and schema', ({ text }) => {
    expect(testsOf(text).length).toBeGreaterThan(0);
    expect(matchesSchema(parse(text))).toBe(true);
    expect(text).toContain('# yaml-language-server: $schema=../lantian-rule-tests-1.schema.json');
  });

  test.each(all.flatMap(({ name, tests }) => tests.map((each) => ({ file: name, name: each.name, each }))))(
    '$file: $name',
    async ({ each }) => {
      expect(await runRuleTest(each)).toEqual([]);
    },
  );

  test('show for every rule when it finds something', () => {
    const shown = new Set(all.flatMap(({ tests }) => tests.flatMap(({ expect: wanted }) => wanted.map(({ rule }) => rule))));
    expect(ruleIds.filter((id) => !shown.has(id))).toEqual([]);
  });
});

describe('a test that fails', () => {
  const run = async (rest: string, base?: Parameters<typeof runRuleTest>[1]) =>
    (await runRuleTest(testsOf(fileOf(rest))[0], base)).map(({ line, column, message }) => `${line}:${column}: ${message}`);

  test('says what was expected, what came, and in what they differ', async () => {
    expect(await run(`${usual}    expect:\n      - { unit: E1/P1, opens: "08:41", closes: never }\n`)).toEqual([
      expect.stringMatching(
        /^12:9: expected treatment-off of E1\/P1, opens 08:41, closes never; came: treatment-off of E1\/P1, opened 08:40, found 08:4\d, closed 09:15, first candidate E1; it opens at another time, it closes$/,
      ),
    ]);
  });

  test('says that nothing came', async () => {
    expect(await run(`${usual}    rules: { treatment-off: { on: false } }\n    expect: [{ opens: "08:40" }]\n`)).toEqual([
      '12:14: expected treatment-off, opens 08:40; nothing came',
    ]);
  });

  test('says what was not expected', async () => {
    expect(await run(`${usual}    expect: none\n`)).toEqual([
      expect.stringMatching(/^3:5: came and was not expected: treatment-off of E1\/P1, opened 08:40/),
    ]);
  });

  test('runs under rules that are given, and its own on top', async () => {
    const strict = completeRules({ 'treatment-off': { offMinutes: 40 } });
    expect(await run(`${usual}    expect: none\n`, strict)).toEqual([]);
    expect(
      await run(`${usual}    rules: { treatment-off: { offMinutes: 5 } }\n    expect: [{ opens: "08:40" }]\n`, strict),
    ).toEqual([]);
  });
});

describe('expected findings', () => {
  const [{ dayMs, ...rest }] = testsOf(
    fileOf(`${usual}    expect:\n      - { opens: ["08:00", "09:00"] }\n      - { opens: "08:10" }\n`),
  );
  const found = (minute: number, more: Partial<Finding> = {}): Finding => ({
    id: `treatment-off:E1/P1:${minute}`,
    rule: 'treatment-off',
    ruleVersion: 1,
    unit: 'E1/P1',
    openedMs: dayMs + minute * minuteMs,
    foundMs: dayMs + (minute + 5) * minuteMs,
    state: 'open',
    revision: 0,
    severity: 'warning',
    place: { district: '' },
    sources: [],
    evidence: [],
    candidates: [],
    ...more,
  });

  test('are matched so that as many as can be are met', () => {
    // The first fits both; the second only what the first could have had too.
    expect(failuresOf({ ...rest, dayMs }, [found(490), found(520)])).toEqual([]);
    expect(failuresOf({ ...rest, dayMs }, [found(520), found(490)])).toEqual([]);
  });

  test('of which one is missing', () => {
    expect(failuresOf({ ...rest, dayMs }, [found(490)])).toHaveLength(1);
  });

  test('a corrected finding is one that came', () => {
    expect(failuresOf({ ...rest, dayMs, expect: [] }, [found(490, { state: 'corrected', closedMs: dayMs })])).toHaveLength(1);
  });
});

describe('rows', () => {
  const rowsOf = (rows: string) => {
    const [made] = testsOf(fileOf(`    rows:\n${rows}    expect: none\n`));
    return stepsOf(made).flatMap(({ frames, nowMs }) =>
      frames.flatMap(({ rows: count, sources, source, time, values }) =>
        Array.from({ length: count }, (_, row) => [
          sources[source[row]],
          clockText(time[row] - made.dayMs),
          values.kw[row],
          clockText(nowMs - made.dayMs),
        ]),
      ),
    );
  };

  test('come at the end of what they stand for', () => {
    expect(rowsOf('      - { source: P, from: "08:00", to: "08:02", wobble: 0, values: { kw: 8 } }\n')).toEqual([
      ['P', '08:00', 8, '08:01'],
      ['P', '08:01', 8, '08:02'],
    ]);
  });

  test('of a later line replace earlier ones, or take them out', () => {
    expect(
      rowsOf(
        '      - { source: P, from: "08:00", to: "08:03", wobble: 0, values: { kw: 8 } }\n      - { source: P, at: "08:01", wobble: 0, values: { kw: 9 } }\n      - { source: P, at: "08:02", missing: true }\n',
      ).map(([, at, kw]) => [at, kw]),
    ).toEqual([
      ['08:00', 8],
      ['08:01', 9],
    ]);
  });

  test('may change evenly, tremble, and be late', () => {
    expect(
      rowsOf('      - { source: P, from: "08:00", to: "08:04", wobble: 0, late: 5m, values: { kw: [0, 8] } }\n').map(
        ([, , kw, due]) => [kw, due],
      ),
    ).toEqual([
      [0, '08:06'],
      [2, '08:07'],
      [4, '08:08'],
      [6, '08:09'],
    ]);
    expect(
      rowsOf('      - { source: P, from: "08:00", to: "08:04", wobble: 10, values: { kw: 100 } }\n').map(([, , kw]) =>
        Math.round(Number(kw)),
      ),
    ).toEqual([100, 110, 100, 90]);
  });

  test('may be of the next day', () => {
    expect(rowsOf('      - { source: P, at: "1d 00:30", wobble: 0, values: { kw: 8 } }\n')).toEqual([
      ['P', '1d 00:30', 8, '1d 00:31'],
    ]);
  });
});

describe('the reader refuses', () => {
  const row = (rows: string) => fileOf(`    rows:\n      - { ${rows} }\n    expect: none\n`);
  test.each([
    [
      fileOf(`${usual}    expect: nothing\n`),
      /^f:11:13: tests\[0\]\.expect is not valid \(value nothing; allowed: none, or a list/,
    ],
    [
      fileOf(`${usual}    expect: [{ rule: stack-flow }]\n`),
      /expects stack-flow, but looks at other rules \(allowed: one of treatment-off/,
    ],
    [fileOf(`${usual}    expect: [{ opens: "8:40" }]\n`), /opens is not valid \(value 8:40; allowed: a time of the day: 08:20/],
    [fileOf(`${usual}    expect: [{ opens: ["09:00", "08:40"] }]\n`), /opens is not in order/],
    [fileOf(usual), /tests\[0\]\.expect is missing/],
    [
      fileOf(`${usual}    expect: none\n`).replace('treatment-off', 'treatment-of'),
      /^f:4:11: tests\[0\]\.rule is not valid \(value treatment-of/,
    ],
    [
      fileOf(`${usual}    rules: { treatment-off: { offMinutes: 0 } }\n    expect: none\n`),
      /rules\.treatment-off\.offMinutes is not valid/,
    ],
    [row('source: R, at: "08:00", values: { kw: 1 }'), /rows\[0\] has an unknown source "R" \(allowed: P, T\)/],
    [row('source: P, at: "08:00", values: { kwh: 1 }'), /rows\[0\]: power has no metric "kwh" \(allowed: kw\)/],
    [row('source: P, at: "08:00", text: { type: x }'), /power has no text "type" \(allowed: none\)/],
    [row('source: P, from: "09:00", to: "08:00", values: { kw: 1 }'), /to is not after from/],
    [row('source: P, from: "08:00", values: { kw: 1 }'), /to is missing/],
    [row('source: P, at: "08:00"'), /values is missing \(allowed: values, or missing: true\)/],
    [row('source: P, at: "08:00", from: "08:00", to: "09:00", values: { kw: 1 }'), /from does not go with at/],
    [row('source: P, from: "08:00", to: "09:00", every: 10ms, values: { kw: 1 }'), /every is not valid/],
  ])('%j', (text, problem) => {
    expect(parseRuleTests(text, 'f').problems.map(problemText).join('\n')).toMatch(problem);
  });
});

test('the published schema is the one of the reader; `lantian rules schema --tests` writes it anew', () => {
  expect(JSON.parse(readFileSync(schemaFile, 'utf8'))).toEqual(JSON.parse(JSON.stringify(ruleTestsSchema())));
});
