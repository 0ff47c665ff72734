// Files of rule tests (`lantian-rule-tests/1`, YAML): a small city, its rows in time, and the findings that should come.

import { parseTime } from '../../../engine/domain/calendar.ts';
import { catalog, type Kind, kinds } from '../../../engine/schema/catalog.ts';
import { ruleIds } from '../../../engine/stages/correlate/ruleCatalog.ts';
import type { FileProblem } from '../../fileProblem.ts';
import { documentSchema, readYaml } from '../../scenario/document.ts';
import {
  about,
  type Cell,
  choice,
  complain,
  defaulted,
  type Field,
  type JsonSchema,
  list,
  mapped,
  number,
  oneOrMore,
  optional,
  pair,
  type ScalarField,
  scalar,
  section,
  text,
  yesOrNo,
} from '../../scenario/fields.ts';
import { dictionary, map } from '../../scenario/maps.ts';
import { nearest } from '../../scenario/nearest.ts';
import { county, duration, sourceId } from '../../scenario/units.ts';
import { type SomeRules, someRules } from './rulesFile.ts';

export const ruleTestsFormat = 'lantian-rule-tests/1';

/** Where something stands in the file. */
export interface Line {
  readonly line: number;
  readonly column: number;
}

export interface TestPlace {
  readonly county: string;
  /** From the city's centre. */
  readonly eastKm: number;
  readonly northKm: number;
}

export interface TestProcess {
  readonly id: string;
  readonly ratedKw: number;
  readonly treatmentKw?: number;
  readonly production?: string;
  readonly treatment?: string;
  readonly cems?: string;
  readonly voc?: string;
  readonly o2RefPct?: number;
  readonly flowM3S: number;
  readonly pmKgH: number;
  readonly vocKgH: number;
}

export interface TestEnterprise extends TestPlace {
  readonly id: string;
  readonly industry: string;
  readonly main?: string;
  readonly limits: Readonly<Partial<Record<'so2' | 'nox' | 'pm' | 'nmhc', number>>>;
  readonly processes: readonly TestProcess[];
}

export interface TestSource extends TestPlace {
  readonly id: string;
  readonly kind: Kind;
  readonly isNational: boolean;
}

/** A value, or one that goes evenly from one to another. */
export type TestValue = number | readonly [from: number, to: number];

/** Rows of one source. Times are ms from the beginning of the test's day. */
export interface TestRows {
  readonly sources: readonly string[];
  readonly fromMs: number;
  /** Not after it; equal: one row. */
  readonly toMs: number;
  readonly everyMs?: number;
  readonly values: Readonly<Record<string, TestValue>>;
  readonly text: Readonly<Record<string, string>>;
  /** Letters of instrument marks by metric. */
  readonly marks: Readonly<Record<string, string>>;
  readonly lateMs: number;
  /** %: up and down in turn, as instruments tremble; rules do not believe those that do not. */
  readonly wobblePct: number;
  readonly isMissing: boolean;
}

export interface Expected extends Line {
  readonly rule: string;
  readonly unit?: string;
  /** Both included. */
  readonly opens?: readonly [fromMs: number, toMs: number];
  readonly foundByMs?: number;
  readonly closes?: readonly [fromMs: number, toMs: number] | 'never';
  readonly state?: 'open' | 'closed' | 'corrected';
  readonly candidate?: string;
}

export interface RuleTest extends Line {
  readonly name: string;
  /** Findings of other rules are not looked at. */
  readonly only: readonly string[];
  readonly rules: SomeRules;
  /** Begin of the day, Beijing time. */
  readonly dayMs: number;
  readonly untilMs?: number;
  readonly enterprises: readonly TestEnterprise[];
  readonly sources: readonly TestSource[];
  readonly rows: readonly TestRows[];
  readonly expect: readonly Expected[];
}

export interface RuleTestsReading {
  readonly tests?: readonly RuleTest[];
  readonly problems: readonly FileProblem[];
}

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

