// Maps of a described YAML document: known keys, their rules, free keys, variants. Beside the other fields, in fields.ts.

import { isMap, isScalar, type Node, type Pair, Scalar } from 'yaml';
import { type Cell, choice, complain, type Define, type Field, inside, type JsonSchema, schemaOf } from './fields.ts';
import { nearest } from './nearest.ts';

export type Shape = Readonly<Record<string, Field<unknown>>>;
export type Reading<S extends Shape> = { readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never };

export interface Rules<S extends Shape> {
  /** A key that is there needs these as well. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  /** A key that is there forbids these. */
  readonly excludes?: Readonly<Record<string, readonly string[]>>;
  /** At least one of these. */
  readonly oneOf?: readonly string[];
  /** What a schema cannot say; only called when all fields are good. */
  readonly check?: (value: Reading<S>, at: (key: string) => Cell) => void;
}

export function map<S extends Shape>(shape: S, rules: Rules<S> = {}): Field<Reading<S>> {
  const names = Object.keys(shape);
  const allowed = `a map of ${names.join(', ')}`;
  return {
    allowed,
    schema: (define) => mapSchema(shape, rules, define),
    read(cell) {
      const { context } = cell;
      const before = context.problems;
      const children = childrenOf(cell, allowed);
      if (children === undefined) return undefined;
      const at = (key: string): Cell => children.get(key)?.value ?? inside(cell, undefined, join(cell.path, key));
      for (const [name, { key }] of children)
        if (!Object.hasOwn(shape, name))
          context.report(key, `unknown key "${join(cell.path, name)}"`, undefined, knownText(name, names));
      const value = Object.fromEntries(names.map((name) => [name, readKey(shape[name], at(name))])) as Reading<S>;
      checkKeys(rules, children, cell, at);
      if (context.problems === before) rules.check?.(value, at);
      return context.problems === before ? value : undefined;
    },
  };
}

/** A map with free keys of one pattern. */
export function dictionary<T>(pattern: RegExp, keys: string, field: Field<T>): Field<Readonly<Record<string, T>>> {
  const allowed = `a map of ${keys}`;
  return {
    allowed,
    schema: (define) => ({
      type: 'object',
      patternProperties: { [pattern.source]: schemaOf(field, define) },
      additionalProperties: false,
    }),
    read(cell) {
      const { context } = cell;
      const before = context.problems;
      const children = childrenOf(cell, allowed);
      if (children === undefined) return undefined;
      const value: Record<string, T> = {};
      for (const [name, { key, value: child }] of children) {
        if (pattern.test(name)) value[name] = field.read(child) as T;
        else context.report(key, `unknown key "${join(cell.path, name)}"`, undefined, keys);
      }
      return context.problems === before ? value : undefined;
    },
  };
}

/** Maps that `key` tells apart; each variant has the key as a `choice` of its own name. */
export function variants<T extends Readonly<Record<string, Field<unknown>>>>(
  key: string,
  fields: T,
): Field<{ [K in keyof T]: T[K] extends Field<infer V> ? V : never }[keyof T]> {
  type Value = { [K in keyof T]: T[K] extends Field<infer V> ? V : never }[keyof T];
  const which = choice(...Object.keys(fields));
  const allowed = `a map with ${key}: ${which.allowed}`;
  return {
    allowed,
    schema: (define) => ({
      type: 'object',
      required: [key],
      properties: { [key]: which.schema(define) },
      allOf: Object.entries(fields).map(([name, field]) => ({
        if: { properties: { [key]: { const: name } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: field.schema(define),
      })),
    }),
    read(cell) {
      const children = childrenOf(cell, allowed);
      if (children === undefined) return undefined;
      const name = readKey(which, children.get(key)?.value ?? inside(cell, undefined, join(cell.path, key)));
      return name === undefined ? undefined : (fields[name].read(cell) as Value | undefined);
    },
  };
}

function mapSchema<S extends Shape>(shape: S, { needs = {}, excludes = {}, oneOf }: Rules<S>, define: Define): JsonSchema {
  const required = Object.keys(shape).filter((name) => !shape[name].isOptional);
  const dependencies = Object.fromEntries(
    [...new Set([...Object.keys(needs), ...Object.keys(excludes)])].map((name) => [
      name,
      { required: needs[name] ?? [], properties: Object.fromEntries((excludes[name] ?? []).map((other) => [other, false])) },
    ]),
  );
  return {
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, schemaOf(field, define)])),
    additionalProperties: false,
    ...(Object.keys(dependencies).length > 0 ? { dependencies } : {}),
    ...(oneOf === undefined ? {} : { anyOf: oneOf.map((name) => ({ required: [name] })) }),
  };
}

interface Child {
  readonly key: Node;
  readonly value: Cell;
}

/** By key; undefined (and reported) where the node is no map. An absent node counts as empty. */
function childrenOf(cell: Cell, allowed: string): ReadonlyMap<string, Child> | undefined {
  const { node } = cell;
  if (node === undefined) return new Map();
  if (!isMap(node)) return complain(cell, 'is not valid', allowed);
  return new Map(
    (node.items as Pair<Node, Node | null>[]).map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : String(key);
      return [name, { key, value: inside(cell, value ?? nothingAt(key), join(cell.path, name)) }];
    }),
  );
}

/** A key without a value is not absent. */
function nothingAt({ range }: Node): Node {
  const nothing = new Scalar(null);
  nothing.range = range;
  return nothing;
}

function readKey<T>(field: Field<T>, cell: Cell): T | undefined {
  if (cell.node !== undefined) return field.read(cell);
  if (field.fallback !== undefined) return field.fallback(cell);
  return field.isOptional ? undefined : complain(cell, 'is missing', field.allowed);
}

function checkKeys<S extends Shape>(
  { needs = {}, excludes = {}, oneOf }: Rules<S>,
  children: ReadonlyMap<string, Child>,
  cell: Cell,
  at: (key: string) => Cell,
): void {
  for (const [name, others] of Object.entries(needs))
    for (const other of children.has(name) ? others : [])
      if (!children.has(other)) complain(at(other), 'is missing', `stands together with ${name}`);
  for (const [name, others] of Object.entries(excludes))
    for (const other of children.has(name) ? others : [])
      if (children.has(other)) complain(at(other), `does not go with ${name}`, `one of ${name}, ${other}`);
  if (oneOf !== undefined && !oneOf.some((name) => children.has(name)))
    complain(inside(cell, undefined, join(cell.path, oneOf[0])), 'is missing', `one of ${oneOf.join(', ')}`);
}

/** All, and the one that was meant, if there is one like it. */
function knownText(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return `${names.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
