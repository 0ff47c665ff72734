// How a YAML document is described: each field reads a place of it, names what is wrong there, and gives its JSON Schema.

import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { shown } from '../../engine/schema/problem.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Puts a schema under a name of its own, and gives the reference to it. */
export type Define = (name: string, schema: () => JsonSchema) => JsonSchema;

/** What one reading of a document gathers. */
export interface Context {
  readonly document: Document;
  /** As it was parsed: masked. */
  readonly text: string;
  readonly report: (node: Node | undefined, message: string, value?: string, allowed?: string) => void;
  /** Counted from 1; of the start where there is no node. */
  readonly placeOf: (node: Node | undefined) => { readonly line: number; readonly column: number };
  /** Problems so far. */
  problems: number;
  /** Length of the episode once the clock is read; times after it are a problem. */
  durationMs: number;
  /** Ids so far, with the path of each. */
  readonly ids: Map<string, string>;
}

/** A place in the document. */
export interface Cell {
  /** Absent: the key is not there. */
  readonly node: Node | undefined;
  /** `emissions.events[2].from` */
  readonly path: string;
  /** Where to point when there is no node. */
  readonly around: Node | undefined;
  readonly context: Context;
}

/** `read` gives undefined where it reported something. */
export interface Field<T> {
  readonly read: (cell: Cell) => T | undefined;
  readonly schema: (define: Define) => JsonSchema;
  /** In words, for messages. */
  readonly allowed: string;
  readonly isOptional?: boolean;
  /** What an absent key means. */
  readonly fallback?: (cell: Cell) => T;
  readonly defaultText?: unknown;
  readonly about?: string;
}

/** A field of one scalar. `parse` gives undefined for what is not allowed, and never throws. */
export interface ScalarField<T> extends Field<T> {
  readonly parse: (value: unknown) => T | undefined;
}

/** Says that something is wrong at a place: the value as it stands in the file. */
export function complain(cell: Cell, problem: string, allowed?: string): undefined {
  const { node, context, path, around } = cell;
  context.report(node ?? around, `${path} ${problem}`, node === undefined ? undefined : valueText(cell), allowed);
}

function valueText({ node, context }: Cell): string {
  if (isScalar(node)) return shown(plainValue(node));
  return shown(unmasked(context.text.slice(node?.range?.[0] ?? 0, node?.range?.[1] ?? 0).trim()));
}

/** Stands for a comma inside brackets while YAML is parsed. */
const mask = '\ue000';

/**
 * `{ delay: lognormal(60s, 3) }` is what people write, and YAML would cut it at the comma. Of the same length, so that
 * lines and columns stay; what is read from the result is unmasked again.
 */
export function maskedDraws(text: string): string {
  return text.replace(/\b(lognormal|uniform)\(([^(),\n]*),([^(),\n]*)\)/g, `$1($2${mask}$3)`);
}

function unmasked(text: string): string {
  return text.replaceAll(mask, ',');
}

function plainValue({ value }: Scalar): unknown {
  return typeof value === 'string' ? unmasked(value) : value;
}

export function scalar<T>(
  parse: (value: unknown) => T | undefined,
  allowed: string,
  schema: JsonSchema,
  check?: (value: T, cell: Cell) => boolean,
): ScalarField<T> {
  return {
    parse,
    allowed,
    schema: () => schema,
    read(cell) {
      const value = isScalar(cell.node) ? parse(plainValue(cell.node)) : undefined;
      if (value === undefined) return complain(cell, 'is not valid', allowed);
      return check === undefined || check(value, cell) ? value : undefined;
    },
  };
}

export function choice<const T extends string>(...values: readonly T[]): ScalarField<T> {
  return scalar((value) => values.find((each) => each === value), values.join(', '), { enum: values });
}

/** From `low` to `high`, both included. */
export function number(low: number, high: number): ScalarField<number> {
  return scalar(
    (value) => (typeof value === 'number' && value >= low && value <= high ? value : undefined),
    `a number from ${low} to ${high}`,
    { type: 'number', minimum: low, maximum: high },
  );
}

/** Above 0 up to `high`. */
export function positive(high: number): ScalarField<number> {
  return scalar(
    (value) => (typeof value === 'number' && value > 0 && value <= high ? value : undefined),
    `a number above 0 up to ${high}`,
    { type: 'number', exclusiveMinimum: 0, maximum: high },
  );
}

export function whole(low: number, high: number, allowed = `a whole number from ${low} to ${high}`): ScalarField<number> {
  return scalar(
    (value) => (Number.isInteger(value) && (value as number) >= low && (value as number) <= high ? (value as number) : undefined),
    allowed,
    { type: 'integer', minimum: low, maximum: high },
  );
}

export const share: ScalarField<number> = number(0, 1);

export const yesOrNo: ScalarField<boolean> = scalar((value) => (typeof value === 'boolean' ? value : undefined), 'true, false', {
  type: 'boolean',
});

