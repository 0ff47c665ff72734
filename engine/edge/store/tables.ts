// The tables of the history: one per kind and window size, one per kind of raw rows, of places, and what was made of them.

import type { SourceNames } from '../../pipeline/ports.ts';
import type { Batch } from '../../schema/batch.ts';
import { catalog, type Kind, kinds, type Metric } from '../../schema/catalog.ts';
import { flagsText } from '../../schema/flags.ts';
import { Bin, binNames } from '../../schema/ledger.ts';
import { problemCodes, type Refused } from '../../schema/problem.ts';
import {
  editionIds,
  fine,
  type PlaceBatch,
  pollutantIds,
  type WindowBatch,
  type WindowSize,
  windowMs,
} from '../../schema/window.ts';
import { complianceTable, orderTable, warningTable } from './emergencyTables.ts';
import { auditTable, findingTable, incidentTable } from './incidentTables.ts';
import { type Cell, type Column, type Columns, column, type Table, whole } from './table.ts';

export const windowTable = (kind: Kind, size: WindowSize) => `${kind}_${size}`;
export const rawTable = (kind: Kind) => `${kind}_raw`;

const doubles = (names: readonly string[]) => names.map((name) => column(name, 'DOUBLE'));

const airColumns = [
  column('edition', 'VARCHAR'),
  ...doubles(['aqi', ...pollutantIds.map((id) => `iaqi_${id}`)]),
  column('primary_mask', 'INTEGER'),
];

function metricColumns({ id, aggregate }: Metric, size: WindowSize): Column[] {
  const columns = doubles([id, `${id}_min`, `${id}_max`, `${id}_sd`, `${id}_n`]);
  if (size !== '1m') return columns;
  const isGap = `isnan("${id}_min")`;
  const ofSingle: readonly (string | undefined)[] =
    aggregate === 'direction' // whose mean is that of the vector, if there was wind, without a deviation
      ? [undefined, undefined, `"${id}_min"`, `'NaN'::DOUBLE`, `(NOT ${isGap})::DOUBLE`]
      : [`"${id}_min"`, undefined, `"${id}_min"`, `if(${isGap}, "${id}_min", 0::DOUBLE)`, `(NOT ${isGap})::DOUBLE`];
  return columns.map((column, i) => ({ ...column, ofSingle: ofSingle[i] }));
}

function windowColumns(kind: Kind, size: WindowSize): Column[] {
  const { metrics } = catalog[kind];
  const isAirHour = kind === 'air' && size === '1h';
  return [
    column('source', 'TEXT'),
    column('district', 'TEXT'),
    column('start_ms', 'BIGINT'),
    column('revision', 'INTEGER'),
    column('capture_ms', 'DOUBLE'),
    column('flags', 'TEXT'),
    ...metrics.flatMap((metric) => metricColumns(metric, size)),
    ...(isAirHour
      ? [...airColumns, ...metrics.flatMap(({ id }) => doubles([`${id}_8h`, `${id}_8h_hours`, `${id}_24h`, `${id}_24h_hours`]))]
      : []),
  ];
}

const placeTable: Table = {
  name: 'place_1h',
  columns: [
    column('place', 'VARCHAR'),
    column('scope', 'VARCHAR'),
    column('start_ms', 'BIGINT'),
    column('revision', 'INTEGER'),
    column('stations', 'INTEGER'),
    column('stations_all', 'INTEGER'),
    ...doubles(pollutantIds),
    ...airColumns,
    column('aqi24', 'DOUBLE'),
  ],
  key: ['scope', 'place', 'start_ms'],
};

function rawOf(kind: Kind): Table {
  const { metrics, text, event } = catalog[kind];
  return {
    name: rawTable(kind),
    columns: [
      column('source', 'TEXT'),
      column('event_ms', 'BIGINT'),
      column('period_ms', 'DOUBLE'),
      column('bin', 'INTEGER'),
      ...doubles(metrics.map(({ id }) => id)),
      column('flags', 'INTEGER'),
      ...(event ? [column('id', 'VARCHAR')] : []),
      ...text.map((name) => column(name === 'text' || name === 'type' || name === 'class' ? `${name}_` : name, 'VARCHAR')),
    ],
  };
}

export const sizes = Object.keys(windowMs) as WindowSize[];

