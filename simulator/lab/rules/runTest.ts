// Runs a rule test through a whole engine, and says what came where something else was expected.

import { openRun } from '../../../engine/app.ts';
import { configFrom } from '../../../engine/config.ts';
import type { Finding } from '../../../engine/schema/finding.ts';
import { completeRules, type Rules } from '../../../engine/stages/correlate/ruleCatalog.ts';
import { findingKeeper } from '../findingsOf.ts';
import { runHeadless } from '../headless.ts';
import { matched } from '../score/matching.ts';
import { registerOf, stepsOf } from './testCity.ts';
import type { Expected, Line, RuleTest } from './testFile.ts';

/** What is other than expected, and the line of the file that says so. */
export interface Failure extends Line {
  readonly message: string;
}

/** `base`: rules on which the test's own are set; absent: the defaults. */
export async function runRuleTest(test: RuleTest, base?: Rules): Promise<readonly Failure[]> {
  const found = (await findingsOf(test, base)).filter(({ rule }) => test.only.includes(rule));
  return failuresOf(test, found);
}

async function findingsOf(test: RuleTest, base: Rules | undefined): Promise<readonly Finding[]> {
  const keeper = findingKeeper();
  const run = await openRun({
    config: configFrom({ clock: 'feed' }),
    register: registerOf(test),
    strict: true,
    rules: completeRules({ ...base, ...test.rules }),
    store: 'none',
    mirrors: [],
    live: keeper.live,
    failed(error) {
      throw error;
    },
  });
  await runHeadless(run, stepsOf(test), {
    feed: 'test',
    onProblem({ message, value, allowed }) {
      throw new Error(`BUG: the engine refuses rows of the test "${test.name}": ${message} (${value}; allowed: ${allowed})`);
    },
  });
  await run.finish({});
  return keeper.all();
}

/** Of findings of the test's rules. */
export function failuresOf(test: RuleTest, found: readonly Finding[]): readonly Failure[] {
  const fits = test.expect.map((expected) =>
    found.flatMap((finding, i) => (differences(expected, finding, test.dayMs).length === 0 ? [i] : [])),
  );
  const partners = matched(fits);
  const taken = new Set(partners.filter((partner) => partner !== undefined));
  const left = found.filter((_, i) => !taken.has(i));
  const missing = test.expect.filter((_, i) => partners[i] === undefined);
  const blamed = new Set<Finding>();
  const failures = missing.map((expected): Failure => {
    const near = left.find((finding) => !blamed.has(finding) && isOf(expected, finding));
    if (near !== undefined) blamed.add(near);
    const came =
      near === undefined
        ? nothingText(left)
        : `came: ${foundText(near, test.dayMs)}; ${differences(expected, near, test.dayMs).join(', ')}`;
    return { line: expected.line, column: expected.column, message: `expected ${expectedText(expected)}; ${came}` };
  });
  const surplus = left
    .filter((finding) => !blamed.has(finding))
    .map(
      (finding): Failure => ({
        line: test.line,
        column: test.column,
        message: `came and was not expected: ${foundText(finding, test.dayMs)}`,
      }),
    );
  return [...failures, ...surplus];
}

function nothingText(left: readonly Finding[]): string {
  return left.length === 0 ? 'nothing came' : 'nothing of it came';
}

const isOf = ({ rule, unit }: Expected, finding: Finding) =>
  rule === finding.rule && (unit === undefined || unit === finding.unit);

/** Nothing: it is as expected. */
function differences(expected: Expected, finding: Finding, dayMs: number): readonly string[] {
  const { opens, foundByMs, closes, state, candidate } = expected;
  const { openedMs, foundMs, closedMs, candidates } = finding;
  if (!isOf(expected, finding)) return ['it is of another rule or unit'];
  const isIn = (ms: number, [fromMs, toMs]: readonly [number, number]) => ms - dayMs >= fromMs && ms - dayMs <= toMs;
  const [best] = candidates;
  return [
    ...(opens === undefined || isIn(openedMs, opens) ? [] : ['it opens at another time']),
    ...(foundByMs === undefined || foundMs - dayMs <= foundByMs ? [] : ['it is found too late']),
    ...(closes === undefined || (closes === 'never' ? closedMs === undefined : closedMs !== undefined && isIn(closedMs, closes))
      ? []
      : [closes === 'never' ? 'it closes' : closedMs === undefined ? 'it does not close' : 'it closes at another time']),
    ...(state === undefined || state === finding.state ? [] : [`it is ${finding.state}`]),
    ...(candidate === undefined || candidate === best?.id ? [] : [`its first candidate is ${best?.id ?? 'nobody'}`]),
  ];
}

/** `08:20`, `1d 08:20`: as in the file. */
export function clockText(msOfDay: number): string {
  const minutes = Math.floor(msOfDay / 60_000);
  const days = Math.floor(minutes / 1440);
  const pad = (value: number) => String(value).padStart(2, '0');
  const rest = minutes - days * 1440;
  const seconds = Math.round((msOfDay - minutes * 60_000) / 1000);
  return `${days === 0 ? '' : `${days}d `}${pad(Math.floor(rest / 60))}:${pad(rest % 60)}${seconds === 0 ? '' : `:${pad(seconds)}`}`;
}

function expectedText({ rule, unit, opens, foundByMs, closes, state, candidate }: Expected): string {
  const range = ([fromMs, toMs]: readonly [number, number]) =>
    fromMs === toMs ? clockText(fromMs) : `${clockText(fromMs)} to ${clockText(toMs)}`;
  return [
    `${rule}${unit === undefined ? '' : ` of ${unit}`}`,
    ...(opens === undefined ? [] : [`opens ${range(opens)}`]),
    ...(foundByMs === undefined ? [] : [`found by ${clockText(foundByMs)}`]),
    ...(closes === undefined ? [] : [`closes ${closes === 'never' ? 'never' : range(closes)}`]),
    ...(state === undefined ? [] : [state]),
    ...(candidate === undefined ? [] : [`first candidate ${candidate}`]),
  ].join(', ');
}

function foundText({ rule, unit, openedMs, foundMs, closedMs, state, candidates }: Finding, dayMs: number): string {
  const at = (ms: number) => clockText(ms - dayMs);
  return [
    `${rule} of ${unit}`,
    `opened ${at(openedMs)}`,
    `found ${at(foundMs)}`,
    closedMs === undefined ? 'still open at the end' : `${state === 'corrected' ? 'corrected' : 'closed'} ${at(closedMs)}`,
    ...(candidates.length === 0 ? [] : [`first candidate ${candidates[0].id}`]),
  ].join(', ');
}
