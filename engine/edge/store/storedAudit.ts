// The audit trail in a DuckDB file, for those who verify it while no run uses the file.

import { DuckDBInstance } from '@duckdb/node-api';
import type { AuditEntry } from '../../schema/audit.ts';
import type { Row } from './answers.ts';
import { auditFromRow, auditTable } from './incidentTables.ts';

/** By number. Rejects when a run uses the file, or when it holds no trail. */
export async function storedAudit(path: string): Promise<readonly AuditEntry[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const rows = await connection.runAndReadAll(`SELECT * FROM ${auditTable.name} ORDER BY number`);
    return (rows.getRowObjects() as unknown as Row[]).map(auditFromRow);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