/**
 * Rows that are in no window: too late for all of them, refused, or from a clock that is ahead. A table each, so that many of one
 * sort do not push out another. Without a key; `arrival` numbers them over all three.
 */
export const apartTables = {
  lateDiverted: apartTable('rows_late'),
  rejected: apartTable('rows_rejected'),
  quarantined: apartTable('rows_quarantined'),
} as const;

export const apartBins = Object.keys(apartTables) as readonly (keyof typeof apartTables)[];

function apartTable(name: string): Table {
  return {
    name,
    columns: [
      column('arrival', 'BIGINT'),
      column('kind', 'VARCHAR'),
      column('source', 'VARCHAR'),
      column('event_ms', 'DOUBLE'),
      column('period_ms', 'DOUBLE'),
      column('bin', 'VARCHAR'),
      column('problem', 'VARCHAR'),
      column('row_json', 'VARCHAR'),
    ],
  };
}

export const tables: readonly Table[] = [
  ...Object.values(apartTables),
  ...kinds
    .filter((kind) => catalog[kind].windowed)
    .flatMap((kind) =>
      sizes.map((size) => ({ name: windowTable(kind, size), columns: windowColumns(kind, size), key: ['source', 'start_ms'] })),
    ),
  placeTable,
  ...kinds.map(rawOf),
  findingTable,
  incidentTable,
  auditTable,
  warningTable,
  orderTable,
  complianceTable,
];

const byName = new Map(tables.map((table) => [table.name, table]));
export const tableOf = (name: string) => byName.get(name) as Table;

export function windowCells(batch: WindowBatch, names: SourceNames): Columns {
  const { metrics } = catalog[batch.kind];
  const cells: ArrayLike<Cell>[] = [
    Array.from(batch.source, (source) => names.id(batch.kind, source)),
    Array.from(batch.source, (source) => names.district(batch.kind, source)),
    whole(batch.startMs),
    batch.revision,
    batch.captureMs,
    flagCells(batch),
    ...batch.metrics.flatMap((each) => [each.mean, each.min, each.max, each.sd, each.count]),
  ];
  if (batch.air === undefined) return cells;
  const rolling = metrics.flatMap((metric, m) =>
    [batch.rolling8h?.[m], batch.rolling24h?.[m]].flatMap((each) => [
      Float64Array.from({ length: batch.rows }, (_, row) =>
        each === undefined || each.hours[row] === 0
          ? Number.NaN
          : metric.resolution < 1
            ? each.sum[row] / (each.hours[row] * metric.scale * fine)
            : (each.sum[row] * metric.resolution) / (each.hours[row] * fine),
      ),
      each?.hours ?? new Uint8Array(batch.rows),
    ]),
  );
  return [...cells, ...airCells(batch.air), ...rolling];
}

/** Flags of each row as text; most have none. */
function flagCells(batch: WindowBatch): string[] {
  const ids = catalog[batch.kind].metrics.map(({ id }) => id);
  const cells = new Array<string>(batch.rows).fill('');
  for (let row = 0; row < batch.rows; row++)
    if (batch.metrics.some(({ flags }) => flags[row] !== 0)) cells[row] = flagsText(ids, (m) => batch.metrics[m].flags[row]);
  return cells;
}

function airCells(air: PlaceBatch['air']): ArrayLike<Cell>[] {
  return [Array.from(air.edition, (edition) => editionIds[edition]), air.aqi, ...air.iaqi, air.primary];
}

export function placeCells(batch: PlaceBatch): Columns {
  return [
    batch.place,
    batch.scope,
    whole(batch.startMs),
    batch.revision,
    batch.stations,
    batch.stationsAll,
    ...batch.mean,
    ...airCells(batch.air),
    batch.aqi24,
  ];
}

