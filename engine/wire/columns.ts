// Reads the columns format: one MessagePack map of typed-array columns per binary frame (wire/README.md).

import { catalog, isKind, type Kind } from '../schema/catalog.ts';
import { type Problem, type ProblemCode, shown } from '../schema/problem.ts';
import { type Decoded, type Frame, isSeq } from './frame.ts';
import { tooLarge, type WireLimits } from './limits.ts';
import { MsgpackError, MsgpackReader } from './msgpackReader.ts';
import { sourcesCache } from './sourcesCache.ts';

export interface ColumnsDecoder {
  /** Never throws; makes nothing larger than the frame itself. A frame is taken whole or refused whole. */
  decode(bytes: Uint8Array): Decoded;
}

/** Fields of a frame that have been read, as they came. */
interface Parts {
  version?: number;
  kind?: string;
  seq?: number;
  periodMs: number;
  sources?: readonly string[];
  source?: Uint8Array;
  time?: Uint8Array;
  values: [name: string, bytes: Uint8Array][];
  marks: [name: string, bytes: Uint8Array][];
  id?: readonly string[];
  text: [name: string, texts: readonly string[]][];
}

/** Internal: carries a problem out of the reading. */
class Refused extends Error {
  readonly problem: Problem;
  constructor(code: ProblemCode, message: string, more: Partial<Problem> = {}) {
    super(message);
    this.problem = { code, message, ...more };
  }
}

const fields = 'v, kind, seq, periodMs, sources, source, time, values, marks, id, text';

/** One per feed: it keeps the lists of sources, because most frames of a feed repeat one byte for byte. */
export function columnsDecoder(limits: WireLimits): ColumnsDecoder {
  const cache = sourcesCache(limits.frameBytesMax);

  function readSources(reader: MsgpackReader): readonly string[] {
    const from = reader.at;
    const known = cache.find(reader.bytes, from);
    if (known !== undefined) {
      reader.at = from + known.length;
      return known.sources;
    }
    const size = reader.arraySize();
    if (size > limits.sourcesMax) {
      throw new Refused('too-many-sources', `The frame names ${size} sources.`, {
        field: 'sources',
        value: String(size),
        allowed: `at most ${limits.sourcesMax}`,
      });
    }
    const sources: string[] = [];
    for (let i = 0; i < size; i++) sources.push(sourceName(reader.text(limits.idLengthMax), limits));
    cache.put(reader.bytes.subarray(from, reader.at), sources);
    return sources;
  }

  function readTexts(reader: MsgpackReader, lengthMax: number): string[] {
    const size = reader.arraySize();
    if (size > limits.rowsMax) throw tooManyRows(size, limits);
    const texts: string[] = [];
    for (let i = 0; i < size; i++) texts.push(reader.text(lengthMax));
    return texts;
  }

  /** Into `parts`, as far as it can be read. */
  function readParts(bytes: Uint8Array, parts: Parts): void {
    const reader = new MsgpackReader(bytes);
    const size = reader.mapSize();
    for (let i = 0; i < size; i++) {
      const field = reader.text(64);
      switch (field) {
        case 'v':
          parts.version = reader.number();
          break;
        case 'kind':
          parts.kind = reader.text(64);
          break;
        case 'seq':
          parts.seq = reader.number();
          break;
        case 'periodMs':
          parts.periodMs = reader.number();
          break;
        case 'sources':
          parts.sources = readSources(reader);
          break;
        case 'source':
          parts.source = reader.bin();
          break;
        case 'time':
          parts.time = reader.bin();
          break;
        case 'values':
        case 'marks': {
          const columns = reader.mapSize();
          for (let c = 0; c < columns; c++) parts[field].push([reader.text(64), reader.bin()]);
          break;
        }
        case 'id':
          parts.id = readTexts(reader, limits.textLengthMax);
          break;
        case 'text': {
          const columns = reader.mapSize();
          for (let c = 0; c < columns; c++) parts.text.push([reader.text(64), readTexts(reader, limits.textLengthMax)]);
          break;
        }
        default:
          throw new Refused('unknown-field', `The frame has an unknown field "${shown(field)}".`, {
            field: shown(field),
            allowed: fields,
          });
      }
    }
    if (!reader.isAtEnd) reader.fail('bytes follow the map');
  }

  return {
    decode(bytes) {
      const parts: Parts = { periodMs: 0, values: [], marks: [], text: [] };
      const isTooLarge = bytes.length > limits.frameBytesMax;
      try {
        readParts(bytes, parts);
        if (!isTooLarge) return { frames: [frameOf(parts, limits)], problems: [], rowsRefused: 0 };
        return refused(tooLarge(bytes.length, limits), parts);
      } catch (error) {
        return refused(isTooLarge ? tooLarge(bytes.length, limits) : problemOf(error), parts);
      }
    },
  };
}

