// The rows of one enterprise in a list of plans, as the enterprise with its new plan.

import { distanceKm } from '../../domain/geo.ts';
import {
  type Enterprise,
  type EnterpriseProcess,
  type Level,
  levels,
  type Measure,
  type Register,
} from '../../schema/register.ts';
import { type AskedMeasures, gradeOf, measuresOf, percentOf, plainCell, truthOf } from './planCells.ts';
import { type Cells, type Columns, cellOf, type Group } from './planIdentity.ts';
import type { TellCell } from './planProblem.ts';

export interface PlanDraft {
  readonly enterprise: Enterprise;
  /** What else of the enterprise became other. */
  readonly changes: readonly string[];
  /** The cell that a measure came from, or should have; undefined: the list has nothing of the level. */
  cellOf(level: Level, process: string | undefined): { readonly row: number; readonly column: string } | undefined;
}

/** The same plant, and not another of its name: surveys and other coordinates than WGS-84 differ by less [P]. */
const placeWithinKm = 5;

export function readPlan({ enterprise, rows }: Group, at: Columns, register: Register, tell: TellCell): PlanDraft {
  const reader: Reader = { enterprise, at, tell };
  for (const row of rows) checkPlace(reader, row, register);
  const grade = common(reader, rows, 'grade', gradeOf) ?? enterprise.grade;
  const smallMicro = common(reader, rows, 'smallMicro', truthOf) ?? enterprise.smallMicro;
  const guarantee = guaranteeOf(reader, rows);
  const named = rows.map((row) => ({ row, process: processOf(reader, row) }));
  const processes = enterprise.processes.map((process) => {
    const own = named.filter((each) => each.process === process).map(({ row }) => row);
    const emits = common(reader, own, 'emits', truthOf) ?? process.emits;
    return emits === process.emits ? process : { ...process, emits };
  });
  const cells = new Map<string, { row: number; column: string }>();
  const plan = { ...enterprise.plan };
  for (const level of levels) if (at.has(`${level}Action`)) plan[level] = levelPlan(reader, named, level, processes, cells);
  const { smallMicro: _, guarantee: __, ...rest } = enterprise;
  const made: Enterprise = {
    ...rest,
    grade,
    ...(smallMicro === true ? { smallMicro } : {}),
    ...(guarantee === undefined ? {} : { guarantee }),
    processes,
    plan,
  };
  const placeOf = (level: Level, process: string | undefined) => {
    const column = `${level}Action`;
    if (!at.has(column)) return undefined;
    const own = named.find((each) => each.process !== undefined && each.process.id === process);
    return cells.get(`${level} ${process}`) ?? { row: (own?.row ?? rows[0]).row, column };
  };
  return { enterprise: made, changes: changesOf(enterprise, made), cellOf: placeOf };
}

interface Reader {
  readonly enterprise: Enterprise;
  readonly at: Columns;
  readonly tell: TellCell;
}

/** What all rows of the enterprise say in a column, blanks apart; undefined: none says anything. */
function common<Value>(
  { at, tell }: Reader,
  rows: readonly Cells[],
  key: string,
  parse: (text: string) => Value | undefined,
): Value | undefined {
  let known: Value | undefined;
  for (const row of rows) {
    const text = cellOf(row, at, key);
    if (text === '') continue;
    const value = parse(text);
    if (value === undefined) tell(row.row, key, text, 'cannot be read');
    else if (known !== undefined && value !== known) tell(row.row, key, text, 'another row says otherwise', String(known));
    else known = value;
  }
  return known;
}

