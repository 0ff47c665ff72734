// Which enterprise of the register each row of a list of plans is about.

import type { Enterprise, Register } from '../../schema/register.ts';
import { unguarded } from './csvFile.ts';
import { plainCell } from './planCells.ts';
import { identityKeys } from './planColumns.ts';
import type { TellCell } from './planProblem.ts';

export interface Cells {
  /** As Excel counts. */
  readonly row: number;
  readonly cells: readonly string[];
}

/** The rows of one enterprise. */
export interface Group {
  readonly enterprise: Enterprise;
  readonly rows: Cells[];
  /** A row that names it has a problem with who it is. */
  isSpoilt: boolean;
}

export type Columns = ReadonlyMap<string, number>;

/** What stands in a column of ours; '' where there is none. */
export function cellOf({ cells }: Cells, at: Columns, key: string): string {
  const index = at.get(key);
  return index === undefined ? '' : unguarded((cells[index] ?? '').trim());
}

/** By id, in the order in which they first come. */
export function findEnterprises(
  rows: readonly Cells[],
  at: Columns,
  register: Register,
  tell: TellCell,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const find = finder(register);
  let above: Group | undefined;
  for (const row of rows) {
    const named = identityKeys.filter((key) => cellOf(row, at, key) !== '');
    if (row.cells.every((cell) => cell.trim() === '')) {
      above = undefined;
      continue;
    }
    if (named.length === 0) {
      const hasProcess = cellOf(row, at, 'process') !== '' || cellOf(row, at, 'processName') !== '';
      if (above !== undefined && hasProcess) above.rows.push(row);
      else if (hasProcess || hasMeasure(row, at))
        tell(row.row, identityKeys.find((key) => at.has(key)) as string, '', 'the row names no enterprise');
      continue;
    }
    above = found(row, at, named, find, groups, tell);
  }
  return groups;
}

function hasMeasure(row: Cells, at: Columns): boolean {
  return [...at.keys()].some((key) => key.endsWith('Action') && cellOf(row, at, key) !== '');
}

type Find = (key: (typeof identityKeys)[number], value: string) => readonly Enterprise[];

/** Every cell that names it has to name the same one. */
function found(
  row: Cells,
  at: Columns,
  named: readonly (typeof identityKeys)[number][],
  find: Find,
  groups: Map<string, Group>,
  tell: TellCell,
): Group | undefined {
  let enterprise: Enterprise | undefined;
  let isSpoilt = false;
  for (const key of named) {
    const value = cellOf(row, at, key);
    const candidates = find(key, value);
    const one = enterprise === undefined ? undefined : candidates.find(({ id }) => id === enterprise?.id);
    if (one !== undefined) continue;
    if (enterprise !== undefined) {
      tell(row.row, key, value, `not of ${enterprise.id}, which the row names too`, identityOf(enterprise, key));
      isSpoilt = true;
    } else if (candidates.length === 1) enterprise = candidates[0];
    else if (candidates.length === 0) {
      tell(row.row, key, value, 'no such enterprise in the register');
      isSpoilt = true;
    } else if (named.length === 1) {
      tell(row.row, key, value, `${candidates.length} enterprises of the register have that ${key}`, 'its id as well');
      isSpoilt = true;
    }
  }
  if (enterprise === undefined) {
    if (!isSpoilt) tell(row.row, named[0], cellOf(row, at, named[0]), 'several enterprises fit', 'its id as well');
    return undefined;
  }
  const group = groups.get(enterprise.id) ?? { enterprise, rows: [], isSpoilt: false };
  groups.set(enterprise.id, group);
  group.rows.push(row);
  group.isSpoilt ||= isSpoilt;
  return group;
}

function identityOf({ id, zh, permit }: Enterprise, key: string): string {
  if (key === 'id') return id;
  if (key === 'name') return zh;
  return permit?.number ?? 'none: the register has no permit of it';
}

function finder({ enterprises }: Register): Find {
  const tables = { id: new Map(), name: new Map(), creditCode: new Map(), permit: new Map() } as Record<
    (typeof identityKeys)[number],
    Map<string, Enterprise[]>
  >;
  const put = (key: (typeof identityKeys)[number], value: string, enterprise: Enterprise) => {
    const before = tables[key].get(value);
    if (before === undefined) tables[key].set(value, [enterprise]);
    else if (!before.includes(enterprise)) before.push(enterprise);
  };
  for (const enterprise of enterprises) {
    put('id', plainCell(enterprise.id), enterprise);
    for (const name of [enterprise.zh, enterprise.en]) put('name', plainCell(name), enterprise);
    const number = enterprise.permit?.number;
    if (number === undefined) continue;
    put('permit', plainCell(number), enterprise);
    put('creditCode', plainCell(number).slice(0, creditCodeLength), enterprise);
  }
  return (key, value) => tables[key].get(plainCell(value)) ?? [];
}

/** GB 32100: a permit's number is the credit code and a serial number behind it. */
const creditCodeLength = 18;