/** Its number and its rows are known when they were read before it went wrong. */
function refused(problem: Problem, { kind, seq, time }: Parts): Decoded {
  const rows = time === undefined || time.length % 8 !== 0 ? 0 : time.length / 8;
  return {
    frames: [],
    problems: [{ ...problem, rows, ...(isKind(kind) ? { kind } : {}) }],
    rowsRefused: rows,
    isRefused: true,
    ...(isSeq(seq) ? { seq } : {}),
  };
}

function problemOf(error: unknown): Problem {
  if (error instanceof Refused) return error.problem;
  if (error instanceof MsgpackError) {
    return {
      code: 'bad-msgpack',
      message: `The frame is not the MessagePack map it should be: ${error.message} (byte ${error.at}).`,
      allowed: 'see engine/wire/README.md',
    };
  }
  throw error;
}

function sourceName(name: string, limits: WireLimits): string {
  if (name.length > 0 && name.length <= limits.idLengthMax) return name;
  throw new Refused('bad-source', 'A source id is empty or too long.', {
    field: 'sources',
    value: shown(name),
    allowed: `1 to ${limits.idLengthMax} characters`,
  });
}

function knownKind(kind: string): Kind {
  if (isKind(kind)) return kind;
  throw new Refused('unknown-kind', `There is no kind "${shown(kind)}".`, {
    field: 'kind',
    value: shown(kind),
    allowed: Object.keys(catalog).join(', '),
  });
}

function tooManyRows(rows: number, limits: WireLimits): Refused {
  return new Refused('too-many-rows', `The frame has ${rows} rows.`, {
    field: 'time',
    value: String(rows),
    allowed: `at most ${limits.rowsMax}`,
  });
}

function missing(field: string): Refused {
  return new Refused('bad-frame', `The frame has no "${field}".`, { field, allowed: fields });
}

/** Checks the parts against each other and copies the columns out of the frame. */
function frameOf(parts: Parts, limits: WireLimits): Frame {
  if (parts.version !== 1)
    throw new Refused('bad-version', `The frame's version is ${shown(parts.version)}.`, {
      field: 'v',
      value: shown(parts.version),
      allowed: '1',
    });
  const { sources } = parts;
  if (parts.kind === undefined) throw missing('kind');
  const kind = knownKind(parts.kind);
  if (sources === undefined) throw missing('sources');
  if (parts.source === undefined) throw missing('source');
  if (parts.time === undefined) throw missing('time');
  if (parts.time.length % 8 !== 0) throw wrongLength('time', parts.time.length, 'a multiple of 8 bytes (f64)');
  const rows = parts.time.length / 8;
  if (rows > limits.rowsMax) throw tooManyRows(rows, limits);
  if (parts.seq !== undefined && !isSeq(parts.seq)) {
    throw new Refused('bad-type', 'The frame number is not a whole number.', {
      field: 'seq',
      value: shown(parts.seq),
      allowed: 'a whole number from 0',
    });
  }
  if (!(Number.isSafeInteger(parts.periodMs) && parts.periodMs >= 0)) {
    throw new Refused('bad-period', 'The period is not a whole number of ms.', {
      field: 'periodMs',
      value: shown(parts.periodMs),
      allowed: 'a whole number from 0',
    });
  }
  const time = floats(parts.time, rows, 'time') as Float64Array;
  checkTimes(time);
  const source = indices(parts.source, rows);
  checkSources(source, sources.length);
  const marks = parts.marks.map(([name, bytes]) => [metricName(kind, name), markColumn(bytes, rows, name)] as const);
  return {
    kind,
    seq: parts.seq,
    rows,
    periodMs: parts.periodMs,
    sources,
    source,
    time,
    values: Object.fromEntries(parts.values.map(([name, bytes]) => [metricName(kind, name), floats(bytes, rows, name)])),
    ...(marks.length > 0 ? { marks: Object.fromEntries(marks) } : {}),
    ...ids(kind, parts, rows, limits),
    ...(parts.text.length > 0 ? { text: texts(kind, parts.text, rows) } : {}),
  };
}