function checkPlace({ enterprise, at, tell }: Reader, row: Cells, { districts }: Register): void {
  const county = cellOf(row, at, 'county');
  const own = districts.find(({ code }) => code === enterprise.district);
  const names = [enterprise.district, own?.zh, own?.en?.toLowerCase()];
  if (county !== '' && !names.includes(plainCell(county).toLowerCase()))
    tell(row.row, 'county', county, `${enterprise.id} is in another county`, `${enterprise.district} ${own?.zh ?? ''}`);
  const place = { lon: enterprise.lon, lat: enterprise.lat };
  for (const key of ['lon', 'lat'] as const) {
    const text = cellOf(row, at, key);
    if (text === '') continue;
    const value = Number(plainCell(text));
    const isDegree = Number.isFinite(value) && Math.abs(value) <= (key === 'lon' ? 180 : 90);
    if (!isDegree) tell(row.row, key, text, 'not a number of degrees', `${enterprise[key]}, or within ${placeWithinKm} km of it`);
    else place[key] = value;
  }
  const awayKm = distanceKm(enterprise, place);
  if (awayKm > placeWithinKm)
    tell(
      row.row,
      'lon',
      `${place.lon}, ${place.lat}`,
      `${enterprise.id} lies ${awayKm.toFixed(1)} km from there`,
      `within ${placeWithinKm} km of ${enterprise.lon}, ${enterprise.lat}`,
    );
}

/** Blank: as in the register; 否: none. */
function guaranteeOf(reader: Reader, rows: readonly Cells[]): Enterprise['guarantee'] {
  const { enterprise, at, tell } = reader;
  const text = common(reader, rows, 'guarantee', (each) => each);
  const load = common(reader, rows, 'maxLoad', percentOf);
  const known = enterprise.guarantee;
  if (text !== undefined && truthOf(text) === false) return undefined;
  const zh = text === undefined || truthOf(text) === true ? known?.zh : text;
  const maxLoadPct = load ?? known?.maxLoadPct;
  if (zh === undefined && text === undefined && load === undefined) return undefined;
  if (zh === undefined && text === undefined) {
    const row = rows.find((each) => cellOf(each, at, 'maxLoad') !== '') ?? rows[0];
    tell(row.row, 'maxLoad', cellOf(row, at, 'maxLoad'), `${enterprise.id} is no guarantee enterprise`, 'blank');
    return undefined;
  }
  if (maxLoadPct !== undefined) return { zh: zh ?? '保障类', maxLoadPct };
  const row = rows.find((each) => cellOf(each, at, 'guarantee') !== '') ?? rows[0];
  tell(row.row, 'maxLoad', '', 'a guarantee enterprise needs its certified load');
  return undefined;
}

/** Undefined: none is named, or it is not one of the enterprise. */
function processOf({ enterprise, at, tell }: Reader, row: Cells): EnterpriseProcess | undefined {
  let found: EnterpriseProcess | undefined;
  for (const key of ['process', 'processName'] as const) {
    const text = cellOf(row, at, key);
    if (text === '') continue;
    const byId = key === 'process' ? enterprise.processes.filter(({ id }) => id === text) : [];
    const name = plainCell(text);
    const fits =
      byId.length > 0 ? byId : enterprise.processes.filter(({ zh, en }) => plainCell(zh) === name || plainCell(en) === name);
    if (found !== undefined && fits.includes(found)) continue;
    const allowed = enterprise.processes.map(({ id, zh }) => `${id} ${zh}`).join(', ');
    if (fits.length !== 1 || found !== undefined) {
      const why =
        found !== undefined
          ? `not the name of ${found.id}`
          : fits.length === 0
            ? 'no such process'
            : 'several processes of that name';
      tell(row.row, key, text, `${enterprise.id}: ${why}`, allowed);
      return undefined;
    }
    found = fits[0];
  }
  return found;
}

interface NamedRow {
  readonly row: Cells;
  readonly process: EnterpriseProcess | undefined;
}