const clockPattern = /^(?:(\d{1,2})d )?([01]\d|2[0-4]):([0-5]\d)$/;
/** `08:20`, or `1d 08:20` on the next day. */
const time: ScalarField<number> = scalar(
  (value) => {
    const found = typeof value === 'string' ? clockPattern.exec(value) : null;
    return found === null ? undefined : Number(found[1] ?? 0) * dayMs + (Number(found[2]) * 60 + Number(found[3])) * minuteMs;
  },
  'a time of the day: 08:20; 1d 08:20 for the next day',
  { type: 'string', pattern: clockPattern.source },
);

/** One time, or from one to another. */
const times: Field<readonly [number, number]> = mapped(either(time, pair(time, time)), (value, cell) => {
  const range = typeof value === 'number' ? ([value, value] as const) : value;
  return range[0] <= range[1] ? range : complain(cell, 'is not in order', 'an earlier and a later time');
});

const timesOrNever: Field<'never' | readonly [number, number]> = {
  allowed: `never, or ${times.allowed}`,
  schema: (define) => ({ anyOf: [{ const: 'never' }, times.schema(define)] }),
  read: (cell) => (cell.node !== undefined && 'value' in cell.node && cell.node.value === 'never' ? 'never' : times.read(cell)),
};

/** A scalar, or what is no scalar. */
function either<A, B>(one: ScalarField<A>, other: Field<B>): Field<A | B> {
  const allowed = `${one.allowed}, or ${other.allowed}`;
  return {
    allowed,
    schema: (define) => ({ anyOf: [one.schema(define), other.schema(define)] }),
    read(cell) {
      const { node } = cell;
      if (node !== undefined && 'items' in node) return other.read(cell);
      const value = node !== undefined && 'value' in node ? one.parse(node.value) : undefined;
      return value ?? complain(cell, 'is not valid', allowed);
    },
  };
}

const rule = choice(...ruleIds);
const metricValue = number(-1e6, 1e15);

const place = {
  county: about('Absent: taocheng.', defaulted(county, 'taocheng')),
  east: about("km from the city's centre.", defaulted(number(-100, 100), 0)),
  north: about("km from the city's centre.", defaulted(number(-100, 100), 0)),
};

const process: Field<TestProcess> = mapped(
  map(
    {
      id: defaulted(sourceId, 'P1'),
      ratedKw: defaulted(number(0.1, 1e6), 100),
      treatmentKw: optional(number(0.1, 1e6)),
      production: about('Id of the meter of the production.', optional(sourceId)),
      treatment: about('Id of the meter of the treatment; then treatmentKw is needed.', optional(sourceId)),
      cems: about("Id of the stack's monitor.", optional(sourceId)),
      voc: about('Id of the VOC monitor.', optional(sourceId)),
      o2Ref: about('Reference O2 of the permit, %.', optional(number(0, 20))),
      flow: about('Of the stack at full load, m³/s.', defaulted(number(0.01, 5_000), 20)),
      pm: about('Given off at full load, kg/h.', defaulted(number(0, 1e6), 1)),
      vocs: about('Given off at full load, kg/h.', defaulted(number(0, 1e6), 1)),
    },
    { needs: { treatment: ['treatmentKw'] } },
  ),
  ({ o2Ref, flow, pm, vocs, ...rest }) => ({ ...rest, o2RefPct: o2Ref, flowM3S: flow, pmKgH: pm, vocKgH: vocs }),
);

const limit = optional(number(0, 1e5));
const enterprise: Field<TestEnterprise> = mapped(
  map({
    id: sourceId,
    industry: defaulted(sourceId, 'engineering-rubber'),
    ...place,
    main: about('Id of the main meter.', optional(sourceId)),
    limits: about('Of the permit, mg/m³.', section(map({ so2: limit, nox: limit, pm: limit, nmhc: limit }))),
    processes: list(process, { min: 1, max: 20 }),
  }),
  ({ east, north, ...rest }) => ({ ...rest, eastKm: east, northKm: north }),
);

