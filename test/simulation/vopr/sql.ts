// The same by SQL: hours over the raw rows that the history kept, and the table of hours against the file.

import { DuckDBInstance } from '@duckdb/node-api';
import { storePath } from '../../../engine/app.ts';
import { hourMs } from './draw.ts';
import { type HourLine, hourKey } from './lines.ts';
import { type Expected, scaleOf } from './oracle.ts';

/** `all`: of all rows; `want`: without what checks leave out. */
export async function sqlProblems(out: string, all: Expected, want: Expected, lines: readonly HourLine[]): Promise<string[]> {
  const instance = await DuckDBInstance.create(storePath(out), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const query = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects() as Record<string, unknown>[];
  const problems: string[] = [];
  for (const [kind, metric, quality] of [
    ['air', 'pm25', 0],
    ['air', 'o3', 4],
    ['cems', 'so2', 0],
    ['vehicle', 'co', 0],
  ] as const) {
    const good = `FILTER (WHERE (flags >> ${2 * quality}) & 3 = 0)`;
    const raw = await query(
      `SELECT source, event_ms // ${hourMs} * ${hourMs} AS hour, count(*) AS rows, count(${metric}) ${good} AS n, avg(${metric}) ${good} AS mean
       FROM ${kind}_raw WHERE bin <> 3 GROUP BY ALL`,
    );
    const hoursWanted = [...want.hours.keys()].filter((key) => key.startsWith(`${kind} `)).length;
    if (raw.length !== hoursWanted) problems.push(`SQL finds ${raw.length} hours of ${kind}, not ${hoursWanted}`);
    for (const { source, hour, rows, n, mean } of raw) {
      const key = `${kind} ${source} ${hour}`;
      const one = all.hours.get(key)?.get(metric);
      if (Number(rows) !== all.rows.get(key) || Number(n) !== (one?.count ?? 0))
        problems.push(`SQL: ${key} ${metric}: ${n} of ${rows} rows, not ${one?.count} of ${all.rows.get(key)}`);
      if (one === undefined) continue;
      const wanted = one.sum / one.count / scaleOf(kind, metric);
      if (Math.abs(Number(mean) - wanted) > 1e-6) problems.push(`SQL: ${key} ${metric}: ${mean}, not ${wanted}`);
    }
    const table = await query(
      `SELECT source, start_ms, revision, capture_ms, ${metric} AS mean, ${metric}_min AS low, ${metric}_max AS high, ${metric}_n AS n FROM ${kind}_1h`,
    );
    problems.push(...tableProblems(kind, metric, table, want, lines));
  }
  connection.closeSync();
  instance.closeSync();
  return problems;
}

function tableProblems(
  kind: string,
  metric: string,
  table: readonly Record<string, unknown>[],
  want: Expected,
  lines: readonly HourLine[],
): string[] {
  const problems: string[] = [];
  const file = new Map(lines.filter((line) => line.kind === kind).map((line) => [hourKey(line), line]));
  if (table.length !== file.size) problems.push(`${kind}_1h holds ${table.length} hours, the file ${file.size}`);
  for (const { source, start_ms, revision, capture_ms, mean, low, high, n } of table) {
    const key = `${kind} ${source} ${start_ms}`;
    const line = file.get(key);
    const one = want.hours.get(key)?.get(metric);
    const scale = scaleOf(kind, metric);
    if (line?.revision !== revision || line?.captureMs !== capture_ms)
      problems.push(
        `${kind}_1h ${key}: revision ${revision} of ${capture_ms} ms, the file ${line?.revision} of ${line?.captureMs}`,
      );
    if (one === undefined) {
      if (Number(n) !== 0) problems.push(`${kind}_1h ${key} ${metric}: ${n} values, not none`);
    } else if (
      Number(n) !== one.count ||
      Number(low) !== one.min / scale ||
      Number(high) !== one.max / scale ||
      Math.abs(Number(mean) - one.sum / one.count / scale) > 1e-9
    )
      problems.push(`${kind}_1h ${key} ${metric}: ${mean} (${low} to ${high}, ${n} values), not ${JSON.stringify(one)}`);
  }
  return problems;
}