function levelPlan(
  reader: Reader,
  rows: readonly NamedRow[],
  level: Level,
  processes: readonly EnterpriseProcess[],
  cells: Map<string, { row: number; column: string }>,
): readonly Measure[] {
  const { at, tell } = reader;
  const column = `${level}Action`;
  const byProcess = new Map<string | undefined, Measure>();
  for (const { row, process } of rows) {
    const asked = askedOf(reader, row, level);
    if (asked === undefined) continue;
    const isNamed = cellOf(row, at, 'process') !== '' || cellOf(row, at, 'processName') !== '';
    const put = (measure: Measure) => {
      const key = `${level} ${measure.process}`;
      const before = cells.get(key);
      if (before !== undefined && measure.action !== 'transport')
        tell(row.row, column, cellOf(row, at, column), `row ${before.row} has a measure for ${measure.process} already`, 'one');
      else if (before === undefined) {
        cells.set(key, { row: row.row, column });
        byProcess.set(measure.process, measure);
      }
    };
    const { load, toPct, transport } = asked;
    const about = isNamed ? (process === undefined ? [] : [process]) : processes.filter(({ emits }) => emits);
    if (load !== undefined)
      for (const { id } of about)
        put(load === 'stop' ? { process: id, action: 'stop' } : { process: id, action: 'limit', toPct });
    if (transport) put({ action: 'transport' });
  }
  const transport = byProcess.get(undefined);
  const loads = processes.flatMap(({ id }) => byProcess.get(id) ?? []);
  return transport === undefined ? loads : [...loads, transport];
}

/** Undefined: the row's cells for the level cannot be read, and it was told. */
function askedOf({ at, tell }: Reader, row: Cells, level: Level): AskedMeasures | undefined {
  const column = `${level}Action`;
  const text = cellOf(row, at, column);
  const asked = measuresOf(text);
  if (asked === undefined) {
    tell(row.row, column, text, 'not a measure');
    return undefined;
  }
  const shares = new Map<string, number>();
  for (const key of [`${level}Cut`, `${level}To`]) {
    const cell = cellOf(row, at, key);
    if (cell === '') continue;
    const value = percentOf(cell);
    if (value === undefined) {
      tell(row.row, key, cell, 'not a per cent (a share like 0.3 is not clear: write 30 or 30%)');
      return undefined;
    }
    shares.set(key, key.endsWith('Cut') ? 100 - value : value);
  }
  const own = asked.load === 'stop' ? 0 : asked.load === undefined ? 100 : asked.toPct;
  let toPct = own;
  for (const [key, share] of shares) {
    // Rounded: 100 − 33.3 is not 66.7 to the last bit.
    if (toPct !== undefined && Math.abs(toPct - share) > 1e-9) {
      const allowed = asked.load === 'limit' ? 'the same share in all its cells' : 'blank: only a limit has a share';
      tell(row.row, key, cellOf(row, at, key), `does not fit "${text}"`, allowed);
      return undefined;
    }
    toPct ??= share;
  }
  if (asked.load !== 'limit') return asked;
  if (toPct === undefined) {
    tell(
      row.row,
      at.has(`${level}Cut`) ? `${level}Cut` : column,
      '',
      'a limit needs its share',
      '0 to 100 %, or 限产30% in the measure',
    );
    return undefined;
  }
  return { ...asked, toPct: Math.round(toPct * 1e6) / 1e6 };
}

function changesOf(before: Enterprise, after: Enterprise): readonly string[] {
  const changes: string[] = [];
  const tell = (what: string, old: string, now: string) => {
    if (old !== now) changes.push(`${before.id}: ${what} ${old} → ${now}`);
  };
  const guarantee = (of: Enterprise) => (of.guarantee === undefined ? 'none' : `${of.guarantee.zh} ${of.guarantee.maxLoadPct} %`);
  tell('grade', before.grade, after.grade);
  tell('small and micro', String(before.smallMicro === true), String(after.smallMicro === true));
  tell('guarantee', guarantee(before), guarantee(after));
  for (const [i, { id, emits }] of before.processes.entries())
    tell(`${id} emits`, String(emits), String(after.processes[i].emits));
  return changes;
}
