// The JSON format: one row, an array of rows, or { kind, seq, rows } per text frame, for single devices and people.

import { catalog, isKind, type Kind } from '../schema/catalog.ts';
import { type Problem, type ProblemCode, shown } from '../schema/problem.ts';
import { type Decoded, type Frame, isSeq } from './frame.ts';
import type { WireLimits } from './limits.ts';

const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;
const plainFields = new Set(['kind', 'source', 'time', 'periodMs', 'id', 'marks']);

type Cells = Record<string, unknown>;

/** Never throws. Bad rows become problems; the others go on. */
export function decodeJson(text: string, limits: WireLimits): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused('bad-json', `The frame is not JSON: ${(error as Error).message.slice(0, 120)}.`, {
      value: shown(text),
      allowed: 'a row, an array of rows, or {"kind":…,"rows":[…]}',
    });
  }
  return decodeJsonValue(value, limits);
}

/** The same for a value that has been parsed already. */
export function decodeJsonValue(value: unknown, limits: WireLimits): Decoded {
  if (Array.isArray(value)) return decodeRows(value, undefined, undefined, limits);
  if (!isCells(value))
    return refused('bad-type', 'The frame is neither a row nor an array of rows.', {
      value: shown(value),
      allowed: 'an object or an array',
    });
  if (Object.hasOwn(value, 'rows')) return decodeEnvelope(value, limits);
  return decodeRows([value], undefined, undefined, limits);
}

function decodeEnvelope(value: Cells, limits: WireLimits): Decoded {
  const { rows, seq, kind } = value;
  if (!Array.isArray(rows))
    return refused(
      'bad-type',
      '"rows" is not an array.',
      { field: 'rows', value: shown(rows), allowed: 'an array of rows' },
      0,
      seq,
    );
  if (seq !== undefined && !isSeq(seq)) {
    const allowed = 'a whole number from 0';
    return refused(
      'bad-type',
      'The frame number is not a whole number.',
      { field: 'seq', value: shown(seq), allowed },
      rows.length,
    );
  }
  return decodeRows(rows, kind, seq, limits);
}

function refused(code: ProblemCode, message: string, more: Partial<Problem> = {}, rows = 0, seq?: unknown): Decoded {
  return {
    frames: [],
    problems: [{ code, message, ...more, rows }],
    rowsRefused: rows,
    isRefused: true,
    ...(isSeq(seq) ? { seq } : {}),
  };
}

/** What there is in a value that is refused as it stands. */
export function refusedWhole(value: unknown, { code, message, ...more }: Problem): Decoded {
  const rows = isCells(value) && Object.hasOwn(value, 'rows') ? value.rows : value;
  const count = Array.isArray(rows) ? rows.length : isCells(rows) ? 1 : 0;
  return refused(code, message, more, count, isCells(value) ? value.seq : undefined);
}

