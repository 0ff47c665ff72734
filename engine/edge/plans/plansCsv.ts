// The plans of a register as a list for Excel, in the columns that `importPlans` reads: a row a process.

import { type Enterprise, type Level, levels, type Measure, type Register } from '../../schema/register.ts';
import { type CsvEncoding, csvBytes } from './csvFile.ts';
import { planColumns } from './planColumns.ts';

/** Limits are written as what goes, not as what stays. */
const written = planColumns.filter(({ key }) => !key.endsWith('To'));

const creditCodeLength = 18;

export function plansCsv({ enterprises, districts }: Register, encoding: CsvEncoding): Uint8Array {
  const countyOf = new Map(districts.map(({ code, zh }) => [code, zh]));
  const rows = enterprises.flatMap((enterprise) => rowsOf(enterprise, countyOf.get(enterprise.district) ?? enterprise.district));
  return csvBytes([written.map(({ zh }) => zh[0]), ...rows.map((row) => written.map(({ key }) => row[key] ?? ''))], encoding);
}

type Row = Record<string, string | number>;

const truth = (value: boolean | undefined) => (value === true ? '是' : '否');

function rowsOf(enterprise: Enterprise, county: string): Row[] {
  const { id, zh, permit, grade, lon, lat, smallMicro, guarantee, processes, plan } = enterprise;
  const own: Row = { id, name: zh, grade: gradeText(grade), county, lon, lat, smallMicro: truth(smallMicro) };
  own.guarantee = guarantee?.zh ?? '否';
  if (guarantee !== undefined) own.maxLoad = guarantee.maxLoadPct;
  if (permit !== undefined) Object.assign(own, { permit: permit.number, creditCode: permit.number.slice(0, creditCodeLength) });
  const lines: Row[] = processes.map((process) => ({
    ...own,
    process: process.id,
    processName: process.zh,
    emits: truth(process.emits),
  }));
  if (lines.length === 0) lines.push(own);
  for (const [i, line] of lines.entries())
    for (const level of levels) Object.assign(line, cellsOf(plan[level], level, i, line.process));
  return lines;
}

/** What holds for the whole enterprise stands in its first row. */
function cellsOf(measures: readonly Measure[], level: Level, i: number, process: Row[string] | undefined): Row {
  const words: string[] = [];
  const cells: Row = {};
  const measure = process === undefined ? undefined : measures.find((each) => each.process === process);
  if (measure?.action === 'stop') words.push('停产');
  if (measure?.action === 'limit') {
    words.push('限产');
    if (measure.toPct !== undefined) cells[`${level}Cut`] = Math.round((100 - measure.toPct) * 1e6) / 1e6;
  }
  if (i === 0 && measures.some(({ action }) => action === 'transport')) words.push('运输');
  cells[`${level}Action`] = words.length === 0 ? '无' : words.join('+');
  return cells;
}

function gradeText(grade: Enterprise['grade']): string {
  return grade === 'leading' ? '引领性' : grade === 'positive' ? '正面清单' : grade;
}