export function text(pattern: RegExp, allowed: string, check?: (value: string, cell: Cell) => boolean): ScalarField<string> {
  return scalar(
    (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
    allowed,
    { type: 'string', pattern: pattern.source },
    check,
  );
}

/** Checked, and then left as it stands in the file. */
export function asWritten(field: Field<unknown>): Field<unknown> {
  return {
    ...field,
    read: (cell) => (field.read(cell) === undefined || !isScalar(cell.node) ? undefined : plainValue(cell.node)),
  };
}

/** The key may be absent. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, isOptional: true };
}

/** The key may be absent and then means `value`, written as in a file. */
export function defaulted<T>(field: ScalarField<T>, value: unknown): Field<T> {
  const fallback = field.parse(value);
  if (fallback === undefined) throw new Error(`BUG: ${String(value)} is no ${field.allowed}`);
  return { ...field, isOptional: true, fallback: () => fallback, defaultText: value };
}

/** The key may be absent; it is then read as if it were empty. */
export function section<T>(field: Field<T>): Field<T> {
  return { ...field, isOptional: true, fallback: (cell) => field.read(cell) as T };
}

/** With a sentence that an editor shows. */
export function about<T>(sentence: string, field: Field<T>): Field<T> {
  return { ...field, about: sentence };
}

/** A field whose schema stands under a name. */
export function named<F extends Field<unknown>>(name: string, field: F): F {
  return { ...field, schema: (define: Define) => define(name, () => field.schema(define)) };
}

export function mapped<T, U>(field: Field<T>, change: (value: T, cell: Cell) => U | undefined): Field<U> {
  const { read, fallback } = field;
  const changed = (value: T | undefined, cell: Cell) => (value === undefined ? undefined : change(value, cell));
  return {
    ...field,
    read: (cell) => changed(read(cell), cell),
    fallback: fallback === undefined ? undefined : (cell) => changed(fallback(cell), cell) as U,
  };
}

// Alias by alias a short text could name a huge document; ids, nesting and this bound keep the work small.
const itemsMax = 1_000;

export function list<T>(item: Field<T>, { min = 0, max = itemsMax } = {}): Field<readonly T[]> {
  const allowed = `a list of ${min} to ${max} items`;
  return {
    allowed,
    schema: (define) => ({ type: 'array', items: schemaOf(item, define), minItems: min, maxItems: max }),
    read(cell) {
      const { node, context } = cell;
      if (!isSeq(node) || node.items.length < min || node.items.length > max) return complain(cell, 'is not valid', allowed);
      const before = context.problems;
      const values = node.items.map((each, i) => item.read(inside(cell, each as Node, `${cell.path}[${i}]`)) as T);
      return context.problems === before ? values : undefined;
    },
  };
}

/** A list of exactly these two. */
export function pair<A, B>(first: Field<A>, second: Field<B>): Field<readonly [A, B]> {
  const allowed = `[${first.allowed}, ${second.allowed}]`;
  return {
    allowed,
    schema: (define) => ({
      type: 'array',
      items: [schemaOf(first, define), schemaOf(second, define)],
      additionalItems: false,
      minItems: 2,
      maxItems: 2,
    }),
    read(cell) {
      const { node, context } = cell;
      if (!isSeq(node) || node.items.length !== 2) return complain(cell, 'is not valid', allowed);
      const before = context.problems;
      const a = first.read(inside(cell, node.items[0] as Node, `${cell.path}[0]`)) as A;
      const b = second.read(inside(cell, node.items[1] as Node, `${cell.path}[1]`)) as B;
      return context.problems === before ? [a, b] : undefined;
    },
  };
}

/** One, or a list of them. */
export function oneOrMore<T>(field: Field<T>): Field<readonly T[]> {
  const many = list(field, { min: 1 });
  return {
    allowed: `${field.allowed}, or a list of these`,
    schema: (define) => ({ anyOf: [schemaOf(field, define), many.schema(define)] }),
    read(cell) {
      if (isSeq(cell.node)) return many.read(cell);
      const value = field.read(cell);
      return value === undefined ? undefined : [value];
    },
  };
}

/** A word that stands alone, or a map. */
export function wordOr<W, T>(word: ScalarField<W>, field: Field<T>): Field<W | T> {
  const allowed = `${word.allowed}, or ${field.allowed}`;
  return {
    allowed,
    schema: (define) => ({ anyOf: [schemaOf(word, define), field.schema(define)] }),
    read(cell) {
      if (isMap(cell.node)) return field.read(cell);
      const value = isScalar(cell.node) ? word.parse(plainValue(cell.node)) : undefined;
      return value === undefined ? complain(cell, 'is not valid', allowed) : value;
    },
  };
}

/** The schema with what is said about the field. */
export function schemaOf(field: Field<unknown>, define: Define): JsonSchema {
  const said = {
    ...(field.about === undefined ? {} : { description: field.about }),
    ...(field.defaultText === undefined ? {} : { default: field.defaultText }),
  };
  const schema = field.schema(define);
  if (Object.keys(said).length === 0) return schema;
  // Draft 7 takes no notice of what stands beside a $ref.
  return '$ref' in schema ? { ...said, allOf: [schema] } : { ...said, ...schema };
}

/** A place below another; an alias is what it names. */
export function inside({ node: parent, around, context }: Cell, node: Node | undefined, path: string): Cell {
  const found = isAlias(node) ? (node.resolve(context.document) ?? node) : node;
  return { node: found, path, around: parent ?? around, context };
}