function isCells(value: unknown): value is Cells {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Good {
  readonly kind: Kind;
  readonly periodMs: number;
  readonly source: string;
  readonly timeMs: number;
  readonly cells: Cells;
}

function decodeRows(rows: readonly unknown[], kind: unknown, seq: number | undefined, limits: WireLimits): Decoded {
  if (rows.length > limits.rowsMax) {
    return refused(
      'too-many-rows',
      `The frame has ${rows.length} rows.`,
      { field: 'rows', value: String(rows.length), allowed: `at most ${limits.rowsMax}` },
      rows.length,
      seq,
    );
  }
  const problems: Problem[] = [];
  const frames: Frame[] = [];
  let group: Good[] = [];
  const close = () => {
    if (group.length > 0) frames.push(frameOf(group, seq));
    group = [];
  };
  for (let row = 0; row < rows.length; row++) {
    const checked = checkRow(rows[row], kind, limits);
    if ('code' in checked) problems.push({ ...checked, row, rows: 1, ...knownOf(rows[row], kind, limits) });
    else {
      if (group.length > 0 && (group[0].kind !== checked.kind || group[0].periodMs !== checked.periodMs)) close();
      group.push(checked);
    }
  }
  close();
  return {
    frames,
    problems,
    rowsRefused: problems.length,
    ...(frames.length === 0 && seq !== undefined ? { seq } : {}),
  };
}

/** What can be read of a row that is refused, so that it can be found again. */
function knownOf(row: unknown, frameKind: unknown, limits: WireLimits): Pick<Problem, 'kind' | 'source' | 'eventMs'> {
  if (!isCells(row)) return isKind(frameKind) ? { kind: frameKind } : {};
  const kind = row.kind ?? frameKind;
  const { source } = row;
  const eventMs = timeOf(row.time);
  return {
    ...(isKind(kind) ? { kind } : {}),
    ...(typeof source === 'string' && source !== '' && source.length <= limits.idLengthMax ? { source } : {}),
    ...(Number.isNaN(eventMs) ? {} : { eventMs }),
  };
}

function checkRow(row: unknown, frameKind: unknown, limits: WireLimits): Good | Problem {
  if (!isCells(row))
    return {
      code: 'bad-type',
      message: 'A row is not an object.',
      value: shown(row),
      allowed: '{"kind":…,"source":…,"time":…,…}',
    };
  const kind = row.kind ?? frameKind;
  if (!isKind(kind))
    return {
      code: 'unknown-kind',
      message: `There is no kind ${shown(kind)}.`,
      field: 'kind',
      value: shown(kind),
      allowed: Object.keys(catalog).join(', '),
    };
  const { source } = row;
  if (typeof source !== 'string' || source === '' || source.length > limits.idLengthMax) {
    return {
      code: 'bad-source',
      message: 'The source is not an id.',
      field: 'source',
      value: shown(source),
      allowed: `a text of 1 to ${limits.idLengthMax} characters`,
    };
  }
  const timeMs = timeOf(row.time);
  if (Number.isNaN(timeMs)) {
    return {
      code: 'bad-time',
      message: 'The time cannot be read.',
      field: 'time',
      value: shown(row.time),
      allowed: 'ISO 8601 with offset (2026-01-05T08:00:00+08:00) or epoch ms',
    };
  }
  const periodMs = row.periodMs ?? 0;
  if (!Number.isSafeInteger(periodMs) || (periodMs as number) < 0) {
    return {
      code: 'bad-period',
      message: 'The period is not a whole number of ms.',
      field: 'periodMs',
      value: shown(periodMs),
      allowed: 'a whole number from 0',
    };
  }
  return checkCells(row, kind, limits) ?? { kind, periodMs: periodMs as number, source, timeMs, cells: row };
}

function timeOf(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  return typeof value === 'string' && timePattern.test(value) ? Date.parse(value) : Number.NaN;
}

const fieldTypes = new Map(
  Object.values(catalog).map((spec) => [
    spec.kind,
    new Map([
      ...spec.metrics.map((metric) => [metric.id, 'metric'] as const),
      ...spec.text.map((name) => [name, 'text'] as const),
    ]),
  ]),
);

function checkCells(row: Cells, kind: Kind, limits: WireLimits): Problem | undefined {
  const types = fieldTypes.get(kind) as Map<string, 'metric' | 'text'>;
  for (const field of Object.keys(row)) {
    const cell = row[field];
    const type = types.get(field);
    if (type === 'metric') {
      if (typeof cell !== 'number' && cell !== null)
        return {
          code: 'bad-value',
          message: `The value of ${field} is not a number.`,
          field,
          value: shown(cell),
          allowed: 'a number, or null for a gap',
        };
    } else if (type === 'text') {
      if (typeof cell !== 'string' || cell.length > limits.textLengthMax)
        return {
          code: 'bad-value',
          message: `${field} is not a text.`,
          field,
          value: shown(cell),
          allowed: `a text of at most ${limits.textLengthMax} characters`,
        };
    } else if (!plainFields.has(field)) {
      return {
        code: 'unknown-field',
        message: `The kind ${kind} has no field "${shown(field)}".`,
        field: shown(field),
        allowed: [...plainFields, ...types.keys()].join(', '),
      };
    }
  }
  if (catalog[kind].event && kind !== 'forecast') {
    if (typeof row.id !== 'string' || row.id === '' || row.id.length > limits.idLengthMax) {
      return {
        code: 'missing-id',
        message: `Rows of the kind ${kind} need an id.`,
        field: 'id',
        value: shown(row.id),
        allowed: `a text of 1 to ${limits.idLengthMax} characters`,
      };
    }
  }
  return row.marks === undefined ? undefined : checkMarks(row.marks, types);
}

function checkMarks(marks: unknown, types: ReadonlyMap<string, string>): Problem | undefined {
  if (!isCells(marks))
    return {
      code: 'bad-type',
      message: 'The marks are not an object.',
      field: 'marks',
      value: shown(marks),
      allowed: '{"pm25":"N"}',
    };
  for (const [metric, mark] of Object.entries(marks)) {
    if (types.get(metric) !== 'metric')
      return {
        code: 'unknown-metric',
        message: `There is no metric "${shown(metric)}" to mark.`,
        field: 'marks',
        value: shown(metric),
        allowed: [...types.keys()].join(', '),
      };
    if (typeof mark !== 'string' || !/^[A-Za-z]$/.test(mark))
      return {
        code: 'bad-value',
        message: 'A mark is one letter.',
        field: `marks.${metric}`,
        value: shown(mark),
        allowed: 'N M C D F T B',
      };
  }
  return undefined;
}

/** Rows of one kind and one period, as columns. */
function frameOf(rows: readonly Good[], seq: number | undefined): Frame {
  const { kind, periodMs } = rows[0];
  const spec = catalog[kind];
  const positions = new Map<string, number>();
  const source = new Uint32Array(rows.length);
  const time = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const name = rows[i].source;
    let position = positions.get(name);
    if (position === undefined) {
      position = positions.size;
      positions.set(name, position);
    }
    source[i] = position;
    time[i] = rows[i].timeMs;
  }
  const values: Record<string, Float64Array> = {};
  for (const { id } of spec.metrics) {
    if (!rows.some(({ cells }) => cells[id] !== undefined)) continue;
    const column = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const cell = rows[i].cells[id];
      column[i] = typeof cell === 'number' ? cell : Number.NaN;
    }
    values[id] = column;
  }
  const marks = rows.some(({ cells }) => cells.marks !== undefined) ? markColumns(spec.metrics, rows) : undefined;
  return {
    kind,
    seq,
    rows: rows.length,
    periodMs,
    sources: [...positions.keys()],
    source,
    time,
    values,
    ...(marks === undefined ? {} : { marks }),
    ...(spec.event && kind !== 'forecast' ? { id: rows.map(({ cells }) => cells.id as string) } : {}),
    ...(spec.text.length > 0
      ? {
          text: Object.fromEntries(
            spec.text.map((name) => [name, rows.map(({ cells }) => (cells[name] as string | undefined) ?? '')]),
          ),
        }
      : {}),
  };
}

