// CSV as offices exchange it: read whatever Excel wrote (UTF-8, UTF-16, GB18030), write what Excel opens without asking.

import { parse } from 'csv-parse/sync';
import { encodeGb18030 } from './gb18030.ts';

export const csvEncodings = ['utf-8', 'gb18030'] as const;
/** To write; a file is read as UTF-16 too. */
export type CsvEncoding = (typeof csvEncodings)[number];

export interface CsvText {
  readonly text: string;
  readonly encoding: CsvEncoding | 'utf-16le';
}

const startsWith = (bytes: Uint8Array, ...head: readonly number[]) => head.every((byte, i) => bytes[i] === byte);

function decoded(bytes: Uint8Array, encoding: CsvText['encoding']): CsvText | undefined {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
  } catch {
    return undefined;
  }
}

/**
 * A byte order mark decides; else what is valid UTF-8 is taken for it, and the rest for GB18030. Undefined: none of them, or not
 * what `encoding` says.
 */
export function decodeCsv(bytes: Uint8Array, encoding?: CsvEncoding): CsvText | undefined {
  if (encoding !== undefined) return decoded(bytes, encoding);
  if (startsWith(bytes, 0xff, 0xfe)) return decoded(bytes, 'utf-16le');
  return decoded(bytes, 'utf-8') ?? decoded(bytes, 'gb18030');
}

/** Rows of cells as they stand in the file, blank ones too, so that positions are Excel's. Throws on broken quotes. */
export function csvRows(text: string): readonly (readonly string[])[] {
  return parse(text, { bom: true, delimiter: delimiterOf(text), relax_column_count: true, skip_empty_lines: false });
}

/** Excel's own "Unicode text" has tabs, and some regional settings semicolons. */
function delimiterOf(text: string): string {
  const head = text.slice(0, 4096);
  const count = (delimiter: string) => head.split(delimiter).length;
  return [',', '\t', ';'].reduce((best, each) => (count(each) > count(best) ? each : best));
}

/** A cell that begins like this would be computed when the file is opened. */
const formula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** Texts that would be formulas get an apostrophe in front; `unguarded` takes it off. */
export function guarded(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

export function unguarded(text: string): string {
  return text.startsWith("'") && formula.test(text.slice(1)) ? text.slice(1) : text;
}

/** Lines end with CR LF; UTF-8 has a byte order mark, without which Excel takes it for the system's own. */
export function csvBytes(rows: readonly (readonly (string | number)[])[], encoding: CsvEncoding): Uint8Array {
  const text = rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
  return encoding === 'gb18030' ? encodeGb18030(text) : new TextEncoder().encode(`\ufeff${text}`);
}

/** Numbers are ours and stay numbers, signs too. */
function cellText(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = guarded(value);
  return /[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