/** Rows that were taken; refused ones and duplicates are left out. `flags` holds two bits of quality per metric, the first lowest. */
export function rawCells(batch: Batch, names: SourceNames): Columns {
  const { metrics, text, event } = catalog[batch.kind];
  const rows: number[] = [];
  for (let row = 0; row < batch.rows; row++) {
    const bin = batch.bin[row];
    if (bin === Bin.onTime || bin === Bin.lateRevised || bin === Bin.lateDiverted) rows.push(row);
  }
  return [
    rows.map((row) => names.id(batch.kind, batch.source[row])),
    whole(rows.map((row) => Math.round(batch.eventMs[row]))),
    rows.map((row) => batch.periodMs[row]),
    rows.map((row) => batch.bin[row]),
    ...metrics.map((metric, m) => inUnits(metric, batch.values[m], rows)),
    qualityBits(batch, rows),
    ...(event ? [rows.map((row) => batch.id?.[row] ?? null)] : []),
    ...text.map((name) => rows.map((row) => batch.text?.[name]?.[row] ?? null)),
  ];
}

function qualityBits({ quality }: Batch, rows: readonly number[]): Int32Array {
  const bits = new Int32Array(rows.length);
  for (const [m, column] of quality.entries()) for (let i = 0; i < rows.length; i++) bits[i] |= column[rows[i]] << (2 * m);
  return bits;
}

/** What goes into the tables of rows apart, and how many rows that are: they are numbered from `arrival`, in their order. */
export function apartOf(
  batch: Batch,
  names: SourceNames,
  arrival: number,
): { readonly rows: number; readonly parts: readonly { readonly table: string; readonly cells: Columns }[] } {
  const apart: number[] = [];
  for (let row = 0; row < batch.rows; row++) if (isApart(batch.bin[row])) apart.push(row);
  const parts = apartBins.flatMap((bin) => {
    const numbers: number[] = [];
    const rows: number[] = [];
    for (let i = 0; i < apart.length; i++) {
      if (batch.bin[apart[i]] !== Bin[bin]) continue;
      numbers.push(arrival + i);
      rows.push(apart[i]);
    }
    return rows.length === 0 ? [] : [{ table: apartTables[bin].name, cells: apartCells(batch, names, { bin, rows, numbers }) }];
  });
  return { rows: apart.length, parts };
}

function isApart(bin: number): boolean {
  return bin === Bin.lateDiverted || bin === Bin.rejected || bin === Bin.quarantined;
}

interface ApartRows {
  readonly bin: keyof typeof apartTables;
  readonly rows: readonly number[];
  readonly numbers: readonly number[];
}

/** `problem` is empty for a late row; the values stand in `row_json`. */
function apartCells(batch: Batch, names: SourceNames, { bin, rows, numbers }: ApartRows): Columns {
  const { metrics } = catalog[batch.kind];
  const values = metrics.map((metric, m) => inUnits(metric, batch.values[m], rows));
  return [
    whole(numbers),
    rows.map(() => batch.kind),
    rows.map((row) => names.id(batch.kind, batch.source[row])),
    rows.map((row) => batch.eventMs[row]),
    rows.map((row) => batch.periodMs[row]),
    rows.map(() => bin),
    rows.map((row) => (bin === 'lateDiverted' ? '' : problemCodes[batch.reason[row]])),
    rows.map((row, i) =>
      JSON.stringify({
        ...(batch.id === undefined ? {} : { id: batch.id[row] }),
        ...Object.fromEntries(metrics.map(({ id }, m) => [id, Number.isNaN(values[m][i]) ? null : values[m][i]])),
        ...Object.fromEntries(Object.entries(batch.text ?? {}).map(([name, column]) => [name, column[row]])),
      }),
    ),
  ];
}

/** Rows that were refused before they became part of a batch, in the table of the rejected ones; what is not known of them is empty. */
export function refusedCells(refused: readonly Refused[], arrival: number): Columns {
  return [
    refused.map((_, i) => BigInt(arrival + i)),
    refused.map(({ kind }) => kind ?? ''),
    refused.map(({ source }) => source ?? ''),
    refused.map(({ eventMs }) => eventMs ?? Number.NaN),
    refused.map(() => Number.NaN),
    refused.map(() => binNames[Bin.rejected]),
    refused.map(({ code }) => code),
    refused.map(({ rows, field, value }) => JSON.stringify({ rows, field, value })),
  ];
}

function inUnits({ resolution, scale }: Metric, values: Float64Array, rows: readonly number[]): Float64Array {
  const column = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const units = values[rows[i]];
    column[i] = !Number.isFinite(units) ? Number.NaN : resolution < 1 ? units / scale : units * resolution;
  }
  return column;
}
