// A YAML text as a described document: read and checked, with line and column of what is wrong.

import { type Document, isMap, LineCounter, type Node, parseDocument } from 'yaml';
import { shown } from '../../engine/schema/problem.ts';
import type { FileProblem } from '../fileProblem.ts';
import { type Context, type Define, type Field, type JsonSchema, maskedDraws } from './fields.ts';

export interface Reading<T> {
  /** Only when there is no problem. */
  readonly value?: T;
  readonly problems: readonly FileProblem[];
}

/** What the text should be, for messages: `scenario`, and the keys that it begins with. */
export interface Wanted {
  readonly name: string;
  readonly keys: string;
}

/** Far above any file that people write; one that is none is not taken apart. */
const textMax = 1_000_000;

/** Never throws. */
export function readYaml<T>(field: Field<T>, source: string, file: string, wanted: Wanted): Reading<T> {
  const text = maskedDraws(source);
  if (text.length > textMax)
    return { problems: [{ file, message: `too long for a ${wanted.name}`, allowed: `up to ${textMax} characters` }] };
  const lineCounter = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter });
  } catch (error) {
    // The parser recurses, so that very deep nesting ends its stack.
    return { problems: [{ file, message: `not readable as YAML: ${(error as Error).message}` }] };
  }
  if (document.errors.length > 0)
    return {
      problems: document.errors.map(({ linePos, message }) => ({
        file,
        line: linePos?.[0].line,
        column: linePos?.[0].col,
        message: message.split('\n', 1)[0],
      })),
    };
  return readDocument(field, document, { text, file, lineCounter, wanted });
}

interface Parsed {
  readonly text: string;
  readonly file: string;
  readonly lineCounter: LineCounter;
  readonly wanted: Wanted;
}

function readDocument<T>(field: Field<T>, document: Document.Parsed, parsed: Parsed): Reading<T> {
  const { text, file, lineCounter, wanted } = parsed;
  const problems: FileProblem[] = [];
  const placeOf: Context['placeOf'] = (node) => {
    const { line, col } = lineCounter.linePos(node?.range?.[0] ?? 0);
    return { line, column: col };
  };
  const context: Context = {
    document,
    text,
    placeOf,
    report(node, message, value, allowed) {
      context.problems += 1;
      problems.push({ file, ...placeOf(node), message, value, allowed });
    },
    problems: 0,
    durationMs: Number.POSITIVE_INFINITY,
    ids: new Map(),
  };
  const root = document.contents as Node | null;
  if (!isMap(root)) {
    context.report(root ?? undefined, `not a ${wanted.name}`, shown(text.slice(0, 40)), `a map with ${wanted.keys}`);
    return { problems };
  }
  const value = field.read({ node: root, path: '', around: root, context });
  return value === undefined || problems.length > 0 ? { problems } : { value, problems };
}

/** JSON Schema (draft 7) of a whole document: never stricter than the reader. */
export function documentSchema(field: Field<unknown>, title: string, description: string): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const define: Define = (name, schema) => {
    definitions[name] ??= schema();
    return { $ref: `#/definitions/${name}` };
  };
  return { $schema: 'http://json-schema.org/draft-07/schema#', title, description, ...field.schema(define), definitions };
}

/** What stands behind `schema:` at the start of a line; undefined: nothing. Good enough to choose a reader. */
export function schemaOfText(text: string): string | undefined {
  return /^schema:\s*["']?([^\s"'#]+)/m.exec(text)?.[1];
}