const source: Field<TestSource> = mapped(
  map({ id: sourceId, kind: choice(...kinds), ...place, national: defaulted(yesOrNo, false) }),
  ({ east, north, national, ...rest }) => ({ ...rest, eastKm: east, northKm: north, isNational: national }),
);

const mark = choice('N', 'M', 'C', 'D', 'F', 'T', 'B');
const names = /^[A-Za-z][A-Za-z0-9]*$/;

const rows: Field<TestRows> = mapped(
  map(
    {
      source: about('Ids of one or several that send the same.', oneOrMore(sourceId)),
      at: about('One row.', optional(time)),
      from: about('Rows from this time on.', optional(time)),
      to: about('And before this one.', optional(time)),
      every: about("Absent: as often as the kind's sources send.", optional(duration)),
      values: about(
        'By metric: a number, or [from, to] for one that changes evenly.',
        optional(dictionary(names, 'metrics', either(metricValue, pair(metricValue, metricValue)))),
      ),
      text: optional(dictionary(names, 'text columns', text(/^[\s\S]{0,500}$/, 'a text'))),
      marks: about('Marks of the instrument by metric.', optional(dictionary(names, 'metrics', mark))),
      late: about('They come so long after their time.', defaulted(duration, '0s')),
      wobble: about(
        '%, up and down in turn, as instruments tremble; 0: one that hangs. Not for events.',
        defaulted(number(0, 100), 1),
      ),
      missing: about('These rows are taken out of those above.', defaulted(yesOrNo, false)),
    },
    {
      oneOf: ['at', 'from'],
      needs: { from: ['to'], to: ['from'], every: ['from'] },
      excludes: { at: ['from', 'to', 'every'] },
      check({ from, to, values, text: texts, missing }, at) {
        if (from !== undefined && to !== undefined && from >= to) complain(at('to'), 'is not after from', 'from before to');
        if (!missing && values === undefined && texts === undefined)
          complain(at('values'), 'is missing', 'values, or missing: true');
      },
    },
  ),
  ({ source: sources, at, from, to, every, values = {}, text: texts = {}, marks = {}, late, wobble, missing }, cell) => {
    if (every !== undefined && every < 1_000) return complain(cell, 'has rows more often than once a second', 'every: 1m');
    return {
      sources,
      fromMs: at ?? from ?? 0,
      toMs: at ?? (to ?? 0) - 1,
      everyMs: every,
      values,
      text: texts,
      marks,
      lateMs: late,
      wobblePct: wobble,
      isMissing: missing,
    };
  },
);

const expected: Field<Omit<Expected, 'rule'> & { readonly rule?: string }> = mapped(
  map({
    rule: about("Absent: the test's own.", optional(rule)),
    unit: about('What the finding is about: enterprise/process, a source.', optional(text(/^\S{1,200}$/, 'a unit'))),
    opens: about('When the condition begins to hold: a time, or [from, to].', optional(times)),
    found: about('Found at this time at the latest.', optional(time)),
    closes: about('A time, [from, to], or never.', optional(timesOrNever)),
    state: optional(choice('open', 'closed', 'corrected')),
    candidate: about('The first candidate.', optional(text(/^\S{1,200}$/, 'an id'))),
  }),
  ({ found, ...rest }, { node, around, context }) => ({ ...rest, foundByMs: found, ...context.placeOf(node ?? around) }),
);