function wrongLength(field: string, bytes: number, allowed: string): Refused {
  return new Refused('bad-length', `The column "${field}" has ${bytes} bytes.`, { field, value: String(bytes), allowed });
}

function floats(bytes: Uint8Array, rows: number, field: string): Float32Array | Float64Array {
  if (bytes.length === rows * 8) {
    const column = new Float64Array(rows);
    new Uint8Array(column.buffer).set(bytes);
    return column;
  }
  if (bytes.length !== rows * 4)
    throw wrongLength(field, bytes.length, `${rows * 4} (f32) or ${rows * 8} (f64) for ${rows} rows`);
  const column = new Float32Array(rows);
  new Uint8Array(column.buffer).set(bytes);
  return column;
}

function indices(bytes: Uint8Array, rows: number): Uint16Array | Uint32Array {
  if (bytes.length !== rows * 2 && bytes.length !== rows * 4)
    throw wrongLength('source', bytes.length, `${rows * 2} (u16) or ${rows * 4} (u32) for ${rows} rows`);
  const column = bytes.length === rows * 2 ? new Uint16Array(rows) : new Uint32Array(rows);
  new Uint8Array(column.buffer).set(bytes);
  return column;
}

function markColumn(bytes: Uint8Array, rows: number, field: string): Uint8Array {
  if (bytes.length !== rows) throw wrongLength(`marks.${field}`, bytes.length, `${rows} for ${rows} rows`);
  return new Uint8Array(bytes); // a copy: slice() of a Buffer would be a view of the frame
}

function checkTimes(time: Float64Array): void {
  for (let row = 0; row < time.length; row++) {
    if (!Number.isFinite(time[row]))
      throw new Refused('bad-time', 'A time is not a number.', {
        field: 'time',
        value: String(time[row]),
        allowed: 'epoch ms',
        row,
      });
  }
}

function checkSources(source: Uint16Array | Uint32Array, count: number): void {
  for (let row = 0; row < source.length; row++) {
    if (source[row] >= count) {
      throw new Refused('bad-source', 'A row points behind the list of sources.', {
        field: 'source',
        value: String(source[row]),
        allowed: `0 to ${count - 1}`,
        row,
      });
    }
  }
}

function metricName(kind: Kind, name: string): string {
  if (catalog[kind].metrics.some((metric) => metric.id === name)) return name;
  throw new Refused('unknown-metric', `The kind ${kind} has no metric "${shown(name)}".`, {
    field: shown(name),
    allowed: catalog[kind].metrics.map((metric) => metric.id).join(', '),
  });
}

function ids(kind: Kind, parts: Parts, rows: number, limits: WireLimits): { id?: readonly string[] } {
  const needed = catalog[kind].event && kind !== 'forecast';
  if (parts.id === undefined) {
    if (needed && rows > 0)
      throw new Refused('missing-id', `Rows of the kind ${kind} need an id.`, { field: 'id', allowed: 'one text per row' });
    return {};
  }
  if (parts.id.length !== rows) throw wrongLength('id', parts.id.length, `${rows} texts`);
  const bad = parts.id.findIndex((id) => id.length === 0 || id.length > limits.idLengthMax);
  if (bad >= 0)
    throw new Refused('missing-id', 'An id is empty or too long.', {
      field: 'id',
      value: shown(parts.id[bad]),
      allowed: `1 to ${limits.idLengthMax} characters`,
      row: bad,
    });
  return { id: parts.id };
}

function texts(kind: Kind, columns: Parts['text'], rows: number): Record<string, readonly string[]> {
  for (const [name, column] of columns) {
    if (!catalog[kind].text.includes(name)) {
      throw new Refused('unknown-field', `The kind ${kind} has no text "${shown(name)}".`, {
        field: shown(name),
        allowed: catalog[kind].text.join(', ') || 'none',
      });
    }
    if (column.length !== rows) throw wrongLength(`text.${name}`, column.length, `${rows} texts`);
  }
  return Object.fromEntries(columns);
}