function markColumns(metrics: readonly { readonly id: string }[], rows: readonly Good[]): Record<string, Uint8Array> {
  const columns: Record<string, Uint8Array> = {};
  for (const { id } of metrics) {
    const column = new Uint8Array(rows.length);
    let isUsed = false;
    for (let i = 0; i < rows.length; i++) {
      const mark = (rows[i].cells.marks as Record<string, string> | undefined)?.[id];
      if (mark === undefined) continue;
      column[i] = mark.charCodeAt(0);
      isUsed = true;
    }
    if (isUsed) columns[id] = column;
  }
  return columns;
}

/** A frame as JSON text: `{ kind, seq, rows }`. */
export function encodeJson(frame: Frame): string {
  const rows = Array.from({ length: frame.rows }, (_, row) => jsonRow(frame, row));
  return JSON.stringify({ kind: frame.kind, seq: frame.seq, rows });
}

/** One row of a frame as the plain object that travels. */
export function jsonRow(frame: Frame, row: number): Cells {
  const cells: Cells = { kind: frame.kind, source: frame.sources[frame.source[row]], time: frame.time[row] };
  if (frame.periodMs !== 0) cells.periodMs = frame.periodMs;
  if (frame.id !== undefined) cells.id = frame.id[row];
  for (const [metric, column] of Object.entries(frame.values)) cells[metric] = Number.isNaN(column[row]) ? null : column[row];
  for (const [name, column] of Object.entries(frame.text ?? {})) cells[name] = column[row];
  const marks = Object.entries(frame.marks ?? {}).filter(([, column]) => column[row] !== 0);
  if (marks.length > 0)
    cells.marks = Object.fromEntries(marks.map(([metric, column]) => [metric, String.fromCharCode(column[row])]));
  return cells;
}