const day: ScalarField<number> = scalar(
  (value) => {
    const ms = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? parseTime(`${value}T00:00:00+08:00`) : Number.NaN;
    return Number.isNaN(ms) ? undefined : ms;
  },
  'a day: 2026-01-05',
  { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
);

const test: Field<RuleTest> = mapped(
  map({
    name: about('A sentence: what is the case, and what should follow.', text(/^[^\n]{1,200}$/, 'a text of one line')),
    rule: about('Whose findings are looked at.', oneOrMore(rule)),
    rules: about('Other rules than the defaults, as in a rules file.', someRules),
    day: about('Absent: 2026-01-05, a Monday.', defaulted(day, '2026-01-05')),
    until: about('The clock goes on until then; absent: half an hour after the last row.', optional(time)),
    enterprises: optional(list(enterprise, { max: 100 })),
    sources: about('Beside those that belong to enterprises.', optional(list(source, { max: 500 }))),
    rows: list(rows, { min: 1 }),
    expect: about(
      'none, or findings; others of these rules must not come.',
      either(choice('none'), list(expected, { min: 1, max: 100 })),
    ),
  }),
  (value, cell) => {
    const { name, rule: only, rules, day: startMs, until, enterprises = [], sources = [], expect } = value;
    const wanted = expect === 'none' ? [] : expect;
    const made: RuleTest = {
      name,
      only,
      rules,
      dayMs: startMs,
      untilMs: until,
      enterprises,
      sources,
      rows: value.rows,
      expect: wanted.map((each) => ({ ...each, rule: each.rule ?? only[0] })),
      ...cell.context.placeOf(cell.node ?? cell.around),
    };
    return checked(made, cell);
  },
);

/** Kinds of all sources of a test, by id. */
export function kindsOf({ enterprises, sources }: Pick<RuleTest, 'enterprises' | 'sources'>): ReadonlyMap<string, Kind> {
  const known = new Map<string, Kind>();
  const add = (id: string | undefined, kind: Kind) => id !== undefined && known.set(id, kind);
  for (const { main, processes } of enterprises) {
    add(main, 'power');
    for (const { production, treatment, cems, voc } of processes) {
      add(production, 'power');
      add(treatment, 'power');
      add(cems, 'cems');
      add(voc, 'voc');
    }
  }
  for (const { id, kind } of sources) add(id, kind);
  return known;
}

/** What fields alone cannot know: that rows are of known sources, and of their metrics. */
function checked(made: RuleTest, cell: Cell): RuleTest | undefined {
  const known = kindsOf(made);
  let isGood = true;
  const wrong = (problem: string, allowed: string) => {
    complain({ ...cell, node: undefined, around: cell.node }, problem, allowed);
    isGood = false;
  };
  made.rows.forEach(({ sources, values, text: texts, marks, everyMs, fromMs, toMs }, i) => {
    for (const id of sources) {
      const kind = known.get(id);
      const at = `rows[${i}]`;
      if (kind === undefined) {
        const near = nearest(id, [...known.keys()]);
        wrong(
          `${at} has an unknown source "${id}"`,
          `${[...known.keys()].join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
        );
        continue;
      }
      const { metrics, text: columns, event } = catalog[kind];
      const metricIds = metrics.map((metric) => metric.id);
      for (const name of [...Object.keys(values), ...Object.keys(marks)])
        if (!metricIds.includes(name)) wrong(`${at}: ${kind} has no metric "${name}"`, metricIds.join(', '));
      for (const name of Object.keys(texts))
        if (!columns.includes(name)) wrong(`${at}: ${kind} has no text "${name}"`, columns.join(', ') || 'none');
      if (event && fromMs !== toMs && everyMs === undefined)
        wrong(`${at}: ${kind} sends when something is; say how often`, 'every: 10m');
    }
  });
  for (const { rule: id } of made.expect)
    if (!made.only.includes(id))
      wrong(`expects ${id}, but looks at other rules`, `one of ${made.only.join(', ')} (rule of the test)`);
  return isGood ? made : undefined;
}

const document: Field<readonly RuleTest[]> = mapped(
  map({ schema: choice(ruleTestsFormat), tests: list(test, { min: 1 }) }),
  ({ tests }) => tests,
);

/** Never throws. */
export function parseRuleTests(source: string, file: string): RuleTestsReading {
  const { value: tests, problems } = readYaml(document, source, file, { name: 'file of rule tests', keys: 'schema, tests' });
  return tests === undefined ? { problems } : { tests, problems };
}

export function ruleTestsSchema(): JsonSchema {
  return documentSchema(document, ruleTestsFormat, 'Tests of rules: rows with times, and the findings that should come of them.');
}
