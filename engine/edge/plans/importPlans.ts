// A list of plans (一厂一策, 减排清单) as the offices keep it in Excel, saved as CSV, into the plans of a register.
//
// One row a process, or a row an enterprise (then its measure is of all its processes that emit). Rows above the header (a title)
// are passed over; where the enterprise's cells are blank (merged cells) and a process stands in the row, it is the enterprise above.
// An enterprise of the list gets the whole plan of the list, for the levels whose columns the list has. Grade, small and micro,
// guarantee and emits are taken where they are filled; county and coordinates only have to agree with the register. Columns and what
// may stand in them: `planColumns.ts`, `lantian plan import --help`.

import { planProblemsOf } from '../../domain/curtailment/rules.ts';
import type { Enterprise, Register } from '../../schema/register.ts';
import { type CsvEncoding, type CsvText, csvRows, decodeCsv } from './csvFile.ts';
import { columnKey, columnLetter, identityKeys, planColumns } from './planColumns.ts';
import { type Cells, findEnterprises } from './planIdentity.ts';
import type { PlanFileProblem, TellCell } from './planProblem.ts';
import { type PlanDraft, readPlan } from './planRows.ts';

export interface PlanImport {
  readonly encoding?: CsvText['encoding'];
  /** All of the register, with the plans that were taken; undefined: nothing was. */
  readonly enterprises?: readonly Enterprise[];
  /** Ids of enterprises whose plan was taken, or was left out for its problems. */
  readonly taken: readonly string[];
  readonly left: readonly string[];
  /** `E-0001: grade C → B`. */
  readonly changes: readonly string[];
  readonly problems: readonly PlanFileProblem[];
  /** Headers that are not ours. */
  readonly ignored: readonly string[];
  /** Rows with an enterprise. */
  readonly rows: number;
}

export interface ImportOptions {
  /** Absent: told from the bytes. */
  readonly encoding?: CsvEncoding;
  /** Take the enterprises without problems though others have some. */
  readonly isPartly?: boolean;
}

const bytesMax = 64 * 1024 * 1024;
const rowsMax = 200_000;
/** Titles above the header. */
const headerWithin = 20;

export function importPlans(
  bytes: Uint8Array,
  register: Register,
  { encoding, isPartly = false }: ImportOptions = {},
): PlanImport {
  const nothing = (problem: PlanFileProblem): PlanImport => ({
    taken: [],
    left: [],
    changes: [],
    problems: [problem],
    ignored: [],
    rows: 0,
  });
  if (bytes.length > bytesMax)
    return nothing({ row: 1, message: 'the file is too large', value: `${bytes.length} bytes`, allowed: `up to ${bytesMax}` });
  const read = decodeCsv(bytes, encoding);
  if (read === undefined)
    return nothing({
      row: 1,
      message: 'the text cannot be read',
      allowed: encoding ?? 'UTF-8, GB18030 or UTF-16 (Excel: save as CSV)',
    });
  const file = rowsOf(read.text);
  if ('message' in file) return nothing(file);
  const table = tableOf(file.rows);
  if ('message' in table) return nothing(table);
  return { encoding: read.encoding, ...taken(table, register, isPartly) };
}

function rowsOf(text: string): { readonly rows: readonly (readonly string[])[] } | PlanFileProblem {
  let rows: readonly (readonly string[])[];
  try {
    rows = csvRows(text);
  } catch (error) {
    const { lines = 1, message } = error as { lines?: number; message: string };
    return { row: lines, message: `not CSV: ${message}`, allowed: 'a list saved from Excel as CSV' };
  }
  if (rows.length <= rowsMax) return { rows };
  return { row: rowsMax + 1, message: 'too many rows', value: String(rows.length), allowed: `up to ${rowsMax}` };
}

interface Table {
  /** Position of each of our columns. */
  readonly at: ReadonlyMap<string, number>;
  readonly header: readonly string[];
  readonly ignored: readonly string[];
  readonly rows: readonly Cells[];
}

function tableOf(rows: readonly (readonly string[])[]): Table | PlanFileProblem {
  const headerAt = rows.slice(0, headerWithin).findIndex((cells) => {
    const keys = new Set(cells.map(columnKey));
    return identityKeys.some((key) => keys.has(key)) && [...keys].some((key) => key?.endsWith('Action'));
  });
  if (headerAt < 0) {
    const needed = (keys: readonly string[]) =>
      planColumns.filter(({ key }) => keys.includes(key)).map(({ zh, en }) => `${zh[0]} (${en[0]})`);
    return {
      row: 1,
      message: `no header in the first ${headerWithin} rows`,
      value: rows[0]?.join(',').slice(0, 80) ?? '',
      allowed: `one of ${needed(identityKeys).join(', ')} and one of ${needed(['yellowAction', 'orangeAction', 'redAction']).join(', ')}`,
    };
  }
  const header = rows[headerAt].map((name) => name.trim());
  const at = new Map<string, number>();
  for (const [i, name] of header.entries()) {
    const key = columnKey(name);
    if (key === undefined) continue;
    if (at.has(key))
      return {
        row: headerAt + 1,
        column: name,
        letter: columnLetter(i),
        message: 'the column is there twice',
        value: header[at.get(key) as number],
        allowed: 'once',
      };
    at.set(key, i);
  }
  return {
    at,
    header,
    ignored: header.filter((name) => name !== '' && columnKey(name) === undefined),
    rows: rows.slice(headerAt + 1).map((cells, i) => ({ row: headerAt + 2 + i, cells })),
  };
}

function taken({ at, header, ignored, rows }: Table, register: Register, isPartly: boolean): Omit<PlanImport, 'encoding'> {
  const problems: PlanFileProblem[] = [];
  const tell: TellCell = (row, column, value, message, allowed) => {
    const index = at.get(column);
    const place = index === undefined ? {} : { column: header[index], letter: columnLetter(index) };
    const what = allowed ?? planColumns.find(({ key }) => key === column)?.allowed;
    problems.push({ row, ...place, message, value: value.slice(0, 80), ...(what === undefined ? {} : { allowed: what }) });
  };
  const groups = findEnterprises(rows, at, register, tell);
  const plans = new Map<string, PlanDraft>();
  const left: string[] = [];
  for (const group of groups.values()) {
    const before = problems.length;
    const draft = readPlan(group, at, register, tell);
    for (const { code, level, process, becomes, value, allowed } of planProblemsOf(draft.enterprise)) {
      const cell = draft.cellOf(level, process);
      // What the list does not say was in the register before: `lantian plan check` tells of it.
      if (cell === undefined) continue;
      const end =
        becomes === 'nothing' ? ': it would become no order' : becomes === 'certified-load' ? ': it would be raised to that' : '';
      tell(cell.row, cell.column, value, `${draft.enterprise.id} ${process ?? ''}: breaks the rule ${code}${end}`, allowed);
    }
    if (problems.length > before || group.isSpoilt) left.push(draft.enterprise.id);
    else plans.set(draft.enterprise.id, draft);
  }
  problems.sort((a, b) => a.row - b.row);
  const isTaken = plans.size > 0 && (problems.length === 0 || isPartly);
  return {
    ...(isTaken ? { enterprises: register.enterprises.map((each) => plans.get(each.id)?.enterprise ?? each) } : {}),
    taken: isTaken ? [...plans.keys()] : [],
    left,
    changes: isTaken ? [...plans.values()].flatMap(({ changes }) => changes) : [],
    problems,
    ignored,
    rows: [...groups.values()].reduce((sum, group) => sum + group.rows.length, 0),
  };
}
