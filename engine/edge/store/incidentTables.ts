// The tables of findings, incidents and the audit trail: every revision is a row, with the whole record as JSON.

import type { AuditEntry } from '../../schema/audit.ts';
import type { Finding } from '../../schema/finding.ts';
import type { Incident } from '../../schema/incident.ts';
import type { Row } from './answers.ts';
import { type Columns, column, type Table } from './table.ts';

export const findingTable: Table = {
  name: 'finding',
  columns: [
    column('id', 'VARCHAR'),
    column('rule', 'VARCHAR'),
    column('unit', 'VARCHAR'),
    column('severity', 'VARCHAR'),
    column('state', 'VARCHAR'),
    column('district', 'VARCHAR'),
    column('enterprise', 'VARCHAR'),
    column('opened_ms', 'BIGINT'),
    column('found_ms', 'BIGINT'),
    column('closed_ms', 'BIGINT'),
    column('revision', 'INTEGER'),
    column('record', 'VARCHAR'),
  ],
  key: ['id'],
};

/** `ended_ms`: the run's clock. */
export const incidentTable: Table = {
  name: 'incident',
  columns: [
    column('id', 'VARCHAR'),
    column('kind', 'VARCHAR'),
    column('rule', 'VARCHAR'),
    column('severity', 'VARCHAR'),
    column('state', 'VARCHAR'),
    column('district', 'VARCHAR'),
    column('enterprise', 'VARCHAR'),
    column('inspector', 'VARCHAR'),
    column('opened_ms', 'BIGINT'),
    column('found_ms', 'BIGINT'),
    column('ended_ms', 'BIGINT'),
    column('revision', 'INTEGER'),
    column('record', 'VARCHAR'),
  ],
  key: ['id'],
};

/** Its key is the hash: another run that writes into the same history hides nothing. `revision` is the incident's. */
export const auditTable: Table = {
  name: 'audit',
  columns: [
    column('number', 'BIGINT'),
    column('at_ms', 'BIGINT'),
    column('incident', 'VARCHAR'),
    column('revision', 'INTEGER'),
    column('what', 'VARCHAR'),
    column('by', 'VARCHAR'),
    column('why', 'VARCHAR'),
    column('state', 'VARCHAR'),
    column('severity', 'VARCHAR'),
    column('previous', 'VARCHAR'),
    column('hash', 'VARCHAR'),
  ],
  key: ['hash'],
};

/** Event times may have fractions. */
const whole = (value: number) => BigInt(Math.round(value));
const ended = (ms: number | undefined) => (ms === undefined ? null : whole(ms));

export function findingCells(findings: readonly Finding[]): Columns {
  return [
    findings.map(({ id }) => id),
    findings.map(({ rule }) => rule),
    findings.map(({ unit }) => unit),
    findings.map(({ severity }) => severity),
    findings.map(({ state }) => state),
    findings.map(({ place }) => place.district),
    findings.map(({ enterprise }) => enterprise ?? null),
    findings.map(({ openedMs }) => whole(openedMs)),
    findings.map(({ foundMs }) => whole(foundMs)),
    findings.map(({ closedMs }) => ended(closedMs)),
    findings.map(({ revision }) => revision),
    findings.map((finding) => JSON.stringify(finding)),
  ];
}

export function incidentCells(incidents: readonly Incident[]): Columns {
  return [
    incidents.map(({ id }) => id),
    incidents.map(({ kind }) => kind),
    incidents.map(({ rule }) => rule),
    incidents.map(({ severity }) => severity),
    incidents.map(({ state }) => state),
    incidents.map(({ place }) => place.district),
    incidents.map(({ enterprise }) => enterprise ?? null),
    incidents.map(({ inspector }) => inspector),
    incidents.map(({ openedMs }) => whole(openedMs)),
    incidents.map(({ foundMs }) => whole(foundMs)),
    incidents.map(({ endedMs }) => ended(endedMs)),
    incidents.map(({ revision }) => revision),
    incidents.map((incident) => JSON.stringify(incident)),
  ];
}

export function auditCells(entries: readonly AuditEntry[]): Columns {
  return [
    entries.map(({ number }) => whole(number)),
    entries.map(({ atMs }) => whole(atMs)),
    entries.map(({ incident }) => incident),
    entries.map(({ revision }) => revision),
    entries.map(({ what }) => what),
    entries.map(({ by }) => by),
    entries.map(({ why }) => why),
    entries.map(({ state }) => state),
    entries.map(({ severity }) => severity),
    entries.map(({ previous }) => previous),
    entries.map(({ hash }) => hash),
  ];
}

/** With its fields in the order of its line: that is what the hash was made of. */
export function auditFromRow(row: Row): AuditEntry {
  const text = (value: unknown) => (value === null ? null : String(value));
  return {
    number: Number(row.number),
    atMs: Number(row.at_ms),
    incident: String(row.incident),
    revision: Number(row.revision),
    what: row.what as AuditEntry['what'],
    by: text(row.by),
    why: text(row.why),
    state: row.state as AuditEntry['state'],
    severity: row.severity as AuditEntry['severity'],
    previous: String(row.previous),
    hash: String(row.hash),
  };
}
