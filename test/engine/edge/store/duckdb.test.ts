// The file of the history over DuckDB: restarts, transactions that fail, what its rows leave out.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDuckdb } from '../../../../engine/edge/store/duckdb.ts';
import { memoryHistory } from '../../../../engine/edge/store/memory.ts';
import { startPipeline } from '../../../../engine/pipeline/pipeline.ts';
import type { History, Output } from '../../../../engine/pipeline/ports.ts';
import { catalog } from '../../../../engine/schema/catalog.ts';
import { batchOf, type TestRow } from '../../../harness/batches.ts';
import { hourMs, namesOf, outputsOf, t0, testOptions } from '../../../harness/outputs.ts';

const ids = ['HS-001', '站点 "二"; DROP TABLE air_1h'];
const sources = namesOf(ids);

describe('the DuckDB file', () => {
  test('keeps the order of rows apart over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lantian-duckdb-'));
    const path = join(folder, 'history.duckdb');
    const late = (hour: number) =>
      outputsOf(ids, [[{ station: 0, hour: 60, values: { pm25: 1 } }], [{ station: 0, hour, values: { pm25: hour } }]]);
    for (const hour of [5, 2]) {
      const history = await openDuckdb({ path, sources });
      for (const output of late(hour)) await history.write(output);
      await history.close();
    }
    const history = await openDuckdb({ path, sources });
    expect((await history.rowsApart({ limit: 10 })).map(({ values }) => values.pm25)).toEqual([0.2, 0.5]);
    await history.close();
    await rm(folder, { recursive: true });
  });

  test('keeps its rows over a restart; a broken or used file is refused with what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lantian-duckdb-'));
    const path = join(folder, 'history.duckdb');
    const first = await openDuckdb({ path, sources });
    for (const output of outputsOf(ids, [[{ station: 0, hour: 0, values: { pm25: 100 } }]])) await first.write(output);
    await first.close();
    const second = await openDuckdb({ path, sources });
    expect(
      (await second.series({ kind: 'air', sources: ids, metrics: ['pm25'], size: '1h', fromMs: t0, toMs: t0 + hourMs })).series[0]
        .mean,
    ).toEqual([10]);
    await second.close();
    await writeFile(path, 'not a database at all, and long enough to be read as a header');
    await expect(openDuckdb({ path, sources })).rejects.toThrow(/cannot be opened as a DuckDB file/);
    await rm(folder, { recursive: true });
  });

  describe('leaves out of its rows what follows from the rest', () => {
    let folder: string;
    let path: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lantian-duckdb-'));
      path = join(folder, 'history.duckdb');
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await rm(folder, { recursive: true });
    });

    const hour = (station: number, pm25: number) => outputsOf(ids, [[{ station, hour: 0, values: { pm25 } }]]);
    const means = async (history: History, size: 'raw' | '1h' = '1h') => {
      const query = { kind: 'air', sources: ids, metrics: ['pm25'], size, fromMs: t0, toMs: t0 + hourMs } as const;
      return (await history.series(query)).series.map(({ mean }) => mean);
    };
    const rows = async (sql: string) => {
      const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
      const connection = await instance.connect();
      const found = (await connection.runAndReadAll(sql)).getRows();
      connection.closeSync();
      instance.closeSync();
      return found;
    };

    test.each([true, false])('over a restart (resume: %s), and shows them as texts by SQL', async (resume) => {
      const first = await openDuckdb({ path, sources });
      for (const output of hour(1, 100)) await first.write(output);
      await first.close();
      const second = await openDuckdb({ path, sources, resume });
      for (const output of hour(0, 200)) await second.write(output);
      expect([await means(second), await means(second, 'raw')]).toEqual([
        [[20], [10]],
        [[20], [10]],
      ]);
      await second.close();
      expect(await rows('SELECT source, district, flags, pm25 FROM air_1h ORDER BY pm25')).toEqual([
        [ids[1], '131102', '', 10],
        [ids[0], '131102', '', 20],
      ]);
      expect(await rows('SELECT DISTINCT typeof(source), typeof(district), typeof(flags) FROM air_1h')).toEqual([
        ['VARCHAR', 'VARCHAR', 'VARCHAR'],
      ]);
      expect(await rows('SELECT text FROM texts GROUP BY text HAVING count(*) > 1')).toEqual([]);
    });

    /** The next commit fails: before anything of it is in the file, or after it is. */
    function failCommit(message: string, isIn: boolean): void {
      const run = DuckDBConnection.prototype.run;
      vi.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(async function (this: DuckDBConnection, ...args) {
        if (args[0] !== 'COMMIT') return run.apply(this, args);
        vi.restoreAllMocks();
        if (isIn) await run.apply(this, args);
        throw new Error(message);
      });
    }

    test.each([
      ['is not in the file', 'a broken wire', false],
      ['is not in the file, which is full', 'No space left on device', false],
      ['is in the file, which is full', 'No space left on device', true],
    ])('through a transaction that fails and %s', async (_, message, isIn) => {
      const history = await openDuckdb({ path, sources });
      const [first] = hour(1, 100);
      failCommit(message, isIn);
      await expect(history.write(first)).rejects.toThrow(message);
      for (const output of hour(0, 200)) await history.write({ ...output, seq: output.seq + 10 });
      for (const output of hour(1, 300)) await history.write({ ...output, seq: output.seq + 20 });
      expect(await means(history)).toEqual([[20], [30]]);
      await history.close();
      expect(await rows('SELECT text FROM texts GROUP BY text HAVING count(*) > 1')).toEqual([]);
    });

    /** Minutes of one station: each is its rows, at 0 s, 10 s, …; a late one is behind them. */
    function minutesOf(minutes: readonly (readonly TestRow['values'][])[], late: readonly TestRow[] = []): Output[] {
      const outputs: Output[] = [];
      const running = startPipeline(testOptions(), (output) => outputs.push(output));
      running.push({ type: 'command', command: { name: 'sources', kind: 'air', first: 0, sources: [station] } });
      const rows = minutes.flatMap((values, minute) =>
        values.map((each, i) => ({ source: 0, eventMs: t0 + minute * 60_000 + i * 10_000, values: each })),
      );
      for (const [some, nowMs] of [
        [rows, t0 + 660_000],
        [late, t0 + 720_000],
      ] as const) {
        running.push({ type: 'rows', batch: batchOf('air', some) });
        running.push({ type: 'tick', nowMs });
      }
      return outputs;
    }
    const station = { kind: 'air', id: ids[0], zh: '', district: '131102' } as const;
    const metrics = catalog.air.metrics.map(({ id }) => id);
    const minuteQuery = { kind: 'air', sources: ids, metrics, size: '1m', fromMs: t0, toMs: t0 + hourMs } as const;
    const shownMinutes = (history: History) => history.series(minuteQuery);
    /** Nothing, no wind, wind, one value of some metrics; the last minute has two rows. */
    const minutes = [
      [{}],
      [{ windMps: 0, windFromDeg: 90, pm25: -3 }],
      [{ windMps: 25, windFromDeg: 360, pm25: 101, co: 1_234 }],
      [{ pm25: 333 }],
      [{ pm25: 100 }, { pm25: 201 }],
    ];

    test.each([
      ['single minutes', minutes.slice(0, 4), []],
      ['minutes with more than one value', minutes, []],
      [
        'a single minute that a late row follows',
        minutes.slice(0, 4),
        [{ source: 0, eventMs: t0 + 190_000, values: { pm25: 335 } }],
      ],
    ])('%s: as the history in memory has them', async (_, given, late) => {
      const [history, memory] = [await openDuckdb({ path, sources }), memoryHistory({ sources })];
      for (const output of minutesOf(given, late)) for (const each of [history, memory]) await each.write(output);
      expect(JSON.stringify(await shownMinutes(history))).toBe(JSON.stringify(await shownMinutes(memory)));
      const revisions = (await shownMinutes(history)).series[0].revision;
      expect(revisions.slice(-1)).toEqual([late.length]);
      await history.close();
    });

    test('deviation and count of a single minute by SQL', async () => {
      const history = await openDuckdb({ path, sources });
      for (const output of minutesOf(minutes.slice(0, 4))) await history.write(output);
      await history.close();
      const columns = [
        'pm25',
        'pm25_sd',
        'pm25_n',
        'windFromDeg',
        'windFromDeg_max',
        'windFromDeg_sd',
        'windFromDeg_n',
        'so2_sd',
        'so2_n',
      ];
      expect(await rows(`SELECT ${columns.join(', ')} FROM air_1m ORDER BY start_ms`)).toEqual([
        [-0.3, 0, 1, null, 90, null, 1, null, 0],
        [10.1, 0, 1, 0, 360, null, 1, null, 0],
        [33.3, 0, 1, null, null, null, 0, null, 0],
      ]);
    });

    test('a minute that another run writes again is that of the newest run, with one value or more', async () => {
      for (const values of [[100], [100, 300], [500]]) {
        const history = await openDuckdb({ path, sources });
        for (const output of minutesOf([values.map((pm25) => ({ pm25 }))])) await history.write(output);
        expect((await shownMinutes(history)).series[0].mean).toEqual([
          values.reduce((sum, each) => sum + each, 0) / values.length / 10,
        ]);
        await history.close();
      }
      expect(await rows('SELECT count(*) FROM air_1m')).toEqual([[1n]]);
    });

    test('a file whose tables have other columns is refused with what to do', async () => {
      const instance = await DuckDBInstance.create(path);
      const connection = await instance.connect();
      await connection.run('CREATE TABLE air_1h_revisions (source VARCHAR, district VARCHAR)');
      connection.closeSync();
      instance.closeSync();
      await expect(openDuckdb({ path, sources })).rejects.toThrow(/written by another version.*air_1h_revisions.*move it away/);
    });
  });
});
